"""Certified evaluation of expressions in ball arithmetic (Arb, through python-flint).

`compile_ball` turns an expression into a function of power series: seeded with z + ε it returns
value, slope and half the curvature of the formula itself, with no symbolic derivative in between.
"""

from collections.abc import Mapping
from typing import Any

import flint
import sympy as sp
from flint import arb, arb_series

from derive.balls.anchored import Anchored, anchored
from derive.balls.compile import EXACT, SIDE, AtKink, Ball, Unreachable, compile_ball, compose
from derive.balls.vast import vast

__all__ = [
    "SIDE", "Anchored", "AtKink", "Ball", "Unreachable", "certified", "compile_ball", "compose", "taylor"
]  # fmt: skip

Env = Mapping[sp.Symbol, float | arb]

# (bits, anchored), tried in turn. Plain series serve the middle of the range at a third of the time.
# Anchored ones reach the rest; 1280 bits are what the exponent of a float needs (e^-z at 1e308), 5120
# the exponent of a product of several.
TRIES = ((128, False), (128, True), (512, False), (1280, True), (5120, True), (1 << 15, True))


FACTORIALS = (1, 1, 2, 6, 24)


def taylor(
    ball: Ball,
    env: Env,
    at: sp.Symbol,
    order: int,
    bits: int,
    *,
    anchor: bool = False,
    side: int | None = None,
) -> list[arb]:
    """Coefficients 0..order of `ball` in ε at `at` = value + ε, in balls of `bits` bits."""
    old_cap, flint.ctx.cap = flint.ctx.cap, order + 1
    try:
        with flint.ctx.workprec(bits):
            got = ball(_seeded(env, at, anchor, side))
            return [got[n] for n in range(order + 1)]
    finally:
        flint.ctx.cap = old_cap


def _seeded(env: Env, at: sp.Symbol, anchor: bool, side: int | None) -> dict[sp.Symbol, Any]:
    series: dict[sp.Symbol, Any] = {s: arb_series([v]) for s, v in env.items()}
    series[at] = arb_series([env[at], 1])
    if anchor:
        series = {s: anchored(v) for s, v in series.items()} | {EXACT: True}
    return series if side is None else {**series, SIDE: side}


def certified(
    ball: Ball,
    env: Env,
    at: sp.Symbol,
    order: int,
    *,
    start: int = 0,
    digits: int = 80,
    side: int | None = None,
) -> list[arb]:
    """Derivatives 0..order (not divided by n!) as balls whose relative width is below 2^−digits.

    A coefficient that stays within 2^−1300 of zero counts as settled: it rounds to 0 in every dtype
    and no product of it with a float does otherwise. `start` skips tries with fewer bits; `side`
    is explained at SIDE.
    """
    for bits, anchor in TRIES:
        if bits < max(start, digits):
            continue
        try:
            got = taylor(ball, env, at, order, bits, anchor=anchor, side=side)
        # An enclosure that is too wide shows as a division by zero, flint's ValueError among them.
        except (Unreachable, ZeroDivisionError, ValueError):
            continue
        if all(_settled(c, digits) for c in got):
            with flint.ctx.workprec(bits):
                return [c * f for c, f in zip(got, FACTORIALS, strict=False)]
    if (beyond := _beyond(ball, env, at, order, side)) is not None:
        return beyond
    raise Unreachable(f"no enclosure of relative width 2^-{digits} at {dict(env)}")


def _beyond(ball: Ball, env: Env, at: sp.Symbol, order: int, side: int | None) -> list[arb] | None:
    """Derivatives where e^(e^w) has left every format, those beyond the floats as infinities of theirs."""
    old_cap, flint.ctx.cap = flint.ctx.cap, order + 1
    try:
        with flint.ctx.workprec(_FAR_BITS):
            series = {s: vast(v) for s, v in _seeded(env, at, False, None).items()}
            got = ball(series if side is None else {**series, SIDE: side})
            found = [got[n] * FACTORIALS[n] for n in range(order + 1)]
    except (Unreachable, ZeroDivisionError, ValueError, TypeError):
        return None
    finally:
        flint.ctx.cap = old_cap
    return found if all(_settled(c, _FAR_BITS // 8) for c in found) else None


_FAR_BITS = 1 << 13
_TINY = arb(2) ** -1300


def _settled(c: arb, digits: int) -> bool:
    if c.rel_accuracy_bits() >= digits or c.is_exact():
        return c.is_finite()
    return c.is_finite() and abs(c) < _TINY
