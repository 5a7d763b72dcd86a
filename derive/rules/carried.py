"""Values with what rounding took from them: which blocks take both, and the names of such pairs."""

from typing import Any

import sympy as sp

from derive.heads import row_of
from derive.rules.floats import Polynomial, Quotient, exact
from derive.rules.weighted import Weighted, head_of

_PAIRS = (Polynomial, Quotient)


class Carried(sp.Symbol):
    """The name of a value and what rounding took from it; it sorts like any other."""

    __slots__ = ()

    @classmethod
    def class_key(cls) -> Any:
        """The place of a symbol in SymPy's order."""
        return sp.Symbol.class_key()


def settled(expr: sp.Basic) -> sp.Basic:
    """`expr` with pairs only where blocks made for them take them; elsewhere it is the value that counts."""
    if (row := row_of(expr)) and row.polynomial[0] and (pair := _pair(expr.args[0])) is not None:
        return expr.func(pair)
    if isinstance(expr, Weighted) and isinstance(head_of(expr), sp.exp):
        factor, w, name = expr.args
        return Weighted(settled(factor), settled(w) if (pair := _pair(w)) is None else pair, name)
    if isinstance(expr, _PAIRS):
        return exact(expr)
    return expr.func(*map(settled, expr.args)) if expr.has(*_PAIRS) else expr


def _pair(w: sp.Expr) -> sp.Expr | None:
    """A pair, a number of times taken; None where `w` is none."""
    number, rest = w.as_coeff_Mul()
    if isinstance(rest, Polynomial):
        return Polynomial(rest.args[0], *(number * c for c in rest.args[1:]))
    if isinstance(rest, Quotient) and abs(number) in (1, 2, sp.S.Half):
        return Quotient(rest.args[0], rest.args[1] / number)
    return None
