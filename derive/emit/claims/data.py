"""Answers as plain data, ready for JSON; expressions are text that SymPy reads back."""

from collections.abc import Sequence
from typing import Any

import sympy as sp

from derive.emit.claims.page import approximate
from derive.emit.data import named, step, text_of
from derive.model import Answer, Finding, Subject, Table, Witness


def explained(subject: Subject | None, answers: Sequence[Answer]) -> dict[str, Any]:
    """What `derive explain --json` prints."""
    whose = {"subject": subject.name, **named(subject)} if subject else {}
    return {**whose, "answers": [answer(one) for one in answers]}


def answer(row: Answer) -> dict[str, Any]:
    """A claim's answer: the verdict, what was found, tables, the names of its figures."""
    return {
        "claim": row.claim,
        "title": row.title,
        "question": row.question,
        "outcome": row.outcome,
        "findings": [finding(one) for one in row.findings],
        "tables": [table(one) for one in row.tables],
        "figures": list(row.figures),
    }


def finding(row: Finding) -> dict[str, Any]:
    """A statement with its outcome, how it is known, the witness and the number where there are."""
    return {
        "name": row.name,
        "says": row.says,
        "outcome": row.outcome,
        "how": row.how,
        "steps": [step(one) for one in row.steps],
        "witness": None if row.witness is None else witness(row.witness),
        "value": None if row.value is None else text_of(row.value),
    }


def witness(row: Witness) -> dict[str, Any]:
    """Where a quantity has an exact value that refutes."""
    return {
        "at": {name: text_of(value) for name, value in row.at},
        "quantity": row.quantity.text,
        "value": text_of(row.value),
        "about": str(approximate(row.value)) if row.value.is_number and row.value.is_finite else None,
    }


def table(row: Table) -> dict[str, Any]:
    """A table, its cells as text."""
    cells = [[cell(value) for value in line] for line in row.rows]
    return {"title": row.title, "head": list(row.head), "rows": cells}


def cell(value: sp.Expr | str) -> str:
    """A cell as text."""
    return value if isinstance(value, str) else text_of(value)
