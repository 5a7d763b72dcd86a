"""Saturation in pictures: the gradient over the output and over z, and how one saturated neuron learns."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import sympy as sp
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from derive.claims.saturation.tails import Tail, approaches, defaults, tails
from derive.claims.saturation.wrong import better
from derive.derivation.slopes import raw_output_slope
from derive.heads import plain
from derive.model import Activation, BadInput, Pair, Z
from derive.studies.figure import LINES, style
from derive.studies.training import LONGEST, Neuron, Start, neuron

SIZE = (8.0, 3.5)
PLACES = ((0.09, 0.14, 0.39, 0.66), (0.60, 0.14, 0.39, 0.66))
WIDE = 80  # letters of a legend that must be small
REACH = 8.0
GRID = np.linspace(-REACH, REACH, 401)
DEEP = 6.0  # how far out a neuron starts
GREY: dict[str, Any] = {"color": "0.55", "linestyle": "dotted", "linewidth": 1.8}
OUTPUTS = (-1.5, 1.5)  # outputs that are shown where they have no bounds

Module = Mapping[str, Any]
Curve = tuple[str, Module, float]


def figure(pair: Pair, module: Module) -> Figure:
    """The gradient over the output and over z for each target that is wrong at an end, beside |a′|."""
    targets = dict.fromkeys(tail.y for tail in wrong(pair))
    curves = [(f"$y = {y}$", module, float(y)) for y in targets]
    return over_output_and_z(
        pair.activation, curves, f"{pair.activation.title}, {pair.loss.title}", "saturation"
    )


def learning(pair: Pair, module: Module) -> Figure:
    """How a neuron learns that starts deep in a saturated end, at a wrong output."""
    first = max(wrong(pair), key=lambda tail: _error(pair.activation, tail))
    title = f"{pair.activation.title}, {pair.loss.title}"
    return trainings(pair.activation, first, [(pair.loss.title, module, float(first.y))], title)


def _error(act: Activation, tail: Tail) -> float:
    """How far the output at an end is from its target."""
    begin = start(act, tail)
    return abs(begin.settled - begin.y)


def wrong(pair: Pair) -> list[Tail]:
    """The infinite saturated ends, each with a target it is wrong for; BadInput where there are none."""
    found = [t for t in tails(pair) if not isinstance(t.side.end, tuple) and better(pair, t)]
    if not found:
        raise BadInput(f"{pair.name} has no saturated end with a wrong output to draw")
    return found


def over_output_and_z(act: Activation, curves: Sequence[Curve], title: str, name: str) -> Figure:
    """The gradients of curves (label, code, target) over the output, left, and over z, right."""
    a, slope = of(act, act.expr)(GRID), np.abs(of(act, raw_output_slope(act, 1))(GRID))
    with style():
        drawn = Figure(figsize=SIZE)
        drawn.suptitle(title, x=0.53, y=0.97, fontsize=11)
        for place, across, part in zip(PLACES, (a, GRID), ("output", "z"), strict=True):
            axes = drawn.add_axes(place)
            for n, ((label, module, y), line) in enumerate(zip(curves, LINES, strict=False), 1):
                axes.plot(across, module["grad"](GRID, y), label=label, gid=f"{name}-{part}-{n}", **line)
            axes.plot(across, slope, label="$|a'|$", gid=f"{name}-{part}-slope", **GREY)
            axes.axhline(0, color="0.8", linewidth=0.8, zorder=0)
            _frame(axes, part, a)
        _legend(drawn, axes)
    return drawn


def _legend(drawn: Figure, axes: Axes) -> None:
    """One legend below the title, where it covers no curve."""
    handles, labels = axes.get_legend_handles_labels()
    where: dict[str, Any] = {"loc": "upper center", "bbox_to_anchor": (0.53, 0.93), "ncol": len(labels)}
    drawn.legend(handles, labels, fontsize=9 if len("".join(labels)) < WIDE else 7.5, **where)


def _frame(axes: Axes, part: str, a: np.ndarray) -> None:
    """Limits and labels; far values, such as a gradient without bound, are cut."""
    low, high = max(float(a.min()), OUTPUTS[0]), min(float(a.max()), OUTPUTS[1])
    across = (low, high) if part == "output" else (-REACH, REACH)
    bottom, top = axes.get_ylim()
    axes.set(xlim=across, ylim=(max(bottom, -2.2), min(top, 2.2)), ylabel=r"$\partial L/\partial z$")
    axes.set_xlabel("output $a$" if part == "output" else "$z$")


def trainings(act: Activation, tail: Tail, curves: Sequence[Curve], title: str) -> Figure:
    """The output, left, and the loss, right, of one neuron over steps of gradient descent."""
    begin = start(act, tail)
    runs = [(label, neuron(module, of(act, act.expr), begin)) for label, module, _ in curves]
    with style():
        drawn = Figure(figsize=SIZE)
        at = f"one neuron from $z = {begin.z:g}$, $y = {begin.y:g}$"
        drawn.suptitle(f"{title}: {at}", x=0.53, y=0.97, fontsize=11)
        for place, part in zip(PLACES, ("outputs", "losses"), strict=True):
            axes = drawn.add_axes(place)
            shown = [begin.settled, begin.y] if part == "outputs" else [0.0]
            for n, ((label, run), line) in enumerate(zip(runs, LINES, strict=False), 1):
                values = getattr(run, part)
                shown += [float(values.min()), float(values.max())]
                told: dict[str, Any] = {"label": f"{label}: {_when(run)}", "gid": f"neuron-{part}-{n}"}
                axes.plot(np.arange(len(values)), values, **told, **line)
            room = 0.05 * (max(shown) - min(shown) or 1.0)
            axes.set(ylim=(min(shown) - room, max(shown) + room))
            axes.set(xlabel="step", ylabel="output $a$" if part == "outputs" else "loss $L$")
        _legend(drawn, axes)
    return drawn


def start(act: Activation, tail: Tail) -> Start:
    """Deep in the end of a tail."""
    settled = next(a.output for a in approaches(act) if a.side == tail.side)
    assert settled is not None  # the end is saturated
    number = float(settled.subs(defaults(act.parameters)))
    return Start(z=-DEEP * tail.side.inward, y=float(tail.y), settled=number)


def _when(run: Neuron) -> str:
    return f"not in {LONGEST} steps" if run.right is None else f"{run.right} steps"


def of(act: Activation, expr: sp.Expr) -> Any:
    """An expression in z as a function of arrays, at the default parameters."""
    return np.vectorize(
        sp.lambdify(Z, plain(expr).subs(defaults(act.parameters)), ["scipy", "numpy"]), otypes=[float]
    )
