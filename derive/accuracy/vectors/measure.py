"""How far emitted code is from the truth: wrong kinds of values, and the worst ulp/(1+κ)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from derive.accuracy.measure import function, overflows, ulps
from derive.accuracy.vectors.kappa import kappa
from derive.accuracy.vectors.rows import Row, target_shape
from derive.accuracy.vectors.truth import Certified
from derive.model import Subject

LOOSE = 4.0  # ulp up to which no κ is asked for
_KAPPAS, _OF_ROW = 300, 30  # nor for more components than these; by then a defect has shown itself


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One quantity over many rows: how many components are wrong in kind, and the worst ulp/(1+κ)."""

    points: int
    bad: int
    missed: int
    spurious: int
    worst: float
    where: Row


@dataclass(frozen=True, kw_only=True)
class _Errors:
    """The errors of one row in ulp, and where values are wrong in kind."""

    true: Certified
    ulp: np.ndarray
    bad: np.ndarray
    missed: np.ndarray
    zero: np.ndarray


def measure(
    module: Mapping[str, Any],
    subject: Subject,
    quantity: str,
    true: Sequence[Certified],
    dtype: str,
    loose: float = LOOSE,
) -> Outcome:
    """The error of one quantity over all components of all rows, of which there is at least one.

    Errors up to `loose` ulp count as they are: κ could only make them smaller.
    """
    found = [_errors(computed(module, subject, quantity, t.row, dtype), t, dtype) for t in true]
    worst, where, spurious = _worst(found, loose)
    wrong = next((f.true.row for f in found if f.bad.any() or f.missed.any()), None)
    return Outcome(
        points=sum(len(f.ulp) for f in found),
        bad=sum(int(f.bad.sum()) for f in found),
        missed=sum(int(f.missed.sum()) for f in found),
        spurious=spurious,
        worst=worst,
        where=where if wrong is None else wrong,
    )


def _errors(values: np.ndarray, true: Certified, dtype: str) -> _Errors:
    huge = overflows(true.hi, dtype)
    error = ulps(values, true.hi, true.lo, dtype)
    return _Errors(
        true=true,
        ulp=np.where(np.isfinite(error), error, 0.0),
        bad=~huge & ~np.isfinite(values),
        missed=huge & (values != np.copysign(np.inf, true.hi)),
        zero=~huge & (values == 0) & (np.abs(true.hi) >= np.finfo(dtype).tiny),
    )


def _worst(found: Sequence[_Errors], loose: float) -> tuple[float, Row, int]:
    """The largest ulp/(1+κ), its row, and how many zeros have κ < 1; κ only where it can matter."""
    sizes = [len(f.ulp) for f in found]
    owner, place = np.repeat(np.arange(len(found)), sizes), np.concatenate([np.arange(n) for n in sizes])
    error, zero = np.concatenate([f.ulp for f in found]), np.concatenate([f.zero for f in found])
    worst, where, spurious, asked = 0.0, found[0].true.row, 0, 0
    for n in np.argsort(-error, kind="stable"):
        if (error[n] <= worst and not zero[n]) or asked == _KAPPAS:
            break
        true = found[owner[n]].true
        if len(true.kappas) > _OF_ROW:
            continue
        k = kappa(true, int(place[n])) if error[n] > loose else 0.0
        asked += k < np.inf
        spurious += bool(zero[n] and k < 1)
        if error[n] / (1 + k) > worst:
            worst, where = float(error[n] / (1 + k)), true.row
    return worst, where, spurious


def computed(module: Mapping[str, Any], subject: Subject, quantity: str, row: Row, dtype: str) -> np.ndarray:
    """What the emitted function gives at a row in that dtype, flat, as float64."""
    x = row.x.astype(dtype)
    given = (x,) if target_shape(subject) == "none" else (x, row.y)
    keywords = {name: np.array(v) if isinstance(v, tuple) else v for name, v in row.parameters}
    with np.errstate(all="ignore"):  # warnings are another check's business
        return np.asarray(function(module, subject, quantity)(*given, **keywords), dtype=np.float64).ravel()
