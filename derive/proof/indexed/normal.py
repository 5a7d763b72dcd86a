"""The normal form of an indexed expression without δ: a quotient of polynomials in generators.

Every rewriting holds for every size: two expressions whose difference has numerator 0 are equal wherever
both are defined. What has no normal form raises TypeError.
"""

from collections.abc import Iterable

import sympy as sp
from sympy import Expr, Indexed, KroneckerDelta, Sum

from derive.proof.indexed.room import (
    Room,
    component,
    exponential,
    function,
    generator,
    leaf,
    logarithm,
    reduced,
    root,
)
from derive.proof.indexed.sums import merged, summed
from derive.proof.quotient import quotient, terms
from derive.rules.indexed import substitute

HALF = sp.Rational(1, 2)


def is_zero(room: Room, expr: Expr) -> bool:
    """Whether the normal form of `expr` is 0."""
    form = canon(room, expr)
    if quotient(form)[0] == 0 or quotient(reduced(room, form))[0] == 0:
        return True
    over_one = merged(room, form)
    return over_one != form and quotient(reduced(room, over_one))[0] == 0


def assume(room: Room, zeros: Iterable[Expr]) -> None:
    """Use expressions that are 0: each one is solved for a sum that it holds linearly."""
    for zero in zeros:
        top, _ = quotient(reduced(room, canon(room, zero)))
        held: dict[sp.Symbol, Expr] = {}
        for number, monomial in terms(top, room.symbols):
            for s in monomial.free_symbols:
                if room.entries[s].kind == "sum":
                    held[s] = held.get(s, sp.S.Zero) + number * monomial
        solvable = [s for s, part in held.items() if not (part / s).has(s) and _simple(room, s)]
        if not solvable:
            raise TypeError(f"no sum in {zero} to solve for")
        chosen = max(solvable, key=lambda s: (_weight(room, s), str(s)))
        whole = sp.Add(*(number * monomial for number, monomial in terms(top, room.symbols)))
        value = -(whole - held[chosen]) / (held[chosen] / chosen)
        room.solved.update({s: old.xreplace({chosen: value}) for s, old in room.solved.items()})
        room.solved[chosen] = value
    room.met.clear()


def _simple(room: Room, symbol: sp.Symbol) -> bool:
    """A sum without denominators and without free indices."""
    entry = room.entries[symbol]
    return not entry.of[0].below and not entry.indices


def _weight(room: Room, symbol: sp.Symbol) -> int:
    """The degree of what is summed: the relation of a name is solved for the sum of highest degree."""
    return sum(int(n) for n in room.entries[symbol].of[0].top.as_powers_dict().values())


def canon(room: Room, expr: Expr) -> Expr:
    """`expr` as a rational expression in generators."""
    if expr.is_Rational:
        return expr
    if expr not in room.met:
        room.met[expr] = _canon(room, expr)
    return room.met[expr]


def _canon(room: Room, expr: Expr) -> Expr:
    if expr.is_Symbol:
        return leaf(room, expr)
    if isinstance(expr, Indexed):
        return component(room, expr.base, expr.indices, expr.base.label.is_positive)
    if expr.is_Add or expr.is_Mul:
        return expr.func(*(canon(room, a) for a in expr.args))
    if isinstance(expr, Sum):
        return _sum(room, expr)
    if isinstance(expr, sp.exp):
        return exponential(room, canon(room, expr.args[0]))
    if isinstance(expr, sp.log):
        return logarithm(room, canon(room, expr.args[0]))
    if expr.is_Pow:
        return _power(room, expr)
    if isinstance(expr, KroneckerDelta):
        return component(room, KroneckerDelta, expr.args[:2], None)
    return _other(room, expr)


def _other(room: Room, expr: Expr) -> Expr:
    if expr is sp.pi:
        return generator(room, "symbol", sp.pi, positive=True)
    if isinstance(expr, sp.Abs):
        inner = canon(room, expr.args[0])
        return inner * function(room, sp.sign, inner)
    if isinstance(expr, sp.cosh | sp.sinh | sp.tanh):
        return canon(room, expr.rewrite(sp.exp))
    if not (isinstance(expr, sp.Function) and len(expr.args) == 1) or isinstance(expr, sp.Piecewise):
        raise TypeError(f"no normal form for {expr.func.__name__}")
    return function(room, expr.func, canon(room, expr.args[0]))


def _power(room: Room, expr: Expr) -> Expr:
    """b^(n + e) = b^n e^(e log b), where n is whole and e not."""
    base = canon(room, expr.base)
    number, rest = expr.exp.as_coeff_Add()
    whole = sp.floor(number)
    result = base**whole
    if number != whole and number - whole == HALF:
        result *= root(room, base)
    elif number != whole:
        raise TypeError(f"no normal form for {expr}")
    return result if rest == 0 else result * exponential(room, canon(room, rest) * logarithm(room, base))


def _sum(room: Room, expr: Sum) -> Expr:
    """The sum with its indices named by how deep they stand, so that equal bodies meet again."""
    *inner, (index, first, size) = expr.limits
    if first != 1:
        raise ValueError(f"sums count from 1, not from {first}: {expr}")
    body = Sum(expr.function, *inner) if inner else expr.function
    slot = sp.Symbol(f"_{_depth(body) + 1}", integer=True)
    return summed(room, canon(room, substitute(body, index, slot)), slot, size)


def _depth(expr: Expr) -> int:
    """How many sums are bound inside each other."""
    inside = max((_depth(a) for a in expr.args), default=0) if expr.has(Sum) else 0
    return inside + len(expr.limits) if isinstance(expr, Sum) else inside
