"""Series that keep their digits beside a constant: value = anchor (an exact rational) + rest.

1/(1 + e^-z) at z = 1000 is 1 − 5e-435. A ball of 128 bits holds only the 1; an anchored series holds
the rational 1 and, in 128 bits of its own, the rest. So 1 − σ(z), log(1 − σ(z)) and the sign of
σ(z) − y are had from the plain formula as it stands, over the whole range of the floats.
Where the anchor is 0, a product that began as e^u remembers its logarithm: log(1 − (1 − e^(−e^z))) is −e^z
also where e^(−e^z) is smaller than any ball can say. Every operation is an identity of real numbers;
nothing is dropped.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flint import arb, arb_series, fmpq

ZERO, ONE = fmpq(0), fmpq(1)
# What gives the sign s and the logarithm u of s·e^u; None where the sign cannot be told after all.
Power = Callable[[], tuple[int, arb_series] | None]


@dataclass(frozen=True, slots=True)
class Anchored:
    """anchor + rest, with the operations that power series have; `power` gives the rest as s·e^u if known."""

    anchor: fmpq
    rest: arb_series
    power: Power | None = None

    def __getitem__(self, n: int) -> arb:
        return self.rest[n] if n or not self.anchor else self.rest[0] + arb(self.anchor)

    def __neg__(self) -> "Anchored":
        return Anchored(-self.anchor, -self.rest, _turned(self.power))

    def __add__(self, other: Any) -> "Anchored":
        other = anchored(other)
        power = self.power if not other.rest.length() else None if self.rest.length() else other.power
        return Anchored(self.anchor + other.anchor, self.rest + other.rest, power)

    def __sub__(self, other: Any) -> "Anchored":
        return self + -anchored(other)

    def __rsub__(self, other: Any) -> "Anchored":
        return -self + other

    def __mul__(self, other: Any) -> "Anchored":
        other = anchored(other)
        p, q, r, s = self.anchor, other.anchor, self.rest, other.rest
        cross = r * s
        if p:
            cross = cross + arb(p) * s
        if q:
            cross = cross + arb(q) * r
        power = None
        if not (p and s.length()):
            power = _combined(Anchored(ZERO, r, self.power), other, 1)
        elif not (q and r.length()):
            power = _combined(Anchored(ZERO, s, other.power), self, 1)
        return Anchored(p * q, cross, power)

    def __truediv__(self, other: Any) -> "Anchored":
        other = anchored(other)
        whole = other.series()
        if not other.anchor or not abs(other.rest[0]) < abs(arb(other.anchor)) / 2:
            return Anchored(ZERO, _quotient(self.series(), whole, other), _combined(self, other, -1))
        quotient = self.anchor / other.anchor
        power = _combined(self, other, -1) if not self.anchor else None
        return Anchored(quotient, (self.rest - arb(quotient) * other.rest) / whole, power)

    def __rtruediv__(self, other: Any) -> "Anchored":
        return anchored(other) / self

    def __pow__(self, n: int) -> "Anchored":
        result = Anchored(ONE, arb_series([0]))
        for _ in range(n):
            result = result * self
        return result

    __radd__, __rmul__ = __add__, __mul__

    def sign(self) -> int:
        """The sign where it is that of a known power, though its ball may hold 0; 0 elsewhere."""
        known = self.power() if self.power and not self.anchor else None
        return known[0] if known else 0

    def series(self) -> arb_series:
        """The plain power series; the digits beside the anchor are gone."""
        return self.rest + arb(self.anchor) if self.anchor else self.rest

    def exp(self) -> "Anchored":
        whole = self.series()
        result = whole.exp()
        if not abs(whole[0]) < 0.5:
            return Anchored(ZERO, result, lambda: (1, whole))
        return Anchored(ONE, arb_series([_expm1(whole[0]), *result.coeffs()[1:]]))

    def log(self) -> "Anchored":
        if not self.anchor and self.power and (known := self.power()) and known[0] > 0:
            return Anchored(ZERO, known[1])
        whole = self.series()
        if self.anchor != ONE or not abs(self.rest[0]) < 0.5:
            return Anchored(ZERO, whole.log())
        slopes = (self.rest.derivative() / whole).integral()
        return Anchored(ZERO, arb_series([_log1p(self.rest[0])]) + slopes)

    def erf(self) -> "Anchored":
        whole = self.series()
        if whole[0] > 1:
            return Anchored(ONE, -_erfc(whole))
        if whole[0] < -1:
            return Anchored(-ONE, _erfc(-whole))
        return Anchored(ZERO, whole.erf())

    def erfc(self) -> "Anchored":
        return Anchored(ZERO, _erfc(self.series()))

    def sqrt(self) -> "Anchored":
        whole = self.series().sqrt()
        if not (root := _root(self.anchor)):
            return Anchored(ZERO, whole)
        return Anchored(root, self.rest / (whole + arb(root)))

    def atan(self) -> "Anchored":
        return Anchored(ZERO, self.series().atan())

    def sin(self) -> "Anchored":
        return Anchored(ZERO, self.series().sin())

    def cos(self) -> "Anchored":
        return Anchored(ZERO, self.series().cos())


_TINY = arb(2) ** -(1 << 20)  # flint loses digits of expm1 and log1p where exponents are larger than a word


def _expm1(x: arb) -> arb:
    """e^x − 1, between x ± x² for tiny x."""
    return x + x * x * arb(0, 1) if abs(x) < _TINY else x.expm1()


def _log1p(x: arb) -> arb:
    """log(1 + x), between x ± x² for tiny x."""
    return x + x * x * arb(0, 1) if abs(x) < _TINY else x.log1p()


def _root(x: fmpq) -> fmpq | None:
    """The square root where it is rational."""
    return x.sqrt() if x > 0 and x.p.is_square() and x.q.is_square() else None


def _turned(power: Power | None) -> Power | None:
    """The power of −s·e^u."""
    if power is None:
        return None

    def turned() -> tuple[int, arb_series] | None:
        found = power()
        return found and (-found[0], found[1])

    return turned


def _combined(x: Anchored, y: Anchored, way: int) -> Power | None:
    """The power of x·y or, with −1, of x/y; None where neither has one."""
    if not (x.power or y.power):
        return None

    def power() -> tuple[int, arb_series] | None:
        one, other = _signed(x), _signed(y)
        return (one[0] * other[0], one[1] + way * other[1]) if one and other else None

    return power


def _quotient(top: arb_series, below: arb_series, divisor: Anchored) -> arb_series:
    """top/below; no number at all where the divisor is a power too small for a ball."""
    if divisor.power and not divisor.anchor and below[0].contains(0):
        return arb_series([arb.nan()])
    return top / below


def _signed(x: Anchored) -> tuple[int, arb_series] | None:
    """Sign and logarithm of a number; None where its ball does not tell."""
    if x.power and not x.anchor:
        return x.power()
    whole = x.series()
    if not (whole[0] > 0 or whole[0] < 0):
        return None
    sign = 1 if whole[0] > 0 else -1
    return sign, (sign * whole).log()


def _erfc(x: arb_series) -> arb_series:
    """erfc; far right between its values at the ends of the ball, where flint returns no digit."""
    if not x[0] > 64:
        return x.erfc()
    value = x[0].lower().erfc().union(x[0].upper().erfc())
    slope = -2 / arb.pi().sqrt() * (-x * x).exp() * x.derivative()
    return arb_series([value]) + slope.integral()


_LONGEST = 1 << 17  # bits of an anchor; e^(e^z) may be exact with more of them than any memory holds


def exact(value: float | arb) -> fmpq | None:
    """The rational that a float or an exact ball is; None for a ball of some width, or for too long a one."""
    if isinstance(value, arb):
        if not value.is_exact() or not value.is_finite():
            return None
        mantissa, exponent = value.man_exp()
        if abs(int(exponent)) > _LONGEST:
            return None
        return fmpq(mantissa) * fmpq(2) ** int(exponent)
    return fmpq(*float(value).as_integer_ratio())


def anchored(value: Any) -> Anchored:
    """A number or a series as an anchored series; an exact constant becomes the anchor."""
    if isinstance(value, Anchored):
        return value
    series = value if isinstance(value, arb_series) else arb_series([value])
    anchor = exact(series[0])
    if anchor is None:
        return Anchored(ZERO, series)
    return Anchored(anchor, arb_series([0, *series.coeffs()[1:]]))
