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
    """The conditions of a list of cases, each without those before it."""
    first, *others = conditions
    return [first, *(sp.And(c, *map(sp.Not, conditions[: n + 1])).simplify() for n, c in enumerate(others))]


def _over_z(combine, parts, cases) -> sp.Expr:
    """The values on the intervals between all boundaries and at these, neighbours that agree joined."""
    ends = sorted({b for p in cases for b in boundaries(p)})

    def at(point: sp.Expr) -> sp.Expr:
        return combine(*(_branch(p, point) if p in cases else p for p in parts))

    rows: list[tuple[sp.Expr, sp.Basic]] = []
    for end in reversed(ends):
        right, middle, left = at(end + _NEAR), at(end), at(end - _NEAR)
        if _alike_at(middle, left, end):
            rows.append((right, end < Z))
        elif _alike_at(middle, right, end):
            rows.append((right, end <= Z))
        else:
            rows += [(right, end < Z), (middle, sp.Eq(Z, end))]
    return sp.Piecewise(*rows, (at(ends[0] - _NEAR), True))


def _alike_at(one: sp.Expr, other: sp.Expr, end: sp.Expr) -> bool:
    return one == other or one.subs(Z, end) == other.subs(Z, end)


def _branch(expr: sp.Piecewise, point: sp.Expr) -> sp.Expr:
    return next(e for e, c in expr.args if c.subs(Z, point) == sp.true)
