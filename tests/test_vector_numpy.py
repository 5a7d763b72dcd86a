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


THREE = np.zeros((2, 3))
SHORT = np.empty(2)
PARTS = SHORT, np.empty((2, 3))
REFUSED = {
    "complex logits": (TypeError, "z .*complex", lambda m: m["loss"](THREE * 1j, [0, 1])),
    "strings": (TypeError, "z must hold real numbers", lambda m: m["grad"]([["1", "2"]], [0])),
    "no logits": (TypeError, "z must hold real numbers", lambda m: m["hess"](None, [0])),
    "no targets": (TypeError, "y must hold real numbers", lambda m: m["loss"](THREE, None)),
    "complex targets": (TypeError, "y .*complex", lambda m: m["loss"](THREE, np.eye(3)[:2] * 1j)),
    "no direction": (TypeError, "v must hold real numbers", lambda m: m["hvp"](THREE, [0, 1], None)),
    "a short direction": (ValueError, r"3\).*\(2, 2\)", lambda m: m["hvp"](THREE, [0, 1], [SHORT] * 2)),
    "one component": (ValueError, r"not \(1,\)", lambda m: m["hvp"](THREE, [0, 1], [1.0])),
    "one array as out": (ValueError, r"\(\(2,\), \(2, 3\)\), not ndarray", lambda m: filled(m, THREE)),
    "out as a list": (ValueError, "not list", lambda m: filled(m, [*PARTS])),
    "three arrays": (ValueError, "two arrays", lambda m: filled(m, (SHORT,) * 3)),
    "out of other shapes": (ValueError, r"not \(\(2,\), \(2,\)\)", lambda m: filled(m, (SHORT, SHORT))),
    "sum of targets": (ValueError, "0.75, not 1 within 5.3e-15", lambda m: m["loss"](THREE, [0.5, 0.25, 0])),
    "negative target": (ValueError, r"simplex: .* -0\.5", lambda m: m["loss"](THREE, [1, 0.5, -0.5])),
}  # fmt: skip


def filled(emitted, out):
    return emitted["loss_and_grad"](THREE, [0, 1], out=out)


@pytest.mark.parametrize("case", REFUSED)
def test_what_does_not_fit_is_refused_by_name(case):
    error, message, call = REFUSED[case]
    with pytest.raises(error, match=message):
        call(PAIR)


@pytest.mark.parametrize("name", ("softmax", "cross_entropy"))
def test_singles_refuse_what_is_not_real(name):
    emitted, rest = module(name), () if name == "softmax" else ([0, 1],)
    for bad in (THREE * 1j, None, [["1"]]):
        with pytest.raises(TypeError, match="real numbers"):
            emitted["grad"](bad, *rest)
    if name == "softmax":
        with pytest.raises(ValueError, match=r"g needs the shape \(\.\.\., 3\)"):
            emitted["vjp"](THREE, [1.0])


@pytest.mark.parametrize("classes", (2, 7))
def test_hvp_is_as_accurate_as_it_declares(classes):
    """Against balls, in ulp of p_j max|v_k − v_top|."""
    limit, rng = bound("softmax+cross_entropy", "hessian"), np.random.default_rng(1)
    assert f"<= {limit} ulp" in PAIR["hvp"].__doc__
    for _ in range(50):
        z, y = 30 * rng.normal(size=classes), rng.dirichlet(np.ones(classes))
        v = 10 ** rng.uniform(-8, 8, classes) * rng.choice([-1, 1], classes)
        with flint.ctx.workprec(600):
            e, w = ([flint.arb(x) for x in values] for values in (z - 0.0, v))
            e = [x.exp() for x in e]
            p = [x / sum(e) for x in e]
            mean = sum(a * b for a, b in zip(p, w, strict=True))
            exact = [sum(map(flint.arb, y)) * a * (b - mean) for a, b in zip(p, w, strict=True)]
            miss = [
                float(abs(a - flint.arb(b)).mid()) for a, b in zip(exact, PAIR["hvp"](z, y, v), strict=True)
            ]
        scale = np.array([float(a.mid()) for a in p]) * abs(v - v[z.argmax()]).max()
        assert (np.array(miss) <= limit * np.spacing(scale)).all()


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
