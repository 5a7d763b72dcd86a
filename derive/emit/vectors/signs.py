"""Signs that the form of an index expression tells, where the signs of letters are known."""

import math
from collections.abc import Mapping

from sympy import Expr, Indexed, Sum

from derive.program.vectors.lines import name_of


def sign(expr: Expr, signs: Mapping[str, int]) -> int:
    """1 or -1 where an expression is nowhere negative or nowhere positive, as far as its form tells, or 0."""
    if isinstance(expr, Indexed):
        return signs.get(name_of(expr.base)) or _assumed(expr.base.label)
    if expr.is_Symbol and str(expr) in signs:
        return signs[str(expr)]
    if isinstance(expr, Sum):
        return sign(expr.function, signs)
    if expr.is_Mul:
        return math.prod(sign(a, signs) for a in expr.args)
    if expr.is_Pow:
        return 1 if expr.exp.is_even else int(sign(expr.base, signs) == 1)
    if expr.is_Add:
        found = {sign(a, signs) for a in expr.args}
        return found.pop() if len(found) == 1 else 0
    return _assumed(expr)


def _assumed(expr: Expr) -> int:
    return 1 if expr.is_nonnegative else -1 if expr.is_nonpositive else 0
