"""Comparisons of z with numbers that are no floats, spelt so that every float falls on its side."""

from math import inf, nextafter

import sympy as sp
from sympy.core.relational import Relational

from derive.model import Z

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


def _least_from(number: sp.Expr) -> sp.Float | None:
    """The least float above a number; None where the number is a float, or whole."""
    near = float(number)
    rest = number - sp.Rational(near)
    if rest == 0 or number.is_Integer:
        return None
    above = rest.evalf(_DIGITS) > 0
    return sp.Float(nextafter(near, inf) if above else near, 17)
