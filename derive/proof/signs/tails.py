"""The sign of a function on [x₀, ∞), by explicit inequalities that hold from x₀ on.

An expression becomes a sum of terms c·x^k·e^(c₁x + c₂x² + …), with exact c, and of terms whose factor c is
only known to lie in an interval: the remainders of log(1 + ε), e^ε, 1/(1 + ε), of the ratio of Mills and of
the arctangent, each from Taylor's theorem or an alternating bound. The leading term then outweighs the
others, each at most its value at x₀, since it falls from there on.
"""

from collections.abc import Callable
from dataclasses import dataclass

import flint
import sympy as sp
from flint import arb

from derive.balls import Unreachable
from derive.proof.signs.sums import (
    ONE,
    Beyond,
    Shape,
    Tail,
    add,
    all_terms,
    ball,
    bound,
    interval,
    largest,
    leading,
    loosened,
    multiply,
    number,
    over,
    power,
    spelled,
)

_BITS = 128
STARTS = (2, 4, 8, 16, 32, 64)
FAR_STARTS = (*STARTS, 10**3, 10**6, 10**10, 10**15)
_ORDER = 5  # of Taylor's theorem


@dataclass(frozen=True, kw_only=True)
class Far:
    """The sign on [start, ∞), and the term that decides it."""

    sign: int
    start: int
    leading: sp.Expr


def far_sign(expr: sp.Expr, x: sp.Symbol, starts: tuple[int, ...] = STARTS) -> Far | None:
    """The sign of `expr` for all x ≥ some start; None where no bound settles it."""
    with flint.ctx.workprec(_BITS):
        for start in starts:
            try:
                return _settled(_tail(_complemented(expr, x), x, start), x)
            except (Beyond, Unreachable, ZeroDivisionError, ValueError):
                continue
    return None


def _complemented(expr: sp.Expr, x: sp.Symbol) -> sp.Expr:
    """erf u as 1 − erfc u, multiplied out, so that the ones cancel before anything is enclosed."""
    if not expr.has(sp.erf):
        return expr
    changed = expr.replace(sp.erf, lambda u: _complement(u, x))
    return sp.expand(changed) if expr.is_polynomial(*expr.atoms(sp.erf)) else changed


def _complement(argument: sp.Expr, x: sp.Symbol) -> sp.Expr:
    if not argument.has(x):
        return sp.erf(argument)
    sign, _ = _single(_tail(argument, x, STARTS[0]))
    return sign * (1 - sp.erfc(sign * argument))


def _settled(tail: Tail, x: sp.Symbol) -> Far:
    """The sign of the leading term, where it outweighs all the others."""
    lead = leading(tail)
    coefficient = ball(tail.exact[lead])
    rest = arb(0)
    for shape, c in all_terms(tail):
        if shape != lead:
            rest += abs(c) * largest(over(shape, lead), tail.start)
    rest += abs(tail.loose.get(lead, arb(0)))
    if not abs(coefficient) > rest:
        raise Beyond
    return Far(
        sign=1 if coefficient > 0 else -1, start=tail.start, leading=tail.exact[lead] * spelled(lead, x)
    )


def _tail(expr: sp.Expr, x: sp.Symbol, start: int) -> Tail:
    """The expansion of an expression."""
    if not expr.has(x):
        return number(start, expr)
    if expr == x:
        return Tail(start=start, exact={(1, ()): sp.S.One})
    if expr.is_Add or expr.is_Mul:
        parts = [_tail(a, x, start) for a in expr.args]
        total = parts[0]
        for part in parts[1:]:
            total = add(total, part) if expr.is_Add else multiply(total, part)
        return total
    if expr.is_Pow and expr.exp.is_Integer and expr.base is not sp.E:
        base = _tail(expr.base, x, start)
        return power(base if expr.exp > 0 else _inverse(base), abs(int(expr.exp)))
    if type(expr) in _FUNCTIONS:
        return _FUNCTIONS[type(expr)](_tail(expr.args[0], x, start))
    raise Beyond


def _split(tail: Tail) -> tuple[sp.Expr, Shape, Tail, arb]:
    """(c, M, ε, a bound of |ε| < 1) with tail = c·M·(1 + ε)."""
    lead = leading(tail)
    c = tail.exact[lead]
    scaled = multiply(tail, Tail(start=tail.start, exact={over(ONE, lead): 1 / c}))
    rest = add(scaled, number(tail.start, sp.S.NegativeOne))
    size = bound(rest)
    if not size < 0.75:
        raise Beyond
    return c, lead, rest, size


def _taylor(rest: Tail, coefficients: list[sp.Expr], last: arb) -> Tail:
    """Σ c_n·εⁿ + last·ε^N, where `last` is a ball."""
    total, power = Tail(start=rest.start), number(rest.start, sp.S.One)
    for c in coefficients:
        total = add(total, multiply(power, number(rest.start, c)))
        power = multiply(power, rest)
    return add(total, loosened(power, last))


def _inverse(tail: Tail) -> Tail:
    c, lead, rest, size = _split(tail)
    ends = interval(1 / (1 + size), 1 / (1 - size)) * (-1) ** _ORDER
    series = _taylor(rest, [sp.Integer((-1) ** n) for n in range(_ORDER)], ends)
    return multiply(series, Tail(start=tail.start, exact={over(ONE, lead): 1 / c}))


def _logarithm(tail: Tail) -> Tail:
    c, lead, rest, size = _split(tail)
    if lead[0] or not ball(c) > 0:  # log x is no term
        raise Beyond
    ends = interval((1 + size) ** -_ORDER, (1 - size) ** -_ORDER) * (-1) ** (_ORDER - 1) / _ORDER
    numbers = [sp.S.Zero, *(sp.Rational((-1) ** (n - 1), n) for n in range(1, _ORDER))]
    total = add(_taylor(rest, numbers, ends), number(tail.start, sp.log(c)))
    return add(total, Tail(start=tail.start, exact={(n, ()): e for n, e in lead[1]}))


def _exponential(tail: Tail) -> Tail:
    """e^(polynomial) is a term; of what vanishes at infinity, e^ε is expanded."""
    kept = {s: c for s, c in tail.exact.items() if s[0] >= 0 and not s[1]}
    rest = Tail(
        start=tail.start, exact={s: c for s, c in tail.exact.items() if s not in kept}, loose=tail.loose
    )
    if any(n > 8 for n, _ in kept):
        raise Beyond
    size = bound(rest)
    factor = sp.Integer(1)
    for n in range(1, _ORDER + 1):
        factor *= n
    ends = interval((-size).exp(), size.exp()) / int(factor)
    series = (
        _taylor(rest, [1 / sp.factorial(n) for n in range(_ORDER)], ends)
        if some(rest)
        else number(tail.start, sp.S.One)
    )
    shape = (0, tuple(sorted((s[0], c) for s, c in kept.items() if s != ONE)))
    return multiply(series, Tail(start=tail.start, exact={shape: sp.exp(kept.get(ONE, sp.S.Zero))}))


def some(tail: Tail) -> bool:
    """Whether a tail has any term, exact or enclosed."""
    return bool(tail.exact or tail.loose)


def _single(tail: Tail) -> tuple[int, Tail]:
    """(sign, |u|) of an exact term u that grows."""
    if len(tail.exact) != 1 or tail.loose:
        raise Beyond
    ((shape, c),) = tail.exact.items()
    if shape[0] < 1 or shape[1]:
        raise Beyond
    sign = 1 if ball(c) > 0 else -1
    return sign, Tail(start=tail.start, exact={shape: sign * c})


def _complementary(tail: Tail) -> Tail:
    """erfc u = e^(−u²)/(u·√π)·(1 − 1/(2u²) + 3/(4u⁴) − θ·15/(8u⁶)), 0 ≤ θ ≤ 1, for u > 0."""
    sign, u = _single(tail)
    if sign < 0:
        raise Beyond
    inverse = _inverse(u)
    half = multiply(multiply(inverse, inverse), number(tail.start, -sp.S.Half))
    series = _taylor(half, [sp.S(1), sp.S(1), sp.S(3)], 15 * interval(arb(0), arb(1)))
    decay = _exponential(multiply(multiply(u, u), number(tail.start, sp.S.NegativeOne)))
    scaled = multiply(inverse, number(tail.start, 1 / sp.sqrt(sp.pi)))
    return multiply(multiply(decay, scaled), series)


def _arctangent(tail: Tail) -> Tail:
    """atan u = π/2 − v + v³/3 − v⁵/5 + θ·v⁷/7 with v = 1/u, 0 ≤ θ ≤ 1, for u > 0."""
    sign, u = _single(tail)
    v = _inverse(u)
    square = multiply(v, v)
    series = _taylor(square, [sp.S(-1), sp.Rational(1, 3), -sp.Rational(1, 5)], interval(arb(0), arb(1)) / 7)
    rest = multiply(multiply(v, series), number(tail.start, sp.Integer(sign)))
    return add(number(tail.start, sign * sp.pi / 2), rest)


_FUNCTIONS: dict[type, Callable[[Tail], Tail]] = {
    sp.exp: _exponential,
    sp.log: _logarithm,
    sp.erfc: _complementary,
    sp.atan: _arctangent,
}
