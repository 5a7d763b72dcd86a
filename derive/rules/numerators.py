"""Sums with quotients over one denominator, where the numerator then loses all that varies."""

from collections.abc import Sequence

import sympy as sp
from sympy import exp

from derive.heads import HeadFunction
from derive.model import Z


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
    return all(v.is_Rational for v in values) and values[0] != values[1]
