"""Floats at fixed points, which say what is not worth an attempt at proof. They decide nothing."""

from random import Random

import numpy as np
import sympy as sp

from derive.proof.signs.floats import at_points
from derive.proof.signs.places import Places, numeric

_POINTS = 256
_LEAST = 1e-9  # relative to the largest value met, so that rounding is no counter-example


def negative_at_some(expr: sp.Expr, places: Places) -> bool:
    """Whether floats show an expression to be clearly negative somewhere."""
    letters = sorted(expr.free_symbols, key=str)
    if not letters or any(s not in places or not numeric(places[s]) for s in letters):
        return False
    rng = Random(1)
    columns = np.array([[_drawn(rng, places[s]) for _ in range(_POINTS)] for s in letters])
    values = at_points(expr, letters, columns)
    values = values[np.isfinite(values)]
    near = values[np.abs(values) < 1e6]
    return bool(near.size and near.min() < -_LEAST * max(1.0, float(np.abs(near).max())))


def _drawn(rng: Random, place) -> float:
    low, high = float(place.lo), float(place.hi)
    if low == -np.inf and high == np.inf:
        return rng.uniform(-6, 6)
    if high == np.inf:
        return low + float(np.exp(rng.uniform(-5, 5)))
    if low == -np.inf:
        return high - float(np.exp(rng.uniform(-5, 5)))
    return rng.uniform(low, high)
