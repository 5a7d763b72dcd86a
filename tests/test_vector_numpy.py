"""The emitted code for vectors at worked numbers, and what its docstrings say and its functions refuse."""

from functools import cache

import flint
import numpy as np
import pytest

import derive
from derive.accuracy.vectors.truth import quantities
from derive.bounds import bound, declared
from derive.catalogue import ACTIVATIONS, LOSSES, subject
from derive.model import VECTOR, Activation

SINGLES = [(row.name,) for row in (*ACTIVATIONS, *LOSSES) if row.kind == VECTOR]
SOME = [*SINGLES[::6], ("softmax", "cross_entropy")]


@cache
def module(*names):
    """The namespace of the emitted file."""
    return derive.derive(*names).module


@pytest.fixture
def pair():
    return module("softmax", "cross_entropy")


def test_dominant_target_keeps_its_digits(pair):
    """−(e^−40 + e^−41), where p − y is exactly 0."""
    z, y = np.array([40.0, 0.0, -1.0]), np.array([1.0, 0.0, 0.0])
    assert pair["grad"](z, y)[0] == pytest.approx(-5.8110593e-18, rel=1e-7)
    assert pair["loss"](z, y) == pytest.approx(5.8110593e-18, rel=1e-7)
    p = np.exp(z - 40) / np.exp(z - 40).sum()
    assert (p - y)[0] == 0


@pytest.mark.parametrize("loss", ["half_squared_error", "multi_rmse"])
def test_half_a_square_does_not_overflow_before_it_is_halved(loss):
    """1.6e154² = 2.56e308 is beyond all floats, half of it is not."""
    found = module("glu", loss)["loss"](np.array([1.6e154, 40.0]), np.array([0.0]))
    assert found == pytest.approx(1.28e308, rel=1e-15)


def test_textbook_numbers(pair):
    """softmax(0, log 2, log 5) = (1, 2, 5)/8."""
    z = np.log([1.0, 2.0, 5.0])
    assert pair["loss"](z, 1) == pytest.approx(np.log(4), rel=1e-15)
    assert pair["grad"](z, 1) == pytest.approx([0.125, -0.75, 0.625], rel=1e-15)
    whole = np.diag([8, 16, 40]) - np.outer([1, 2, 5], [1, 2, 5])
    assert pair["hess"](z, 1) == pytest.approx(whole / 64, rel=1e-14)
    assert module("softmax")["value"](z) == pytest.approx([0.125, 0.25, 0.625], rel=1e-15)
    assert module("cross_entropy")["grad"]([0.5, 0.25, 0.25], 0) == pytest.approx([-2, 0, 0])


# Worked by hand: the subject, arguments, and what its functions give.
WORKED = {
    "sparsemax, (1, 0.5, −1): threshold 1/4": (
        ("sparsemax",), ([1.0, 0.5, -1.0],),
        {"value": [0.75, 0.25, 0], "grad": [[0.5, -0.5, 0], [-0.5, 0.5, 0], [0, 0, 0]]},
    ),
    "entmax of (1, −1): x = ±1/2, threshold −1/2": (
        ("entmax15",), ([1.0, -1.0],), {"value": [1, 0], "grad": [[0, 0], [0, 0]]},
    ),
    "unit vector of (3, 4)": (
        ("l2_normalize",), ([3.0, 4.0],),
        {"value": [0.6, 0.8], "grad": [[0.128, -0.096], [-0.096, 0.072]]},
    ),
    "reglu: one gate open, one closed": (
        ("reglu",), ([2.0, 3.0, 0.5, -1.0],),
        {"value": [1, 0], "grad": [[0.5, 0, 2, 0], [0, 0, 0, 0]]},
    ),
    "margins 1 − 0.5 + 0.25 and 1 − 0.5 − 2": (
        ("multi_margin",), ([0.5, 0.25, -2.0], 0),
        {"loss": 0.25, "grad": [-1 / 3, 1 / 3, 0], "hess": np.zeros((3, 3))},
    ),
    "the largest of 0.5, 1.25, −1": (
        ("crammer_singer",), ([0.5, 0.25, -2.0], 0), {"loss": 0.75, "grad": [-1, 1, 0]},
    ),
    "multi-label: 1 − 0.5 + 0.25 counts": (
        ("multilabel_margin",), ([0.5, 0.25, -2.0], [1, 0, 0]), {"loss": 0.25, "grad": [-1 / 3, 1 / 3, 0]},
    ),
    "quantile ½ is half the distance": (
        ("multi_quantile",), ([1.0, -2.0], 0.5), {"loss": 1.5, "grad": [0.5, -0.5]},
    ),
    "triplet: 1 − 5 + 1 is below 0": (
        ("triplet",), ([0.0, 0.0, 1.0, 0.0, 3.0, 4.0],), {"loss": 0.0, "grad": np.zeros(6)},
    ),
    "triplet: 5 − 1 + 1": (
        ("triplet",), ([0.0, 0.0, 3.0, 4.0, 1.0, 0.0],),
        {"loss": 5.0, "grad": [-0.6 + 1, -0.8, 0.6, 0.8, -1, 0]},
    ),
    "contrastive, alike: half the squared distance": (
        ("contrastive",), ([0.0, 0.0, 3.0, 4.0], 1), {"loss": 12.5, "grad": [-3, -4, 3, 4]},
    ),
    "gaussian: ½ (0 + 4)": (("gaussian_nll",), ([1.0, 0.0], [3.0]), {"loss": 2.0, "grad": [-2, -1.5]}),
    "cosine of (3, 4) and (4, 3) is 24/25": (
        ("cosine_similarity",), ([3.0, 4.0], [4.0, 3.0]), {"loss": -0.96, "grad": [-0.0448, 0.0336]},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WORKED)
def test_worked_numbers(case):
    names, given, results = WORKED[case]
    for function, wanted in results.items():
        assert module(*names)[function](*given) == pytest.approx(np.array(wanted), rel=1e-14, abs=1e-15)


def test_the_whole_range_is_finite(pair):
    z = np.array([[1.7e308, -1.7e308], [-1.7e308, 1.7e308]])
    half = np.array([0.5, 0.5])
    assert pair["loss"](z, half) == pytest.approx([1.7e308, 1.7e308])
    assert np.array_equal(pair["grad"](z, half), [[0.5, -0.5], [-0.5, 0.5]])
    assert pair["loss"](z, [1, 0]) == pytest.approx([np.inf, np.inf])  # 3.4e308 is no float


def test_hvp_needs_no_hessian_and_keeps_its_digits(pair):
    """At a gap of 40 and v = 1 + tiny differences, where p v − p (p·v) cancels."""
    z, y = np.array([40.0, 0.0, 0.0]), np.array([0.2, 0.3, 0.5])
    v = np.array([1.0, 1.0 + 2.0**-20, 1.0])
    wanted = np.exp(-40.0) * 2.0**-20 * np.array([-1.0, 1.0, 0.0])
    assert pair["hvp"](z, y, v) == pytest.approx(wanted, rel=1e-12, abs=1e-38)
    assert np.array_equal(pair["hvp"](z, y, np.full(3, 1e300)), np.zeros(3))  # a constant is left out
    many = np.zeros((2, 200_000))  # a (K, K) array would need 320 GB
    assert pair["hvp"](many, np.array([0, 1]), many + 1).shape == many.shape


@pytest.mark.parametrize("classes", (2, 7))
def test_hvp_is_as_accurate_as_it_declares(pair, classes):
    """Against balls, in ulp of p_j max|v_k − v_top|."""
    limit, rng = bound("softmax+cross_entropy", "hessian"), np.random.default_rng(1)
    for _ in range(50):
        z, y = 30 * rng.normal(size=classes), rng.dirichlet(np.ones(classes))
        v = 10 ** rng.uniform(-8, 8, classes) * rng.choice([-1, 1], classes)
        with flint.ctx.workprec(600):
            e, w = ([flint.arb(x) for x in values] for values in (z - 0.0, v))
            e = [x.exp() for x in e]
            p = [x / sum(e) for x in e]
            mean = sum(a * b for a, b in zip(p, w, strict=True))
            exact = [sum(map(flint.arb, y)) * a * (b - mean) for a, b in zip(p, w, strict=True)]
            got = pair["hvp"](z, y, v)
            miss = [float(abs(a - flint.arb(b)).mid()) for a, b in zip(exact, got, strict=True)]
        scale = np.array([float(a.mid()) for a in p]) * abs(v - v[z.argmax()]).max()
        assert (np.array(miss) <= limit * np.spacing(scale)).all()


@pytest.mark.parametrize("names", SOME, ids="+".join)
def test_docstrings_declare_the_bound_that_is_checked(names):
    emitted, about = module(*names), subject(*names)
    first = "value" if isinstance(about, Activation) else "loss"
    functions = {"loss": first, "gradient": "grad", "hessian": "hess"}
    for quantity in quantities(about):
        assert f"accuracy: {declared(about.name, quantity).hard} ulp" in emitted[functions[quantity]].__doc__
