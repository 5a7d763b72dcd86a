"""The sign of a function on [x₀, ∞), by explicit inequalities that hold from x₀ on.

An expression becomes a sum of terms c·x^k·e^(c₁x + c₂x² + …), with exact c, and of terms whose factor c is
only known to lie in an interval: the remainders of log(1 + ε), e^ε, 1/(1 + ε), of the ratio of Mills and of
the arctangent, each from Taylor's theorem or an alternating bound. The leading term then outweighs the
others, each at most its value at x₀, since it falls from there on.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import flint
import sympy as sp
from flint import arb

from derive.balls import Unreachable, compile_ball

_BITS = 128
_STARTS = (2, 4, 8, 16, 32, 64)
_MOST = 400  # terms
_KEPT = 12  # terms of a sum that are kept apart
_ORDER = 5  # of Taylor's theorem
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


@dataclass(frozen=True, kw_only=True)
class Far:
    """The sign on [start, ∞), and the term that decides it."""

    sign: int
    start: int
    leading: sp.Expr


def far_sign(expr: sp.Expr, x: sp.Symbol) -> Far | None:
    """The sign of `expr` for all x ≥ some start; None where no bound settles it."""
    with flint.ctx.workprec(_BITS):
        for start in _STARTS:
            try:
                return _settled(_tail(_complemented(expr, x), x, start), x)
            except (Beyond, Unreachable, ZeroDivisionError, ValueError):
                continue
    return None


def limit_at_infinity(expr: sp.Expr, x: sp.Symbol) -> sp.Expr | None:
    """The exact limit of `expr` for x → ∞, which may be infinite; None where the expansion does not show it."""
    if expr.free_symbols - {x}:
        return None
    with flint.ctx.workprec(_BITS):
        for start in _STARTS:
            try:
                return _limit(_tail(_complemented(expr, x), x, start), x)
            except (Beyond, Unreachable, ZeroDivisionError, ValueError, KeyError):
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
    sign, _ = _single(_tail(argument, x, _STARTS[0]))
    return sign * (1 - sp.erfc(sign * argument))


def _limit(tail: Tail, x: sp.Symbol) -> sp.Expr:
    nothing = _growth(ONE)
    if any(_growth(shape) >= nothing for shape in tail.loose):
        raise Beyond
    if not tail.exact or _growth(_leading(tail)) < nothing:
        return sp.S.Zero
    if _leading(tail) == ONE:
        return tail.exact[ONE]
    return sp.oo * _settled(tail, x).sign


def _settled(tail: Tail, x: sp.Symbol) -> Far:
    """The sign of the leading term, where it outweighs all the others."""
    lead = _leading(tail)
    coefficient = _ball(tail.exact[lead])
    rest = arb(0)
    for shape, c in _all_terms(tail):
        if shape != lead:
            rest += abs(c) * _largest(_over(shape, lead), tail.start)
    rest += abs(tail.loose.get(lead, arb(0)))
    if not abs(coefficient) > rest:
        raise Beyond
    return Far(sign=1 if coefficient > 0 else -1, start=tail.start, leading=tail.exact[lead] * _spelled(lead, x))


def _all_terms(tail: Tail):
    yield from ((shape, _ball(c)) for shape, c in tail.exact.items())
    yield from tail.loose.items()


def _ball(number: sp.Expr) -> arb:
    if number.is_Rational:
        return arb(int(number.p)) / int(number.q)
    return compile_ball(number)({})[0]


def _leading(tail: Tail) -> Shape:
    if not tail.exact:
        raise Beyond
    return max(tail.exact, key=_growth)


def _growth(shape: Shape) -> tuple[float, ...]:
    """Larger where the term grows faster; floats serve, since what follows from it is checked in balls."""
    powers = dict(shape[1])
    return (*(float(powers.get(n, 0)) for n in range(8, 0, -1)), shape[0])


def _over(shape: Shape, other: Shape) -> Shape:
    return _times(shape, (-other[0], tuple((n, -c) for n, c in other[1])))


def _times(one: Shape, other: Shape) -> Shape:
    powers = dict(one[1])
    for n, c in other[1]:
        powers[n] = _sum(powers[n], c) if n in powers else c
    return one[0] + other[0], tuple(sorted((n, c) for n, c in powers.items() if c != 0))


def _largest(shape: Shape, start: int) -> arb:
    """The value at the start of x^k·e^(…), which must not grow from there on: (k + Σ n·c_n·x^n)' side ≤ 0."""
    slope = {0: arb(shape[0]), **{n: n * _ball(c) for n, c in shape[1]}}
    top = max(slope)
    for j in range(top + 1):  # coefficients in s of the slope times x at x = start + s
        total = arb(0)
        for n, c in slope.items():
            if n >= j:
                total += c * int(sp.binomial(n, j)) * arb(start) ** (n - j)
        if not (total <= 0 or total.is_zero()):
            raise Beyond
    exponent = arb(0)
    for n, c in shape[1]:
        exponent += _ball(c) * arb(start) ** n
    return arb(start) ** shape[0] * exponent.exp()


def _bound(tail: Tail) -> arb:
    """An upper bound of |tail| on [start, ∞)."""
    total = arb(0)
    for shape, c in _all_terms(tail):
        total += abs(c) * _largest(shape, tail.start)
    return total


def _spelled(shape: Shape, x: sp.Symbol) -> sp.Expr:
    return x ** shape[0] * sp.exp(sp.Add(*(c * x**n for n, c in shape[1])))


def _sum(one: sp.Expr, other: sp.Expr) -> sp.Expr:
    return one + other if one.is_Rational and other.is_Rational else sp.expand(one + other)


def _add(one: Tail, other: Tail) -> Tail:
    exact, loose = dict(one.exact), dict(one.loose)
    for shape, c in other.exact.items():
        exact[shape] = _sum(exact[shape], c) if shape in exact else c
        if exact[shape] == 0:
            del exact[shape]
    for shape, b in other.loose.items():
        loose[shape] = loose.get(shape, arb(0)) + b
    if len(exact) + len(loose) > _MOST:
        raise Beyond
    return Tail(start=one.start, exact=exact, loose=loose)


def _multiply(one: Tail, other: Tail) -> Tail:
    total = Tail(start=one.start)
    for shape, c in one.exact.items():
        scaled = {_times(shape, s): _product(c, d) for s, d in other.exact.items()}
        total = _add(total, Tail(start=one.start, exact=scaled))
        if other.loose:
            ball = _ball(c)
            total = _add(total, _loose(one.start, {_times(shape, s): ball * d for s, d in other.loose.items()}))
    for shape, b in one.loose.items():
        total = _add(total, _loose(one.start, {_times(shape, s): b * d for s, d in _all_terms(other)}))
    return _compressed(total)


def _product(one: sp.Expr, other: sp.Expr) -> sp.Expr:
    return one * other if one.is_Rational and other.is_Rational else sp.expand(one * other)


def _compressed(tail: Tail) -> Tail:
    """The same with its smallest terms as one enclosed term of the shape of the largest of them."""
    shapes = sorted({*tail.exact, *tail.loose}, key=_growth, reverse=True)
    if len(shapes) <= 2 * _KEPT:
        return tail
    kept, small = set(shapes[:_KEPT]), shapes[_KEPT]
    size = arb(0)
    for shape, c in _all_terms(tail):
        if shape not in kept:
            size += abs(c) * _largest(_over(shape, small), tail.start)
    loose = {s: b for s, b in tail.loose.items() if s in kept} | {small: _interval(-size, size)}
    return Tail(start=tail.start, exact={s: c for s, c in tail.exact.items() if s in kept}, loose=loose)


def _loose(start: int, terms: dict[Shape, arb]) -> Tail:
    return Tail(start=start, loose=terms)


def _loosened(tail: Tail, factor: arb) -> Tail:
    """tail·θ for some unknown θ of a ball."""
    total = Tail(start=tail.start)
    for shape, c in _all_terms(tail):
        total = _add(total, _loose(tail.start, {shape: c * factor}))
    return total


def _number(start: int, value: sp.Expr) -> Tail:
    return Tail(start=start, exact={ONE: value} if value != 0 else {})


def _interval(low: arb, high: arb) -> arb:
    return low.union(high)


def _tail(expr: sp.Expr, x: sp.Symbol, start: int) -> Tail:
    """The expansion of an expression."""
    if not expr.has(x):
        return _number(start, expr)
    if expr == x:
        return Tail(start=start, exact={(1, ()): sp.S.One})
    if expr.is_Add or expr.is_Mul:
        parts = [_tail(a, x, start) for a in expr.args]
        total = parts[0]
        for part in parts[1:]:
            total = _add(total, part) if expr.is_Add else _multiply(total, part)
        return total
    if expr.is_Pow and expr.exp.is_Integer and expr.base is not sp.E:
        base = _tail(expr.base, x, start)
        return _power(base if expr.exp > 0 else _inverse(base), abs(int(expr.exp)))
    if type(expr) in _FUNCTIONS:
        return _FUNCTIONS[type(expr)](_tail(expr.args[0], x, start))
    raise Beyond


def _power(base: Tail, n: int) -> Tail:
    total = _number(base.start, sp.S.One)
    for _ in range(n):
        total = _multiply(total, base)
    return total


def _split(tail: Tail) -> tuple[sp.Expr, Shape, Tail, arb]:
    """(c, M, ε, a bound of |ε| < 1) with tail = c·M·(1 + ε)."""
    lead = _leading(tail)
    c = tail.exact[lead]
    scaled = _multiply(tail, Tail(start=tail.start, exact={_over(ONE, lead): 1 / c}))
    rest = _add(scaled, _number(tail.start, sp.S.NegativeOne))
    size = _bound(rest)
    if not size < 0.75:
        raise Beyond
    return c, lead, rest, size


def _taylor(rest: Tail, coefficients: list[sp.Expr], last: arb) -> Tail:
    """Σ c_n·εⁿ + last·ε^N, where `last` is a ball."""
    total, power = Tail(start=rest.start), _number(rest.start, sp.S.One)
    for c in coefficients:
        total = _add(total, _multiply(power, _number(rest.start, c)))
        power = _multiply(power, rest)
    return _add(total, _loosened(power, last))


def _inverse(tail: Tail) -> Tail:
    c, lead, rest, size = _split(tail)
    ends = _interval(1 / (1 + size), 1 / (1 - size)) * (-1) ** _ORDER
    series = _taylor(rest, [sp.Integer((-1) ** n) for n in range(_ORDER)], ends)
    return _multiply(series, Tail(start=tail.start, exact={_over(ONE, lead): 1 / c}))


def _logarithm(tail: Tail) -> Tail:
    c, lead, rest, size = _split(tail)
    if lead[0] or not _ball(c) > 0:  # log x is no term
        raise Beyond
    ends = _interval((1 + size) ** -_ORDER, (1 - size) ** -_ORDER) * (-1) ** (_ORDER - 1) / _ORDER
    numbers = [sp.S.Zero, *(sp.Rational((-1) ** (n - 1), n) for n in range(1, _ORDER))]
    total = _add(_taylor(rest, numbers, ends), _number(tail.start, sp.log(c)))
    return _add(total, Tail(start=tail.start, exact={(n, ()): e for n, e in lead[1]}))


def _exponential(tail: Tail) -> Tail:
    """e^(polynomial) is a term; of what vanishes at infinity, e^ε is expanded."""
    kept = {s: c for s, c in tail.exact.items() if s[0] >= 0 and not s[1]}
    rest = Tail(start=tail.start, exact={s: c for s, c in tail.exact.items() if s not in kept}, loose=tail.loose)
    if any(n > 8 for n, _ in kept):
        raise Beyond
    size = _bound(rest)
    factor = sp.Integer(1)
    for n in range(1, _ORDER + 1):
        factor *= n
    ends = _interval((-size).exp(), size.exp()) / int(factor)
    series = _taylor(rest, [1 / sp.factorial(n) for n in range(_ORDER)], ends) if _some(rest) else _number(tail.start, sp.S.One)
    shape = (0, tuple(sorted((s[0], c) for s, c in kept.items() if s != ONE)))
    return _multiply(series, Tail(start=tail.start, exact={shape: sp.exp(kept.get(ONE, sp.S.Zero))}))


def _some(tail: Tail) -> bool:
    return bool(tail.exact or tail.loose)


def _single(tail: Tail) -> tuple[int, Tail]:
    """(sign, |u|) of an exact term u that grows."""
    if len(tail.exact) != 1 or tail.loose:
        raise Beyond
    (shape, c), = tail.exact.items()
    if shape[0] < 1 or shape[1]:
        raise Beyond
    sign = 1 if _ball(c) > 0 else -1
    return sign, Tail(start=tail.start, exact={shape: sign * c})


def _complementary(tail: Tail) -> Tail:
    """erfc u = e^(−u²)/(u·√π)·(1 − 1/(2u²) + 3/(4u⁴) − θ·15/(8u⁶)), 0 ≤ θ ≤ 1, for u > 0."""
    sign, u = _single(tail)
    if sign < 0:
        raise Beyond
    inverse = _inverse(u)
    half = _multiply(_multiply(inverse, inverse), _number(tail.start, -sp.S.Half))
    series = _taylor(half, [sp.S(1), sp.S(1), sp.S(3)], 15 * _interval(arb(0), arb(1)))
    decay = _exponential(_multiply(_multiply(u, u), _number(tail.start, sp.S.NegativeOne)))
    scaled = _multiply(inverse, _number(tail.start, 1 / sp.sqrt(sp.pi)))
    return _multiply(_multiply(decay, scaled), series)


def _arctangent(tail: Tail) -> Tail:
    """atan u = π/2 − v + v³/3 − v⁵/5 + θ·v⁷/7 with v = 1/u, 0 ≤ θ ≤ 1, for u > 0."""
    sign, u = _single(tail)
    v = _inverse(u)
    square = _multiply(v, v)
    series = _taylor(square, [sp.S(-1), sp.Rational(1, 3), -sp.Rational(1, 5)], _interval(arb(0), arb(1)) / 7)
    rest = _multiply(_multiply(v, series), _number(tail.start, sp.Integer(sign)))
    return _add(_number(tail.start, sign * sp.pi / 2), rest)


_FUNCTIONS: dict[type, Callable[[Tail], Tail]] = {
    sp.exp: _exponential,
    sp.log: _logarithm,
    sp.erfc: _complementary,
    sp.atan: _arctangent,
}
