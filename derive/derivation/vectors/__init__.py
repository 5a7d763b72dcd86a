"""Derivations for vectors of symbolic size K, in index notation and then in vectors.

Every step is proved, for every K, against what its quantity means: the derivative of the entries' own
formulas with all letters written out, never the step before it.
"""

from derive.derivation.vectors.activation import derive_activation
from derive.derivation.vectors.loss import derive_loss
from derive.derivation.vectors.pair import derive_pair
from derive.derivation.vectors.rates import all_letters as letters
from derive.derivation.vectors.steps import ASSUMPTION, About, step, work
from derive.model import Activation, Derivation, Pair, Subject

__all__ = ["ASSUMPTION", "About", "derive_vector", "letters", "step", "work"]


def derive_vector(subject: Subject) -> Derivation:
    """The derivation of a vector pair, a vector activation or a vector loss."""
    found = work(subject)
    if isinstance(subject, Pair):
        return derive_pair(found, subject)
    return (
        derive_activation(found, subject) if isinstance(subject, Activation) else derive_loss(found, subject)
    )
