"""Series that keep their digits beside a constant: value = anchor (an exact rational) + rest.

1/(1 + e^-z) at z = 1000 is 1 − 5e-435. A ball of 128 bits holds only the 1; an anchored series holds
the rational 1 and, in 128 bits of its own, the rest. So 1 − σ(z), log(1 − σ(z)) and the sign of
σ(z) − y are had from the plain formula as it stands, over the whole range of the floats.
Every operation is an identity of real numbers; nothing is dropped.
"""

from dataclasses import dataclass
from typing import Any

from flint import arb, arb_series, fmpq

ZERO, ONE = fmpq(0), fmpq(1)


@dataclass(frozen=True, slots=True)
class Anchored:
    """anchor + rest, with the operations that power series have."""

    anchor: fmpq
    rest: arb_series

    def __getitem__(self, n: int) -> arb:
        return self.rest[n] if n or not self.anchor else self.rest[0] + arb(self.anchor)

    def __neg__(self) -> "Anchored":
        return Anchored(-self.anchor, -self.rest)

    def __add__(self, other: Any) -> "Anchored":
        other = anchored(other)
        return Anchored(self.anchor + other.anchor, self.rest + other.rest)

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
        return Anchored(p * q, cross)

    def __truediv__(self, other: Any) -> "Anchored":
        other = anchored(other)
        whole = other.series()
        if not other.anchor or not abs(other.rest[0]) < abs(arb(other.anchor)) / 2:
            return Anchored(ZERO, self.series() / whole)
        quotient = self.anchor / other.anchor
        return Anchored(quotient, (self.rest - arb(quotient) * other.rest) / whole)

    def __rtruediv__(self, other: Any) -> "Anchored":
        return anchored(other) / self

    def __pow__(self, n: int) -> "Anchored":
        result = Anchored(ONE, arb_series([0]))
        for _ in range(n):
            result = result * self
        return result

    __radd__, __rmul__ = __add__, __mul__

    def series(self) -> arb_series:
        """The plain power series; the digits beside the anchor are gone."""
        return self.rest + arb(self.anchor) if self.anchor else self.rest

    def exp(self) -> "Anchored":
        whole = self.series()
        result = whole.exp()
        if not abs(whole[0]) < 0.5:
            return Anchored(ZERO, result)
        return Anchored(ONE, arb_series([whole[0].expm1(), *result.coeffs()[1:]]))

    def log(self) -> "Anchored":
        whole = self.series()
        if self.anchor != ONE or not abs(self.rest[0]) < 0.5:
            return Anchored(ZERO, whole.log())
        slopes = (self.rest.derivative() / whole).integral()
        return Anchored(ZERO, arb_series([self.rest[0].log1p()]) + slopes)

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
        return Anchored(ZERO, self.series().sqrt())

    def atan(self) -> "Anchored":
        return Anchored(ZERO, self.series().atan())

    def sin(self) -> "Anchored":
        return Anchored(ZERO, self.series().sin())

    def cos(self) -> "Anchored":
        return Anchored(ZERO, self.series().cos())


def _erfc(x: arb_series) -> arb_series:
    """erfc; far right between its values at the ends of the ball, where flint returns no digit."""
    if not x[0] > 64:
        return x.erfc()
    value = x[0].lower().erfc().union(x[0].upper().erfc())
    slope = -2 / arb.pi().sqrt() * (-x * x).exp() * x.derivative()
    return arb_series([value]) + slope.integral()


def exact(value: float | arb) -> fmpq | None:
    """The rational that a float or an exact ball is; None for a ball of some width."""
    if isinstance(value, arb):
        if not value.is_exact() or not value.is_finite():
            return None
        mantissa, exponent = value.man_exp()
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
