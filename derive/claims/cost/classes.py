"""The cost of the probability of the true class, in a loss that is a sum over the classes of one term each."""

import sympy as sp

from derive.claims.claim import Found, found, not_applicable
from derive.claims.cost.parts import FREE
from derive.claims.scoring import Terms
from derive.model import Loss


def classes(los: Loss, terms: Terms) -> Found:
    """The findings about a loss over classes, at a one-hot target."""
    return not_applicable(FREE, "a right prediction costs nothing", "to come")
