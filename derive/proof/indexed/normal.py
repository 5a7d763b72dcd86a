"""The normal form of an indexed expression: a quotient of polynomials in generators.

Every rewriting holds for every size. What has no normal form raises TypeError.
"""

from collections.abc import Mapping

import sympy as sp
from sympy import Derivative, Eq, Expr, Indexed, KroneckerDelta, Sum

from derive.proof.indexed.room import (
    Room,
    component,
    exponential,
    function,
    generator,
    indices_of,
    joined,
    leaf,
    logarithm,
    root,
)
from derive.proof.indexed.sums import slot, summed
from derive.proof.normal import HYPERBOLIC
from derive.rules.indexed import delta, slope

HALF = sp.Rational(1, 2)


Names = Mapping[Expr, Expr]  # of indices that are bound outside


def canon(room: Room, expr: Expr, bound: Names | None = None) -> Expr:
    """`expr` as a rational expression in generators."""
    if expr.is_Rational:
        return expr
    bound = bound or {}
    key = (expr, *sorted(bound.items(), key=str))
    if key not in room.met:
        room.met[key] = _canon(room, expr, bound)
    return room.met[key]


def _canon(room: Room, expr: Expr, bound: Names) -> Expr:
    if expr.is_Symbol:
        return leaf(room, bound.get(expr, expr))
    if isinstance(expr, Indexed):
        indices = tuple(bound.get(i, i) for i in expr.indices)
        return component(room, expr.base, indices, expr.base.label.is_positive)
    if isinstance(expr, KroneckerDelta):
        return joined(room, *(bound.get(i, i) for i in expr.args[:2]))
    if expr.is_Add or expr.is_Mul:
        return expr.func(*(canon(room, a, bound) for a in expr.args))
    if isinstance(expr, Sum):
        return _sum(room, expr, bound)
    if isinstance(expr, sp.exp):
        return exponential(room, canon(room, expr.exp, bound))
    if isinstance(expr, sp.log):
        return logarithm(room, canon(room, expr.args[0], bound))
    return _power(room, expr, bound) if expr.is_Pow else _other(room, expr, bound)


def _other(room: Room, expr: Expr, bound: Names) -> Expr:
    if expr is sp.pi:
        return generator(room, "symbol", sp.pi, positive=True)
    if isinstance(expr, Derivative):
        (wrt, _), *_ = expr.variable_count
        return canon(room, slope(expr.expr, wrt), bound)
    if isinstance(expr, sp.Piecewise):
        return canon(room, _in_deltas(expr), bound)
    if isinstance(expr, sp.Abs):
        inner = canon(room, expr.args[0], bound)
        return inner * function(room, sp.sign, inner)
    if isinstance(expr, HYPERBOLIC):
        return canon(room, expr.rewrite(sp.exp), bound)
    if not (isinstance(expr, sp.Function) and len(expr.args) == 1):
        raise TypeError(f"no normal form for {expr.func.__name__}")
    return function(room, expr.func, canon(room, expr.args[0], bound))


def _in_deltas(expr: sp.Piecewise) -> Expr:
    """Cases in equalities of indices written with δ."""
    *special, (result, last) = expr.args
    if last != sp.true or not all(isinstance(condition, Eq) for _, condition in special):
        raise TypeError(f"no normal form by the cases of {expr}")
    for value, condition in reversed(special):
        result += delta(*condition.args) * (value - result)
    return result


def _power(room: Room, expr: Expr, bound: Names) -> Expr:
    """b^(n + e) = b^n e^(e log b), where n is whole and e not."""
    base = canon(room, expr.base, bound)
    number, rest = expr.exp.as_coeff_Add()
    whole = sp.floor(number)
    result = base**whole
    if number - whole == HALF:
        result *= root(room, base)
    elif number != whole:
        raise TypeError(f"no normal form for {expr}")
    return (
        result if rest == 0 else result * exponential(room, canon(room, rest, bound) * logarithm(room, base))
    )


def _sum(room: Room, expr: Sum, bound: Names) -> Expr:
    """The sum with its index named by how deep it stands, so that equal bodies meet again."""
    *inner, (index, first, size) = expr.limits
    if first != 1:
        raise ValueError(f"sums count from 1, not from {first}: {expr}")
    body = Sum(expr.function, *inner) if inner else expr.function
    name = slot(_depth(body) + 1, size)
    free = expr.free_symbols
    outside = {i: s for i, s in bound.items() if i in free and i != index}
    return _linear(room, canon(room, body, {**outside, index: name}), name, size)


def _linear(room: Room, body: Expr, index: Expr, size: Expr) -> Expr:
    """Σ body term by term, what does not depend on the index in front."""
    total = []
    for term in sp.Add.make_args(body):
        parts: dict[bool, list[Expr]] = {True: [], False: []}
        for factor in sp.Mul.make_args(term):
            parts[index in indices_of(room, factor)].append(factor)
        key = ("sum", sp.Mul(*parts[True]), index)
        if key not in room.met:
            room.met[key] = summed(room, key[1], index, size)
        total.append(sp.Mul(*parts[False], room.met[key]))
    return sp.Add(*total)


def _depth(expr: Expr) -> int:
    """How many sums are bound inside each other."""
    inside = max((_depth(a) for a in expr.args), default=0) if expr.has(Sum) else 0
    return inside + len(expr.limits) if isinstance(expr, Sum) else inside
