"""identity + log_cosh: value, gradient and second derivative in NumPy.

    a = z
    L = log(cosh(a - y))
    dL/dz = tanh(a - y)
    d2L/dz2 = sech(a - y)**2

The work is done in float64 and rounded once to the dtype of the result.

Source: Bishop, Pattern Recognition and Machine Learning (2006), section 4.3.6;
Neuneier and Zimmermann, How to train neural networks (1998).
"""

import sys

import numpy as np


def loss(z, y):
    """Return the loss, elementwise.

    z: real numbers of any shape.
    y: targets in (-inf, inf), broadcast with z; ValueError outside.
    The result has z's dtype where that is float16, float32 or float64, else
        float64.
    Declared accuracy: 64 ulp * (1 + kappa) in float64; kappa is the condition
        number near a root and in a soft target, 0 elsewhere.
    """
    return _apply(_loss, z, y)


def grad(z, y):
    """Return the derivative of the loss in z, elementwise.

    z: real numbers of any shape.
    y: targets in (-inf, inf), broadcast with z; ValueError outside.
    The result has z's dtype where that is float16, float32 or float64, else
        float64.
    Declared accuracy: 64 ulp * (1 + kappa) in float64; kappa is the condition
        number near a root and in a soft target, 0 elsewhere.
    """
    return _apply(_grad, z, y)


def hess(z, y):
    """Return the second derivative of the loss in z, elementwise.

    z: real numbers of any shape.
    y: targets in (-inf, inf), broadcast with z; ValueError outside.
    The result has z's dtype where that is float16, float32 or float64, else
        float64.
    Declared accuracy: 64 ulp * (1 + kappa) in float64; kappa is the condition
        number near a root and in a soft target, 0 elsewhere.
    """
    return _apply(_hess, z, y)


def loss_and_grad(z, y, *, out=None):
    """Return (loss, grad); out, a tuple of two arrays, receives them where given."""
    value = loss(z, y)
    slope = grad(z, y)
    if out is None:
        return value, slope
    _fill(out, (value, slope))
    return out


def _fill(out, values):
    """Copy the values into a tuple of arrays of the same shapes and dtypes."""
    if not isinstance(out, (tuple, list)) or len(out) != len(values):
        raise ValueError("out must be a tuple of two arrays")
    for array, value in zip(out, values, strict=True):
        given = getattr(array, "shape", None), getattr(array, "dtype", None)
        if given != (value.shape, value.dtype):
            raise ValueError(f"out needs shape {value.shape} and {value.dtype} arrays")
    if np.shares_memory(*out):
        raise ValueError("the arrays of out must not overlap")
    for array, value in zip(out, values, strict=True):
        array[...] = value


def _loss(z, y):
    r = z - y
    return _log_cosh(r)


def _grad(z, y):
    r = z - y
    return np.tanh(r)


def _hess(z, y):
    return _sech2_between(z, y)


def _sech(x):
    """1 / cosh(x); its square is the slope of tanh."""
    t = np.exp(-np.abs(x))
    return 2.0 * t / (1.0 + t * t)


def _sech2(x):
    """1 / cosh(x)**2, the slope of tanh."""
    return _sech(x) * _sech(x)


def _log_cosh(x):
    """log(cosh(x))."""
    x = np.abs(x)
    near = np.log1p(2.0 * np.sinh(np.minimum(x, 1.0) / 2) ** 2)
    far = x + (np.log1p(np.exp(-2.0 * x)) - np.log(2.0))
    return np.where(x < 1.0, near, far)


def _difference(x, y):
    """x - y and its rounding error; none is known, or matters, where that is huge."""
    r = x - y
    v = x - r
    return r, np.where(np.abs(r) < 1e3, (x - (r + v)) + (v - y), 0.0)


def _sech2_between(x, y):
    """_sech2(x - y), the rounding of the difference made good."""
    r, low = _difference(x, y)
    return _sech2(r) * (1.0 - 2.0 * low * np.tanh(r))


def _apply(function, z, y, *parameters):
    """Evaluate in float64 and round once; infinite z gives the limit, NaN gives NaN."""
    with np.errstate(all="ignore"):
        z, dtype = _float64(z)
        z, y = np.broadcast_arrays(z, _targets(y))
        value = function(z, y, *parameters)
        if np.isinf(z).any():
            limit = _limit(function, z, y, *parameters)
            value = np.where(np.isinf(z) & ~np.isinf(value), limit, value)
        value = np.where(np.isnan(z) | np.isnan(y), np.nan, value)
        return value.astype(dtype)[()]


def _limit(function, z, *others):
    """Return the limit at infinite z: what comes far out, infinite where it grows."""
    far = np.finfo(np.float64).max
    value = function(np.clip(z, -far, far), *others)
    nearer = function(np.clip(z, -far / 4, far / 4), *others)
    grows = np.abs(value) > 2 * np.abs(nearer)
    return np.where(grows, np.copysign(np.inf, value), value)


def _float64(z):
    """Return z as float64, and the dtype of the result."""
    z = _real(z)
    dtype = z.dtype.newbyteorder("=")
    if dtype not in (np.float16, np.float32):
        dtype = np.float64
    return z.astype(np.float64), dtype


def _real(x):
    """Return x as an array, after a check that it holds real numbers."""
    x = np.asarray(x)
    if x.dtype.kind not in "fiub":
        raise TypeError(f"real numbers are needed, not {x.dtype}")
    return x


def _targets(y):
    """Return y as float64, after a check of its domain; NaN passes."""
    y = _real(y).astype(np.float64)
    if np.any(np.isinf(y)):
        raise ValueError("targets must lie in (-inf, inf)")
    return y


def _activation(z):
    """Return the activation as its source prints it, not stabilised."""
    return z


def _cost(a, y):
    """Return the loss as its source prints it, not stabilised."""
    return np.log(np.cosh(a - y))


def _formula(z, y):
    """Return the loss, plainly."""
    return _cost(_activation(z), y)


def _self_check():
    """Return what differs from _formula, its differences and known values."""
    z = np.linspace(-3.0, 3.0, 50) + 0.0117
    h = 1e-5
    bad = []
    for y in (-1.0, 0.0, 1.0, 0.25):
        value = _formula(z, y)
        ahead, behind = _formula(z + h, y), _formula(z - h, y)
        slope = (ahead - behind) / (2 * h)
        size = 1 + np.abs(value) + np.abs(slope)
        if not np.all(np.abs(loss(z, y) - value) <= 1e-9 * size):
            bad.append(f"loss at y = {y}")
        if not np.all(np.abs(grad(z, y) - slope) <= 1e-6 * size):
            bad.append(f"gradient at y = {y}")
    if not np.isclose(_activation(-1.5), -1.5, rtol=1e-12, atol=0):
        bad.append("known value of identity")
    if not np.isclose(_cost(2.5, 0.75), 1.086603237712675, rtol=1e-12, atol=0):
        bad.append("known value of log_cosh")
    return bad


if __name__ == "__main__":
    failures = _self_check()
    if failures:
        sys.exit("FAILED: " + ", ".join(failures))
    print("passed: value and first derivative against the plain formula,")
    print("its differences and known values; the tails are not covered")
