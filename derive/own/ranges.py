"""The values of a function of z: exactly where it rises or falls between known points, else an enclosure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

import sympy as sp

from derive.expression import sign_of
from derive.model import POSITIVE, REALS, Interval, Parameter, Set, Z
from derive.own.facts import positive, samples
from derive.own.intervals import enclosed
from derive.proof.ends import admissible
from derive.proof.limits import limit
from derive.proof.pieces import Piece
from derive.proof.zeros import zeros

Places = Mapping[sp.Symbol, Set]
End = tuple[sp.Expr, bool]  # a number or ±∞, and whether it is a value


@dataclass(frozen=True, kw_only=True)
class Values:
    """An interval that holds all values, whether it is no larger than they are, and how that is known."""

    interval: Interval
    exact: bool
    how: str


def values(cut: Sequence[Piece], parameters: tuple[Parameter, ...], domain: Interval = REALS) -> Values:
    """The values of a function that is given by its pieces, which cover a domain."""
    if any(p.domain.lo.free_symbols for p in parameters):
        return _by_distances(cut, parameters, domain)
    places = {p.symbol: p.domain for p in parameters if isinstance(p.symbol, sp.Symbol)}
    return _values(cut, places, domain)


def _by_distances(cut: Sequence[Piece], parameters: tuple[Parameter, ...], domain: Interval) -> Values:
    """The values where a parameter lies above another: written in the distance between them."""
    written = dict(admissible(parameters))
    fields = ("low", "high", "expr")
    there = [Piece(**{f: getattr(piece, f).xreplace(written) for f in fields}) for piece in cut]
    distances = sorted({s for e in written.values() for s in e.free_symbols}, key=str)
    places = {s: POSITIVE if s.is_positive else REALS for s in distances}
    found = _values(there, places, domain)
    equations = [written[p.symbol] - p.symbol for p in parameters]
    back = sp.solve(equations, distances, dict=True)
    known = back[0] if len(back) == 1 else {}
    low, high = (sp.expand(end.subs(known)) for end in (found.interval.lo, found.interval.hi))
    if set(distances) & (low.free_symbols | high.free_symbols):
        return Values(interval=REALS, exact=False, how="no bound is shown")
    return replace(found, interval=replace(found.interval, lo=low, hi=high))


def _values(cut: Sequence[Piece], places: Places, domain: Interval) -> Values:
    left_out = [
        end for end, taken in ((domain.lo, domain.closed_lo), (domain.hi, domain.closed_hi)) if not taken
    ]
    ends = [_of_piece(piece, places, left_out) for piece in cut]
    if all(found is not None for found in ends):
        low = _extreme([found[0] for found in ends if found is not None], -1)
        high = _extreme([found[1] for found in ends if found is not None], 1)
        if low is not None and high is not None:
            interval = Interval(
                lo=low[0],
                hi=high[0],
                closed_lo=low[1] and low[0].is_finite,
                closed_hi=high[1] and high[0].is_finite,
            )
            # Between pieces that do not meet there may be a gap.
            gap = len(cut) > 1 and not all(_meet(left, right) for left, right in pairwise(cut))
            how = "by the zeros and the signs of the slope, and limits"
            return Values(interval=interval, exact=not gap, how=how)
    return _enclosure(cut, places)


def _meet(left: Piece, right: Piece) -> bool:
    try:
        return sp.simplify((left.expr - right.expr).subs(Z, right.low)) == 0
    except (TypeError, ValueError):
        return False


def _of_piece(piece: Piece, places: Places, left_out: list[sp.Expr]) -> tuple[End, End] | None:
    """The least and the greatest value on a piece, its ends included but those that are left out."""
    slope = piece.expr.diff(Z)
    turns = [] if slope == 0 else zeros(slope, Z)
    inner = _ordered([t for t in turns or () if not _outside(t, piece)])
    if inner is None:
        return None
    ends: list[End] = []
    for low, high in pairwise([piece.low, *inner, piece.high]):
        cell = {**places, Z: Interval(lo=low, hi=high)}
        # Between neighbouring zeros a continuous slope keeps its sign; where they are not known, it is shown.
        if turns is None and not any(positive(s * slope, cell, strictly=False) for s in (1, -1)):
            return None
        here = [_at(piece, low, 1, low not in left_out), _at(piece, high, -1, high not in left_out)]
        if None in here:
            return None
        ends += [end for end in here if end is not None]
    least, greatest = _extreme(ends, -1), _extreme(ends, 1)
    return None if least is None or greatest is None else (least, greatest)


def _outside(value: sp.Expr, piece: Piece) -> bool:
    below = piece.low.is_finite and not (value - piece.low).is_positive
    above = piece.high.is_finite and not (piece.high - value).is_positive
    return bool(below or above)


def _ordered(numbers: list[sp.Expr]) -> list[sp.Expr] | None:
    """Numbers from the least to the greatest; None where parameters leave that open."""
    if len(numbers) > 1 and any(n.free_symbols for n in numbers):
        if not all((b - a).is_positive for a, b in pairwise(numbers)):
            numbers = numbers[::-1]
        return numbers if all((b - a).is_positive for a, b in pairwise(numbers)) else None
    return sorted(numbers, key=lambda n: float(n)) if len(numbers) > 1 else numbers


def _at(piece: Piece, end: sp.Expr, side: int, taken: bool) -> End | None:
    """The value or the limit at an end, and whether it is a value."""
    if end.is_finite:
        value = piece.expr.subs(Z, end)
        if not value.has(sp.nan, sp.zoo, sp.oo, -sp.oo) and value.is_real:
            return value, taken
        found = limit(piece.expr, Z, (end, side))
        return None if found is None else (found, False)
    found = _far(piece.expr, end)
    return None if found is None else (found, not piece.expr.has(Z))


@lru_cache(64)
def _far(expr: sp.Expr, end: sp.Expr) -> sp.Expr | None:
    """The limit at an infinite end; of a sum, ±∞ where one part goes there and the rest is bounded."""
    found = limit(expr, Z, end)
    if found is not None or not expr.is_Add:
        return found
    limits = {term: limit(term, Z, end) for term in expr.args}
    rest = sp.Add(*(term for term, to in limits.items() if to is None))
    around = enclosed(rest, {Z: REALS})
    known = sp.Add(*(to for to in limits.values() if to is not None))
    bounded = around is not None and around.lo.is_finite and around.hi.is_finite
    return known if bounded and known in (sp.oo, -sp.oo) else None


def _extreme(ends: list[End], side: int) -> End | None:
    """The greatest (least) of several ends; None where parameters leave that open."""
    best = ends[0]
    for end in ends[1:]:
        order = _compare(end[0], best[0])
        if order is None:
            return None
        if order == side:
            best = end
        elif order == 0:
            best = (best[0], best[1] or end[1])
    return best


def _compare(one: sp.Expr, other: sp.Expr) -> int | None:
    if one == other:
        return 0
    if one.is_infinite or other.is_infinite:
        return 1 if one == sp.oo or other == -sp.oo else -1
    if not (one.free_symbols or other.free_symbols):
        return sign_of(one - other)
    difference = sp.factor(one - other)
    return 1 if difference.is_positive else -1 if difference.is_negative else 0 if difference == 0 else None


def _enclosure(cut: Sequence[Piece], places: Places) -> Values:
    """An interval with simple ends that is shown to hold all values."""
    if scaled := _scaled(cut, places):
        return scaled
    found = [_bounds(piece, places) for piece in cut]
    low = min((low for low, _, _ in found), key=lambda end: (float(end[0]), not end[1]))
    high = max((high for _, high, _ in found), key=lambda end: (float(end[0]), end[1]))
    methods = {how for _, _, hows in found for how in hows}
    if (low[0], high[0]) == (-sp.oo, sp.oo):
        return Values(interval=REALS, exact=False, how="no bound is shown")
    how = f"shown by {' and '.join(sorted(methods))}"
    interval = Interval(lo=low[0], hi=high[0], closed_lo=low[1], closed_hi=high[1])
    return Values(interval=interval, exact=False, how=how)


def _scaled(cut: Sequence[Piece], places: Places) -> Values | None:
    """The enclosure of g(βz), g(βz)/β or β g(βz) from that of g, for one parameter β > 0."""
    letters = [s for s in places if s != Z and any(piece.expr.has(s) for piece in cut)]
    if len(letters) != 1 or not letters[0].is_positive or len(cut) > 1 or cut[0].domain != REALS:
        return None
    (rate,) = letters
    inner = sp.expand(cut[0].expr.subs(Z, Z / rate))
    for power in (0, 1, -1):
        g = sp.cancel(inner * rate**power) if power else inner
        if g.has(rate):
            continue
        found = _values([Piece(low=-sp.oo, high=sp.oo, expr=g)], {}, REALS)
        low, high = (end / rate**power for end in (found.interval.lo, found.interval.hi))
        ends = found.interval
        interval = Interval(lo=low, hi=high, closed_lo=ends.closed_lo, closed_hi=ends.closed_hi)
        return Values(interval=interval, exact=found.exact, how=f"in units of 1/{rate}; {found.how}")
    return None


def _bounds(piece: Piece, places: Places) -> tuple[End, End, set[str]]:
    """Simple numbers below and above a piece, and how they are shown."""
    methods: set[str] = set()
    within = {**places, Z: piece.domain}
    coarse = enclosed(piece.expr, within)
    found: list[End] = []
    for side in (-1, 1):
        best: End = (side * sp.oo, False)
        for bound in _candidates(piece, within, side):
            if how := positive(side * (bound - piece.expr), within):
                best = (bound, False)
                methods.add(how)
                break
        if coarse is not None:
            outer, closed = (coarse.lo, coarse.closed_lo) if side < 0 else (coarse.hi, coarse.closed_hi)
            if outer.is_finite and (best[0].is_infinite or side * float(best[0] - outer) > 0):
                best = (outer, closed)
                methods.add("interval arithmetic")
        found.append(best)
    return found[0], found[1], methods


def _candidates(piece: Piece, within: Places, side: int) -> Iterator[sp.Expr]:
    """Simple numbers that seem to bound the values, the narrowest first; none where they grow."""
    seen = sorted(side * v for v in _seen(piece, within))
    if not seen or seen[-1] > 1e6:
        return
    for end in (piece.low, piece.high):
        if end.is_infinite:
            far = _far(piece.expr, end)
            if far is not None and far == side * sp.oo:
                return
    top = seen[-1]
    tried: list[sp.Expr] = []
    for digits in (3, 2, 1, 0):
        scale = 10**digits
        bound = sp.Rational(sp.ceiling(sp.Rational(repr(top)) * scale), scale)
        if float(bound) - top < 0.2 / 10 ** max(digits, 1) and digits:
            bound += sp.Rational(1, scale)
        if bound not in tried:
            tried.append(bound)
            yield side * bound


def _seen(piece: Piece, within: Places) -> list[float]:
    """Values at many points, as floats."""
    points = samples({s: p for s, p in within.items() if s != Z}) or [{}]
    run = sp.lambdify(Z, [piece.expr.xreplace(point) for point in points[:4]], "math")
    found = []
    for z in _grid(piece):
        try:
            found += [float(v) for v in run(z)]
        except (ValueError, OverflowError, ZeroDivisionError, TypeError):
            continue
    return [v for v in found if v == v and abs(v) != float("inf")]


def _grid(piece: Piece) -> list[float]:
    try:
        low = max(float(piece.low), -40.0) if piece.low.is_finite else -40.0
        high = min(float(piece.high), 40.0) if piece.high.is_finite else 40.0
    except TypeError:
        return [n / 50 for n in range(-400, 401)]
    span = max(high - low, 1e-9)
    return [low + span * (n + 0.5) / 4000 for n in range(4000)]
