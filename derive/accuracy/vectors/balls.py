"""Object arrays of balls and power series: functions of them, their signs, and products in which 0 wins."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import sympy as sp
from flint import arb, arb_series

Array = np.ndarray  # of objects: arb, or arb_series
ZERO, ONE = arb(0), arb(1)


class Undecided(Exception):
    """A sign cannot be told at this precision."""


def balls(numbers: Any) -> Array:
    """An object array of exact balls of floats, or of what is one already."""
    found = np.asarray(numbers, dtype=object)
    return np.asarray(
        np.frompyfunc(lambda v: v if isinstance(v, arb) else arb(float(v)), 1, 1)(found),
        dtype=object,
    )


def filled(shape: Iterable[int], value: Any = ZERO) -> Array:
    """An array that holds one ball (or series) everywhere; NumPy itself would take a series apart."""
    found = np.empty(tuple(shape), dtype=object)
    found.fill(value)
    return found


def number(expr: sp.Expr) -> arb:
    """A constant at the precision of the moment."""
    if expr.is_Rational:
        return arb(int(expr.p)) / int(expr.q)
    if expr in (sp.pi, sp.E):
        return arb.pi() if expr is sp.pi else ONE.exp()
    parts = [number(a) for a in expr.args]
    if expr.is_Pow:
        return raised(parts[0], parts[1])
    if isinstance(expr, sp.exp | sp.log):
        return parts[0].exp() if isinstance(expr, sp.exp) else parts[0].log()
    if not (expr.is_Add or expr.is_Mul):
        raise TypeError(f"no ball for the number {expr}")
    total = ZERO if expr.is_Add else ONE
    for part in parts:
        total = total + part if expr.is_Add else total * part
    return total


def raised(x: Any, power: arb) -> Any:
    """x to a constant power: an integer, a half, or any other for x ≥ 0."""
    if power.is_integer():
        n = int(power.mid().unique_fmpz() or 0)
        return x**n if n >= 0 else 1 / x ** (-n)
    if power == arb(1) / 2:
        return x.sqrt()
    if (x[0] if isinstance(x, arb_series) else x) > 0:
        return (x.log() * power).exp()
    if isinstance(x, arb_series):
        slope = power * raised(x[0], power - 1)
        return arb_series([raised(x[0], power), slope * x[1]])
    # A ball that reaches 0, of a number that does not lie below it.
    top = (power * x.abs_upper().log()).exp() / 2 if power > 0 and x != 0 else ZERO * power
    return arb(top, top.upper()) if power > 0 else arb.nan()


def is_zero(x: Any) -> bool:
    """Whether a ball or a series is exactly 0."""
    return bool(x.is_zero()) if isinstance(x, arb) else x.length() == 0


def is_finite(x: Any) -> bool:
    """Whether a ball, or the head of a series, is finite."""
    return bool((x if isinstance(x, arb) else x[0]).is_finite())


def logarithm(x: Any) -> Any:
    """log x; NaN at 0, of a series too."""
    if isinstance(x, arb_series) and not x[0] > 0:
        return arb_series([arb.nan()])
    return x.log()


def error_function(x: Any) -> Any:
    """erf x."""
    return x.erf()


def _times(x: Any, y: Any) -> Any:
    return ZERO if is_zero(x) or is_zero(y) else x * y


EXP = np.frompyfunc(lambda x: x.exp(), 1, 1)
LOG = np.frompyfunc(logarithm, 1, 1)
ERF = np.frompyfunc(error_function, 1, 1)
FINITE = np.frompyfunc(is_finite, 1, 1)
GATED = np.frompyfunc(lambda g, x: ZERO if is_zero(g) else g * x, 2, 1)  # what is not asked for stays 0
TIMES = np.frompyfunc(_times, 2, 1)  # an exact 0 makes the product 0, whatever the other factor is


def over(function: Callable[[Any], Any], array: Array) -> Array:
    """A function of every element, as an array of the same shape."""
    return np.frompyfunc(function, 1, 1)(array)
