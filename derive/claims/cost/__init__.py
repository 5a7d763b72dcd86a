"""What a prediction costs: nothing where it is right, without bound where it is wrong, or neither; two cases in one."""

from derive.claims.claim import Claim, Found, not_applicable
from derive.claims.cost.between import between
from derive.claims.cost.classes import classes
from derive.claims.cost.numbers import numbers
from derive.claims.scoring import terms_of, view
from derive.model import VECTOR, Pair, Subject, entries

FREE = "free where right"


def examine(subject: Subject) -> Found:
    """The findings about the cost of a prediction."""
    act, los = entries(subject)
    if los is None:
        return not_applicable(FREE, "a right prediction costs nothing", "an activation alone has no cost")
    emitted = isinstance(subject, Pair)
    if scored := view(subject):
        return between(scored, emitted) if scored.labels else numbers(scored)
    if terms := terms_of(los, act.range if act is not None and act.kind == VECTOR else None):
        return classes(los, terms)
    why = "the loss is no sum over the classes of one term each, so no single prediction stands against a target"
    return not_applicable(FREE, "a right prediction costs nothing", why)


CLAIM = Claim(
    name="cost",
    title="Cost and its shape",
    question="What does a prediction cost: nothing where it is right, and how much where it is wrong?",
    examine=examine,
)
