"""Pictures of what claims say, by name; a claim names those that show it in `Answer.figures`.

A figure is one row of FIGURES: the module that draws it and its function, imported when it is drawn.
"""

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from derive.model import BadInput, Pair

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["COMPARISONS", "FIGURES", "comparison", "figure"]

# Name → (module below this package, function of a pair and of the namespace of its emitted code).
FIGURES: dict[str, tuple[str, str]] = {
    "convexity": ("convexity", "figure"),
    "cost": ("cost", "figure"),
    "entropy": ("entropy", "figure"),
    "likelihood": ("likelihood", "figure"),
    "proper": ("proper", "figure"),
    "saturation": ("saturation", "figure"),
    "neuron": ("saturation", "learning"),
}

# The same of several pairs side by side: functions of the pairs and of their namespaces.
COMPARISONS: dict[str, tuple[str, str]] = {
    "cost": ("cost", "comparison"),
    "entropy": ("entropy", "comparison"),
    "likelihood": ("likelihood", "comparison"),
    "proper": ("proper", "comparison"),
    "saturation": ("side_by_side", "gradients"),
    "neuron": ("side_by_side", "neuron"),
    "digits": ("side_by_side", "digits"),
}


def figure(name: str, pair: Pair, module: Mapping[str, Any]) -> "Figure":
    """The figure of this name, drawn from the namespace of a pair's emitted code."""
    drawn: Figure = _function(name, FIGURES)(pair, module)
    return drawn


def comparison(name: str, pairs: Sequence[Pair], modules: Sequence[Mapping[str, Any]]) -> "Figure":
    """The figure of this name, of several pairs side by side."""
    drawn: Figure = _function(name, COMPARISONS)(tuple(pairs), tuple(modules))
    return drawn


def _function(name: str, rows: Mapping[str, tuple[str, str]]) -> Callable[..., "Figure"]:
    if name not in rows:
        raise BadInput(f"unknown figure {name!r}. Try: {', '.join(rows)}")
    place, function = rows[name]
    found: Callable[..., Figure] = getattr(import_module(f"{__name__}.{place}"), function)
    return found
