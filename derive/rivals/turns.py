"""Calls timed side by side: in every round each has its turn, since the clock of a machine wanders."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

ROUNDS = 7  # of which the median counts
ENOUGH = 0.05  # seconds a turn should last, so that the clock's grain does not show

Call = Callable[[], Any]


@dataclass(frozen=True, kw_only=True)
class Turn:
    """Seconds that one call took: by the clock on the wall, and of processor time, of all threads."""

    wall: float
    processor: float


def in_turn(calls: Sequence[Call], rounds: int = ROUNDS, enough: float = ENOUGH) -> list[float]:
    """The median seconds of one call of each."""
    return [
        statistics.median(turn.wall for turn in row) for row in turns(calls, rounds=rounds, enough=enough)
    ]


def turns(
    calls: Sequence[Call],
    before: Sequence[Call] | None = None,
    rounds: int = ROUNDS,
    enough: float = ENOUGH,
) -> list[list[Turn]]:
    """The turns of each call. `before` holds what is done ahead of a turn of each, outside the clock."""
    pairs = list(zip(calls, before or [_nothing] * len(calls), strict=True))
    repeats = [max(1, round(enough / turn(call, ready=ready).wall)) for call, ready in pairs]
    found = [
        [turn(call, n, ready) for (call, ready), n in zip(pairs, repeats, strict=True)] for _ in range(rounds)
    ]
    return [list(column) for column in zip(*found, strict=True)]


def _nothing() -> None:
    """What is done ahead of a turn unless something is asked for."""


def turn(call: Call, repeats: int = 1, ready: Call = _nothing) -> Turn:
    """What one call takes, on average over so many."""
    ready()
    processor, wall = time.process_time(), time.perf_counter()
    for _ in range(repeats):
        call()
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    return Turn(wall=wall / repeats, processor=processor / repeats)
