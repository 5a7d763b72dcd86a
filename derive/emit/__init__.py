"""Text in every form: LaTeX, Markdown, terminal, and code for the targets of the table."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from derive.model import ELEMENTWISE, BadInput, Derivation, Program, Subject

if TYPE_CHECKING:
    from derive.program.vectors import VectorProgram

__all__ = ["TARGETS", "Target", "code", "covers", "files", "target_of"]


@dataclass(frozen=True, kw_only=True)
class Target:
    """A language or library that code is emitted for.

    `emit` gives the code as one self-contained text; `vectors` says whether it does for vector subjects.
    Where code comes as several files beside one another, `files` gives them by the ends of their names,
    for the name they have in common.
    """

    name: str
    says: str
    suffix: str
    emit: Callable[[Derivation, "Program | VectorProgram"], str]
    files: Callable[[Derivation, "Program | VectorProgram", str], dict[str, str]] | None = None
    vectors: bool = False


def _numpy(derivation: Derivation, program: "Program | VectorProgram") -> str:
    if isinstance(program, Program):
        from derive.emit.elementwise_numpy import code as elementwise

        return elementwise(derivation, program)
    from derive.emit.vectors.code import code as vector

    return vector(derivation, program)


def _numba(derivation: Derivation, program: "Program | VectorProgram") -> str:
    from derive.emit.numba import code as elementwise

    assert isinstance(program, Program)
    return elementwise(derivation, program)


def _c(derivation: Derivation, program: "Program | VectorProgram") -> str:
    from derive.emit.c import code as c99

    return c99(derivation, program)


def _c_files(derivation: Derivation, program: "Program | VectorProgram", stem: str) -> dict[str, str]:
    from derive.emit.c import files as c99

    return c99(derivation, program, stem)


TARGETS: tuple[Target, ...] = (
    Target(name="numpy", says="one self-contained NumPy file", suffix=".py", emit=_numpy, vectors=True),
    Target(name="numba", says="one Numba file: fused parallel loops", suffix=".py", emit=_numba),
    Target(name="c", says="one C99 file and its header", suffix=".c", emit=_c, files=_c_files),
)


def target_of(name: str) -> Target:
    """The row of the table with a name; BadInput where there is none."""
    for row in TARGETS:
        if row.name == name:
            return row
    raise BadInput(f"unknown target {name!r}. Try: {', '.join(row.name for row in TARGETS)}")


def covers(target: Target, subject: Subject) -> bool:
    """Whether code of a subject is emitted for a target."""
    return target.vectors or subject.kind == ELEMENTWISE


def code(derivation: Derivation, program: "Program | VectorProgram", target: str = "numpy") -> str:
    """The code of a subject for a target of the table, as one text; BadInput for any other, or subject."""
    return _fitting(target, derivation.subject).emit(derivation, program)


def files(
    derivation: Derivation, program: "Program | VectorProgram", target: str, stem: str
) -> dict[str, str]:
    """The files of a target that are named `stem`, by the ends of their names; BadInput as for code."""
    row = _fitting(target, derivation.subject)
    if row.files is None:
        return {row.suffix: row.emit(derivation, program)}
    return row.files(derivation, program, stem)


def _fitting(name: str, subject: Subject) -> Target:
    row = target_of(name)
    if not covers(row, subject):
        raise BadInput(f"target {name!r} is for elementwise functions, not for {subject.name}. Try: numpy")
    return row
