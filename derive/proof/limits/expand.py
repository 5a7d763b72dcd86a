"""Expressions as series for x → ∞, function by function; each step is exact or leaves out a bounded rest."""

from collections.abc import Mapping
from itertools import count, islice

import sympy as sp
from sympy.core.relational import Relational

from derive.heads.extremes import as_cases
from derive.proof.limits.scale import LOG_X, Unsettled, gathered, monomial, sign, size
from derive.proof.limits.series import (
    ZERO,
    Series,
    constant,
    first,
    plus,
    powers,
    relative,
    scaled,
    single,
    split,
    times,
)

HYPERBOLIC = (sp.tanh, sp.sinh, sp.cosh, sp.sech, sp.coth, sp.csch)
HOLDS = {
    sp.StrictGreaterThan: (1,),
    sp.GreaterThan: (0, 1),
    sp.StrictLessThan: (-1,),
    sp.LessThan: (-1, 0),
    sp.Equality: (0,),
    sp.Unequality: (-1, 1),
}


class Expansion:
    """Series of the subexpressions of one expression; `terms` is how many powers of a small t are kept."""

    def __init__(self, letters: Mapping[sp.Symbol, Series], terms: int):
        self.terms = terms
        self.letters = tuple(letters)
        self.known: dict[sp.Basic, Series] = dict(letters)

    def of(self, expr: sp.Expr) -> Series:
        """The series of an expression without heads; Unsettled where there is none."""
        if expr not in self.known:
            self.known[expr] = self._fresh(expr)
        return self.known[expr]

    def _fresh(self, expr: sp.Expr) -> Series:
        if not expr.has(*self.letters):
            return constant(expr)
        if expr.is_Add:
            return plus(*(self.of(a) for a in expr.args))
        if expr.is_Mul:
            total = constant(sp.S.One)
            for factor in expr.args:
                total = times(total, self.of(factor))
            return total
        if isinstance(expr, sp.exp):
            return self.exponential(self.of(expr.args[0]))
        if expr.is_Pow:
            return self._power(expr.base, expr.exp)
        if isinstance(expr, sp.Piecewise):
            return self.of(next(e for e, condition in expr.args if self.holds(condition)))
        return self._function(expr)

    def _function(self, expr: sp.Expr) -> Series:
        if isinstance(expr, sp.Min | sp.Max):
            return self.of(as_cases(expr))
        if len(expr.args) != 1:
            raise Unsettled(f"no series for {expr.func}")
        inner = self.of(expr.args[0])
        if isinstance(expr, sp.log):
            return self.logarithm(inner)
        if isinstance(expr, sp.sign):
            return constant(sp.Integer(self.sign(inner)))
        if isinstance(expr, sp.Abs):
            return scaled(inner, sp.Integer(self.sign(inner)))
        return self._analytic(type(expr), inner)

    def sign(self, series: Series) -> int:
        """The sign that a function has from some x on."""
        return 0 if series == ZERO else sign(first(series)[0])

    def holds(self, condition: sp.Basic) -> bool:
        """Whether a condition holds from some x on."""
        if condition in (sp.true, sp.false):
            return condition == sp.true
        if isinstance(condition, sp.Not):
            return not self.holds(condition.args[0])
        if isinstance(condition, sp.And | sp.Or):
            join = all if isinstance(condition, sp.And) else any
            return join(self.holds(c) for c in condition.args)
        if not isinstance(condition, Relational):
            raise Unsettled(f"no sign for {condition}")
        return self.sign(self.of(condition.lhs - condition.rhs)) in HOLDS[condition.func]

    def exponential(self, argument: Series) -> Series:
        """e^(large + c + t) = e^large · e^c · Σ t^n/n!; a multiple of log x is a power of x."""
        large, middle, small = split(argument)
        power = sp.Add(*(c for c, m in large if m == LOG_X))
        growth = tuple((c, m) for c, m in large if m != LOG_X)
        if any(not m.growth and sign(m.power) <= 0 for _, m in growth):
            raise Unsettled("a power of log x in an exponent")
        factor = monomial(gathered(growth), power)
        rest = powers(small, [1 / sp.factorial(n) for n in range(self.terms + 1)])
        return scaled(rest, sp.exp(middle), factor)

    def logarithm(self, argument: Series) -> Series:
        """log(c·m·(1 + t)) = log c + log m − Σ (−t)^n/n."""
        (number, m), small = relative(argument)
        if sign(number) <= 0 or m.logs != 0:
            raise Unsettled("the logarithm of what is not positive, or of a logarithm")
        parts = [Series(m.growth), constant(sp.log(number))]
        if m.power != 0:
            parts.append(single(LOG_X, m.power))
        numbers = [sp.S.Zero, *(sp.Rational((-1) ** (n + 1), n) for n in range(1, self.terms + 1))]
        return plus(*parts, powers(small, numbers))

    def _power(self, base: sp.Expr, exponent: sp.Expr) -> Series:
        if exponent.has(*self.letters):
            return self.exponential(times(self.of(exponent), self.logarithm(self.of(base))))
        return self.raised(self.of(base), exponent)

    def raised(self, base: Series, exponent: sp.Expr) -> Series:
        """(c·m·(1 + t))^r = c^r · m^r · Σ binomial(r, n) t^n."""
        if base == ZERO:
            if exponent.is_positive:
                return ZERO
            raise Unsettled("a power of 0")
        (number, m), small = relative(base)
        if not exponent.is_Integer and sign(number) < 0:
            raise Unsettled("a root of what is negative")
        binomials = [sp.ff(exponent, n) / sp.factorial(n) for n in range(self.terms + 1)]
        if exponent.is_Integer and 0 <= exponent <= self.terms and not base.rest:
            binomials = binomials[: int(exponent) + 1]
            return scaled(polynomial(small, binomials), number**exponent, m**exponent)
        return scaled(powers(small, binomials), number**exponent, m**exponent)

    def _analytic(self, function, argument: Series) -> Series:
        """A function about the finite limit of its argument, or its own expansion about ±∞."""
        large, middle, small = split(argument)
        if large:
            if function in HYPERBOLIC:
                return self._hyperbolic(function, argument)
            if function not in FAR:
                raise Unsettled(f"no series for {function} at ∞")
            return FAR[function](self, argument)
        t = sp.Dummy("t", real=True)
        derivatives = [function(t)]
        while len(derivatives) <= self.terms:
            derivatives.append(derivatives[-1].diff(t))
        numbers = [d.subs(t, middle) / sp.factorial(n) for n, d in enumerate(derivatives)]
        if any(n.has(sp.zoo, sp.nan, sp.oo, -sp.oo) for n in numbers):
            raise Unsettled(f"{function} is not analytic at {middle}")
        return powers(small, numbers)

    def _hyperbolic(self, function, argument: Series) -> Series:
        """A hyperbolic function far out, by its exponentials."""
        w = sp.Dummy("w", real=True)
        return Expansion({w: argument}, self.terms).of(function(w).rewrite(sp.exp))


def polynomial(small: Series, coefficients: list[sp.Expr]) -> Series:
    """Σ c_n·t^n, nothing left out."""
    total, power = ZERO, constant(sp.S.One)
    for number in coefficients:
        total = plus(total, scaled(power, number))
        power = times(power, small)
    return total


def _erf(self: Expansion, w: Series) -> Series:
    """± 1 − e^(−w²)/(w√π) · Σ (−1)^n (2n − 1)!!/(2w²)^n; the rest is below the first term left out."""
    over = self.raised(w, sp.S.NegativeOne)
    square = times(over, over)
    numbers = [(-1) ** n * sp.factorial2(2 * n - 1) / sp.Integer(2) ** n for n in range(self.terms + 1)]
    gauss = self.exponential(scaled(times(w, w), sp.S.NegativeOne))
    tail = times(times(gauss, over), powers(square, numbers))
    return plus(constant(sp.Integer(self.sign(w))), scaled(tail, -1 / sp.sqrt(sp.pi)))


def _atan(self: Expansion, w: Series) -> Series:
    """± π/2 − 1/w + 1/(3w³) − …"""
    over = self.raised(w, sp.S.NegativeOne)
    odd = (sp.Rational((-1) ** ((n + 1) // 2), n) if n % 2 else sp.S.Zero for n in count())
    return plus(constant(self.sign(w) * sp.pi / 2), powers(over, islice(odd, 2 * self.terms)))


FAR = {sp.erf: _erf, sp.atan: _atan}


def tends(series: Series) -> sp.Expr:
    """The limit of a series: 0, a number, or ±∞."""
    if (series.rest and any(size(m) >= 0 for m in series.rest)) or any(size(m) > 0 for _, m in series.terms):
        number, m = first(series)
    else:
        return sp.Add(*(c for c, m in series.terms if size(m) == 0))
    if size(m) <= 0:
        raise Unsettled("the rest hides the limit")
    return sign(number) * sp.oo
