"""Second derivatives behind z^(1/p): s/p² · (sL″ − (p − 1)L′/z) with s = a/z, where sL″ and L′/z may cancel.

At p = 2 they do where L′ falls with a. A score L′ = (a − y)M has L″ = M + N, so that what is left holds
(2 − p)s + (p − 1)y/z, exactly 0 where it is; a sum of exponentials keeps what e^(ka) − 1 has beyond ka.
"""

from collections.abc import Callable
from typing import Final

import sympy as sp
from sympy import exp
from sympy.core.symbol import Str

from derive.heads import (
    HeadFunction,
    absolute,
    expm1,
    heavy_score,
    hyperbola,
    hyperbola_slope,
    log1p,
    lorentz,
    sech2,
    sgn,
    softplus,
    softsign,
    tanh,
    tanh_lag,
)
from derive.model import A, Set, Y, Z
from derive.rules.branchless import Kept
from derive.rules.sides import variance
from derive.rules.stable import LABELS, recognise, tidy
from derive.rules.weighted import Weighted

_HALF = sp.Rational(1, 2)
_R = sp.Symbol("r", real=True)

# (M, b, c) of a score h(w) = wM with the slope M − bc.
Shares = tuple[sp.Expr, sp.Expr, sp.Expr]
SHARES: Final[dict[type, Callable[[sp.Expr], Shares]]] = {
    hyperbola_slope: lambda w: (
        1 / (1 + hyperbola(w)), hyperbola_slope(w) / (1 + hyperbola(w)), hyperbola_slope(w)
    ),
    heavy_score: lambda w: (lorentz(w), 2 * heavy_score(w), heavy_score(w)),
    softsign: lambda w: (1 / (1 + absolute(w)), absolute(softsign(w)) / (1 + absolute(w)), sp.S.One),
}  # fmt: skip


def is_rooted(f: sp.Expr) -> bool:
    """Whether an output is a power of z, the exponent a parameter."""
    return f.is_Pow and f.base == Z and bool(f.exp.free_symbols)


def bend(los: sp.Expr, f: sp.Expr, target: Set) -> sp.Expr | None:
    """The second derivative of L(f(z), y) for such an output; None where it is that of any other."""
    named = recognise(los)
    if not isinstance(named, sp.Piecewise):
        return _bend(named, f, target)
    rows = [(_bend(e, f, target), recognise(c.subs(A, f)).replace(sp.Abs, absolute)) for e, c in named.args]
    return None if any(e is None for e, _ in rows) else sp.Piecewise(*rows)


def _bend(los: sp.Expr, f: sp.Expr, target: Set) -> sp.Expr | None:
    if not los.has(A):
        return sp.S.Zero
    ways = (_of_size, _of_tangent, _of_score, _of_polynomial, _of_exponentials, _of_ratio, _of_odds)
    return next((found for way in ways if (found := way(los, f, target)) is not None), None)


def _front(f: sp.Expr) -> sp.Expr:
    """s/p², divided before it meets what may be large."""
    return Kept(f.exp**2 * Z ** (f.exp - 1))


def _turn(f: sp.Expr) -> sp.Expr:
    """(2 − p)s + (p − 1)y/z."""
    p = 1 / f.exp
    return (2 - p) * Z ** (f.exp - 1) + (p - 1) * Y / Z


def _of_size(los: sp.Expr, f: sp.Expr, target: Set) -> sp.Expr | None:
    """Of c|a − y|^q with a parameter q: both terms share |a − y|^(q − 2); (q − p)s + (p − 1)y/z is left."""
    factor, size = los.as_independent(A, as_Add=False)
    if not _is_size(size) or size.base != absolute(A - Y):
        return None
    p, q = 1 / f.exp, size.exp
    inner = (q - p) * Z ** (f.exp - 1) + (p - 1) * Y / Z
    return factor * q * _halved(absolute(f - Y) ** (q - 2), _front(f), inner)


def _is_size(factor: sp.Expr) -> bool:
    """Whether a factor is |w|^q with a parameter q."""
    return factor.is_Pow and isinstance(factor.base, absolute) and bool(factor.exp.free_symbols)


def _halved(size: sp.Expr, *falling: sp.Expr) -> sp.Expr:
    """A power times what falls as it grows: by halves, as the power overflows before the product does."""
    half = size.base ** (size.exp / 2)
    first, *others = falling
    return Kept(half * first) * Kept(half * sp.Mul(*others))


def _of_tangent(los: sp.Expr, f: sp.Expr, target: Set) -> sp.Expr | None:
    """Of a loss with the slope tanh(a − y), which for small w = a − y is w(1 − m) with m = 1 − tanh(w)/w."""
    if los.diff(A) != tanh(A - Y):
        return None
    p, s, w = 1 / f.exp, Z ** (f.exp - 1), f - Y
    share = Weighted(s, w, Str("tanh_lag")) + Y / Z * Kept(1 - tanh_lag(w))
    near = (2 - p) * s - Kept(s * tanh(w)) * tanh(w) + (p - 1) * Kept(share)
    far = s * sech2(w) - (p - 1) * Kept(tanh(w) / Z)
    return _front(f) * sp.Piecewise((near, absolute(w) < _HALF), (far, True))


def _of_score(los: sp.Expr, f: sp.Expr, target: Set) -> sp.Expr | None:
    """Of a loss the slope of which is one of the scores of a − y."""
    found = los.diff(A).as_independent(A, as_Add=False)
    factor, score = found
    if type(score) not in SHARES:
        return None
    rate = sp.cancel(score.args[0] / (A - Y))
    if rate.has(A):
        return None
    share, one, other = SHARES[type(score)](rate * (f - Y))
    s = Z ** (f.exp - 1)
    return factor * rate * _front(f) * (share * _turn(f) - one * Kept(other * s))


def _of_polynomial(los: sp.Expr, f: sp.Expr, target: Set) -> sp.Expr | None:
    """Of a loss the slope of which is a polynomial in a, or in a − y."""
    side = sp.Symbol("s", real=True)
    turned = (
        los.diff(A).replace(lambda e: e == absolute(A - Y), lambda e: side * (A - Y)).subs(sgn(A - Y), side)
    )
    if not turned.is_polynomial(A):
        return None
    slope = sp.expand(turned).replace(lambda e: e.is_Pow and e.base == side, lambda e: side ** (e.exp % 2))
    if target == LABELS:
        slope = slope.replace(lambda e: e.is_Pow and e.base == Y, lambda e: Y ** (e.exp % 2))
    if sp.degree(slope, A) == 1:
        return _of_line(slope, f).xreplace({side: sgn(f - Y)})
    first = sp.factor(turned.subs(A, _R + Y))
    share = sp.cancel(first / _R)
    rest = sp.factor(first.diff(_R) - share)
    common = sp.gcd(sp.numer(sp.together(share)), sp.numer(sp.together(rest)))
    number = sp.cancel(rest / common / _R**2)
    if number.has(_R) or first.has(Y):
        return None
    s, r = Z ** (f.exp - 1), {_R: f - Y}
    inner = sp.factor(share / common).subs(r) * _turn(f) + number * (f - Y) * Kept((f - Y) * s)
    return _front(f) * sp.factor(common).subs(r) * inner


def _of_line(slope: sp.Expr, f: sp.Expr) -> sp.Expr:
    """Of the slope c₁a + c₀."""
    p, s, rate = 1 / f.exp, Z ** (f.exp - 1), slope.coeff(A, 1)
    constant = sp.factor(slope.coeff(A, 0) / rate)
    return Kept(f.exp**2 * s * rate) * ((2 - p) * s - (p - 1) * constant / Z)


def exponentials(slope: sp.Expr) -> dict[sp.Expr, sp.Expr] | None:
    """What stands before e^(ka) in a sum of such terms, by k; None where it is no such sum."""
    found: dict[sp.Expr, sp.Expr] = {}
    for term in sp.Add.make_args(slope):
        factor, rest = term.as_independent(A, as_Add=False)
        rate = sp.cancel(sp.expand_log(sp.log(rest)) / A)
        if rate.has(A):
            return None
        found[rate] = found.get(rate, sp.S.Zero) + factor
    return found


def _of_exponentials(los: sp.Expr, f: sp.Expr, target: Set) -> sp.Expr | None:
    """Of a loss the slope of which is a sum of multiples of e^(ka)."""
    found = exponentials(los.diff(A))
    if target == LABELS or found is None:
        return None
    p, s = 1 / f.exp, Z ** (f.exp - 1)
    total, first = sp.Add(*found.values()), sp.Add(*(c * k for k, c in found.items()))
    far = Kept(sp.Add(*(c * exp(k * f) * Kept(k * f + 1 - p) for k, c in found.items()))) / Z
    if sp.expand(total.subs(Y, 1)) != 0:
        return _front(f) * far
    if len(found) == 2 and all(k.free_symbols for k in found):
        return _front(f) * sp.Piecewise((_of_two(found, f), f < _HALF), (far, True))
    near = (1 - p) * sp.factor(total) / Z + (2 - p) * sp.factor(first) * s
    for k, c in found.items():
        if k != 0:
            near += c * (k * s * expm1(k * f) + (1 - p) * Weighted(s, expm1(k * f), Str("lag")) / f)
    return _front(f) * sp.Piecewise((near, f < _HALF), (far, True))


def _of_two(found: dict[sp.Expr, sp.Expr], f: sp.Expr) -> sp.Expr:
    """Of c e^(ka) + d e^(la), which is e^(na)((c + d)cosh x + (c − d)sinh x): n = (k + l)/2, x = (k − l)a/2.

    Where c + d and n are 0, what is left of L″ and L′/a is of third order in x.
    """
    (k, c), (other, d) = found.items()
    p, s, n, half = 1 / f.exp, Z ** (f.exp - 1), (k + other) / 2, sp.factor((k - other) / 2)
    x, plus, minus = half * f, sp.factor(c + d), sp.factor(c - d)
    lag = Weighted(s, x, Str("tanh_lag"))
    odd = minus * ((2 - p) * half * s + (p - 1) * half * lag + sp.factor(n) * Kept(s * tanh(x)))
    even = plus * s * (n + half * tanh(x)) - (p - 1) * plus / Z
    return Kept(exp(k * f) / 2 + exp(other * f) / 2) * Kept(odd + even)


def _of_ratio(los: sp.Expr, f: sp.Expr, target: Set) -> sp.Expr | None:
    """Of the square of log((1 + a)/(1 + y))."""
    if los != (log1p(A) - log1p(Y)) ** 2:
        return None
    p, s = 1 / f.exp, Z ** (f.exp - 1)
    inner = ((2 - p) - p * (log1p(f) - log1p(Y))) * s
    inner += (p - 1) * (Weighted(s, f, Str("lag")) / f + log1p(Y) / Z)
    return 2 * _front(f) * inner / (1 + f) ** 2


def _of_odds(los: sp.Expr, f: sp.Expr, target: Set) -> sp.Expr | None:
    """Of a loss made of log(1 + e^a): no term overflows before their sum does."""
    if not los.has(softplus):
        return None
    s, first, second = Z ** (f.exp - 1), tidy(los.diff(A), target), tidy(los.diff(A, 2), target)
    return _front(f) * Kept(s * second.subs(A, f) - (1 / f.exp - 1) * Kept(first.subs(A, f)) / Z)


def of_variance(los: sp.Expr, f: sp.Expr) -> sp.Expr | None:
    """The second derivative of a loss with the slope (a − y)/(a + αa²): both terms under their own bars.

    With P = 1/(1 + αa) and Q = 1 − P it is (yP/z·(p + Q) − sP·((p − 1)P + pQ))/(p²z).
    """
    n = _degree(f)
    v = variance(los) if is_rooted(f) or n is not None else None
    if v is None or v.top != 1 or v.rate == 0:
        return None
    if n is not None:
        return _of_degree(v.rate, f, n)
    p, odds = 1 / f.exp, v.rate * f
    share, rest = 1 / (1 + odds), 1 / (1 + 1 / odds)
    up, down = Y / (Z + Z * odds), 1 / (v.rate * (Z + Z / odds))
    return f.exp**2 * Kept(up * (p + rest) - down * ((p - 1) * share + p * rest)) / Z


def _degree(f: sp.Expr) -> sp.Expr | None:
    """n of an output cz^n or c(−z)^n that is, or the slope of which is, 0 or infinite at z = 0; else None."""
    power = f.as_independent(Z, as_Add=False)[1]
    if not (power.is_Pow and power.base in (Z, -Z) and power.exp.is_number):
        return None
    return power.exp if power.exp >= 2 or power.exp < 0 else None


def _of_degree(rate: sp.Expr, f: sp.Expr, n: sp.Expr) -> sp.Expr:
    """n(aP/z²·((n − 1)P − Q) + yP/z²·(1 + nQ)), where aP is Q/α, too."""
    odds = rate * f
    share, rest = 1 / (1 + odds), 1 / (1 + 1 / odds)
    bend, other = Kept((n - 1) * share - rest), Y * share * Kept(1 + n * rest)
    if n > 0:
        return n * (f / Z**2 * share * bend + other / Z**2)
    return n * Kept(rest / rate * bend + other) / Z**2  # both overflow at z = 0


def levelled(gradient: sp.Expr, f: sp.Expr) -> sp.Expr:
    """A gradient with z^(1/p − 1)(a − y) as z^(2/p − 1)(1 − y/a) for z > 1, which shows its limit.

    Likewise |a − y|^(q − 1), which overflows before its product with z^(1/p − 1) does.
    """
    front = Z ** (f.exp - 1)

    def relative(total: sp.Expr) -> sp.Expr:
        return sp.expand(total / f)

    def turned(product: sp.Expr) -> sp.Expr:
        sums = [s for s in product.args if s.is_Add and s.has(f)]
        if front not in product.args or len(sums) != 1:
            return product
        if sums[0].replace(absolute, relative).has(HeadFunction, exp):
            return product
        inside = sums[0].replace(absolute, lambda w: f * absolute(relative(w)))
        others = [e for e in product.args if e not in (front, sums[0])]
        return sp.Mul(*others, Z ** (2 * f.exp - 1), relative(inside))

    def sized(product: sp.Expr, size: sp.Expr) -> sp.Expr:
        far = Z ** sp.expand(f.exp * (size.exp + 1) - 1) * absolute(relative(size.base.args[0])) ** size.exp
        others = sp.Mul(*(e for e in product.args if e not in (front, size)))
        return others * sp.Piecewise((far, Z > 1), (_halved(size, front), True))

    def split(product: sp.Expr) -> sp.Expr:
        if (sizes := [e for e in product.args if _is_size(e)]) and front in product.args:
            return sized(product, sizes[0])
        far = turned(product)
        return product if far == product else sp.Piecewise((far, Z > 1), (product, True))

    return gradient.replace(lambda e: e.is_Mul, split)
