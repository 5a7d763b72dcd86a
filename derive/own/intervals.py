"""The values of an expression from those of its parts: intervals with exact ends, infinite ones too.

What occurs twice is taken as if each were free, so the interval may be too wide, never too narrow.
"""

from collections.abc import Callable, Mapping
from typing import Final

import sympy as sp

from derive.expression import sign_of
from derive.model import REALS, Finite, Interval, Set

_MOST = 120  # nodes; beyond them nothing narrow comes out
_ONE = sp.S.One


def enclosed(expr: sp.Expr, places: Mapping[sp.Symbol, Set]) -> Interval | None:
    """An interval that holds every value; None where none is found. Ends are numbers or infinite."""
    try:
        if sum(1 for _ in sp.preorder_traversal(expr)) > _MOST:
            return None
        found = _of(expr, places)
    except (TypeError, KeyError, ValueError, ZeroDivisionError, RecursionError):
        return None
    return found if found != REALS else None


def _of(expr: sp.Expr, places: Mapping[sp.Symbol, Set]) -> Interval:
    if not expr.free_symbols:
        return _point(expr)
    if expr.is_Symbol:
        place = places[expr]
        if isinstance(place, Finite):
            low, high = min(place.values), max(place.values)
            return Interval(lo=sp.Integer(low), hi=sp.Integer(high), closed_lo=True, closed_hi=True)
        if not isinstance(place, Interval) or place.lo.free_symbols or place.hi.free_symbols:
            raise TypeError("no interval with numbers for ends")
        return place
    if expr.is_Add:
        return _folded(_sum, [_of(a, places) for a in expr.args])
    if expr.is_Mul:
        return _folded(_product, [_of(a, places) for a in expr.args])
    if isinstance(expr, sp.exp):
        return _rising(sp.exp, _of(expr.args[0], places), sp.S.Zero, sp.oo)
    if expr.is_Pow:
        return _power(_of(expr.base, places), expr.exp)
    if isinstance(expr, sp.Max | sp.Min):
        return _folded(_larger if isinstance(expr, sp.Max) else _smaller, [_of(a, places) for a in expr.args])
    if isinstance(expr, sp.Piecewise):
        return _folded(_hull, [_of(e, places) for e, _ in expr.args])
    return FUNCTIONS[type(expr)](_of(expr.args[0], places))


def _point(value: sp.Expr) -> Interval:
    return Interval(lo=value, hi=value, closed_lo=True, closed_hi=True)


def _folded(combine: Callable[[Interval, Interval], Interval], parts: list[Interval]) -> Interval:
    total = parts[0]
    for part in parts[1:]:
        total = combine(total, part)
    return total


def _sum(one: Interval, other: Interval) -> Interval:
    return Interval(
        lo=one.lo + other.lo,
        hi=one.hi + other.hi,
        closed_lo=one.closed_lo and other.closed_lo,
        closed_hi=one.closed_hi and other.closed_hi,
    )


def _compare(one: sp.Expr, other: sp.Expr) -> int:
    """The sign of the difference of two ends."""
    if sp.nan in (one, other):
        raise TypeError("no number")
    if one == other:
        return 0
    if one.is_infinite or other.is_infinite:
        return 1 if one == sp.oo or other == -sp.oo else -1
    sign = sign_of(one - other)
    if sign is None:
        raise TypeError("ends that are not told apart")
    return sign


def _product(one: Interval, other: Interval) -> Interval:
    corners = []
    for a, closed_a in ((one.lo, one.closed_lo), (one.hi, one.closed_hi)):
        for b, closed_b in ((other.lo, other.closed_lo), (other.hi, other.closed_hi)):
            zero = (a == 0 and closed_a) or (b == 0 and closed_b)  # a zero that is taken makes 0 for sure
            value = sp.S.Zero if a == 0 or b == 0 else a * b
            corners.append((value, zero or (closed_a and closed_b)))
    lo, closed_lo = _extreme(corners, -1)
    hi, closed_hi = _extreme(corners, 1)
    return Interval(lo=lo, hi=hi, closed_lo=closed_lo, closed_hi=closed_hi)


def _extreme(corners: list[tuple[sp.Expr, bool]], side: int) -> tuple[sp.Expr, bool]:
    best, closed = corners[0]
    for value, closes in corners[1:]:
        sign = side * _compare(value, best)
        if sign > 0:
            best, closed = value, closes
        elif sign == 0:
            closed = closed or closes
    return best, closed


def _rising(function: Callable[[sp.Expr], sp.Expr], inner: Interval, low: sp.Expr, high: sp.Expr) -> Interval:
    """The values of a function that rises from `low` at −∞ to `high` at ∞."""
    return Interval(
        lo=low if inner.lo == -sp.oo else function(inner.lo),
        hi=high if inner.hi == sp.oo else function(inner.hi),
        closed_lo=inner.closed_lo and inner.lo != -sp.oo,
        closed_hi=inner.closed_hi and inner.hi != sp.oo,
    )


def _power(inner: Interval, exponent: sp.Expr) -> Interval:
    if not exponent.is_Rational:
        raise TypeError("an exponent that is no fraction")
    if exponent < 0:
        return _inverse(_power(inner, -exponent))
    if exponent.is_Integer and exponent % 2 == 0:
        return _of_size(inner, lambda w: w**exponent)
    if not exponent.is_Integer and _compare(inner.lo, sp.S.Zero) < 0:
        inner = Interval(lo=sp.S.Zero, hi=inner.hi, closed_lo=True, closed_hi=inner.closed_hi)
    return _rising(lambda w: w**exponent, inner, -sp.oo, sp.oo)


def _inverse(inner: Interval) -> Interval:
    """1 over an interval that does not hold 0."""
    low, high = _compare(inner.lo, sp.S.Zero), _compare(inner.hi, sp.S.Zero)
    if not (low > 0 or high < 0 or (low == 0 and not inner.closed_lo) or (high == 0 and not inner.closed_hi)):
        raise TypeError("a quotient that has a pole")
    one = (-sp.oo if high <= 0 and inner.hi == 0 else _over(inner.hi), inner.closed_hi and inner.hi != sp.oo)
    other = (sp.oo if low >= 0 and inner.lo == 0 else _over(inner.lo), inner.closed_lo and inner.lo != -sp.oo)
    return Interval(
        lo=one[0],
        hi=other[0],
        closed_lo=one[1] and one[0].is_finite,
        closed_hi=other[1] and other[0].is_finite,
    )


def _over(end: sp.Expr) -> sp.Expr:
    return sp.S.Zero if end.is_infinite else 1 / end


def _of_size(inner: Interval, function: Callable[[sp.Expr], sp.Expr]) -> Interval:
    """The values of an even function that rises with |w|."""
    low, high = _compare(inner.lo, sp.S.Zero), _compare(inner.hi, sp.S.Zero)
    if high <= 0:
        turned = Interval(lo=-inner.hi, hi=-inner.lo, closed_lo=inner.closed_hi, closed_hi=inner.closed_lo)
        return _rising(function, turned, sp.oo, sp.oo)
    if low >= 0:
        return _rising(function, inner, sp.oo, sp.oo)
    far, closed = _extreme([(-inner.lo, inner.closed_lo), (inner.hi, inner.closed_hi)], 1)
    whole = Interval(lo=sp.S.Zero, hi=far, closed_lo=True, closed_hi=closed)
    return _rising(function, whole, sp.oo, sp.oo)


def _larger(one: Interval, other: Interval) -> Interval:
    lo, closed_lo = _extreme([(one.lo, one.closed_lo), (other.lo, other.closed_lo)], 1)
    hi, closed_hi = _extreme([(one.hi, one.closed_hi), (other.hi, other.closed_hi)], 1)
    return Interval(lo=lo, hi=hi, closed_lo=closed_lo, closed_hi=closed_hi)


def _smaller(one: Interval, other: Interval) -> Interval:
    lo, closed_lo = _extreme([(one.lo, one.closed_lo), (other.lo, other.closed_lo)], -1)
    hi, closed_hi = _extreme([(one.hi, one.closed_hi), (other.hi, other.closed_hi)], -1)
    return Interval(lo=lo, hi=hi, closed_lo=closed_lo, closed_hi=closed_hi)


def _hull(one: Interval, other: Interval) -> Interval:
    lo, closed_lo = _extreme([(one.lo, one.closed_lo), (other.lo, other.closed_lo)], -1)
    hi, closed_hi = _extreme([(one.hi, one.closed_hi), (other.hi, other.closed_hi)], 1)
    return Interval(lo=lo, hi=hi, closed_lo=closed_lo, closed_hi=closed_hi)


def _wave(inner: Interval) -> Interval:
    return Interval(lo=-_ONE, hi=_ONE, closed_lo=True, closed_hi=True)


def _logarithm(inner: Interval) -> Interval:
    if _compare(inner.lo, sp.S.Zero) <= 0:
        inner = Interval(lo=-sp.oo, hi=inner.hi, closed_hi=inner.closed_hi)
    return _rising(sp.log, inner, -sp.oo, sp.oo)


def _signs(inner: Interval) -> Interval:
    low = 1 if _compare(inner.lo, sp.S.Zero) >= 0 and not inner.closed_lo else -1
    high = -1 if _compare(inner.hi, sp.S.Zero) <= 0 and not inner.closed_hi else 1
    return Interval(lo=sp.Integer(low), hi=sp.Integer(high), closed_lo=True, closed_hi=True)


FUNCTIONS: Final[dict[type, Callable[[Interval], Interval]]] = {
    sp.log: _logarithm,
    sp.tanh: lambda w: _rising(sp.tanh, w, -_ONE, _ONE),
    sp.erf: lambda w: _rising(sp.erf, w, -_ONE, _ONE),
    sp.atan: lambda w: _rising(sp.atan, w, -sp.pi / 2, sp.pi / 2),
    sp.sinh: lambda w: _rising(sp.sinh, w, -sp.oo, sp.oo),
    sp.cosh: lambda w: _of_size(w, sp.cosh),
    sp.Abs: lambda w: _of_size(w, lambda v: v),
    sp.sin: _wave,
    sp.cos: _wave,
    sp.sign: _signs,
}
