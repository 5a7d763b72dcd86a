"""Where what a user wrote is defined: intervals of z on which every need is met, domains of parameters."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import sympy as sp

from derive.expression import Need, sign_of
from derive.model import NONNEGATIVE, POSITIVE, REALS, UNIT_OPEN, BadInput, Interval, Set
from derive.own.facts import positive, samples, sign_at
from derive.proof.zeros import zeros

NEGATIVE = Interval(hi=sp.S.Zero)
Places = Mapping[sp.Symbol, Set]
_WORDS = {"nonzero": "other than 0", "nonnegative": "at least 0", "positive": "positive"}


def met(need: Need, places: Places) -> str:
    """How it is shown that a need is met everywhere; '' where it is not."""
    if need.kind != "nonzero":
        return positive(need.expr, places, strictly=need.kind == "positive")
    return positive(need.expr, places) or positive(-need.expr, places)


def broken(need: Need, places: Places) -> str:
    """A simple point at which a need is not met, in words; '' where none is found."""
    for point in samples(places):
        sign = sign_at(need.expr, point)
        fails = {"nonzero": (0,), "nonnegative": (-1,), "positive": (-1, 0)}[need.kind]
        if sign in fails:
            return ", ".join(
                f"{letter} = {value}" for letter, value in point.items() if need.expr.has(letter)
            )
    return ""


def require(needs: Iterable[Need], places: Places, tries: str) -> None:
    """BadInput unless every need is shown to be met."""
    for need in needs:
        if met(need, places):
            continue
        at = broken(need, places)
        why = (
            f"{need.says} is not defined at {at}"
            if at
            else f"it is not shown that {need.says} is always defined"
        )
        raise BadInput(f"{why}: {need.expr} must be {_WORDS[need.kind]}. Try: {tries}")


def natural(
    needs: Sequence[Need], letter: sp.Symbol, others: Places
) -> tuple[Interval, tuple[Interval, ...]]:
    """The interval of a letter that is taken, and all maximal ones on which the needs are met.

    The one that holds 0 is taken, else the next on the right, else the next on the left; BadInput where
    none is shown, or its ends depend on other letters. Ends are left out where something is not defined
    there, or has no slope.
    """
    found = _cells(needs, letter, others)
    if not found:
        need = next((n for n in needs if not met(n, {**others, letter: REALS})), needs[0])
        text = f"it is not shown where {need.says} is defined: {need.expr} must be {_WORDS[need.kind]}"
        raise BadInput(f"{text}. Try: --where '{letter}>0', or another condition")
    inside = [i for i in found if _sign(i.lo) < 0 < _sign(i.hi)]
    right = [i for i in found if _sign(i.lo) >= 0]
    chosen = (inside or right or found[::-1])[0]
    return chosen, tuple(found)


def _sign(end: sp.Expr) -> int:
    if end.is_infinite:
        return 1 if end == sp.oo else -1
    return sign_of(end) or 0


def _cells(needs: Sequence[Need], letter: sp.Symbol, others: Places) -> list[Interval]:
    """The maximal open intervals between zeros of the needs on which all are met."""
    ends: list[sp.Expr] = []
    for need in needs:
        if met(need, {**others, letter: REALS}):
            continue
        here = zeros(need.expr, letter)
        ends += [e for e in here or () if e not in ends and not e.free_symbols]
    ordered = [-sp.oo, *sorted(ends, key=lambda e: float(e)), sp.oo]
    good: list[Interval] = []
    for low, high in pairwise(ordered):
        cell = {**others, letter: Interval(lo=low, hi=high)}
        if all(_likely(need, cell) for need in needs) and all(met(need, cell) for need in needs):
            if good and good[-1].hi == low and all(_at(need, {letter: low}, others) for need in needs):
                good[-1] = Interval(lo=good[-1].lo, hi=high)
            else:
                good.append(Interval(lo=low, hi=high))
    return good


def _likely(need: Need, places: Places) -> bool:
    """Whether a need is met at the first simple point, which costs nothing to see."""
    sign = sign_at(need.expr, samples(places)[0])
    return sign in {"nonzero": (-1, 1), "nonnegative": (0, 1), "positive": (1,)}[need.kind]


def _at(need: Need, point: Mapping[sp.Symbol, sp.Expr], others: Places) -> bool:
    """Whether a need is met at a number with room to spare, so that nothing changes there."""
    here = need.expr.xreplace(dict(point))
    return bool(positive(here, others) or (need.kind == "nonzero" and positive(-here, others)))


def of_parameter(default: sp.Rational) -> tuple[Interval, ...]:
    """The domains that a parameter of that default may be given, the first that serves is taken."""
    first = POSITIVE if default > 0 else NEGATIVE if default < 0 else REALS
    more = [NONNEGATIVE] if default == 0 else []
    if 0 < default < 1:
        more.append(UNIT_OPEN)
    if default > 1:
        more.append(Interval(lo=sp.S.One))
    return (first, *more)


def symbol_for(name: str, domain: Set) -> sp.Symbol:
    """The symbol of a parameter, with what SymPy should know of its sign."""
    if isinstance(domain, Interval):
        above = domain.lo.is_nonnegative if domain.lo.is_finite else False
        below = domain.hi.is_nonpositive if domain.hi.is_finite else False
        if above:
            open_end = domain.lo.is_positive or not domain.closed_lo
            return sp.Symbol(name, positive=True) if open_end else sp.Symbol(name, nonnegative=True)
        if below:
            open_end = domain.hi.is_negative or not domain.closed_hi
            return sp.Symbol(name, negative=True) if open_end else sp.Symbol(name, nonpositive=True)
    return sp.Symbol(name, real=True)


def contains(domain: Set, value: sp.Expr) -> bool:
    """Whether a number lies in an interval."""
    if not isinstance(domain, Interval):
        return False
    low, high = value - domain.lo, domain.hi - value
    above = low.is_extended_positive or (domain.closed_lo and low == 0)
    return bool(above and (high.is_extended_positive or (domain.closed_hi and high == 0)))


__all__ = [
    "NEGATIVE", "broken", "contains", "met", "natural", "of_parameter", "require", "symbol_for"
]  # fmt: skip
