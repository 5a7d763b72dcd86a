"""Limits and leading terms, by own computation: exact, for symbolic parameters, or None where undecided.

The expression is written as a series over monomials z^p (log z)^q e^(…) that are in order, with a rest that
is bounded. Terms are added until the first one is known not to cancel.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TypeAlias

import sympy as sp

from derive.heads import plain
from derive.proof.limits.expand import Expansion, tends
from derive.proof.limits.scale import OpenSign, Unsettled, X, sign
from derive.proof.limits.series import ZERO, Series, constant, first, plus, single
from derive.proof.normal import is_zero

__all__ = ["End", "leading", "limit"]

ROUNDS = (1, 3, 6)  # powers that are kept, tried in turn
End: TypeAlias = "sp.Expr | tuple[sp.Expr, int]"  # ±∞, or a number and the side from which it is approached
Letters = Mapping[sp.Symbol, sp.Expr]
NONE: Letters = MappingProxyType({})


def limit(expr: sp.Expr, letter: sp.Symbol, end: End, where: Letters = NONE) -> sp.Expr | None:
    """The limit, ±∞ where it grows; None where that is not decided.

    `where` gives functions of the letter that have letters of their own in `expr`, such as a = f(z).
    """
    for series in _tries(expr, letter, end, where):
        try:
            return neat(tends(series))
        except OpenSign:
            return None
        except Unsettled:
            continue
    return sp.S.Zero if _zero(expr.xreplace(dict(where))) else None


def leading(expr: sp.Expr, letter: sp.Symbol, end: End, where: Letters = NONE) -> sp.Expr | None:
    """The c·m with expr ∼ c·m, 0 where expr is 0 all the way; None where that is not decided."""
    for series in _tries(expr, letter, end, where):
        if series == ZERO:
            return sp.S.Zero
        try:
            number, monomial = first(series)
            if not number.is_nonzero:
                sign(number)
        except OpenSign:
            return None
        except Unsettled:
            continue
        return sp.Mul(neat(number), monomial.written(_large(letter, end)))
    return sp.S.Zero if _zero(expr.xreplace(dict(where))) else None


def neat(number: sp.Expr) -> sp.Expr:
    """A coefficient in lowest terms."""
    if number.is_Rational or number.is_infinite:
        return number
    number = number.replace(sp.sinh, lambda w: sp.tanh(w) * sp.cosh(w))
    return sp.factor(sp.cancel(number)) if number.free_symbols else number


def _tries(expr: sp.Expr, letter: sp.Symbol, end: End, where: Letters) -> Iterator[Series]:
    """The series with ever more powers."""
    for terms in ROUNDS:
        try:
            inner = Expansion({letter: _inner(end)}, terms)
            letters = {name: inner.of(plain(meaning)) for name, meaning in where.items()}
            yield Expansion({letter: _inner(end), **letters}, terms).of(plain(expr))
        except OpenSign:
            return
        except Unsettled:
            continue


def _inner(end: End) -> Series:
    """The letter in terms of an x that tends to ∞."""
    if isinstance(end, tuple):
        point, side = end
        return plus(constant(point), single(X**-1, sp.Integer(side)))
    return single(X, sp.S.One if end == sp.oo else sp.S.NegativeOne)


def _large(letter: sp.Symbol, end: End) -> sp.Expr:
    """The x that tends to ∞ in terms of the letter."""
    if isinstance(end, tuple):
        point, side = end
        return side / (letter - point)
    return letter if end == sp.oo else -letter


def _zero(expr: sp.Expr) -> bool:
    try:
        return is_zero(plain(expr))
    except TypeError:
        return False
