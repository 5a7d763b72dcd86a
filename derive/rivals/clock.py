"""Nanoseconds an element, all systems in turn in one run."""

from collections.abc import Sequence

import numpy as np

from derive.model import ELEMENTWISE, Pair, Simplex
from derive.rivals.draws import drawn
from derive.rivals.rival import Array, Rivalry
from derive.rivals.turns import in_turn

ROUNDS = 5  # of which the median counts
ENOUGH = 0.02  # seconds a turn should last, so that the clock's grain does not show
NANO = 1e9
# Far enough for both ends of σ; near enough that the naive forms stay finite.
SPREAD = {"float64": 3.0, "float32": 1.5}


def nanoseconds(
    rivalries: Sequence[Rivalry], pair: Pair, dtype: str, size: int, classes: int, seed: int
) -> dict[str, float]:
    """What loss and gradient together cost an element, by the name of the system."""
    z, y = inputs(pair, dtype, size, classes, seed)
    timed = [rivalry for rivalry in rivalries if rivalry.bind]
    calls = [rivalry.bind(z, y) for rivalry in timed if rivalry.bind]
    seconds = in_turn(calls, rounds=ROUNDS, enough=ENOUGH)
    return {rivalry.name: NANO * t / z.size for rivalry, t in zip(timed, seconds, strict=True)}


def inputs(pair: Pair, dtype: str, size: int, classes: int, seed: int) -> tuple[Array, Array]:
    """About so many numbers of moderate size, and hard targets; of vectors as rows of so many classes."""
    random = np.random.default_rng(seed)
    if pair.kind == ELEMENTWISE:
        z = SPREAD[dtype] * random.standard_normal(size)
        return z.astype(dtype), random.choice(np.array(pair.loss.hard), size).astype(dtype)
    row = drawn(pair, random, (max(1, size // classes), classes))
    whole = isinstance(pair.loss.target, Simplex) and pair.loss.target.closed
    y = np.eye(classes)[row.y.argmax(axis=-1)] if whole else row.y  # one-hot, as all systems take them
    return row.x.astype(dtype), y.astype(dtype)
