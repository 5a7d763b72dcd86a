"""Limits of an expression in one letter at the ends of an interval."""

from dataclasses import dataclass

import sympy as sp

from derive.model import Interval
from derive.proof.limits import limit


@dataclass(frozen=True, kw_only=True)
class End:
    """An end of an interval, and the side from which the inside comes to it: 1 from above, −1 from below."""

    place: sp.Expr
    side: int

    @property
    def text(self) -> str:
        """The place in a sentence."""
        if self.place in (sp.oo, -sp.oo):
            return "∞" if self.place == sp.oo else "−∞"
        return str(self.place).replace("-", "−")


def ends_of(place: Interval) -> tuple[End, End]:
    """The lower and the upper end of an interval."""
    return End(place=place.lo, side=1), End(place=place.hi, side=-1)


def limit_at(expr: sp.Expr, letter: sp.Symbol, end: End) -> sp.Expr | None:
    """The limit of `expr` as the letter goes to an end from inside; None where it is not decided."""
    return limit(expr, letter, end.place if end.place.is_infinite else (end.place, end.side))
