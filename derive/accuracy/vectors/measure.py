"""How far emitted code is from the truth: wrong kinds of values, and the worst ulp/(1+κ)."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from derive.accuracy.measure import function
from derive.accuracy.tally import Look, Measured, Place, errors, tally
from derive.accuracy.vectors.kappa import kappa
from derive.accuracy.vectors.rows import Row, hard_targets, target_shape
from derive.accuracy.vectors.truth import Certified
from derive.model import Subject

LOOSE = 4.0  # ulp up to which no κ is asked for
ROUNDED = 0.6  # the same of a result that is rounded once, and may be off by 1


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One function over many rows: how many components are wrong in kind, and the worst ulp/(1+κ)."""

    points: int
    bad: int
    missed: int
    spurious: int
    worst: float
    where: Row


def measure(
    module: Mapping[str, Any],
    subject: Subject,
    quantity: str,
    true: Sequence[Certified],
    dtype: str,
    loose: float = LOOSE,
) -> Measured:
    """The error of one quantity over all components of all rows, of which there is at least one.

    Errors up to `loose` ulp count as they are: κ could only make them smaller.
    """
    values = [computed(module, subject, quantity, t.row, dtype) for t in true]
    loose = loose if dtype == "float64" else min(loose, ROUNDED)
    return compare(values, subject, quantity, true, dtype, Look(loose=loose))


def compare(
    values: Sequence[np.ndarray],
    subject: Subject,
    quantity: str,
    true: Sequence[Certified],
    dtype: str,
    look: Look,
) -> Measured:
    """The error of the values of a quantity, one flat array a row, whoever computed them."""
    sizes = [len(t.hi) for t in true]
    owner, part = np.repeat(np.arange(len(true)), sizes), np.concatenate([np.arange(n) for n in sizes])
    hard = np.array([is_hard(subject, t.row) for t in true])[owner]
    hi, lo = np.concatenate([t.hi for t in true]), np.concatenate([t.lo for t in true])

    def kappa_at(n: int, enough: float) -> float:
        row = true[owner[n]]
        known = int(part[n]) in row.kappas
        return kappa(row, int(part[n])) if known or len(row.kappas) <= look.of_row else math.inf

    def place(n: int) -> Place:
        row = true[owner[n]].row
        x, y = tuple(row.x.tolist()), tuple(np.ravel(row.y).tolist())
        return Place(z=x, y=y, component=int(part[n]), parameters=row.parameters)

    found = errors(np.concatenate(values), hi, lo, hard, dtype)
    return tally(quantity, dtype, found, kappa_at, place, look)


def is_hard(subject: Subject, row: Row) -> bool:
    """Whether no target of a row is soft."""
    return bool(np.isin(row.y, (0, *hard_targets(subject))).all())


def computed(module: Mapping[str, Any], subject: Subject, quantity: str, row: Row, dtype: str) -> np.ndarray:
    """What the emitted function gives at a row in that dtype, flat, as float64."""
    given, keywords = arguments(subject, row, dtype)
    with np.errstate(all="ignore"):  # warnings are another check's business
        return np.asarray(function(module, subject, quantity)(*given, **keywords), dtype=np.float64).ravel()


def arguments(subject: Subject, row: Row, dtype: str) -> tuple[tuple[np.ndarray, ...], dict[str, Any]]:
    """A row as the arguments and keywords of an emitted function."""
    x = row.x.astype(dtype)
    keywords = {name: np.array(v) if isinstance(v, tuple) else v for name, v in row.parameters}
    return ((x,) if target_shape(subject) == "none" else (x, row.y)), keywords
