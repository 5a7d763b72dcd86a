"""The factor a′(z)/V(a) between ∂L/∂z and a − y, and whether it is a constant."""

from dataclasses import dataclass
from functools import lru_cache

import sympy as sp

from derive.claims.places import exact, nonzero, points_of, same
from derive.derivation.slopes import output_slope
from derive.model import A, Activation, Parameter, Z
from derive.rules.reader import facing_up


@dataclass(frozen=True, kw_only=True)
class Factor:
    """a′(z)/V(a) in a and z; its `constant` value, or two `points` of z at which it has two `values`."""

    slope: sp.Expr
    inserted: sp.Expr
    value: sp.Expr
    constant: sp.Expr | None = None
    points: tuple[sp.Expr, ...] = ()
    values: tuple[sp.Expr, ...] = ()


@lru_cache(maxsize=256)
def factor(act: Activation, variance: sp.Expr, parameters: tuple[Parameter, ...]) -> Factor:
    """The factor of an activation before a loss with this V(a); `parameters` are those of both."""
    slope = output_slope(act, 1)
    inserted = sp.Mul(slope, 1 / variance, evaluate=slope.has(sp.Piecewise))
    value = _shorter(slope / variance)
    inside = value.subs(A, act.expr)
    fixed = inside.subs({p.symbol: p.default for p in parameters})
    tried = tuple(z for z in points_of(act.domain) if z not in act.kinks)
    points = _two_points(fixed, tried) if inside.has(Z) else ()
    return Factor(
        slope=slope,
        inserted=sp.piecewise_fold(inserted) if inserted.has(sp.Piecewise) else inserted,
        value=value,
        constant=None if points else _constant(inside, act, parameters),
        points=points,
        values=tuple(exact(fixed, {Z: z}) for z in points),
    )


def _shorter(expr: sp.Expr) -> sp.Expr:
    """The quotient as it is, in lowest terms, or factored, whichever is shortest."""
    if expr.has(sp.Piecewise):
        return sp.piecewise_fold(expr)
    lowest = sp.cancel(expr)
    return facing_up(min(expr, lowest, sp.factor(lowest), key=sp.count_ops))


def _constant(inside: sp.Expr, act: Activation, parameters: tuple[Parameter, ...]) -> sp.Expr | None:
    """The number that the factor is for all z, by normal form; None where it is not proved to be one."""
    tried = exact(inside, {Z: points_of(act.domain)[0]})
    return tried if tried.is_finite and same(inside, tried, act.domain, parameters=parameters) else None


def _two_points(fixed: sp.Expr, tried: tuple[sp.Rational, ...]) -> tuple[sp.Expr, ...]:
    """Two points at which the factor has certainly different values; none where none were found."""
    first, *others = tried
    for z in others:
        if nonzero(fixed - fixed.subs(Z, first), {Z: z}):
            return first, z
    return ()
