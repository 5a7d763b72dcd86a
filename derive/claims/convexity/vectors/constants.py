"""Constants of vector losses."""

from derive.model import Finding, Subject


def constants(subject: Subject, first: Finding) -> tuple[Finding, ...]:
    """Strong convexity, Lipschitz and smoothness constants, as far as they are known."""
    return ()
