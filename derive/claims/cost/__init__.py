"""What a prediction costs: nothing where it is right, without bound where it is wrong, or neither."""

from dataclasses import replace

import sympy as sp

from derive.claims.claim import Claim, Found, not_applicable
from derive.claims.cost.between import between
from derive.claims.cost.classes import classes, of_one
from derive.claims.cost.numbers import numbers
from derive.claims.cost.parts import FREE
from derive.claims.entropy.classes import as_usual, probabilities, split_of
from derive.claims.inside import of_loss
from derive.claims.scoring import WITHIN, drawable, terms_of, view
from derive.model import AS, PROVED, UNIT_OPEN, VECTOR, A, J, Loss, Subject, entries

SAYS = "a right prediction costs nothing"
NO_COST = "an activation alone has no cost"
MANY = "the loss is no sum of one term for each class: no single prediction stands against a target"


def examine(subject: Subject) -> Found:
    """The findings about the cost of a prediction."""
    _, los = entries(subject)
    if los is None:
        return not_applicable(FREE, SAYS, NO_COST)
    if (scored := view(subject)) and scored.linked:
        return not_applicable(FREE, SAYS, WITHIN)
    if scored:
        within = replace(scored, loss=of_loss(scored.loss))  # hard targets read the cases at the ends
        findings, tables, _ = between(scored) if scored.labels else numbers(within)
    else:
        findings, tables, _ = _of_vectors(subject, los)
    return findings, tables, ("cost",) if drawable(subject) else ()


def _of_vectors(subject: Subject, los: Loss) -> Found:
    act, _ = entries(subject)
    usual = as_usual(los, weights=False)
    if terms := terms_of(usual, act.range if act is not None and act.kind == VECTOR else None):
        return _at_defaults(classes(usual, terms), los)
    if (of := probabilities(subject)) is not None and of.component != AS[J]:
        split = split_of(replace(of, loss=as_usual(los)))
        if split.outcome == PROVED:
            return _at_defaults(of_one(los, -sp.log(A), UNIT_OPEN, split.steps, "p"), los)
    return not_applicable(FREE, SAYS, MANY)


def _at_defaults(answered: Found, los: Loss) -> Found:
    """The same, said of the parameters' defaults where the loss has parameters other than weights."""
    if all(p.per_class for p in los.parameters):
        return answered
    findings, tables, figures = answered
    given = ", ".join(f"{p.name} = {p.default}" for p in los.parameters if not p.per_class)
    said = tuple(replace(f, says=f"{f.says} (with {given})") for f in findings)
    return said, tables, figures


CLAIM = Claim(
    name="cost",
    title="Cost and its shape",
    question="What does a prediction cost: nothing where it is right, and how much where it is wrong?",
    examine=examine,
    at_ends=True,
)
