"""Convex in z: each piece has a nonnegative second derivative, and at kinks the slope jumps upward."""

from dataclasses import dataclass, replace
from functools import cache

import sympy as sp

from derive.claims.convexity.curvature import gradient
from derive.claims.convexity.leaps import LEAPS, leap, quantity, rise
from derive.claims.convexity.shape import Bend, Curve, Piece, Uncut, bends, pieces
from derive.claims.convexity.signs import bends_up, jumps_up, of_one_sign
from derive.claims.convexity.steps import jump_steps, second_derivative, sign_step, slope_steps
from derive.claims.convexity.witness import (
    Low,
    at_point,
    exactly,
    first_below,
    lowest,
    parameter_values,
    shortest,
)
from derive.claims.convexity.words import quantified, words
from derive.derivation.quantities import OUTPUT_SLOPE
from derive.model import (
    PROVED,
    REFUTED,
    UNDECIDED,
    Finding,
    Finite,
    Interval,
    Outcome,
    Quantity,
    Set,
    Step,
    Unproved,
    Witness,
    Z,
)
from derive.proof.signs import Decision, nonnegative

NEVER_FALLS = "nondecreasing"
FALLS = "its value may jump downward"
FOUND = "a search over simple numbers found the point; the value is exact"
SAMPLED = "the form of a slope was only sampled"
JUMPS = "at a kink the slope jumps downward; the jump is exact"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Whether a curve bends up: how it is known, the steps, and where it bends down."""

    outcome: Outcome
    how: str
    steps: tuple[Step, ...] = ()
    low: Low | None = None


@cache
def verdict(curve: Curve) -> Verdict:
    """The verdict about a curve: a simple point that refutes it is sought first."""
    try:
        if low := leap(curve):
            return Verdict(outcome=REFUTED, how=LEAPS, low=low)
        low = lowest(curve, interior(curve)) or lowest(curve)
        return _refuted(curve, low) if low is not None else _by_cells(curve)
    except (Uncut, Unproved) as fault:
        return Verdict(outcome=UNDECIDED, how=str(fault))


def interior(curve: Curve) -> Set:
    """The targets that the activation can give, its ends left out."""
    inside = curve.act.range
    return Interval(lo=inside.lo, hi=inside.hi) if isinstance(inside, Interval) else inside


def _by_cells(curve: Curve) -> Verdict:
    signs = [(piece, bends_up(piece)) for piece in pieces(curve)]
    jumps = [(bend, jumps_up(bend)) for bend in bends(curve)]
    open_ones = [d for _, d in (*signs, *jumps) if d.outcome != PROVED]
    steps = tuple(_steps(curve, signs, jumps))
    if open_ones:
        return Verdict(outcome=UNDECIDED, how=open_ones[0].how, steps=steps)
    if not all(step.proof.proved for step in steps):
        return Verdict(outcome=UNDECIDED, how=SAMPLED, steps=steps)
    how = signs[0][1].how if len(signs) == 1 and not jumps else _in_pieces(len(jumps))
    return Verdict(outcome=PROVED, how=how, steps=steps)


def _in_pieces(kinks: int) -> str:
    pieces_up = "the second derivative is not negative on any piece"
    return f"{pieces_up}, and at the kinks the slope does not jump downward" if kinks else pieces_up


def _steps(
    curve: Curve, signs: list[tuple[Piece, Decision]], jumps: list[tuple[Bend, Decision]]
) -> list[Step]:
    steps: list[Step] = []
    for piece, decision in signs:
        steps += second_derivative(curve, piece)
        if decision.outcome == PROVED:
            steps.append(sign_step(curve, piece, decision))
    for bend, decision in jumps:
        steps += jump_steps(curve, bend, decision)
    return steps


def _refuted(curve: Curve, low: Low) -> Verdict:
    place = low.place
    try:
        steps = jump_steps(curve, place) if isinstance(place, Bend) else second_derivative(curve, place)
    except Unproved:
        if isinstance(place, Bend):
            raise
        # the point refutes it by the composed formula itself, whose value there is given instead
        steps, low = [], replace(low, value=shortest(at_point(place, dict(low.at))))
    return Verdict(outcome=REFUTED, how=JUMPS if low.kink else FOUND, steps=tuple(steps), low=low)


def convex(curve: Curve) -> Finding:
    """The finding about convexity in z, or in a."""
    found, named = verdict(curve), words(curve)
    return Finding(
        name=f"convex in {named.by}",
        says=f"{named.of} is convex in {named.by}{quantified(curve)}",
        outcome=found.outcome,
        how=found.how,
        steps=found.steps,
        witness=witness(curve, found.low),
    )


def at_hard_targets(curve: Curve, first: Finding) -> list[Finding]:
    """The same at hard targets alone, where the witness has a soft one."""
    hard = Finite(values=curve.los.hard)
    soft = first.witness is not None and dict(first.witness.at).get("y") not in hard.values
    if not soft or not hard.values or isinstance(curve.target, Finite):
        return []
    inner = replace(curve, los=replace(curve.los, target=hard))
    return [replace(convex(inner), name=f"{first.name} at hard targets")]


def in_range(curve: Curve, first: Finding) -> list[Finding]:
    """The same for targets that the activation gives, where only others refute it."""
    inside, target = interior(curve), curve.target
    if first.outcome != REFUTED or not isinstance(inside, Interval) or not isinstance(target, Interval):
        return []
    if inside == target or lowest(curve, inside) is not None:
        return []
    inner = replace(curve, los=replace(curve.los, target=inside))
    return [replace(convex(inner), name=f"{first.name} for targets in the range")]


def nondecreasing(curve: Curve) -> Finding:
    """Whether an activation never falls: a′ ≥ 0 on every piece, or a simple point where it falls."""
    says = f"a is nondecreasing in z{quantified(curve)}"
    for piece in pieces(curve):
        rule, slope = gradient(piece)
        decision = of_one_sign(slope, piece)
        if decision.outcome == PROVED:
            continue
        if low := first_below(slope, piece):
            point = Witness(at=low, quantity=OUTPUT_SLOPE, value=exactly(slope, piece, low))
            return Finding(name=NEVER_FALLS, says=says, outcome=REFUTED, how=FOUND, witness=point)
        return Finding(name=NEVER_FALLS, says=says, outcome=UNDECIDED, how=f"{rule}: {decision.how}")
    for bend in bends(curve):
        if (down := -rise(curve, bend)) != 0 and (known := _falls(curve, bend, down)):
            return Finding(name=NEVER_FALLS, says=says, outcome=known[0], how=FALLS, witness=known[1])
    try:
        steps = tuple(slope_steps(curve))
    except Unproved as fault:
        return Finding(name=NEVER_FALLS, says=says, outcome=UNDECIDED, how=str(fault))
    if not all(step.proof.proved for step in steps):
        return Finding(name=NEVER_FALLS, says=says, outcome=UNDECIDED, how=SAMPLED, steps=steps)
    return Finding(name=NEVER_FALLS, says=says, outcome=PROVED, how="its slope is not negative", steps=steps)


def _falls(curve: Curve, bend: Bend, down: sp.Expr) -> tuple[Outcome, Witness | None] | None:
    """What is known of a jump downward: None where there is none, whatever the parameters."""
    if nonnegative(-down, {p.symbol: p.domain for p in bend.left.parameters}).outcome == PROVED:
        return None
    for values in parameter_values(bend.left):
        if (fall := -down.subs(values)).is_negative:
            at = tuple((str(s), v) for s, v in {**values, Z: bend.at.subs(values)}.items())
            return REFUTED, Witness(at=at, quantity=quantity(words(curve).of), value=fall)
    return UNDECIDED, None


def witness(curve: Curve, low: Low | None) -> Witness | None:
    """The witness of a finding."""
    if low is None:
        return None
    named = words(curve)
    at = tuple((str(s), v) for s, v in low.at if named.by == "z" or str(s) != "z")
    if low.leap:
        return Witness(at=at, quantity=quantity(named.of), value=low.value)
    what = _jump(named.of, named.by) if low.kink else named.second
    return Witness(at=at, quantity=what, value=low.value)


def _jump(of: str, by: str) -> Quantity:
    return Quantity(
        name="slope jump",
        latex=rf"\left[\frac{{\partial {of}}}{{\partial {by}}}\right]",
        text=f"the jump of ∂{of}/∂{by}",
    )
