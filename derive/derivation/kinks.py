"""Slopes of piecewise functions, with a value at every kink.

The convention: a first derivative takes the one-sided limit of smaller magnitude, 0 where the signs
differ (the element of least norm of the subdifferential); a second derivative takes the one-sided
limit of smaller magnitude, and its Dirac part is dropped.
"""

from dataclasses import dataclass
from functools import cache
from itertools import product

import sympy as sp
from sympy.core.relational import Relational

from derive.model import Parameter, Z

_NEAR = sp.Rational(1, 10**6)  # nearer to a kink than any other boundary
# Values of a parameter that show which one-sided limit is the smaller one.
_TRIED = tuple(map(sp.Rational, ("1e-6", "1/8", "7/8", "9/8", "80", "1e6")))


@dataclass(frozen=True, kw_only=True)
class Kink:
    """A point where the derivative of that order has two one-sided limits, and the value it is given."""

    at: sp.Expr
    order: int
    left: sp.Expr
    right: sp.Expr
    value: sp.Expr


def boundaries(expr: sp.Expr) -> tuple[sp.Expr, ...]:
    """The points of z where the cases of `expr` meet."""
    relations = {r for pw in expr.atoms(sp.Piecewise) for r in pw.atoms(Relational) if r.has(Z)}
    return tuple(sorted({root for r in relations for root in sp.solve(r.lhs - r.rhs, Z)}, key=float))


@cache
def slope(
    expr: sp.Expr, order: int, parameters: tuple[Parameter, ...] = ()
) -> tuple[sp.Expr, tuple[Kink, ...]]:
    """The derivative of that order in z, and its kinks."""
    smooth = expr.diff(Z, order) if not expr.has(sp.Piecewise) else _branchwise(expr, order)
    kinks = []
    for at in boundaries(expr):
        left, right = (_branch(smooth, at + side).subs(Z, at) for side in (-_NEAR, _NEAR))
        if left == right:
            continue
        value = chosen(left, right, order, parameters)
        kinks.append(Kink(at=at, order=order, left=left, right=right, value=value))
        smooth = _with_value(smooth, kinks[-1])
    return smooth, tuple(kinks)


def _branchwise(expr: sp.Piecewise, order: int) -> sp.Expr:
    return sp.Piecewise(*((e.diff(Z, order), c) for e, c in expr.args))


def _branch(expr: sp.Expr, point: sp.Expr) -> sp.Expr:
    """The expression that holds at a point."""
    if not isinstance(expr, sp.Piecewise):
        return expr
    return next(e for e, c in expr.args if c.subs(Z, point) == sp.true)


def chosen(left: sp.Expr, right: sp.Expr, order: int, parameters: tuple[Parameter, ...]) -> sp.Expr:
    """The value by convention between two one-sided limits, for every admissible parameter."""
    pairs = [(left.subs(trial), right.subs(trial)) for trial in _trials(parameters)]
    if order == 1 and any(a * b < 0 for a, b in pairs):
        return sp.S.Zero
    if all(abs(a) <= abs(b) for a, b in pairs):
        return left
    if all(abs(b) <= abs(a) for a, b in pairs):
        return right
    return sp.Min(left, right)


def _trials(parameters: tuple[Parameter, ...]) -> list[dict[sp.Symbol, sp.Expr]]:
    """Every combination of small, middling and large admissible values."""
    inside = [[(p.symbol, v) for v in _TRIED if p.domain.lo < v < p.domain.hi] for p in parameters]
    return [dict(values) for values in product(*inside)]


def _with_value(expr: sp.Expr, kink: Kink) -> sp.Expr:
    """`expr` taking the kink's value there, by a weak inequality where that will do."""
    if _branch(expr, kink.at).subs(Z, kink.at) == kink.value:
        return expr
    if kink.value == kink.right and expr.has(kink.at < Z):
        return expr.subs(kink.at < Z, kink.at <= Z)
    return sp.Piecewise(*with_kinks(list(expr.args), [(kink.value, sp.Eq(Z, kink.at))]))


def with_kinks(rows: list, kinks: list) -> list:
    """The rows of a Piecewise, with a row (value, z = kink) before the one that would hold there."""
    for value, where in kinks:
        holding = next(n for n, (_, c) in enumerate(rows) if c.subs(Z, where.rhs) == sp.true)
        rows = [*rows[:holding], (value, where), *rows[holding:]]
    return rows
