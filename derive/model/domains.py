"""Sets that predictions, outputs and targets lie in."""

from dataclasses import dataclass

import sympy as sp


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A real interval with open or closed ends."""

    lo: sp.Expr = -sp.oo
    hi: sp.Expr = sp.oo
    closed_lo: bool = False
    closed_hi: bool = False

    def __str__(self) -> str:
        lo = "-∞" if self.lo == -sp.oo else str(self.lo)
        hi = "∞" if self.hi == sp.oo else str(self.hi)
        return f"{'[' if self.closed_lo else '('}{lo}, {hi}{']' if self.closed_hi else ')'}"


@dataclass(frozen=True, kw_only=True)
class Finite:
    """A finite set of numbers, such as the labels −1 and 1."""

    values: tuple[int, ...]

    def __str__(self) -> str:
        return "{" + ", ".join(map(str, self.values)) + "}"


@dataclass(frozen=True, kw_only=True)
class Punctured:
    """The real numbers other than 0."""

    def __str__(self) -> str:
        return "(-∞, 0) ∪ (0, ∞)"


@dataclass(frozen=True, kw_only=True)
class Simplex:
    """Vectors of K nonnegative components with sum 1; the interior where `closed` is false."""

    closed: bool = True

    def __str__(self) -> str:
        return "the simplex" if self.closed else "the interior of the simplex"


@dataclass(frozen=True, kw_only=True)
class OneHot:
    """Vectors of K components of which one is 1 and the others are 0."""

    def __str__(self) -> str:
        return "the one-hot vectors"


@dataclass(frozen=True, kw_only=True)
class LogSimplex:
    """Logarithms of the vectors in the interior of the simplex."""

    def __str__(self) -> str:
        return "the logarithms of the interior of the simplex"


@dataclass(frozen=True, kw_only=True)
class Sphere:
    """Vectors of length 1."""

    def __str__(self) -> str:
        return "the unit sphere"


@dataclass(frozen=True, kw_only=True)
class Nonzero:
    """Vectors of which not all components are 0."""

    def __str__(self) -> str:
        return "the vectors other than 0"


# A set of numbers holds each component, where vectors are meant.
Set = Interval | Finite | Punctured | Simplex | OneHot | LogSimplex | Sphere | Nonzero

REALS = Interval()
POSITIVE = Interval(lo=sp.S.Zero)
NONNEGATIVE = Interval(lo=sp.S.Zero, closed_lo=True)
UNIT_OPEN = Interval(lo=sp.S.Zero, hi=sp.S.One)
UNIT_CLOSED = Interval(lo=sp.S.Zero, hi=sp.S.One, closed_lo=True, closed_hi=True)
NONZERO = Punctured()
