"""The checks of vector subjects: a pair, an activation or a loss over K components."""

from derive.checks.selfcheck import SELFCHECK
from derive.checks.table import Check
from derive.checks.vectors.arrays import VECTOR_ARRAYS
from derive.checks.vectors.differences import DIFFERENCES
from derive.checks.vectors.kinks import KINKS
from derive.checks.vectors.known import KNOWN
from derive.checks.vectors.memory import MEMORY
from derive.checks.vectors.steps import STEPS
from derive.checks.vectors.truth import TRUTH32, TRUTH64

VECTOR_CHECKS: tuple[Check, ...] = (
    STEPS,
    KNOWN,
    DIFFERENCES,
    TRUTH64,
    TRUTH32,
    KINKS,
    VECTOR_ARRAYS,
    MEMORY,
    SELFCHECK,
)
