"""Which pairs were measured: those that meet the bar, and what others lose; docstrings say no more.

`derive declare` measures and writes. Of a pair that was not measured no accuracy is declared.
"""

import json
import math
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from derive.model import Accuracy

FILE: Final = Path(__file__).with_name("measured.json")


@cache
def _file() -> dict[str, Any]:
    return json.loads(FILE.read_text(encoding="utf-8"))


def lost() -> Mapping[str, list[dict[str, Any]]]:
    """The rows of the pairs that miss the bar somewhere, by their names."""
    return _file()["lost"]


@cache
def met() -> frozenset[str]:
    """The names of the pairs that were measured to meet the bar."""
    return frozenset(_file()["met"])


@cache
def unproved() -> frozenset[str]:
    """The names of the legal pairs of which a step or a form could not be proved: no code is emitted."""
    return frozenset(_file()["unproved"])


def measured(name: str) -> tuple[Accuracy, ...]:
    """What was measured of a pair that misses the bar; () for the others."""
    return tuple(map(_read, lost().get(name, ())))


def is_measured(name: str) -> bool:
    """Whether it is known how accurate the code of a pair is."""
    return name in met() or name in lost()


def text_of(
    meets: Collection[str], loses: Mapping[str, list[dict[str, Any]]], without: Collection[str]
) -> str:
    """The text of the file."""
    found = {"met": sorted(meets), "lost": dict(sorted(loses.items())), "unproved": sorted(without)}
    return json.dumps(found, indent=1) + "\n"


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
