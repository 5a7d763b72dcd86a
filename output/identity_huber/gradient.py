"""identity + huber: value, gradient and second derivative in NumPy.

    a = z
    L = { (a - y)**2/2 if |a - y| < delta; delta*(|a - y| - delta/2) if |a - y| >=
        delta }
    dL/dz = { a - y if |a - y| < delta; delta*sign(a - y) if |a - y| >= delta }
    d2L/dz2 = { 1 if |a - y| < delta; 0 if |a - y| >= delta }

Conventions: at a - y - delta = 0 the second derivative of huber is 0: its one-sided
limit of smaller magnitude; at a + delta - y = 0 the second derivative of huber is
0: its one-sided limit of smaller magnitude.

The work is done in float64 and rounded once to the dtype of the result.

Source: Bishop, Pattern Recognition and Machine Learning (2006), section 4.3.6;
Huber, Robust estimation of a location parameter (1964).
"""

import sys

import numpy as np


def loss(z, y, *, delta=1.0):
    """Return the loss, elementwise.

    z: real numbers of any shape.
    y: targets in (-inf, inf), broadcast with z; ValueError outside.
    delta: a number in (0, inf).
    The result has z's dtype where that is float16, float32 or float64, else
        float64.
    Declared accuracy: 64 ulp * (1 + kappa) in float64; kappa is the condition
        number near a root and in a soft target, 0 elsewhere.
    """
    return _apply(_loss, z, y, _delta(delta))


def grad(z, y, *, delta=1.0):
    """Return the derivative of the loss in z, elementwise.

    z: real numbers of any shape.
    y: targets in (-inf, inf), broadcast with z; ValueError outside.
    delta: a number in (0, inf).
    The result has z's dtype where that is float16, float32 or float64, else
        float64.
    Declared accuracy: 64 ulp * (1 + kappa) in float64; kappa is the condition
        number near a root and in a soft target, 0 elsewhere.
    """
    return _apply(_grad, z, y, _delta(delta))


def hess(z, y, *, delta=1.0):
    """Return the second derivative of the loss in z, elementwise.

    z: real numbers of any shape.
    y: targets in (-inf, inf), broadcast with z; ValueError outside.
    delta: a number in (0, inf).
    The result has z's dtype where that is float16, float32 or float64, else
        float64.
    Declared accuracy: 64 ulp * (1 + kappa) in float64; kappa is the condition
        number near a root and in a soft target, 0 elsewhere.
    """
    return _apply(_hess, z, y, _delta(delta))


def loss_and_grad(z, y, *, out=None, delta=1.0):
    """Return (loss, grad); out, a tuple of two arrays, receives them where given."""
    value = loss(z, y, delta=delta)
    slope = grad(z, y, delta=delta)
    if out is None:
        return value, slope
    np.copyto(out[0], value)
    np.copyto(out[1], slope)
    return out


def _loss(z, y, delta):
    r = z - y
    d = np.abs(r)
    return np.where(d < delta, 0.5 * r * r, delta * (d - 0.5 * delta))


def _grad(z, y, delta):
    r = z - y
    return np.where(np.abs(r) < delta, r, delta * np.sign(r))


def _hess(z, y, delta):
    r = z - y
    return np.where(np.abs(r) < delta, 1, 0)


def _apply(function, z, y, *parameters):
    """Evaluate in float64 and round once; infinite z gives the limit, NaN gives NaN."""
    z, dtype = _float64(z)
    z, y = np.broadcast_arrays(z, _targets(y))
    with np.errstate(all="ignore"):
        value = function(z, y, *parameters)
        if np.isinf(z).any():
            largest = np.finfo(np.float64).max
            edge = function(np.clip(z, -largest, largest), y, *parameters)
            edge = np.where(np.abs(edge) > 1e150, np.copysign(np.inf, edge), edge)
            value = np.where(np.isinf(z) & ~np.isinf(value), edge, value)
        value = np.where(np.isnan(z) | np.isnan(y), np.nan, value)
        return value.astype(dtype)[()]


def _float64(z):
    """Return z as float64, and the dtype of the result."""
    z = np.asarray(z)
    if z.dtype.kind not in "fiub":
        raise TypeError(f"real numbers are needed, not {z.dtype}")
    dtype = z.dtype if z.dtype in (np.float16, np.float32) else np.float64
    return z.astype(np.float64), dtype


def _targets(y):
    """Return y as float64, after a check of its domain; NaN passes."""
    y = np.asarray(y, dtype=np.float64)
    if np.any(np.isinf(y)):
        raise ValueError("targets must lie in (-inf, inf)")
    return y


def _delta(delta):
    """Return the parameter as a float, after a check of its domain."""
    if not 0 < delta < np.inf:
        raise ValueError(f"delta must lie in (0, inf), not {delta}")
    return float(delta)


def _activation(z):
    """Return the activation as its source prints it, not stabilised."""
    return z


def _cost(a, y, delta):
    """Return the loss as its source prints it, not stabilised."""
    return np.where(
        np.abs(a - y) < delta, 0.5 * (a - y) ** 2, delta * (np.abs(a - y) - 0.5 * delta)
    )


def _formula(z, y, delta):
    """Return the loss, plainly."""
    return _cost(_activation(z), y, delta)


def _self_check():
    """Return what differs from _formula, its differences and known values."""
    z = np.linspace(-3.0, 3.0, 50) + 0.0117
    h = 1e-5
    bad = []
    for y in (-1.0, 0.0, 1.0, 0.25):
        value = _formula(z, y, 1.0)
        ahead, behind = _formula(z + h, y, 1.0), _formula(z - h, y, 1.0)
        slope = (ahead - behind) / (2 * h)
        size = 1 + np.abs(value) + np.abs(slope)
        if not np.all(np.abs(loss(z, y) - value) <= 1e-9 * size):
            bad.append(f"loss at y = {y}")
        if not np.all(np.abs(grad(z, y) - slope) <= 1e-6 * size):
            bad.append(f"gradient at y = {y}")
    if not np.isclose(_activation(-1.5), -1.5, rtol=1e-12, atol=0):
        bad.append("known value of identity")
    if not np.isclose(_cost(2.5, 0.75, 1.0), 1.25, rtol=1e-12, atol=0):
        bad.append("known value of huber")
    return bad


if __name__ == "__main__":
    failures = _self_check()
    if failures:
        sys.exit("FAILED: " + ", ".join(failures))
    print("passed: value and first derivative against the plain formula,")
    print("its differences and known values; the tails are not covered")
