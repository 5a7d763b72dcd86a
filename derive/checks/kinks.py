"""Emitted code at every kink, and just left and right of it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import inf, isnan
from typing import Any

import flint
import numpy as np
from flint import arb

from derive.accuracy.kappa import is_hard, kappa_z
from derive.accuracy.kinks import FAR, KinkPoint, kink_points
from derive.accuracy.measure import function, ulps
from derive.accuracy.points import targets
from derive.accuracy.truth import (
    ORDER,
    WORK_BITS,
    Formula,
    at_kink,
    derivatives,
    formula,
    jumps_at,
    rounded,
    within,
)
from derive.bounds import bound, is_lost
from derive.checks.settings import settings
from derive.checks.table import Check, Material, verdict
from derive.model import Activation, Verdict, domain_of

QUANTITIES = ("gradient", "hessian")
VALUE = ("loss",)  # asked for where the value itself jumps
_PLACES = {-1: "left of", 0: "at", 1: "right of"}
# Where κ excuses an error of so large a part of the value, a point farther out by FAR has to tell.
_EXCUSES = 2.0**-16
_STEP = arb(2) ** -60  # relative change of y in a difference quotient


@dataclass(frozen=True, kw_only=True)
class Spot:
    """A point left of a kink (side −1), right of it (1) or on it (0)."""

    z: float
    y: float
    side: int
    quantities: tuple[str, ...]


def check(material: Material) -> Verdict:
    """The largest error, in ulp over its bound, beside a kink (the piece's slope) or on it (convention).

    It is not asked for where digits are declared to be lost.
    """
    worst, where = 0.0, "no kinks"
    for setting in settings(material.subject):
        about = formula(material.subject, dict(setting))
        for spot in spots(about):
            for quantity in spot.quantities:
                if is_lost(material.subject, quantity, spot.z):
                    continue
                error = _error(material, about, quantity, spot)
                if where == "no kinks" or error > worst:
                    worst, where = max(worst, error), _words(quantity, spot)
    return verdict(material, "kinks", worst, 1.0, where)


def _words(quantity: str, spot: Spot) -> str:
    return f"{quantity} {_PLACES[spot.side]} the kink, z={spot.z!r}, y={spot.y!r}"


def spots(about: Formula) -> Iterator[Spot]:
    """The points left of, right of and at every kink."""
    for y in targets(about, 3):
        for kink in kink_points(about, y):
            yield from _around(about, kink)


def _around(about: Formula, kink: KinkPoint) -> Iterator[Spot]:
    jumps = kink.at is not None and jumps_at(about, kink.at, kink.y)
    for z, side in ((kink.left, -1), (kink.right, 1), (kink.at, 0)):
        if z is not None:
            yield Spot(z=z, y=kink.y, side=side, quantities=QUANTITIES + VALUE if jumps else QUANTITIES)


def _true(about: Formula, spot: Spot, order: int, y: float | arb) -> list[arb]:
    """Value and slopes of the piece, or by convention."""
    if spot.side:
        return derivatives(about, spot.z, y, order, side=spot.side)
    return at_kink(about, spot.z, y)


def _error(material: Material, about: Formula, quantity: str, spot: Spot) -> float:
    """The error over its bound and 1 + κ, here or, where κ excuses all, at a point farther out."""
    true = _true(about, spot, ORDER[quantity], spot.y)[ORDER[quantity]]
    run = function(material.module, material.subject, quantity)
    given = (spot.z,) if isinstance(material.subject, Activation) else (spot.z, spot.y)
    value: Any = run(*given, **about.keywords)
    hi, lo = rounded(true)
    error = float(ulps(np.array([float(value)]), np.array([hi]), np.array([lo]), "float64")[0])
    limit = bound(material.subject, quantity)
    if not limit < error < inf or true == 0:
        return error / limit
    k = kappa_of_piece(about, quantity, spot)
    found = error / limit / (1 + k)
    if limit * k * 2.0**-53 < _EXCUSES or (further := _further(about, spot)) is None:
        return found
    if is_lost(material.subject, quantity, further.z):
        return found
    return max(found, _error(material, about, quantity, further))


def _further(about: Formula, spot: Spot) -> Spot | None:
    """A point on the same side whose distance is no matter of rounding; none where there is no such point."""
    z = spot.z + spot.side * FAR * abs(spot.z)
    return replace(spot, z=z) if z != spot.z and within(domain_of(about.subject), z) else None


def kappa_of_piece(about: Formula, quantity: str, spot: Spot) -> float:
    """κ_y + κ_z of the piece the point lies on; the steps from piece to piece have no part in it."""
    return _kappa_y_of_piece(about, quantity, spot) + min(
        kappa_z(about, quantity, spot.z, spot.y), _steepness(about, quantity, spot)
    )


def _kappa_y_of_piece(about: Formula, quantity: str, spot: Spot) -> float:
    """|y·∂q/∂y / q| at a soft target, on that side of it which crosses no kink."""
    if is_hard(about.subject, np.array(spot.y)):
        return 0.0
    order = ORDER[quantity]
    with flint.ctx.workprec(WORK_BITS):
        here, below, above = (
            _true(about, spot, order, spot.y * (1 + step))[order] for step in (arb(0), -_STEP, _STEP)
        )
        return min(float(abs((beside - here) / (here * _STEP))) for beside in (below, above))


def _steepness(about: Formula, quantity: str, spot: Spot) -> float:
    """|z q′/q| of a quantity q on this side; on the kink itself that of the sides which agree with it.

    κ takes a jump over 0 for a root. A root that a piece comes near to is steep in the piece itself.
    """
    order, steep = ORDER[quantity], 0.0
    value = _true(about, spot, order, spot.y)[order]
    for side in (spot.side,) if spot.side else (-1, 1):
        here, slope = derivatives(about, spot.z, spot.y, order + 1, side=side)[order : order + 2]
        found = abs(float(arb(spot.z) * slope / here))
        if here.overlaps(value) and not isnan(found):
            steep = max(steep, found)
    return steep


KINKS = Check(
    name="kinks",
    says="one ulp left and right of each kink the slopes of the pieces, at the kink the convention",
    run=check,
)
