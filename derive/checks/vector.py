"""The checks of vector subjects: a pair, an activation or a loss over K components."""

from derive.checks.selfcheck import SELFCHECK
from derive.checks.table import Check
from derive.checks.vector_arrays import VECTOR_ARRAYS
from derive.checks.vector_differences import DIFFERENCES
from derive.checks.vector_kinks import KINKS
from derive.checks.vector_known import KNOWN
from derive.checks.vector_memory import MEMORY
from derive.checks.vector_steps import STEPS
from derive.checks.vector_truth import TRUTH32, TRUTH64

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
