"""The library: `import derive` gives the same as the command line, and costs nothing until it is used."""

import json
import subprocess
import sys

import pytest
import sympy as sp

import derive
from derive import catalogue
from derive.emit.data import text_of
from derive.heads import HEADS, plain
from derive.model import A, Y, Z
from tables import derivation, label, subjects


def test_import_alone_imports_nothing_heavy():
    program = (
        "import sys, derive; assert 'derive' in dir(derive); print({'sympy', 'numpy'} & sys.modules.keys());"
        "derive.legal_pairs(); print('sympy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == ["set()", "True"], done.stderr


def test_all_names_are_there():
    assert all(hasattr(derive, name) for name in derive.__all__)
    with pytest.raises(AttributeError, match="no_such_name"):
        derive.no_such_name  # noqa: B018


def test_worked_example():
    pair = derive.derive("sigmoid", "bce")
    assert pair.gradient == A - Y
    assert sp.expand(pair.hessian - A * (1 - A)) == 0
    assert "a - y" in pair.latex() and repr(pair).startswith("<sigmoid+bce: gradient a - y")
    assert pair.module["grad"](0.0, 1.0) == -0.5


def test_names_cover_the_catalogue():
    assert set(derive.reference_pairs()) <= set(derive.legal_pairs())
    rows = tuple(map(catalogue.subject, derive.single_names()))
    assert rows == (*catalogue.ACTIVATIONS, *catalogue.LOSSES)
    assert {name for name in derive.single_names() if ":" in name} == {
        "activation:exponential",
        "loss:exponential",
    }


def test_no_reference_pair_carries_a_warning():
    assert [names for names in derive.reference_pairs() if catalogue.pair(*names).warning] == []


def test_aliases_lead_to_the_same():
    assert derive.derive("expit", "log_loss").derivation == derive.derive("sigmoid", "bce").derivation


@pytest.mark.parametrize(
    "names", [("sigmiod", "bce"), ("identity", "bce"), ("no",), ("tanh", "cross_entropy")]
)
def test_bad_names_raise_bad_input(names):
    with pytest.raises(derive.BadInput, match="Try: "):
        derive.derive(*names)


@pytest.mark.parametrize(
    ("names", "says"),
    [
        ((), "one name or two are needed, not 0"),
        (("sigmoid", "bce", "mse"), "one name or two are needed, not 3"),
        ((None,), "a name or an expression is needed, not None"),
        (("sigmoid", 3), "a name or an expression is needed, not 3"),
        ((["x" * 99],), "a name or an expression is needed, not ['xxx"),
    ],
    ids=repr,
)
def test_what_is_no_name_is_said_in_one_line(names, says):
    with pytest.raises(ValueError) as refused:
        derive.derive(*names)
    assert str(refused.value).startswith(says) and len(str(refused.value)) < 120
    assert refused.type is derive.BadInput


def test_a_pair_may_be_one_word():
    assert {derive.derive(word).name for word in ("sigmoid+bce", "sigmoid_bce", "Sigmoid_BCE")} == {
        "sigmoid+bce"
    }
    assert derive.derive("log_sigmoid").name == "log_sigmoid"
    assert derive.derive("leaky_relu_log_cosh").name == "leaky_relu+log_cosh"


@pytest.mark.parametrize("names", subjects(), ids=label)
def test_every_subject_as_plain_data(names):
    found = derivation(names).json()
    assert json.loads(json.dumps(found)) == found
    assert len(found["steps"]) == len(derivation(names).steps) > 0
    assert found["pair"] == derivation(names).subject.name


def test_a_figure_needs_a_pair():
    with pytest.raises(derive.BadInput, match="pair"):
        derive.derive("gelu").figure()


def test_notebooks_show_formulas():
    pair = derivation(("sigmoid", "bce"))
    assert pair._repr_markdown_() == pair.markdown()
    assert pair._repr_latex_().count("$$") == 2 * len(pair.blocks())


@pytest.mark.parametrize("row", HEADS, ids=lambda row: row.name)
def test_text_is_read_back_by_sympy(row):
    from derive import heads

    expr = getattr(heads, row.name)(Z) * (A - Y)
    read = sp.sympify(text_of(expr), {"z": Z, "a": A, "y": Y})
    point = {Z: sp.Rational(3, 7), A: sp.Rational(1, 3), Y: sp.Rational(1, 5)}
    assert abs(sp.N((read - plain(expr)).subs(point), 30)) < 1e-25
