"""A function by its pieces: intervals of z that cover its domain, each with a formula without cases."""

from dataclasses import dataclass, replace
from functools import cmp_to_key
from itertools import pairwise

import sympy as sp
from sympy.core.relational import Relational

from derive.balls import Unreachable
from derive.expression import sign_of
from derive.model import REALS, Interval, Set, Z
from derive.proof.zeros import zeros

SIDED = (sp.Abs, sp.sign, sp.Max, sp.Min, sp.Heaviside)


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A formula between two ends."""

    low: sp.Expr
    high: sp.Expr
    expr: sp.Expr

    @property
    def domain(self) -> Interval:
        """Its interval, open."""
        return Interval(lo=self.low, hi=self.high)

    @property
    def inner(self) -> sp.Expr:
        """A number inside, rational where the ends are."""
        if self.low == -sp.oo:
            return sp.S.Zero if self.high == sp.oo else _whole(self.high, sp.floor) - 1
        return _whole(self.low, sp.floor) + 1 if self.high == sp.oo else (self.low + self.high) / 2


def _whole(end: sp.Expr, rounded: type[sp.floor]) -> sp.Expr:
    return end if end.free_symbols else rounded(end)


def pieces(expr: sp.Expr, domain: Set = REALS) -> tuple[Piece, ...]:
    """The pieces from left to right; TypeError where the zeros of a condition are not found, or their order."""
    if not isinstance(domain, Interval):
        raise TypeError(f"no pieces over {domain}")
    return tuple(_merged(_cut(Piece(low=domain.lo, high=domain.hi, expr=expr))))


def _cut(piece: Piece) -> list[Piece]:
    """The pieces of a piece: cut where an innermost condition changes, until no condition is left."""
    relations = _relations(piece.expr)
    if not relations:
        return [piece]
    inner = [end for end in _ends(relations) if _between(piece.low, end, piece.high)]
    cells = [replace(piece, low=low, high=high) for low, high in pairwise([piece.low, *inner, piece.high])]
    return [part for cell in cells for part in _cut(_decided(cell, relations))]


def _relations(expr: sp.Expr) -> dict[sp.Basic, tuple[Relational, ...]]:
    """The innermost functions with cases, each with its conditions."""
    sided = expr.atoms(sp.Piecewise, *SIDED)
    inmost = [e for e in sided if not any(a.atoms(*SIDED, sp.Piecewise) for a in e.args)]
    written = {e: e if isinstance(e, sp.Piecewise) else e.rewrite(sp.Piecewise) for e in inmost}
    return {e: tuple(sorted(w.atoms(Relational), key=str)) for e, w in written.items()}


def _decided(cell: Piece, relations: dict[sp.Basic, tuple[Relational, ...]]) -> Piece:
    """The piece with the innermost cases decided by a point inside."""
    known = {}
    for e in relations:
        written = e if isinstance(e, sp.Piecewise) else e.rewrite(sp.Piecewise)
        known[e] = written.xreplace({r: _holds(r, cell.inner) for r in written.atoms(Relational)})
    return replace(cell, expr=cell.expr.xreplace(known))


def _holds(relation: Relational, point: sp.Expr) -> sp.Basic:
    """Whether a condition is true at a point."""
    difference = (relation.lhs - relation.rhs).subs(Z, point)
    return sp.true if relation.func(_sign(difference), 0) == sp.true else sp.false


def _sign(number: sp.Expr) -> int:
    """The sign of a number, or of an expression in parameters; TypeError where it is not known."""
    if number.is_infinite:
        return 1 if number.is_extended_positive else -1
    if not number.free_symbols:
        try:
            found = sign_of(number)
        except Unreachable:
            found = None
        if found is not None:
            return found
    number = sp.factor(number)
    for sign, holds in ((1, number.is_positive), (-1, number.is_negative), (0, number.is_zero)):
        if holds:
            return sign
    raise TypeError(f"the sign of {number} is not known")


def _between(low: sp.Expr, value: sp.Expr, high: sp.Expr) -> bool:
    return _sign(value - low) > 0 and _sign(high - value) > 0


def _ends(relations: dict[sp.Basic, tuple[Relational, ...]]) -> list[sp.Expr]:
    """The numbers at which a condition changes."""
    found: set[sp.Expr] = set()
    for condition in {r for rows in relations.values() for r in rows}:
        if not condition.has(Z):
            raise TypeError(f"the condition {condition} does not depend on z")
        here = zeros(sp.expand(condition.lhs - condition.rhs), Z)
        if here is None:
            raise TypeError(f"it is not found where the condition {condition} changes")
        found.update(here)
    return sorted(found, key=cmp_to_key(lambda one, other: _sign(one - other)))


def _merged(found: list[Piece]) -> list[Piece]:
    """The pieces, neighbours of one formula as one."""
    done: list[Piece] = []
    for piece in found:
        if done and done[-1].expr == piece.expr:
            done[-1] = Piece(low=done[-1].low, high=piece.high, expr=piece.expr)
        else:
            done.append(piece)
    return done


def joined(found: tuple[Piece, ...], whole: sp.Expr | None = None) -> sp.Expr:
    """One expression of the pieces, the rightmost first.

    Where `whole` is given, an end belongs to the piece that has its value there; where both have it, to the
    one whose slope is smaller in size.
    """
    if len(found) == 1:
        return found[0].expr
    pairs = list(pairwise(found))
    rows = [
        (right.expr, right.low <= Z if whole is not None and _owns(left, right, whole) else right.low < Z)
        for left, right in reversed(pairs)
    ]
    return sp.Piecewise(*rows, (found[0].expr, True))


def jumps(left: Piece, right: Piece) -> bool:
    """Whether the function jumps between two neighbours; TypeError where that is not known."""
    return _sign((right.expr - left.expr).subs(Z, right.low)) != 0


def _owns(left: Piece, right: Piece, whole: sp.Expr) -> bool:
    """Whether the end between two pieces belongs to the right one."""
    try:
        if jumps(left, right):
            return _sign(whole.subs(Z, right.low) - right.expr.subs(Z, right.low)) == 0
        slopes = [abs(piece.expr.diff(Z).subs(Z, right.low)) for piece in (left, right)]
        return _sign(slopes[0] - slopes[1]) > 0
    except TypeError:
        return False
