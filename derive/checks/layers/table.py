"""What the checks of layers look at."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from derive.checks.table import CheckOf
from derive.model import Layer, LayerDerivation
from derive.program.layers import LayerProgram


@dataclass(frozen=True, kw_only=True)
class Material:
    """What a check of a layer may look at: what was derived, the emitted text and its functions."""

    derivation: LayerDerivation
    program: LayerProgram
    code: str
    module: Mapping[str, Any]

    @property
    def subject(self) -> Layer:
        """The layer."""
        return self.derivation.subject


Check: TypeAlias = CheckOf[Material]
