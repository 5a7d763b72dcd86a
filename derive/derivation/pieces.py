"""Arithmetic with cases: products and sums of piecewise functions, folded where the cases agree."""

from collections.abc import Callable

import sympy as sp

from derive.derivation.kinks import boundaries
from derive.model import Z

_NEAR = sp.Rational(1, 10**6)


def fold(combine: Callable[..., sp.Expr], *parts: sp.Expr) -> sp.Expr:
    """combine(*parts) by cases.

    Cases in z alone are split at their boundary, others must be of one and the same form; where both
    kinds occur, every case of the one is split by those of the other.
    """
    in_z = [p for p in parts if isinstance(p, sp.Piecewise) and _only_z(p)]
    others = [p for p in parts if isinstance(p, sp.Piecewise) and p not in in_z]
    if others and in_z:
        return _crossed(combine, parts, in_z, others)
    if in_z:
        return _over_z(combine, parts, in_z)
    if not others:
        return combine(*parts)
    return sp.Piecewise(*((combine(*_taken(parts, others, n)), c) for n, (_, c) in enumerate(others[0].args)))


def _only_z(expr: sp.Piecewise) -> bool:
    return all(c.free_symbols <= {Z} for _, c in expr.args)


def _taken(parts, cases: list, n: int) -> list[sp.Expr]:
    """The parts with those that have cases at their n-th."""
    return [p.args[n][0] if p in cases else p for p in parts]


def _crossed(combine, parts, in_z: list, others: list) -> sp.Expr:
    """All pairs of cases; the value that most of them have comes last, as what holds otherwise."""
    rows: list[tuple[sp.Expr, sp.Basic]] = []
    conditions = _disjoint([c for _, c in others[0].args])
    for n, inner in enumerate(conditions):
        by_z = _over_z(combine, _taken(parts, others, n), in_z)
        outer = by_z.args if isinstance(by_z, sp.Piecewise) else ((by_z, sp.true),)
        rows += [
            (value, sp.And(c, inner))
            for value, c in zip([v for v, _ in outer], _disjoint([c for _, c in outer]), strict=True)
        ]
    values = [value for value, _ in rows]
    last = max(reversed(values), key=values.count)
    return sp.Piecewise(*((v, c) for v, c in rows if v != last), (last, True))


def _disjoint(conditions: list) -> list[sp.Basic]:
    """The conditions of a list of cases, the last one written out."""
    *before, last = conditions
    return [*before, sp.And(*(sp.Not(c) for c in before)).simplify() if last == sp.true else last]


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
