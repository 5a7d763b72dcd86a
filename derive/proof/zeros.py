"""All real zeros of an expression in one letter, exactly; None where they are not found this way.

An expression is a polynomial in the letter and in one function of it that can be undone: e^w, log w, √w,
tanh w, erf w or atan w with w linear; or a number more or less than one such function of an expression of
this kind. A factor in both at once has to be free of zeros at a glance.
"""

from collections.abc import Callable
from typing import Final

import sympy as sp

from derive.heads import plain

_HIGHEST = 12  # degree of a polynomial
_T = sp.Symbol("t", real=True)
_E = sp.Symbol("E", positive=True)
Inverse = Callable[[sp.Expr], sp.Expr]

# What w is where the function of it is c, and between which numbers c has to be.
INVERSES: Final[dict[type, tuple[Inverse, sp.Expr, sp.Expr]]] = {
    sp.log: (sp.exp, -sp.oo, sp.oo),
    sp.tanh: (lambda c: sp.log((1 + c) / (1 - c)) / 2, sp.S.NegativeOne, sp.S.One),
    sp.sinh: (lambda c: sp.log(c + sp.sqrt(1 + c**2)), -sp.oo, sp.oo),
    sp.atan: (sp.tan, -sp.pi / 2, sp.pi / 2),
}


def zeros(expr: sp.Expr, letter: sp.Symbol) -> list[sp.Expr] | None:
    """The real zeros, without their order; other symbols are numbers that are not known."""
    expr = plain(expr)
    if not expr.has(letter):
        return [] if expr.is_nonzero else None
    if expr.is_nonzero:
        return []
    if not (slope := expr.diff(letter)).has(letter):
        return [sp.cancel(-expr.subs(letter, 0) / slope)] if slope.is_nonzero else None
    rest, part = expr.as_independent(letter, as_Add=True)
    factor, one = part.as_independent(letter, as_Add=False)
    if isinstance(one, (sp.exp, sp.erf, *INVERSES)) and factor.is_nonzero:
        return _undone(one, sp.cancel(-rest / factor), letter)
    return _by_factors(expr, letter)


def _by_factors(expr: sp.Expr, letter: sp.Symbol) -> list[sp.Expr] | None:
    """The zeros of the factors of the numerator."""
    try:
        written, inner = _in_generator(expr, letter)
        factors = _factors(written, letter)
    except (TypeError, sp.PolynomialError, ValueError):
        return None
    found: list[sp.Expr] = []
    for factor in factors:
        here = _of_factor(factor, letter, inner)
        if here is None:
            return None
        found += [root for root in here if root not in found]
    return found


def _in_generator(expr: sp.Expr, letter: sp.Symbol) -> tuple[sp.Expr, sp.Expr | None]:
    """The expression with its one function written T (E^n for exponentials), and that function."""
    expr = expr.replace(lambda e: isinstance(e, sp.cosh | sp.sinh | sp.tanh), lambda e: e.rewrite(sp.exp))
    exps = [e for e in expr.atoms(sp.exp) if e.has(letter)]
    if exps:
        rate = _rate([e.args[0] for e in exps])
        known = {e: _E ** sp.cancel(e.args[0] / rate) for e in exps}
        return expr.xreplace(known), sp.exp(rate)
    roots = [e for e in expr.atoms(sp.Pow) if e.has(letter) and e.exp.is_Rational and e.exp.q == 2]
    others = [e for e in expr.atoms(sp.Function) if e.has(letter)]
    if roots and not others:
        (base,) = {e.base for e in roots}
        return expr.xreplace({e: _T ** (2 * e.exp) for e in roots}), sp.sqrt(base)
    if not others:
        return expr, None
    (one,) = others
    return expr.xreplace({one: _T}), one


def _rate(arguments: list[sp.Expr]) -> sp.Expr:
    """An argument of which all are integer multiples; TypeError where there is none."""
    first = arguments[0]
    ratios = [sp.cancel(w / first) for w in arguments]
    if not all(r.is_Rational for r in ratios):
        raise TypeError("exponents that are no multiples of one another")
    unit = sp.gcd_list(ratios)
    return sp.expand(first * abs(unit))


def _factors(expr: sp.Expr, letter: sp.Symbol) -> list[sp.Expr]:
    """The factors of the numerator that hold the letter or its function."""
    top = sp.fraction(sp.cancel(sp.together(expr)))[0]
    generators = [s for s in (letter, _T, _E) if top.has(s)]
    if not generators:
        return []
    poly = sp.Poly(top, *generators)
    if poly.total_degree() > _HIGHEST:
        raise TypeError("too high a degree")
    if poly.get_domain().is_EX:
        raise TypeError("coefficients of an unknown kind")
    return [factor.as_expr() for factor, _ in poly.factor_list()[1]]


def _of_factor(factor: sp.Expr, letter: sp.Symbol, inner: sp.Expr | None) -> list[sp.Expr] | None:
    """The zeros of a factor."""
    if factor == _E or factor.is_nonzero:
        return []
    if not factor.has(_T, _E):
        return _roots(factor, letter)
    if inner is None:
        return None
    if factor.has(letter):
        return _of_root(factor, letter, inner) if isinstance(inner, sp.Pow) else None
    generator = _E if factor.has(_E) else _T
    values = _roots(factor, generator)
    if values is None:
        return None
    found: list[sp.Expr] = []
    for value in values:
        here = _undone(inner, value, letter)
        if here is None:
            return None
        found += here
    return found


def _of_root(factor: sp.Expr, letter: sp.Symbol, root: sp.Pow) -> list[sp.Expr] | None:
    """The zeros of p + q√B among those of p² − q²B."""
    poly = sp.Poly(factor, _T)
    if poly.degree() != 1:
        return None
    q, p = poly.all_coeffs()
    candidates = zeros(sp.expand(p**2 - q**2 * root.base), letter)
    if candidates is None:
        return None
    values = [(c, sp.simplify((p + q * root).subs(letter, c))) for c in candidates]
    if any(v != 0 and not v.is_nonzero for _, v in values):
        return None
    return [c for c, v in values if v == 0]


def _undone(inner: sp.Expr, value: sp.Expr, letter: sp.Symbol) -> list[sp.Expr] | None:
    """Where the function has a value."""
    if isinstance(inner, sp.exp):
        if value.is_nonpositive:
            return []
        return zeros(inner.args[0] - sp.log(value), letter) if value.is_positive else None
    if isinstance(inner, sp.Pow):
        if value.is_negative:
            return []
        return zeros(inner.base - value**2, letter) if value.is_nonnegative else None
    if isinstance(inner, sp.erf):
        return _of_erf(inner, value, letter)
    if type(inner) not in INVERSES or not value.is_real:
        return None
    inverse, low, high = INVERSES[type(inner)]
    if (value - low).is_extended_positive and (high - value).is_extended_positive:
        return zeros(inner.args[0] - inverse(value), letter)
    outside = (value - low).is_extended_nonpositive or (high - value).is_extended_nonpositive
    return [] if outside else None  # of a parameter it is not known


def _of_erf(inner: sp.Expr, value: sp.Expr, letter: sp.Symbol) -> list[sp.Expr] | None:
    """Where erf is 0, or has a value that it does not take."""
    if value == 0:
        return zeros(inner.args[0], letter)
    return [] if (abs(value) - 1).is_nonnegative else None


def _roots(factor: sp.Expr, letter: sp.Symbol) -> list[sp.Expr] | None:
    """The real roots of an irreducible polynomial, where they can be written with square roots."""
    poly = sp.Poly(factor, letter)
    if poly.degree() == 1:
        slope, rest = poly.all_coeffs()
        return [sp.cancel(-rest / slope)] if slope.is_nonzero else None
    if poly.degree() == 2:
        return _quadratic(*poly.all_coeffs())
    if poly.domain.is_ZZ or poly.domain.is_QQ:
        return [] if poly.count_roots() == 0 else _biquadratic(poly, letter) or _of_odd_power(poly)
    return None


def _of_odd_power(poly: sp.Poly) -> list[sp.Expr] | None:
    """The root of a xⁿ + c with n odd."""
    if len(poly.terms()) != 2 or poly.degree() % 2 == 0 or not (rest := poly.nth(0)):
        return None
    power = -rest / poly.LC()
    return [sp.sign(power) * sp.Abs(power) ** sp.Rational(1, poly.degree())]


def _quadratic(a: sp.Expr, b: sp.Expr, c: sp.Expr) -> list[sp.Expr] | None:
    inside = sp.expand(b**2 - 4 * a * c)
    if inside.is_negative:
        return []
    if not inside.is_positive:
        return None
    return [(-b + sign * sp.sqrt(inside)) / (2 * a) for sign in (1, -1)]


def _biquadratic(poly: sp.Poly, letter: sp.Symbol) -> list[sp.Expr] | None:
    """The roots of a polynomial in the square of the letter."""
    if any(n % 2 for (n,) in poly.monoms()):
        return None
    squares = _roots(poly.as_expr().subs(letter, sp.sqrt(_E)), _E)
    if squares is None or not all(s.is_positive or s.is_nonpositive for s in squares):
        return None
    return [sign * sp.sqrt(s) for s in squares if s.is_positive for sign in (1, -1)]
