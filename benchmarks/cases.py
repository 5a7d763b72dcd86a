"""What is timed: subjects, sizes and dtypes, with inputs at which the naive code stays finite."""

import math
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

import derive
from benchmarks import naive
from derive.rivals.clock import SPREAD

SEED = 2
DTYPES = tuple(SPREAD)

BINARY = ("sigmoid", "bce")
GELU = ("gelu", "squared_error")
CLASSES = ("softmax", "cross_entropy")

NAIVE = {
    BINARY: naive.sigmoid_bce,
    GELU: naive.gelu_squared_error,
    CLASSES: naive.softmax_cross_entropy,
}


@dataclass(frozen=True, kw_only=True)
class Case:
    """A pair at a size: (n,) of an elementwise one, (N, K) of vectors."""

    names: tuple[str, str]
    shape: tuple[int, ...]
    dtype: str = "float64"

    @property
    def subject(self) -> str:
        """activation+loss."""
        return "+".join(self.names)

    @property
    def size(self) -> str:
        """The shape as people write it: 1e7, 4096×1000."""
        if len(self.shape) == 1:
            return f"{self.shape[0]:.0e}".replace("e+0", "e")
        return "×".join(map(str, self.shape))

    @property
    def title(self) -> str:
        """Subject and size."""
        return f"{self.subject} {self.size}"

    @property
    def classes(self) -> int:
        """K of vectors, 1 of elementwise pairs."""
        return self.shape[1] if len(self.shape) > 1 else 1

    @property
    def nbytes(self) -> int:
        """The bytes of z."""
        return math.prod(self.shape) * np.dtype(self.dtype).itemsize


SIZES = (
    (BINARY, (10**3,)),
    (BINARY, (10**5,)),
    (BINARY, (10**7,)),
    (GELU, (10**5,)),
    (GELU, (10**7,)),
    (CLASSES, (100, 10)),
    (CLASSES, (4096, 1000)),
    (CLASSES, (256, 50_000)),
)
QUICK_SIZES = ((BINARY, (10**3,)), (GELU, (10**3,)), (CLASSES, (20, 10)))


def cases(quick: bool = False) -> tuple[Case, ...]:
    """Every case in every dtype; of a quick run, small ones."""
    sizes = QUICK_SIZES if quick else SIZES
    return tuple(Case(names=n, shape=s, dtype=dtype) for dtype in DTYPES for n, s in sizes)


@dataclass(frozen=True, kw_only=True)
class Work:
    """A case with its inputs z and y, arrays of its dtype."""

    case: Case
    z: np.ndarray
    y: np.ndarray

    @property
    def derived(self) -> derive.Derived:
        """The pair and its emitted code."""
        return _derived(self.case.names)

    @cached_property
    def expected(self) -> tuple[np.ndarray, np.ndarray]:
        """Loss and gradient by the naive code in float64: right to many digits in the middle of the range."""
        return NAIVE[self.case.names](self.z.astype(float), self.y.astype(float))


@cache
def _derived(names):
    return derive.derive(*names)


def work(case: Case) -> Work:
    """The case with random logits, and hard targets or, of a squared error, real ones."""
    random = np.random.default_rng(SEED)
    z = SPREAD[case.dtype] * random.standard_normal(case.shape)
    return Work(case=case, z=z.astype(case.dtype), y=_targets(case, random).astype(case.dtype))


def _targets(case, random):
    if case.names == GELU:
        return random.standard_normal(case.shape)
    if case.names == BINARY:
        return random.integers(0, 2, case.shape)
    rows, classes = case.shape
    y = np.zeros(case.shape, case.dtype)
    y[np.arange(rows), random.integers(0, classes, rows)] = 1
    return y
