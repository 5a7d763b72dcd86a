"""z with f(z) = a, where z stands once in f: what surrounds it is undone from the outside in."""

from collections.abc import Callable

import sympy as sp

from derive.model import Activation, Interval, Z

UNDONE: dict[type, Callable[[sp.Expr], sp.Expr]] = {
    sp.exp: sp.log,
    sp.log: sp.exp,
    sp.atan: sp.tan,
    sp.tanh: lambda w: sp.log((1 + w) / (1 - w)) / 2,
}


def preimage(act: Activation, a: sp.Expr) -> sp.Expr | None:
    """An exact z of the domain with f(z) = a; None where none is found."""
    if act.expr.count(Z) != 1:
        return None
    for z in _solved(act.expr, a):
        if z.is_real and inside(z, act.domain):
            return sp.expand_log(z, force=True) if z.has(sp.log) else z
    return None


def inside(z: sp.Expr, domain: object) -> bool:
    """Whether a number lies within an interval, its ends left out."""
    return isinstance(domain, Interval) and bool(domain.lo < z) and bool(z < domain.hi)


def _solved(expr: sp.Expr, value: sp.Expr) -> list[sp.Expr]:
    if expr == Z:
        return [value]
    if expr.is_Add or expr.is_Mul:
        rest, inner = expr.as_independent(Z, as_Add=expr.is_Add)
        return _solved(inner, value - rest if expr.is_Add else value / rest)
    if isinstance(expr, sp.Pow) and not isinstance(expr, sp.exp) and not expr.exp.has(Z):
        root = value ** (1 / expr.exp)
        return [*_solved(expr.base, root), *(_solved(expr.base, -root) if expr.exp % 2 == 0 else [])]
    undo = UNDONE.get(type(expr))
    return _solved(expr.args[0], undo(value)) if undo else []
