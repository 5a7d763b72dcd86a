"""The cases of piecewise functions: every combination of signs that conditions can have, none left out.

Each condition compares an expression with 0; expressions whose ratio has a manifest sign are one.
Conditions on z alone are decided exactly, on each interval between their boundaries and at each boundary.
All other expressions are taken negative, zero and positive in turn, whether or not that occurs: more is
proved than needed, never less.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import sympy as sp
from sympy.core.relational import Relational

from derive.heads import plain
from derive.model import Z
from derive.proof.normal import manifest_sign

Sides = tuple[sp.Expr, sp.Expr]
SIGNS = {"StrictLessThan": (-1,), "LessThan": (-1, 0), "Equality": (0,), "Unequality": (-1, 1)}
SIGNS |= {"StrictGreaterThan": (1,), "GreaterThan": (0, 1)}
CASES = (sp.Piecewise, sp.Min, sp.Max)


@dataclass(frozen=True, kw_only=True)
class Case:
    """Both sides where no case is left, z in an interval (or at a point), other expressions of known sign."""

    left: sp.Expr
    right: sp.Expr
    low: sp.Expr = -sp.oo
    high: sp.Expr = sp.oo
    signs: tuple[tuple[sp.Expr, int], ...] = ()


def cases(left: sp.Expr, right: sp.Expr, *, at_points: bool) -> Iterator[Case]:
    """Every case of two sides; those in which an expression is exactly 0 only where wanted."""
    if not (left.has(*CASES) or right.has(*CASES)):
        yield Case(left=left, right=right)
        return
    sides = tuple(plain(s).replace(lambda e: isinstance(e, sp.Min | sp.Max), _spread) for s in (left, right))
    ends = _boundaries(sides)
    for low, high in _cells(ends):
        if low == high and not at_points:
            continue
        here = tuple(_in_cell(s, low, high) for s in sides)
        yield from _by_sign(Case(left=here[0], right=here[1], low=low, high=high), at_points)


def _spread(expr: sp.Expr) -> sp.Expr:
    return expr.rewrite(sp.Piecewise)


def _relations(sides: Sides) -> list[Relational]:
    return sorted({r for s in sides for pw in s.atoms(sp.Piecewise) for r in pw.atoms(Relational)}, key=str)


def _boundaries(sides: Sides) -> list[sp.Expr]:
    """The numbers at which conditions that are linear in z alone change."""
    found = set()
    for r in _relations(sides):
        difference = r.lhs - r.rhs
        if difference.free_symbols == {Z} and difference.is_polynomial(Z) and sp.degree(difference, Z) == 1:
            found.add(sp.solve(difference, Z)[0])
    return sorted(found)


def _cells(ends: list[sp.Expr]) -> Iterator[tuple[sp.Expr, sp.Expr]]:
    """Open intervals (low, high) between the ends, and the ends themselves as (end, end)."""
    marks = [-sp.oo, *ends, sp.oo]
    for low, high in pairwise(marks):
        yield low, high
        if high is not sp.oo:
            yield high, high


def inside(low: sp.Expr, high: sp.Expr) -> sp.Expr:
    """A rational number of an interval."""
    if low == high:
        return low
    if low == -sp.oo:
        return sp.S.Zero if high == sp.oo else high - 1
    return low + 1 if high == sp.oo else (low + high) / 2


def _in_cell(side: sp.Expr, low: sp.Expr, high: sp.Expr) -> sp.Expr:
    """A side with the conditions on z alone decided; at a point, with z there."""
    point = inside(low, high)
    known = {
        r: r.subs(Z, point)
        for r in _relations((side, side))
        if (r.lhs - r.rhs).free_symbols == {Z} and (r.lhs - r.rhs).is_polynomial(Z)
    }
    side = side.xreplace(known)
    return side.subs(Z, point) if low == high else side


def _by_sign(case: Case, at_points: bool) -> Iterator[Case]:
    """The case split by the sign of the first expression that a condition still asks for."""
    open_relations = _relations((case.left, case.right))
    if not open_relations:
        yield case
        return
    pivot = open_relations[0].lhs - open_relations[0].rhs
    turned = {r: _turn(r.lhs - r.rhs, pivot) for r in open_relations}
    for sign in _possible(pivot):
        if sign == 0 and not at_points:
            continue
        known = {
            r: sp.true if sign * turn in SIGNS[type(r).__name__] else sp.false
            for r, turn in turned.items()
            if turn
        }
        yield from _by_sign(
            Case(
                left=case.left.xreplace(known),
                right=case.right.xreplace(known),
                low=case.low,
                high=case.high,
                signs=(*case.signs, (pivot, sign)),
            ),
            at_points,
        )


def _possible(pivot: sp.Expr) -> tuple[int, ...]:
    try:
        sign = manifest_sign(pivot)
    except TypeError:
        sign = None
    return (-1, 0, 1) if sign is None else (sign,)


def _turn(difference: sp.Expr, pivot: sp.Expr) -> int:
    """1 where a difference has the pivot's sign, −1 where it has the opposite, 0 where neither is known."""
    if difference == pivot:
        return 1
    try:
        return manifest_sign(difference / pivot) or 0
    except TypeError:  # no normal form: it stays a condition of its own
        return 0
