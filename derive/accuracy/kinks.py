"""Where a pair has its kinks, for a given target, in floats."""

from dataclasses import dataclass

import numpy as np
import sympy as sp
from flint import arb

from derive.accuracy.kappa import ROUNDED, copied, loss_switches, output, undecided
from derive.accuracy.points import ROOT_GRID, inside
from derive.accuracy.roots import Signs, sign_of_switch, tighten
from derive.accuracy.truth import Formula, rounded
from derive.balls import Ball, certified, compile_ball
from derive.model import Activation, Loss, Z, domain_of, entries

FAR = 2.0**-20  # so much farther out, relative, the distance from a kink is no matter of rounding
# Beside a kink at 0 the rounding of y and of the parameters decides, which are of the order of 1.
_STEPS = tuple(2.0**n for n in range(-54, -20))


@dataclass(frozen=True, kw_only=True)
class KinkPoint:
    """A kink for the target y: the float on it where there is one, and floats left and right of it."""

    left: float
    at: float | None
    right: float
    y: float


def switches(formula: Formula) -> list[Ball]:
    """The expressions in z and y at whose zeros the subject has its kinks."""
    subject = formula.subject
    if isinstance(subject, Loss):
        return loss_switches(formula)
    kinks = subject.kinks if isinstance(subject, Activation) else subject.activation.kinks
    return [compile_ball(Z - kink) for kink in kinks] + loss_switches(formula)


def kink_points(formula: Formula, y: float) -> list[KinkPoint]:
    """Every kink of the activation, and those of the loss on a coarse grid of z, with their neighbours."""
    grid = np.sort(inside(ROOT_GRID, domain_of(formula.subject), "float64")).tolist()
    act, _ = entries(formula.subject)
    found = [
        _placed(formula, place, y, _room(formula, kink, place))
        for kink, place in zip(act.kinks if act else (), places(formula), strict=True)
    ]
    for switch in loss_switches(formula):
        sign = sign_of_switch(formula, switch, y)
        signs = [sign(z) for z in grid]
        for n in np.flatnonzero(np.multiply(signs[1:], signs[:-1]) < 0):
            found.append(_kink(formula, sign, *tighten(sign, grid[n], grid[n + 1]), y))
    return found


def places(formula: Formula) -> list[arb]:
    """Where the activation has its kinks, at the values of the parameters."""
    act, _ = entries(formula.subject)
    balls = [compile_ball(kink) for kink in act.kinks] if act else []
    return [certified(ball, {**formula.parameters, Z: 0.0}, Z, 0)[0] for ball in balls]


def _room(formula: Formula, kink: sp.Expr, place: arb) -> float:
    """How far from the kink floats can tell its sides: a place that parameters make is rounded itself."""
    if not kink.free_symbols:
        return 0.0
    return ROUNDED * max(abs(float(place)), *map(abs, formula.parameters.values()))


def _placed(formula: Formula, place: arb, y: float, room: float) -> KinkPoint:
    """The kink at a place: on a float, if only balls cannot tell it from one, or between two."""
    near, rest = rounded(place)
    on = place.contains(arb(near))
    if on:
        below, above = (float(np.nextafter(near, way * np.inf)) for way in (-1, 1))
    else:
        other = float(np.nextafter(near, np.copysign(np.inf, rest)))
        below, above = sorted((near, other))
        below, above = min(below, near - room), max(above, near + room)
    left, right = _beside(formula, below, y, -1), _beside(formula, above, y, 1)
    return KinkPoint(left=left, at=near if on else None, right=right, y=y)


def _kink(formula: Formula, sign: Signs, low: float, high: float, y: float) -> KinkPoint:
    middle = float(np.nextafter(low, high))
    # The loss meets the very number it has its kink at, whatever the order of operations.
    exact = middle != high and sign(middle) == 0 and copied(formula, middle, output(formula, middle))
    left, right = _beside(formula, low, y, -1), _beside(formula, high, y, 1)
    return KinkPoint(left=left, at=middle if exact else None, right=right, y=y)


def _beside(formula: Formula, z: float, y: float, way: int) -> float:
    """The first float from z on, an ulp away or a little more, whose side of every kink floats can tell."""
    steps = (0.0, *(np.spacing(abs(z)) * 2.0**n for n in range(10)), *(max(1.0, abs(z)) * s for s in _STEPS))
    return next((at for step in steps if not undecided(formula, at := z + way * float(step), y)), z)
