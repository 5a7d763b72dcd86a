"""Vectors of three components written out: the first varies, the others have letters of their own."""

from collections.abc import Mapping

import sympy as sp

from derive.model import A, Activation, J, K, Loss, Y, Z
from derive.proof.limits import End, leading, limit

COUNT = 3
NUMBERS = range(1, COUNT + 1)
LOGITS = (Z, *sp.symbols("z_2 z_3", real=True))
OUTPUTS = sp.symbols("a_1:4", real=True)


class Unfollowed(Exception):
    """A choice of an entry (a support, a margin) that is not followed to the end."""


Letters = dict[tuple[str, int], sp.Expr]


def outputs(act: Activation, end: End) -> tuple[sp.Expr, ...]:
    """The components of an activation, its choices taken as they are near the end."""
    letters = {("z", n): z for n, z in zip(NUMBERS, LOGITS, strict=True)}
    for choice in act.selections:
        letters |= _supported(choice, letters, end)
    named = {name.symbol: name.meaning for name in act.names}
    return tuple(written(act.expr.subs(named).subs(J, n), letters) for n in NUMBERS)


def _supported(choice, letters: Letters, end: End) -> Letters:
    """The support near the end: the first component alone, where it outgrows the others."""
    first, *others = (written(choice.of.subs(J, n), letters) for n in NUMBERS)
    if choice.rule != "support" or any(limit(first - other, Z, end) != sp.oo for other in others):
        raise Unfollowed("the support near the end is not followed")
    label = str(choice.symbol.label)
    return {(label, n): sp.Integer(n == 1) for n in NUMBERS}


def loss_of(los: Loss, truth: int, end: End, where: Mapping[sp.Symbol, sp.Expr]) -> sp.Expr:
    """A loss in a_1, a_2, a_3 for the target that is 1 at one place, its choices as they are near the end."""
    letters: Letters = {("a", n): a for n, a in zip(NUMBERS, OUTPUTS, strict=True)}
    letters |= {("y", n): sp.Integer(n == truth) for n in NUMBERS}
    chosen: dict[sp.Basic, sp.Expr] = {name.symbol: name.meaning for name in los.names}
    for choice in los.selections:
        values = [written(choice.of.subs(J, n), letters) for n in NUMBERS]
        if choice.rule == "positive" and len(choice.symbol.shape or ()) == 1:
            label = str(choice.symbol.label)
            letters |= {
                (label, n): sp.Integer(_exceeds(v, 0, end, where))
                for n, v in zip(NUMBERS, values, strict=True)
            }
        elif choice.rule == "largest":
            chosen[choice.symbol] = sp.Integer(_largest(values, end, where))
        else:
            raise Unfollowed("a choice within the loss is not followed")
    return written(los.expr.subs(chosen), letters)


def _largest(values: list[sp.Expr], end: End, where: Mapping[sp.Symbol, sp.Expr]) -> int:
    """The place of the largest value near the end."""
    for n, value in zip(NUMBERS, values, strict=True):
        if all(other is value or _exceeds(value, other, end, where) for other in values):
            return n
    raise Unfollowed("of equal components none is the largest near the end")


def _exceeds(one: sp.Expr, other: sp.Expr, end: End, where: Mapping[sp.Symbol, sp.Expr]) -> bool:
    """Whether one value is above another near the end."""
    difference = leading(one - other, Z, end, where)
    if difference is None:
        raise Unfollowed("the sign of a margin near the end is not known")
    bound = difference.subs(Z, sp.Symbol("x", positive=True) * (1 if end == sp.oo else -1))
    if not (bound.is_zero or bound.is_positive or bound.is_negative):
        raise Unfollowed("the sign of a margin near the end depends on a parameter")
    return bool(bound.is_positive)


def summed(los: Loss, truth: int) -> sp.Expr:
    """An elementwise loss summed over the components."""
    terms = [los.expr.subs({A: a, Y: sp.Integer(n == truth)}) for n, a in zip(NUMBERS, OUTPUTS, strict=True)]
    return sp.Add(*terms)


def written(expr: sp.Expr, letters: Letters) -> sp.Expr:
    """An expression in index notation with every sum written out."""
    if isinstance(expr, sp.Sum):
        index = expr.limits[0][0]
        return sp.Add(*(written(expr.function.subs(index, n), letters) for n in NUMBERS))
    if isinstance(expr, sp.Indexed):
        return _letter(str(expr.base.label), expr.indices, letters)
    if expr == K:
        return sp.Integer(COUNT)
    if not expr.args:
        return expr
    if isinstance(expr, sp.Mul) and any(isinstance(a, sp.Indexed) for a in expr.args):
        parts = [written(a, letters) for a in sorted(expr.args, key=lambda a: not isinstance(a, sp.Indexed))]
        return sp.S.Zero if sp.S.Zero in parts else sp.Mul(*parts)
    return expr.func(*(written(a, letters) for a in expr.args))


def _letter(label: str, indices: tuple, letters: Letters) -> sp.Expr:
    """A component by its letter; a number for each class is positive."""
    if len(indices) != 1 or not indices[0].is_Integer:
        raise Unfollowed("an index that stays a letter")
    place = int(indices[0])
    return letters.get((label, place), sp.Symbol(f"{label}_{place}", positive=True))
