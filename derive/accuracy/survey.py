"""The accuracy of one subject's code: every quantity, dtype and dispatch level, at points of any number.

Truths are made once, and shared by all levels: they do not depend on NumPy. So is κ.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np

from derive.accuracy import measure as elementwise
from derive.accuracy.calls import Answer, Call
from derive.accuracy.levels import Level
from derive.accuracy.points import SEED, points
from derive.accuracy.tally import Look, Measured
from derive.accuracy.truth import QUANTITIES, formula, truth
from derive.accuracy.vectors import measure as vectors
from derive.accuracy.vectors.rows import Row, rows
from derive.accuracy.vectors.truth import certified, holds, quantities
from derive.bounds import declared, single
from derive.model import VECTOR, Activation, Subject

DTYPES: Final = ("float64", "float32")
POINTS: Final = 6000
CLASSES: Final = (1, 2, 10, 1000)
FUSED: Final = "loss_and_grad"
_MANY: Final = 100  # classes from which on a truth takes long: rows are few, and matrices left out
_COMPONENTS: Final = 1000  # of so many points, one more row for every way of choosing rows
_OF_MANY: Final = 6  # rows of many classes
_MATRICES: Final = 3  # one row of so many where a quantity is a matrix


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a survey covers; `shown` points of each kind of targets are kept."""

    points: int = POINTS
    seed: int = SEED
    dtypes: tuple[str, ...] = DTYPES
    levels: tuple[Level, ...]
    shown: int = 1

    @property
    def look(self) -> Look:
        """Every κ that can matter is asked for."""
        return Look(shown=self.shown, most=self.points, of_row=self.points)


@dataclass(frozen=True, kw_only=True)
class Line:
    """What was measured of a subject's function at a level, in vectors of so many classes.

    `bounds` are the declared ones, at hard and at soft targets.
    """

    pair: str
    classes: int | None
    function: str
    level: str
    measured: Measured
    bounds: tuple[float, float]

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong in kind, and no error beyond its bound."""
        hard, soft = self.bounds
        row = self.measured
        return not row.faults and row.hard.score <= hard and row.soft.score <= soft


def allowed(subject: Subject, quantity: str, dtype: str) -> tuple[float, float]:
    """The declared bounds of a quantity at hard and at soft targets."""
    if dtype != DTYPES[0]:
        rounded = single(subject, quantity)
        return rounded, rounded
    limit = declared(subject, quantity)
    return limit.hard, limit.soft


def survey(subject: Subject, answer: Answer, wanted: Wanted) -> tuple[Line, ...]:
    """A line for every function, number of classes, dtype and level; `answer` runs the code at a level."""
    make = _of_vectors if subject.kind == VECTOR else _elementwise
    return tuple(line for dtype in wanted.dtypes for line in make(subject, answer, dtype, wanted))


def _elementwise(subject: Subject, answer: Answer, dtype: str, wanted: Wanted) -> list[Line]:
    about = formula(subject)
    true = truth(about, *points(about, dtype, wanted.points, wanted.seed))
    given, names = elementwise.given(true, dtype), names_of(subject, QUANTITIES)
    calls: list[Call] = [(name, given, about.keywords) for name in (*names, *fused(subject))]
    return [
        Line(
            pair=subject.name,
            classes=None,
            function=function,
            level=level.name,
            measured=elementwise.compare(values, true, quantity, dtype, wanted.look),
            bounds=allowed(subject, quantity, dtype),
        )
        for level in wanted.levels
        for function, quantity, values in told_apart(names, answer(calls, level))
    ]


def names_of(subject: Subject, quantities: Sequence[str]) -> dict[str, str]:
    """The emitted functions by name, with the quantity of each."""
    return {elementwise.name_of(subject, quantity): quantity for quantity in quantities}


def fused(subject: Subject) -> tuple[str, ...]:
    """The emitted function that gives loss and gradient together; an activation has none."""
    return () if isinstance(subject, Activation) else (FUSED,)


def told_apart(names: dict[str, str], got: list[list[np.ndarray]]) -> Iterator[tuple[str, str, np.ndarray]]:
    """Function, quantity and values; of the fused function only what is not the same bit for bit."""
    plain = [values.astype(np.float64) for values, *_ in got[: len(names)]]
    yield from ((function, names[function], values) for function, values in zip(names, plain, strict=True))
    for together in got[len(names) :]:
        for quantity, values, alone in zip(QUANTITIES, together, plain, strict=False):
            if not np.array_equal(values, alone, equal_nan=True):
                yield FUSED, quantity, values.astype(np.float64)


def _of_vectors(subject: Subject, answer: Answer, dtype: str, wanted: Wanted) -> list[Line]:
    return [
        line
        for classes in CLASSES
        for quantity in quantities(subject)
        for line in _of_classes(subject, answer, dtype, wanted, classes, quantity)
    ]


def _of_classes(
    subject: Subject, answer: Answer, dtype: str, wanted: Wanted, classes: int, quantity: str
) -> list[Line]:
    """The lines of one quantity at rows of so many classes; none where it is a large matrix."""
    matrix = quantity == quantities(subject)[-1]
    if matrix and classes >= _MANY:
        return []
    chosen = _rows(subject, dtype, wanted, classes)[:: _MATRICES if matrix else 1]
    true = [certified(subject, quantity, row) for row in chosen if holds(subject, row, dtype)]
    if not true:
        return []
    part = None if matrix or isinstance(subject, Activation) else QUANTITIES.index(quantity)
    functions = [elementwise.name_of(subject, quantity), *([] if part is None else [FUSED])]
    given = [vectors.arguments(subject, t.row, dtype) for t in true]
    calls: list[Call] = [(name, *arguments) for name in functions for arguments in given]
    found = []
    for level in wanted.levels:
        got = [[np.ravel(v).astype(np.float64) for v in values] for values in answer(calls, level)]
        plain, together = [v for v, *_ in got[: len(given)]], [v[part or 0] for v in got[len(given) :]]
        every = {functions[0]: plain}
        if not all(map(_same, plain, together)):
            every[FUSED] = together
        for name, values in every.items():
            row = vectors.compare(values, subject, quantity, true, dtype, _look(wanted, classes, dtype))
            about = partial(Line, pair=subject.name, classes=classes, function=name, level=level.name)
            found.append(about(measured=row, bounds=allowed(subject, quantity, dtype)))
    return found


def _same(values: np.ndarray, others: np.ndarray) -> bool:
    return np.array_equal(values, others, equal_nan=True)


def _look(wanted: Wanted, classes: int, dtype: str) -> Look:
    """Which κ are asked for: they take milliseconds, and of many classes a tenth of a second."""
    most, of_row = (1000, 30) if classes < _MANY else (60, 4)
    loose = vectors.ROUNDED if dtype == DTYPES[1] else 1.0 if classes < _MANY else 2.0
    return Look(shown=wanted.shown, loose=loose, most=most, of_row=of_row)


def _rows(subject: Subject, dtype: str, wanted: Wanted, classes: int) -> list[Row]:
    """Rows of so many classes; where these are many, a few with hard targets and a few with soft ones."""
    if classes < _MANY:
        size = max(1, wanted.points // _COMPONENTS)
        return rows(subject, dtype, classes=(classes,), size=size, seed=wanted.seed)
    every = rows(subject, dtype, classes=(classes,), size=1, seed=wanted.seed)
    hard = [row for row in every if vectors.is_hard(subject, row)]
    soft = [row for row in every if not vectors.is_hard(subject, row)]
    turn = np.random.default_rng(wanted.seed)  # every so-manyth would meet the same targets again and again
    return [kind[n] for kind in (hard, soft) for n in turn.permutation(len(kind))[:_OF_MANY]]
