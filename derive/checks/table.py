"""The two nouns of the checks: what is checked, and one check."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from derive.accuracy.points import QUICK
from derive.model import Derivation, Program, Subject, Verdict

if TYPE_CHECKING:
    from derive.program.vectors import VectorProgram


@dataclass(frozen=True, kw_only=True)
class Material:
    """What a check may look at: a subject, what was derived, the emitted text and its functions.

    `target` is the row of the table of targets that the text is for. The truth is asked for at so many
    `points` and the special ones; it is kept in the folder `memory`, if there is one.
    """

    subject: Subject
    derivation: Derivation
    program: "Program | VectorProgram | None"
    code: str
    module: Mapping[str, Any]
    target: str = "numpy"
    points: int = QUICK
    memory: Path | None = None


@dataclass(frozen=True, kw_only=True)
class Check:
    """One row of the table: its name, the sentence a report shows, and what it runs."""

    name: str
    says: str
    run: Callable[[Material], Verdict]


def verdict(material: Material, check: str, worst: float, limit: float, where: str = "") -> Verdict:
    """The verdict of a check that passes where what was measured is at most the limit."""
    return Verdict(
        pair=material.subject.name,
        check=check,
        passed=bool(worst <= limit),
        worst=float(worst),
        limit=float(limit),
        where=where,
    )


def counted(material: Material, check: str, wrong: Sequence[str]) -> Verdict:
    """The verdict of a check that lists what is wrong: nothing may be."""
    return verdict(material, check, len(wrong), 0, "; ".join(wrong[:3]))
