"""Sums of powers, like ones together: of z to a parameter, 2a/p − a is (2 − p)a/p; of e^f beside e^w."""

import sympy as sp
from sympy import exp

from derive.heads import expm1
from derive.model import Y, Z


def collected(expr: sp.Expr) -> sp.Expr:
    """`expr` with like terms of such sums together, what parameters multiply them by in lowest terms."""
    return expr.replace(lambda e: e.is_Add and any(map(_is_raised, e.atoms(sp.Pow))), _like_terms)


def merged(expr: sp.Expr) -> sp.Expr:
    """`expr` with z^m (−z)^k in its products as ±(−z)^(m + k): no factor of it is subnormal by itself."""
    return expr.replace(lambda e: e.is_Mul and e.has(-Z), _one_power)


def _one_power(product: sp.Expr) -> sp.Expr:
    powers = product.as_powers_dict()
    m, k = powers.get(Z, sp.S.Zero), powers.get(-Z, sp.S.Zero)
    if m == 0 or k == 0 or not (m.is_Integer and k.is_number):
        return product
    rest = sp.Mul(*(f for f in product.args if f.as_base_exp()[0] not in (Z, -Z)))
    return rest * sp.S.NegativeOne**m * (-Z) ** (m + k)


def _is_raised(power: sp.Pow) -> bool:
    """Whether a power is one of z, its exponent a parameter."""
    return power.base in (Z, -Z) and bool(power.exp.free_symbols)


def _like_terms(total: sp.Expr) -> sp.Expr:
    found: dict[sp.Expr, sp.Expr] = {}
    for term in total.args:
        constant, rest = term.as_independent(Z, Y, as_Add=False)
        found[rest] = found.get(rest, sp.S.Zero) + constant
    return sp.Add(*(sp.factor(constant) * rest for rest, constant in found.items()))


def by_powers(total: sp.Expr) -> sp.Expr:
    """A sum in powers of e^f, where f holds e^w − 1, and e^w as one sum beside each of the powers.

    Of a single power, where what stands beside it cancels by itself: ye^(−f)(e^w − 1) + 1.
    """
    powers = {e: sp.Dummy(real=True) for e in total.atoms(exp) if e.args[0].has(expm1)}
    if len(powers) not in (1, 2) or not any(not e.args[0].has(expm1) for e in total.atoms(exp)):
        return total
    opened = sp.expand(total.xreplace(powers))
    shares = {power: opened.coeff(name) for power, name in powers.items()}
    rest = sp.expand(opened - sp.Add(*(name * shares[power] for power, name in powers.items())))
    alone = len(powers) == 1 and not rest.has(Z, *powers.values()) and any(map(_subtracts, shares.values()))
    if not alone and (len(powers) == 1 or rest != 0):
        return total
    return rest + sp.Add(*(power * sp.factor(share) for power, share in shares.items()))


def _subtracts(total: sp.Expr) -> bool:
    """Whether terms of a sum have both signs."""
    return len({term.could_extract_minus_sign() for term in sp.Add.make_args(total)}) == 2
