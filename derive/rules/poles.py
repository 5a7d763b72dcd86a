"""Derivatives beside the pole at 0 of f = 1/(c(e^(−z) − 1)): f′ = fh and f″ = fh(h + b).

With h = 1/(1 − e^z) and b = 1/(e^(−z) − 1) the second is fh(fhL″ + (h + b)L′). A factor may overflow where
another has fallen to 0, or is 0: that one comes first.
"""

import sympy as sp
from sympy import exp

from derive.heads import bose, bose_rest, hyperbola_slope, log_bose, softplus, softsign, tanh
from derive.model import A, Y, Z
from derive.rules.branchless import Kept
from derive.rules.floats import Root, Times
from derive.rules.rooted import exponentials
from derive.rules.sides import Variance
from derive.rules.stable import recognise

_B, _H = bose(-Z), bose_rest(-Z)
_SCORES = (hyperbola_slope, tanh, softsign, exp, softplus)
BESIDE = sp.Gt(Z, -1)


def divisor(f: sp.Expr) -> sp.Expr | None:
    """c of an output 1/(c(e^(−z) − 1)); None of others."""
    c = _B / f
    return None if c.has(Z) else c


def beside(los: sp.Expr, f: sp.Expr) -> tuple[sp.Expr, sp.Expr] | None:
    """Both derivatives of L(f(z), y) beside the pole, where L′ is bounded or L grows like e^a; else None."""
    if divisor(f) is None:
        return None
    named = recognise(los)
    first = named.diff(A)
    if named.has(sp.Piecewise) or not (first.has(*_SCORES) or named.has(*_SCORES)):
        return None
    one, two = (recognise(sp.factor_terms(e).subs(A, f)) for e in (first, first.diff(A)))
    slope = f * _H
    return Times(Kept(one), slope), Times(Kept(Times(two, slope) + Times(one, _H + _B)), slope)


def deviance(v: Variance, f: sp.Expr) -> tuple[sp.Expr, sp.Expr] | None:
    """Both derivatives of a loss with the slope (a − y)a^(K − 2): no power of a overflows before them."""
    c, k = divisor(f), v.top
    if c is None or v.rate != 0 or k == 1:
        return None
    w = c * exp(-log_bose(-Z))  # 1/a; with h it is c e^(−z)
    if k == 0:
        return _H * (1 - Y * w), _H * (Y * w + _B)
    if k == -1:
        return c * exp(-Z) * Kept(1 - Y * w), c * exp(-Z) * ((c * Y - 1) + 2 * Y * w)
    high, low = (c**-n * exp(n * log_bose(-Z)) for n in (k, k - 1))
    second = (1 - k) * Y * low + high * Kept(k * (1 - c * Y) + (1 + k) * _B)
    return _H * Kept(high - Y * low), _H * Kept(second)


def behind_exponential(los: sp.Expr, f: sp.Expr) -> tuple[sp.Expr, sp.Expr] | None:
    """Both derivatives of L(e^z, y) for a loss that holds e^a, or falls like it: L′ stays one sum."""
    if f != exp(Z) or los.has(sp.Piecewise) or not los.has(exp):
        return None
    found = exponentials(los.diff(A))
    if found is not None and sp.Add(*found.values()).subs(Y, 1) != 0:
        return _apart(found, f)
    first = recognise(los).diff(A)
    one, two = (Kept(recognise(e.subs(A, f))) for e in (first, first.diff(A)))
    near = _by_halves(one), _by_halves(Kept(Times(two, f) + one))
    far = f * one, f * Kept(f * two.args[0] + one)
    first, second = (sp.Piecewise((a, BESIDE), (b, True)) for a, b in zip(near, far, strict=True))
    return first, second


def _by_halves(factor: sp.Expr) -> sp.Expr:
    """A factor times e^z, its root twice: it overflows where the product need not."""
    root = Root(exp(Z))
    return Times(Times(factor, root), root)


def _apart(found: dict[sp.Expr, sp.Expr], f: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """Both derivatives where L′ is a sum of ce^(ka), none of which is small because of another."""
    parts = {k: Times(c * recognise(exp(k * f)), f) for k, c in found.items()}
    second = sp.Add(*(Times(part, Kept(recognise(k * f + 1))) for k, part in parts.items()))
    return sp.Add(*parts.values()), second
