"""How well the code of a matching loss computes F and f, measured against certified integrals and values."""

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from flint import arb

from derive.balls import certified, compile_ball
from derive.balls.integrals import integral
from derive.claims.matching.matched import Matching
from derive.derivation import derive
from derive.emit.matching import MatchingCode, Sample, code
from derive.emit.matching.templates import POINTS
from derive.heads import plain
from derive.model import PROVED, REALS, REFUTED, BadInput, Z
from derive.program import program
from derive.proof.pieces import Piece, pieces

WIDEST = (100.0, 30.0, 10.0, 3.0)  # how far from the start it is tried
GOOD = 1e-11  # the largest error that code is emitted with
LEAST = 1e-15  # what is declared at least
SLACK = 4  # what is declared over what was measured, for other processors
BITS = 80  # of a true value
CONVEX = {
    PROVED: "f does not decrease, so the loss is convex in z.",
    REFUTED: "f decreases somewhere, so the loss is not convex in z.",
}


def measured(made: Matching) -> MatchingCode:
    """What code of a matching loss says of itself; BadInput where it cannot be had with few errors."""
    draft = _draft(made)
    module: dict[str, Any] = {"__name__": "matching"}
    exec(compile(code(draft), "<matching>", "exec"), module)
    for width in WIDEST:
        low, high = _range(made.activation.domain, width)
        error, samples = _worst(made, module, np.linspace(low, high, POINTS))
        if error <= GOOD:
            within = 10.0 ** math.ceil(math.log10(max(SLACK * error, LEAST)))
            return replace(draft, within=within, low=low, high=high, samples=samples)
    raise BadInput(f"{made.activation.title} could not be integrated to {GOOD:g} by a fixed rule")


def _draft(made: Matching) -> MatchingCode:
    """The code before it is measured."""
    act = made.activation
    big = made.found.expr if made.found else None
    subject = replace(act, expr=big, known=(), range=REALS, range_is_enclosure=True) if made.closed else act
    spans = tuple((piece.low, piece.high) for piece in pieces(act.expr, act.domain))
    return MatchingCode(
        activation=act,
        program=program(derive(subject)),
        closed=made.closed,
        potential=big,
        start=made.start,
        spans=spans,
        samples=(),
        within=0.0,
        low=0.0,
        high=0.0,
        convex=CONVEX.get(made.grows.outcome, "Whether the loss is convex in z is not known."),
    )


def _range(domain: Any, width: float) -> tuple[float, float]:
    """The part of a domain that is measured, away from its ends."""
    low, high = (float(end) for end in (domain.lo, domain.hi))
    if math.isinf(low) and math.isinf(high):
        return -width, width
    if math.isinf(low):
        return high - width, high - 1 / 64
    if math.isinf(high):
        return low + 1 / 64, low + width
    return low + (high - low) / 64, high - (high - low) / 64


def _worst(made: Matching, module: dict[str, Any], points: np.ndarray) -> tuple[float, tuple[Sample, ...]]:
    """The largest error of F and f, relative to 1 + |F| and 1 + |f|, and three points with their truth."""
    defaults = [float(p.default) for p in made.activation.parameters]
    with np.errstate(all="ignore"):
        big, small = (module[name](points, *defaults) for name in ("_potential", "_output"))
    truth = _Truth(made)
    places_ = [float(z) for z in points]
    rows = list(zip(truth.potentials(places_), map(truth.output, places_), strict=True))
    errors = [
        float(abs(arb(float(got)) - true) / (1 + abs(true))) if math.isfinite(got) else math.inf
        for values, column in ((big, 0), (small, 1))
        for got, true in zip(values, (row[column] for row in rows), strict=True)
    ]
    places = [POINTS * n // 8 for n in (3, 4, 5)]
    samples = tuple(_sample(truth, float(points[n]) + 1 / 128) for n in places)
    return max(errors), samples


def _sample(truth: "_Truth", z: float) -> Sample:
    return Sample(z=z, potential=float(truth.potential(z)), output=float(truth.output(z)))


class _Truth:
    """Certified values of F and f, with the default parameters."""

    def __init__(self, made: Matching):
        act = made.activation
        fixed = {p.symbol: p.default for p in act.parameters}
        self.start = float(made.start)
        self.pieces: tuple[Piece, ...] = pieces(plain(act.expr).subs(fixed), act.domain)
        self.offset = arb(0)
        self.f = compile_ball(act.expr.subs(fixed))
        if made.closed:
            ball = compile_ball(made.potential.subs(fixed))
            self.offset = certified(ball, {Z: self.start}, Z, 0, digits=BITS)[0]

    def output(self, z: float) -> arb:
        """f(z)."""
        return certified(self.f, {Z: z}, Z, 0, digits=BITS)[0]

    def potential(self, z: float) -> arb:
        """F(z), which is the integral from the start, and what F is there."""
        return self.offset + self.between(self.start, z)

    def potentials(self, points: list[float]) -> Iterator[arb]:
        """F at points from left to right, each from the one before."""
        total, before = self.offset, self.start
        for z in points:
            total += self.between(before, z)
            before = z
            yield total

    def between(self, one: float, other: float) -> arb:
        """The integral of f from one point to another."""
        total = arb(0)
        for piece in self.pieces:
            low, high = float(piece.low), float(piece.high)
            first, last = (min(max(end, low), high) for end in (one, other))
            if first != last:
                total += integral(piece.expr, Z, first, last)
        return total
