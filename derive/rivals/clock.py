"""Nanoseconds an element, all systems in turn in one run."""

import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from derive.model import ELEMENTWISE, Pair
from derive.rivals.draws import drawn
from derive.rivals.rival import Array, Rivalry

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
    seconds = in_turn([rivalry.bind(z, y) for rivalry in timed if rivalry.bind])
    return {rivalry.name: NANO * t / z.size for rivalry, t in zip(timed, seconds, strict=True)}


def inputs(pair: Pair, dtype: str, size: int, classes: int, seed: int) -> tuple[Array, Array]:
    """About so many numbers of moderate size, and hard targets; of vectors as rows of so many classes."""
    random = np.random.default_rng(seed)
    if pair.kind == ELEMENTWISE:
        z = SPREAD[dtype] * random.standard_normal(size)
        return z.astype(dtype), random.choice(np.array(pair.loss.hard), size).astype(dtype)
    row = drawn(pair, random, (max(1, size // classes), classes))
    return row.x.astype(dtype), row.y.astype(dtype)


def in_turn(calls: Sequence[Callable[[], Any]]) -> list[float]:
    """The median seconds of one call of each: in every round each has its turn, since clocks wander."""
    repeats = [max(1, round(ENOUGH / once(call, 1))) for call in calls]
    rounds = [[once(call, n) for call, n in zip(calls, repeats, strict=True)] for _ in range(ROUNDS)]
    return [statistics.median(column) for column in zip(*rounds, strict=True)]


def once(call: Callable[[], Any], repeats: int) -> float:
    """Seconds a call takes, on average over so many."""
    start = time.perf_counter()
    for _ in range(repeats):
        call()
    return (time.perf_counter() - start) / repeats
