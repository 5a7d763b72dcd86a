"""Convex in z: each piece has a nonnegative second derivative, and at kinks the slope jumps upward."""

from dataclasses import dataclass
from functools import cache

import sympy as sp

from derive.claims.convexity.shape import Bend, Curve, Piece, Uncut, bends, pieces
from derive.claims.convexity.signs import bends_up, jumps_up
from derive.claims.convexity.steps import jump_steps, second_derivative, sign_step
from derive.claims.convexity.witness import Low, lowest
from derive.claims.convexity.words import letter, number, quantified, words
from derive.heads import plain
from derive.model import (
    PROVED,
    REFUTED,
    UNDECIDED,
    A,
    Finding,
    Interval,
    Outcome,
    Quantity,
    Set,
    Step,
    Witness,
    Y,
)
from derive.proof.signs import Decision


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
        low = lowest(curve, interior(curve)) or lowest(curve)
        return _refuted(curve, low) if low is not None else _by_cells(curve)
    except Uncut as fault:
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
    how = signs[0][1].how if len(signs) == 1 and not jumps else _in_pieces(len(jumps))
    return Verdict(outcome=PROVED, how=how, steps=steps)


def _in_pieces(kinks: int) -> str:
    pieces_up = "the second derivative is not negative on any piece"
    return f"{pieces_up}, and the slope jumps upward at the kinks" if kinks else pieces_up


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
    steps = jump_steps(curve, place) if isinstance(place, Bend) else second_derivative(curve, place)
    return Verdict(outcome=REFUTED, how=_said(curve, low), steps=tuple(steps), low=low)


def _said(curve: Curve, low: Low) -> str:
    """Where the curve bends down, and by how much."""
    at = " and ".join(f"{letter(s)} = {number(v)}" for s, v in low.at if s in (Y, A, *_other(low)))
    what = "the slope jumps by" if low.kink else f"{words(curve).second.text} ="
    value = f"{what} {number(low.value)} < 0" if plain(low.value).is_Rational else f"{words(curve).second.text} < 0"
    return f"{value} at {at}"


def _other(low: Low) -> tuple[sp.Symbol, ...]:
    """z where a is not given."""
    letters = [s for s, _ in low.at]
    return () if A in letters else tuple(s for s in letters if s != Y)


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


def witness(curve: Curve, low: Low | None) -> Witness | None:
    """The witness of a finding."""
    if low is None:
        return None
    named = words(curve)
    at = tuple((str(s), v) for s, v in low.at if named.by == "z" or str(s) != "z")
    quantity = _jump(named.of, named.by) if low.kink else named.second
    return Witness(at=at, quantity=quantity, value=low.value)


def _jump(of: str, by: str) -> Quantity:
    return Quantity(
        name="slope jump",
        latex=rf"\left[\frac{{\partial {of}}}{{\partial {by}}}\right]",
        text=f"the jump of ∂{of}/∂{by}",
    )
