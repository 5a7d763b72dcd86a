"""What a claim is: a question about a subject, and the function that answers it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from derive.claims.inside import inside
from derive.model import NOT_APPLICABLE, Answer, Finding, Subject, Table

Found = tuple[tuple[Finding, ...], tuple[Table, ...], tuple[str, ...]]


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A row of the table of claims.

    `examine` gives the findings about a subject, the claim itself first, with tables and names of figures.
    A claim `at_ends` puts hard targets in, and reads what the loss says there; for the others its formula
    inside the targets is enough.
    """

    name: str
    title: str
    question: str
    examine: Callable[[Subject], Found]
    at_ends: bool = False


def answer(claim: Claim, subject: Subject) -> Answer:
    """What a claim says about a subject."""
    findings, tables, figures = claim.examine(subject if claim.at_ends else inside(subject))
    return Answer(
        claim=claim.name,
        title=claim.title,
        question=claim.question,
        subject=subject,
        findings=findings,
        tables=tables,
        figures=figures,
    )


def found(findings: Iterable[Finding], tables: Iterable[Table] = (), figures: Iterable[str] = ()) -> Found:
    """The parts of an answer."""
    return tuple(findings), tuple(tables), tuple(figures)


def not_applicable(name: str, says: str, why: str) -> Found:
    """The answer of a claim that asks nothing of a subject."""
    return found([Finding(name=name, says=says, outcome=NOT_APPLICABLE, how=why)])
