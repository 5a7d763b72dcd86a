"""Which pairs a run is about: all of them, the reference pairs, or those whose names fit a pattern."""

from collections.abc import Sequence
from fnmatch import fnmatchcase

from derive import catalogue
from derive.model import BadInput


def fitting(names: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """The legal pairs whose names fit `ACT+LOSS`, or `ACT LOSS`, with * and ? in them; BadInput for none."""
    act, los = "+".join(names).lower().split("+")
    found = tuple(p for p in catalogue.legal_pairs() if fnmatchcase(p[0], act) and fnmatchcase(p[1], los))
    if not found:
        raise BadInput(f"no legal pair fits '{act}+{los}'. Try: derive list pairs")
    return found
