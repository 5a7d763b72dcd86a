"""Where a loss bends down: the region of negative second derivative over z and y, with the witness.

Where it bends up everywhere, and for a few targets, the second derivative over z instead.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import sympy as sp
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from derive.claims import examine
from derive.heads import plain
from derive.model import REFUTED, Finding, Finite, Interval, Pair, Set, Z
from derive.studies.figure import LINES, style

SIZE = (4.6, 3.4)
PLACE = (0.17, 0.16, 0.78, 0.63)
REACH, FINE = 6.0, 241
SPAN = 3.0  # how far targets are shown where they have no end
DOWN = "#F3D9C6"  # below 0; pale, so that the border and the point stand out
BESIDE, JUMP = 1e-6, 1e-4  # a slope that changes by more from one side of a kink to the other jumps
LEAST = -1e-12  # nearer to 0 than this is rounding


def figure(pair: Pair, module: Mapping[str, Any]) -> Figure:
    """The figure of a pair, drawn from the namespace of its emitted code."""
    first = examine(pair, ("convexity",))[0].findings[0]
    with style():
        drawn = Figure(figsize=SIZE)
        drawn.suptitle(f"{pair.activation.title}, {pair.loss.title}", x=0.55, y=0.985, fontsize=10)
        axes = drawn.add_axes(PLACE)
        plane = first.outcome == REFUTED and not isinstance(pair.loss.target, Finite)
        if plane:
            _region(axes, pair, module, first)
        else:
            _lines(axes, pair, module)
    return drawn


def targets(pair: Pair) -> tuple[float, float]:
    """The targets that are shown: a little more than the activation gives, as far as the loss has them."""
    low, high = _window(pair.activation.range)
    first, last = _window(pair.loss.target)
    room = 0.25 * (high - low)
    return max(low - room, first), min(high + room, last)


def _window(place: Set) -> tuple[float, float]:
    ends = (place.lo, place.hi) if isinstance(place, Interval) else (-sp.oo, sp.oo)
    low, high = (float(end) if end.is_number else float("inf") for end in ends)
    return max(low if low < SPAN else -SPAN, -SPAN), min(high, SPAN)


def _region(axes: Axes, pair: Pair, module: Mapping[str, Any], first: Finding) -> None:
    """The plane of z and y, filled where the second derivative is negative."""
    low, high = targets(pair)
    z, y = np.linspace(-REACH, REACH, FINE), np.linspace(low, high, FINE)
    values = np.stack([module["hess"](z, np.full_like(z, target)) for target in y])
    filled = axes.contourf(z, y, values, levels=[min(float(values.min()), -1.0) - 1, LEAST], colors=[DOWN])
    filled.set_gid("convexity-region")
    if (values < LEAST).any():
        axes.fill([], [], color=DOWN, label=r"$\partial^2 L/\partial z^2 < 0$")
    _kinks(axes, pair, module, y)
    _outputs(axes, pair)
    _witness(axes, first)
    axes.set(xlim=(-REACH, REACH), ylim=(low, high), xlabel="$z$", ylabel="target $y$")
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, columnspacing=1.0, handlelength=1.5)


def _kinks(axes: Axes, pair: Pair, module: Mapping[str, Any], y: np.ndarray) -> None:
    """The targets at which the slope jumps down at a kink of the activation."""
    for kink in pair.activation.kinks:
        left, right = (module["grad"](np.full_like(y, float(kink) + side), y) for side in (-BESIDE, BESIDE))
        falls = np.where(right - left < -JUMP, y, np.nan)
        if np.isfinite(falls).any():
            look: dict[str, Any] = {"color": DOWN, "linewidth": 6, "solid_capstyle": "butt", "zorder": 0.5}
            label = r"$\partial L/\partial z$ jumps down"
            axes.plot(np.full_like(y, float(kink)), falls, gid="convexity-kink", label=label, **look)


def _outputs(axes: Axes, pair: Pair) -> None:
    """a = f(z), along which the loss is least."""
    expr = plain(pair.activation.expr).subs({p.symbol: p.default for p in pair.activation.parameters})
    z = np.linspace(-REACH, REACH, FINE)
    function = sp.lambdify(Z, expr, "math")
    values = [function(float(v)) for v in z]
    axes.plot(z, values, label="$y = a$", gid="convexity-output", **{**LINES[0], "linewidth": 1.6})


def _witness(axes: Axes, first: Finding) -> None:
    """The point that refutes convexity."""
    if first.witness is None:
        return
    at = dict(first.witness.at)
    if "z" in at and "y" in at:
        point = float(at["z"]), float(at["y"])
        look = {"color": LINES[1]["color"], "marker": "o", "linestyle": "none", "markersize": 6}
        axes.plot(*([v] for v in point), label="the witness", gid="convexity-witness", zorder=3, **look)


def _lines(axes: Axes, pair: Pair, module: Mapping[str, Any]) -> None:
    """The second derivative over z for the hard targets."""
    z = np.linspace(-REACH, REACH, 2 * FINE - 1)
    for number, (y, line) in enumerate(zip(pair.loss.hard, LINES, strict=False), 1):
        values = module["hess"](z, np.full_like(z, float(y)))
        axes.plot(z, values, label=f"$y = {y}$", gid=f"convexity-{number}", **line)
    axes.axhline(0, color="0.8", linewidth=0.8, zorder=0)
    axes.set(xlim=(-REACH, REACH), xlabel="$z$", ylabel=r"$\partial^2 L/\partial z^2$")
    low, high = axes.get_ylim()
    axes.set_ylim(min(low, -0.05 * (high - low)), high)
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, columnspacing=1.2)
