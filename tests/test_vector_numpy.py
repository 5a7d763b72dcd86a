"""The emitted code for vectors: worked numbers, whole files, and the truth they are held to."""

import subprocess
import sys

import flint
import numpy as np
import pytest

from derive.accuracy.indexed import AS, BITS, YS, ZS, derivative, meaning_of, places
from derive.accuracy.rows import Row, rows
from derive.accuracy.vector import FORMULAS, truth
from derive.bounds import bound
from derive.catalogue import subject
from derive.checks.vector import ENDS
from derive.derivation.vector import derive_vector
from derive.emit.vector_numpy import code
from derive.model import DIM, Activation, K, Loss

NAMES = (("softmax", "cross_entropy"), ("softmax",), ("cross_entropy",))
TEXTS = {"_".join(names): code(derive_vector(subject(*names))) for names in NAMES}


def module(name):
    namespace = {"__name__": "emitted"}
    exec(TEXTS[name], namespace)
    return namespace


PAIR = module("softmax_cross_entropy")


def test_dominant_target_keeps_its_digits():
    """−(e^−40 + e^−41), where p − y is exactly 0."""
    z, y = np.array([40.0, 0.0, -1.0]), np.array([1.0, 0.0, 0.0])
    assert PAIR["grad"](z, y)[0] == pytest.approx(-5.8110593e-18, rel=1e-7)
    assert PAIR["loss"](z, y) == pytest.approx(5.8110593e-18, rel=1e-7)
    p = np.exp(z - 40) / np.exp(z - 40).sum()
    assert (p - y)[0] == 0


def test_textbook_numbers():
    """softmax(0, log 2, log 5) = (1, 2, 5)/8."""
    z = np.log([1.0, 2.0, 5.0])
    assert PAIR["loss"](z, 1) == pytest.approx(np.log(4), rel=1e-15)
    assert PAIR["grad"](z, 1) == pytest.approx([0.125, -0.75, 0.625], rel=1e-15)
    whole = np.diag([8, 16, 40]) - np.outer([1, 2, 5], [1, 2, 5])
    assert PAIR["hess"](z, 1) == pytest.approx(whole / 64, rel=1e-14)
    assert module("softmax")["value"](z) == pytest.approx([0.125, 0.25, 0.625], rel=1e-15)
    assert module("cross_entropy")["grad"]([0.5, 0.25, 0.25], 0) == pytest.approx([-2, 0, 0])


def test_the_whole_range_is_finite():
    z = np.array([[1.7e308, -1.7e308], [-1.7e308, 1.7e308]])
    half = np.array([0.5, 0.5])
    assert PAIR["loss"](z, half) == pytest.approx([1.7e308, 1.7e308])
    assert np.array_equal(PAIR["grad"](z, half), [[0.5, -0.5], [-0.5, 0.5]])
    assert PAIR["loss"](z, [1, 0]) == pytest.approx([np.inf, np.inf])  # 3.4e308 is no float


def test_hvp_needs_no_hessian_and_keeps_its_digits():
    """At a gap of 40 and v = 1 + tiny differences, where p v − p (p·v) cancels."""
    z, y = np.array([40.0, 0.0, 0.0]), np.array([0.2, 0.3, 0.5])
    v = np.array([1.0, 1.0 + 2.0**-20, 1.0])
    wanted = np.exp(-40.0) * 2.0**-20 * np.array([-1.0, 1.0, 0.0])
    assert PAIR["hvp"](z, y, v) == pytest.approx(wanted, rel=1e-12, abs=1e-38)
    many = np.zeros((2, 200_000))  # a (K, K) array would need 320 GB
    assert PAIR["hvp"](many, np.array([0, 1]), many + 1).shape == many.shape


@pytest.mark.parametrize("name", TEXTS)
def test_file_is_what_black_and_ruff_would_write(name, tmp_path):
    path = tmp_path / f"{name}.py"
    path.write_text(TEXTS[name], encoding="ascii")
    (tmp_path / "black.toml").write_text("")
    black = ["black", "--check", "--quiet", "--diff", "--config", str(tmp_path / "black.toml"), str(path)]
    ruff = [
        "ruff",
        "check",
        "--isolated",
        "--no-cache",
        "--select",
        "E,F,W,I,B",
        "--line-length",
        "88",
        str(path),
    ]
    for command in (black, ruff):
        done = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", TEXTS)
def test_nothing_is_left_to_fill_in(name):
    marks = [line for line in TEXTS[name].splitlines() if "@" in line.replace("@np.errstate", "")]
    assert marks == []


@pytest.mark.parametrize("names", NAMES, ids="+".join)
def test_docstrings_declare_the_bound_that_is_checked(names):
    emitted, about = module("_".join(names)), subject(*names)
    functions = {
        "loss": "value" if isinstance(about, Activation) else "loss",
        "gradient": "grad",
        "hessian": "hess",
    }
    for quantity in FORMULAS[type(about)]:
        assert f"<= {bound(about.name, quantity)} ulp" in emitted[functions[quantity]].__doc__


@pytest.mark.parametrize("names", NAMES, ids="+".join)
@pytest.mark.parametrize("classes", (1, 2, 3, 7))
def test_truth_is_the_derivative_of_the_entries_own_formulas(names, classes):
    """By power series through the formulas, at moderate rows; far out they need too many digits."""
    about = subject(*names)
    base = AS if isinstance(about, Loss) else ZS
    near = [row for row in rows(about, classes=(classes,), size=1) if np.all(np.abs(row.x) < 50)][:12]
    with flint.ctx.workprec(2 * BITS):
        for row in near:
            given = {base: [flint.arb(v) for v in row.x], YS: [flint.arb(v) for v in row.y]}
            for quantity, name in zip(("gradient", "hessian"), ENDS[type(about)], strict=True):
                if quantity in FORMULAS[type(about)]:
                    assert agrees(about, name, given, truth(about, quantity, row), classes)


def agrees(about, name, given, flat, classes):
    """Whether all components of a flat truth are those derivatives."""
    meaning = meaning_of(about, name)
    axes = [i for e in (meaning.of, *meaning.wrt) if e is not None for i in e.indices]
    whole = np.array(flat, dtype=object).reshape((classes,) * len(axes))
    found = places(meaning, {K: classes, DIM: 1})
    return all(
        derivative(about, name, given, at).overlaps(whole[tuple(at[i] - 1 for i in axes)]) for at in found
    )


def test_truth_at_a_gap_of_forty():
    row = Row(x=np.array([40.0, 0.0, -1.0]), y=np.array([1.0, 0.0, 0.0]))
    found = truth(subject("softmax", "cross_entropy"), "gradient", row)
    with flint.ctx.workprec(200):
        parts = [flint.arb(n).exp() for n in (-40, -41)]
        exact = -sum(parts) / (1 + sum(parts))
        assert found[0].overlaps(exact) and found[0].rel_accuracy_bits() > 100
