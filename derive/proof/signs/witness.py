"""Points at which an expression is negative: exact rationals, simplest first, each confirmed with certainty.

Candidates lie on the grids of common denominator 1, 2, 3, …; floats say which are worth confirming.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import inf, log2, prod

import flint
import numpy as np
import sympy as sp
from flint import arb

from derive.balls import Unreachable, compile_ball
from derive.model import Finite, Interval, Set
from derive.proof.normal import is_zero
from derive.proof.signs.decision import Point
from derive.proof.signs.floats import at_points
from derive.proof.signs.places import holds

_FAR = (8, 10, 20, 50, 100, 1000, 10**4)
_REACH = {1: 6, 2: 5, 3: 4, 4: 4, 5: 3, 8: 3, 10: 2, 16: 2, 64: 1, 1000: 1}  # of |value|, by denominator
_COARSE = 4  # the largest denominator of a coarse grid
_MOST = 12_000  # points on one grid
_TRIED = 24  # candidates of floats that are looked at exactly
_BITS = (64, 256, 1024, 4096)


def simplest(
    expr: sp.Expr, places: Mapping[sp.Symbol, Set], *, strictly: bool, thorough: bool
) -> Point | None:
    """The simplest point found where `expr` (without heads) is negative, or 0 if `strictly`; None if none is.

    Coarse grids are searched, or, to be `thorough`, the fine ones.
    """
    letters = sorted(places, key=str)
    for denominator in (d for d in _REACH if (d > _COARSE) == thorough):
        grid = _grid(tuple(places[s] for s in letters), denominator)
        for values in _promising(expr, letters, grid, strictly):
            point = tuple(zip(letters, values, strict=True))
            if confirmed(expr, places, point, strictly=strictly) is not None:
                return point
    return None


def confirmed(
    expr: sp.Expr, places: Mapping[sp.Symbol, Set], point: Point, *, strictly: bool
) -> sp.Expr | None:
    """The exact value of `expr` at a point of the places if it is surely negative (or 0 if `strictly`)."""
    known = dict(point)
    if not all(holds(_known_ends(place, known), known[s]) for s, place in places.items()):
        return None
    try:
        value = expr.xreplace(known)
    except TypeError:  # a condition compares what is not defined there
        return None
    sign = sign_of(value)
    return value if sign == -1 or (strictly and sign == 0) else None


def _known_ends(place: Set, known: dict) -> Set:
    if isinstance(place, Finite):
        return place
    assert isinstance(place, Interval)
    low, high = place.lo.subs(known), place.hi.subs(known)
    return Interval(lo=low, hi=high, closed_lo=place.closed_lo, closed_hi=place.closed_hi)


def sign_of(value: sp.Expr) -> int | None:
    """The certain sign of a number; None where it is no real number, or balls do not tell."""
    if value.is_Rational:
        return int(sp.sign(value))
    if value.free_symbols or value.has(sp.nan, sp.zoo, sp.oo, -sp.oo, sp.I):
        return None
    for bits in _BITS:
        ball = enclosed(value, bits)
        if ball is not None and (ball > 0 or ball < 0):
            return 1 if ball > 0 else -1
    try:
        return 0 if is_zero(value) else None
    except TypeError:
        return None


def enclosed(value: sp.Expr, bits: int) -> arb | None:
    """A ball that holds a number; None where no finite one is had."""
    try:
        with flint.ctx.workprec(bits):
            ball = compile_ball(value)({})[0]
    except (Unreachable, ZeroDivisionError, ValueError, TypeError):
        return None
    return ball if ball.is_finite() else None


def _promising(
    expr: sp.Expr, letters: list[sp.Symbol], grid: "Grid", strictly: bool
) -> Iterator[tuple[sp.Rational, ...]]:
    values = at_points(expr, letters, grid.columns)
    good = values <= 0 if strictly else values < 0
    for n in np.flatnonzero(good)[:_TRIED]:
        point = (axis[i] for axis, i in zip(grid.axes, grid.ranks[:, n], strict=True))
        yield tuple(sp.Rational(v.numerator, v.denominator) for v in point)


@dataclass(frozen=True, kw_only=True)
class Grid:
    """Points, simplest first: the exact numbers on each axis, the points' ranks on them, and floats."""

    axes: tuple[tuple[Fraction, ...], ...]
    ranks: np.ndarray
    columns: np.ndarray


@lru_cache(maxsize=256)
def _grid(places: tuple[Set, ...], denominator: int) -> Grid:
    """The points whose common denominator is the given one; inner ones first, small numbers before large."""
    most = int(_MOST ** (1 / max(1, len(places))))
    rows = [_axis(place, denominator)[:most] for place in places]
    count = prod(len(row) for row in rows)
    ranks = np.indices([len(row) for row in rows]).reshape(len(rows), count)
    common, (ends, size) = np.ones(count, dtype=int), np.zeros((2, count))
    for row, rank in zip(rows, ranks, strict=True):
        common = np.lcm(common, np.array([v.denominator for v, _ in row], dtype=int)[rank])
        sizes = np.array([s for _, s in row])[rank]
        ends, size = ends + (sizes < 0), size + np.abs(sizes)
    order = np.lexsort((*ranks[::-1], size.round(9), ends))
    ranks = ranks[:, order[common[order] == denominator]]
    floats = [np.array([float(v) for v, _ in row])[rank] for row, rank in zip(rows, ranks, strict=True)]
    return Grid(
        axes=tuple(tuple(v for v, _ in row) for row in rows),
        ranks=ranks,
        columns=np.array(floats).reshape(len(rows), ranks.shape[1]),
    )


def _axis(place: Set, denominator: int) -> list[tuple[Fraction, float]]:
    """(number, its size, negative at an end) of one letter, simplest first."""
    if isinstance(place, Finite):
        return [(Fraction(v), float(abs(v))) for v in place.values]
    assert isinstance(place, Interval)
    low, high = _end(place.lo, -inf), _end(place.hi, inf)
    sized = [
        (v, _size(low, high, v))
        for v in sorted(_steps(low, high, denominator))
        if (low < v or (place.closed_lo and low == v)) and (v < high or (place.closed_hi and v == high))
    ]
    return sorted(sized, key=lambda row: (row[1] < 0, abs(row[1]), row[0] < 0))


def _end(end: sp.Expr, unknown: float) -> Fraction | float:
    """An end of a place; a float where it is irrational, infinite where other letters decide it."""
    if end.is_Rational:
        return Fraction(int(end.p), int(end.q))
    return float(end) if end.is_number else unknown


def _steps(low: Fraction | float, high: Fraction | float, denominator: int) -> set[Fraction]:
    reach = _REACH[denominator]
    steps = {Fraction(k, denominator) for k in range(-reach * denominator, reach * denominator + 1)}
    if denominator == 1:
        steps |= {Fraction(s * f) for f in _FAR for s in (1, -1)}
    if isinstance(low, Fraction) and isinstance(high, Fraction):
        steps |= {low + (high - low) * Fraction(k, denominator) for k in range(denominator + 1)}
    return steps


def _size(low: Fraction | float, high: Fraction | float, value: Fraction) -> float:
    if value in (low, high):
        return -1.0 - abs(float(value))
    if low == 0 and high == inf:
        return abs(log2(value))
    return float(abs(value))
