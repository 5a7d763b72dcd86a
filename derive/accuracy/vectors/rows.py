"""Vectors at which accuracy is measured: seeded inputs and targets over the whole range of a float format.

Every way of choosing inputs meets every way of choosing targets, for a few numbers of classes; both
follow from the domains of the entries.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np

from derive.accuracy.points import (
    SATURATION,
    SEED,
    SPECIAL,
    as_dtype,
    inputs,
    soft_targets,
)
from derive.accuracy.vectors.formula import formula
from derive.model import (
    UNIT_CLOSED,
    YS,
    Activation,
    Finite,
    Interval,
    LogSimplex,
    Loss,
    Nonzero,
    OneHot,
    Set,
    Simplex,
    Sphere,
    Subject,
    entries,
)

CLASSES: Final = (1, 2, 3, 10)
QUICK: Final = 3  # rows for each way of choosing inputs and targets
_SOFTNESS: Final = (1e-16, 1e-10, 0.1)  # what a smoothed label takes from its class
_MANY: Final = 100  # classes from which on labels are few, as they are in practice
Setting = tuple[tuple[str, float | tuple[float, ...]], ...]
Random = np.random.Generator
Vectors = list[np.ndarray]


@dataclass(frozen=True, kw_only=True)
class Row:
    """Inputs of one sample, blocks stacked; targets (K,), () or (0,) where there are none; parameters."""

    x: np.ndarray
    y: np.ndarray
    parameters: Setting = ()


def target_shape(subject: Subject) -> Literal["vector", "scalar", "none"]:
    """What a target of one row is: K numbers, one, or nothing."""
    letter = formula(subject).target
    return "none" if letter is None else "vector" if letter == YS else "scalar"


def domain(subject: Subject) -> Set:
    """Where the inputs of a subject lie: the activation's domain, or the loss's predictions."""
    act, loss = entries(subject)
    if act:
        return act.domain
    assert loss is not None
    return loss.prediction


def hard_targets(subject: Subject) -> tuple[int, ...]:
    """The targets at which no digit may be lost; behind probabilities −1 is no label."""
    act, loss = entries(subject)
    if loss is None:
        return ()
    return tuple(y for y in loss.hard if 0 <= y <= 1 or not _of_shares(act))


def _of_shares(act: Activation | None) -> bool:
    return act is not None and isinstance(act.range, Simplex)


def rows(
    subject: Subject,
    dtype: str = "float64",
    classes: tuple[int, ...] = CLASSES,
    size: int = QUICK,
    setting: Setting = (),
    seed: int = SEED,
) -> list[Row]:
    """Rows whose inputs are numbers of `dtype`, where the subject is differentiable but for ties."""
    random, found = np.random.default_rng(seed), []
    blocks, inside = len(formula(subject).blocks), domain(subject)
    for k in classes:
        for _ in range(size):
            for x in stacks(random, inside, blocks, dtype, k):
                found += [Row(x=x, y=y, parameters=setting) for y in targets(random, subject, x, k, dtype)]
    return found


def stacks(random: Random, inside: Set, blocks: int, dtype: str, k: int) -> Vectors:
    """One stack of blocks for every way; the blocks of one stack are chosen in different ways in turn."""
    ways = [[as_dtype(x, dtype) for x in vectors(random, inside, dtype, k)] for _ in range(blocks)]
    turned = [way[n:] + way[:n] for n, way in enumerate(ways)]
    like = [list(way) for way in ways] if blocks > 1 else []  # and once all in the same way
    stacked = [np.concatenate(parts) for table in (turned, like) for parts in zip(*table, strict=True)]
    return [
        x for x in stacked if _distinct(np.split(x, blocks)) and (inside != Nonzero() or _nonzero(x, blocks))
    ]


def _distinct(parts: Vectors) -> bool:
    """Whether no two blocks are equal: the distance of equal ones has no slope."""
    return all(np.any(one != other) for n, one in enumerate(parts) for other in parts[:n])


def _nonzero(x: np.ndarray, blocks: int) -> bool:
    return all(part.any() for part in np.split(x, blocks))


def vectors(random: Random, inside: Set, dtype: str, k: int) -> Vectors:
    """Vectors of a set, one for every way."""
    if isinstance(inside, Simplex):
        return [
            *predictions(random, dtype, k),
            *(zeros_and_ones(random, k) if inside.closed else []),
        ]
    if isinstance(inside, LogSimplex):
        return [np.log(p) for p in predictions(random, dtype, k)] + [
            -np.abs(x) for x in logits(random, dtype, k)
        ]
    if inside == UNIT_CLOSED:
        return [*predictions(random, dtype, k), *zeros_and_ones(random, k)]
    return logits(random, dtype, k)


def logits(random: Random, dtype: str, k: int) -> Vectors:
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
        random.uniform(-1, 1, k),
    ]


def predictions(random: Random, dtype: str, k: int) -> Vectors:
    """Components in (0, 1]: of every size, near 1, and probabilities."""
    info = np.finfo(dtype)
    tiny = np.ldexp(random.uniform(1, 2, k), random.integers(info.minexp, 0, k))
    near = 1 - info.eps * random.integers(0, 50, k)
    return [
        random.uniform(0.01, 1, k),
        np.minimum(tiny, 1),
        near,
        random.dirichlet(np.ones(k)) + info.tiny,
    ]


def zeros_and_ones(random: Random, k: int) -> Vectors:
    """Components at the ends of [0, 1], all of them and some of them."""
    ends = random.integers(0, 2, k).astype(float)
    return [ends, np.where(random.random(k) < 0.5, ends, random.random(k))]


def targets(random: Random, subject: Subject, x: np.ndarray, k: int, dtype: str) -> Vectors:
    """The targets that meet an input, by the loss's domain."""
    act, loss = entries(subject)
    shape = target_shape(subject)
    if loss is None or shape == "none":
        return [np.zeros(0)]
    if shape == "scalar":
        return [np.array(v) for v in scalars(random, loss, x)]
    make: dict[type, Callable[..., Vectors]] = {
        Simplex: distributions,
        OneHot: one_hot,
        Nonzero: directions,
        Finite: labels,
        Interval: numbers,
    }
    allowed = replace(loss, hard=hard_targets(subject))
    near = x[:k]
    bounded = _of_shares(act) or (act is not None and act.range == Sphere())
    if bounded and isinstance(loss.target, Interval):  # a real target lies beside the output, not x
        near = _shares(near)
    return make[type(loss.target)](random, allowed, near, k, dtype)


def _shares(x: np.ndarray) -> np.ndarray:
    """Softmax of x, but for its tails."""
    with np.errstate(over="ignore"):
        weights = np.exp(np.maximum(x - x.max(), -700))
    return weights / weights.sum()


def one_hot(random: Random, loss: Loss, x: np.ndarray, k: int, dtype: str) -> Vectors:
    """Hard at the largest, at the smallest and at any class."""
    return [np.eye(k)[n] for n in (x.argmax(), x.argmin(), random.integers(k))]


def distributions(random: Random, loss: Loss, x: np.ndarray, k: int, dtype: str) -> Vectors:
    """Hard, smoothed, soft, and close to softmax(x); none of them 0 where the domain is open."""
    hard = one_hot(random, loss, x, k, dtype)
    softness = random.choice(_SOFTNESS)
    soft = [
        (1 - softness) * hard[0] + softness / k,
        random.dirichlet(np.ones(k)),
        random.dirichlet(np.full(k, 0.05)),
        _shares(x),
    ]
    assert isinstance(loss.target, Simplex)
    return hard + soft if loss.target.closed else [y for y in soft if np.all(y > 0)]


def directions(random: Random, loss: Loss, x: np.ndarray, k: int, dtype: str) -> Vectors:
    """Vectors other than 0: of order 1, of every size, with one component, and nearly along x."""
    wide = inputs(random, "float64", 3 * k)[-2 * k :][:k]
    along = _beside(x, 2.0**-30 * random.normal(size=k))
    found = [random.normal(size=k), wide, np.eye(k)[random.integers(k)], along]
    return [y for y in found if y.any()]


def _beside(x: np.ndarray, share: np.ndarray) -> np.ndarray:
    """x, moved by a share of itself, and finite."""
    with np.errstate(over="ignore"):
        return np.clip(x * (1 + share), -1e308, 1e308)


def labels(random: Random, loss: Loss, x: np.ndarray, k: int, dtype: str) -> Vectors:
    """Vectors of the listed numbers: any, each of them everywhere, and one that differs."""
    assert isinstance(loss.target, Finite)
    low, *_, high = sorted(loss.target.values)
    one = np.full(k, float(low))
    one[random.integers(k)] = high
    share = 0.5 if k < _MANY else 8 / k
    some = np.where(random.random(k) < share, float(high), float(low))
    return [some, one] if k >= _MANY else [some, one, np.full(k, float(low)), np.full(k, float(high))]


def numbers(random: Random, loss: Loss, x: np.ndarray, k: int, dtype: str) -> Vectors:
    """Vectors over an interval: hard targets, soft ones, both, and close to the predictions."""
    hard = random.choice(np.array(loss.hard or (0.0,), float), k)
    soft = soft_targets(random, loss.target, k)
    mixed = np.where(random.random(k) < 0.5, hard, soft)
    beside = _beside(x, np.finfo(dtype).eps * random.integers(-3, 4, k))
    assert isinstance(loss.target, Interval)
    low, high = float(loss.target.lo), float(loss.target.hi)
    return [
        hard,
        soft,
        mixed,
        *([beside] if np.all((low <= beside) & (beside <= high)) else []),
    ]


def scalars(random: Random, loss: Loss, x: np.ndarray) -> list[float]:
    """Targets of a loss that has one for each row: the listed ones, or hard ones and soft ones."""
    if isinstance(loss.target, Finite):
        return [float(v) for v in loss.target.values]
    near = float(np.clip(x[random.integers(len(x))], -1e308, 1e308))
    return [
        float(random.choice(loss.hard)),
        *soft_targets(random, loss.target, 2).tolist(),
        near,
    ]
