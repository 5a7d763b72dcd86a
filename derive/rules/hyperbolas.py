"""Roots √(c + bw²), which overflow with w² and lose the digits beside √c: as what is kept whole of them."""

from typing import Final

import sympy as sp
from sympy import sqrt

from derive.heads import arsinh_slope, hyperbola, hyperbola_slope, raised_hyperbola, rise_slope
from derive.model import Z
from derive.rules import W, identity, rewrite

_HALF: Final = sp.Rational(1, 2)

RAISED: Final = (
    identity("raised hyperbola", "w + √(1 + w²) − 1 is kept whole", W + hyperbola(W), raised_hyperbola(W)),
)


def less_one(expr: sp.Expr) -> sp.Expr:
    """`expr` with √(w² + c²) − c written as c(√(1 + (w/c)²) − 1), which is kept whole."""
    if not expr.args or not expr.has(sp.Pow):
        return expr
    args = [less_one(arg) for arg in expr.args]
    if any(new is not old for new, old in zip(args, expr.args, strict=True)):
        expr = expr.func(*args)
    for term in expr.args if expr.is_Add else ():
        front, root = term.as_independent(sp.Pow, as_Add=False) if not term.is_Pow else (sp.S.One, term)
        if root.is_Pow and root.exp == _HALF and root.base.is_Add and len(root.base.args) == 2:
            for square, rest in (root.base.args, root.base.args[::-1]):
                c = sqrt(rest)
                whole = square.is_Pow and square.exp == 2 and rest.is_positive and not rest.has(Z)
                if whole and -front * c in expr.args and c != 1:
                    return expr - term + front * c + front * c * hyperbola(square.base / c)
    return expr


def whole(expr: sp.Expr) -> sp.Expr:
    """`expr` with every root that is left by √(1 + u²) − 1, u/√(1 + u²) and powers of 1/√(1 + u²)."""
    return rewrite(_whole(expr), RAISED)


def _whole(expr: sp.Expr) -> sp.Expr:
    if not expr.args or not expr.has(sp.Pow):
        return expr
    if isinstance(expr, sp.Piecewise):
        return sp.Piecewise(*((_whole(e), c) for e, c in expr.args), evaluate=False)
    args = [_whole(arg) if isinstance(arg, sp.Expr) else arg for arg in expr.args]
    if any(new is not old for new, old in zip(args, expr.args, strict=True)):
        expr = expr.func(*args)
    if expr.is_Add:
        return sp.Add(*(sp.expand_mul(t) if _is_opened(t) else t for t in expr.args))
    if expr.is_Mul:
        return _product(expr)
    return _power(expr)


def _is_opened(term: sp.Expr) -> bool:
    """Whether a term is a number times 1 + (√(1 + u²) − 1), whose 1 may cancel with what stands beside it."""
    rest = term.as_independent(Z, as_Add=False)[1]
    return rest.is_Add and rest.args[0] == 1 and len(rest.args) == 2 and isinstance(rest.args[1], hyperbola)


def _power(expr: sp.Expr) -> sp.Expr:
    """(c + bw²)^(n/2) for n = 1, −1, −3; any other power as it is."""
    if not expr.is_Pow or expr.exp not in (_HALF, -_HALF, -3 * _HALF) or (found := _parts(expr.base)) is None:
        return expr
    c, u = found
    if expr.exp == _HALF:
        return sqrt(c) * (1 + hyperbola(u))
    return arsinh_slope(u) / sqrt(c) if expr.exp == -_HALF else 2 * rise_slope(u) / c ** (3 * _HALF)


def _product(expr: sp.Expr) -> sp.Expr:
    """u/√(1 + u²) where the factor u stands beside its root."""
    for slope in expr.args:
        if isinstance(slope, arsinh_slope):
            rest, w = expr / slope, slope.args[0].as_independent(Z, as_Add=False)[1]
            if w in sp.Mul.make_args(rest):
                return rest / w * hyperbola_slope(slope.args[0]) * w / slope.args[0]
    return expr


def _parts(base: sp.Expr) -> tuple[sp.Expr, sp.Expr] | None:
    """c > 0 and u with c + bw² = c(1 + u²); None for any other sum."""
    if not (base.is_Add and len(base.args) == 2):
        return None
    for square, c in (base.args, base.args[::-1]):
        b, power = square.as_independent(Z, as_Add=False)
        if c.is_positive and not c.has(Z) and b.is_positive and power.is_Pow and power.exp == 2:
            return c, sqrt(b / c) * power.base
    return None
