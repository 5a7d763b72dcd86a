"""The verdicts on many pairs: a page for GitHub, a table for a terminal, plain data."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from derive.emit.claims.markdown import table
from derive.emit.claims.text import MARKS
from derive.emit.markdown import markdown_of_prose
from derive.model import Answer, Kind, Outcome

PICTURE = "verdicts.svg"
INTRODUCTION = """\
# Verdicts over pairs that are looked up

The legal pairs of vectors, and of the activations and losses of numbers that reference and canonical pairs
are made of, and what each claim says of them. Made by `derive explain --matrix`; edits are lost.

![One cell a pair: its colour and its marks are the verdicts](verdicts.svg)"""


@dataclass(frozen=True, kw_only=True)
class Verdicts:
    """The outcome of every claim on one pair, and the folder of its page where there is one."""

    activation: str
    loss: str
    kind: Kind
    outcomes: tuple[tuple[str, Outcome], ...]
    folder: str = ""

    @property
    def name(self) -> str:
        """`activation+loss`."""
        return f"{self.activation}+{self.loss}"

    def of(self, claim: str) -> Outcome | None:
        """The outcome of a claim, if it was asked."""
        return dict(self.outcomes).get(claim)


def outcomes(answers: Iterable[Answer]) -> tuple[tuple[str, Outcome], ...]:
    """The outcome of each claim."""
    return tuple((answer.claim, answer.outcome) for answer in answers)


def counts(rows: Sequence[Verdicts]) -> list[list[str]]:
    """A line a claim: how many pairs have each outcome."""
    claims = [claim for claim, _ in rows[0].outcomes]
    found = {claim: [row.of(claim) for row in rows] for claim in claims}
    return [[claim, *(str(found[claim].count(outcome)) for outcome in MARKS)] for claim in claims]


def head(rows: Sequence[Verdicts]) -> list[str]:
    """The names of the columns of `lines`."""
    return ["pair", *(claim for claim, _ in rows[0].outcomes)]


def lines(rows: Sequence[Verdicts]) -> list[list[str]]:
    """A line a pair: a mark for the outcome of each claim."""
    return [[row.name, *(MARKS[outcome] for _, outcome in row.outcomes)] for row in rows]


def page(rows: Sequence[Verdicts], questions: Sequence[tuple[str, str]]) -> str:
    """The page of all verdicts; `questions` are the claims with what they ask."""
    named = [[f"`{claim}`", markdown_of_prose(asks)] for claim, asks in questions]
    marks = ", ".join(f"{mark} {outcome}" for outcome, mark in MARKS.items())
    linked = [[_linked(row), *line[1:]] for row, line in zip(rows, lines(rows), strict=True)]
    parts = [
        INTRODUCTION,
        table(("claim", "question"), named),
        f"## How many\n\n{len(rows)} pairs.",
        table(("claim", *MARKS), counts(rows)),
        *_undecided(rows),
        f"## Pair by pair\n\n{marks}.",
        table(head(rows), linked),
    ]
    return "\n\n".join(parts) + "\n"


def _linked(row: Verdicts) -> str:
    return f"[{row.name}]({row.folder}/why.md)" if row.folder else row.name


def _undecided(rows: Sequence[Verdicts]) -> list[str]:
    """The pairs that a claim could not decide, if any."""
    claims = [claim for claim, _ in rows[0].outcomes]
    found = {claim: [row.name for row in rows if row.of(claim) == "undecided"] for claim in claims}
    items = [f"- `{claim}`: {', '.join(names)}" for claim, names in found.items() if names]
    return ["## Undecided", "\n".join(items)] if items else []


def data(rows: Sequence[Verdicts]) -> list[dict[str, Any]]:
    """The verdicts as plain data."""
    return [
        {"activation": row.activation, "loss": row.loss, "kind": row.kind} | dict(row.outcomes)
        for row in rows
    ]
