"""The variance function of a loss: V(a) with ∂L/∂a = (a − y)/V(a), or why there is none."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, product

import sympy as sp

from derive.claims.places import exact, nonzero, points_of, same, settings
from derive.derivation.slopes import loss_slope
from derive.model import A, Loss, Y
from derive.rules.reader import facing_up


@dataclass(frozen=True, kw_only=True)
class Variance:
    """V(a); where there is none, an `a`, two `targets` and parameters `at` which ∂L/∂a is not as a − y."""

    slope: sp.Expr
    value: sp.Expr | None = None
    a: sp.Expr | None = None
    targets: tuple[sp.Expr, ...] = ()
    slopes: tuple[sp.Expr, ...] = ()
    at: tuple[tuple[sp.Symbol, sp.Expr], ...] = ()


@lru_cache(maxsize=256)
def variance(los: Loss) -> Variance:
    """What V(a) is: (a − y)/(∂L/∂a), where that is free of y."""
    slope = loss_slope(los, 1)
    for y in points_of(los.target)[:2]:
        found = _at_target(slope, y)
        if found is not None and same(slope * found, A - Y, target=los.target, parameters=los.parameters):
            return Variance(slope=slope, value=found)
    return _varying(slope, los)


def _at_target(slope: sp.Expr, y: sp.Expr) -> sp.Expr | None:
    """(a − y)/(∂L/∂a) at one target."""
    below = slope.subs(Y, y)
    if below == 0 or below.has(sp.Piecewise):
        return None
    return facing_up(sp.factor(sp.cancel((A - y) / below)))


def _varying(slope: sp.Expr, los: Loss) -> Variance:
    """The first prediction and two targets at which the slopes are certainly not in the ratio of a − y."""
    for given in settings(los.parameters):
        fixed = slope.subs(given)
        for a, (one, other) in product(points_of(los.prediction), combinations(points_of(los.target), 2)):
            crossed = fixed.subs(Y, one) * (a - other) - fixed.subs(Y, other) * (a - one)
            if nonzero(crossed, {A: a}):
                slopes = tuple(exact(fixed, {A: a, Y: y}) for y in (one, other))
                at = tuple(given.items())
                return Variance(slope=slope, a=a, targets=(one, other), slopes=slopes, at=at)
    return Variance(slope=slope)
