"""The figure of a comparison: errors in ulp over z, one curve a system, one panel a hard target."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from derive.model import Pair
from derive.rivals.emitted import OURS
from derive.studies.errors import ErrorCurve, ErrorPanel
from derive.studies.figure import style, svg, variable_of

__all__ = ["figure", "svg"]

# Okabe and Ito's colours stay apart for colour-blind eyes. Of curves that coincide all are seen: each is
# narrower than those below it; ours lies above all.
LOOKS = {
    OURS: ("#0072B2", 2.2, 9),
    "textbook": ("#D55E00", 4.4, 2),
    "SymPy lambdify": ("#E69F00", 3.0, 3),
    "PyTorch": ("#CC79A7", 1.9, 4),
    "JAX": ("#009E73", 1.1, 5),
    "scikit-learn": ("#56B4E9", 0.7, 6),
}
OTHER = ("0.4", 0.7, 7)
TICKS = (-100, -10, 0, 10, 100)
LEAST, MOST = 0.1, 1e20  # what the axis of errors shows; an error below has no digit to lose
ZERO_ROW, BAD_ROW = 1e18, 1e19  # above any error of a value that is right in kind and order
TITLES = {"loss": "loss", "gradient": "gradient", "hessian": "second derivative"}

SIZE = (10.0, 4.2)
LEFT, BOTTOM, WIDTH, HEIGHT, GAP = 0.075, 0.25, 0.91, 0.60, 0.03


def figure(pair: Pair, panels: tuple[ErrorPanel, ...], quantity: str, dtype: str) -> Figure:
    """The figure of a pair's panels."""
    with style():
        drawn = Figure(figsize=SIZE)
        title = f"{pair.activation.title}, {pair.loss.title}: error of the {TITLES[quantity]}, {dtype}"
        drawn.suptitle(title, x=0.53, y=0.97, fontsize=11)
        width = (WIDTH - GAP * (len(panels) - 1)) / len(panels)
        for n, panel in enumerate(panels):
            axes = drawn.add_axes((LEFT + n * (width + GAP), BOTTOM, width, HEIGHT))
            _draw(axes, panel, n, variable_of(pair))
        lines = {str(line.get_label()): line for axes in drawn.axes for line in axes.lines}
        shown = {name: line for name, line in lines.items() if not name.startswith("_")}
        place: dict[str, Any] = {"loc": "lower center", "ncols": len(shown), "bbox_to_anchor": (0.53, 0.0)}
        drawn.legend(list(shown.values()), list(shown), **place)
    return drawn


def _draw(axes: Axes, panel: ErrorPanel, number: int, variable: str) -> None:
    axes.set_xscale("symlog", linthresh=1)
    axes.set_yscale("log")
    axes.set(ylim=(LEAST, MOST), xlabel=variable, title=panel.label)
    for row, curve in enumerate(panel.curves):
        _draw_curve(axes, curve, number, row / len(panel.curves))
    _label(axes, first=number == 0)


def _draw_curve(axes: Axes, curve: ErrorCurve, number: int, shift: float) -> None:
    """The line, rings where a value is 0 and crosses where it is bad; those of one system on one height."""
    colour, width, order = LOOKS.get(curve.system, OTHER)
    name = f"{curve.system.replace(' ', '-')}-{number}"  # the test of the figure finds the curve by it
    values = np.clip(curve.ulp, LEAST, ZERO_ROW)
    look: dict[str, Any] = {"color": colour, "zorder": order}
    axes.plot(curve.z, values, label=curve.system, gid=name, linewidth=width, **look)
    for mark, at, row in (("o", curve.zeros, ZERO_ROW), ("x", curve.bad, BAD_ROW)):
        heights = np.full(len(at), row * 10 ** (shift * 0.9))
        kind: dict[str, Any] = {
            "marker": mark,
            "markersize": 2.5,
            "linestyle": "none",
            "markerfacecolor": "none",
        }
        axes.plot(at, heights, gid=f"{name}-{'zeros' if mark == 'o' else 'bad'}", **kind, **look)


def _label(axes: Axes, first: bool) -> None:
    """Ticks of errors, and what the marks at the top mean, at the first panel."""
    powers = (0, 4, 8, 12, 16)
    axes.set_yticks([10.0**p for p in powers] + [2 * ZERO_ROW, 2 * BAD_ROW], minor=False)
    names = [f"$10^{{{p}}}$" if p else "1" for p in powers]
    axes.set_yticklabels([*names, "0", "NaN"] if first else [""] * (len(powers) + 2))
    axes.set_yticks([], minor=True)
    axes.axhline(1, color="0.8", linewidth=0.8, zorder=0)
    axes.set_xticks(TICKS, [f"${tick}$" for tick in TICKS], fontsize=8)
    axes.set_xticks([], minor=True)
    if first:
        axes.set_ylabel("error in ulp")
