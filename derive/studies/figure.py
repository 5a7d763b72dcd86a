"""A figure of a pair: its loss and its gradient over z, for the hard targets."""

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from derive.model import ELEMENTWISE, Pair
from derive.studies.curves import GATE, LOGITS, REACH, Panel, first_letter, panels

# Okabe and Ito's colours stay apart for colour-blind eyes. Of curves that coincide all are seen: each is
# narrower than those below it, and so are its dots.
LINES: tuple[dict[str, Any], ...] = (
    {"color": "#0072B2", "linestyle": "solid", "linewidth": 3.8},
    {"color": "#D55E00", "linestyle": (0, (3, 1.5)), "linewidth": 2.2},
    {"color": "#009E73", "linestyle": "solid", "linewidth": 1},
)
DOTS = (8, 5.5, 3.5)
EDGE = 0.2  # beyond the ends of the curves, which would be cut

# Every file comes out the same: no date, no random ids, no settings of the user's own.
STYLE: Any = {
    "svg.hashsalt": "derive",
    "svg.fonttype": "path",
    "path.simplify": False,
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
}
METADATA: dict[str, Any] = {"Date": None, "Creator": None}

SIZE = (8.0, 3.2)
# Left, bottom, width, height: set, so that the place of a curve does not hang on the width of a font.
PLACES = ((0.08, 0.16, 0.40, 0.70), (0.58, 0.16, 0.40, 0.70))

# A curve that explodes would press the others flat: what is so many times the height of the middle is cut.
EXPLODES = 10
MIDDLE = 2
MARGIN = 0.06


@contextmanager
def style() -> Iterator[None]:
    """Settings of our own while a figure is drawn, whatever the user's are."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(STYLE)
        yield


def figure(pair: Pair, module: Mapping[str, Any]) -> Figure:
    """The figure of a pair, drawn from the namespace of its emitted code."""
    with style():
        drawn = Figure(figsize=SIZE)
        drawn.suptitle(f"{pair.activation.title}, {pair.loss.title}", x=0.53, y=0.97, fontsize=11)
        for panel, place in zip(panels(pair, module), PLACES, strict=True):
            _draw(drawn.add_axes(place), panel, variable_of(pair))
    return drawn


def svg(drawn: Figure) -> str:
    """The text of a figure as SVG, the same every time."""
    text = io.StringIO()
    with style():
        drawn.savefig(text, format="svg", metadata=METADATA)
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines()) + "\n"


def variable_of(pair: Pair) -> str:
    """What the axis of z says."""
    if pair.kind == ELEMENTWISE:
        return "$z$"
    others = " and ".join(f"${value:g}$" for value in LOGITS[1:])
    gates = "".join(f" and ${i.base.label}$ at ${GATE:g}$" for i in pair.activation.inputs[1:])
    return f"${first_letter(pair)}_1$, with the other components at {others}{gates}"


def _draw(axes: Axes, panel: Panel, variable: str) -> None:
    for number, (curve, line, size) in enumerate(zip(panel.curves, LINES, DOTS, strict=False), 1):
        name = f"{panel.name}-{number}"  # the test of output/ finds the curve by it
        axes.plot(curve.z, curve.values, label=curve.label, gid=name, **line)
        round_ = {"color": line["color"], "marker": "o", "markersize": size, "linestyle": "none", "zorder": 3}
        axes.plot(*_columns(curve.dots), gid=f"{name}-dots", **round_)
        axes.plot(*_columns(curve.rings), gid=f"{name}-rings", markerfacecolor="white", **round_)
    axes.axhline(0, color="0.8", linewidth=0.8, zorder=0)
    xlim = (-REACH - EDGE, REACH + EDGE)
    axes.set(xlim=xlim, ylim=limits(panel), xlabel=variable, ylabel=panel.axis)
    axes.legend(loc="best")


def _columns(dots: tuple[tuple[float, float], ...]) -> tuple[list[float], list[float]]:
    return [z for z, _ in dots], [value for _, value in dots]


def limits(panel: Panel) -> tuple[float, float]:
    """The lowest and highest value a panel shows."""
    z, values = (np.concatenate(rows) for rows in zip(*((c.z, c.values) for c in panel.curves), strict=True))
    calm = float(np.nanmax(np.abs(values[np.abs(z) <= MIDDLE])))
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    if calm and max(-low, high) > EXPLODES * calm:
        low, high = max(low, -calm), min(high, calm)
    room = MARGIN * (high - low or 1.0)
    return low - room, high + room
