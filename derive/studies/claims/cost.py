"""The cost over the prediction, a curve for each hard target, between the ends of the predictions."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from derive.model import Finite, Pair
from derive.studies.claims.outputs import inside, panels, walls, window
from derive.studies.figure import LINES

HIGHEST = 5.0  # a cost that grows without bound is cut here


def figure(pair: Pair, module: Mapping[str, Any]) -> Figure:
    """The figure of a pair, drawn from the namespace of its emitted code."""
    return panels(_draw, (pair,), (module,))


def comparison(pairs: Sequence[Pair], modules: Sequence[Mapping[str, Any]]) -> Figure:
    """The same of several pairs side by side."""
    return panels(_draw, pairs, modules)


def targets(pair: Pair) -> tuple[int, ...]:
    """The hard targets that are drawn: those that the outputs reach or come to, where there are such."""
    low, high = window(pair.activation)
    near = tuple(y for y in pair.loss.hard if low <= y <= high)
    return near if not isinstance(pair.loss.target, Finite) and near else pair.loss.hard


def _draw(axes: Axes, pair: Pair, module: Mapping[str, Any]) -> None:
    z, a = inside(pair.activation)
    highest = 0.0
    for number, (y, line) in enumerate(zip(targets(pair), LINES, strict=False), 1):
        cost = module["loss"](z, float(y))
        axes.plot(a, cost, label=f"$y = {y}$", gid=f"cost-{number}", **line)
        highest = max(highest, float(np.nanmax(cost)))
    walls(axes, pair.activation, "cost")
    axes.axhline(0, color="0.8", linewidth=0.8, zorder=0)
    top = min(highest, HIGHEST)
    low, _ = axes.get_ylim()
    axes.set(ylim=(max(low, -top), 1.05 * top), ylabel="cost $L$")
