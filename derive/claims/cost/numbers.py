"""The cost of a prediction against a target anywhere: 0 at it, above it elsewhere, and how far it grows."""

from collections.abc import Iterator

import sympy as sp

from derive.claims.claim import Found, found
from derive.claims.cost.parts import (
    AT_TARGET,
    COST,
    FREE,
    MONOTONE,
    NONNEGATIVE,
    UNBOUNDED,
    finding,
    towards,
)
from derive.claims.places import points_of
from derive.claims.scoring import View, below, decided, end_value, ends_of
from derive.claims.scoring.divergence import Divergence, divergence
from derive.claims.scoring.witness import in_numbers
from derive.claims.working import equality, relation
from derive.heads import plain
from derive.model import PROVED, REFUTED, UNDECIDED, A, Finding, Interval, Punctured, Unproved, Witness, Y
from derive.proof import equal


def numbers(scored: View) -> Found:
    """The findings about a loss whose target may be any number of an interval."""
    outward = divergence(scored)
    free = _free(scored)
    return found([free, _nonnegative(scored, free, outward), _grows(outward), _unbounded(scored)])


def at_target(scored: View) -> sp.Expr:
    """L(y, y)."""
    return plain(scored.loss.expr).subs(A, Y)


def _free(scored: View) -> Finding:
    says = "the cost of a right prediction is 0: L(y, y) = 0"
    own = at_target(scored)
    if witness := _other_than_zero(scored, own):
        how = "a right prediction has a cost of its own; what counts is how much more a wrong one costs"
        return finding(FREE, says, REFUTED, how, (), witness)
    try:
        steps = tuple(
            equality(AT_TARGET, ("substitution", f"put a = y{sign}", sp.S.Zero), value, scored.loss.target)
            for sign, value in _on_either_side(own, scored)
        )
    except Unproved as problem:
        return finding(FREE, says, UNDECIDED, str(problem))
    return finding(FREE, says, PROVED, "by substitution", steps)


def _on_either_side(own: sp.Expr, scored: View) -> tuple[tuple[str, sp.Expr], ...]:
    """L(y, y), for positive and for negative targets where 0 is none and cases depend on the sign."""
    if not isinstance(scored.loss.target, Punctured) or not own.has(sp.Piecewise):
        return (("", own),)
    signs = ((" > 0", sp.Symbol("y", positive=True)), (" < 0", sp.Symbol("y", negative=True)))
    return tuple((sign, own.subs(Y, letter)) for sign, letter in signs)


def targets(scored: View) -> tuple[sp.Rational, ...]:
    """Simple targets that are also predictions."""
    both = scored.loss.target
    return tuple(
        y
        for y in points_of(both)
        if isinstance(both, Interval | Punctured) and y in points_of(scored.prediction)
    )


def _other_than_zero(scored: View, own: sp.Expr) -> Witness | None:
    """A target whose right prediction costs something."""
    default = {p.symbol: p.default for p in scored.parameters}
    for y in targets(scored):
        value = sp.cancel(own.subs(default).subs(Y, y))
        if value.is_number and not _zero(value):
            return Witness(at=(("a", y), ("y", y), *_given(scored)), quantity=COST, value=value)
    return None


def _zero(value: sp.Expr) -> bool:
    try:
        return equal(value, sp.S.Zero)
    except TypeError:
        return True  # nothing is known of it: no witness


def _given(scored: View) -> Iterator[tuple[str, sp.Expr]]:
    return ((str(p.symbol), p.default) for p in scored.parameters)


def _nonnegative(scored: View, free: Finding, outward: Divergence) -> Finding:
    says = "the cost is never below 0: L ≥ 0"
    if free.outcome == PROVED and outward.outcome == PROVED:
        how = "it is 0 at the target and grows away from it"
        return finding(
            NONNEGATIVE, says, PROVED, how, (relation(COST, "≥", ("monotone", how, sp.S.Zero), "rule"),)
        )
    default = {p.symbol: p.default for p in scored.parameters}
    grid = ({A: a, Y: y} for y in targets(scored) for a in points_of(scored.prediction))
    if hit := below(scored.loss.expr.subs(default), grid):
        point, value = hit
        at = (*((str(s), v) for s, v in point.items()), *_given(scored))
        how = "a cost below 0: only differences of costs mean something here"
        return finding(NONNEGATIVE, says, REFUTED, how, (), Witness(at=at, quantity=COST, value=value))
    places = {A: scored.prediction, Y: scored.loss.target} | {p.symbol: p.domain for p in scored.parameters}
    decision = decided(plain(scored.loss.expr), places)
    steps = (relation(COST, "≥", ("sign", decision.how, sp.S.Zero), decision.method),)
    proved = decision.outcome == PROVED
    return finding(NONNEGATIVE, says, decision.outcome, decision.how, steps if proved else ())


def _grows(outward: Divergence) -> Finding:
    says = "the further from the target on either side, the higher the cost: (a − y) · ∂L/∂a ≥ 0"
    return finding(MONOTONE, says, outward.outcome, outward.how, outward.steps, outward.witness)


def _unbounded(scored: View) -> Finding:
    """What the cost goes to at the ends of the predictions, for every hard target inside."""
    steps, bounded = [], None
    hard = [y for y in scored.loss.hard if scored.prediction.lo < y < scored.prediction.hi]
    names = ", ".join(str(y).replace("-", "−") for y in hard)
    says = f"the cost grows without bound at both ends of the predictions, for y ∈ {{{names}}}"
    for y in hard:
        for end in ends_of(scored.prediction):
            limit = end_value(scored, y, end)
            if limit is None:
                return finding(UNBOUNDED, says, UNDECIDED, f"no limit was found as a → {end.text}")
            line = ("limit", f"{limit.says}, as a comes to {end.text}", limit.value)
            steps.append(relation(towards(y, end), "=", line, limit.method))
            if limit.value != sp.oo and bounded is None:
                at = (("y", sp.Integer(y)), ("a", end.place), *_given(scored))
                bounded = Witness(at=at, quantity=towards(y, end), value=in_numbers(limit.value, at))
    how = "the limits at the ends, by leading terms"
    return finding(UNBOUNDED, says, REFUTED if bounded else PROVED, how, tuple(steps), bounded)
