"""Quotients of polynomials over the rationals, in FLINT: fast, exact, without a thought for signs."""

from functools import lru_cache
from math import comb

import sympy as sp
from flint import Ordering, fmpq, fmpq_mpoly, fmpq_mpoly_ctx

Quotient = tuple[fmpq_mpoly, fmpq_mpoly]

_MOST = (
    10**7
)  # terms of a power or a product, before like ones are joined; FLINT ends the process where memory ends


def quotient(expr: sp.Expr, also: frozenset[sp.Symbol] = frozenset()) -> Quotient:
    """Numerator and denominator of a rational expression, not in lowest terms; `also`: further symbols.

    TypeError where it divides by what is 0: of that neither sign nor equality is known.
    """
    symbols = sorted(expr.free_symbols | also, key=str)
    context = fmpq_mpoly_ctx.get([str(s) for s in symbols] or ["unit"], Ordering.lex)
    letters = dict(zip(symbols, context.gens(), strict=False))
    return _quotient(expr, letters, context.constant(1))


def _quotient(expr: sp.Expr, letters: dict, one: fmpq_mpoly) -> Quotient:
    if expr.is_Symbol:
        return letters[expr], one
    if expr.is_Rational:
        return one * fmpq(int(expr.p), int(expr.q)), one
    if expr.is_Pow and expr.exp.is_Integer:
        top, bottom = _quotient(expr.base, letters, one)
        n = int(expr.exp)
        if max(comb(abs(n) + len(p) - 1, abs(n)) for p in (top, bottom) if len(p)) > _MOST:
            raise TypeError("no polynomial that memory holds")
        if n < 0 and top == 0:
            raise TypeError("a division by 0")
        return (top**n, bottom**n) if n > 0 else (bottom**-n, top**-n)
    parts = [_quotient(a, letters, one) for a in expr.args]
    if expr.is_Mul:
        return _product([p[0] for p in parts], one), _product([p[1] for p in parts], one)
    if expr.is_Add:
        return _sum(parts, one)
    raise TypeError(f"{expr.func.__name__} is not rational")


def _product(factors: list[fmpq_mpoly], one: fmpq_mpoly) -> fmpq_mpoly:
    for f in factors:
        one = _times(one, f)
    return one


def _times(one: fmpq_mpoly, other: fmpq_mpoly) -> fmpq_mpoly:
    if len(one) * len(other) > _MOST:
        raise TypeError("no polynomial that memory holds")
    return one * other


def _sum(parts: list[Quotient], one: fmpq_mpoly) -> Quotient:
    """The sum over a common denominator; each distinct denominator is multiplied in once."""
    top, bottom = one * 0, one
    for n, d in parts:
        if d == bottom:
            top = top + n
            continue
        shared = bottom.gcd(d)
        left, right = d / shared, bottom / shared
        top, bottom = _times(top, left) + _times(n, right), _times(bottom, left)
    return top, bottom


def lowest(expr: sp.Expr) -> Quotient:
    """The quotient in lowest terms, its denominator with leading coefficient 1."""
    top, bottom = quotient(expr)
    shared = top.gcd(bottom)
    top, bottom = top / shared, bottom / shared
    lead = bottom.leading_coefficient()
    return top / lead, bottom / lead


def expression(poly: fmpq_mpoly, symbols: dict[str, sp.Symbol]) -> sp.Expr:
    """A polynomial as a SymPy expression, in the given symbols."""
    names = [symbols.get(name) for name in poly.context().names()]
    return sp.Add(*(_term(powers, number, names) for powers, number in poly.to_dict().items()))


def terms(poly: fmpq_mpoly, symbols: dict[str, sp.Symbol]) -> list[tuple[sp.Rational, sp.Expr]]:
    """(coefficient, monomial) of each term."""
    names = [symbols.get(name) for name in poly.context().names()]
    return [(_rational(c), _term(powers, 1, names)) for powers, c in poly.to_dict().items()]


def _rational(number: fmpq) -> sp.Rational:
    return sp.Rational(int(number.p), int(number.q))


def _term(powers, number, names) -> sp.Expr:
    monomial = _monomial(tuple((s, n) for s, n in zip(names, powers, strict=True) if n))
    return monomial if number == 1 else sp.Mul(_rational(number), monomial)


@lru_cache(maxsize=2**15)
def _monomial(powers: tuple[tuple[sp.Symbol, int], ...]) -> sp.Expr:
    """The product of powers; many proofs meet the same ones."""
    return sp.Mul(*[s**n for s, n in powers])
