"""Text in every form: LaTeX, Markdown, terminal, and code for the targets of the table."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from derive.model import BadInput, Derivation, Program

if TYPE_CHECKING:
    from derive.program.vectors import VectorProgram

__all__ = ["TARGETS", "Target", "code"]


@dataclass(frozen=True, kw_only=True)
class Target:
    """A language or library that code is emitted for."""

    name: str
    says: str
    suffix: str
    emit: Callable[[Derivation, "Program | VectorProgram"], str]


def _numpy(derivation: Derivation, program: "Program | VectorProgram") -> str:
    if isinstance(program, Program):
        from derive.emit.elementwise_numpy import code as elementwise

        return elementwise(derivation, program)
    from derive.emit.vectors.code import code as vector

    return vector(derivation, program)


TARGETS: tuple[Target, ...] = (
    Target(name="numpy", says="one self-contained NumPy file", suffix=".py", emit=_numpy),
)


def code(derivation: Derivation, program: "Program | VectorProgram", target: str = "numpy") -> str:
    """The code of a subject for a target of the table; BadInput for any other."""
    for row in TARGETS:
        if row.name == target:
            return row.emit(derivation, program)
    raise BadInput(f"unknown target {target!r}. Try: {', '.join(row.name for row in TARGETS)}")
