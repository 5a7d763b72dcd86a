"""A function by its pieces: intervals of z that cover its domain, each with a formula without cases."""

from dataclasses import dataclass
from itertools import pairwise

import sympy as sp

from derive.model import REALS, Interval, Parameter, Set, Unproved, Z
from derive.proof import split
from derive.proof.ends import all_settings, certain, sign_at


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


def pieces(expr: sp.Expr, domain: Set = REALS, parameters: tuple[Parameter, ...] = ()) -> tuple[Piece, ...]:
    """The pieces from left to right; TypeError where the ends or their order are not found exactly."""
    if not isinstance(domain, Interval):
        raise TypeError(f"no pieces over {domain}")
    try:
        found = split.pieces(expr, parameters, domain)
    except Unproved as error:
        raise TypeError(str(error)) from error
    if not certain(found.ends, parameters, domain):
        raise TypeError(f"the order of {', '.join(map(str, found.ends))} depends on the parameters")
    marks = pairwise([domain.lo, *found.ends, domain.hi])
    cut = [Piece(low=low, high=high, expr=e) for (low, high), e in zip(marks, found.branches, strict=True)]
    return tuple(_merged(cut))


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
    """One expression of the pieces, the rightmost first; an end is of the piece with the value of `whole`."""
    if len(found) == 1:
        return found[0].expr
    rows = [
        (piece.expr, piece.low <= Z if whole is not None and _owns(piece, whole) else piece.low < Z)
        for piece in reversed(found[1:])
    ]
    return sp.Piecewise(*rows, (found[0].expr, True))


def _owns(piece: Piece, whole: sp.Expr) -> bool:
    """Whether the lower end of a piece has the piece's value."""
    gap = (split.in_cell(whole, split.point(piece.low, (whole,))) - piece.expr).subs(Z, piece.low)
    return not any(sign_at(gap, values) for values in all_settings((), (gap,)))


def jumps(left: Piece, right: Piece, parameters: tuple[Parameter, ...] = ()) -> bool:
    """Whether the function jumps between two neighbours."""
    gap = (right.expr - left.expr).subs(Z, right.low)
    return any(sign_at(gap, values) for values in all_settings(parameters, (gap,)))
