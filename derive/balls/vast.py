"""Series beside numbers that leave every format: sums of f·e^u where u itself is beyond 2^8000.

The exponent of e^(e^(1e9)) has more digits than any memory holds, but its sign is known, and that it is
larger than any float. A term keeps f, a series, and which powers k of e^u it has, so that e^u·e^(−u) is 1.
At last a sum is what its largest term makes it: a term below 2^−2000 is next to nothing, and ±2^2000 stands
for what is at least as large: all of that rounds to the same infinity.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flint import arb, arb_series

from derive.balls.compile import Unreachable

_FAR = arb(2) ** 8000  # the largest exponent of e^… that is worked out
_EDGE = 2000  # logarithms of 2 beyond which no float lies, nor a product of a few


@dataclass(frozen=True, eq=False, slots=True)
class Power:
    """e^u by its exponent, a series."""

    exponent: arb_series


Powers = tuple[tuple[Power, int], ...]


@dataclass(frozen=True, slots=True)
class Vast:
    """Σ f·Π (e^u)^k: what multiplies each product of powers."""

    terms: tuple[tuple[Powers, arb_series], ...]

    def __add__(self, other: Any) -> "Vast":
        found = dict(self.terms)
        for powers, factor in vast(other).terms:
            found[powers] = found[powers] + factor if powers in found else factor
        return Vast(tuple(found.items()))

    def __neg__(self) -> "Vast":
        return Vast(tuple((powers, -factor) for powers, factor in self.terms))

    def __sub__(self, other: Any) -> "Vast":
        return self + -vast(other)

    def __rsub__(self, other: Any) -> "Vast":
        return -self + other

    def __mul__(self, other: Any) -> "Vast":
        total = Vast(())
        for p, f in self.terms:
            for q, g in vast(other).terms:
                total = total + Vast(((_joined(p, q), f * g),))
        return total

    def __truediv__(self, other: Any) -> "Vast":
        powers, factor = vast(other).single()
        turned = tuple((base, -k) for base, k in powers)
        return self * Vast(((turned, 1 / factor),))

    def __rtruediv__(self, other: Any) -> "Vast":
        return vast(other) / self

    def __pow__(self, n: int) -> "Vast":
        result = vast(1)
        for _ in range(n):
            result = result * self
        return result

    __radd__, __rmul__ = __add__, __mul__

    def __getattr__(self, name: str) -> Any:
        raise Unreachable

    def single(self) -> tuple[Powers, arb_series]:
        """The only term."""
        if len(self.terms) != 1:
            raise Unreachable
        return self.terms[0]

    def exp(self) -> "Vast":
        powers, whole = self.single()
        if powers:
            raise Unreachable
        return vast(whole.exp()) if abs(whole[0]) < _FAR else Vast(((((Power(whole), 1),), arb_series([1])),))

    def log(self) -> "Vast":
        powers, factor = self.single()
        return vast(sum((k * base.exponent for base, k in powers), factor.log()))

    def __getitem__(self, n: int) -> arb:
        total, largest = arb(0), list[tuple[arb, int]]()
        for powers, factor in self.terms:
            for height, sign, value in _sized(powers, factor, n):
                if height > _EDGE:
                    largest.append((height, sign))
                elif height < -_EDGE:
                    total = total + arb(0, 1) * arb(2) ** -_EDGE
                else:
                    total = total + value
        return _settled(total, largest)


def vast(value: Any) -> Vast:
    """A number or a series as such a sum."""
    if isinstance(value, Vast):
        return value
    return Vast((((), value if isinstance(value, arb_series) else arb_series([value])),))


def _joined(p: Powers, q: Powers) -> Powers:
    found = dict(p)
    for base, k in q:
        found[base] = found.get(base, 0) + k
    return tuple((base, k) for base, k in found.items() if k)


def _sized(powers: Powers, factor: arb_series, n: int) -> Iterator[tuple[arb, int, arb]]:
    """Logarithm to 2, sign and value of a term's coefficient; nothing where it is exactly 0."""
    exponent = sum((k * base.exponent for base, k in powers), arb_series([0]))
    rest = arb_series([0, *exponent.coeffs()[1:]])
    around = (factor * rest.exp())[n] if powers else factor[n]
    if not around.is_zero():
        height = (exponent[0] + abs(around).log()) / arb(2).log()
        if not powers and not abs(height) > _EDGE:
            yield arb(0), 0, around
        elif around > 0 or around < 0:
            yield height, 1 if around > 0 else -1, (
                around * exponent[0].exp() if abs(height) < _FAR else around
            )
        else:
            raise Unreachable


def _settled(total: arb, largest: list[tuple[arb, int]]) -> arb:
    """The sum of what is moderate and of what lies beyond all floats, the largest of which decides."""
    for height, sign in largest:
        others = [h for h, _ in largest if h is not height]
        if all(s == sign for _, s in largest) or all(height > h + 64 for h in others):
            return arb(sign) * arb(2) ** _EDGE
    if largest:
        raise Unreachable
    return total
