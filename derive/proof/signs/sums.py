"""Sums of terms c·x^k·e^(c₁x + c₂x² + …) on [start, ∞): exact ones, and ones whose c lies in an interval."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

import sympy as sp
from flint import arb

from derive.balls import compile_ball

_MOST = 400  # terms
_SUMMANDS = 40  # of one factor: with two numbers such as log 2 in it these grow from term to term
_KEPT = 12  # terms of a sum that are kept apart
_REMEMBERED = 1 << 14  # sums and products of factors: a series meets the same ones again and again
Shape = tuple[int, tuple[tuple[int, sp.Expr], ...]]  # (k, ((n, c_n), …))
ONE: Shape = (0, ())


class Beyond(Exception):
    """No expansion is had, or it does not settle the sign."""


@dataclass(frozen=True, kw_only=True)
class Tail:
    """A sum of terms, exact ones and enclosed ones, valid on [start, ∞)."""

    start: int
    exact: dict[Shape, sp.Expr] = field(default_factory=dict)
    loose: dict[Shape, arb] = field(default_factory=dict)


def all_terms(tail: Tail) -> Iterator[tuple[Shape, arb]]:
    """(shape, factor in a ball) of every term."""
    yield from ((shape, ball(c)) for shape, c in tail.exact.items())
    yield from tail.loose.items()


def ball(number: sp.Expr) -> arb:
    """A number at the precision of the moment."""
    if number.is_Rational:
        return arb(int(number.p)) / int(number.q)
    return compile_ball(number)({})[0]


def leading(tail: Tail) -> Shape:
    """The shape of the exact term that grows fastest."""
    if not tail.exact:
        raise Beyond
    return max(tail.exact, key=_growth)


def _growth(shape: Shape) -> tuple[float, ...]:
    """Larger where the term grows faster; floats serve, since what follows from it is checked in balls."""
    powers = dict(shape[1])
    return (*(float(powers.get(n, 0)) for n in range(8, 0, -1)), shape[0])


def over(shape: Shape, other: Shape) -> Shape:
    """The quotient of two terms."""
    return _times(shape, (-other[0], tuple((n, -c) for n, c in other[1])))


def _times(one: Shape, other: Shape) -> Shape:
    powers = dict(one[1])
    for n, c in other[1]:
        powers[n] = _total_of(powers[n], c) if n in powers else c
    return one[0] + other[0], tuple(sorted((n, c) for n, c in powers.items() if c != 0))


def largest(shape: Shape, start: int) -> arb:
    """The value of x^k·e^(…) at the start, from which on it must not grow: k + Σ n·c_n·x^n ≤ 0 there."""
    slope = {0: arb(shape[0]), **{n: n * ball(c) for n, c in shape[1]}}
    top = max(slope)
    for j in range(top + 1):  # with x = start + s no power of s has a positive factor
        total = arb(0)
        for n, c in slope.items():
            if n >= j:
                total += c * int(sp.binomial(n, j)) * arb(start) ** (n - j)
        if not (total <= 0 or total.is_zero()):
            raise Beyond
    exponent = arb(0)
    for n, c in shape[1]:
        exponent += ball(c) * arb(start) ** n
    return arb(start) ** shape[0] * exponent.exp()


def bound(tail: Tail) -> arb:
    """An upper bound of |tail| on [start, ∞)."""
    total = arb(0)
    for shape, c in all_terms(tail):
        total += abs(c) * largest(shape, tail.start)
    return total


def spelled(shape: Shape, x: sp.Symbol) -> sp.Expr:
    """A term of factor 1 as an expression."""
    return x ** shape[0] * sp.exp(sp.Add(*(c * x**n for n, c in shape[1])))


@lru_cache(_REMEMBERED)
def _total_of(one: sp.Expr, other: sp.Expr) -> sp.Expr:
    return one + other if one.is_Rational and other.is_Rational else _short(sp.expand(one + other))


def add(one: Tail, other: Tail) -> Tail:
    """The sum; what cancels exactly is gone."""
    exact, loose = dict(one.exact), dict(one.loose)
    for shape, c in other.exact.items():
        exact[shape] = _total_of(exact[shape], c) if shape in exact else c
        if exact[shape] == 0:
            del exact[shape]
    for shape, b in other.loose.items():
        loose[shape] = loose.get(shape, arb(0)) + b
    if len(exact) + len(loose) > _MOST:
        raise Beyond
    return Tail(start=one.start, exact=exact, loose=loose)


def multiply(one: Tail, other: Tail) -> Tail:
    """The product of all terms with all."""
    total = Tail(start=one.start)
    for shape, c in one.exact.items():
        scaled = {_times(shape, s): _product(c, d) for s, d in other.exact.items()}
        total = add(total, Tail(start=one.start, exact=scaled))
        if other.loose:
            factor = ball(c)
            scattered = {_times(shape, s): factor * d for s, d in other.loose.items()}
            total = add(total, _loose(one.start, scattered))
    for shape, b in one.loose.items():
        total = add(total, _loose(one.start, {_times(shape, s): b * d for s, d in all_terms(other)}))
    return _compressed(total)


@lru_cache(_REMEMBERED)
def _product(one: sp.Expr, other: sp.Expr) -> sp.Expr:
    return one * other if one.is_Rational and other.is_Rational else _short(sp.expand(one * other))


def _short(number: sp.Expr) -> sp.Expr:
    """A number that is not too long to go on with."""
    if len(sp.Add.make_args(number)) > _SUMMANDS:
        raise Beyond
    return number


def _compressed(tail: Tail) -> Tail:
    """The same with its smallest terms as one enclosed term of the shape of the largest of them."""
    shapes = sorted({*tail.exact, *tail.loose}, key=_growth, reverse=True)
    if len(shapes) <= 2 * _KEPT:
        return tail
    kept, small = set(shapes[:_KEPT]), shapes[_KEPT]
    size = arb(0)
    for shape, c in all_terms(tail):
        if shape not in kept:
            size += abs(c) * largest(over(shape, small), tail.start)
    loose = {s: b for s, b in tail.loose.items() if s in kept} | {small: interval(-size, size)}
    return Tail(start=tail.start, exact={s: c for s, c in tail.exact.items() if s in kept}, loose=loose)


def _loose(start: int, terms: dict[Shape, arb]) -> Tail:
    return Tail(start=start, loose=terms)


def loosened(tail: Tail, factor: arb) -> Tail:
    """tail·θ for some unknown θ of a ball."""
    total = Tail(start=tail.start)
    for shape, c in all_terms(tail):
        total = add(total, _loose(tail.start, {shape: c * factor}))
    return total


def number(start: int, value: sp.Expr) -> Tail:
    """A constant."""
    return Tail(start=start, exact={ONE: value} if value != 0 else {})


def interval(low: arb, high: arb) -> arb:
    """A ball that holds two numbers and all between."""
    return low.union(high)


def power(base: Tail, n: int) -> Tail:
    """base^n."""
    total = number(base.start, sp.S.One)
    for _ in range(n):
        total = multiply(total, base)
    return total
