"""Exact points that refute an inequality: rational numbers tried in order, decided in ball arithmetic."""

from collections.abc import Iterator, Mapping

import sympy as sp
from flint import arb

from derive.balls import Unreachable, certified, compile_ball
from derive.claims.places import points_of
from derive.heads import plain
from derive.model import Interval

_ANY = sp.Dummy("any")
CLOSER = (4, 6, 8, 11, 14)


def in_numbers(value: sp.Expr, at: tuple[tuple[str, sp.Expr], ...]) -> sp.Expr:
    """A value at a named point, with the numbers of its letters put in."""
    known = dict(at)
    return value.subs({letter: known[str(letter)] for letter in value.free_symbols if str(letter) in known})


def certainly_negative(value: sp.Expr) -> bool:
    """Whether a number is certainly negative."""
    if value.is_Rational:
        return bool(value < 0)
    try:
        ball = certified(compile_ball(plain(value)), {_ANY: arb(0)}, _ANY, 0)[0]
    except (Unreachable, TypeError, KeyError, ValueError):
        return False
    return bool(ball < 0)


def below(
    expr: sp.Expr, grid: Iterator[Mapping[sp.Symbol, sp.Expr]]
) -> tuple[Mapping[sp.Symbol, sp.Expr], sp.Expr] | None:
    """The first point of a grid at which `expr` is certainly negative, with its exact value there."""
    for point in grid:
        value = plain(expr).subs(point)
        if value.is_number and certainly_negative(value):
            return point, value
    return None


def inner_points(place: Interval) -> tuple[sp.Rational, ...]:
    """Simple rational numbers inside an interval, the simplest first."""
    if place.lo == 0 and place.hi == 1:
        return tuple(sp.Rational(n, 20) for n in (10, 5, 15, 2, 18, 8, 12, 6, 14, 16, 4, 1, 19, 13, 7, 9, 11))
    return points_of(place)


def near(value: sp.Expr, place: Interval) -> tuple[sp.Expr, ...]:
    """Numbers of an interval ever closer to one of its own, where a slope other than 0 must show."""
    steps = (sign * sp.Rational(1, 2**n) for n in CLOSER for sign in (1, -1))
    return tuple(a for step in steps if place.lo < (a := value + step) < place.hi)
