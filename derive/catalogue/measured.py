"""Pairs whose code misses the bar somewhere: what was measured of it is committed, and said in docstrings.

`derive declare` measures and writes; a pair that has come to meet the bar leaves the file.
"""

import json
import math
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from derive.model import Accuracy

FILE: Final = Path(__file__).with_name("measured.json")


@cache
def committed() -> Mapping[str, list[dict[str, Any]]]:
    """The rows of the file by the pair's name; empty where there is none."""
    return json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}


def measured(name: str) -> tuple[Accuracy, ...]:
    """What was measured of a pair; () for those that meet the bar."""
    return tuple(map(_read, committed().get(name, ())))


def _read(row: dict[str, Any]) -> Accuracy:
    return Accuracy(
        quantity=row["quantity"],
        ulp=math.inf if row["ulp"] is None else row["ulp"],
        lost=tuple(_ends(*ends) for ends in row["lost"]),
        targets=tuple(row["targets"]),
        at=tuple((letter, value) for letter, value in row["at"]),
    )


def _ends(low: float | None, high: float | None) -> tuple[float, float]:
    return (-math.inf if low is None else low, math.inf if high is None else high)


def row_of(found: Accuracy) -> dict[str, Any]:
    """A measurement as plain data; what is infinite is null."""
    return {
        "quantity": found.quantity,
        "ulp": _finite(found.ulp),
        "lost": [[_finite(low), _finite(high)] for low, high in found.lost],
        "targets": list(found.targets),
        "at": [[letter, value] for letter, value in found.at],
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
