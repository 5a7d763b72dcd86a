"""The engine of signs: what is true is proved, what is false is never proved, and a witness is exact."""

from random import Random

import numpy as np
import pytest
import sympy as sp

from derive import catalogue
from derive.derivation.slopes import raw_loss_slope, raw_output_slope
from derive.heads import log_cosh, plain, sigmoid, softplus, tanh
from derive.model import (
    ELEMENTWISE,
    NONNEGATIVE,
    POSITIVE,
    PROVED,
    REALS,
    REFUTED,
    UNDECIDED,
    UNIT_CLOSED,
    UNIT_OPEN,
    A,
    Finite,
    Interval,
    Punctured,
    Y,
    Z,
)
from derive.proof.signs import arithmetic, nonnegative
from derive.proof.signs.floats import at_points
from derive.proof.signs.tails import far_sign
from derive.proof.signs.witness import sign_of
from tables import cover

POINTS = 10_000
ALPHA = sp.Symbol("alpha", positive=True)
THIN = sp.Rational(1, 10**9)


def cdf(z):
    return (1 + sp.erf(z / sp.sqrt(2))) / 2


def pdf(z):
    return sp.exp(-(z**2) / 2) / sp.sqrt(2 * sp.pi)


GELU_SLOPE = cdf(Z) + Z * pdf(Z)
LEFT = Interval(hi=sp.S.Zero)
SQUARE = {A: UNIT_OPEN, Y: UNIT_CLOSED}
CURVATURE = A * (1 - A) * (A * (1 - A) + (A - Y) * (1 - 2 * A))  # of half the squared error behind σ

# (what is ≥ 0, where)
TRUE = (
    (A * (1 - A), SQUARE),
    (sigmoid(Z) * (1 - sigmoid(Z)), {Z: REALS}),
    (Z * cdf(Z) + pdf(Z), {Z: REALS}),
    (sp.exp(Z) - 1 - Z, {Z: REALS}),
    (Z**2 / 2 - log_cosh(Z), {Z: REALS}),
    (softplus(Z) - sp.log(2) - Z / 2, {Z: REALS}),
    (sp.log(2) + Z / 2 + Z**2 / 8 - softplus(Z), {Z: REALS}),
    (Z * sp.atan(Z), {Z: REALS}),
    (sp.pi / 2 - sp.atan(Z), {Z: REALS}),
    (Z * sp.log(Z) - Z + 1, {Z: POSITIVE}),
    (GELU_SLOPE.subs(Z, sp.sqrt(2)) - GELU_SLOPE, {Z: REALS}),
    (Z * tanh(softplus(Z)) + sp.Rational(31, 100), {Z: REALS}),
    (sp.exp(Z) - Z**3 * sp.exp(3) / 27, {Z: REALS}),
    ((Z**2 - 2) ** 2, {Z: REALS}),
    (A - Y * sp.log(A) - Y + Y * sp.log(Y), {A: POSITIVE, Y: POSITIVE}),
    (sp.Abs(A - Y) - A + Y, SQUARE),
    (sp.Max(Z, 0) - Z, {Z: REALS}),
    (sp.Piecewise((Z, Z > 0), (ALPHA * (1 - sp.exp(Z)), True)), {Z: REALS, ALPHA: POSITIVE}),
    (-1 / Z, {Z: LEFT}),
    (1 - Y * Z, {Y: Finite(values=(-1, 1)), Z: Interval(lo=-sp.S.One, hi=sp.S.One)}),
    (sp.exp(-Z) - 1, {Z: Interval(hi=sp.S.Zero, closed_hi=True)}),
)

# (what is negative somewhere, where); in some only in a region of relative width 1e-9, or only far away
FALSE = (
    (CURVATURE, SQUARE),
    (A * (1 - A) - sp.Rational(1, 4) + sp.S(1) / 10**5, {A: UNIT_OPEN}),
    (sp.exp(Z) - 1 - Z - THIN, {Z: REALS}),
    (sp.exp(Z) - Z**3 * (sp.exp(3) / 27 + THIN), {Z: REALS}),
    ((Z**2 - 2) ** 2 - THIN, {Z: REALS}),
    ((Z**2 - 2) ** 2 - THIN**2, {Z: REALS}),
    ((A - Y) ** 2 + (A - sp.Rational(1, 7)) ** 2 - THIN, SQUARE),
    (GELU_SLOPE.subs(Z, sp.sqrt(2)) - THIN - GELU_SLOPE, {Z: REALS}),
    (sp.exp(Z) - THIN, {Z: REALS}),
    (1 - Z / 10**6, {Z: REALS}),
    (sp.exp(Z) - Z**9 / 47_811, {Z: POSITIVE}),
    (1 - THIN - tanh(Z), {Z: REALS}),
    (sp.pi / 2 - THIN - sp.atan(Z), {Z: REALS}),
    (Z * cdf(Z) + sp.Rational(169, 1000), {Z: REALS}),
    (Z * tanh(softplus(Z)) + sp.Rational(308, 1000), {Z: REALS}),
    (sp.Abs(Z - sp.Rational(1, 3)) - THIN, {Z: REALS}),
    (sp.Piecewise((Z, Z > 0), (ALPHA * (sp.exp(Z) - 1), True)) + 100, {Z: REALS, ALPHA: POSITIVE}),
    (-1 / Z, {Z: REALS}),
    (Y + 1 - THIN, {Y: Finite(values=(-1, 1))}),
)

# false from z = −316 down only, where every term is below 10^−20000
OPEN = ((Z * cdf(Z) + pdf(Z) - pdf(Z) / 10**5, {Z: REALS}),)


def probed(expr, places):
    """The least value at many points, far ones among them."""
    rng = np.random.default_rng(0)
    letters = sorted(places, key=str)
    known = {}
    for s in sorted(letters, key=lambda s: isinstance(getattr(places[s], "lo", None), sp.Symbol)):
        known[s] = drawn(rng, places[s], known)
    columns = np.array([known[s] for s in letters])
    values = at_points(
        plain(expr).replace(sp.Abs, lambda w: sp.Piecewise((w, w > 0), (-w, True))), letters, columns
    )
    return np.min(values[np.isfinite(values)], initial=np.inf)


def drawn(rng, place, known):
    """Numbers of a place, one of whose ends may be another letter."""
    if isinstance(place, Finite):
        return rng.choice(np.array(place.values, dtype=float), POINTS)
    if isinstance(place, Punctured):
        place = REALS
    low, high = known[place.lo] if place.lo in known else float(place.lo), float(place.hi)
    if np.all(np.isfinite(low)) and np.isfinite(high):
        return rng.uniform(low, high, POINTS)
    size = np.exp(rng.uniform(-7, 2, POINTS))
    return (
        low + size
        if np.all(np.isfinite(low))
        else high - size if np.isfinite(high) else size * rng.choice([-1, 1], POINTS)
    )


def checked(decision, expr, places):
    """A decision whose witness, if there is one, is exact: the expression is negative there, as said."""
    if decision.outcome == REFUTED:
        at = dict(decision.witness)
        assert set(at) >= expr.free_symbols
        value = plain(expr).subs(at)
        assert sign_of(value.replace(sp.Abs, abs)) == -1
        assert abs(sp.N(value - decision.value, 30)) < 1e-25
    return decision


@pytest.mark.parametrize("expr, places", TRUE, ids=str)
def test_what_is_true_is_proved(expr, places):
    decision = nonnegative(expr, places)
    assert decision.outcome == PROVED, decision
    assert decision.how and decision.method != "none"
    assert probed(expr, places) > -1e-9


@pytest.mark.parametrize("expr, places", FALSE, ids=str)
def test_what_is_false_is_refuted(expr, places):
    assert checked(nonnegative(expr, places), expr, places).outcome == REFUTED


@pytest.mark.parametrize("expr, places", OPEN, ids=str)
def test_what_is_false_beyond_all_means_is_left_open(expr, places):
    assert nonnegative(expr, places).outcome == UNDECIDED


def test_the_witness_is_the_simplest():
    decision = nonnegative(CURVATURE, SQUARE)
    assert decision.witness == ((A, sp.Rational(1, 4)), (Y, sp.Rational(3, 4)))
    assert decision.value == CURVATURE.subs(dict(decision.witness)) < 0


@pytest.mark.parametrize("seed", range(60))
def test_random_polynomials_agree_with_dense_sampling(seed):
    rng = Random(seed)
    expr = sum(rng.randint(-4, 4) * A**i * Z**j for i in range(3) for j in range(3) if i + j < 4)
    if seed % 2:
        expr = sp.expand(expr**2 + sp.Rational(rng.randint(-3, 3), 10**4))
    places = {A: UNIT_CLOSED, Z: REALS if seed % 3 else NONNEGATIVE}
    decision = checked(nonnegative(sp.S(expr), places), sp.S(expr), places)
    least = probed(sp.S(expr), places)
    assert (decision.outcome == PROVED) <= (least > -1e-9)
    assert (decision.outcome == REFUTED) >= (least < -1e-6)


@pytest.mark.parametrize("seed", range(40))
def test_random_mixtures_agree_with_dense_sampling(seed):
    rng = Random(1000 + seed)
    parts = (sp.exp(Z), sp.exp(-Z), softplus(Z), cdf(Z), pdf(Z), Z, Z**2, sp.atan(Z), tanh(Z), sp.S.One)
    expr = sum(rng.randint(-2, 5) * rng.choice(parts) for _ in range(4))
    places = {Z: REALS}
    decision = checked(nonnegative(expr, places), sp.S(expr), places)
    least = probed(sp.S(expr), places)
    assert (decision.outcome == PROVED) <= (least > -1e-9), (expr, decision)
    assert (decision.outcome == REFUTED) <= (least < 1e-6), (expr, decision)


@pytest.mark.parametrize(
    "expr, places, strict",
    (
        (Z**2, {Z: REALS}, False),
        (Z**2, {Z: POSITIVE}, True),
        (Z, {Z: NONNEGATIVE}, False),
        (Z, {Z: POSITIVE}, True),
        (Z**2 + Z, {Z: NONNEGATIVE}, False),
        (Z * sp.exp(Z) * (1 - A), {Z: NONNEGATIVE, A: UNIT_OPEN}, False),
        (1 - Y, {Y: UNIT_CLOSED}, False),
        (1 - Y, {Y: Interval(lo=sp.S.Zero, hi=sp.S.One, closed_lo=True)}, True),
        (A * (1 - A), {A: UNIT_OPEN}, True),
        (sp.exp(Z) - 1 - Z, {Z: REALS}, False),
        (sp.exp(Z) - 1 - Z, {Z: POSITIVE}, True),
        (Z * cdf(Z) + pdf(Z), {Z: REALS}, True),
        ((A - Y) ** 2, SQUARE, False),
        (sp.exp(Z) - Z**3 * sp.exp(3) / 27, {Z: REALS}, False),
        (2 - Y * sp.exp(-(Z**2)), {Y: UNIT_CLOSED, Z: REALS}, True),
    ),
    ids=str,
)
def test_strictly_is_told_from_touching(expr, places, strict):
    assert nonnegative(expr, places).outcome == PROVED
    assert (nonnegative(expr, places, strictly=True).outcome == PROVED) == strict


def test_a_pole_inside_is_no_place_to_integrate_over():
    """−1/z − 1 rises on both sides of 0 and is 0 at −1, but negative right of 0."""
    place = Interval(lo=-sp.S.One, closed_lo=True)
    assert nonnegative(-1 / Z - 1, {Z: place}).outcome == REFUTED
    assert nonnegative(sp.log(Z**2) + sp.Integer(5), {Z: REALS}).outcome != PROVED


def test_letters_have_names_of_their_own():
    with pytest.raises(ValueError, match="names of their own"):
        nonnegative(Z, {Z: REALS, sp.Symbol("z", positive=True): POSITIVE})
    with pytest.raises(ValueError, match="no place"):
        nonnegative(Z * Y, {Z: REALS})


X = sp.Symbol("x", positive=True)


@pytest.mark.parametrize(
    "expr, sign",
    (
        (sp.log(1 + sp.exp(-X)) - sp.exp(-X), -1),
        (sp.log(1 + sp.exp(-X)) - sp.exp(-X) + sp.exp(-2 * X) / 2, 1),
        (pdf(X) - X * cdf(-X), 1),
        (pdf(X) - X * cdf(-X) - pdf(X) / X**2, -1),
        (sp.atan(X) - sp.pi / 2 + 1 / X, 1),
        (sp.exp(1 / X) - 1 - 1 / X, 1),
        (1 / (1 + sp.exp(-X)) - 1 + sp.exp(-X), 1),
    ),
    ids=str,
)
def test_signs_far_out_hold_where_they_are_said_to(expr, sign):
    found = far_sign(expr, X)
    assert found is not None and found.sign == sign
    for at in (found.start, found.start + sp.Rational(1, 3), 2 * found.start, 5 * found.start):
        assert sign_of(expr.subs(X, sp.S(at))) == sign


def every_pair():
    """(name, ∂²L/∂z², places) of a sample of the elementwise pairs."""
    found = [catalogue.pair(*names) for names in catalogue.legal_pairs()]
    for pair in cover([p for p in found if p.kind == ELEMENTWISE]):
        act, los = pair.activation, pair.loss
        slopes = [raw_loss_slope(los, n).subs(A, act.expr) for n in (1, 2)]
        curvature = slopes[1] * raw_output_slope(act, 1) ** 2 + slopes[0] * raw_output_slope(act, 2)
        own = {p.symbol: p.domain for p in (*act.parameters, *los.parameters)}
        yield f"{act.name}+{los.name}", curvature, {Z: act.domain, Y: los.target, **own}


# Roots as they are differentiated, and kinks of both entries.
OPEN = {f"{name}+pseudo_huber" for name in ("identity", "threshold", "soft_shrink", "hard_shrink")}
OPEN |= {"soft_shrink+smooth_l1", "logit+modified_huber", "inverse_root+perceptron"}


def test_the_curvature_of_every_pair_is_decided():
    """Each verdict is held against floats at random points, or its witness against the formula itself."""
    for name, curvature, places in every_pair():
        decision = nonnegative(curvature, places)
        assert decision.outcome != UNDECIDED or name in OPEN, (name, decision)
        if decision.outcome == UNDECIDED:
            continue
        if decision.outcome == PROVED:
            inside = {s: p for s, p in places.items() if curvature.has(s)}
            assert probed(curvature, inside) > -1e-9, name
        else:
            value = float(sp.N(plain(curvature).subs(dict(decision.witness)), 30))
            assert value < 0, name


def test_without_the_solver_it_is_named(monkeypatch):
    def missing():
        raise arithmetic.BadInput("inequalities need z3: pip install 'derive-gradients[proofs]'")

    monkeypatch.setattr(arithmetic, "z3", missing)
    arithmetic.context.cache_clear()
    with pytest.raises(arithmetic.BadInput, match="proofs"):
        nonnegative(Z**2 - Z * A + A**2, {Z: REALS, A: REALS})
