"""Powers with a parameter as exponent: p^γ of a probability, whose slope is γ p^γ times that of log p; |w|^q.

Differentiated so, nothing is divided by a p that has decayed to 0, or by a w that is 0.
"""

from collections.abc import Callable
from typing import Final

import sympy as sp

from derive.heads import (
    absolute,
    cauchy,
    gumbel,
    gumbel_rest,
    log_cauchy,
    log_gumbel_rest,
    log_ndtr,
    ndtr,
    row_of,
    sgn,
    sigmoid,
    softplus,
)
from derive.model import Y, Z

LOGARITHMS: Final[dict[type, Callable[[sp.Expr], sp.Expr]]] = {
    sigmoid: lambda w: -softplus(-w),
    ndtr: lambda w: log_ndtr(w),
    cauchy: lambda w: log_cauchy(w),
    gumbel: lambda w: -sp.exp(w),
    gumbel_rest: lambda w: log_gumbel_rest(w),
}


class Raised(sp.Function):
    """p^γ for a probability p among the heads."""

    nargs = 2

    @classmethod
    def eval(cls, head, power):
        return None

    def _eval_derivative(self, by):
        head, power = self.args
        return power * self * LOGARITHMS[type(head)](head.args[0]).diff(by)


class Size(sp.Function):
    """|w|^q, or sgn(w)|w|^q where `odd` is 1."""

    nargs = 3

    @classmethod
    def eval(cls, w, power, odd):
        return None

    def _eval_derivative(self, by):
        w, power, odd = self.args
        return power * Size(w, power - 1, 1 - odd) * w.diff(by)


class Contrast(sp.Function):
    """(f − y)/(f + y), the slope of which is a quotient without a sum above the bar."""

    nargs = 1

    @classmethod
    def eval(cls, f):
        return None

    def _eval_derivative(self, by):
        (f,) = self.args
        return 2 * Y / (f + Y) ** 2 * f.diff(by)


def raised(expr: sp.Expr) -> sp.Expr:
    """`expr` with the powers of probabilities and sizes with a parameter in the exponent as functions."""
    expr = expr.replace(lambda e: e.is_Mul, _contrasted)
    expr = expr.replace(
        lambda e: e.is_Pow and isinstance(e.base, absolute) and bool(e.exp.free_symbols),
        lambda e: Size(e.base.args[0], e.exp, 0),
    )
    return expr.replace(
        lambda e: e.is_Pow and type(e.base) in LOGARITHMS and bool(e.exp.free_symbols),
        lambda e: Raised(*e.as_base_exp()),
    )


def lowered_powers(expr: sp.Expr) -> sp.Expr:
    """`expr` with these functions as powers again."""
    expr = expr.replace(lambda e: isinstance(e, Size), _sized)
    expr = expr.replace(lambda e: isinstance(e, sp.exp), _parted)
    expr = expr.replace(lambda e: isinstance(e, Contrast), lambda e: (e.args[0] - Y) / (e.args[0] + Y))
    return expr.replace(lambda e: isinstance(e, Raised), lambda e: e.args[0] ** e.args[1])


def _parted(power: sp.Expr) -> sp.Expr:
    """e^(k(log c + log h)) as c^k e^(k log h), where the power of h is spelled without its logarithm."""
    for total in (f for f in sp.Mul.make_args(power.args[0]) if f.is_Add):
        k, (constant, height) = power.args[0] / total, total.as_independent(Z, as_Add=True)
        logs = [t.as_coeff_Mul() for t in sp.Add.make_args(sp.expand_log(constant))]
        if all(isinstance(f, sp.log) for _, f in logs) and (row := row_of(height)) and row.half[0]:
            return sp.Mul(*(f.args[0] ** sp.expand(c * k) for c, f in logs)) * sp.exp(k * height)
    return power


def _contrasted(product: sp.Expr) -> sp.Expr:
    """A product of f − y and 1/(f + y) as a contrast; others as they are."""
    for total in (1 / f for f in product.args if f.is_Pow and f.exp == -1 and f.base.coeff(Y) == 1):
        for n, sign in ((total - 2 * Y, 1), (2 * Y - total, -1)):
            if n in product.args and n.is_Add:
                return product / n * total * sign * Contrast(total - Y)
    return product


def _sized(size: sp.Expr) -> sp.Expr:
    w, power, odd = size.args
    side = -1 if w.coeff(Y) == 1 else 1  # a residual is a − y
    return absolute(side * w) ** power * (side * sgn(side * w) if odd else 1)
