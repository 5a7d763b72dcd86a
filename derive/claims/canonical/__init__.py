"""Whether a loss is the one that fits an activation: ∂L/∂z = (a − y)·a′(z)/V(a) with a′/V constant.

V(a) is computed from the loss: it is what a − y is divided by in ∂L/∂a, where that quotient is free of y. For
the negative log-likelihood of an exponential family it is the variance as a function of the mean.
"""

from derive.claims.canonical.elementwise import elementwise
from derive.claims.claim import Claim, Found, not_applicable
from derive.model import ELEMENTWISE, Pair, Subject

__all__ = ["CLAIM"]

SAYS = "∂L/∂z is a constant times a − y"


def _examine(subject: Subject) -> Found:
    """What is found of a subject; only a pair has an answer."""
    if not isinstance(subject, Pair):
        return not_applicable("canonical", SAYS, "it takes an activation and a loss")
    if subject.kind == ELEMENTWISE:
        return elementwise(subject)
    from derive.claims.canonical.vectors import vectors  # its tensors are slow to import

    return vectors(subject)


CLAIM = Claim(
    name="canonical",
    title="The loss that fits the activation",
    question="Is ∂L/∂z = a − y, or a constant times it?",
    examine=_examine,
)
