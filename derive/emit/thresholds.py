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
    rows = [(e, c.xreplace(dict.fromkeys(_nowhere(c), sp.false))) for e, c in expr.args]
    kept = [(e, c) for e, c in rows if c != sp.false]
    return sp.Piecewise(*kept, evaluate=False) if len(kept) > 1 else kept[0][0]


def _missed(row: sp.Basic) -> bool:
    """Whether a case is, or may be, that of z at a number that no float is."""
    return bool(_nowhere(row[1]))


def _nowhere(condition: sp.Basic) -> list[sp.Eq]:
    """The conditions that z is a number which is no float."""
    found = []
    for relation in condition.atoms(sp.Eq):
        places = {*relation.args} - {Z}
        if len(places) == 1 and (place := places.pop()).is_number and _least_from(place) is not None:
            found.append(relation)
    return found


def _least_from(number: sp.Expr) -> sp.Float | None:
    """The least float above a number; None where the number is a float, or whole."""
    near = float(number)
    rest = number - sp.Rational(near)
    if rest == 0 or number.is_Integer:
        return None
    above = rest.evalf(_DIGITS) > 0
    return sp.Float(nextafter(near, inf) if above else near, 17)
