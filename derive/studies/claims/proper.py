"""The expected loss over the prediction, for some probabilities of the upper target, its minima marked."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from derive.model import Finite, Pair
from derive.studies.claims.outputs import inside, panels, walls
from derive.studies.figure import LINES

CHANCES = (0.2, 0.6, 0.8)
DOTS = (8, 6.5, 5)
HIGHEST = 1.6  # of the expected losses shown, in heights of the highest minimum
LOWEST = 0.35


def figure(pair: Pair, module: Mapping[str, Any]) -> Figure:
    """The figure of a pair, drawn from the namespace of its emitted code."""
    return panels(_draw, (pair,), (module,))


def comparison(pairs: Sequence[Pair], modules: Sequence[Mapping[str, Any]]) -> Figure:
    """The same of several pairs side by side."""
    return panels(_draw, pairs, modules)


def _targets(pair: Pair) -> tuple[int, int]:
    """The two targets that are drawn: the labels, or 0 and 1."""
    target = pair.loss.target
    return (min(target.values), max(target.values)) if isinstance(target, Finite) else (0, 1)


def _draw(axes: Axes, pair: Pair, module: Mapping[str, Any]) -> None:
    z, a = inside(pair.activation)
    low, high = (module["loss"](z, float(y)) for y in _targets(pair))
    minima = []
    rows = zip(CHANCES, LINES, DOTS, strict=True)
    for number, (chance, line, size) in enumerate(rows, 1):
        expected = (1 - chance) * low + chance * high
        axes.plot(a, expected, label=rf"$\pi = {chance}$", gid=f"proper-{number}", **line)
        best = int(np.argmin(expected))
        minima.append(float(expected[best]))
        dot = {
            "color": line["color"],
            "marker": "o",
            "linestyle": "none",
            "markersize": size,
            "markeredgecolor": "black",
        }
        axes.plot([a[best]], [expected[best]], gid=f"proper-{number}-minimum", zorder=4, **dot)
        if not isinstance(pair.loss.target, Finite):
            axes.axvline(chance, color=line["color"], linewidth=0.8, linestyle=":", zorder=0)
    walls(axes, pair.activation, "proper")
    span = max(max(minima) - min(minima), LOWEST * max(map(abs, minima)), 0.05)
    axes.set(
        ylim=(min(minima) - 0.3 * span, max(minima) + HIGHEST * span), ylabel=r"expected loss $\mathrm{E}\,L$"
    )
