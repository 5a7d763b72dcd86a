"""Gradient descent with emitted code: a saturated neuron, and a network for digits that starts saturated."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from derive.model import BadInput

Module = Mapping[str, Any]
Array = np.ndarray
Function = Callable[[Any], Any]

# One neuron z = w x + b with x = 1.
INPUT, NEURON_RATE, NEURON_STEPS = 1.0, 0.5, 600
LONGEST = 10_000  # steps after which a neuron counts as stuck

# The network: 64 pixels, one hidden layer of sigmoids, ten outputs, one for each digit.
HIDDEN, DIGITS, TRAINED, STEPS = 24, 10, 1000, 240
SEEDS = (0, 1, 2)  # of the initial weights and of the digits that are kept back
WRONG = 6.0  # the bias of every output unit: it says "yes" to every digit
RATES = (1.0, 3.0)  # both are shown, whichever loss looks better there
MISSING = "training on digits needs scikit-learn: pip install 'derive-gradients[studies]'"


@dataclass(frozen=True, kw_only=True)
class Start:
    """Where a neuron starts: z deep in an end, the target y, and the output it would settle at there."""

    z: float
    y: float
    settled: float


@dataclass(frozen=True, kw_only=True)
class Neuron:
    """The output and the loss of a neuron before each step.

    `right` is the first step at which the output is nearer to its target than to where it had settled; None
    where it never is.
    """

    outputs: Array
    losses: Array
    right: int | None


def sigmoid(z: Array) -> Array:
    """σ(z), by halves of the hyperbolic tangent, which cannot overflow."""
    return (1 + np.tanh(z / 2)) / 2


def neuron(module: Module, output: Function, start: Start) -> Neuron:
    """A neuron that learns under the loss of `module`; `output` is its activation."""
    outputs, losses, right = [], [], None
    w, b = 0.0, start.z
    for step in range(LONGEST):
        z = w * INPUT + b
        a = float(output(z))
        if right is None and abs(a - start.y) < abs(a - start.settled):
            right = step
        if step <= NEURON_STEPS:
            outputs.append(a)
            losses.append(float(module["loss"](z, start.y)))
        elif right is not None:
            break
        slope = float(module["grad"](z, start.y))
        if step > NEURON_STEPS and slope == 0:
            break  # dead: nothing will change any more
        w, b = w - NEURON_RATE * slope * INPUT, b - NEURON_RATE * slope
    return Neuron(outputs=np.array(outputs), losses=np.array(losses), right=right)


def digits() -> tuple[Array, Array]:
    """The 1797 images of scikit-learn, as rows of numbers from 0 to 1, and their labels."""
    try:
        from sklearn.datasets import load_digits
    except ImportError as missing:
        raise BadInput(MISSING) from missing
    images, labels = load_digits(return_X_y=True)
    return images / 16.0, labels


def network(module: Module, rate: float) -> Array:
    """The accuracy (seeds, steps) on digits not trained on, before each step of full-batch descent."""
    images, labels = digits()
    return np.array([_train(module, images, labels, rate, seed) for seed in SEEDS])


def _train(module: Module, images: Array, labels: Array, rate: float, seed: int) -> list[float]:
    """The accuracy on the digits kept back before each step, from weights that the seed alone decides."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(images))
    seen, kept = order[:TRAINED], order[TRAINED:]
    x, y = images[seen], np.eye(DIGITS)[labels[seen]]
    layers = [
        rng.normal(0, 1 / np.sqrt(x.shape[1]), (x.shape[1], HIDDEN)), np.zeros(HIDDEN),
        rng.normal(0, 1 / np.sqrt(HIDDEN), (HIDDEN, DIGITS)), np.full(DIGITS, WRONG),
    ]  # fmt: skip
    scores = []
    for _ in range(STEPS):
        scores.append(_score(layers, images[kept], labels[kept]))
        layers = [w - rate * d for w, d in zip(layers, _slopes(module, layers, x, y), strict=True)]
    return scores


def _forward(layers: Sequence[Array], x: Array) -> tuple[Array, Array]:
    hidden = sigmoid(x @ layers[0] + layers[1])
    return hidden, hidden @ layers[2] + layers[3]


def _score(layers: Sequence[Array], x: Array, labels: Array) -> float:
    return float(np.mean(_forward(layers, x)[1].argmax(axis=1) == labels))


def _slopes(module: Module, layers: Sequence[Array], x: Array, y: Array) -> list[Array]:
    """Backpropagation; the slope at the outputs is the emitted gradient."""
    hidden, z = _forward(layers, x)
    top = module["grad"](z, y) / len(x)
    below = (top @ layers[2].T) * hidden * (1 - hidden)
    return [x.T @ below, below.sum(axis=0), hidden.T @ top, top.sum(axis=0)]
