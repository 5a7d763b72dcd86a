"""Targets beside what overflows: c·h(w) where c is 0 at some target although h(w) is infinite in floats.

Weighted(c, w, name) is c·h(w) for the head h of that name: it is 0 where c is, and overflows no earlier than
the product does. A head's `weighted` spells it.
"""

from collections.abc import Callable
from typing import Final

import sympy as sp
from sympy import exp
from sympy.core.symbol import Str

from derive.heads import HeadFunction, bose, lag, names, row_of, softplus
from derive.model import Finite, Interval, Set, Y, Z

Bounded = Callable[[sp.Expr], bool]  # whether an expression is of moderate size


class Weighted(sp.Function):
    """c·h(w), by the name of h."""

    nargs = 3

    @classmethod
    def eval(cls, factor, argument, name):
        return None


class WeightedLog(sp.Function):
    """y·log w, and y times log w as a sum, for use where w has left the range; the third is that sum."""

    nargs = 4

    @classmethod
    def eval(cls, y, w, logs, far):
        return None


class WeightedLog1p(WeightedLog):
    """y·log(1 + w), likewise."""


def ends(target: Set) -> tuple[sp.Expr, ...]:
    """The targets at which a factor may be 0: the listed ones, or the ends that belong to an interval."""
    if isinstance(target, Finite):
        return tuple(map(sp.Integer, target.values))
    if not isinstance(target, Interval):
        return ()
    belongs = (target.lo, target.closed_lo), (target.hi, target.closed_hi)
    return tuple(end for end, closed in belongs if closed and end.is_finite)


def weighted(factors: list[sp.Expr], at: tuple[sp.Expr, ...], bounded: Bounded) -> list[sp.Expr]:
    """The factors of a product, one that is 0 at some target joined with one that overflows."""
    vanishing = [f for f in factors if f.has(Y) and not f.has(Z) and any(f.subs(Y, end) == 0 for end in at)]
    growing = [f for f in factors if _overflows(f) and not bounded(f.args[0])]
    if not (vanishing and growing):
        return factors
    head = growing[0]
    # A logarithm goes with the target: after a head that is subnormal it would multiply what was lost.
    wide = [f for f in factors if _is_wide(f) and f not in growing and not bounded(f)]
    factor = sp.Mul(*vanishing, *wide)
    rest = [f for f in factors if f not in vanishing and f not in wide and f != head]
    return [Weighted(factor, head.args[0], Str(type(head).__name__)), *rest]


_DOUBLED: Final = 1  # softplus(w) overflows only where w does, so where a number multiplies z


def _is_wide(factor: sp.Expr) -> bool:
    """Whether a factor is a block without a root, such as the logarithm of one."""
    row = row_of(factor)
    return bool(row and not row.root and not row.weighted and factor.has(Z))


def _overflows(factor: sp.Expr) -> bool:
    """Whether a factor is a head that overflows at finite z."""
    row = row_of(factor)
    if not (row and row.weighted and factor.has(Z)) or isinstance(factor, lag):  # no later than its argument
        return False
    return not isinstance(factor, softplus) or outgrows(factor.args[0])


def outgrows(w: sp.Expr) -> bool:
    """Whether w is a product that overflows where z does not: 2z, cz, z², 1/z, e^z."""
    number, rest = w.as_coeff_Mul()
    factors = sp.Mul.make_args(rest)
    steep = [f for f in factors if isinstance(f, exp | bose) or (f.is_Pow and f.base in (Z, -Z))]
    return abs(number) > _DOUBLED or bool(steep) or (Z in factors and len(factors) > 1)


def halves(w: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """Two factors of w that overflow later than it does: c and z, z and z, e^(z/2) twice; else 1 and w."""
    number, rest = w.as_coeff_Mul()
    factor, varying = rest.as_independent(Z, as_Add=False)
    if varying == 1 and not rest.is_Symbol:
        return number, rest  # made of names
    if isinstance(varying, exp):
        root = exp(varying.args[0] / 2)
        return number * factor * root, root
    if varying.is_Pow and varying.base == Z and varying.exp == 2:
        return number * factor * Z, Z
    return number * factor, varying


def unweighted(expr: sp.Expr) -> sp.Expr:
    """`expr` with every Weighted and WeightedLog taken back to the product."""
    expr = expr.replace(lambda e: isinstance(e, WeightedLog), _unweighted_log)
    return expr.replace(lambda e: isinstance(e, Weighted), lambda e: e.args[0] * head_of(e))


def head_of(product: Weighted) -> sp.Expr:
    """The head in a Weighted."""
    _, argument, name = product.args
    head: type[HeadFunction] = sp.exp if name.name == "exp" else getattr(names, name.name)
    return head(argument)


def _unweighted_log(product: sp.Expr) -> sp.Expr:
    """The product that a WeightedLog stands for."""
    y, _, logs, _ = product.args
    return y * (softplus(logs) if isinstance(product, WeightedLog1p) else logs)
