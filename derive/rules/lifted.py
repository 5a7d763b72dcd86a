"""Losses of log(1 + a) behind an exponential unit a = c(e^w − 1), c ≤ 1: there 1 + a is (1 − c) + ce^w.

At c = 1 it is e^w, and its logarithm w, however far e^w has fallen. With L = g(v), v = log(1 + a), the slopes
are w′g′S and w′²S(g″S + g′R), of the shares S = ce^w/(1 + a) and R = (1 − c)/(1 + a) = 1 − S.
"""

import sympy as sp
from sympy import exp

from derive.heads import expm1, log1p
from derive.model import A, Z
from derive.rules.branchless import Kept
from derive.rules.large import Slopes
from derive.rules.stable import recognise

_V = sp.Symbol("v", real=True)
_WHOLE = sp.S.One, sp.S.Zero, sp.S.One


def lifted(los: sp.Expr, f: sp.Expr) -> Slopes | None:
    """The slopes of L(f(z)), those at c = 1 by themselves; None for another loss or output."""
    c, head = f.as_independent(expm1, as_Add=False)
    outer = recognise(los).xreplace({log1p(A): _V})
    if not (isinstance(head, expm1) and outer.has(_V)) or outer.has(A):
        return None
    w = head.args[0]
    found = _slopes(outer, log1p(f), w, (c * exp(w), 1 - c, 1 + f))
    if not c.free_symbols:
        return found
    value, first, second = (
        sp.Piecewise((whole, sp.Eq(c, 1)), (other, True))
        for whole, other in zip(_slopes(outer, w, w, _WHOLE), found, strict=True)
    )
    return value, first, second


def _slopes(outer: sp.Expr, v: sp.Expr, w: sp.Expr, shares: tuple[sp.Expr, sp.Expr, sp.Expr]) -> Slopes:
    """g(v), and its slopes in z by what S and R are shares of, and by all of it."""
    (share, rest, total), slope = shares, w.diff(Z)
    value, first, second = (outer.diff(_V, n).xreplace({_V: v}) for n in range(3))
    number, inner = (first * rest).as_coeff_Mul()
    bend = second * share + (number * Kept(inner) if rest != 0 else 0)  # 1 − c, whole, may be small
    return value, slope * first * share / total, slope**2 * share * bend / total**2
