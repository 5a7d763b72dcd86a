"""Answers as text for a terminal."""

from collections.abc import Sequence
from textwrap import wrap

import sympy as sp

from derive.emit.claims.page import approximate, negative, plain
from derive.emit.letters import letters_of
from derive.emit.prose import as_sentence
from derive.emit.text import LETTERS, numbered, readable, where
from derive.emit.words import titled
from derive.model import (
    NOT_APPLICABLE,
    PROVED,
    REFUTED,
    UNDECIDED,
    VECTOR,
    Answer,
    Finding,
    Outcome,
    Step,
    Subject,
    Table,
    Witness,
    entries,
)

WIDTH = 100
MARKS: dict[Outcome, str] = {PROVED: "✓", REFUTED: "✗", UNDECIDED: "?", NOT_APPLICABLE: "–"}
INDENT = "    "


def lines(subject: Subject | None, answers: Sequence[Answer]) -> list[str]:
    """The verdicts in a line each, where there are several, then every claim."""
    found = [titled(subject)] if subject else []
    if len(answers) > 1:
        found += ["", *(line for answer in answers for line in _verdict(answer, _column(answers)))]
    for answer in answers:
        found += ["", *_section(subject, answer)]
    return found if subject else found[1:]


def _column(answers: Sequence[Answer]) -> int:
    return max(len(answer.claim) for answer in answers)


def _verdict(answer: Answer, column: int) -> list[str]:
    first = f"{MARKS[answer.outcome]} {answer.claim:<{column}}  {answer.outcome:<{len(NOT_APPLICABLE)}}  "
    return wrapped(as_sentence(answer.findings[0].says), first, " " * len(first))


def _section(subject: Subject | None, answer: Answer) -> list[str]:
    found = [f"── {answer.title} {'─' * (WIDTH - len(answer.title) - 4)}", *wrapped(answer.question)]
    for finding in answer.findings:
        found += ["", *_finding(finding)]
    if named := letters_of(_steps(answer), **_own(subject)):
        found += ["", where(named)]
    for table in answer.tables:
        found += ["", *_table(table)]
    return found + ([f"figures: {', '.join(answer.figures)}"] if answer.figures else [])


def _steps(answer: Answer) -> list[Step]:
    return [step for finding in answer.findings for step in finding.steps]


def _own(subject: Subject | None) -> dict:
    act = entries(subject)[0] if subject else None
    return {"own": act.latex if act else "", "vector": bool(subject and subject.kind == VECTOR)}


def _finding(finding: Finding) -> list[str]:
    first = f"{MARKS[finding.outcome]} {finding.outcome}: "
    found = wrapped(as_sentence(finding.says), first, INDENT)
    if finding.witness is not None:
        found += wrapped(witness(finding.witness), INDENT, INDENT)
    found += wrapped(as_sentence(finding.how), INDENT, INDENT)
    return [*found, *(INDENT + line for line in numbered(finding.steps))]


def witness(found: Witness) -> str:
    """Where a witness lies, and what the quantity is there."""
    places = ", ".join(f"{LETTERS.get(name, name)} = {readable(value)}" for name, value in found.at)
    about = "" if plain(found.value) else f" ≈ {approximate(found.value)}"
    sign = " < 0" if negative(found.value) else ""
    return f"{f'at {places}: ' if places else ''}{found.quantity.text} = {readable(found.value)}{about}{sign}"


def _table(table: Table) -> list[str]:
    """Aligned columns below their names."""
    rows = [list(table.head), *([cell(value) for value in row] for row in table.rows)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    shown = [
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    rule = "  ".join("─" * width for width in widths)
    return [as_sentence(table.title), *(INDENT + line for line in (shown[0], rule, *shown[1:]))]


def cell(value: sp.Expr | str) -> str:
    """A cell: an expression, or prose."""
    return value if isinstance(value, str) else readable(value)


def wrapped(text: str, first: str = "", others: str = "") -> list[str]:
    """A sentence in lines that fit a terminal."""
    return wrap(text, WIDTH, initial_indent=first, subsequent_indent=others, break_on_hyphens=False)
