"""Where letters lie: parts of places, points of them, and whether a point belongs."""

from collections.abc import Mapping

import sympy as sp

from derive.model import Finite, Interval, Set

Places = dict[sp.Symbol, Interval]


def intervals(places: Mapping[sp.Symbol, Set]) -> Places:
    """The places of those letters that lie in an interval; TypeError where a place is no set of numbers."""
    for place in places.values():
        if not isinstance(place, Interval | Finite):
            raise TypeError(f"no numbers lie in {place}")
    return {letter: place for letter, place in places.items() if isinstance(place, Interval)}


def is_point(place: Interval) -> bool:
    """Whether a place holds a single number."""
    return place.lo == place.hi


def below(place: Interval, end: sp.Expr, *, strictly: bool = True) -> Interval | None:
    """The part of a place that lies below a number; None where nothing is left, or that cannot be told."""
    if place.hi < end or (place.hi == end and not (place.closed_hi and strictly)):
        return place
    if place.lo > end or (place.lo == end and not (place.closed_lo and not strictly)):
        return None
    return Interval(lo=place.lo, hi=end, closed_lo=place.closed_lo, closed_hi=not strictly)


def above(place: Interval, end: sp.Expr, *, strictly: bool = True) -> Interval | None:
    """The part of a place that lies above a number; None where nothing is left."""
    turned = below(mirrored(place), -end, strictly=strictly)
    return None if turned is None else mirrored(turned)


def mirrored(place: Interval) -> Interval:
    """The negatives of the numbers of a place."""
    return Interval(lo=-place.hi, hi=-place.lo, closed_lo=place.closed_hi, closed_hi=place.closed_lo)


def numeric(place: Interval) -> bool:
    """Whether both ends are numbers, or infinite."""
    return not (place.lo.free_symbols | place.hi.free_symbols)


def holds(place: Set, value: sp.Expr) -> bool:
    """Whether a number lies in a place whose ends are numbers."""
    if isinstance(place, Finite):
        return value in place.values
    assert isinstance(place, Interval)
    low = place.lo < value or (place.closed_lo and place.lo == value)
    high = value < place.hi or (place.closed_hi and place.hi == value)
    return low in (True, sp.true) and high in (True, sp.true)  # one that is not decided is neither
