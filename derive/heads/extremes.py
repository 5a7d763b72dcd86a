"""The largest and the smallest of several expressions as cases, in conditions that SymPy leaves alone."""

import sympy as sp


def as_cases(expr: sp.Expr) -> sp.Expr:
    """Max or Min as a Piecewise; what is compared with 0 is spread out, which SymPy turns round but once.

    Its own rewriting turns x(c − x) ≤ x − bx round for ever.
    """
    args = expr.args
    rows = [(one, sp.And(*(_wins(expr, one, other) for other in args if other != one))) for one in args[:-1]]
    return sp.Piecewise(*rows, (args[-1], True))


def _wins(expr: sp.Expr, one: sp.Expr, other: sp.Expr) -> sp.Basic:
    gap = sp.expand(one - other).primitive()[1]
    return gap >= 0 if isinstance(expr, sp.Max) else gap <= 0
