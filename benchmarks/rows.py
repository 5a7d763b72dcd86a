"""What one system takes at one case."""

from dataclasses import dataclass

# Kinds of systems, by which the figure colours.
LIMIT, OURS, OTHER = "limit", "ours", "other"

CLOCKS = WALL, PROCESSOR = "wall", "processor"
CLOCK_SAYS = "processor time leaves out what other processes take, and is no measure of two threads"


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row of what is measured; `missing` says why it has no figures, `wrong` that its result is off.

    nanoseconds: an element, median; low, high: the quickest and the slowest round.
    clock: which they were taken by. cores: processor time by time on the wall.
    memory: the bytes a call takes at its largest, results included, over those of z.
    """

    level: str
    title: str
    dtype: str
    system: str
    kind: str
    clock: str = WALL
    nanoseconds: float | None = None
    low: float | None = None
    high: float | None = None
    cores: float | None = None
    memory: float | None = None
    missing: str = ""
    wrong: bool = False
