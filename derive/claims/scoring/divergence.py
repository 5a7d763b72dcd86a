"""Whether a loss grows from the target on either side: its slope is (a − y)·w, w > 0, or rises through 0."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import sympy as sp

from derive.claims.places import points_of
from derive.claims.scoring.signs import decided
from derive.claims.scoring.view import View
from derive.claims.scoring.witness import below
from derive.claims.working import definition, equality, relation
from derive.derivation.quantities import LOSS_CURVATURE, LOSS_SLOPE
from derive.derivation.slopes import loss_slope, raw_loss_slope
from derive.heads import plain
from derive.model import (
    PROVED,
    REFUTED,
    UNDECIDED,
    A,
    Finite,
    Interval,
    Outcome,
    Parameter,
    Punctured,
    Quantity,
    Set,
    Step,
    Unproved,
    Witness,
    Y,
)
from derive.proof import equal
from derive.rules.reader import facing_up

OUTWARD = Quantity(
    name="outward slope", latex=r"(a - y)\,\frac{\partial L}{\partial a}", text="(a − y) · ∂L/∂a"
)
PULL = Quantity(name="w", latex="w", text="w")
RISING = Quantity(name="r", latex="r", text="r")
RISING_SLOPE = Quantity(name="dr/da", latex=r"\frac{\partial r}{\partial a}", text="∂r/∂a")
AT_TARGET = Quantity(
    name="slope at the target",
    latex=r"\left.\frac{\partial L}{\partial a}\right|_{a = y}",
    text="∂L/∂a at a = y",
)
_U = sp.Symbol("u", real=True)

Places = Mapping[sp.Symbol, Set]


@dataclass(frozen=True, kw_only=True)
class Divergence:
    """Whether (a − y)·∂L/∂a ≥ 0 everywhere; `pull` is w where ∂L/∂a = (a − y) w.

    `strict` says that it is 0 at a = y only.
    """

    outcome: Outcome
    how: str
    pull: sp.Expr | None = None
    strict: bool = False
    steps: tuple[Step, ...] = ()
    witness: Witness | None = None


def pull_of(slope: sp.Expr, target: sp.Symbol = Y) -> sp.Expr | None:
    """w with slope = (a − y) w; None where the slope is not rational, or w has a pole at a = y."""
    slope = plain(slope)
    if slope.atoms(sp.Function, sp.Piecewise) or not slope.has(A):
        return None
    quotient = sp.factor(sp.cancel(sp.together(slope / (A - target))))
    bottom = sp.fraction(quotient)[1]
    return None if sp.expand(bottom.subs(A, target)) == 0 else facing_up(quotient)


@lru_cache(maxsize=256)
def divergence(scored: View) -> Divergence:
    """How a loss grows away from its target."""
    los = scored.loss
    # Over the whole domain of the loss, which holds the way from any target to any prediction.
    places = {A: los.prediction, Y: los.target} | {p.symbol: p.domain for p in scored.parameters}
    slopes = loss_slope(los, 1), plain(raw_loss_slope(los, 1))
    for route in (by_pull, by_rise, by_factor):
        if (found := route(slopes, places, los.parameters)).outcome == PROVED:
            return found
    return _by_sign(scored, slopes[1], places)


def by_pull(slopes: tuple[sp.Expr, sp.Expr], places: Places, parameters: tuple[Parameter, ...]) -> Divergence:
    """By the factor that remains when a − y is taken out of the slope; `slopes`: as shown, and as it is."""
    shown, slope = slopes
    pull = pull_of(slope)
    if pull is None:
        return Divergence(outcome=UNDECIDED, how="a − y is no factor of ∂L/∂a")
    decision = decided(pull, places, strictly=True)
    if decision.outcome != PROVED:
        return Divergence(outcome=UNDECIDED, how=decision.how, pull=pull)
    line = (
        "slope of the loss",
        "it vanishes at a = y: a − y is a factor",
        sp.Mul(A - Y, pull, evaluate=False),
    )
    try:
        first = equality(LOSS_SLOPE, line, shown, places[Y], parameters)
    except Unproved as problem:
        return Divergence(outcome=UNDECIDED, how=str(problem))
    steps = (
        first,
        definition(PULL, "the factor beside a − y, which defines w", pull),
        relation(PULL, ">", ("sign", decision.how, sp.S.Zero), decision.method),
    )
    how = "∂L/∂a is a − y times a positive factor"
    return Divergence(outcome=PROVED, how=how, pull=pull, strict=True, steps=steps)


def by_rise(slopes: tuple[sp.Expr, sp.Expr], places: Places, parameters: tuple[Parameter, ...]) -> Divergence:
    """By a slope that is 0 at the target and rises everywhere."""
    shown, slope = slopes
    if slope.has(sp.Piecewise, sp.Abs, sp.sign) or not _vanishes(slope.subs(A, Y)):
        return Divergence(outcome=UNDECIDED, how="∂L/∂a is not seen to be 0 at a = y")
    bend = slope.diff(A)
    decision = decided(bend, places, strictly=True)
    if decision.outcome != PROVED:
        return Divergence(outcome=UNDECIDED, how=decision.how)
    value = ("substitution", "put a = y", sp.S.Zero)
    says = f"so ∂L/∂a rises through 0 at a = y: {decision.how}"
    first = ("differentiate", "differentiate the loss", shown)
    second = ("differentiate again", "differentiate again", facing_up(bend))
    try:
        known = (
            equality(LOSS_SLOPE, first, slope, places[Y], parameters),
            equality(AT_TARGET, value, slope.subs(A, Y), places[Y], parameters),
            equality(LOSS_CURVATURE, second, bend, places[Y], parameters),
        )
    except Unproved as problem:
        return Divergence(outcome=UNDECIDED, how=str(problem))
    steps = (
        *known,
        relation(LOSS_CURVATURE, ">", ("sign", says, sp.S.Zero), decision.method),
    )
    return Divergence(outcome=PROVED, how="∂L/∂a rises through 0 at a = y", strict=True, steps=steps)


def by_factor(
    slopes: tuple[sp.Expr, sp.Expr], places: Places, parameters: tuple[Parameter, ...]
) -> Divergence:
    """By a slope that is a positive factor, free of the target, times what rises through 0 at the target."""
    shown, slope = slopes
    factor, rest = sp.factor_terms(slope).as_independent(Y, as_Add=False)
    if slope.has(sp.Piecewise, sp.Abs, sp.sign) or factor == 1 or not _vanishes(rest.subs(A, Y)):
        return Divergence(outcome=UNDECIDED, how="∂L/∂a is not seen to be 0 at a = y")
    signs = decided(factor, places, strictly=True), decided(rest.diff(A), places, strictly=True)
    if bad := next((d for d in signs if d.outcome != PROVED), None):
        return Divergence(outcome=UNDECIDED, how=bad.how)
    says = "a factor without y, and what is 0 at a = y"
    line = ("slope of the loss", says, sp.Mul(factor, rest, evaluate=False))
    try:
        first = equality(LOSS_SLOPE, line, shown, places[Y], parameters)
    except Unproved as problem:
        return Divergence(outcome=UNDECIDED, how=str(problem))
    steps = (
        first,
        definition(PULL, "the factor, which defines w", factor),
        relation(PULL, ">", ("sign", signs[0].how, sp.S.Zero), signs[0].method),
        definition(RISING, "the rest, which defines r", rest),
        relation(RISING_SLOPE, ">", ("sign", signs[1].how, sp.S.Zero), signs[1].method),
    )
    how = "∂L/∂a is a positive factor times what rises through 0 at a = y"
    return Divergence(outcome=PROVED, how=how, strict=True, steps=steps)


def _vanishes(expr: sp.Expr) -> bool:
    try:
        return equal(expr, sp.S.Zero)
    except TypeError:
        return False


def _by_sign(scored: View, slope: sp.Expr, places: Places) -> Divergence:
    outward = (A - Y) * slope
    if hit := _witness(scored, outward):
        return Divergence(
            outcome=REFUTED, how="a point where the cost falls away from the target", witness=hit
        )
    asked, where = _by_distance(outward, places)
    decision = decided(asked, {s: p for s, p in where.items() if s in asked.free_symbols})
    if decision.outcome != PROVED:
        return Divergence(outcome=UNDECIDED, how=decision.how)
    line = ("sign", decision.how, sp.S.Zero)
    return Divergence(
        outcome=PROVED, how=decision.how, steps=(relation(OUTWARD, "≥", line, decision.method),)
    )


def _by_distance(outward: sp.Expr, places: Places) -> tuple[sp.Expr, Places]:
    """The expression in u = a − y, where it depends on nothing else."""
    written = sp.expand(outward.subs(A, Y + _U))
    if written.has(Y):
        written = written.replace(lambda e: e.is_Add and e.has(Y), sp.expand)
    return (outward, places) if written.has(Y) else (written, {_U: Interval(), **places})


def _witness(scored: View, outward: sp.Expr) -> Witness | None:
    default = {p.symbol: p.default for p in scored.parameters}
    targets = (
        points_of(scored.loss.target) if isinstance(scored.loss.target, Interval | Finite | Punctured) else ()
    )
    grid = ({A: a, Y: y} for y in targets for a in points_of(scored.prediction) if a != y)
    if hit := below(outward.subs(default), grid):
        point, value = hit
        at = tuple((str(s), v) for s, v in (dict(point) | default).items())
        return Witness(at=at, quantity=OUTWARD, value=value)
    return None
