"""Losses side by side where an activation saturates: gradients, one neuron, and a network for digits."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from derive.model import Pair
from derive.studies.claims.saturation import Tail, over_output_and_z, trainings, wrong
from derive.studies.figure import LINES, PLACES, SIZE, style
from derive.studies.training import HIDDEN, RATES, SEEDS, TRAINED, network

Modules = Sequence[Mapping[str, Any]]


def gradients(pairs: tuple[Pair, ...], modules: Modules) -> Figure:
    """The gradients of all losses for one wrong target, over the output and over z."""
    act, y = pairs[0].activation, _shared(pairs).y
    return over_output_and_z(act, _curves(pairs, modules), f"{act.title}, $y = {y}$", "saturation")


def neuron(pairs: tuple[Pair, ...], modules: Modules) -> Figure:
    """One neuron that starts deep in a saturated end, learning under each loss at the same rate."""
    return trainings(pairs[0].activation, _shared(pairs), _curves(pairs, modules), pairs[0].activation.title)


def digits(pairs: tuple[Pair, ...], modules: Modules) -> Figure:
    """The accuracy of a network that starts with all its outputs at 1, at the same rates for each loss."""
    with style():
        drawn = Figure(figsize=SIZE)
        title = f"{HIDDEN} hidden units on {TRAINED} digits, from outputs saturated at 1; {len(SEEDS)} seeds"
        drawn.suptitle(title, x=0.53, y=0.97, fontsize=11)
        for panel, (rate, place) in enumerate(zip(RATES, PLACES, strict=True), 1):
            axes = drawn.add_axes(place)
            for n, (pair, module, line) in enumerate(zip(pairs, modules, LINES, strict=False), 1):
                _draw_runs(axes, network(module, rate), pair.loss.title, line, f"digits-{panel}-{n}")
            axes.set(xlabel=f"step, at rate {rate:g}", ylim=(0, 1))
            if panel == 1:
                axes.set_ylabel("accuracy on digits not trained on")
            else:
                axes.legend(loc="upper left")
    return drawn


def _draw_runs(axes: Axes, runs: np.ndarray, label: str, line: dict[str, Any], name: str) -> None:
    """The median over the seeds as a line, and their range."""
    steps, colour = np.arange(runs.shape[1]), line["color"]
    axes.fill_between(steps, runs.min(axis=0), runs.max(axis=0), color=colour, alpha=0.2, linewidth=0)
    axes.plot(steps, np.median(runs, axis=0), label=label, gid=name, **line)


def _shared(pairs: tuple[Pair, ...]) -> Tail:
    """An end and a target that all losses call wrong, or that the first does."""
    first, *others = (wrong(pair) for pair in pairs)
    keys = [{(t.side, t.y) for t in found} for found in others]
    return next((t for t in first if all((t.side, t.y) in key for key in keys)), first[0])


def _curves(pairs: tuple[Pair, ...], modules: Modules) -> list[tuple[str, Mapping[str, Any], float]]:
    y = float(_shared(pairs).y)
    return [(pair.loss.title, module, y) for pair, module in zip(pairs, modules, strict=True)]
