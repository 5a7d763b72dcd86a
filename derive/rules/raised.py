"""Powers of a probability with a parameter as exponent: p^γ, whose slope is γ p^γ times that of log p.

Differentiated so, nothing is divided by a p that has decayed to 0.
"""

from collections.abc import Callable
from typing import Final

import sympy as sp

from derive.heads import (
    cauchy,
    gumbel,
    gumbel_rest,
    log_cauchy,
    log_gumbel_rest,
    log_ndtr,
    ndtr,
    sigmoid,
    softplus,
)

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


def raised(expr: sp.Expr) -> sp.Expr:
    """`expr` with each power of a probability that has a parameter in its exponent as one function."""
    return expr.replace(
        lambda e: e.is_Pow and type(e.base) in LOGARITHMS and bool(e.exp.free_symbols),
        lambda e: Raised(*e.as_base_exp()),
    )


def lowered_powers(expr: sp.Expr) -> sp.Expr:
    """`expr` with these functions as powers again."""
    return expr.replace(lambda e: isinstance(e, Raised), lambda e: e.args[0] ** e.args[1])
