"""Limits and leading terms: known ones, against balls far out, and against SymPy where that is easy."""

import pytest
import sympy as sp
from flint import arb

from derive import catalogue
from derive.balls import Unreachable, certified, compile_ball
from derive.derivation.slopes import raw_loss_slope, raw_output_slope
from derive.model import ELEMENTWISE, REALS, A, Y, Z
from derive.proof.limits import leading, limit

DIGITS = 40  # bits of a ratio that are looked at
BETA, SLOPE = sp.Symbol("beta", positive=True), sp.Symbol("s", nonnegative=True)
SIGMOID = 1 / (1 + sp.exp(-Z))
ENDS = (-sp.oo, sp.oo)

KNOWN = (
    (SIGMOID, -sp.oo, 0, sp.exp(Z)),
    (SIGMOID - 1, sp.oo, 0, -sp.exp(-Z)),
    ((SIGMOID - 1) * SIGMOID * (1 - SIGMOID), -sp.oo, 0, -sp.exp(Z)),
    (SIGMOID - 1, -sp.oo, -1, -1),
    (Z / (1 + sp.exp(-BETA * Z)), -sp.oo, 0, Z * sp.exp(BETA * Z)),
    (sp.log(1 + sp.exp(Z)) - Z, sp.oo, 0, sp.exp(-Z)),
    (1 - sp.exp(-sp.exp(Z)), -sp.oo, 0, sp.exp(Z)),
    (sp.exp(-sp.exp(Z)) * sp.exp(Z), sp.oo, 0, sp.exp(Z - sp.exp(Z))),
    (1 - sp.erf(Z), sp.oo, 0, sp.exp(-(Z**2)) / (Z * sp.sqrt(sp.pi))),
    (sp.atan(Z) - sp.pi / 2, sp.oo, 0, -1 / Z),
    (sp.log(Z + sp.sqrt(Z**2 + 1)), sp.oo, sp.oo, sp.log(Z)),
    (sp.tanh(Z) ** 2 + 1 / sp.cosh(Z) ** 2 - 1, sp.oo, 0, 0),
    (sp.Piecewise((Z, Z > 0), (SLOPE * Z, True)).diff(Z), -sp.oo, SLOPE, None),
    (sp.Piecewise((Z, sp.Abs(Z) < 1), (sp.sign(Z), True)), -sp.oo, -1, -1),
    (1 / Z - 1 / sp.sin(Z), (sp.S.Zero, 1), 0, -Z / 6),
    (sp.sin(Z), sp.oo, None, None),
    (Z * (sp.Symbol("y", real=True) - 1), sp.oo, None, None),
)  # fmt: skip
EASY = (
    SIGMOID,
    Z * SIGMOID,
    sp.log(1 + sp.exp(Z)) - Z,
    sp.exp(Z) / (sp.exp(Z) + 2),
    (Z**2 + 1) / (2 * Z**2 - Z),
    sp.atan(Z),
)


@pytest.mark.parametrize(("expr", "end", "tends", "like"), KNOWN, ids=lambda case: str(case)[:30])
def test_known_limits(expr, end, tends, like):
    assert limit(expr, Z, end) == tends
    found = leading(expr, Z, end)
    assert found is None if like is None else sp.simplify(found - like) == 0


@pytest.mark.parametrize("expr", EASY, ids=str)
@pytest.mark.parametrize("end", ENDS)
def test_sympy_agrees(expr, end):
    assert limit(expr, Z, end) == sp.limit(expr, Z, end)


def rows():
    """Every activation on the whole line, and its gradients under three losses, as (name, formula of z)."""
    for act in catalogue.ACTIVATIONS:
        if act.kind != ELEMENTWISE or act.domain != REALS:
            continue
        values = {p.symbol: p.default for p in act.parameters}
        f, slope = act.expr.subs(values), raw_output_slope(act, 1).subs(values)
        yield act.name, f, slope
        for name in ("bce", "half_squared_error", "poisson"):
            los = catalogue.loss(name)
            if catalogue.fits(act, los):
                yield f"{act.name}+{name}", f, raw_loss_slope(los, 1).subs(Y, 1) * slope


ROWS = tuple(rows())


@pytest.mark.parametrize(("f", "formula"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
@pytest.mark.parametrize("end", ENDS)
def test_the_leading_term_is_near_far_out(f, formula, end):
    like = leading(formula, Z, end, {A: f})
    assert (like is None) == f.has(sp.sin)  # it oscillates
    if like is None:
        return
    errors = [distance(formula.subs(A, f), like, side * sign(end)) for side in (5, 50, 500, 5000)]
    errors = [e for e in errors if e is not None]
    assert errors and errors[-1] < 0.05
    assert errors == sorted(errors, reverse=True)


def test_a_wrong_leading_term_is_far():
    assert distance(SIGMOID, 2 * sp.exp(Z), -50) > 0.4
    assert distance(SIGMOID, sp.exp(Z) * Z, -50) > 0.4


def sign(end):
    """−1 or 1."""
    return 1 if end == sp.oo else -1


def distance(formula, like, z):
    """|f/(c·m) − 1| in balls; 0 where both are 0, None where no ball reaches."""
    try:
        one, other = (certified(compile_ball(e), {Z: arb(z)}, Z, 0)[0] for e in (formula, like))
    except Unreachable:
        return None
    if one.is_zero() and other.is_zero():
        return 0.0
    if min(one.rel_accuracy_bits(), other.rel_accuracy_bits()) < DIGITS:
        return None  # settled as too near to 0 for any float
    return max(float(abs(one / other - 1).upper()), 2.0**-DIGITS)
