"""Errors of computed values beside their truth, and what is counted of them (CONTRACT.md's definitions)."""

import heapq
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Kappa = Callable[[int, float], float]  # of a point, or any bound from below that is at least so large
Locate = Callable[[int], "Place"]

# κ is asked for at so many points at the most; by then a defect has shown itself a thousandfold.
KAPPAS = 300
_WORST = float(np.finfo(np.float64).max)  # an error in ulp that is no float64
# A subnormal truth below so many of the smallest ones may round to 0.
_ROUNDS_TO_ZERO = 2


@dataclass(frozen=True, kw_only=True)
class Errors:
    """Errors in ulp, 0 where a value is bad, and the values that are wrong in kind; flat arrays."""

    values: np.ndarray
    hi: np.ndarray
    ulp: np.ndarray
    bad: np.ndarray
    missed: np.ndarray
    zero: np.ndarray
    flushed: np.ndarray
    hard: np.ndarray


@dataclass(frozen=True, kw_only=True)
class Place:
    """A component of a quantity at inputs z (a row of them, in vectors), targets y and parameters."""

    z: tuple[float, ...]
    y: tuple[float, ...]
    component: int = 0
    parameters: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Point:
    """One value beside its truth; `ulp`/(1 + `kappa`) is its score."""

    place: Place
    value: float
    true: float
    ulp: float
    kappa: float

    @property
    def score(self) -> float:
        """The error in ulp, over 1 + κ."""
        return self.ulp / (1 + self.kappa)


@dataclass(frozen=True, kw_only=True)
class Kind:
    """The errors at hard or at soft targets: the largest in ulp, and the points of the highest score."""

    points: int
    ulp: float
    worst: tuple[Point, ...]

    @property
    def score(self) -> float:
        """The largest ulp/(1+κ)."""
        return self.worst[0].score if self.worst else 0.0


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What is counted of one quantity in one dtype; `wrong` is the first bad value or missed overflow."""

    quantity: str
    dtype: str
    points: int
    bad: int
    missed: int
    spurious: int
    flushed: int
    median: float
    hard: Kind
    soft: Kind
    wrong: Place | None

    @property
    def worst(self) -> float:
        """The largest ulp/(1+κ) at any target."""
        return max(self.hard.score, self.soft.score)

    @property
    def faults(self) -> int:
        """How many values are wrong whatever the bound."""
        return self.bad + self.missed + self.spurious

    @property
    def where(self) -> Place | None:
        """The first value that is wrong in kind, or else the worst."""
        worst = max(self.hard, self.soft, key=lambda kind: kind.score).worst
        return self.wrong or (worst[0].place if worst else None)


def ulps(values: np.ndarray, hi: np.ndarray, lo: np.ndarray, dtype: str) -> np.ndarray:
    """Errors in units of the last place of the true value hi + lo.

    Where the truth is no normal number, anything up to the smallest normal one will do. Where it
    overflows, the error is 0 for the infinity of its sign and infinite for all else.
    """
    info = np.finfo(dtype)
    with np.errstate(all="ignore"):
        normal = np.abs(hi) >= info.tiny
        unit = np.spacing(np.maximum(np.abs(hi), info.tiny).astype(dtype)).astype(np.float64)
        error = np.abs((values - hi) - lo) / unit
        error = np.where(normal | (np.abs(values) > info.tiny), error, 0.0)
        error = np.where(overflows(hi, dtype), np.where(_same_infinity(values, hi), 0.0, np.inf), error)
    return np.where(np.isnan(error) & ~np.isnan(hi), np.inf, error)


def overflows(hi: np.ndarray, dtype: str) -> np.ndarray:
    """Where a true value rounds to an infinity of the dtype."""
    with np.errstate(over="ignore"):
        return np.isinf(hi.astype(dtype))


def _same_infinity(values: np.ndarray, hi: np.ndarray) -> np.ndarray:
    return np.isinf(values) & (np.signbit(values) == np.signbit(hi))


def errors(values: np.ndarray, hi: np.ndarray, lo: np.ndarray, hard: np.ndarray, dtype: str) -> Errors:
    """The errors of values of a dtype; `hard` says where targets are hard."""
    info, huge, size = np.finfo(dtype), overflows(hi, dtype), np.abs(hi)
    bad, missed = ~huge & ~np.isfinite(values), huge & ~_same_infinity(values, hi)
    zero = ~huge & (values == 0)
    return Errors(
        values=values,
        hi=hi,
        ulp=np.where(bad | missed, 0.0, np.minimum(ulps(values, hi, lo, dtype), _WORST)),
        bad=bad,
        missed=missed,
        zero=zero & (size >= info.tiny),
        flushed=zero & (size < info.tiny) & (size >= _ROUNDS_TO_ZERO * info.smallest_subnormal),
        hard=hard,
    )


@dataclass(frozen=True, kw_only=True)
class Look:
    """How closely errors are looked at.

    So many points are shown; κ is not asked for up to `loose` ulp, nor more often than `most` times for
    a kind of targets, nor than `of_row` times for the components of one row.
    """

    shown: int = 1
    loose: float = 0.0
    most: int = KAPPAS
    of_row: int = KAPPAS // 10


def tally(quantity: str, dtype: str, found: Errors, kappa: Kappa, place: Locate, look: Look) -> Measured:
    """The counts of a quantity; κ is asked for only where it can matter."""
    kinds, spurious = [], 0
    for which in (found.hard, ~found.hard):
        worst, zeros = _worst(found, np.flatnonzero(which), kappa, place, look)
        kinds.append(Kind(points=int(which.sum()), ulp=float(found.ulp[which].max(initial=0.0)), worst=worst))
        spurious += zeros
    wrong = found.bad | found.missed
    right = found.ulp[~wrong]
    return Measured(
        quantity=quantity,
        dtype=dtype,
        points=len(found.ulp),
        bad=int(found.bad.sum()),
        missed=int(found.missed.sum()),
        spurious=spurious,
        flushed=int(found.flushed.sum()),
        median=float(np.median(right)) if len(right) else 0.0,
        hard=kinds[0],
        soft=kinds[1],
        wrong=place(int(np.argmax(wrong))) if wrong.any() else None,
    )


def _worst(
    found: Errors, places: np.ndarray, kappa: Kappa, place: Locate, look: Look
) -> tuple[tuple[Point, ...], int]:
    """The points of the highest scores among some places, and how many of their zeros have κ < 1."""
    best: list[tuple[float, int, float]] = []
    spurious = asked = 0
    order = places[np.argsort(-found.ulp[places], kind="stable")]
    zeros = np.cumsum(found.zero[order][::-1])[::-1]  # how many are left, from each place on
    for n, left in zip(order.tolist(), zeros.tolist(), strict=True):
        error, zero = float(found.ulp[n]), bool(found.zero[n])
        small = len(best) == look.shown and error <= best[0][0]
        if asked == look.most or (small and not left):
            break
        if small and not zero:
            continue
        full = len(best) == look.shown and best[0][0] > 0
        enough = error / best[0][0] - 1 if full else math.inf  # with as much it is none of the worst
        k = kappa(n, max(enough, 1.0) if zero else enough) if zero or error > look.loose else 0.0
        asked += k < math.inf
        spurious += zero and k < 1
        if k >= enough:
            continue
        heapq.heappush(best, (error / (1 + k), -n, k))
        if len(best) > look.shown:
            heapq.heappop(best)
    return tuple(_point(found, -n, k, place) for _, n, k in sorted(best, reverse=True)), spurious


def _point(found: Errors, n: int, kappa: float, place: Locate) -> Point:
    value, true, ulp = float(found.values[n]), float(found.hi[n]), float(found.ulp[n])
    return Point(place=place(n), value=value, true=true, ulp=ulp, kappa=kappa)
