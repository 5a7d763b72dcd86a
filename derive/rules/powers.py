"""Sums with powers of z whose exponents are parameters: 2a/p − a is (2 − p)a/p, exactly 0 at p = 2."""

import sympy as sp

from derive.model import Y, Z


def collected(expr: sp.Expr) -> sp.Expr:
    """`expr` with like terms of such sums together, what parameters multiply them by in lowest terms."""
    return expr.replace(lambda e: e.is_Add and any(map(_is_raised, e.atoms(sp.Pow))), _like_terms)


def _is_raised(power: sp.Pow) -> bool:
    """Whether a power is one of z, its exponent a parameter."""
    return power.base in (Z, -Z) and bool(power.exp.free_symbols)


def _like_terms(total: sp.Expr) -> sp.Expr:
    found: dict[sp.Expr, sp.Expr] = {}
    for term in total.args:
        constant, rest = term.as_independent(Z, Y, as_Add=False)
        found[rest] = found.get(rest, sp.S.Zero) + constant
    return sp.Add(*(sp.factor(constant) * rest for rest, constant in found.items()))
