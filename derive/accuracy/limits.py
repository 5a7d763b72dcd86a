"""Limits of a quantity for z → ±∞, from its behaviour far beyond the floats."""

import math

import flint
from flint import arb

from derive.accuracy.truth import ORDER, Formula, derivatives, rounded
from derive.model import Interval, domain_of

_NEAR, _FAR = 2000, 4000  # exponents of 2: both beyond any float, one far beyond the other
_AGREE = 2.0**-48  # relative difference at which the two are one limit


def limit(formula: Formula, quantity: str, z: float, y: float) -> float:
    """The limit at z = ±inf as a float, ±inf where the quantity grows; NaN where it does neither.

    NaN also where that end is no end of the domain.
    """
    order, sign = ORDER[quantity], math.copysign(1, z)
    domain = domain_of(formula.subject)
    if isinstance(domain, Interval) and (domain.hi if sign > 0 else domain.lo).is_finite:
        return math.nan
    with flint.ctx.workprec(256):
        near, far = (
            derivatives(formula, sign * arb(2) ** power, y, order, side=1)[order] for power in (_NEAR, _FAR)
        )
        if abs(near - far) <= _AGREE * abs(far) or abs(far) < arb(2) ** -1100:
            return rounded(far)[0]
        if abs(far) > abs(near):
            return math.copysign(math.inf, float(far.mid() / abs(far).mid()))
    return math.nan
