"""Programs and files of vector subjects: every row is proved, written and checks itself."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from sympy import S

from derive.catalogue import ACTIVATIONS, LOSSES, legal_pairs, subject
from derive.derivation import derive
from derive.emit import code
from derive.model import AS, I_, VECTOR, ZS, Activation, J, K, N, Unproved
from derive.program.vectors import program, routines
from derive.program.vectors.chain import chain
from derive.program.vectors.lines import Line, expanded
from derive.program.vectors.proofs import proofs
from derive.program.vectors.slopes import adjoint, along, total
from derive.proof.indexed import prove
from derive.rules.indexed import over, slope

ROWS = [(row.name,) for row in (*ACTIVATIONS, *LOSSES) if row.kind == VECTOR]
PAIRS = [names for names in legal_pairs() if subject(*names).kind == VECTOR]
# One pair of every loss, with another activation each time.
SOME = list({loss: (act, loss) for n, (act, loss) in enumerate(PAIRS) if n % 3 == 0}.values())
_made: dict = {}


def made(names):
    """The derivation, the program and the text of a subject, made once."""
    if names not in _made:
        derivation = derive(subject(*names))
        found = program(derivation)
        _made[names] = found, code(derivation, found)
    return _made[names]


def module(names):
    namespace = {"__name__": "emitted"}
    exec(compile(made(names)[1], "+".join(names), "exec"), namespace)
    return namespace


@pytest.mark.parametrize("names", ROWS + SOME, ids="+".join)
def test_every_result_is_proved(names):
    found, _ = made(names)
    claims = [name for name, _ in found.proofs]
    results = sum(len(found.routines[r].results) for r in found.routines)
    assert len(claims) == len(set(claims)) == results
    assert all(proof.proved for _, proof in found.proofs)


@pytest.mark.parametrize("names", ROWS + SOME, ids="+".join)
def test_the_file_checks_itself_and_is_what_black_and_ruff_would_write(names, tmp_path):
    _, text = made(names)
    path = tmp_path / "emitted.py"
    path.write_text(text, encoding="ascii")
    (tmp_path / "black.toml").write_text("")
    black = ["-m", "black", "--check", "--quiet", "--config", str(tmp_path / "black.toml")]
    ruff = ["-m", "ruff", "check", "--isolated", "--no-cache", "--select", "E,F,W,I,B", "--line-length", "88"]
    for command in (black, ruff, []):
        done = subprocess.run([sys.executable, *command, path], capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("names", [("softmax", "brier"), ("cosine_similarity",), ("entmax15",)], ids="+".join)
def test_a_wrong_formula_fails_the_check_of_the_file(names):
    """Value and slope of something else agree with each other, and not with the plain formula."""
    namespace = module(names)
    assert namespace["_self_check"]() <= namespace["_TOLERANCE"]
    whole = "_value" if isinstance(subject(*names), Activation) else "_loss"
    core = namespace[whole]
    namespace[whole] = lambda *given: core(*given) * 1.001
    assert namespace["_self_check"]() > namespace["_TOLERANCE"]


@pytest.mark.parametrize("name", ("loss", "grad", "hvp"))
def test_a_wrong_program_is_not_proved(name):
    about = subject("softmax", "brier")
    derivation, found = derive(about), routines(about)
    wrong = replace(found[name], results=tuple(2 * r for r in found[name].results))
    with pytest.raises(Unproved):
        proofs(derivation, chain(about).inputs, {**found, name: wrong})


@pytest.mark.parametrize("names", PAIRS, ids="+".join)
def test_every_pair_has_routines_of_all_inputs(names):
    found = routines(subject(*names))
    inputs = chain(subject(*names)).inputs
    assert set(found) == {"loss", "grad", "hvp"}
    assert len(found["grad"].results) == len(found["hvp"].results) == len(inputs)


def written(expr):
    """The text of an expression, its bound indices called k."""
    return str(expr).replace("_k", "k")


def test_slopes_keep_their_shape():
    square = over((AS[N] - ZS[N]) ** 2)
    assert adjoint(square, {AS: S.One}) == 2 * AS[J] - 2 * ZS[J]
    rate = along(square, {AS: ZS[J]})
    assert written(rate) == written(total((2 * AS[N] - 2 * ZS[N]) * ZS[N], N))


def test_adjoint_is_the_slope():
    """Of a sum in a sum, and of one whose index is fixed."""
    value = over(ZS[N] * over(ZS[N] ** 2) ** 2) / K + ZS[I_] ** 3
    prove(adjoint(value, {ZS: S.One}), slope(value, ZS[J]))


def test_expanded_writes_later_letters_out_first():
    lines = (Line(targets=(AS,), meanings=(ZS[J] ** 2,)),)
    assert expanded(over(AS[N]), lines) == over(ZS[N] ** 2)


def test_dominant_target_keeps_its_digits():
    """-(e^-40 + e^-41), where p - y is exactly 0."""
    pair = module(("softmax", "cross_entropy"))
    z, y = np.array([40.0, 0.0, -1.0]), np.array([1.0, 0.0, 0.0])
    assert pair["grad"](z, y)[0] == pytest.approx(-5.8110593e-18, rel=1e-7)
    assert pair["loss"](z, y) == pytest.approx(5.8110593e-18, rel=1e-7)


def test_textbook_numbers():
    """softmax(0, log 2, log 5) = (1, 2, 5)/8."""
    pair, z = module(("softmax", "cross_entropy")), np.log([1.0, 2.0, 5.0])
    assert pair["loss"](z, 1) == pytest.approx(np.log(4), rel=1e-15)
    assert pair["grad"](z, 1) == pytest.approx([0.125, -0.75, 0.625], rel=1e-15)
    whole = np.diag([8, 16, 40]) - np.outer([1, 2, 5], [1, 2, 5])
    assert pair["hess"](z, 1) == pytest.approx(whole / 64, rel=1e-14)
    assert module(("softmax",))["value"](z) == pytest.approx([0.125, 0.25, 0.625], rel=1e-15)


def test_the_whole_range_is_finite():
    pair, half = module(("softmax", "cross_entropy")), np.array([0.5, 0.5])
    z = np.array([[1.7e308, -1.7e308], [-1.7e308, 1.7e308]])
    assert pair["loss"](z, half) == pytest.approx([1.7e308, 1.7e308])
    assert np.array_equal(pair["grad"](z, half), [[0.5, -0.5], [-0.5, 0.5]])
    assert pair["loss"](z, [1, 0]) == pytest.approx([np.inf, np.inf])  # 3.4e308 is no float


def test_products_need_no_matrix():
    pair = module(("softmax", "cross_entropy"))
    many = np.zeros((2, 200_000))  # a (K, K) array would need 320 GB
    assert pair["hvp"](many, np.array([0, 1]), many + 1).shape == many.shape
