"""Pictures of what claims say, by name; a claim names those that show it in `Answer.figures`.

A figure is one row of FIGURES: the module that draws it and its function, imported when it is drawn.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from derive.model import BadInput, Pair

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["FIGURES", "figure"]

# Name → (module below this package, function of a pair and of the namespace of its emitted code).
FIGURES: dict[str, tuple[str, str]] = {}


def figure(name: str, pair: Pair, module: Mapping[str, Any]) -> "Figure":
    """The figure of this name, drawn from the namespace of a pair's emitted code."""
    if name not in FIGURES:
        raise BadInput(f"unknown figure {name!r}. Try: {', '.join(FIGURES)}")
    place, function = FIGURES[name]
    drawn: Figure = getattr(import_module(f"{__name__}.{place}"), function)(pair, module)
    return drawn
