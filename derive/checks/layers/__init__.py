"""The checks of layers: their derivation, and the two passes of the emitted code."""

from collections.abc import Sequence

from derive.checks.layers.arrays import ARRAYS
from derive.checks.layers.differences import DIFFERENCES
from derive.checks.layers.known import KNOWN
from derive.checks.layers.selfcheck import SELFCHECK
from derive.checks.layers.sizes import SIZES
from derive.checks.layers.steps import STEPS
from derive.checks.layers.table import Check, Material
from derive.checks.layers.truth import TRUTH32, TRUTH64
from derive.checks.table import guarded
from derive.model import Verdict

__all__ = ["LAYER_CHECKS", "Material", "run"]

LAYER_CHECKS: tuple[Check, ...] = (
    STEPS,
    KNOWN,
    DIFFERENCES,
    TRUTH64,
    TRUTH32,
    ARRAYS,
    SIZES,
    SELFCHECK,
)


def run(material: Material, only: Sequence[str] | None = None) -> tuple[Verdict, ...]:
    """The verdict of every check, or of those named; a check that raises has failed."""
    return tuple(guarded(check, material) for check in LAYER_CHECKS if only is None or check.name in only)
