"""What figures over the output of an activation share: a = f(z) at many z, a frame, several panels."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import sympy as sp
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from derive.heads import plain
from derive.model import Activation, Interval, Pair, Z
from derive.studies.figure import style

WIDE, TALL = 4.6, 3.4  # inches of a panel
LEFT, BOTTOM, ACROSS, UP = 0.62, 0.5, 3.8, 2.3
ABOVE = 1.13  # where the legend ends, in heights of the panel
REACH, STEP = 9, 1 / 32  # how far z goes
SHOWN = 3.0  # how far a is shown where it has no end
ROOM = 0.04  # beside the ends of the outputs, as a share of the width
Draw = Callable[[Axes, Pair, Mapping[str, Any]], None]


def inputs() -> np.ndarray:
    """Values of z, dense and even."""
    return np.arange(-REACH, REACH + STEP, STEP)


def outputs(act: Activation, z: np.ndarray) -> np.ndarray:
    """a = f(z), from the activation's formula at the parameters' defaults."""
    expr = plain(act.expr).subs({p.symbol: p.default for p in act.parameters})
    function = sp.lambdify(Z, expr, "math")
    return np.array([function(float(value)) for value in z], dtype=float)


def window(act: Activation) -> tuple[float, float]:
    """The outputs that are shown: all of them where they have ends."""
    place = act.range
    default = {p.symbol: p.default for p in act.parameters}
    ends = (place.lo, place.hi) if isinstance(place, Interval) else (-sp.oo, sp.oo)
    low, high = (float(sp.N(end.subs(default))) for end in ends)
    return max(low, -SHOWN), min(high, SHOWN)


def walls(axes: Axes, act: Activation, name: str) -> None:
    """The vertical lines between which the outputs lie, and the range of the axis."""
    low, high = window(act)
    for number, (end, bound) in enumerate(((low, -SHOWN), (high, SHOWN)), 1):
        if end != bound:
            axes.axvline(end, color="0.45", linewidth=1, linestyle=(0, (4, 2)), gid=f"{name}-wall-{number}")
    room = ROOM * (high - low)
    axes.set(xlim=(low - room, high + room), xlabel="prediction $a$")
    axes.locator_params(axis="x", nbins=6)


def inside(act: Activation) -> tuple[np.ndarray, np.ndarray]:
    """z and a = f(z), where a lies in the window."""
    z = inputs()
    a = outputs(act, z)
    low, high = window(act)
    return z[(a >= low) & (a <= high)], a[(a >= low) & (a <= high)]


def panels(draw: Draw, pairs: Sequence[Pair], modules: Sequence[Mapping[str, Any]]) -> Figure:
    """A panel for each pair, side by side."""
    with style():
        drawn = Figure(figsize=(WIDE * len(pairs), TALL))
        size = (WIDE * len(pairs), TALL)
        for number, (pair, module) in enumerate(zip(pairs, modules, strict=True)):
            place = (LEFT + WIDE * number, BOTTOM, ACROSS, UP)
            axes = drawn.add_axes(tuple(inches / size[n % 2] for n, inches in enumerate(place)))  # type: ignore[arg-type]
            axes.set_title(f"{pair.activation.title}, {pair.loss.title}", fontsize=10, y=ABOVE)
            draw(axes, pair, module)
            axes.legend(loc="upper center", bbox_to_anchor=(0.5, ABOVE), ncols=3, columnspacing=1.2)
    return drawn
