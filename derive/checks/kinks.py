"""Emitted code at every kink, and just left and right of it."""

from collections.abc import Iterator
from math import inf, isnan
from typing import Any

import numpy as np
from flint import arb

from derive.accuracy.kappa import kappa_z
from derive.accuracy.kinks import KinkPoint, kink_points
from derive.accuracy.measure import function, ulps
from derive.accuracy.points import targets
from derive.accuracy.truth import Formula, at_kink, derivatives, formula, jumps_at, rounded
from derive.bounds import bound
from derive.checks.settings import settings
from derive.checks.table import Check, Material, verdict
from derive.model import Activation, Verdict

QUANTITIES = {"gradient": 1, "hessian": 2}
_ORDER = 3  # one more than is checked
VALUE = {"loss": 0}  # asked for where the value itself jumps


def check(material: Material) -> Verdict:
    """The largest error, in ulp over its bound, beside a kink (the piece's slope) or on it (convention)."""
    worst, where = 0.0, "no kinks"
    for setting in settings(material.subject):
        about = formula(material.subject, dict(setting))
        for z, y, place, true, jumps in expected(about):
            for quantity, order in (QUANTITIES | VALUE if jumps else QUANTITIES).items():
                error = _error(material, about, quantity, z, y, true[order])
                if 1 < error < inf:  # close to a root of the quantity, or wrong
                    error /= 1 + min(kappa_z(about, quantity, z, y), _steepness(z, true[order:]))
                if where == "no kinks" or error > worst:
                    worst, where = max(worst, error), f"{quantity} {place} the kink, z={z!r}, y={y!r}"
    return verdict(material, "kinks", worst, 1.0, where)


def expected(about: Formula) -> Iterator[tuple[float, float, str, list[arb], bool]]:
    """(z, y, place, derivatives, whether the value jumps) left of, right of and at every kink."""
    for y in targets(about, 3):
        for kink in kink_points(about, y):
            yield from _around(about, kink)


def _around(about: Formula, kink: KinkPoint) -> Iterator[tuple[float, float, str, list[arb], bool]]:
    y = kink.y
    jumps = kink.at is not None and jumps_at(about, kink.at, y)
    yield kink.left, y, "left of", derivatives(about, kink.left, y, _ORDER, side=-1), jumps
    yield kink.right, y, "right of", derivatives(about, kink.right, y, _ORDER, side=1), jumps
    if kink.at is not None:
        yield kink.at, y, "at", at_kink(about, kink.at, y), jumps


def _error(material: Material, about: Formula, quantity: str, z: float, y: float, true: arb) -> float:
    run = function(material.module, material.subject, quantity)
    given = (z,) if isinstance(material.subject, Activation) else (z, y)
    value: Any = run(*given, **about.keywords)
    hi, lo = rounded(true)
    error = float(ulps(np.array([float(value)]), np.array([hi]), np.array([lo]), "float64")[0])
    return error / bound(material.subject, quantity)


def _steepness(z: float, slopes: list[arb]) -> float:
    """|z q′/q| of a quantity q from its value and its slope on this side; 0 on the kink itself.

    κ takes a jump over 0 for a root. A root that a piece comes near to is steep in the piece itself.
    """
    if len(slopes) < 2:
        return 0.0
    value, slope = slopes[:2]
    found = abs(float(arb(z) * slope / value))
    return 0.0 if isnan(found) else found


KINKS = Check(
    name="kinks",
    says="one ulp left and right of each kink the slopes of the pieces, at the kink the convention",
    run=check,
)
