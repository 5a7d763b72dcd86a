"""Products in which a square of z, or 1/z, overflows although what stands beside it has decayed to 0.

A root of the decaying factor comes first, z²/t² is the square of z/t, and 0 stays 0 beside what is infinite.
"""

import sympy as sp

from derive.heads import HeadFunction, absolute, bose, row_of, squareplus
from derive.model import Y, Z
from derive.rules.branchless import Kept
from derive.rules.floats import Root, Sizes, Times, exact
from derive.rules.weighted import Weighted, outgrows


def leveled(expr: sp.Basic, sizes: Sizes) -> sp.Basic:
    """`expr`, its products arranged, with those of towers and what decays in an order without 0 · ∞."""
    if not expr.args or isinstance(expr, Times):
        return expr
    expr = expr.func(*(leveled(a, sizes) for a in expr.args))
    return _product(expr, sizes) if expr.is_Mul else expr


def _product(product: sp.Expr, sizes: Sizes) -> sp.Expr:
    weights = [f for f in product.args if isinstance(f, Weighted) and outgrows(exact(f.args[1]))]
    rest = sp.Mul(*(f for f in product.args if f not in weights))
    if weights and rest.has(Z):
        return Times(sp.Mul(*weights), rest)
    if any(isinstance(f, squareplus) for f in product.args):
        return _before_growth(product, sizes)
    if any(map(_has_pole, product.args)):
        sign = sp.sign(product.as_coeff_Mul()[0])
        return sign * _before_growth(sign * product, sizes)
    if Z**2 in product.args:
        product = sp.Mul(*(_beside_square(f, sizes) for f in product.args))
        over = [
            f for f in product.args if f.is_Pow and f.exp == -2 and f.base.is_Add and f.base.has(absolute)
        ]
        if over:
            # Roots that decay, as those of a gate do, come before z in it.
            roots = [f for f in product.args if f.is_Pow and f.exp.is_even and isinstance(f.base, Root)]
            root = sp.Mul(*(f.base ** (f.exp / 2) for f in roots))
            return product / (sp.Mul(*roots) * Z**2 * over[0]) * Kept(root * Z / over[0].base) ** 2
    raised = [f for f in product.args if f.is_Pow and f.base in (Z, -Z) and f.exp.free_symbols]
    if raised and (sums := [f for f in product.args if _vanishes(f)]):
        others = [f for f in product.args if f not in raised and f not in sums]
        return sp.Mul(Times(sp.Mul(*sums), sp.Mul(*raised)), *others)
    return _guarded(product, sizes)


def _vanishes(factor: sp.Expr) -> bool:
    """Whether a factor is a sum that may be 0 for all z: at y = 0, where parameters cancel."""
    if not (factor.is_Add and factor.has(Y) and factor.has(Z)):
        return False
    rest = factor.subs(Y, 0)
    return bool(rest.free_symbols) and not rest.has(Z, HeadFunction)


def _before_growth(product: sp.Expr, sizes: Sizes) -> sp.Expr:
    """A product with all that does not vary with z in one factor: a number alone would let z overflow."""
    fixed = sp.Mul(*(f for f in product.args if not f.has(Z, *sizes.meaning)))
    return Kept(fixed) * (product / fixed) if fixed.as_coeff_Mul()[0] > 1 else product


def _has_pole(factor: sp.Expr) -> bool:
    """Whether a factor is the root of 1/(e^w − 1), or a power of it."""
    root = factor.as_base_exp()[0]
    return isinstance(root, Root) and isinstance(root.args[0], bose)


def _beside_square(factor: sp.Expr, sizes: Sizes) -> sp.Expr:
    """A head of a residual as the square of its root, if it has one."""
    row = row_of(factor)
    named = row and row.root and factor.free_symbols & set(sizes.meaning)
    return Root(factor) ** 2 if named else factor


def _guarded(product: sp.Expr, sizes: Sizes) -> sp.Expr:
    """A product of roots that decay as 1/z or z² grows, and of what has such a power in it."""
    roots = {
        f.base for f in product.args if f.is_Pow and isinstance(f.base, Root) and _towers(f.base.args[0])
    }
    tall = [f for f in product.args if _is_tall(f) or _towers(sizes.meaning.get(f, sp.S.Zero))]
    if not (roots and tall):
        return product
    tall += [f for f in product.args if f.is_Add and any(map(_over_z, f.args))]
    vanishing = [f for f in product.args if f.is_Add and f.has(Y) and not f.has(Z)]  # 1 − y
    decay, growth = sp.Mul(*vanishing, *roots), sp.Mul(*tall)
    return Times(decay, growth) * (product / decay / growth)


def _over_z(term: sp.Expr) -> bool:
    """Whether a term is a number over a power of z: it overflows before z has fallen to 0."""
    _, rest = term.as_coeff_Mul()
    return rest.is_Pow and rest.base in (Z, -Z) and bool(rest.exp.is_negative)


def _towers(expr: sp.Expr) -> bool:
    """Whether a power of z other than z itself is in an expression."""
    return any(
        p.base in (Z, -Z) and (p.exp > 1) != (p.exp < 0) for p in expr.atoms(sp.Pow) if p.exp.is_number
    )


def _is_tall(factor: sp.Expr) -> bool:
    """Whether a factor is a power of z that overflows as one, such as z^(−3/2)."""
    return factor.is_Pow and factor.base in (Z, -Z) and bool(factor.exp.is_number and factor.exp < -1)
