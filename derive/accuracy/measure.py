"""How far emitted code is from the truth: counts of bad values, and the worst ulp/(1+κ)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from derive.accuracy.kappa import kappa
from derive.accuracy.truth import ORDER, Truth
from derive.model import Activation, Subject

Function = Callable[..., Any]

# κ is asked for at so many points at the most; by then a defect has shown itself a thousandfold.
_KAPPAS = 300


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One quantity in one dtype. `worst` and `median` are ulp/(1+κ) and plain ulp; `where` is (z, y)."""

    quantity: str
    dtype: str
    points: int
    bad: int
    missed: int
    spurious: int
    worst: float
    median: float
    where: tuple[float, float]


def function(module: Mapping[str, Any], subject: Subject, quantity: str) -> Function:
    """The emitted function of a quantity: loss (value for an activation alone), grad or hess."""
    first = "value" if isinstance(subject, Activation) else "loss"
    return module[{"loss": first, "gradient": "grad", "hessian": "hess"}[quantity]]


def computed(
    module: Mapping[str, Any], true: Truth, quantity: str, dtype: str, keywords: Mapping[str, float]
) -> np.ndarray:
    """What the emitted function gives at the points of a truth, in that dtype, as float64."""
    run = function(module, true.formula.subject, quantity)
    z, y = true.z.astype(dtype), true.y.astype(dtype)
    given = (z,) if isinstance(true.formula.subject, Activation) else (z, y)
    with np.errstate(all="ignore"):  # warnings are another check's business
        return np.asarray(run(*given, **keywords)).astype(np.float64)


def ulps(values: np.ndarray, hi: np.ndarray, lo: np.ndarray, dtype: str) -> np.ndarray:
    """Errors in units of the last place of the true value hi + lo.

    Where the truth is no normal number, anything up to the smallest normal one will do. Where it
    overflows, the error is 0 for the infinity of its sign and infinite for all else.
    """
    info = np.finfo(dtype)
    with np.errstate(all="ignore"):
        normal = np.abs(hi) >= info.tiny
        unit = np.spacing(np.maximum(np.abs(hi), info.tiny).astype(dtype)).astype(np.float64)
        error = np.abs((values - hi) - lo) / unit
        error = np.where(normal | (np.abs(values) > info.tiny), error, 0.0)
        error = np.where(overflows(hi, dtype), np.where(_same_infinity(values, hi), 0.0, np.inf), error)
    return np.where(np.isnan(error) & ~np.isnan(hi), np.inf, error)


def overflows(hi: np.ndarray, dtype: str) -> np.ndarray:
    """Where a true value rounds to an infinity of the dtype."""
    with np.errstate(over="ignore"):
        return np.isinf(hi.astype(dtype))


def _same_infinity(values: np.ndarray, hi: np.ndarray) -> np.ndarray:
    return np.isinf(values) & (np.signbit(values) == np.signbit(hi))


def measure(module: Mapping[str, Any], true: Truth, quantity: str, dtype: str) -> Measured:
    """The error of one quantity over all points but exact kinks."""
    order, info = ORDER[quantity], np.finfo(dtype)
    hi, lo = true.hi[order], true.lo[order]
    values = computed(module, true, quantity, dtype, true.formula.keywords)
    error = ulps(values, hi, lo, dtype)
    huge, smooth = overflows(hi, dtype), ~np.isnan(hi)
    bad = smooth & ~huge & ~np.isfinite(values)
    missed = smooth & huge & ~_same_infinity(values, hi)
    zeros = smooth & ~huge & (values == 0) & (np.abs(hi) >= info.tiny)
    counted = np.where(smooth & ~bad & ~missed, error, 0.0)
    worst, where, spurious = _worst(true, quantity, counted, zeros)
    if bad.any() or missed.any():
        where = int(np.argmax(bad | missed))
    return Measured(
        quantity=quantity,
        dtype=dtype,
        points=int(smooth.sum()),
        bad=int(bad.sum()),
        missed=int(missed.sum()),
        spurious=spurious,
        worst=worst,
        median=float(np.median(error[smooth])) if smooth.any() else 0.0,
        where=(float(true.z[where]), float(true.y[where])),
    )


def _worst(true: Truth, quantity: str, error: np.ndarray, zeros: np.ndarray) -> tuple[float, int, int]:
    """The largest ulp/(1+κ), its point, and how many zeros have κ < 1; κ only where it can matter."""
    worst, where, spurious = 0.0, int(np.argmax(error)), 0
    for n in np.argsort(-error, kind="stable")[:_KAPPAS]:
        if error[n] <= worst and not zeros[n]:
            break
        k = kappa(true.formula, quantity, float(true.z[n]), float(true.y[n]))
        spurious += bool(zeros[n] and k < 1)
        if error[n] / (1 + k) > worst:
            worst, where = float(error[n] / (1 + k)), int(n)
    return worst, where, spurious
