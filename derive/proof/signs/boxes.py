"""The sign of a function of one letter on a bounded interval, in ball arithmetic on ever smaller boxes.

On a box the function lies in the range of its Taylor polynomial at the middle, plus the remainder with the
derivative taken over the whole box. Boxes never settle a zero: at a number c where the function and its
first k − 1 derivatives are exactly 0, it is (x − c)^k times a mean of its k-th derivative, divided by k!.
"""

from dataclasses import dataclass, field

import flint
import sympy as sp
from flint import arb

from derive.balls import Unreachable, compile_ball, taylor
from derive.heads import plain
from derive.proof.normal import is_zero

_BITS = 128
_ORDER = 4
_MOST = 2000  # boxes
_NARROW = sp.Rational(1, 2**10)  # a box below which a zero is looked for in it
_NARROWEST = sp.Rational(1, 2**48)
_DENOMINATOR = 64  # the largest of a rational number that is taken for a zero
_FLAT = 6  # the highest order of a zero
_RADII = tuple(sp.Rational(1, 2**n) for n in range(14))


@dataclass(kw_only=True)
class Search:
    """A function on an interval, the zeros found so far, and the work done."""

    expr: sp.Expr
    letter: sp.Symbol
    low: sp.Expr
    high: sp.Expr
    strictly: bool
    closed: tuple[bool, bool] = (True, True)  # whether the ends belong to the interval
    zeros: tuple[sp.Expr, ...] = ()
    around: list[tuple[sp.Expr, sp.Rational]] = field(default_factory=list)
    count: int = 0
    negative: sp.Rational | None = None  # a point where the function is below 0

    def __post_init__(self) -> None:
        self.ball = compile_ball(self.expr)


def number_of_boxes(search: Search) -> int | None:
    """The number of boxes on which the function is ≥ 0 (> 0), all certain; None where some is not settled."""
    for zero in search.zeros:
        if search.low <= zero <= search.high:
            _clear(search, zero)
    low, high = (sp.Rational(_outward(e, s)) for e, s in ((search.low, -1), (search.high, 1)))
    waiting = [(low, high)]
    while waiting:
        search.count += 1
        box = waiting.pop()
        if search.count > _MOST:
            return None
        if _covered(search, *box) or settled(search, *box):
            continue
        if falls_below(search, *box) or box[1] - box[0] < _NARROWEST:
            return None
        if box[1] - box[0] < _NARROW:
            _clear(search, simplest_within(*box))
        middle = (box[0] + box[1]) / 2
        waiting += [(middle, box[1]), (box[0], middle)]
    return search.count


def _outward(end: sp.Expr, side: int) -> sp.Rational:
    """The end where it is rational; else a rational number just beyond it."""
    if end.is_Rational:
        return end
    with flint.ctx.workprec(_BITS):
        ball = compile_ball(end)({})[0]
    return sp.Rational(sp.floor(sp.N(end, 40) * 10**9) + side, 10**9) if ball.is_finite() else sp.nan


def _covered(search: Search, low: sp.Rational, high: sp.Rational) -> bool:
    """Whether a box lies within a neighbourhood of a zero that is settled."""
    return any(c - r <= low and high <= c + r for c, r in search.around)


def _arb(number: sp.Rational) -> arb:
    return arb(int(number.p)) / int(number.q)


def _coefficients(search: Search, at: arb, order: int) -> list[arb] | None:
    try:
        got = taylor(search.ball, {search.letter: at}, search.letter, order, _BITS)
    except (Unreachable, ZeroDivisionError, ValueError):
        return None
    return got if all(c.is_finite() for c in got) else None


def _range(search: Search, low: sp.Rational, high: sp.Rational) -> arb | None:
    """An enclosure of the values on a box."""
    with flint.ctx.workprec(_BITS):
        middle, whole = _arb((low + high) / 2), _arb(low).union(_arb(high))
        centre, over = (_coefficients(search, at, _ORDER) for at in (middle, whole))
        if over is None:
            return None
        if centre is None:
            return over[0]
        step = whole - middle
        total = over[_ORDER]
        for c in reversed(centre[:_ORDER]):
            total = total * step + c
        return total if total.rad() < over[0].rad() else over[0]


def settled(search: Search, low: sp.Rational, high: sp.Rational) -> bool:
    """Whether the function is certainly ≥ 0 (> 0) on a box."""
    values = _range(search, low, high)
    return values is not None and bool(values > 0 or (not search.strictly and values >= 0))


def falls_below(search: Search, low: sp.Rational, high: sp.Rational) -> bool:
    """Whether the function is certainly below 0 at the simplest number of a box, which is kept then."""
    at = simplest_within(low, high)
    with flint.ctx.workprec(_BITS):
        value = _coefficients(search, _arb(at), 0)
    if value is not None and value[0] < 0 and search.low < at < search.high:
        search.negative = at
    return search.negative is not None


def simplest_within(low: sp.Rational, high: sp.Rational) -> sp.Rational:
    """The rational number of least denominator in [low, high], nearest 0 among those."""
    if low <= 0 <= high:
        return sp.S.Zero
    if high < 0:
        return -simplest_within(-high, -low)
    whole = sp.ceiling(low)
    if whole <= high:
        return whole
    base = sp.floor(low)
    return base + 1 / simplest_within(1 / (high - base), 1 / (low - base))


def _clear(search: Search, zero: sp.Expr) -> None:
    """Settles a neighbourhood of a number where the function is exactly 0, if it is and keeps its sign."""
    outside = zero < search.low or search.high < zero
    unlikely = zero.is_Rational and zero.q > _DENOMINATOR
    if outside or unlikely or any(zero == c for c, _ in search.around):
        return
    order = _order(search, zero)
    if not order:
        return
    inside = search.low < zero and zero < search.high
    attained = inside or search.closed[0 if zero == search.low else 1]
    if (attained and search.strictly) or (inside and order % 2):
        return
    wanted = -1 if order % 2 and zero == search.high else 1
    for radius in _RADII:
        if _signed(search, zero, radius, order, wanted):
            search.around.append((zero, radius))
            return


def _order(search: Search, zero: sp.Expr) -> int:
    """The order of a zero; 0 where the function is not, or not surely, 0."""
    expr = plain(search.expr)
    for order in range(_FLAT + 1):
        value = expr.subs(search.letter, zero)
        if value.has(sp.nan, sp.zoo, sp.oo, -sp.oo) or not _vanishes(value):
            return order
        expr = expr.diff(search.letter)
    return 0


def _vanishes(value: sp.Expr) -> bool:
    try:
        with flint.ctx.workprec(2 * _BITS):
            if not compile_ball(value)({})[0].contains(0):
                return False
    except (Unreachable, ZeroDivisionError, ValueError, TypeError):
        return False
    try:
        return value == 0 or is_zero(value)
    except TypeError:
        return False


def _signed(search: Search, zero: sp.Expr, radius: sp.Rational, order: int, wanted: int) -> bool:
    with flint.ctx.workprec(_BITS):
        centre = compile_ball(zero)({})[0]
        ends = [centre - _arb(radius), centre + _arb(radius)]
        if zero in (search.low, search.high):
            ends[0 if zero == search.low else 1] = centre
        got = _coefficients(search, ends[0].union(ends[1]), order)
        return got is not None and bool(got[order] * wanted > 0)
