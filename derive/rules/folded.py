"""Products with a small number in front of what is large beside e^f."""

import sympy as sp

from derive.model import Z


def folded(product: sp.Expr) -> sp.Expr:
    """A product with a small number inside a sum, or the square of one, which is else large beside e^f."""
    number, rest = product.as_coeff_Mul()
    for square in (f for f in sp.Mul.make_args(rest) if f.is_Pow and f.base.is_Add and f.exp == 2):
        root = sp.sqrt(abs(number))
        if root.is_Rational and 1000 * abs(number) < 1:
            return sp.sign(number) * rest / square * sp.expand_mul(root * square.base) ** 2
    sums = [f for f in sp.Mul.make_args(rest) if f.is_Add and f.has(Z) and not f.has(sp.exp)]
    if 1000 * abs(number) < 1 and len(sums) == 1:
        return rest / sums[0] * sp.expand_mul(number * sums[0])
    return product
