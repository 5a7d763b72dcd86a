"""The findings about an elementwise subject that saturates."""

from dataclasses import replace

import sympy as sp

from derive.claims.saturation.tails import Approach, Found, Side, Tail, approaches, tails
from derive.claims.saturation.words import OUTPUT, at_target, loss_at, number, with_values
from derive.claims.saturation.wrong import better, least
from derive.claims.working import relation
from derive.derivation.elementwise import gradient_steps as gradient_chain
from derive.derivation.quantities import GRADIENT, OUTPUT_SLOPE
from derive.model import (
    NOT_APPLICABLE,
    PROVED,
    REFUTED,
    UNDECIDED,
    Activation,
    Finding,
    Pair,
    Quantity,
    Step,
    Unproved,
    Witness,
)

NAME = "gradient survives saturation"
TERMS = "leading terms"


def survives(pair: Pair) -> Finding:
    """The claim itself: the gradient keeps away from 0 wherever a saturated output is wrong."""
    says = "Wherever the output saturates at a value that is wrong, ∂L/∂z does not tend to 0."
    blank = Finding(name=NAME, says=says, outcome=UNDECIDED, how="")
    every = tails(pair)
    if not every:
        return replace(blank, outcome=NOT_APPLICABLE, how=_unsaturated(pair.activation))
    stalled = [(t, why) for t in every if t.gradient.vanishes and (why := better(pair, t))]
    if stalled:
        return _refuted(blank, *max(stalled, key=lambda found: not found[0].gradient.given))
    open_ = [t for t in every if not _lives(t.gradient) and not least(pair, t)]
    if open_:
        return replace(blank, how=_open(open_[0]))
    alive = [t for t in every if _lives(t.gradient)]
    if not alive:
        how = "every output at which the activation saturates is the best one for its target"
        return replace(blank, outcome=NOT_APPLICABLE, how=how)
    return replace(blank, outcome=PROVED, how=_alive(alive), steps=_all(alive))


def _lives(found: Found) -> bool:
    """Whether the limit is known not to be 0, for all parameters."""
    if found.limit is None or found.given:
        return False
    return bool(found.limit.is_infinite or found.limit.is_nonzero)


def _unsaturated(act: Activation) -> str:
    ends = approaches(act)
    if any(a.slope.limit is None for a in ends):
        return "no limit of a′ at an end was found, so nothing is known to saturate"
    parts = [f"to {number(a.slope.limit)} for {a.side.says}" for a in ends if a.slope.limit is not None]
    return f"the activation does not saturate: a′ tends {' and '.join(parts)}"


def _refuted(blank: Finding, tail: Tail, why: str) -> Finding:
    loss = "" if tail.loss.limit is None else f" to {number(tail.loss.limit)}"
    how = f"for y = {number(tail.y)} and {tail.side.says} the gradient tends to 0{_given(tail)}"
    at = (("y", tail.y), ("z", tail.side.at), *((str(s), v) for s, v in tail.gradient.given))
    return replace(
        blank,
        outcome=REFUTED,
        how=f"{how}, but the loss tends{loss}: {why}",
        steps=(*loss_steps(tail), *gradient_steps(tail)),
        witness=Witness(at=at, quantity=GRADIENT, value=sp.S.Zero),
    )


def _given(tail: Tail) -> str:
    return with_values(tail.gradient.given)


def _open(tail: Tail) -> str:
    where = f"for y = {number(tail.y)} and {tail.side.says}"
    if tail.gradient.limit is None:
        return f"{where} the limit of the gradient was not found"
    if tail.gradient.given:
        return f"{where} the limit of the gradient was found{_given(tail)} only"
    if not tail.gradient.vanishes:
        return f"{where} the gradient tends to {number(tail.gradient.limit)}, which may be 0"
    return f"{where} the gradient tends to 0, and that the loss is smallest there is not shown"


def _alive(alive: list[Tail]) -> str:
    parts = [f"to {number(t.gradient.limit)} for y = {number(t.y)} and {t.side.says}" for t in alive]
    return f"the gradient tends {', '.join(parts)}; at every other saturated end the loss is smallest"


def _all(every: list[Tail]) -> tuple[Step, ...]:
    return tuple(step for tail in every for step in gradient_steps(tail))


def saturates(act: Activation) -> Finding:
    """At which ends the output settles while its slope tends to 0."""
    ends = approaches(act)
    blank = Finding(
        name="saturates",
        says="The output settles at an end of the line, and a′ tends to 0.",
        outcome=REFUTED,
        how=_unsaturated(act),
        steps=tuple(s for a in ends for s in slope_steps(a)),
    )
    found = [a for a in ends if a.saturated]
    if found:
        parts = [f"for {a.side.says} the output tends to {number(a.output)}{_dead(a)}" for a in found]
        return replace(blank, outcome=PROVED, how="; ".join(parts))
    unknown = not ends or any(a.slope.limit is None for a in ends)
    return replace(blank, outcome=UNDECIDED) if unknown else blank


def _dead(approach: Approach) -> str:
    """What is said of a slope that is exactly 0: the unit dies."""
    return ", and a′ is exactly 0: the unit is dead there" if approach.slope.like == 0 else ""


def slope_steps(approach: Approach) -> list[Step]:
    """The limits of a and of a′ at an end, with the leading term of a′."""
    side, steps = approach.side, []
    if approach.output is not None:
        line = (f"as {side.says}", "The output tends to its limit.", approach.output)
        steps.append(relation(OUTPUT, "→", line, TERMS))
    return steps + _tending(OUTPUT_SLOPE, "the slope", approach.slope, side, "")


def loss_steps(tail: Tail) -> list[Step]:
    """The limit of the loss."""
    return _tending(loss_at(tail.y), "the loss", replace(tail.loss, like=None), tail.side, _of(tail.y))


def gradient_steps(tail: Tail) -> list[Step]:
    """The leading term of the gradient and its limit."""
    return _tending(at_target(tail.y), "the gradient", tail.gradient, tail.side, _of(tail.y))


def _of(y: sp.Expr) -> str:
    return f"y = {number(y)} and "


def _tending(quantity: Quantity, what: str, found: Found, side: Side, start: str) -> list[Step]:
    """f ∼ c·m and f → limit; the first only where it says more."""
    steps, given = [], with_values(found.given)
    if found.like is not None and found.like.free_symbols and found.like != found.limit:
        says = f"For {start}{side.says} {what} behaves as its leading term{given}."
        steps.append(relation(quantity, "∼", (f"as {side.says}", says, found.like), TERMS))
    if found.limit is not None:
        ends = "is 0 from some z on" if found.like == 0 else "tends to its limit"
        says = f"For {start}{side.says} {what} {ends}{given}."
        steps.append(relation(quantity, "→", (f"as {side.says}", says, found.limit), TERMS))
    return steps


def factor(pair: Pair) -> Finding:
    """Whether the factor a′ of ∂L/∂z = ∂L/∂a · a′ is cancelled by ∂L/∂a."""
    blank = Finding(
        name="the factor a′", says="The slope ∂L/∂a of the loss cancels the factor a′ of ∂L/∂z.",
        outcome=UNDECIDED, how="",
    )  # fmt: skip
    if not tails(pair):
        return replace(blank, outcome=NOT_APPLICABLE, how=_unsaturated(pair.activation))
    try:
        steps = gradient_chain(pair)
    except Unproved as fault:
        return replace(blank, how=f"a step of the derivation is open: {fault}")
    if steps[-1].rule == "cancel":
        return replace(blank, outcome=PROVED, how="a′ divides into the denominator of ∂L/∂a", steps=steps)
    return replace(_weighed(blank, pair), steps=steps)


def _weighed(blank: Finding, pair: Pair) -> Finding:
    """Where nothing cancels in the formula: whether ∂L/∂a still makes up for a′."""
    wrong = [t for t in tails(pair) if better(pair, t)]
    if wrong and all(_lives(t.gradient) for t in wrong):
        how = "∂L/∂a grows without bound where a′ tends to 0, so that their product does not"
        return replace(blank, outcome=PROVED, how=how)
    if any(t.gradient.vanishes for t in wrong):
        return replace(blank, outcome=REFUTED, how="a′ stays a factor, and with it the gradient tends to 0")
    return replace(blank, how="no saturated end was found at which it would matter")


def everywhere(pair: Pair) -> Finding:
    """Limits and leading terms of the gradient for each hard target at both ends."""
    found = tails(pair)
    known = all(t.gradient.limit is not None and t.gradient.like is not None for t in found)
    how = "by leading terms, exactly" if known else "not every leading term was found"
    return Finding(
        name="limits of the gradient",
        says="The gradient has a limit and a leading term at each end where the output saturates.",
        outcome=NOT_APPLICABLE if not found else PROVED if known else UNDECIDED,
        how=how if found else _unsaturated(pair.activation),
        steps=_all(list(found)),
    )
