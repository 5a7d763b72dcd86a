"""Subject → Derivation: the only place that decides which rules run in which order."""

from derive.derivation.elementwise import derive_elementwise
from derive.derivation.vector import derive_vector
from derive.model import VECTOR, Derivation, Subject

__all__ = ["derive"]


def derive(subject: Subject) -> Derivation:
    """The derivation of a pair, an activation or a loss; Unproved where a step is neither proved nor sampled."""
    return derive_vector(subject) if subject.kind == VECTOR else derive_elementwise(subject)
