"""Where a quantity changes its sign beside a point, or what has kinks at its zeros: certified brackets."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import flint
import numpy as np
import sympy as sp
from flint import arb

from derive.accuracy.truth import ORDER, Formula, within
from derive.balls import AtKink, Ball, Unreachable, certified, taylor
from derive.model import Set, Y

# A change of sign is looked for from z to z/2 and from z to 2z: in so many equal cells, the first of which is
# halved towards z down to this power of 2, since functions may change their sign often.
_CELLS, _FIRST = 16, 51
_HALVINGS = 1  # of a stretch that is enclosed: more cost more than they spare
_BITS = 64  # of an enclosure over a stretch


@dataclass(frozen=True, kw_only=True)
class Signs:
    """The certified signs of a derivative of a ball, a function of z: 0 at a zero, and where none is sure."""

    formula: Formula
    ball: Ball
    y: float
    order: int = 0
    side: int | None = None

    def __call__(self, z: float) -> int:
        try:
            found = self._at(z)
        except (AtKink, Unreachable):
            return 0
        return (found > 0) - (found < 0)

    def _at(self, z: float) -> arb:
        env = {self.formula.at: z, Y: self.y, **self.formula.parameters}
        return certified(self.ball, env, self.formula.at, self.order, digits=4, side=self.side)[self.order]

    def clear(self, one: float, other: float, near: float = 0.0, halvings: int = _HALVINGS) -> bool:
        """Whether enclosures certify that there is no zero between two finite floats of one sign.

        With `near` it does not even fall to this part of what it is beside.
        """
        found = self._over(one, other)
        if found.is_finite() and found.abs_lower() > near * found.abs_upper():
            return True
        between = math.copysign(math.sqrt(abs(one)) * math.sqrt(abs(other)), one)
        halves = (one, between), (between, other)
        return halvings > 0 and all(self.clear(*ends, near, halvings - 1) for ends in halves)

    def _over(self, one: float, other: float) -> arb:
        """An enclosure over all numbers between two; NaN where none is had."""
        at, parameters = self.formula.at, self.formula.parameters
        with flint.ctx.workprec(_BITS):
            middle = (arb(one) + arb(other)) / 2
            stretch = arb(middle.mid(), abs(middle - one).upper())
        try:
            env: dict[sp.Symbol, float | arb] = {at: stretch, Y: self.y, **parameters}
            return taylor(self.ball, env, at, self.order, _BITS, side=0)[self.order]
        except (AtKink, Unreachable, ZeroDivisionError, ValueError):
            return arb.nan()


def sign_of(formula: Formula, quantity: str, y: float) -> Signs:
    """The signs of a quantity."""
    return Signs(formula=formula, ball=formula.whole, y=y, order=ORDER[quantity], side=0)


def sign_of_switch(formula: Formula, switch: Ball, y: float) -> Signs:
    """The signs of an expression at whose zeros kinks lie."""
    return Signs(formula=formula, ball=switch, y=y)


def change_near(sign: Signs, z: float, domain: Set) -> tuple[float, float] | None:
    """The nearest change of sign in [z/2, 2z], from z outwards on both sides at once."""
    if z == 0:
        return None
    for near, far in _outwards(z, sign):
        if within(domain, far) and math.isfinite(far) and (sign(near) or -sign(far)) != sign(far):
            return tighten(sign, near, far, about=z)
    return None


def _outwards(z: float, sign: Signs) -> Iterator[tuple[float, float]]:
    """Cells on both sides of z, nearest first: each as wide as all before it, at last 1/32 or 1/16 of z.

    Those are left out that lie in a stretch that is certified to have no zero.
    """
    shares = 0.0, *(2.0**-n for n in range(_FIRST, 5, -1)), *(n / _CELLS for n in range(1, _CELLS + 1))
    sides = [z * (1 - share / 2) for share in shares], [z * (1 + share) for share in shares]
    first = [_clear_of(sign, ends) for ends in sides]
    for n, _ in enumerate(shares[1:]):
        for ends, start in zip(sides, first, strict=True):
            if n >= start:
                yield ends[n], ends[n + 1]


def _clear_of(sign: Signs, ends: list[float]) -> int:
    """How many of the cells between these floats, from the first on, are certified to have no zero."""
    last = len(ends) - 1
    for n in (last, last - _CELLS // 2, *range(last - _CELLS, 0, -10)):
        if math.isfinite(ends[n]) and ends[n] != ends[0] and sign.clear(ends[0], ends[n]):
            return n
    return 0


def tighten(sign: Signs, one: float, other: float, about: float | None = None) -> tuple[float, float]:
    """A bracket of the same change of sign: neighbouring floats, or small beside the distance to `about`."""
    first, last = sign(one), sign(other)
    while (middle := one + (other - one) / 2) not in (one, other):
        if about is not None and abs(one - other) < min(abs(about - one), abs(about - other)) / 8:
            break
        here = sign(middle)
        if here == 0:
            return float(np.nextafter(middle, -np.inf)), float(np.nextafter(middle, np.inf))
        one, other = (middle, other) if here == (first or -last) else (one, middle)
    return min(one, other), max(one, other)
