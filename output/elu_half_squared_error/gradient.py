"""elu + half_squared_error: value, gradient and second derivative in NumPy.

    a = { z if z > 0; alpha*(exp(z) - 1) if z <= 0 }
    L = (a - y)**2/2
    dL/dz = { a - y if z > 0; (a - y)*Min(1, alpha) if z = 0; (a - y)*(a + alpha) if
        z < 0 }
    d2L/dz2 = { 1 if z > 0; Min(1, alpha)**2 if z = 0; (2*a - y + alpha)*(a + alpha)
        if z < 0 }

Conventions: at z = 0 the slope of elu is Min(1, alpha): its one-sided limit of
smaller magnitude; at z = 0 the second derivative of elu is 0: its one-sided limit
of smaller magnitude; where a first derivative jumps, the Dirac part of the second
derivative is dropped.

The work is done in float64 and rounded once to the dtype of the result.

Source: Clevert, Unterthiner and Hochreiter 2015, arXiv:1511.07289; Bishop, Pattern
Recognition and Machine Learning (2006), eq. 3.26.
"""

import math
import sys

import numpy as np


def loss(z, y, *, alpha=1.0):
    """Return the loss, elementwise.

    z: real numbers of any shape.
    y: targets in (-inf, inf), broadcast with z; ValueError outside.
    alpha: a number in (0, inf).
    The result has z's dtype where that is float16, float32 or float64, else
        float64.
    Declared accuracy: 16 ulp * (1 + kappa) in float64, 1 in float32; kappa is the
        condition number near a root and in soft targets, 0 elsewhere.
    """
    return _apply(_loss, z, y, _alpha(alpha))


def grad(z, y, *, alpha=1.0):
    """Return the derivative of the loss in z, elementwise.

    z: real numbers of any shape.
    y: targets in (-inf, inf), broadcast with z; ValueError outside.
    alpha: a number in (0, inf).
    The result has z's dtype where that is float16, float32 or float64, else
        float64.
    Declared accuracy: 8 ulp * (1 + kappa) in float64, 1 in float32; kappa is the
        condition number near a root and in soft targets, 0 elsewhere.
    """
    return _apply(_grad, z, y, _alpha(alpha))


def hess(z, y, *, alpha=1.0):
    """Return the second derivative of the loss in z, elementwise.

    z: real numbers of any shape.
    y: targets in (-inf, inf), broadcast with z; ValueError outside.
    alpha: a number in (0, inf).
    The result has z's dtype where that is float16, float32 or float64, else
        float64.
    Declared accuracy: 16 ulp * (1 + kappa) in float64, 1 in float32; kappa is the
        condition number near a root and in soft targets, 0 elsewhere.
    """
    return _apply(_hess, z, y, _alpha(alpha))


def loss_and_grad(z, y, *, out=None, alpha=1.0):
    """Return (loss, grad), made together; out, a tuple of two arrays, receives them.

    Arguments and results as for loss and grad, bit for bit. The work is done block
    by block: beside the results it needs little memory, whatever the size.
    """
    parameters = (_alpha(alpha),)
    z, y = _real(z), _real(y)
    value, slope = _results(out, z, y)
    work = np.empty((6, min(value.size, _BLOCK)))
    with np.errstate(all="ignore"):
        for block in _blocks(z, y, value, slope):
            _block(*block, work[:, : block[0].size], *parameters)
    return (value[()], slope[()]) if out is None else _filled(out, (value, slope))


def _loss(z, y, alpha):
    r = z - y
    q = np.exp(z / 2)
    r2 = np.where(z < -0.7, q * alpha * q - (alpha + y), alpha * np.expm1(z) - y)
    return np.where(z > 0, 0.5 * r * r, 0.5 * r2 * r2)


def _grad(z, y, alpha):
    r = z - y
    q = np.exp(z / 2)
    r2 = np.where(z < -0.7, q * alpha * q - (alpha + y), alpha * np.expm1(z) - y)
    return np.where(z > 0, r, np.where(z == 0, -y * min(1, alpha), q * alpha * r2 * q))


def _hess(z, y, alpha):
    q = np.exp(z / 2)
    e = np.expm1(z)
    r = np.where(
        np.abs(z) < 0.5,
        (alpha - y) + 2 * alpha * e,
        np.where(
            z < -0.7, q * alpha * q * 2 - (alpha + y), alpha * e + q * alpha * q - y
        ),
    )
    return np.where(z > 0, 1, np.where(z == 0, min(1, alpha) ** 2, q * alpha * r * q))


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


def _block(z, y, value, slope, work, alpha):
    """Fill a block; infinite and missing numbers are left to what loss and grad do."""
    if math.isfinite(z.sum()) and math.isfinite(y.sum()):
        _fused(z, y, value, slope, work, alpha)
    else:
        value[...] = _apply(_loss, z, y, alpha)
        slope[...] = _apply(_grad, z, y, alpha)


def _fused(z, y, value, slope, work, alpha):
    """Fill a block: the steps of _loss and _grad, those in common done once."""
    t1, t2, t3, t4, m1, m2 = work
    m1 = m1.view(bool)[: m1.size]
    m2 = m2.view(bool)[: m2.size]
    c1 = np.minimum(alpha, 1.0)
    np.greater(z, 0.0, out=m1)
    np.subtract(z, y, out=slope)
    np.multiply(slope, 0.5, out=value)
    np.multiply(slope, value, out=value)
    np.less(z, -0.7, out=m2)
    np.multiply(z, 0.5, out=t1)
    np.exp(t1, out=t1)
    np.multiply(alpha, t1, out=t2)
    np.multiply(t1, t2, out=t3)
    np.add(y, alpha, out=t4)
    np.subtract(t3, t4, out=t3)
    np.expm1(z, out=t4)
    np.multiply(alpha, t4, out=t4)
    np.subtract(t4, y, out=t4)
    np.copyto(t3, t4, where=~m2)
    np.multiply(0.5, t3, out=t4)
    np.multiply(t3, t4, out=t4)
    np.copyto(value, t4, where=~m1)
    np.equal(z, 0.0, out=m2)
    np.multiply(y, c1, out=t4)
    np.negative(t4, out=t4)
    np.multiply(t2, t3, out=t2)
    np.multiply(t1, t2, out=t1)
    np.copyto(t1, t4, where=m2)
    np.copyto(slope, t1, where=~m1)


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


def _alpha(alpha):
    """Return the parameter as a float, after a check of its domain."""
    number = isinstance(alpha, (int, float, np.number))
    if not (number and 0 < alpha < np.inf):
        raise ValueError(f"alpha must lie in (0, inf), not {alpha}")
    return float(alpha)


def _activation(z, alpha):
    """Return the activation as its source prints it, not stabilised."""
    return np.where(z > 0, z, alpha * (np.exp(z) - 1))


def _cost(a, y):
    """Return the loss as its source prints it, not stabilised."""
    return 0.5 * (a - y) ** 2


def _formula(z, y, alpha):
    """Return the loss, plainly."""
    return _cost(_activation(z, alpha), y)


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
    if not np.isclose(_activation(-1.5, 1.0), -0.7768698398515702, rtol=1e-12, atol=0):
        bad.append("known value of elu")
    if not np.isclose(_cost(2.5, 0.75), 1.53125, rtol=1e-12, atol=0):
        bad.append("known value of half_squared_error")
    return bad


if __name__ == "__main__":
    failures = _self_check()
    if failures:
        sys.exit("FAILED: " + ", ".join(failures))
    print("passed: value and first derivative against the plain formula,")
    print("its differences and known values; the tails are not covered")
