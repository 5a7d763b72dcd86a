"""Hold the emitted code of layers against PyTorch's autograd in float64, at several shapes.

An error is that of an output or a gradient, by its own largest component, absolute where derive says that
all are 0. Above the bar, certified truth at small shapes says who is off: by more than what derive declares,
which grows where a gradient is far smaller than the terms that it is the sum of (a norm of two numbers).
"""

from collections.abc import Callable

import numpy as np
import torch
from torch.nn import functional as F

import derive
from derive.accuracy.layers import certified
from derive.accuracy.layers import off as measured
from derive.bounds import LAYER
from derive.catalogue.layers import LAYERS
from derive.checks.layers.samples import computed, drawn, names
from derive.program.layers import windows

BAR = 1e-12
DRAWS = 3
LARGE = "large"  # the shape at which truth would take long
SHAPES = {
    "small": {"N": 2, "D": 2, "K": 2, "H": 2, "T": 2, "S": 2, "F": 2, "V": 2, "C": 2, "U": 3, "R": 2},
    "mixed": {"N": 5, "D": 7, "K": 3, "H": 4, "T": 3, "S": 6, "F": 2, "V": 9, "C": 3, "U": 11, "R": 3},
    "one feature": {"N": 4, "D": 1, "K": 1, "H": 1, "T": 1, "S": 1, "F": 1, "V": 1, "C": 1, "U": 1, "R": 1},
    LARGE: {"N": 9, "D": 256, "K": 99, "H": 300, "T": 96, "S": 99, "F": 64, "V": 99, "C": 8, "U": 90, "R": 5},
}  # fmt: skip
WINDOWS = ({}, {"stride": 2, "padding": 1, "dilation": 1}, {"stride": 1, "padding": 2, "dilation": 2})


def _normalised(x, gamma, beta, epsilon):
    return F.layer_norm(x, x.shape[-1:], gamma, beta, epsilon)


def _over_the_batch(x, gamma, beta, epsilon):
    return F.batch_norm(x, None, None, gamma, beta, training=True, eps=epsilon)


def _swiglu(x, w, v, u):
    return F.linear(F.silu(F.linear(x, w)) * F.linear(x, v), u)


IN_TORCH: dict[str, Callable] = {
    "dense": F.linear,
    "batch_sum": torch.sum,
    "batch_mean": torch.mean,
    "weight_decay": lambda w, decay: decay * w.square().sum() / 2,
    "layer_norm": _normalised,
    "rms_norm": lambda x, gamma, epsilon: F.rms_norm(x, x.shape[-1:], gamma, epsilon),
    "batch_norm": _over_the_batch,
    "attention": F.scaled_dot_product_attention,
    "residual": torch.add,
    "dropout": lambda x, m, rate: m * x / (1 - rate),
    "embedding": lambda e, o: F.embedding(o, e),
    "swiglu_block": _swiglu,
    "conv1d": F.conv1d,
}
NAMES = tuple(layer.name for layer in LAYERS)


def report(name):
    """The gravest verdict of a layer and its line of the table: output, then each gradient."""
    found = compared(derive.derive(name))
    cells = ", ".join(f"{quantity} {error:.1e}" for quantity, (error, _, _) in found.items())
    off = [
        f"{who or 'rounding of its terms'}: {quantity}, {shape}"
        for quantity, (error, shape, who) in found.items()
        if error > BAR
    ]
    verdict = next((who for who in ("derive", "PyTorch") for row in found.values() if row[2] == who), "")
    return verdict, "; ".join([f"{name:14} {cells}", *off])


def compared(made):
    """For each quantity of a layer its largest error over all shapes, at which, and who is off there."""
    found = {}
    for shape, sizes in SHAPES.items():
        for seed in range(DRAWS):
            for keywords in WINDOWS if windows(made.subject) else ({},):
                sample = drawn(made.subject, sizes, "moderate", "float64", seed, keywords)
                for quantity, error, who in differences(made, sample, shape != LARGE):
                    old = found.get(quantity, (-1.0, "", ""))
                    found[quantity] = max(old, (error, f"{shape}, draw {seed}", who), key=_gravity)
    return found


def _gravity(row):
    return row[2] == "derive", row[2] == "PyTorch", row[0]


def differences(made, sample, small):
    """(quantity, error, who is off) for the output and the gradients at one sample."""
    ours = computed(made, sample).arrays
    theirs = autograd(made.name, sample, len(made.subject.moving))
    for n, quantity in enumerate(names(made.subject)):
        error = apart(theirs[n], ours[n])
        yield quantity, error, off(sample, n, ours[n], theirs[n], small) if error > BAR else ""


def off(sample, which, ours, theirs, small):
    """Who is off by more than rounding explains; derive, where truth would take long."""
    if not small:
        return "derive"
    true = certified(sample.place)
    both = (("derive", ours), ("PyTorch", theirs))
    return next((who for who, v in both if measured(v, true, which, "float64") > LAYER), "")


def apart(values, true):
    """The largest difference relative to the largest true component; absolute where all are 0."""
    error = float(np.abs(values - true).max()) / (float(np.abs(true).max()) or 1.0)
    return float("inf") if np.isnan(error) or np.shape(values) != np.shape(true) else error


def autograd(name, sample, moving):
    """PyTorch's output and gradients."""
    given = [torch.tensor(v) for v in sample.arguments.values()]
    for tensor in given[:moving]:
        tensor.requires_grad_()
    output = IN_TORCH[name](*given, **sample.keywords)
    output.backward(torch.tensor(sample.g).reshape(output.shape))
    return [output.detach().numpy(), *(tensor.grad.numpy() for tensor in given[:moving])]
