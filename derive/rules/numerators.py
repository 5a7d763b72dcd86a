"""Sums with quotients over one denominator, where the numerator then loses all that varies."""

from collections.abc import Sequence

import sympy as sp
from sympy import exp

from derive.heads import HeadFunction, cauchy, cauchy_lag, rise, rise_slope, squareplus
from derive.model import Y, Z
from derive.rules.branchless import Kept

_DIGITS, _APART = 30, 1e-15  # with so many digits numbers so far apart are two


def quotients(expr: sp.Expr) -> sp.Expr:
    """`expr` with 1 − (f − y)/(f + y) as 2y/(f + y), and other sums whose numerator loses all that varies."""
    return expr.replace(lambda e: e.is_Add and any(map(_divided, e.args)), _over_one)


def _divided(term: sp.Expr) -> bool:
    return any(f.is_Pow and f.exp == -1 and f.base.is_Add and f.has(Z) for f in sp.Mul.make_args(term))


def _over_one(total: sp.Expr) -> sp.Expr:
    heads = {h: sp.Dummy(real=True) for h in total.atoms(HeadFunction, exp) if h.has(Z)}
    top, below = sp.fraction(sp.together(total.xreplace(heads)))
    if _varies(top, [Z, *heads.values()]) or (top := sp.expand(top)).has(Z, *heads.values()):
        return total
    return (top / below).xreplace({name: head for head, name in heads.items()})


def _varies(expr: sp.Expr, letters: Sequence[sp.Symbol]) -> bool:
    """Whether two points tell a polynomial from a constant, which costs less than to multiply it out."""
    others = {s: sp.Rational(n + 2, 7) for n, s in enumerate(sorted(expr.free_symbols, key=str))}
    values = [
        expr.xreplace({**others, **{s: sp.Rational(n + k, 11) for n, s in enumerate(letters)}})
        for k in (2, 5)
    ]
    if all(v.is_Rational for v in values):
        return values[0] != values[1]
    one, other = (v.evalf(_DIGITS) for v in values)  # logarithms of numbers and the like are in it
    return bool(one.is_Float and other.is_Float and abs(one - other) > _APART * (abs(one) + abs(other)))


def of_heavy_tail(expr: sp.Expr) -> sp.Expr:
    """`expr` with w + 1/(π(y + C)) for C = C(w), which cancels far left, as (C·lag + yw)/(y + C).

    There C is about 1/(π|w|), and the lag w + 1/(πC) is known without cancellation.
    """
    for tail in sorted(expr.atoms(cauchy), key=str):
        w, divisor = tail.args[0], Y + tail
        parts = Kept(tail / divisor) * cauchy_lag(w) + Kept(Y / divisor) * w
        expr = expr.xreplace({w + 1 / (sp.pi * divisor): Kept(parts)})
    return expr


def of_one_slope(expr: sp.Expr) -> sp.Expr:
    """`expr` with c·rise² + d·rise′, where c is a quotient in y, by one quotient times rise′ for z < 0.

    The terms may cancel there, and rise² = rise′·s(1 + 4s²)/2 for s = squareplus.
    """
    found = {h.args[0] for h in expr.atoms(rise)}
    if len(found) != 1 or not expr.has(Y):
        return expr
    w = found.pop()
    left = expr.replace(lambda e: e.is_Add and e.has(rise(w) ** 2) and e.has(rise_slope(w)), _of_slope)
    return expr if left == expr else sp.Piecewise((left, w < 0), (expr, True))


def _of_slope(total: sp.Expr) -> sp.Expr:
    """A sum of rise² and rise′ as rise′ times a quotient, where a sum in y is divided by."""
    w = next(iter(total.atoms(rise))).args[0]
    s, slope = squareplus(w), rise_slope(w)
    divisors = {f for t in total.args for f in sp.Mul.make_args(t) if _divided(f) and f.has(Y)}
    if len(divisors) != 1:
        return total
    divisor = divisors.pop()
    square = slope * s * (1 + 4 * s**2) / 2
    top = sp.expand(sp.Add(*(t.subs(rise(w) ** 2, square) / divisor / slope for t in total.args)))
    return total if top.has(rise, rise_slope) else slope * divisor * top
