"""A function by its pieces: intervals of z that cover its domain, each with a formula without cases."""

from dataclasses import dataclass, replace
from itertools import pairwise

import sympy as sp
from sympy.core.relational import Relational

from derive.model import REALS, Interval, Set, Z

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
        """A rational number inside."""
        if self.low == -sp.oo:
            return sp.S.Zero if self.high == sp.oo else sp.floor(self.high) - 1
        return sp.floor(self.low) + 1 if self.high == sp.oo else (self.low + self.high) / 2


def pieces(expr: sp.Expr, domain: Set = REALS) -> tuple[Piece, ...]:
    """The pieces from left to right; TypeError where a condition is not linear in z alone."""
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
        known[e] = written.xreplace({r: r.subs(Z, cell.inner) for r in written.atoms(Relational)})
    return replace(cell, expr=cell.expr.xreplace(known))


def _between(low: sp.Expr, value: sp.Expr, high: sp.Expr) -> bool:
    return bool((value - low).is_extended_positive and (high - value).is_extended_positive)


def _ends(relations: dict[sp.Basic, tuple[Relational, ...]]) -> list[sp.Expr]:
    """The numbers at which a condition changes."""
    found = set()
    for condition in {r for rows in relations.values() for r in rows}:
        difference = sp.expand(condition.lhs - condition.rhs)
        slope = difference.diff(Z)
        if not (slope.is_number and slope != 0 and difference.free_symbols == {Z}):
            raise TypeError(f"the condition {condition} is not linear in z alone")
        found.add(-difference.subs(Z, 0) / slope)
    return sorted(found)


def _merged(found: list[Piece]) -> list[Piece]:
    """The pieces, neighbours of one formula as one."""
    done: list[Piece] = []
    for piece in found:
        if done and done[-1].expr == piece.expr:
            done[-1] = Piece(low=done[-1].low, high=piece.high, expr=piece.expr)
        else:
            done.append(piece)
    return done


def joined(found: tuple[Piece, ...]) -> sp.Expr:
    """One expression of the pieces, the rightmost first."""
    if len(found) == 1:
        return found[0].expr
    rows = [(piece.expr, piece.low < Z) for piece in reversed(found[1:])]
    return sp.Piecewise(*rows, (found[0].expr, True))
