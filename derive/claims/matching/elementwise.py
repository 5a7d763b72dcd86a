"""What is found of an elementwise activation: its matching loss, whether that is convex, and its name."""

from dataclasses import replace
from functools import lru_cache

import sympy as sp

from derive.catalogue import LOSSES, fits
from derive.claims.matching.matched import Matching, matching
from derive.claims.matching.named import Named, named
from derive.claims.places import proof_of
from derive.claims.ratio import factor
from derive.claims.variance import variance
from derive.claims.working import definition
from derive.derivation import quantities as q
from derive.derivation.slopes import output_slope, raw_output_slope
from derive.model import (
    ELEMENTWISE,
    PROVED,
    REALS,
    REFUTED,
    UNDECIDED,
    A,
    Activation,
    Finding,
    Loss,
    Proof,
    Quantity,
    Step,
    Witness,
    Y,
)
from derive.rules.reader import whole
from derive.rules.stable import recognise

LOSS = Quantity(name="L", latex="L", text="L")
OUTPUT = Quantity(name="f", latex="f(z)", text="f(z)")
NAME = "matching loss"
SAYS = "L = F(z) − y z with F′ = f has ∂L/∂z = a − y"


@lru_cache(maxsize=128)
def elementwise(made: Matching) -> tuple[Finding, ...]:
    """The findings about an activation."""
    return (_exists(made), _convex(made), *_called(made))


def matching_finding(act: Activation) -> Finding:
    """The first of them in short, without its steps."""
    if act.kind != ELEMENTWISE:
        from derive.claims.matching.vectors import vectors  # its tensors are slow to import

        return replace(vectors(act)[0], steps=())
    return replace(elementwise(matching(act))[0], steps=())


def _exists(made: Matching) -> Finding:
    where = "" if made.activation.domain == REALS else f" for z ∈ {made.activation.domain}"
    says = f"{SAYS}{where}"
    how = "F is the integral of f; no closed form of it is known here"
    if made.found is not None:
        special = "" if made.closed else ", with a function that is not elementary"
        how = f"F in closed form{special}; F′ = f by {made.found.proof.method}"
    return Finding(name=NAME, says=says, outcome=PROVED, how=how, steps=tuple(_steps(made)), value=made.loss)


def _steps(made: Matching) -> list[Step]:
    """What is asked for, the integral, the loss, and its slope."""
    act = made.activation
    asked = "Ask for the slope that the loss of the fitting pair has."
    first = definition(q.GRADIENT, asked, A - Y)
    formula = definition(OUTPUT, "The activation.", recognise(act.expr))
    proof = Proof(method="rule") if made.found is None else made.found.proof
    theorem = ", by the fundamental theorem of calculus" if made.found is None else ""
    summed = Step(
        quantity=LOSS,
        rule="integrate",
        says=f"Integrate over z{theorem}; y does not depend on it, and a constant is free.",
        expr=made.loss,
        proof=proof,
        result=True,
    )
    if made.found is None:
        return [first, formula, summed]
    back = Step(
        quantity=q.GRADIENT,
        rule="differentiate",
        says="The slope of this loss is f(z) − y.",
        expr=recognise(act.expr) - Y,
        proof=proof,
    )
    return [first, formula, summed, back]


def _convex(made: Matching) -> Finding:
    """Whether f′ ≥ 0, which is the curvature of the loss for every y."""
    grows, act = made.grows, made.activation
    says = "the matching loss is convex: ∂²L/∂z² = f′(z) ≥ 0 for every y"
    if grows.outcome == REFUTED:
        at = tuple((str(letter), value) for letter, value in grows.witness)
        witness = Witness(at=at, quantity=q.SECOND, value=grows.value or sp.S.Zero)
        how = "f decreases somewhere, and L is not convex there"
        return Finding(name="matching loss is convex", says=says, outcome=REFUTED, how=how, witness=witness)
    steps = (_curvature(act),) if grows.outcome == PROVED else ()
    return Finding(
        name="matching loss is convex", says=says, outcome=grows.outcome, how=grows.how, steps=steps
    )


def _curvature(act: Activation) -> Step:
    """The second derivative of the loss."""
    says = "The second derivative of F(z) − y z is f′(z), whatever y is."
    slope = output_slope(act, 1)
    proof = proof_of(slope.subs(A, act.expr), raw_output_slope(act, 1), act.domain, parameters=act.parameters)
    return Step(quantity=q.SECOND, rule="differentiate again", says=says, expr=slope, proof=proof)


def _called(made: Matching) -> list[Finding]:
    """Which catalogue loss it is, or that none is."""
    act = made.activation
    found = named(act)
    if found is not None:
        return [_is_called(act, found)]
    rows = [los for los in LOSSES if los.kind == ELEMENTWISE and fits(act, los)]
    says = "no elementwise loss of the catalogue is the matching loss, up to a factor and a function of y"
    if not all(_changes(act, los) for los in rows):
        how = "for some of them it was not decided"
        return [Finding(name="catalogue loss", says=says, outcome=UNDECIDED, how=how)]
    how = "for each that takes these predictions, (∂L/∂z)/(a − y) has different values at two points"
    return [Finding(name="catalogue loss", says=says, outcome=PROVED, how=how)]


def _changes(act: Activation, los: Loss) -> bool:
    """Whether ∂L/∂z is certainly no constant times a − y."""
    spread = variance(los)
    if spread.value is None:
        return bool(spread.targets)
    return bool(factor(act, spread.value, act.parameters + los.parameters).points)


def _times(number: sp.Expr) -> str:
    """Words for a factor."""
    return f" times {number}".replace("-", "−") if number.is_Integer else f" divided by {1 / number}"


def _is_called(act: Activation, found: Named) -> Finding:
    los, scale = found.loss, found.scale
    of = " of outputs and targets moved to [0, 1]" if found.map != A else ""
    share = {1: "", -1: " with the opposite sign"}.get(scale, _times(1 / scale))
    rest = "" if found.rest == 0 else ", up to a function of y" if found.rest.has(Y) else ", up to a constant"
    inner = los.expr.subs({A: found.map, Y: found.map.subs(A, Y)}, simultaneous=True)
    step = Step(
        quantity=LOSS,
        rule="name",
        says=f"In a and y it is {los.title}{share}{', plus what does not depend on z' if rest else ''}.",
        expr=whole(1 / scale, inner) + found.rest,
        proof=found.proof,
        result=True,
    )
    says = f"the matching loss is {los.title}{of}{share}{rest}"
    how = f"F(z) − y z and it are the same function of z and y, by {found.proof.method}"
    return Finding(name="catalogue loss", says=says, outcome=PROVED, how=how, steps=(step,))
