"""The two nouns of the checks: what is checked, and one check."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeAlias, TypeVar

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


class Named(Protocol):
    """Something with a name."""

    @property
    def name(self) -> str: ...


class About(Protocol):
    """What checks look at, which is about a subject."""

    @property
    def subject(self) -> Named: ...


Looked = TypeVar("Looked", bound=About)


@dataclass(frozen=True, kw_only=True)
class CheckOf(Generic[Looked]):
    """One row of a table: its name, the sentence a report shows, and what it runs."""

    name: str
    says: str
    run: Callable[[Looked], Verdict]


Check: TypeAlias = CheckOf[Material]


def guarded(check: CheckOf[Looked], material: Looked) -> Verdict:
    """The verdict of a check; one that raises has failed."""
    try:
        return check.run(material)
    except Exception as error:
        return Verdict(
            pair=material.subject.name,
            check=check.name,
            passed=False,
            worst=float("inf"),
            limit=0.0,
            where=f"{type(error).__name__}: {error}",
        )


def verdict(material: About, check: str, worst: float, limit: float, where: str = "") -> Verdict:
    """The verdict of a check that passes where what was measured is at most the limit."""
    return Verdict(
        pair=material.subject.name,
        check=check,
        passed=bool(worst <= limit),
        worst=float(worst),
        limit=float(limit),
        where=where,
    )


def counted(material: About, check: str, wrong: Sequence[str]) -> Verdict:
    """The verdict of a check that lists what is wrong: nothing may be."""
    return verdict(material, check, len(wrong), 0, "; ".join(wrong[:3]))
