"""Certified truth of vector subjects: the entries' own formula at the floats given, in balls.

Gradient and Hessian are the adjoints of the formula itself; the precision rises until every component
is certain. Selections are decided in balls; what stays a tie with all digits follows the convention.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

import flint
import numpy as np
from flint import arb

from derive.accuracy.vectors.balls import Array, Undecided
from derive.accuracy.vectors.formula import (
    Formula,
    coefficient,
    formula,
    given_at,
    moving,
    output,
    series,
    slopes,
    unit_rows,
)
from derive.accuracy.vectors.rows import Row
from derive.accuracy.vectors.run import Run, forward
from derive.bounds import reach
from derive.model import VECTOR, Activation, K, Subject, entries

# 1536 bits hold what e^-800 leaves of 1, 4096 the exponent of any float and of its square.
TRIES: Final = (256, 1536, 4096, 1 << 14)
ENOUGH: Final = 120  # accurate bits, so that hi + lo holds the truth
NOTHING: Final = arb(2) ** -1300  # below it a value is 0 in every dtype

ROOM: Final = 4  # by which outputs and targets stay below the largest float, as emitted docstrings say

Balls = list[arb]


def quantities(subject: Subject) -> tuple[str, ...]:
    """The quantities whose truth is known: of an activation "loss" is its value, "gradient" its Jacobian."""
    return ("loss", "gradient") if isinstance(subject, Activation) else ("loss", "gradient", "hessian")


def truth(subject: Subject, quantity: str, row: Row) -> Balls:
    """A quantity at a row of floats, flat, to 120 bits or certainly 0 in every dtype."""
    about = formula(subject)

    def found(last: bool) -> Balls:
        return list(QUANTITIES[quantity](about, row, last).ravel())

    return settle(found, f"{quantity} of {subject.name} at {row}")


def settle(compute: Callable[[bool], Balls], what: str, digits: int = ENOUGH) -> Balls:
    """The first of ever more precise results with so many certain bits; ArithmeticError without one."""
    for bits in TRIES:
        try:
            with flint.ctx.workprec(bits):
                found = compute(bits == TRIES[-1])
                if all(settled(ball, digits) for ball in found):
                    return found
        except (
            Undecided,
            ValueError,
            ZeroDivisionError,
        ):  # an enclosure that is too wide
            continue
    raise ArithmeticError(f"no enclosure of the wanted width: {what}")


def settled(ball: arb, digits: int = ENOUGH) -> bool:
    """Whether a ball is exact, narrow beside its value, or 0 in every dtype."""
    sharp = ball.is_exact() or ball.rel_accuracy_bits() >= digits or abs(ball) < NOTHING
    return bool(ball.is_finite() and sharp)


def plain_run(about: Formula, row: Row, last: bool = False, *, widen: bool = False) -> Run:
    """The formula at a row."""
    given = given_at(about, row.x, row.y, dict(row.parameters))
    return forward(about.tape, given, {K: classes(about, row)}, last=last, widen=widen)


def classes(about: Formula, row: Row) -> int:
    """The number K of components of a row."""
    return len(row.x) // len(about.blocks)


def _value(about: Formula, row: Row, last: bool) -> Array:
    return output(about, plain_run(about, row, last))


def _gradient(about: Formula, row: Row, last: bool) -> Array:
    return slopes(about, plain_run(about, row, last), classes(about, row))


def _hessian(about: Formula, row: Row, last: bool) -> Array:
    return bent(about, plain_run(about, row, last), unit_rows(len(row.x), range(len(row.x))))


def bent(about: Formula, plain: Run, directions: Array) -> Array:
    """The slope of the gradient of a loss along each direction, (directions, m·K)."""
    with series():
        run = forward(
            about.tape,
            moving(plain.given, about.blocks, directions),
            plain.sizes,
            held=plain.held,
        )
        return coefficient(slopes(about, run, plain.sizes[K]), 1)


QUANTITIES: dict[str, Callable[[Formula, Row, bool], Array]] = {
    "loss": _value,
    "gradient": _gradient,
    "hessian": _hessian,
}


def holds(subject: Subject, row: Row, dtype: str) -> bool:
    """Whether outputs and targets of a pair are small enough; beyond, nothing is promised."""
    act, los = entries(subject)
    if act is None or los is None or act.kind != VECTOR:
        return True
    if np.any(np.abs(row.y) > np.finfo(dtype).max / ROOM):
        return False
    own = {p.name for p in act.parameters}
    alone = replace(row, y=np.zeros(0), parameters=tuple(p for p in row.parameters if p[0] in own))
    outputs = truth(act, quantities(act)[0], alone)
    most = min(float(np.finfo(dtype).max) / ROOM, reach(subject.name))
    return not any(abs(output) > most for output in outputs)


@dataclass(frozen=True, kw_only=True)
class Certified:
    """The truth of one quantity at a row, flat, as hi + lo; `kappas` keeps the κ that were asked for."""

    subject: Subject
    quantity: str
    row: Row
    hi: np.ndarray
    lo: np.ndarray
    kappas: dict[int, float] = field(default_factory=dict)


def certified(subject: Subject, quantity: str, row: Row) -> Certified:
    """A quantity at a row, in the form in which emitted code is compared with it."""
    hi, lo = floats(truth(subject, quantity, row))
    return Certified(subject=subject, quantity=quantity, row=row, hi=hi, lo=lo)


def floats(found: Balls) -> tuple[np.ndarray, np.ndarray]:
    """The truth as hi + lo, to twice the digits of float64."""
    hi = [float(b.mid()) for b in found]
    with flint.ctx.workprec(TRIES[0]):
        lo = [float((b - arb(h)).mid()) if math.isfinite(h) else 0.0 for b, h in zip(found, hi, strict=True)]
    return np.array(hi), np.array(lo)
