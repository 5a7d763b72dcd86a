"""Vectors at which accuracy is measured: seeded logits and targets over the whole range of a float format.

Every way of choosing logits meets every way of choosing targets, for a few numbers of classes.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from derive.accuracy.points import SATURATION, SEED, SPECIAL, as_dtype, inputs
from derive.model import Loss, Subject

CLASSES: Final = (1, 2, 3, 10)
QUICK: Final = 3  # rows for each way of choosing logits and targets
_SOFTNESS: Final = (1e-16, 1e-10, 0.1)  # what a smoothed label takes from its class


@dataclass(frozen=True, kw_only=True)
class Row:
    """Logits (predictions, for a loss alone) and targets of one sample, float64 arrays."""

    x: np.ndarray
    y: np.ndarray


def rows(
    subject: Subject, dtype: str = "float64", classes: tuple[int, ...] = CLASSES, size: int = QUICK
) -> list[Row]:
    """Rows whose logits are numbers of `dtype`; targets are hard, smoothed, soft and close to softmax."""
    random = np.random.default_rng(SEED)
    ways = predictions if isinstance(subject, Loss) else logits
    found = []
    for k in classes:
        for _ in range(size):
            xs = [as_dtype(x, dtype) for x in ways(random, dtype, k)]
            found += [Row(x=x, y=y) for x in xs for y in targets(random, x, k)]
    return found


def logits(random: np.random.Generator, dtype: str, k: int) -> list[np.ndarray]:
    """One vector for every way: middle, saturating, whole range, special, near ties, offset, equal."""
    wide = inputs(random, dtype, 3 * k + 3)
    special = np.array(SPECIAL[dtype])
    ulp = np.finfo(dtype).eps
    gap = np.zeros(k)
    gap[random.integers(k)] = random.uniform(30, 50)
    return [
        random.uniform(-10, 10, k),
        random.uniform(-1, 1, k) * SATURATION[dtype],
        random.permutation(wide)[:k],
        wide[-2 * k :][:k],
        random.choice([-1, 1], k) * random.choice(special, k),
        random.uniform(1, 2) * (1 + ulp * random.integers(-4, 5, k)),
        random.uniform(-1, 1, k) + 1e3 / np.sqrt(ulp) ** random.uniform(0, 1),
        gap,
        np.full(k, random.uniform(-5, 5)),
    ]


def predictions(random: np.random.Generator, dtype: str, k: int) -> list[np.ndarray]:
    """Components in (0, 1]: of every size, near 1, and probabilities."""
    info = np.finfo(dtype)
    tiny = np.ldexp(random.uniform(1, 2, k), random.integers(info.minexp, 0, k))
    near = 1 - info.eps * random.integers(0, 50, k)
    return [random.uniform(0.01, 1, k), np.minimum(tiny, 1), near, random.dirichlet(np.ones(k)) + info.tiny]


def targets(random: np.random.Generator, x: np.ndarray, k: int) -> list[np.ndarray]:
    """Hard at the largest, at the smallest and at any class; smoothed; soft; close to softmax(x)."""
    hard = [np.eye(k)[n] for n in (x.argmax(), x.argmin(), random.integers(k))]
    softness = random.choice(_SOFTNESS)
    smooth = (1 - softness) * hard[0] + softness / k
    with np.errstate(over="ignore"):
        near = np.exp(np.maximum(x - x.max(), -700))
    return [
        *hard,
        smooth,
        random.dirichlet(np.ones(k)),
        random.dirichlet(np.full(k, 0.05)),
        near / near.sum(),
    ]
