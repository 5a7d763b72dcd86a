"""The loss that an activation asks for: ∂L/∂z = a − y, integrated.

L = F(z) − y z with F′ = f. It is convex exactly where f does not decrease, since ∂²L/∂z² = f′(z) for every y.
"""

from derive.claims.claim import Claim, Found, found, not_applicable
from derive.claims.matching.elementwise import NAME, SAYS, elementwise, matching_finding
from derive.claims.matching.matched import Matching, matching
from derive.model import ELEMENTWISE, Subject, entries

__all__ = ["CLAIM", "about", "matching_finding"]


def about(made: Matching) -> Found:
    """What is found of a matching loss of an elementwise activation."""
    return found(elementwise(made))


def _examine(subject: Subject) -> Found:
    """What is found of the activation of a subject."""
    act = entries(subject)[0]
    if act is None:
        return not_applicable(NAME, SAYS, "it takes an activation")
    if act.kind == ELEMENTWISE:
        return about(matching(act))
    from derive.claims.matching.vectors import vectors  # its tensors are slow to import

    return found(vectors(act))


CLAIM = Claim(
    name="matching",
    title="The loss that an activation asks for",
    question="Which loss has ∂L/∂z = a − y behind this activation, and is it convex?",
    examine=_examine,
)
