"""Subject → Derivation: the only place that decides which rules run in which order."""

from derive.derivation.elementwise import derive_elementwise
from derive.model import VECTOR, Derivation, Subject

__all__ = ["derive"]


def derive(subject: Subject) -> Derivation:
    """The derivation of a subject; Unproved where a step is neither proved nor sampled."""
    if subject.kind == VECTOR:
        from derive.derivation.vectors import derive_vector  # its tensors are slow to import

        return derive_vector(subject)
    return derive_elementwise(subject)
