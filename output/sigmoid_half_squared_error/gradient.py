"""sigmoid + half_squared_error: value, gradient and second derivative in NumPy.

    a = 1/(1 + exp(-z))
    L = (a - y)**2/2
    dL/dz = (a - y)*a*(1 - a)
    d2L/dz2 = (a*(1 - a) + (a - y)*(1 - 2*a))*a*(1 - a)

The work is done in float64 and rounded once to the dtype of the result.

Source: Bishop, Pattern Recognition and Machine Learning (2006), eq. 4.59; Bishop,
Pattern Recognition and Machine Learning (2006), eq. 3.26.
"""

import math
import sys

import numpy as np


def loss(z, y):
    """Return the loss, elementwise.

    z: real numbers of any shape.
    y: targets in (-inf, inf), broadcast with z; ValueError outside.
    The result has z's dtype where that is float16, float32 or float64, else
        float64.
    Declared accuracy: 16 ulp * (1 + kappa) in float64, 1 in float32; kappa is the
        condition number near a root and in soft targets, 0 elsewhere.
    """
    return _apply(_loss, z, y)


def grad(z, y):
    """Return the derivative of the loss in z, elementwise.

    z: real numbers of any shape.
    y: targets in (-inf, inf), broadcast with z; ValueError outside.
    The result has z's dtype where that is float16, float32 or float64, else
        float64.
    Declared accuracy: 8 ulp * (1 + kappa) in float64, 1 in float32; kappa is the
        condition number near a root and in soft targets, 0 elsewhere.
    """
    return _apply(_grad, z, y)


def hess(z, y):
    """Return the second derivative of the loss in z, elementwise.

    z: real numbers of any shape.
    y: targets in (-inf, inf), broadcast with z; ValueError outside.
    The result has z's dtype where that is float16, float32 or float64, else
        float64.
    Declared accuracy: 16 ulp * (1 + kappa) in float64, 1 in float32; kappa is the
        condition number near a root and in soft targets, 0 elsewhere.
    """
    return _apply(_hess, z, y)


def loss_and_grad(z, y, *, out=None):
    """Return (loss, grad), made together; out, a tuple of two arrays, receives them.

    Arguments and results as for loss and grad, bit for bit. The work is done block
    by block: beside the results it needs little memory, whatever the size.
    """
    parameters = ()
    z, y = _real(z), _real(y)
    value, slope = _results(out, z, y)
    work = np.empty((3, min(value.size, _BLOCK)))
    with np.errstate(all="ignore"):
        for block in _blocks(z, y, value, slope):
            _block(*block, work[:, : block[0].size], *parameters)
    return (value[()], slope[()]) if out is None else _filled(out, (value, slope))


def _loss(z, y):
    t = np.exp(-np.abs(z) / 2)
    em = np.expm1(-np.abs(z))
    u = _step(z)
    r = (t * t * (0.5 - y) - 0.5 * em * (u - y)) / (0.5 * t * t + 0.5)
    return 0.5 * r * r


def _grad(z, y):
    t = np.exp(-np.abs(z) / 2)
    em = np.expm1(-np.abs(z))
    u = _step(z)
    r = (t * t * (0.5 - y) - 0.5 * em * (u - y)) / (0.5 * t * t + 0.5)
    q = _root_logistic(z)
    return q * r * q


def _hess(z, y):
    t = np.exp(-np.abs(z))
    u = _step(z)
    r = (t * (0.5 - y) - 0.5 * (t - 1) * (u - y)) / (0.5 * t + 0.5)
    q = _root_logistic(z)
    return _logistic(z) ** 2 - q * r * np.tanh(0.5 * z) * q


def _logistic(x):
    """The slope of the sigmoid, exp(-x) / (1 + exp(-x))**2."""
    t = np.exp(-np.abs(x))
    return t / ((1.0 + t) * (1.0 + t))


def _root_logistic(x):
    """The square root of _logistic(x): normal where that is subnormal."""
    t = np.exp(-np.abs(x) / 2)
    return t / (1.0 + t * t)


def _step(x):
    """1 where x >= 0, 0 elsewhere."""
    return (x >= 0) * 1.0


_BLOCK = 2**14  # elements worked on at a time, which stay in the processor's cache


def _blocks(z, y, value, slope):
    """Yield flat blocks of the arguments and of the results, in float64."""
    arrays = z, y, value, slope
    if z.shape == y.shape and all([_is_plain(v) for v in arrays]):
        arrays = [v.reshape(-1) for v in arrays]
        if 0 < value.size <= _BLOCK:
            yield arrays
            return
        for start in range(0, value.size, _BLOCK):
            yield [v[start : start + _BLOCK] for v in arrays]
    elif value.size:
        yield from np.nditer(
            arrays,
            ["external_loop", "buffered"],
            [["readonly"], ["readonly"], ["writeonly"], ["writeonly"]],
            [np.float64] * 4,
            casting="same_kind",
            buffersize=_BLOCK,
        )


def _is_plain(v):
    """Whether an array holds float64 numbers, one after the other."""
    return v.dtype == np.float64 and v.flags.c_contiguous


def _block(z, y, value, slope, work):
    """Fill a block; infinite and missing numbers are left to what loss and grad do."""
    if math.isfinite(z.sum()) and math.isfinite(y.sum()):
        _fused(z, y, value, slope, work)
    else:
        value[...] = _apply(_loss, z, y)
        slope[...] = _apply(_grad, z, y)


def _fused(z, y, value, slope, work):
    """Fill a block: the steps of _loss and _grad, those in common done once."""
    t1, t2, t3 = work
    np.abs(z, out=value)
    np.multiply(value, -0.5, out=slope)
    np.exp(slope, out=slope)
    np.multiply(slope, slope, out=t1)
    np.subtract(0.5, y, out=t2)
    np.multiply(t1, t2, out=t2)
    np.negative(value, out=value)
    np.expm1(value, out=value)
    np.multiply(0.5, value, out=value)
    np.greater_equal(z, 0.0, out=t3)
    np.subtract(t3, y, out=t3)
    np.multiply(value, t3, out=value)
    np.subtract(t2, value, out=value)
    np.multiply(0.5, slope, out=t2)
    np.multiply(slope, t2, out=t2)
    np.add(0.5, t2, out=t2)
    np.divide(value, t2, out=t2)
    np.multiply(0.5, t2, out=value)
    np.multiply(t2, value, out=value)
    np.add(1.0, t1, out=t1)
    np.divide(slope, t1, out=slope)
    np.multiply(t2, slope, out=t1)
    np.multiply(slope, t1, out=slope)


def _results(out, z, y):
    """Return two new arrays, or those of out after a check that they fit."""
    same = z.shape == y.shape
    shape = z.shape if same else np.broadcast_shapes(z.shape, y.shape)
    dtype = _dtype(z)
    if out is None:
        return np.empty(shape, dtype), np.empty(shape, dtype)
    if not isinstance(out, (tuple, list)) or len(out) != 2:
        raise ValueError("out must be a tuple of two arrays")
    for array in out:
        given = getattr(array, "shape", None), getattr(array, "dtype", None)
        if given != (shape, dtype):
            raise ValueError(f"out needs shape {shape} and {dtype} arrays")
    if np.shares_memory(*out):
        raise ValueError("the arrays of out must not overlap")
    if any(np.may_share_memory(v, w) for v in out for w in (z, y)):
        return np.empty(shape, dtype), np.empty(shape, dtype)
    return out


def _filled(out, values):
    """Return out, which holds the values already where it could be worked in."""
    for array, value in zip(out, values, strict=True):
        if array is not value:
            array[...] = value
    return out


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
    """Return the limit at infinite z: infinite if it grows far out.

    If it falls, it is what the function gives at infinity, and 0 where that is none.
    """
    far, near = 2.0**1022, 2.0**894
    there = function(z, *others)
    value = function(np.clip(z, -far, far), *others)
    nearer = function(np.clip(z, -near, near), *others)
    grows = np.abs(value) > 1.01 * np.abs(nearer)
    falls = np.abs(nearer) > 1.01 * np.abs(value)
    value = np.where(falls, np.where(np.isfinite(there), there, 0.0), value)
    return np.where(grows, np.copysign(np.inf, value), value)


def _float64(z):
    """Return z as float64, and the dtype of the result."""
    z = _real(z)
    return z.astype(np.float64), _dtype(z)


def _dtype(z):
    """Return the dtype of the result: that of z where it is a float, else float64."""
    dtype = z.dtype.newbyteorder("=")
    return dtype if dtype in (np.float16, np.float32) else np.dtype(np.float64)


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
    return 1 / (1 + np.exp(-z))


def _cost(a, y):
    """Return the loss as its source prints it, not stabilised."""
    return 0.5 * (a - y) ** 2


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
    if not np.isclose(_activation(-1.5), 0.18242552380635635, rtol=1e-12, atol=0):
        bad.append("known value of sigmoid")
    if not np.isclose(_cost(2.5, 0.75), 1.53125, rtol=1e-12, atol=0):
        bad.append("known value of half_squared_error")
    return bad


if __name__ == "__main__":
    failures = _self_check()
    if failures:
        sys.exit("FAILED: " + ", ".join(failures))
    print("passed: value and first derivative against the plain formula,")
    print("its differences and known values; the tails are not covered")
