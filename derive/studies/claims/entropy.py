"""Cross-entropy over the prediction for a fixed target, as the entropy of the target and a divergence."""

from collections.abc import Mapping, Sequence
from math import log
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from derive.model import Pair
from derive.studies.claims.outputs import inside, panels, walls
from derive.studies.figure import LINES

TARGET = 0.3
HIGHEST = 2.0
ENTROPY = -TARGET * log(TARGET) - (1 - TARGET) * log(1 - TARGET)


def figure(pair: Pair, module: Mapping[str, Any]) -> Figure:
    """The figure of a pair, drawn from the namespace of its emitted code."""
    return panels(_draw, (pair,), (module,))


def comparison(pairs: Sequence[Pair], modules: Sequence[Mapping[str, Any]]) -> Figure:
    """The same of several pairs side by side."""
    return panels(_draw, pairs, modules)


def _draw(axes: Axes, pair: Pair, module: Mapping[str, Any]) -> None:
    z, a = inside(pair.activation)
    cost = module["loss"](z, TARGET)
    rows = (
        ("loss", rf"loss, $y = {TARGET}$", cost),
        ("divergence", r"$\mathrm{KL}(y \Vert a)$", cost - ENTROPY),
        ("entropy", "entropy", np.full_like(a, ENTROPY)),
    )
    for (name, label, values), line in zip(rows, LINES, strict=True):
        axes.plot(a, values, label=label, gid=f"entropy-{name}", **line)
    least = int(np.argmin(cost))
    dots = ([a[least]] * 2, [cost[least], cost[least] - ENTROPY])
    axes.plot(*dots, "o", color="black", markersize=5, zorder=4, gid="entropy-minimum")
    axes.axvline(TARGET, color="0.6", linewidth=0.8, linestyle=":", zorder=0)
    walls(axes, pair.activation, "entropy")
    axes.set(ylim=(-0.05 * HIGHEST, HIGHEST), ylabel="nats")
