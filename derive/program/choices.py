"""The committed choices: which form of each quantity the search has found best, by subject."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

FILE: Final = Path(__file__).with_name("choices.json")


@cache
def committed() -> Mapping[str, Any]:
    """The rows of the committed file, by the subject's name; empty where there is none."""
    return json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}


def chosen(subject_name: str) -> Mapping[str, str]:
    """The name of the candidate of each quantity of a subject; what has no row has none."""
    return {quantity: row["form"] for quantity, row in committed().get(subject_name, {}).items()}


def described(subject_name: str) -> str:
    """The choice and its score in one line, for a report; '' where the default form stands."""
    rows = committed().get(subject_name, {})
    return "; ".join(f"{quantity}: {_row(row)}" for quantity, row in rows.items())


def _row(row: Mapping[str, Any]) -> str:
    return (
        f"{row['form']} ({row['cost']:g} ns by the table, ulp/(1+κ) {row['hard']:g} at hard and "
        f"{row['soft']:g} at soft targets, {row['points']} points and some more, seed {row['seed']})"
    )
