"""Truth: an entry's own plain formula at the floats given, in certified balls.

Nothing is stabilised and nothing is differentiated symbolically: L(f(z), y) is composed as it stands
in the catalogue, and its Taylor coefficients at z are value, gradient and half the second derivative.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import flint
import numpy as np
import sympy as sp
from flint import arb

from derive.balls import AtKink, Ball, Unreachable, certified, compile_ball, compose, taylor
from derive.model import A, Activation, Interval, Loss, Set, Subject, Y, Z, entries

QUANTITIES: Final = ("loss", "gradient", "hessian")
ORDER: Final = {name: order for order, name in enumerate(QUANTITIES)}

DIGITS: Final = 80  # bits of a truth: the nearest float64 and 2^-27 ulp
_TELLING: Final = 1 << 12  # bits that tell numbers apart which are not equal
WORK_BITS: Final = 128  # for what is done with balls once they are certified


@dataclass(frozen=True, kw_only=True)
class Formula:
    """The plain formula of a subject, its parts as balls, and the parameters as floats.

    An entry alone has only one part: an activation in z, or a loss in a.
    """

    subject: Subject
    activation: Ball | None
    loss: Ball | None
    whole: Ball
    at: sp.Symbol
    parameters: Mapping[sp.Symbol, float]

    @property
    def keywords(self) -> dict[str, float]:
        """The parameters as the emitted functions take them."""
        return {str(symbol): value for symbol, value in self.parameters.items()}


@dataclass(frozen=True, kw_only=True)
class Truth:
    """True values at points: `hi` the nearest float64, `lo` the rest; rows are the quantities.

    `kappas` keeps the κ that were asked for, by quantity and point, `roots` brackets of the roots that were
    found meanwhile, by quantity and target.
    NaN stands where a derivative jumps: what is right there is a convention, and has a check of its own; and
    where the truth of a user's function is out of reach.
    """

    formula: Formula
    z: np.ndarray
    y: np.ndarray
    hi: np.ndarray
    lo: np.ndarray
    kappas: dict[tuple[str, int], float] = field(default_factory=dict)
    roots: dict[tuple[str, float], list[tuple[float, float]]] = field(default_factory=dict)


def formula(subject: Subject, parameters: Mapping[str, float] | None = None) -> Formula:
    """The plain formula of a subject; parameters that are not given have their defaults."""
    given = parameters or {}
    values = {p.symbol: float(given.get(p.name, p.default)) for p in subject.parameters}
    if isinstance(subject, Activation):
        f = compile_ball(subject.expr)
        return Formula(subject=subject, activation=f, loss=None, whole=f, at=Z, parameters=values)
    if isinstance(subject, Loss):
        loss = compile_ball(subject.expr)
        return Formula(subject=subject, activation=None, loss=loss, whole=loss, at=A, parameters=values)
    f, loss = compile_ball(subject.activation.expr), compile_ball(subject.loss.expr)
    whole = compose(loss, A, f)
    return Formula(subject=subject, activation=f, loss=loss, whole=whole, at=Z, parameters=values)


def within(domain: Set, z: float) -> bool:
    """Whether z lies inside an interval."""
    return isinstance(domain, Interval) and float(domain.lo) < z < float(domain.hi)


def derivatives(
    formula: Formula,
    z: float | arb,
    y: float | arb,
    order: int = 2,
    *,
    digits: int = DIGITS,
    side: int | None = 0,
) -> list[arb]:
    """Value and derivatives in z as balls; AtKink at an exact kink unless a side is given."""
    env = {formula.at: z, Y: y, **formula.parameters}
    return certified(formula.whole, env, formula.at, order, digits=digits, side=side)


def at_kink(formula: Formula, z: float, y: float | arb) -> list[arb]:
    """Value, gradient and second derivative by convention, the chain rule over the entries' values."""
    env: dict[sp.Symbol, float | arb] = {Y: y, **formula.parameters}
    if formula.activation is None or formula.loss is None:
        return _by_convention(formula.whole, {formula.at: z, **env}, formula.at, _given(formula, z))
    a, a1, a2 = _by_convention(formula.activation, {Z: z, **env}, Z, _given(formula, z))
    value, l1, l2 = _by_convention(formula.loss, {A: a, **env}, A)
    with flint.ctx.workprec(WORK_BITS):
        return [value, l1 * a1, l2 * a1**2 + l1 * a2]


def _given(formula: Formula, z: float) -> arb | None:
    """The activation's slope at a kink that another convention gives, for the formula's parameters."""
    act = entries(formula.subject)[0]
    for place, slope in act.at_kinks if act else ():
        where = compile_ball(place)
        if certified(where, {Z: z, **formula.parameters}, Z, 0)[0] == z:
            return certified(compile_ball(slope), {Z: z, **formula.parameters}, Z, 0)[0]
    return None


def _by_convention(
    ball: Ball, env: Mapping[sp.Symbol, float | arb], at: sp.Symbol, given: arb | None = None
) -> list[arb]:
    """The one-sided limit of smaller magnitude; 0 for a slope whose sides differ in sign, and for opposite
    curvatures. Where the formula jumps, the derivatives are those of the side that has its value."""
    left, right = (certified(ball, env, at, 2, side=side) for side in (-1, 1))
    value = certified(ball, env, at, 0)[0]
    if not left[0].overlaps(right[0]) and (own := [s for s in (left, right) if s[0].overlaps(value)]):
        return [value, *own[0][1:]]
    slope = arb(0) if left[1] * right[1] < 0 else _smaller(left[1], right[1])
    slope = slope if given is None or left[1].overlaps(right[1]) else given
    opposite = left[2] * right[2] < 0 and left[2].overlaps(-right[2])
    return [value, slope, arb(0) if opposite else _smaller(left[2], right[2])]


def jumps_at(formula: Formula, z: float, y: float) -> bool:
    """Whether the value itself differs on the two sides of a kink."""
    left, right = (derivatives(formula, z, y, side=side)[0] for side in (-1, 1))
    return not left.overlaps(right)


def _smaller(x: arb, y: arb) -> arb:
    return x if abs(x) < abs(y) else y


def rounded(ball: arb) -> tuple[float, float]:
    """The nearest float64 of a ball, and what is left of the ball's midpoint."""
    hi = float(ball)
    if not math.isfinite(hi):
        return hi, 0.0
    return hi, float(ball - hi)


def _where_sides_agree(formula: Formula, z: float, y: float) -> list[arb]:
    """The formula's value where pieces meet, and the derivatives that have one there; NaN for the others."""
    left, right = (derivatives(formula, z, y, side=side) for side in (-1, 1))
    _, *slopes = [one if one.overlaps(other) else arb.nan() for one, other in zip(left, right, strict=True)]
    return [derivatives(formula, z, y, 0, side=None)[0], *slopes]


def _meets_kink(formula: Formula, z: float, y: float) -> bool:
    """Whether no precision tells the point from a kink of the loss, as where 1/2 + atan(−1)/π meets 1/4."""
    los, env = entries(formula.subject)[1], {formula.at: z, Y: y, **formula.parameters}
    switches = [compile_ball(kink) for kink in (los.kinks if los else ())]
    if formula.activation is not None:
        switches = [compose(switch, A, formula.activation) for switch in switches]
    gaps = [taylor(switch, env, formula.at, 0, _TELLING)[0] for switch in switches]
    return any(gap.contains(0) and abs(gap) < arb(2) ** (DIGITS - _TELLING) for gap in gaps)


def truth(formula: Formula, z: np.ndarray, y: np.ndarray) -> Truth:
    """The true values at points (z, y)."""
    parts = np.full((2, len(QUANTITIES), len(z)), np.nan)
    with flint.ctx.workprec(WORK_BITS):
        for n, (at, target) in enumerate(zip(z.tolist(), y.tolist(), strict=True)):
            try:
                found = derivatives(formula, at, target)
            except AtKink:
                found = _where_sides_agree(formula, at, target)
            except Unreachable:  # a user's function may cancel without end
                if not formula.subject.own and not _meets_kink(formula, at, target):
                    raise
                found = [arb.nan()] * len(QUANTITIES)
            parts[:, :, n] = np.transpose([rounded(ball) for ball in found])
    return Truth(formula=formula, z=z, y=y, hi=parts[0], lo=parts[1])
