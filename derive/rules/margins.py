"""Margins δ − |a − y| of conditions, by arrangements that give them the right sign.

Within(δ, z, y) is δ − |z − y|. Beside(δ, w, x, y, c) is δ − |w| with w = c + x − y: where x is small beside c
the constants are added first, (c ∓ δ) − y, which is exact where they cancel.
"""

import sympy as sp

from derive.heads import absolute
from derive.model import Y, Z


class Within(sp.Function):
    """δ − |z − y|."""

    nargs = 3

    @classmethod
    def eval(cls, delta, z, y):
        return None


class Beside(sp.Function):
    """δ − |w|, where w is c + x − y."""

    nargs = 5

    @classmethod
    def eval(cls, delta, w, x, y, c):
        return None


def within(delta: sp.Expr, size: sp.Expr) -> sp.Expr | None:
    """δ − |a − y| where a is z, or a polynomial in z with a constant; None where it is anything else."""
    if size == absolute(Z - Y):
        return Within(delta, Z, Y)
    if not isinstance(size, absolute) or not (a := size.args[0] + Y).is_polynomial(Z):
        return None
    constant = a.subs(Z, 0)
    if a.free_symbols != {Z} or constant == 0:
        return None
    return Beside(delta, size.args[0], sp.factor(a - constant), Y, constant)


def unbounded(expr: sp.Expr) -> sp.Expr:
    """`expr` with Within and Beside taken back."""
    expr = expr.replace(
        lambda e: isinstance(e, Within), lambda e: e.args[0] - absolute(e.args[1] - e.args[2])
    )
    return expr.replace(lambda e: isinstance(e, Beside), lambda e: e.args[0] - absolute(e.args[1]))
