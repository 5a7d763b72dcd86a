"""Losses side by side where an activation saturates: gradients, one neuron, and a network for digits."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from derive.model import Pair
from derive.studies.claims.saturation import Tail, over_output_and_z, trainings, wrong
from derive.studies.figure import LINES, style
from derive.studies.training import network

WIDTH, HEIGHT = 5.6, 3.4
PLACE = (0.12, 0.15, 0.85, 0.72)

Modules = Sequence[Mapping[str, Any]]


def gradients(pairs: tuple[Pair, ...], modules: Modules) -> Figure:
    """The gradients of all losses for one wrong target, over the output and over z."""
    act, y = pairs[0].activation, _shared(pairs).y
    return over_output_and_z(act, _curves(pairs, modules), f"{act.title}, $y = {y}$", "saturation")


def neuron(pairs: tuple[Pair, ...], modules: Modules) -> Figure:
    """One neuron that starts deep in a saturated end, learning under each loss at the same rate."""
    return trainings(pairs[0].activation, _shared(pairs), _curves(pairs, modules), pairs[0].activation.title)


def digits(pairs: tuple[Pair, ...], modules: Modules) -> Figure:
    """The accuracy of a network that starts with all its outputs at 1, at the rate best for each loss."""
    with style():
        drawn = Figure(figsize=(WIDTH, HEIGHT))
        drawn.suptitle("digits, from outputs saturated at 1", x=0.53, y=0.97, fontsize=11)
        axes = drawn.add_axes(PLACE)
        for n, (pair, module, line) in enumerate(zip(pairs, modules, LINES, strict=False), 1):
            run = network(module)
            label = f"{pair.loss.title}, rate {run.rate:g}"
            axes.plot(np.arange(len(run.accuracy)), run.accuracy, label=label, gid=f"digits-{n}", **line)
        axes.set(xlabel="step", ylabel="accuracy on digits not trained on", ylim=(0, 1))
        axes.legend(loc="lower right")
    return drawn


def _shared(pairs: tuple[Pair, ...]) -> Tail:
    """An end and a target that all losses call wrong, or that the first does."""
    first, *others = (wrong(pair) for pair in pairs)
    keys = [{(t.side, t.y) for t in found} for found in others]
    return next((t for t in first if all((t.side, t.y) in key for key in keys)), first[0])


def _curves(pairs: tuple[Pair, ...], modules: Modules) -> list[tuple[str, Mapping[str, Any], float]]:
    y = float(_shared(pairs).y)
    return [(pair.loss.title, module, y) for pair, module in zip(pairs, modules, strict=True)]
