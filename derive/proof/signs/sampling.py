"""Floats at fixed points, which say what is not worth an attempt at proof. They decide nothing."""

from random import Random

import numpy as np
import sympy as sp

from derive.model import Interval
from derive.proof.signs.floats import at_points
from derive.proof.signs.places import Places, numeric

_POINTS = 256
_LEAST = 1e-9  # of the sizes of the terms, so that what cancels is no counter-example


def negative_at_some(expr: sp.Expr, places: Places) -> bool:
    """Whether floats show an expression to be clearly negative somewhere."""
    letters = sorted(expr.free_symbols, key=str)
    if not letters or any(s not in places or not numeric(places[s]) for s in letters):
        return False
    rng = Random(1)
    columns = np.array([[_drawn(rng, places[s]) for _ in range(_POINTS)] for s in letters])
    signs = np.ones(_POINTS)
    for factor in sp.Mul.make_args(expr):
        signs = signs * _clear_signs(factor, letters, columns)
    return bool((signs < 0).any())


def _clear_signs(expr: sp.Expr, letters: list[sp.Symbol], columns: np.ndarray) -> np.ndarray:
    """−1, 1, or 0 where terms cancel or there is no value."""
    terms = np.array([at_points(term, letters, columns) for term in sp.Add.make_args(expr)])
    with np.errstate(all="ignore"):
        value, size = terms.sum(axis=0), np.abs(terms).sum(axis=0)
        return np.where(np.isfinite(size) & (np.abs(value) > _LEAST * size), np.sign(value), 0.0)


def _drawn(rng: Random, place: Interval) -> float:
    low, high = float(place.lo), float(place.hi)
    if low == -np.inf and high == np.inf:
        return rng.uniform(-6, 6)
    if high == np.inf:
        return low + float(np.exp(rng.uniform(-5, 5)))
    if low == -np.inf:
        return high - float(np.exp(rng.uniform(-5, 5)))
    return rng.uniform(low, high)
