"""Limits of a quantity for z → ±∞, from its behaviour far beyond the floats."""

import math
from itertools import pairwise

import flint
from flint import arb

from derive.accuracy.truth import ORDER, Formula, derivatives, rounded
from derive.model import Interval, domain_of, waves

# Exponents of 2, beyond any float and far apart. Two tell the way of what is monotone far out, many show
# what goes up and down.
_FAR = (2000, 4000)
_WAVING = range(2000, 6001, 200)
_AGREE = 2.0**-48  # relative difference at which values are one limit
_NOTHING = arb(2) ** -1100  # below any float
_FALLS = 0.75  # 1 / log z is halved from the first exponent to the second, and what tends to 1 is not


def limit(formula: Formula, quantity: str, z: float, y: float) -> float:
    """The limit at z = ±inf as a float, ±inf where the quantity grows; NaN where there is none.

    NaN also where that end is no end of the domain.
    """
    order, sign = ORDER[quantity], math.copysign(1, z)
    domain = domain_of(formula.subject)
    if isinstance(domain, Interval) and (domain.hi if sign > 0 else domain.lo).is_finite:
        return math.nan
    with flint.ctx.workprec(256):
        places = _WAVING if waves(formula.subject) else _FAR
        return _tends(
            [derivatives(formula, sign * arb(2) ** power, y, order, side=1)[order] for power in places]
        )


def _tends(values: list[arb]) -> float:
    """What values at places ever farther out tend to; NaN where they go up and down."""
    last, sizes = values[-1], [abs(value) for value in values]
    if all(abs(value - last) <= _AGREE * abs(last) or abs(value - last) < _NOTHING for value in values):
        return rounded(last)[0]
    if all(nearer < farther for nearer, farther in pairwise(sizes)):
        return math.copysign(math.inf, float(last.mid() / sizes[-1].mid()))
    falls = all(nearer > farther for nearer, farther in pairwise(sizes))
    return 0.0 if falls and sizes[-1] < _FALLS * sizes[0] else math.nan
