"""The bars of speed: at most so many times another system's time at the same case."""

from dataclasses import dataclass

NUMPY, NUMBA, NUMBA_TWO = "derive, NumPy, out=", "derive, numba, out=", "derive, numba, out=, 2 threads"
NAIVE, EAGER, JAX, LIMIT = "naive NumPy", "PyTorch", "JAX", "memory limit"

# float32 may take twice the ratio of float64.
FACTOR = {"float64": 1.0, "float32": 2.0}

# Near-linear: two threads share one memory bus and start together, so half the time is out of reach.
NEAR_LINEAR = 2 / 3


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A limit in float64: at that case `system` takes at most `most` times what `against` takes."""

    title: str
    system: str
    against: str
    most: float


BARS = (
    Bar(title="sigmoid+bce 1e3", system=NUMPY, against=NAIVE, most=2.0),
    Bar(title="sigmoid+bce 1e5", system=NUMPY, against=NAIVE, most=1.0),
    Bar(title="sigmoid+bce 1e7", system=NUMPY, against=NAIVE, most=0.5),
    Bar(title="sigmoid+bce 1e7", system=NUMPY, against=EAGER, most=0.4),
    Bar(title="sigmoid+bce 1e7", system=NUMPY, against=JAX, most=0.25),
    Bar(title="gelu+squared_error 1e7", system=NUMPY, against=NAIVE, most=0.75),
    Bar(title="softmax+cross_entropy 4096×1000", system=NUMPY, against=NAIVE, most=0.8),
    Bar(title="softmax+cross_entropy 256×50000", system=NUMPY, against=NAIVE, most=0.25),
    Bar(title="sigmoid+bce 1e7", system=NUMBA, against=NAIVE, most=0.2),
    Bar(title="sigmoid+bce 1e7", system=NUMBA, against=EAGER, most=0.3),
    Bar(title="sigmoid+bce 1e7", system=NUMBA, against=LIMIT, most=3.5),
    Bar(title="sigmoid+bce 1e7", system=NUMBA_TWO, against=NUMBA, most=NEAR_LINEAR),
    Bar(title="gelu+squared_error 1e7", system=NUMBA, against=NAIVE, most=0.2),
    Bar(title="gelu+squared_error 1e7", system=NUMBA, against=EAGER, most=0.3),
    Bar(title="gelu+squared_error 1e7", system=NUMBA, against=LIMIT, most=3.5),
    Bar(title="gelu+squared_error 1e7", system=NUMBA_TWO, against=NUMBA, most=NEAR_LINEAR),
)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """A bar held against what was measured; `ratio` is nothing where one side was not."""

    bar: Bar
    level: str
    dtype: str
    ratio: float | None

    @property
    def most(self) -> float:
        """The limit in this dtype."""
        return self.bar.most * FACTOR[self.dtype]

    @property
    def verdict(self) -> str:
        """met, missed, or not measured."""
        if self.ratio is None:
            return "not measured"
        return "met" if self.ratio <= self.most else "missed"


def outcomes(rows) -> tuple[Outcome, ...]:
    """Every bar at each level and dtype of which one side was measured and the other takes part."""
    times = {(r.level, r.dtype, r.title, r.system): r.nanoseconds for r in rows}
    places = dict.fromkeys((row.level, row.dtype) for row in rows)
    found = (_outcome(times, bar, *place) for place in places for bar in BARS)
    return tuple(outcome for outcome in found if outcome)


def _outcome(times, bar, level, dtype):
    ours = times.get((level, dtype, bar.title, bar.system))
    against = (level, dtype, bar.title, bar.against)
    if ours is None or against not in times:
        return None
    theirs = times[against]
    return Outcome(bar=bar, level=level, dtype=dtype, ratio=None if theirs is None else ours / theirs)
