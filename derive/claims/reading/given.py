"""What is known of a model: its cross-entropy and the rest, checked, as exact numbers."""

import math
import numbers
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, TypeAlias

import sympy as sp

from derive.claims.reading.exact import DOWN, HUGE, NEAREST, below, numeral
from derive.model import BadInput

Unit = Literal["nats", "bits"]
Number: TypeAlias = str | int | float | Fraction | sp.Rational

UNITS: dict[str, sp.Expr] = {"nats": sp.S.One, "bits": sp.log(2)}  # in nats
DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?|\d+/\d*[1-9]\d*", re.ASCII | re.IGNORECASE)
LONGEST = 40  # signs of a number
MORE = 8  # digits of a bound that numbers break
LARGEST = HUGE  # in the unit given
SUM_WITHIN = sp.Rational(1, 10**6)  # of 1: rates are given in a few digits


@dataclass(frozen=True, kw_only=True)
class Given:
    """Cross-entropy in nats, number of classes, and where they are known accuracy and base rates."""

    cross_entropy: sp.Expr
    classes: int
    accuracy: sp.Rational | None
    rates: tuple[sp.Rational, ...] | None
    unit: Unit

    def amount(self, nats: sp.Expr, toward: str = NEAREST) -> str:
        """An entropy in the unit asked for, in words."""
        return f"{numeral(self.in_unit(nats), toward)} {self.unit}"

    def in_unit(self, nats: sp.Expr) -> sp.Expr:
        """An entropy in the unit asked for, exactly."""
        return sp.expand(nats / UNITS[self.unit])


def given(
    cross_entropy: Number,
    classes: Number,
    accuracy: Number | None = None,
    base_rates: Sequence[Number] | None = None,
    unit: str = "nats",
) -> Given:
    """What is known, as exact numbers; BadInput where a number cannot be, alone or beside the others."""
    if unit not in UNITS:
        raise BadInput(f"unknown unit {_shown(unit)}. Try: {', '.join(UNITS)}")
    found = Given(
        cross_entropy=_cross_entropy(cross_entropy) * UNITS[unit],
        classes=(count := _classes(classes)),
        accuracy=None if accuracy is None else _accuracy(accuracy),
        rates=None if base_rates is None else _rates(base_rates, count),
        unit=unit,  # type: ignore[arg-type]
    )
    _possible(found)
    return found


def exact(value: Number) -> sp.Rational | None:
    """The number that a text or a float shows, exactly; None where it shows none that is finite."""
    if isinstance(value, numbers.Rational | sp.Rational) and not isinstance(value, bool):
        return sp.Rational(int(value.numerator), int(value.denominator))
    text = str(value).strip().replace("−", "-")
    if len(text) > LONGEST or not DECIMAL.fullmatch(text):
        return None
    found = Fraction(text)
    return sp.Rational(found.numerator, found.denominator)


def _shown(value: object) -> str:
    text = str(value)
    return repr(text if len(text) <= LONGEST else text[:LONGEST] + "…")


def _cross_entropy(value: Number) -> sp.Rational:
    found = exact(value)
    if _infinite(value):
        raise BadInput("an infinite cross-entropy says that one truth got the probability 0, and no more")
    if found is not None and found > LARGEST:
        raise BadInput(f"a cross-entropy above {LARGEST} is not read: {_shown(value)}")
    if found is None or found < 0:
        raise BadInput(f"the cross-entropy must be a number that is at least 0, not {_shown(value)}")
    return found


def _infinite(value: Number) -> bool:
    try:
        return float(value) == math.inf
    except (TypeError, ValueError, OverflowError):
        return False


def _classes(value: Number) -> int:
    found = exact(value)
    if found is None or found.q != 1 or found < 2:
        raise BadInput(f"the number of classes must be whole and at least 2, not {_shown(value)}")
    return int(found)


def _accuracy(value: Number) -> sp.Rational:
    found = exact(value)
    if found is not None and 0 <= found <= 1:
        return found
    hint = f". Try: {numeral(found / 100)}" if found is not None and 1 < found <= 100 else ""
    raise BadInput(f"the accuracy must be a share from 0 to 1, not {_shown(value)}{hint}")


def _rates(values: Sequence[Number], classes: int) -> tuple[sp.Rational, ...]:
    """The base rates, divided by their sum where that is not quite 1."""
    found = [_rate(value) for value in values]
    if len(found) == 1 and classes == 2:
        found = [found[0], 1 - found[0]]
    if len(found) != classes:
        one = ", or one" if classes == 2 else ""
        raise BadInput(f"{classes} classes have {classes} base rates{one}, not {len(found)}")
    total = sp.Add(*found)
    if abs(total - 1) > SUM_WITHIN:
        raise BadInput(f"the base rates must sum to 1, to within 1e-6; they sum to {numeral(total)}")
    return tuple(rate / total for rate in found)


def _rate(value: Number) -> sp.Rational:
    found = exact(value)
    if found is None or not 0 <= found <= 1:
        raise BadInput(f"a base rate must be a share from 0 to 1, not {_shown(value)}")
    return found


def _possible(known: Given) -> None:
    """Refuse an accuracy that no model of this cross-entropy has, naming the bound."""
    if known.accuracy is None:
        return
    cost, error = known.cross_entropy, 1 - known.accuracy
    if below(cost, error * sp.log(2)):
        bound = numeral(1 - cost / sp.log(2), DOWN, MORE)
        raise BadInput(
            f"impossible together: a wrong answer costs at least log 2 = {known.amount(sp.log(2))}, so a "
            f"cross-entropy of {known.amount(cost)} has an accuracy of at least {bound}"
        )
    if error == 0 and not below(cost, sp.log(known.classes)):
        most = known.amount(sp.log(known.classes), DOWN)
        raise BadInput(
            "impossible together: a right answer has a probability above 1/K and costs less than log K = "
            f"{most}, so a cross-entropy of {known.amount(cost)} has an accuracy below 1"
        )
