"""The NumPy blocks agree with certified values of the heads they spell, over the whole float range."""

import ast
import inspect
import math
import re
from fractions import Fraction

import flint
import numpy as np
import pytest
import sympy as sp
from flint import arb, arb_mat

from derive import catalogue
from derive.balls import certified, compile_ball
from derive.emit.blocks import ROOMS, extreme, normal, positive, rounded, weighted
from derive.emit.plain_numpy import plain_parts
from derive.heads import EXP, HEADS, names
from derive.model import ELEMENTWISE, Z

EPS = 2.0**-52
ULP = 12  # of a block or of the square of a root
SPELLED = [head for head in HEADS if head.numpy.startswith("_")]
ROOTED = [head for head in HEADS if head.root]
RNG = np.random.default_rng(7)
POINTS = np.concatenate(
    [
        RNG.uniform(-10, 10, 300),
        RNG.uniform(-745, 745, 300),
        RNG.choice([-1, 1], 200) * 10 ** RNG.uniform(-307, 3, 200),
        [0.0, 1e16, -1e16, 1e308, -1e308, 36.7, -36.9, -37.1, 37.5, 5e-324],
    ]
)
LEFT_OUT = {
    "log_softplus": (0.2, 0.9),  # it is 0 at z = 0.541: beside a root every rounding grows
    "step": (-5e-324, 5e-324),  # at a jump either value will do
    "tanh_lag": (-5e-324, 5e-324),  # at 0 its meaning is 0/0
}

# Beyond, e^(−z) leaves every number format, so that a meaning has no enclosure; or the block ends.
FAR = {"softplus_lag": 1e5, "lean": 56}
# Where a block is defined.
ABOVE = {"lag": -1, "log1mexp": 0, "bose": 0, "bose_rest": 0, "log_bose": 0}
BELOW = {"gumbel_bend": 8, "gumbel_lag": 8}  # beyond, what they multiply is 0


def function(template):
    """The block that a template of the table calls."""
    name = template.split("(")[0]
    return next(getattr(room, name) for room in ROOMS if hasattr(room, name))


def error(computed, truth):
    """|computed − truth| in ulp of the truth; None where that is no normal number."""
    near = float(truth.mid())
    if not 2.3e-308 < abs(near) < 1.79e308:
        return None
    return abs(float((arb(float(computed)) - truth) / arb(float(np.spacing(abs(near))))))


def worst(head, values):
    """The largest error of the values at POINTS."""
    ball = compile_ball(getattr(names, head.name)(Z))
    low, high = LEFT_OUT.get(head.name, (np.inf, np.inf))
    far = FAR.get(head.name, np.inf)
    above, below = ABOVE.get(head.name, -np.inf), BELOW.get(head.name, np.inf)
    points = zip(POINTS, values, strict=True)
    kept = [(x, v) for x, v in points if not low < x < high and abs(x) < far and above < x < below]
    errors = [error(v, certified(ball, {Z: float(x)}, Z, 0)[0]) for x, v in kept]
    return max(e for e in errors if e is not None)


@pytest.mark.parametrize("head", SPELLED, ids=lambda head: head.name)
def test_block_is_accurate(head):
    with np.errstate(all="ignore"):
        values = function(head.numpy)(POINTS)
    assert worst(head, values) < ULP
    assert worst(head, values * (1 + 1e-14)) > ULP


@pytest.mark.parametrize("head", ROOTED, ids=lambda head: head.name)
def test_square_of_a_root_is_the_block(head):
    with np.errstate(all="ignore"):
        values = function(head.root)(POINTS) ** 2
    assert worst(head, values) < ULP


@pytest.mark.parametrize(
    ("head", "rooted"),
    [(h, rooted) for h in HEADS for rooted in (False, True) if h.scaled[rooted]],
    ids=lambda case: getattr(case, "name", str(case)),
)
def test_rounding_of_a_scaled_argument_is_made_good(head, rooted):
    scale = 1.702
    ball = compile_ball(getattr(names, head.name)(scale_symbol() * Z))
    near = POINTS[np.abs(POINTS) < 400]
    with np.errstate(all="ignore"):
        values = function(head.scaled[rooted])(scale, near) ** (2 if rooted else 1)
    truths = [certified(ball, {Z: float(x), scale_symbol(): scale}, Z, 0)[0] for x in near]
    errors = [error(v, t) for v, t in zip(values, truths, strict=True)]
    assert max(e for e in errors if e is not None) < ULP


@pytest.mark.parametrize("rooted", [False, True])
@pytest.mark.parametrize("head", [h for h in HEADS if h.polynomial[0]], ids=lambda head: head.name)
def test_rounding_of_a_polynomial_is_made_good(head, rooted):
    cubic = Z**3 / 10 + Z / 3
    ball = compile_ball(getattr(names, head.name)(cubic))
    near = np.concatenate([POINTS[np.abs(POINTS) < 30], RNG.uniform(-20, 20, 300)])
    numbers = Fraction(1, 10), Fraction(0), Fraction(1, 3)
    pairs = [(float(c), float(c - Fraction(float(c)))) for c in numbers]
    with np.errstate(all="ignore"):
        argument = rounded._polynomial(near, *pairs, (0.0, 0.0))
        values = function(head.polynomial[rooted])(argument) ** (2 if rooted else 1)
        plain = function(head.numpy)(argument[0])
    truths = [certified(ball, {Z: float(x)}, Z, 0)[0] for x in near]
    errors = [[e for e in map(error, found, truths) if e is not None] for found in (values, plain)]
    assert max(errors[0]) < ULP < max(errors[1])


def test_phase_of_a_huge_power_is_what_it_says():
    with flint.ctx.workprec(1300):
        turns = (arb(2) ** 1020 / (2 * arb.pi())).floor() + 1
        phase = arb(2) ** 1020 - 2 * arb.pi() * turns
        high = float(np.round(float(phase) * 2.0**36)) / 2.0**36
        numbers = [repr(abs(high)), repr(abs(float(phase - high)))]
    assert all(number in inspect.getsource(rounded._waves) for number in numbers)


@pytest.mark.parametrize("scale", [0.75, 30.0, 1000.0])
def test_sine_keeps_its_phase_up_to_the_largest_float(scale):
    ball = compile_ball(names.sine(scale_symbol() * Z))
    far = RNG.choice([-1, 1], 300) * 10 ** RNG.uniform(-300, 308, 300)
    far = np.concatenate([far, RNG.uniform(1e307, 1.7e308, 50), [1.7976931348623157e308]])
    with np.errstate(all="ignore"):
        values = rounded._scaled_sine(scale, far)
    truths = [certified(ball, {Z: float(x), scale_symbol(): scale}, Z, 0)[0] for x in far]
    assert max(abs(float(arb(float(v)) - t)) for v, t in zip(values, truths, strict=True)) < 4 * EPS


def test_rounding_of_a_quotient_is_made_good():
    divisor = 2.7
    ball = compile_ball(sp.exp(Z / scale_symbol()))
    near = POINTS[np.abs(POINTS) < 1000]
    with np.errstate(all="ignore"):
        found = [rounded._exp_of(rounded._quotient(near, divisor)), np.exp(near / divisor)]
        found.append(rounded._root_exp_of(rounded._quotient(near, divisor)) ** 2)
    truths = [certified(ball, {Z: float(x), scale_symbol(): divisor}, Z, 0)[0] for x in near]
    exact, plain, root = ([e for e in map(error, v, truths) if e is not None] for v in found)
    assert max(*exact, *root) < ULP < max(plain)


@pytest.mark.parametrize("c", [1.0, 1 - 2.0**-53, 1e-9])
def test_logarithm_of_a_lifted_exponential_keeps_its_digits(c):
    ball = compile_ball(sp.log(1 + scale_symbol() * (sp.exp(Z) - 1)))
    left = -np.concatenate([10 ** RNG.uniform(-300, 2, 200), RNG.uniform(0, 700, 200)])
    with np.errstate(all="ignore"):
        found = [positive._log_lifted(c, left), np.log1p(c * np.expm1(left))]
    truths = [certified(ball, {Z: float(x), scale_symbol(): c}, Z, 0)[0] for x in left]
    kept, plain = ([e for e in map(error, v, truths) if e is not None] for v in found)
    assert max(kept) < ULP
    assert c < 0.5 or max(plain) > ULP


def scale_symbol():
    """The symbol of a parameter."""
    from derive.catalogue.activations import BETA

    return BETA.symbol


def test_ratio_of_mills_is_the_quotient_that_it_says():
    source = inspect.getsource(normal._mills)
    assert all(repr(c) in source for c in quotient(mills, 9, shift=arb(4.5), end=arb(56)))
    assert not all(repr(c) in source for c in quotient(mills, 9, shift=arb(4), end=arb(56)))


def test_tilt_of_the_normal_distribution_is_the_quotient_that_it_says():
    source = inspect.getsource(normal._ndtr_tilt)
    assert all(repr(c) in source for c in quotient(tilt, 10, shift=arb(4), end=arb("inf")))
    assert not all(repr(c) in source for c in quotient(tilt, 10, shift=arb(3), end=arb("inf")))


def tilt(x):
    """φ(x)/(1 − Φ(x)) − x."""
    return 1 / mills(x) - x


def test_rest_of_a_rounded_exponential_is_what_rounding_took():
    points = np.concatenate([RNG.uniform(0, 6.7, 400), [0.0, 0.3465, 0.3466, 1.0, 6.6]])
    with np.errstate(all="ignore"):
        found = extreme._exp_rest(points)
    for x, rest in zip(points.tolist(), found.tolist(), strict=True):
        with flint.ctx.workprec(200):
            whole = arb(x).exp()
            part = float((whole - float(np.exp(x)) - rest) / whole)
        assert abs(part) < 2.0**-58  # 700 times as much is 12 ulp


@pytest.mark.parametrize("n", [-0.25, 0.1, 0.25, 1.5])
def test_power_of_a_double_exponential_keeps_its_digits_where_its_root_is_0(n):
    points = RNG.uniform(-3, math.log(700 / abs(n)), 400)
    with np.errstate(all="ignore"):
        found = extreme._gumbel_power(points, n)
    with flint.ctx.workprec(200):
        truths = [(-arb(n) * arb(x).exp()).exp() for x in points.tolist()]
        errors = [error(v, truth) for v, truth in zip(found, truths, strict=True)]
    assert max(errors) < ULP
    assert np.any(extreme._root_gumbel(points) == 0) == (abs(n) < 0.5)


@pytest.mark.parametrize("head", [h for h in (*HEADS, EXP) if h.weighted], ids=lambda head: head.name)
def test_product_with_what_overflows_is_0_where_its_factor_is(head):
    number = sp.Integer(2 if head.name == "softplus" else 1)
    made = sp.exp if head is EXP else getattr(names, head.name)
    ball = compile_ball(made(number * Z) / 8)
    block, places = (
        getattr(weighted, head.weighted.split("(")[0]),
        re.findall(r"\{(\d)\}", head.weighted),
    )

    def run(factor, x):
        return block(*((factor, float(number) * x, float(number), x)[int(n)] for n in places))

    for x in (-1e308, -3e154, -800.0, -1.5, 0.0, 2.5, 710.5, 711.0, 3e154, 1e308):
        if head.name == "lag" and x <= -1:
            continue  # it is defined right of -1
        with np.errstate(all="ignore"):
            assert run(0.0, np.float64(x)) == 0
            value = run(0.125, np.float64(x))
        if head.name == "tanh_lag" and x == 0:
            assert value == 0  # its limit; the meaning is 0/0
            continue
        truth = certified(ball, {Z: x}, Z, 0)[0]
        off = error(value, truth)
        assert off < ULP if off is not None else value in (0.0, float(truth.mid())) or abs(value) < 2.3e-308


def mills(x):
    """(1 − Φ(x))/φ(x)."""
    return (arb.pi() / 2).sqrt() * (x / arb(2).sqrt()).erfc() * (x * x / 2).exp()


def quotient(function, degree, *, shift, end):
    """The coefficients of P/Q, Q monic and of one degree more, that is `function` at 2·degree + 2 points.

    They are Chebyshev's for [0, end], in the variable 1/(x + shift).
    """
    with flint.ctx.workprec(600):
        count, far, near = 2 * degree + 2, 1 / (shift + end), 1 / shift
        nodes = [(arb.pi() * (2 * j + 1) / (2 * count)).cos() for j in range(count)]
        points = [2 / (near + far + (near - far) * node) - shift for node in nodes]
        rows = [
            [x**k for k in range(degree + 1)] + [-function(x) * x**k for k in range(degree + 1)]
            for x in points
        ]
        right = [[function(x) * x ** (degree + 1)] for x in points]
        return [float(c.mid()) for c in arb_mat(rows).solve(arb_mat(right)).entries()]


def test_rest_of_a_logarithm_is_the_polynomial_that_it_says():
    source = inspect.getsource(positive._lag)
    assert all(repr(c) in source for c in polynomial(after_one, 9, 9))
    assert not all(repr(c) in source for c in polynomial(after_one, 9, 8))


def after_one(x):
    """(atanh(s)/s − 1)/s² for x = s²."""
    return (x.sqrt().atanh() / x.sqrt() - 1) / x


def polynomial(function, degree, part):
    """The coefficients, highest first, of what is `function` at Chebyshev's points of [0, 1/part]."""
    with flint.ctx.workprec(600):
        count = degree + 1
        points = [(1 + (arb.pi() * (2 * j + 1) / (2 * count)).cos()) / (2 * part) for j in range(count)]
        rows = [[x**k for k in range(degree, -1, -1)] for x in points]
        right = [[function(x)] for x in points]
        return [float(c.mid()) for c in arb_mat(rows).solve(arb_mat(right)).entries()]


@pytest.mark.parametrize("head", [h for h in (*HEADS, EXP) if h.half[0]], ids=lambda head: head.name)
def test_half_of_a_logarithm_is_the_root(head):
    template, sign = head.half
    name = re.findall(r"\b_\w+", template)[0]
    near = POINTS[(np.abs(POINTS) < 6) & (np.abs(POINTS) > ABOVE.get(head.name, -1))]
    near = np.maximum(np.abs(near), 1e-150) if head.name in ABOVE else near
    with np.errstate(all="ignore"):
        values = function(name + "(")(-near if "{1}" in template else near)
    power = 1 if "sqrt" in template else 2
    own = sp.exp if head is EXP else getattr(names, head.name)
    ball = compile_ball(sp.exp(sign * own(Z)))
    errors = [
        error(v**power, certified(ball, {Z: float(x)}, Z, 0)[0]) for x, v in zip(near, values, strict=True)
    ]
    assert max(e for e in errors if e is not None) < ULP


ENTRIES = [e for e in (*catalogue.ACTIVATIONS, *catalogue.LOSSES) if e.kind == ELEMENTWISE]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_a_plain_formula_calls_no_block(entry):
    """The self-check trusts nothing that it checks."""
    source = next(part for part in plain_parts(entry) if "def _activation" in part or "def _cost" in part)
    called = [ast.unparse(n.func) for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Call)]
    assert [name for name in called if name.startswith("_")] == []
