"""Limits of an expression in one letter at the ends of an interval."""

from collections.abc import Iterator
from dataclasses import dataclass

import sympy as sp

from derive.claims.scoring.signs import positive_form
from derive.claims.scoring.view import View
from derive.heads import plain
from derive.model import A, Interval, Y
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


@dataclass(frozen=True, kw_only=True)
class Reached:
    """What a loss goes to at an end, and how that is known: the method of a proof, and its words."""

    value: sp.Expr
    method: str = "leading terms"
    says: str = "its leading term"


def end_value(scored: View, target: int, end: End) -> Reached | None:
    """What the loss goes to at an end of its predictions; None where that is not decided.

    Where the limit is open for some parameters, and the loss goes on beyond the end, it is the value there
    at the parameters' defaults.
    """
    cost = scored.loss.expr.subs(Y, target)
    for written in (cost, *_with_signs(scored, cost, target, end)):
        found = limit_at(written, A, end)
        if found is not None and found.free_symbols <= cost.free_symbols:
            return Reached(value=found)
    place = scored.loss.prediction
    if not isinstance(place, Interval) or not place.lo < end.place < place.hi:
        return None
    value = sp.cancel(plain(cost).subs({p.symbol: p.default for p in scored.parameters}).subs(A, end.place))
    says = "the loss goes on beyond the end, so it is its value there, at the parameters' defaults"
    return Reached(value=value, method="rule", says=says)


def _with_signs(scored: View, cost: sp.Expr, target: int, end: End) -> Iterator[sp.Expr]:
    """The cost by letters that say where its parameters lie; at ±∞ also from the target on."""
    forms = {p.symbol: positive_form(p.domain, p.symbol) for p in scored.parameters}
    known = {letter: form for letter, form in forms.items() if form is not None}
    if known:
        yield cost.subs(known)
    if known and end.place.is_infinite:
        yield cost.subs(known).subs(A, A + target)
