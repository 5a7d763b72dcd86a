"""The table of checks, and how they are run on a subject."""

from collections.abc import Sequence

from derive.checks.arrays import ARRAYS
from derive.checks.differences import DIFFERENCES
from derive.checks.kinks import KINKS
from derive.checks.known import KNOWN
from derive.checks.selfcheck import SELFCHECK
from derive.checks.steps import STEPS
from derive.checks.table import Check, Material, guarded
from derive.checks.truth import TRUTH32, TRUTH64
from derive.model import VECTOR, Subject, Verdict

__all__ = ["CHECKS", "Check", "Material", "checks_of", "run"]

CHECKS: tuple[Check, ...] = (STEPS, KNOWN, DIFFERENCES, TRUTH64, TRUTH32, KINKS, ARRAYS, SELFCHECK)


def checks_of(subject: Subject) -> tuple[Check, ...]:
    """The checks that a subject must pass."""
    if subject.kind != VECTOR:
        return CHECKS
    from derive.checks.vectors import VECTOR_CHECKS

    return VECTOR_CHECKS


def run(material: Material, only: Sequence[str] | None = None) -> tuple[Verdict, ...]:
    """The verdict of every check, or of those named; a check that raises has failed."""
    wanted = [check for check in checks_of(material.subject) if only is None or check.name in only]
    return tuple(guarded(check, material) for check in wanted)
