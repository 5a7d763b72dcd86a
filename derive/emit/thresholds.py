"""Comparisons of z with numbers that are no floats, spelt so that every float falls on its side."""

from math import inf, nextafter

import sympy as sp
from sympy.core.relational import Relational

from derive.model import Body, Z

_UP = {sp.StrictGreaterThan: sp.GreaterThan, sp.GreaterThan: sp.GreaterThan}
_UP |= {sp.StrictLessThan: sp.StrictLessThan, sp.LessThan: sp.StrictLessThan}
_DIGITS = 40


def exactly(relation: Relational) -> Relational:
    """z > c as z >= the least float above c, where c is no float: NumPy would round c to either side."""
    left, right = relation.lhs, relation.rhs
    if left.is_number and right == Z:
        return exactly(relation.reversed)
    if left != Z or not right.is_number or type(relation) not in _UP:
        return relation
    least = _least_from(right)
    return relation if least is None else _UP[type(relation)](Z, least, evaluate=False)


def met(body: Body) -> Body:
    """A body without the cases of z = c where c is no float, and without what only they need."""
    value, used = _met(body.value), list[tuple[sp.Symbol, sp.Expr]]()
    needed = value.free_symbols
    for name, meaning in reversed(body.names):
        if name in needed:
            used.insert(0, (name, _met(meaning)))
            needed |= used[0][1].free_symbols
    return Body(names=tuple(used), value=value) if value != body.value else body


def _met(expr: sp.Expr) -> sp.Expr:
    return expr.replace(lambda e: isinstance(e, sp.Piecewise) and any(map(_missed, e.args)), _without_missed)


def _without_missed(expr: sp.Piecewise) -> sp.Expr:
    kept = [row for row in expr.args if not _missed(row)]
    return sp.Piecewise(*kept, evaluate=False) if len(kept) > 1 else kept[0][0]


def _missed(row: sp.Basic) -> bool:
    """Whether a case is that of z at a number that no float is."""
    condition = row[1]
    if not isinstance(condition, sp.Eq) or Z not in condition.args:
        return False
    (place,) = {*condition.args} - {Z} or {Z}
    return bool(place.is_number and _least_from(place) is not None)


def _least_from(number: sp.Expr) -> sp.Float | None:
    """The least float above a number; None where the number is a float, or whole."""
    near = float(number)
    rest = number - sp.Rational(near)
    if rest == 0 or number.is_Integer:
        return None
    above = rest.evalf(_DIGITS) > 0
    return sp.Float(nextafter(near, inf) if above else near, 17)
