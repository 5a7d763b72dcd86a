"""What the tests of densities and of likelihoods loop over, and parameters as numbers."""

import sympy as sp

from derive.catalogue.densities import DENSITIES
from derive.model import ELEMENTWISE

SCALAR = [row for row in DENSITIES if row.kind == ELEMENTWISE]
SETTINGS = {
    "b": 0.7, "sigma": 0.6, "k": 2.5, "lambda": 1.7, "alpha": 0.4, "nu": 3.0, "s": 0.8, "delta": 1.3,
    "beta": 1.1, "q": 0.5, "scale": 0.9, "c": 1.9, "epsilon": 0.3, "pos_weight": 1.4,
}  # fmt: skip


def named(row):
    """The name of a row."""
    return row.name


def settings(parameters, known=()):
    """Parameters as numbers: those of a known value, else the defaults."""
    given = dict(known)
    return {p.symbol: sp.Float(given.get(p.name, float(p.default)), 30) for p in parameters}
