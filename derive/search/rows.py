"""What a search has found as rows of the committed file, and the file with them."""

from collections.abc import Mapping
from typing import Any

from derive.search.choice import Found

_DIGITS = 2


def rows(found: Found) -> dict[str, dict[str, Any]]:
    """A row for each quantity: the form chosen and its score."""
    return {
        part.quantity: {
            "form": part.form,
            "cost": round(group.cost, _DIGITS),
            "hard": round(part.measured.hard.score, _DIGITS),
            "soft": round(part.measured.soft.score, _DIGITS),
            "points": found.size,
            "seed": found.seed,
        }
        for group in found.chosen
        for part in group.parts
    }


def merged(committed: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    """The rows of all subjects, those found in place of the old ones, in order."""
    return dict(sorted({**committed, **found}.items()))
