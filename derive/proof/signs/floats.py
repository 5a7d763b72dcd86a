"""Expressions at many points at once, in floats; they only say where to look, and decide nothing.

(SymPy's `lambdify` simplifies every condition of a Piecewise on its way, which takes seconds.)
"""

from collections.abc import Callable, Sequence
from functools import reduce

import numpy as np
import sympy as sp
from scipy import special

Values = np.ndarray
_FUNCTIONS: dict[type, Callable[[Values], Values]] = {
    sp.exp: np.exp,
    sp.log: np.log,
    sp.erf: special.erf,
    sp.atan: np.arctan,
    sp.tanh: np.tanh,
    sp.cosh: np.cosh,
    sp.sinh: np.sinh,
    sp.sin: np.sin,
    sp.cos: np.cos,
}
_RELATIONS: dict[type, Callable[[Values, Values], Values]] = {
    sp.StrictGreaterThan: np.greater,
    sp.GreaterThan: np.greater_equal,
    sp.StrictLessThan: np.less,
    sp.LessThan: np.less_equal,
    sp.Equality: np.equal,
    sp.Unequality: np.not_equal,
}
_CONNECTIVES: dict[type, Callable[[Values, Values], Values]] = {
    sp.Add: np.add,
    sp.Mul: np.multiply,
    sp.And: np.logical_and,
    sp.Or: np.logical_or,
}


def at_points(expr: sp.Expr, letters: Sequence[sp.Symbol], columns: Values) -> Values:
    """The values at the columns' points, nan where there is none (or no way to compute it)."""
    known: dict[sp.Basic, Values] = dict(zip(letters, columns, strict=True))
    with np.errstate(all="ignore"):
        try:
            values = _value(expr, known)
        except TypeError:
            values = np.array(np.nan)
    return np.broadcast_to(values.astype(float), columns.shape[1:])


def _value(expr: sp.Basic, known: dict[sp.Basic, Values]) -> Values:
    if expr not in known:
        known[expr] = _computed(expr, known)
    return known[expr]


def _computed(expr: sp.Basic, known: dict[sp.Basic, Values]) -> Values:
    if isinstance(expr, sp.Number | sp.NumberSymbol):
        return np.array(float(expr))
    if expr in (sp.true, sp.false):
        return np.array(expr == sp.true)
    parts = [_value(a, known) for a in expr.args if not isinstance(expr, sp.Piecewise)]
    if isinstance(expr, sp.Piecewise):
        return _piecewise(expr, known)
    if isinstance(expr, sp.Pow):
        return np.power(parts[0], float(expr.exp)) if expr.exp.is_Rational else np.power(parts[0], parts[1])
    for table in (_CONNECTIVES, _RELATIONS):
        if type(expr) in table:
            return reduce(table[type(expr)], parts)
    if isinstance(expr, sp.Not):
        return np.logical_not(parts[0])
    if isinstance(expr, sp.ITE):
        return np.where(*parts)
    return _function(expr)(parts[0])


def _function(expr: sp.Basic) -> Callable[[Values], Values]:
    if type(expr) not in _FUNCTIONS:
        raise TypeError(f"no floats of {expr.func}")
    return _FUNCTIONS[type(expr)]


def _piecewise(expr: sp.Piecewise, known: dict[sp.Basic, Values]) -> Values:
    total = np.array(np.nan)
    for value, condition in reversed(expr.args):
        total = np.where(_value(condition, known), _value(value, known), total)
    return total
