"""A function by its pieces: intervals of z that cover its domain, each with a formula without cases."""

from dataclasses import dataclass
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
    whole = expr.replace(lambda e: isinstance(e, SIDED), lambda e: e.rewrite(sp.Piecewise))
    inner = [end for end in _ends(whole) if _between(domain.lo, end, domain.hi)]
    marks = [domain.lo, *inner, domain.hi]
    return tuple(_merged([_piece(whole, low, high) for low, high in pairwise(marks)]))


def _between(low: sp.Expr, value: sp.Expr, high: sp.Expr) -> bool:
    return bool((value - low).is_extended_positive and (high - value).is_extended_positive)


def _ends(expr: sp.Expr) -> list[sp.Expr]:
    """The numbers at which a condition changes."""
    found = set()
    for condition in {r for p in expr.atoms(sp.Piecewise) for r in p.atoms(Relational)}:
        difference = sp.expand(condition.lhs - condition.rhs)
        slope = difference.diff(Z)
        if not (slope.is_number and slope != 0 and difference.free_symbols == {Z}):
            raise TypeError(f"the condition {condition} is not linear in z alone")
        found.add(-difference.subs(Z, 0) / slope)
    return sorted(found)


def _piece(expr: sp.Expr, low: sp.Expr, high: sp.Expr) -> Piece:
    inside = Piece(low=low, high=high, expr=expr).inner
    known = {r: r.subs(Z, inside) for p in expr.atoms(sp.Piecewise) for r in p.atoms(Relational)}
    return Piece(low=low, high=high, expr=expr.xreplace(known))


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
