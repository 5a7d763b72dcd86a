"""Certified extremes and roots of functions of z, by bisection in ball arithmetic."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import flint
import sympy as sp
from flint import arb

from derive.balls import Ball, Unreachable, certified, compile_ball, taylor
from derive.heads import plain
from derive.model import Z

MIDDLE = 64  # beyond it, intervals that double
NARROW = arb(2) ** -40
CLOSE = arb(2) ** -40  # relative width of an enclosure of the largest slope
BITS = 192
PIECES = 600  # intervals that are looked at before it is given up

Interval = tuple[arb, arb]


@dataclass(frozen=True, kw_only=True)
class Curve:
    """A function of z, or c·e^g by its g: of a wide interval e^g is had from its two ends."""

    ball: Ball
    front: arb | None = None

    def lifted(self, values: arb) -> arb:
        """The values of the function from those of what is computed."""
        if self.front is None:
            return values
        return self.front * values.lower().exp().union(values.upper().exp())


def curve(slope: sp.Expr) -> Curve:
    """A slope as a function that balls can follow."""
    front, rest = sp.powsimp(plain(slope)).as_independent(Z, as_Add=False)
    if isinstance(rest, sp.exp):
        return Curve(ball=compile_ball(rest.args[0]), front=certified_number(front))
    return Curve(ball=compile_ball(slope))


def certified_largest(ball: Curve, reach: int) -> arb:
    """An enclosure of the supremum of |a′| over |z| ≤ reach, by branch and bound."""
    with flint.ctx.workprec(BITS):
        shells = [(arb(near), arb(far)) for near, far in _shells(reach)]
        open_, best = [*shells, *((-far, -near) for near, far in shells)], arb(0)
        for _ in range(BITS):
            middles = [_middle(i) for i in open_]
            best = max([best, *(abs(_values(ball, m, m)).lower() for m in middles)], key=float)
            top = best + best * CLOSE
            open_ = [i for i in open_ if not abs(_values(ball, *i)) < top]
            if not open_:
                return best.union(top)
            open_ = [half for i in open_ for half in _halves(*i)]
            if len(open_) > PIECES:
                break
    raise Unreachable("the largest slope was not isolated")


def certified_number(value: sp.Expr) -> arb:
    """An enclosure of a number that is known exactly."""
    ball = compile_ball(value)
    return certified(ball, {Z: 0.0}, Z, 0)[0]


def _middle(interval: Interval) -> arb:
    return ((interval[0] + interval[1]) / 2).mid()


def _halves(low: arb, high: arb) -> list[Interval]:
    middle = _middle((low, high))
    return [(low, middle), (middle, high)]


def _values(curve: Curve, low: arb, high: arb) -> arb:
    """An enclosure of the values between two points: from the middle, with the curvature over all of it."""
    whole, middle = low.union(high), _middle((low, high))
    try:
        plainly = taylor(curve.ball, {Z: whole}, Z, 2, BITS)
        if low == high:
            return curve.lifted(plainly[0])
        value, slope = taylor(curve.ball, {Z: middle}, Z, 1, BITS)
    except (Unreachable, ZeroDivisionError, ValueError):
        return arb("nan")
    step = whole - middle
    closely = value + slope * step + plainly[2] * step * step
    return curve.lifted(closely if closely.rad() < plainly[0].rad() else plainly[0])


def outermost(ball: Curve, level: arb, inward: int, reach: int) -> arb:
    """The last z before an end at which |a′| may reach the level; beyond it, it is smaller up to `reach`."""
    with flint.ctx.workprec(BITS):
        for near, far in _shells(reach):
            found = _last(ball, level, arb(-inward * near), arb(-inward * far))
            if found is not None:
                return found
    raise Unreachable("the level is nowhere reached")


def _shells(reach: int) -> Iterator[tuple[int, int]]:
    """Intervals of |z| from the far end inward."""
    edges = [0, *range(1, MIDDLE + 1)]
    while edges[-1] < reach:
        edges.append(2 * edges[-1])
    yield from reversed([*pairwise(edges)])


def _last(ball: Curve, level: arb, near: arb, far: arb) -> arb | None:
    """The point nearest to the far end at which |a′| is not known to be below the level, if any."""
    open_ = [(near, far)]
    for _ in range(PIECES):
        if not open_:
            return None
        inner, outer = open_.pop()
        if abs(_values(ball, *sorted((inner, outer), key=float))) < level:
            continue
        if abs(outer - inner) < NARROW:
            return inner.union(outer)
        middle = _middle((inner, outer))
        open_ += [(inner, middle), (middle, outer)]  # the outer half is taken first
    raise Unreachable("too many intervals")
