"""What the checks of vector subjects share: usual inputs by domain, shapes, and the emitted functions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from derive.accuracy.vectors.formula import formula
from derive.accuracy.vectors.rows import domain, target_shape
from derive.checks.table import Material
from derive.model import (
    REALS,
    Activation,
    Finite,
    Interval,
    LogSimplex,
    Loss,
    OneHot,
    Pair,
    Set,
    Simplex,
    Subject,
    entries,
)

Call = Callable[..., Any]

UNIT: Final = 1024  # inputs are multiples of 1/1024: exact in float32, and never on a tie by chance
PARTS: Final = 16  # soft targets are so many parts a class, with sum exactly 1
# The emitted functions, and those among them that multiply a matrix and a vector.
FUNCTIONS: Final[Mapping[type, tuple[str, ...]]] = {
    Pair: ("loss", "grad", "hess", "hvp"),
    Loss: ("loss", "grad", "hess", "hvp"),
    Activation: ("value", "grad", "vjp", "jvp"),
}
PRODUCTS: Final = ("hvp", "vjp", "jvp")


@dataclass(frozen=True, kw_only=True)
class Sample:
    """Rows of inputs (..., m*K), and their targets: (..., K), (...), or None where there are none."""

    x: np.ndarray
    y: np.ndarray | None

    def __getitem__(self, rows: Any) -> "Sample":
        return Sample(x=self.x[rows], y=None if self.y is None else self.y[rows])


def blocks(subject: Subject) -> int:
    """How many vectors of K components are stacked in an input."""
    return len(formula(subject).blocks)


def target_axes(subject: Subject) -> int | None:
    """1 where a row's target is a vector, 0 where it is a number, None where there is none."""
    return {"vector": 1, "scalar": 0, "none": None}[target_shape(subject)]


def target(subject: Subject) -> Set:
    """The set that targets lie in."""
    loss = entries(subject)[1]
    return REALS if loss is None else loss.target


def usual(subject: Subject, classes: int = 4, rows: int = 3, seed: int = 0) -> Sample:
    """Moderate inputs in the domain, and targets, both soft and with zeros where these may be."""
    random = np.random.default_rng(seed)
    x = _inputs(random, domain(subject), (rows, blocks(subject) * classes))
    axes = target_axes(subject)
    if axes is None:
        return Sample(x=x, y=None)
    y = _targets(random, target(subject), rows, classes)
    return Sample(x=x, y=y if axes else y[:, 0].copy())


def _inputs(random: np.random.Generator, inside: Set, shape: tuple[int, ...]) -> np.ndarray:
    if isinstance(inside, Simplex) or (isinstance(inside, Interval) and inside.lo == 0 and inside.hi == 1):
        return random.integers(UNIT // 8, UNIT - UNIT // 8, shape) / UNIT
    if isinstance(inside, LogSimplex):
        return -random.integers(UNIT // 8, 3 * UNIT, shape) / UNIT
    return random.integers(-3 * UNIT, 3 * UNIT, shape) / UNIT


def _targets(random: np.random.Generator, inside: Set, rows: int, classes: int) -> np.ndarray:
    shape = (rows, classes)
    if isinstance(inside, Simplex):
        return np.array([_composition(random, classes, inside.closed and n % 2 == 1) for n in range(rows)])
    if isinstance(inside, OneHot):
        return np.eye(classes)[random.integers(classes, size=rows)]
    if isinstance(inside, Finite):
        return random.choice(np.array(inside.values, float), shape)
    if isinstance(inside, Interval) and not inside.lo.is_infinite:
        high = 3 if inside.hi.is_infinite else float(inside.hi)
        return random.uniform(float(inside.lo), high, shape).round(6)
    return random.integers(-3 * UNIT, 3 * UNIT, shape) / UNIT


def _composition(random: np.random.Generator, classes: int, with_zero: bool) -> np.ndarray:
    """Positive parts of a power of 2, with sum 1; the last moved to the first where a zero is asked for."""
    whole = PARTS * 2 ** (classes - 1).bit_length()
    parts = (1 + random.multinomial(whole - classes, np.full(classes, 1 / classes))) / whole
    if with_zero and classes > 1:
        parts[0], parts[-1] = parts[0] + parts[-1], 0
    return parts


def direction(classes: int) -> np.ndarray:
    """A vector that products are taken with; the same for all rows."""
    return np.resize([0.75, -1.25, 0.5, 2.0, -0.375], classes)


def given(sample: Sample) -> tuple[np.ndarray, ...]:
    """The arguments of a function of inputs and targets."""
    return (sample.x,) if sample.y is None else (sample.x, sample.y)


def runner(material: Material, name: str, classes: int = 4) -> Call:
    """The emitted function of inputs (and targets); a product is taken with `direction`."""
    run = material.module[name]
    if name not in PRODUCTS:
        return run
    length = classes if name == "vjp" else blocks(material.subject) * classes
    return lambda *arguments, **keywords: run(*arguments, direction(length), **keywords)


def tail(subject: Subject, name: str, classes: int = 4) -> tuple[int, ...]:
    """The shape of a function's result for one row."""
    whole = blocks(subject) * classes
    matrix = (classes, whole) if isinstance(subject, Activation) else (whole, whole)
    vectors = {
        "value": (classes,),
        "jvp": (classes,),
        "vjp": (whole,),
        "hvp": (whole,),
        "loss": (),
    }
    if name == "grad" and not isinstance(subject, Activation):
        return (whole,)
    return matrix if name in ("grad", "hess") else vectors[name]


def same(one: Any, other: Any) -> bool:
    """Whether two arrays are equal in shape and value, NaN to NaN."""
    one, other = np.asarray(one), np.asarray(other)
    return one.shape == other.shape and bool(np.array_equal(one, other, equal_nan=True))


def near(got: Any, wanted: Any, ulp: int = 64) -> bool:
    """Whether shapes agree, and values to some ulp of the largest: sums are rounded in other orders."""
    got, wanted = np.asarray(got), np.asarray(wanted)
    if got.shape != wanted.shape or not got.size:
        return got.shape == wanted.shape
    largest = np.abs(wanted, where=np.isfinite(wanted), out=np.zeros(wanted.shape)).max()
    return bool(np.allclose(got, wanted, rtol=0, atol=ulp * np.spacing(largest), equal_nan=True))


def refuses(call: Callable[[], Any], *words: str) -> bool:
    """Whether a call raises ValueError with a message that has all the words."""
    try:
        call()
    except ValueError as error:
        return all(word in str(error) for word in words)
    return False
