"""How far emitted code is from the truth: counts of bad values, and the worst ulp/(1+κ)."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from derive.accuracy.kappa import is_hard, kappa, least_kappa, new_root
from derive.accuracy.tally import Errors, Look, Measured, Place, errors, overflows, tally, ulps
from derive.accuracy.truth import ORDER, Truth
from derive.model import Activation, Subject

__all__ = ["Measured", "compare", "computed", "function", "measure", "overflows", "ulps"]

Function = Callable[..., Any]


def name_of(subject: Subject, quantity: str) -> str:
    """The name of the emitted function of a quantity: loss (value for an activation alone), grad or hess."""
    first = "value" if isinstance(subject, Activation) else "loss"
    return {"loss": first, "gradient": "grad", "hessian": "hess"}[quantity]


def function(module: Mapping[str, Any], subject: Subject, quantity: str) -> Function:
    """The emitted function of a quantity."""
    return module[name_of(subject, quantity)]


def given(true: Truth, dtype: str) -> tuple[np.ndarray, ...]:
    """The points of a truth as the arguments of an emitted function."""
    z, y = true.z.astype(dtype), true.y.astype(dtype)
    return (z,) if isinstance(true.formula.subject, Activation) else (z, y)


def computed(
    module: Mapping[str, Any], true: Truth, quantity: str, dtype: str, keywords: Mapping[str, float]
) -> np.ndarray:
    """What the emitted function gives at the points of a truth, in that dtype, as float64."""
    run = function(module, true.formula.subject, quantity)
    with np.errstate(all="ignore"):  # warnings are another check's business
        return np.asarray(run(*given(true, dtype), **keywords)).astype(np.float64)


def measure(
    module: Mapping[str, Any], true: Truth, quantity: str, dtype: str, look: Look | None = None
) -> Measured:
    """The error of one quantity of an emitted module over all points but exact kinks."""
    return compare(
        computed(module, true, quantity, dtype, true.formula.keywords), true, quantity, dtype, look
    )


def compare(values: np.ndarray, true: Truth, quantity: str, dtype: str, look: Look | None = None) -> Measured:
    """The error of values (points,) of a quantity, whoever computed them, over all points but exact kinks."""
    smooth = np.flatnonzero(~np.isnan(true.hi[ORDER[quantity]]))
    found = errors_at(values, true, quantity, dtype, smooth)

    def place(n: int) -> Place:
        z, y = _point(true, int(smooth[n]))
        return Place(z=(z,), y=(y,), parameters=tuple(true.formula.keywords.items()))

    def kappa_of(n: int, enough: float) -> float:
        return kappa_at(true, quantity, int(smooth[n]), enough)

    return tally(quantity, dtype, found, kappa_of, place, look or Look())


def kappa_at(true: Truth, quantity: str, n: int, enough: float, full: bool = True) -> float:
    """κ at a point of a truth, or a bound from below that is enough; that bound alone if not in full.

    What was asked for is remembered with the truth.
    """
    key = quantity, n
    if key in true.kappas:
        return true.kappas[key]
    z, y = _point(true, n)
    roots = true.roots.setdefault((quantity, y), [])
    least = least_kappa(true.formula, quantity, z, y, roots, enough)
    if least >= enough or not full:
        return least
    true.kappas[key] = found = kappa(true.formula, quantity, z, y)
    roots += new_root(true.formula, quantity, z, y, found)
    return found


def errors_at(values: np.ndarray, true: Truth, quantity: str, dtype: str, at: np.ndarray) -> Errors:
    """The errors of a quantity at the points with these numbers."""
    order, hard = ORDER[quantity], is_hard(true.formula.subject, true.y[at])
    return errors(values[at], true.hi[order][at], true.lo[order][at], hard, dtype)


def _point(true: Truth, n: int) -> tuple[float, float]:
    return float(true.z[n]), float(true.y[n])
