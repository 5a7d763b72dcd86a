"""κ: how much the error of any intermediate grows near a root of the quantity itself (CONTRACT.md).

κ = κ_y + κ_z. Both are asked for only where an error looks large, so they may take milliseconds.
"""

import math
from dataclasses import replace
from itertools import pairwise

import flint
import numpy as np
from flint import arb

from derive.accuracy.roots import change_near, sign_of, sign_of_switch, tighten
from derive.accuracy.truth import DIGITS, ORDER, Formula, derivatives, rounded, within
from derive.balls import Ball, certified, compile_ball, compose
from derive.model import A, Activation, Interval, Loss, Pair, Subject, Y, domain_of

_STEP = 2.0**-60  # relative change of y in a difference quotient; exact in 128 bits
_ULPS = 2.0**-50  # of y: what is lost on the way to an output
_DIGITS = 200  # so that the quotient keeps 2^-80 of its own
# A double root of the loss: between neighbouring floats it has fallen to this part of the loss around.
_VANISHED = 2.0**-40
# A quantity that falls to 0 at a kink like a power of the distance is so much larger so far away from it.
_GROWN, _AWAY = 2, 2.0**-22
# Bits of a z between floats, steps to a root there, and how often the way from it is doubled to tell it.
_BETWEEN, _STEPS, _DOUBLINGS = 1200, 8, 3
# Part of the largest of a, y, a − y and the parameters that one subtraction, or a rounded a, may be off.
_EXACT, ROUNDED, _SMALLEST = 2.0**-53, 2.0**-49, 2.0**-1074

_LARGE = 8.0  # κ from which it is worth while to know the root, since more points lie beside it


def kappa(formula: Formula, quantity: str, z: float, y: float) -> float:
    """κ_y + κ_z of a quantity at one point."""
    if undecided(formula, z, y):
        return math.inf
    return kappa_y(formula, quantity, z, y) + kappa_z(formula, quantity, z, y)


def undecided(formula: Formula, z: float, y: float) -> bool:
    """Whether (z, y) is so near to a kink of the loss that rounding a or a − y may cross it."""
    if isinstance(formula.subject, Activation):
        return False
    env = {formula.at: z, Y: y, **formula.parameters}
    gaps = [certified(switch, env, formula.at, 3, digits=4, side=1) for switch in loss_switches(formula)]
    # Flat on the kink, as a rectifier is at y = 0, there is no step across it.
    gap = min((abs(gap[0]) for gap in gaps if not all(rate == 0 for rate in gap)), default=arb(math.inf))
    a = output(formula, z)
    part = _EXACT if copied(formula, z, a) else ROUNDED
    largest = max(abs(float(a)), abs(y), abs(float(a - y)), *map(abs, formula.parameters.values()), 0.0)
    return gap < max(part * largest, _SMALLEST) or (part == ROUNDED and _rounds_by(formula, z, gap / part))


def _rounds_by(formula: Formula, z: float, size: arb) -> bool:
    """Whether terms of the activation are of this size though they cancel, as they do beside a root."""
    if formula.activation is None or not isinstance(formula.subject, Pair):
        return False
    alone = replace(formula, subject=formula.subject.activation, loss=None, whole=formula.activation)
    a, slope = derivatives(alone, z, 0.0, 1, side=1)
    return size < abs(z * slope) and size < abs(a) * arb(kappa_z(alone, "loss", z, 0.0))


def output(formula: Formula, z: float) -> arb:
    """What the loss is given: the activation at z, or z itself."""
    if formula.activation is None:
        return arb(z)
    return certified(formula.activation, {formula.at: z, **formula.parameters}, formula.at, 0)[0]


def copied(formula: Formula, z: float, a: arb) -> bool:
    """Whether an output needs no arithmetic: it is z itself, 0 or a parameter."""
    return a.is_exact() and rounded(a)[1] == 0 and float(a) in (z, 0.0, *formula.parameters.values())


def loss_switches(formula: Formula) -> list[Ball]:
    """The expressions in z and y at whose zeros the loss has its kinks."""
    subject = formula.subject
    if isinstance(subject, Activation):
        return []
    kinks = subject.kinks if isinstance(subject, Loss) else subject.loss.kinks
    balls = [compile_ball(kink) for kink in kinks]
    return balls if formula.activation is None else [compose(ball, A, formula.activation) for ball in balls]


def hard_targets(subject: Subject) -> tuple[int, ...]:
    """The targets at which no digit may be lost."""
    if isinstance(subject, Activation):
        return ()
    return subject.hard if isinstance(subject, Loss) else subject.loss.hard


def is_hard(subject: Subject, y: np.ndarray) -> np.ndarray:
    """Where targets are hard: κ has no part in y there."""
    return np.isin(y, (0, *hard_targets(subject))) | isinstance(subject, Activation)


def kappa_y(formula: Formula, quantity: str, z: float, y: float) -> float:
    """|y·∂q/∂y / q| at a soft target, 0 at a hard one.

    A loss may have a double root, beside which the rounding of an output counts with its square and not
    with the slope; so its κ is the largest of the slope's and of that over a step of some ulp. No step
    leaves the targets, beyond which a loss may have no value.
    """
    if is_hard(formula.subject, np.array(y)):
        return 0.0
    steps = (_STEP, _ULPS, -_ULPS) if quantity == "loss" else (_STEP,)
    with flint.ctx.workprec(2 * _DIGITS):
        here = _value(formula, quantity, z, arb(y), _DIGITS)
        if here == 0:
            return math.inf
        inside = [s for s in steps if _is_target(formula.subject, arb(y) * (1 - arb(s)))] or [_STEP]
        beside = [_value(formula, quantity, z, arb(y) * (1 - arb(s)), _DIGITS) for s in inside]
        moves = zip(beside, inside, strict=True)
        return max(float(abs((value - here) / (here * step)).mid()) for value, step in moves)


def _is_target(subject: Subject, y: arb) -> bool:
    """Whether a number lies inside the targets of a loss."""
    assert not isinstance(subject, Activation), "an activation has no target"
    target = (subject if isinstance(subject, Loss) else subject.loss).target
    return not isinstance(target, Interval) or bool(arb(float(target.lo)) < y < arb(float(target.hi)))


def kappa_z(formula: Formula, quantity: str, z: float, y: float) -> float:
    """|r|/|z − r| for the root r nearest to z among those in [z/2, 2z], 0 where there is none."""
    if quantity == "loss" and _touched_between(formula, z, y):
        return math.inf
    bracket = root_near(formula, quantity, z, y)
    if bracket is None:
        return 0.0
    low, high = bracket
    if low <= z <= high:  # the root lies within an ulp
        if quantity == "loss":  # mostly a double one, where errors grow with their square: no κ tells
            return math.inf
        return max(abs(z) / (high - low), _newton(formula, quantity, z, y))
    return abs(low) / min(abs(z - low), abs(z - high))


def least_kappa(
    formula: Formula, quantity: str, z: float, y: float, roots: list[tuple[float, float]], enough: float
) -> float:
    """A bound of κ from below that costs little: by roots that are known, one a Newton step away, or κ_y."""
    gaps = [max(abs(z - low), abs(z - high)) for low, high in roots if abs(z - low) < abs(z) / 2]
    found = abs(z) / 2 / min(gaps) if gaps else 0.0  # a nearer root r has |r| ≥ |z|/2 too
    if found < enough and quantity != "loss":
        found = _one_step_away(formula, quantity, z, y)
    return found if found >= enough else max(found, kappa_y(formula, quantity, z, y))


def _one_step_away(formula: Formula, quantity: str, z: float, y: float) -> float:
    """|r|/|z − r| at least, for a root that lies within 5/4 of a Newton step from z; 0 where none is seen."""
    order = ORDER[quantity]
    found = derivatives(formula, z, y, order + 1, side=1)
    slope = float(found[order + 1])
    step = 1.25 * float(found[order]) / slope if slope else math.inf
    if not 0 < abs(step) < abs(z) / 8 or not within(domain_of(formula.subject), z - step):
        return 0.0
    sign = sign_of(formula, quantity, y)
    return (abs(z) - abs(step)) / abs(step) if sign(z) * sign(z - step) < 0 else 0.0


def new_root(formula: Formula, quantity: str, z: float, y: float, k: float) -> list[tuple[float, float]]:
    """The neighbouring floats around the root that makes κ large at a point; none where nothing does."""
    if not _LARGE <= k < math.inf or (bracket := root_near(formula, quantity, z, y)) is None:
        return []
    sign = sign_of(formula, quantity, y)
    if sign(bracket[0]) * sign(bracket[1]) > 0:  # a loss that touches 0
        sign = sign_of(formula, "gradient", y)
    return [tighten(sign, *bracket)]


def _value(formula: Formula, quantity: str, z: float | arb, y: float | arb, digits: int = DIGITS) -> arb:
    order = ORDER[quantity]
    return derivatives(formula, z, y, order, digits=digits, side=1)[order]


def _newton(formula: Formula, quantity: str, z: float, y: float) -> float:
    """|z q′/q|: |z|/|z − r| where r is an ulp away or less."""
    order = ORDER[quantity]
    found = derivatives(formula, z, y, order + 1, side=1)
    if found[order].contains(0):
        return math.inf
    with flint.ctx.workprec(64):
        return float(abs(z * found[order + 1] / found[order]).mid())


def root_near(formula: Formula, quantity: str, z: float, y: float) -> tuple[float, float] | None:
    """Floats around the root nearest to z in [z/2, 2z], tight beside its distance from z."""
    domain, sign = domain_of(formula.subject), sign_of(formula, quantity, y)
    if quantity == "loss" and math.isfinite(2 * z) and sign.clear(z / 2, 2 * z, _VANISHED):
        return None
    found = change_near(sign, z, domain)
    if quantity != "loss":
        both = [ends for ends in (found, _touched_kink(formula, quantity, z, y)) if ends]
        return min(both, key=lambda ends: min(abs(z - end) for end in ends), default=None)
    if found is None:  # where a loss touches 0 its slope changes sign
        found = change_near(sign_of(formula, "gradient", y), z, domain)
        return found if found and _vanishes(formula, found, z, y) else None
    return found


def _touched_between(formula: Formula, z: float, y: float) -> bool:
    """Whether the loss is small at z since it touches 0 between z and the next float, as fine waves do.

    It is small where it grows, on both sides, each time the way from the root to z is doubled.
    """
    if (root := _root_between(formula, z, y)) is None:
        return False
    with flint.ctx.workprec(_BETWEEN):
        ways = [(z - root) * 2**n for n in range(_DOUBLINGS + 1)]
        places = [[(root + sign * way).mid() for way in ways] for sign in (-1, 1)]
    sides = [[abs(_value(formula, "loss", at, y)) for at in side] for side in places]
    return all(more > _GROWN * less for side in sides for less, more in pairwise(side))


def _root_between(formula: Formula, z: float, y: float) -> arb | None:
    """A zero of the loss less than an ulp from z, by Schröder's steps, which find roots of any order."""
    at, first = arb(z), abs(_value(formula, "loss", z, y))
    for _ in range(_STEPS):
        value, slope, bend = derivatives(formula, at, y, side=1)
        if abs(value) < _VANISHED * first:
            return at
        with flint.ctx.workprec(_BETWEEN):
            below = slope**2 - value * bend
            if below.contains(0):
                return None
            at = (at - value * slope / below).mid()
            if not 0 < abs(at - z) < math.ulp(z):
                return None
    return None


def _touched_kink(formula: Formula, quantity: str, z: float, y: float) -> tuple[float, float] | None:
    """Floats around a kink of the loss where a slope falls to 0 and keeps its sign, as |a − y|^(1/2) does.

    None where no output is rounded: a − y is exact there.
    """
    if copied(formula, z, output(formula, z)):
        return None
    for switch in loss_switches(formula):
        sign = sign_of_switch(formula, switch, y)
        found = change_near(sign, z, domain_of(formula.subject))
        if found and _falls(formula, quantity, tighten(sign, *found), z, y):
            return found
    return None


def _falls(formula: Formula, quantity: str, ends: tuple[float, float], z: float, y: float) -> bool:
    """Whether a slope falls to 0 on the side of z between neighbouring floats."""
    way = -1 if z <= ends[0] else 1
    near = ends[way > 0]
    away = near + way * _AWAY * abs(near)
    if not within(domain_of(formula.subject), away):
        return False
    least, more = (abs(_value(formula, quantity, x, y)) for x in (near, away))
    return bool(_GROWN * least < more)


def _vanishes(formula: Formula, bracket: tuple[float, float], z: float, y: float) -> bool:
    """Whether the loss falls to 0 where its slope changes sign, and does not merely turn there."""
    ends = tighten(sign_of(formula, "gradient", y), *bracket)
    least = min(float(abs(_value(formula, "loss", x, y))) for x in ends)
    around = [x for x in (z / 2, 2 * z) if within(domain_of(formula.subject), x)]
    return least <= _VANISHED * max(float(abs(_value(formula, "loss", x, y))) for x in around)
