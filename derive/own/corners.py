"""A loss made of a − y alone in pieces, with its slopes at corners as the convention has them.

Of two neighbours the one holds at the end between them whose slopes are those of least size, as long as one
of them has both; else the end is a case of its own, a parabola with these slopes there.
"""

from collections.abc import Mapping

import sympy as sp

from derive.model import A, Parameter, Set, Unproved, Y, Z
from derive.own.facts import positive
from derive.proof.split import Pieces, pieces

Places = Mapping[sp.Symbol, Set]
Rows = list[tuple[sp.Expr, sp.Basic]]


def by_corners(expr: sp.Expr, parameters: tuple[Parameter, ...]) -> sp.Expr | None:
    """The loss by pieces of a − y; None where it is not made of that alone, or a slope is not known."""
    written = expr.subs(A, Z + Y)
    if written.has(Y) or written.has(sp.Abs, sp.sign):
        return None
    try:
        found = pieces(written, parameters)
    except Unproved:
        return None
    places = {p.symbol: p.domain for p in parameters}
    rows: Rows = []
    for n in reversed(range(len(found.ends))):
        here = _at_end(found, n, places)
        if here is None:
            return None
        rows += here
    return sp.Piecewise(*rows, (found.branches[0], True)).subs(Z, A - Y)


def _at_end(found: Pieces, n: int, places: Places) -> Rows | None:
    """The piece right of an end, with the end where it holds there, and the end where neither piece does."""
    end, (left, right) = found.ends[n], found.branches[n : n + 2]
    sides = [[side.diff(Z, order).subs(Z, end) for order in range(3)] for side in (left, right)]
    if any(v.has(sp.nan, sp.zoo, sp.oo) for side in sides for v in side):
        return None
    value = found.values[n]
    own = [side for side in sides if _same(side[0], value)]
    if not own:
        return None
    if len(own) == 1:  # it jumps: the slopes are those of the piece that has the value
        wanted = own[0]
    else:
        first, second = (_least(sides[0][order], sides[1][order], order, places) for order in (1, 2))
        if first is None or second is None:
            return None
        wanted = [value, first, second]
    for side, rows in ((sides[0], [(right, end < Z)]), (sides[1], [(right, end <= Z)])):
        if all(_same(one, other) for one, other in zip(side, wanted, strict=True)):
            return rows
    parabola = wanted[0] + wanted[1] * (Z - end) + wanted[2] * (Z - end) ** 2 / 2
    return [(right, end < Z), (parabola, sp.Eq(Z, end))]


def _least(left: sp.Expr, right: sp.Expr, order: int, places: Places) -> sp.Expr | None:
    """The smaller of two one-sided derivatives, by the convention; None where it is not known."""
    product, gap = sp.expand(left * right), sp.expand(right**2 - left**2)
    if _same(left, right) or left == 0:
        return left
    if right == 0:
        return right
    if positive(-product, places):
        if order == 1 or gap == 0:
            return sp.S.Zero
    elif not positive(product, places):
        return None
    if positive(gap, places, strictly=False):
        return left
    if positive(-gap, places, strictly=False):
        return right
    return sp.Piecewise((left, gap >= 0), (right, True)) if order == 1 else None


def _same(one: sp.Expr, other: sp.Expr) -> bool:
    return bool(one == other or sp.simplify(one - other) == 0)
