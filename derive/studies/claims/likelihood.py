"""A density for three predictions, and beside it what the loss makes of them at one target.

A dot of one colour is one prediction: where the density of the target is high, the loss is low.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import sympy as sp
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from derive.claims.likelihood.origins import Match, at_defaults, match
from derive.model import POSITIVE, A, Activation, Density, Finite, Interval, Pair, Y, Z
from derive.studies.figure import PLACES, SIZE, style

# Okabe and Ito's colours, as in every figure; the loss is of no single prediction, and black.
COLOURS = ("#0072B2", "#D55E00", "#009E73")
OUTPUTS_AT = (-1.5, 0.5, 2.0)  # the z of the three predictions
GRID = np.arange(-120, 121) / 20
POINTS = 161
COUNTS = 11
REACH = 3.5  # beyond the predictions, on a line
BAR, DOT, TALL = 0.22, 7, 1.25
BESIDE, EDGE = 0.35, 0.03  # of the predictions' spread: what is seen beside them, and beyond the range


def figure(pair: Pair, module: Mapping[str, Any]) -> Figure:
    """The density over y for three predictions; the loss over a at one y, from the emitted code."""
    return comparison((pair,), (module,))


def comparison(pairs: Sequence[Pair], modules: Sequence[Mapping[str, Any]]) -> Figure:
    """The same of several pairs, one below the other."""
    rows = len(pairs)
    with style():
        drawn = Figure(figsize=(SIZE[0], SIZE[1] * rows))
        for row, (pair, module) in enumerate(zip(pairs, modules, strict=True)):
            places = [(x, (rows - 1 - row + y) / rows, w, h / rows) for x, y, w, h in PLACES]
            left, right = (drawn.add_axes(place) for place in places)
            gid = "" if rows == 1 else f"{row + 1}-"
            _draw(left, right, pair, module, gid)
    return drawn


def _draw(left: Axes, right: Axes, pair: Pair, module: Mapping[str, Any], gid: str) -> None:
    origin = match(pair.loss)
    if origin is None:
        raise ValueError(f"no density is known for {pair.loss.name}")
    left.set_title(origin.density.title, fontsize=11)
    right.set_title(f"{pair.activation.title}, {pair.loss.title}", fontsize=11)
    _density(left, origin, outputs_of(pair.activation, np.array(OUTPUTS_AT)), gid)
    _loss(right, pair, module, target(origin.density), gid)


def outputs_of(act: Activation, z: np.ndarray) -> np.ndarray:
    """The outputs of an activation at its default parameters."""
    function = sp.lambdify(Z, at_defaults(act.expr, act.parameters), "math")
    return np.array([float(function(value)) for value in z.tolist()])


def density_of(origin: Match, a: float, ys: np.ndarray) -> np.ndarray:
    """p(y | a) at its default parameters."""
    mass = at_defaults(origin.mass, origin.density.nuisance)
    function = sp.lambdify((A, Y), mass, "math")
    numbers = map(int, ys) if origin.density.discrete else ys.tolist()
    return np.array([float(function(a, y)) for y in numbers])


def target(density: Density) -> float:
    """The target at which predictions are compared."""
    return 2.0 if density.discrete and isinstance(density.support, Interval) else 1.0


def _density(axes: Axes, origin: Match, outputs: np.ndarray, gid: str) -> None:
    ys, y = _targets(origin.density, outputs), target(origin.density)
    for number, (a, colour) in enumerate(zip(outputs, COLOURS, strict=True), 1):
        values, label = density_of(origin, a, ys), f"$a = {a:.2g}$"
        name = f"likelihood-{gid}density-{number}"
        if origin.density.discrete:
            places = ys + (number - 2) * BAR * _step(ys)
            axes.vlines(places, 0, values, colors=colour, linewidth=5, gid=name, label=label)
            at = places[ys.tolist().index(y)]
        else:
            axes.plot(ys, values, color=colour, linewidth=2, gid=name, label=label)
            at = y
        axes.plot([at], density_of(origin, a, np.array([y])), "o", color=colour, markersize=DOT, zorder=3)
    axes.axvline(y, color="0.7", linewidth=0.8, linestyle=(0, (4, 3)), zorder=0)
    if origin.density.discrete:
        axes.set_xticks(ys[:: 2 if len(ys) > 2 else 1])
    axes.set(xlabel="$y$", ylabel=r"$p(y \mid a)$", ylim=(0, axes.get_ylim()[1] * TALL))
    axes.legend(loc="upper center", ncols=3, handlelength=1.2, columnspacing=1.2)


def _targets(density: Density, outputs: np.ndarray) -> np.ndarray:
    """The targets over which a density is drawn."""
    if isinstance(density.support, Finite):
        return np.array(density.support.values, dtype=float)
    if density.discrete:
        return np.arange(COUNTS, dtype=float)
    low, high = float(outputs.min()) - REACH, float(outputs.max()) + REACH
    return np.linspace(high / POINTS if density.support == POSITIVE else low, high, POINTS)


def _step(ys: np.ndarray) -> float:
    """The distance of one target from the next."""
    return float(ys[1] - ys[0])


def _loss(axes: Axes, pair: Pair, module: Mapping[str, Any], y: float, gid: str) -> None:
    outputs, losses = outputs_of(pair.activation, GRID), module["loss"](GRID, y)
    at = np.array(OUTPUTS_AT)
    dots = outputs_of(pair.activation, at), module["loss"](at, y)
    spread, ends = float(np.ptp(dots[0])), (float(outputs.min()), float(outputs.max()))
    low = max(float(dots[0].min()) - BESIDE * spread, ends[0] - EDGE * spread)
    high = min(float(dots[0].max()) + BESIDE * spread, ends[1] + EDGE * spread)
    seen = (outputs >= low) & (outputs <= high)
    axes.plot(
        outputs[seen],
        losses[seen],
        color="0.15",
        linewidth=1.6,
        gid=f"likelihood-{gid}loss",
        label=f"$y = {y:g}$",
    )
    for a, value, colour in zip(*dots, COLOURS, strict=True):
        axes.plot([a], [value], "o", color=colour, markersize=DOT, zorder=3)
    axes.set(xlim=(low, high), xlabel="$a$", ylabel="$L(a, y)$")
    axes.legend(loc="best")
