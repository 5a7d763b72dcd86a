"""Whether a loss grows from the target on either side: ∂L/∂a = (a − y)·w(a, y) with w > 0, or a witness."""

from dataclasses import dataclass

import sympy as sp

from derive.claims.places import points_of
from derive.claims.scoring.signs import decided
from derive.claims.scoring.view import View
from derive.claims.scoring.witness import below
from derive.claims.working import equality, relation
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
    Quantity,
    Set,
    Step,
    Unproved,
    Witness,
    Y,
)
from derive.derivation.quantities import LOSS_SLOPE
from derive.rules.reader import facing_up

OUTWARD = Quantity(
    name="outward slope", latex=r"(a - y)\,\frac{\partial L}{\partial a}", text="(a − y) · ∂L/∂a"
)
PULL = Quantity(name="w", latex="w", text="w")
_U = sp.Symbol("u", real=True)


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


def pull_of(slope: sp.Expr) -> sp.Expr | None:
    """w with slope = (a − y) w, where the slope is rational; None where it is not, or w has a pole at a = y."""
    slope = plain(slope)
    if slope.atoms(sp.Function, sp.Piecewise) or not slope.has(A):
        return None
    quotient = sp.factor(sp.cancel(sp.together(slope / (A - Y))))
    _, below_ = sp.fraction(quotient)
    return None if sp.expand(below_.subs(A, Y)) == 0 else facing_up(quotient)


def divergence(scored: View) -> Divergence:
    """How a loss grows away from its target."""
    los = scored.loss
    slope = loss_slope(los, 1)
    places = {A: scored.prediction, Y: los.target} | {p.symbol: p.domain for p in scored.parameters}
    if (pull := pull_of(raw_loss_slope(los, 1))) is not None:
        return _by_pull(scored, slope, pull, places)
    return _by_sign(scored, slope, places)


def _by_pull(scored: View, slope: sp.Expr, pull: sp.Expr, places: dict[sp.Symbol, Set]) -> Divergence:
    decision = decided(pull, places, strictly=True)
    if decision.outcome == REFUTED:
        return _by_sign(scored, slope, places)
    line = ("slope of the loss", "it vanishes at a = y: take a − y out", sp.Mul(A - Y, pull, evaluate=False))
    try:
        first = equality(LOSS_SLOPE, line, slope, scored.loss.target, scored.parameters)
    except Unproved as problem:
        return Divergence(outcome=UNDECIDED, how=str(problem))
    last = relation(PULL, ">", ("sign", f"the other factor: {decision.how}", sp.S.Zero), decision.method)
    if decision.outcome != PROVED:
        return Divergence(outcome=UNDECIDED, how=decision.how, pull=pull, steps=(first,))
    how = "∂L/∂a is a − y times a positive factor"
    return Divergence(outcome=PROVED, how=how, pull=pull, strict=True, steps=(first, last))


def _by_sign(scored: View, slope: sp.Expr, places: dict[sp.Symbol, Set]) -> Divergence:
    outward = (A - Y) * plain(raw_loss_slope(scored.loss, 1))
    if hit := _witness(scored, outward):
        return Divergence(outcome=REFUTED, how="a point where the cost falls away from the target", witness=hit)
    written = sp.expand_power_base(outward.subs(A, Y + _U))
    shifted = not sp.simplify(written.diff(Y)) if written.has(Y) else True
    asked, where = (written.subs(Y, 0), {_U: Interval(), **places}) if shifted else (outward, places)
    decision = decided(asked, {s: p for s, p in where.items() if s in asked.free_symbols})
    if decision.outcome != PROVED:
        return Divergence(outcome=UNDECIDED, how=decision.how)
    line = ("sign", decision.how, sp.S.Zero)
    return Divergence(outcome=PROVED, how=decision.how, steps=(relation(OUTWARD, "≥", line, decision.method),))


def _witness(scored: View, outward: sp.Expr) -> Witness | None:
    default = {p.symbol: p.default for p in scored.parameters}
    targets = points_of(scored.loss.target) if isinstance(scored.loss.target, Interval | Finite) else ()
    grid = ({A: a, Y: y} for y in targets for a in points_of(scored.prediction) if a != y)
    if hit := below(outward.subs(default), grid):
        point, value = hit
        at = tuple((str(s), v) for s, v in (point | default).items())
        return Witness(at=at, quantity=OUTWARD, value=value)
    return None
