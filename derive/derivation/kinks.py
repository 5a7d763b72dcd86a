"""Slopes of functions with cases, with a value at every kink.

The convention: a first derivative takes the one-sided limit of smaller magnitude, 0 where the signs
differ (the element of least norm of the subdifferential); a second derivative takes the one-sided
limit of smaller magnitude, 0 where both are of one size and of opposite signs, and its Dirac part is
dropped. Where the function itself jumps, its slope is that of the piece that has the value there.
"""

from dataclasses import dataclass, replace
from functools import cache
from itertools import product

import sympy as sp
from sympy.core.relational import Relational

from derive.heads import plain
from derive.model import REALS, Parameter, Set, Unproved, Z
from derive.proof import equal
from derive.proof.ends import all_settings, sign_at
from derive.proof.split import CASES, Cell, Pieces, has_cases, in_cell, in_z, pieces, point

# Values of a parameter that show which one-sided limit is the smaller one.
_TRIED = tuple(map(sp.Rational, ("1e-6", "1/8", "7/8", "9/8", "80", "1e6")))
_OTHER_WAY = {sp.StrictLessThan: sp.LessThan, sp.StrictGreaterThan: sp.GreaterThan}
_OTHER_WAY |= {weak: strict for strict, weak in _OTHER_WAY.items()}


@dataclass(frozen=True, kw_only=True)
class Kink:
    """A point where the derivative of that order has two one-sided limits, and the value it is given.

    The derivative of order 0 is the function itself: it jumps there.
    """

    at: sp.Expr
    order: int
    left: sp.Expr
    right: sp.Expr
    value: sp.Expr


def boundaries(expr: sp.Expr, parameters: tuple[Parameter, ...] = ()) -> tuple[sp.Expr, ...]:
    """The points of z where the cases of `expr` meet, from left to right for all admissible parameters."""
    return pieces(expr, parameters).ends if has_cases(expr) else ()


@cache
def by_cases(expr: sp.Expr, parameters: tuple[Parameter, ...] = (), domain: Set = REALS) -> sp.Expr:
    """A function with its kinks and jumps as the cases of one Piecewise; |w| stays where it bends nothing.

    A Piecewise of intervals without further cases is left as it was typed.
    """
    if not has_cases(expr) or _typed(expr):
        return expr
    found = pieces(expr, parameters, domain)
    if not any(in_z(node) for node in expr.atoms(*CASES)) and _bends_nowhere(found):
        return expr
    return joined(found)


def _typed(expr: sp.Expr) -> bool:
    """Whether an expression is a Piecewise in which z is compared with numbers, without further cases."""
    if not isinstance(expr, sp.Piecewise):
        return False
    relations = {r for _, c in expr.args for r in c.atoms(Relational)}
    places = all((r.lhs - r.rhs).diff(Z) in (-1, 1) for r in relations)
    return places and not any(has_cases(value) for value, _ in expr.args)


def _bends_nowhere(found: Pieces) -> bool:
    """Whether a function and its slope go on over all ends."""
    pairs = zip(found.ends, found.branches, found.branches[1:], strict=False)
    return all(
        _alike(left.diff(Z, n).subs(Z, end), right.diff(Z, n).subs(Z, end))
        for end, left, right in pairs
        for n in (0, 1)
    )


def joined(found: Pieces) -> sp.Expr:
    """One Piecewise, from the right; an end belongs to the piece that has the value there."""
    rows: list[tuple[sp.Expr, sp.Basic]] = []
    for n, end in reversed(list(enumerate(found.ends))):
        left, middle, right = found.branches[n].subs(Z, end), found.values[n], found.branches[n + 1]
        if _alike(middle, left):
            rows.append((right, end < Z))
        elif _alike(middle, right.subs(Z, end)):
            rows.append((right, end <= Z))
        else:
            rows += [(right, end < Z), (middle, sp.Eq(Z, end))]
    return sp.Piecewise(*rows, (found.branches[0], True))


def _alike(one: sp.Expr, other: sp.Expr) -> bool:
    """Whether two values are one and the same for all parameters."""
    if one == other:
        return True
    try:
        return equal(plain(one), plain(other))
    except TypeError:
        return sp.expand(one - other) == 0


@cache
def slope(
    expr: sp.Expr,
    order: int,
    parameters: tuple[Parameter, ...] = (),
    domain: Set = REALS,
    given: tuple[tuple[sp.Expr, sp.Expr], ...] = (),
) -> tuple[sp.Expr, tuple[Kink, ...]]:
    """The derivative of that order in z, and its kinks; `given` are other slopes (place, slope) there."""
    expr = by_cases(expr, parameters, domain)
    smooth = _differentiated(expr, order)
    if not has_cases(expr):
        return smooth, ()
    found = pieces(expr, parameters, domain)
    kinks = tuple(k for n in range(len(found.ends)) if (k := _kink(found, n, order, parameters)))
    if order == 1 and given:
        kinks = tuple(replace(kink, value=dict(given).get(kink.at, kink.value)) for kink in kinks)
    for kink in kinks:
        smooth = _with_value(smooth, kink, parameters)
    return smooth, kinks


def _differentiated(expr: sp.Expr, order: int) -> sp.Expr:
    """The derivative of every branch, without Dirac parts."""
    if isinstance(expr, sp.Piecewise):
        return sp.Piecewise(*((_differentiated(e, order), c) for e, c in expr.args))
    return expr.diff(Z, order).replace(sp.DiracDelta, lambda *args: sp.S.Zero) if order else expr


def _kink(found: Pieces, n: int, order: int, parameters: tuple[Parameter, ...]) -> Kink | None:
    """The kink at an end, if it is one."""
    at, sides = found.ends[n], found.branches[n : n + 2]
    heights = [side.subs(Z, at) for side in sides]
    left, right = (side.diff(Z, order).subs(Z, at) for side in sides)
    if any(limit.has(sp.nan, sp.zoo, sp.oo) for limit in (left, right)):
        raise Unproved(f"the derivative of order {order} has no finite limit at z = {at}")
    if _alike(*heights):
        if order == 0 or _alike(left, right):
            return None
        value = chosen(left, right, order, parameters)
    else:
        value = _at_jump(found.values[n], heights, (left, right), order, parameters)
        if order and (gap := _gap(heights, parameters)) is not None:
            value = sp.Piecewise((chosen(left, right, order, parameters), sp.Eq(gap, 0)), (value, True))
    return Kink(at=at, order=order, left=left, right=right, value=value)


def _gap(heights: list[sp.Expr], parameters: tuple[Parameter, ...]) -> sp.Expr | None:
    """The height of a jump that closes where the parameters have their defaults; None of any other."""
    gap = sp.expand(heights[1] - heights[0])
    return gap if _alike(gap.subs({p.symbol: p.default for p in parameters}), sp.S.Zero) else None


def _at_jump(value, heights, limits, order: int, parameters: tuple[Parameter, ...]) -> sp.Expr:
    """The derivative of the piece that has the function's value; by the convention where neither has it."""
    if order == 0:
        return value
    own = [limit for height, limit in zip(heights, limits, strict=True) if _alike(height, value)]
    return own[0] if own else chosen(limits[0], limits[1], order, parameters)


def jumps(expr: sp.Expr, parameters: tuple[Parameter, ...] = (), domain: Set = REALS) -> tuple[Kink, ...]:
    """The points where a function itself jumps, with its value there."""
    return slope(expr, 0, parameters, domain)[1]


def chosen(left: sp.Expr, right: sp.Expr, order: int, parameters: tuple[Parameter, ...]) -> sp.Expr:
    """The value by convention between two one-sided limits, for every admissible parameter."""
    if order > 1 and _alike(left, -right):  # of one size, however each of them is written
        return sp.S.Zero
    trials = _trials(parameters, left, right)
    # As numbers, not blocks.
    pairs = [(plain(left.subs(trial)), plain(right.subs(trial))) for trial in trials]
    if not (pairs := [pair for pair in pairs if _compares(*pair)]):
        raise Unproved(f"it is not known which of {left} and {right} is the smaller")
    opposite = [a * b < 0 and (order == 1 or a == -b) for a, b in pairs]
    if all(opposite):
        return sp.S.Zero
    if any(opposite):
        zero = left * right < 0 if order == 1 else sp.Eq(left, -right)
        return sp.Piecewise((0, zero), (_smaller(left, right, pairs), True))
    return _smaller(left, right, pairs)


def _compares(a: sp.Expr, b: sp.Expr) -> bool:
    """Whether it is known which of two numbers is smaller: where far out both are almost 0, it is not."""
    try:
        return all(isinstance(bool(c), bool) for c in (a * b < 0, a >= 0, b >= 0, abs(a) <= abs(b)))
    except TypeError:
        return False


def _smaller(left: sp.Expr, right: sp.Expr, pairs: list) -> sp.Expr:
    """The limit of smaller magnitude, or an expression that picks it."""
    if all(abs(a) <= abs(b) for a, b in pairs):
        return left
    if all(abs(b) <= abs(a) for a, b in pairs):
        return right
    if all(a >= 0 and b >= 0 for a, b in pairs):
        return sp.Min(left, right)
    return sp.Piecewise((left, sp.Abs(left) <= sp.Abs(right)), (right, True))


def _trials(parameters: tuple[Parameter, ...], *exprs: sp.Expr) -> list[dict[sp.Symbol, sp.Expr]]:
    """Every combination of small, middling and large admissible values of what occurs, and random ones."""
    used = [p for p in parameters if any(e.has(p.symbol) for e in exprs)]
    inside = [[(p.symbol, v) for v in _TRIED if _between(p, v)] for p in used]
    some = [dict(values) for values in product(*inside)] if len(used) < 3 and all(inside) else []
    return [*some, *map(dict, all_settings(parameters, exprs))]


def _between(parameter: Parameter, value: sp.Expr) -> bool:
    low, high = parameter.domain.lo, parameter.domain.hi
    return low.is_number and high.is_number and bool(low < value < high)


def _with_value(expr: sp.Expr, kink: Kink, parameters: tuple[Parameter, ...]) -> sp.Expr:
    """`expr` taking the kink's value there, by a weak inequality where that will do."""
    here = point(kink.at, (expr,), parameters)
    if _alike(in_cell(expr, here), kink.value):
        return expr
    turned = expr.replace(lambda e: isinstance(e, Relational) and _at(e, here), _toggled)
    if _alike(in_cell(turned, here), kink.value):
        return turned
    rows = list(expr.args) if isinstance(expr, sp.Piecewise) else [(expr, sp.true)]
    return sp.Piecewise(*with_kinks(rows, [(kink.value, sp.Eq(Z, kink.at, evaluate=False))], parameters))


def _at(relation: Relational, here: Cell) -> bool:
    """Whether a condition changes at a point."""
    return type(relation) in _OTHER_WAY and sign_at(relation.lhs - relation.rhs, here.sample) == 0


def _toggled(relation: Relational) -> Relational:
    return _OTHER_WAY[type(relation)](relation.lhs, relation.rhs)


def with_kinks(rows: list, kinks: list, parameters: tuple[Parameter, ...] = ()) -> list:
    """The rows of a Piecewise, with a row (value, z = kink) before the one that would hold there."""
    for value, where in kinks:
        holding = holding_at([c for _, c in rows], where.rhs, parameters)
        rows = [*rows[:holding], (value, where), *rows[holding:]]
    return rows


def holding_at(conditions: list[sp.Basic], at: sp.Expr, parameters: tuple[Parameter, ...]) -> int:
    """The number of the first condition that holds at a point of z."""
    here = point(at, tuple(c.lhs - c.rhs for cond in conditions for c in cond.atoms(Relational)), parameters)
    return next(n for n, c in enumerate(conditions) if in_cell(c, here) == sp.true)
