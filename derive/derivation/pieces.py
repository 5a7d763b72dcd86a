"""Arithmetic with cases: products and sums of piecewise functions, folded where the cases agree."""

from collections.abc import Callable

import sympy as sp

from derive.derivation.kinks import boundaries
from derive.model import Z

_NEAR = sp.Rational(1, 10**6)


def fold(combine: Callable[..., sp.Expr], *parts: sp.Expr) -> sp.Expr | None:
    """combine(*parts) by cases, or None where the cases of different parts do not fit together.

    Cases in z alone are split at their boundaries; cases of one and the same form are taken together.
    """
    cases = [p for p in parts if isinstance(p, sp.Piecewise)]
    if not cases:
        return combine(*parts)
    conditions = {tuple(c for _, c in p.args) for p in cases}
    if all(c.free_symbols <= {Z} for p in cases for _, c in p.args):
        return _over_z(combine, parts, cases)
    if len(conditions) > 1:
        return None
    rows = [
        (combine(*(p.args[n][0] if p in cases else p for p in parts)), c)
        for n, (_, c) in enumerate(cases[0].args)
    ]
    return sp.Piecewise(*rows)


def _over_z(combine, parts, cases) -> sp.Expr:
    """The value right of, at and left of the one boundary, with neighbours that agree joined."""
    (at,) = {b for p in cases for b in boundaries(p)}
    right, middle, left = (
        combine(*(_branch(p, point) if p in cases else p for p in parts))
        for point in (at + _NEAR, at, at - _NEAR)
    )
    there = {Z: at}
    if middle == left or middle.subs(there) == left.subs(there):
        return sp.Piecewise((right, at < Z), (left, True))
    if middle == right or middle.subs(there) == right.subs(there):
        return sp.Piecewise((right, at <= Z), (left, True))
    return sp.Piecewise((right, at < Z), (middle, sp.Eq(Z, at)), (left, True))


def _branch(expr: sp.Piecewise, point: sp.Expr) -> sp.Expr:
    return next(e for e, c in expr.args if c.subs(Z, point) == sp.true)
