"""gelu + half_squared_error: value, gradient and second derivative in NumPy.

    a = z*(1 + erf(z/sqrt(2)))/2
    L = (a - y)**2/2
    dL/dz = (a - y)*(Phi(z) + z*phi(z))
    d2L/dz2 = (Phi(z) + z*phi(z))**2 + (a - y)*phi(z)*(2 - z**2)

The work is done in float64 and rounded once to the dtype of the result.

Source: Hendrycks and Gimpel 2016, arXiv:1606.08415; Bishop, Pattern Recognition and
Machine Learning (2006), eq. 3.26.
"""

import math
import sys

import numpy as np
from scipy import special


def loss(z, y):
    """Return the loss, elementwise.

    z: real numbers of any shape.
    y: targets in (-inf, inf), broadcast with z; ValueError outside.
    The result has z's dtype where that is float16, float32 or float64, else
        float64.
    Declared accuracy: 32 ulp * (1 + kappa) in float64, 1 in float32; kappa is the
        condition number near a root and in soft targets, 0 elsewhere.
    """
    return _apply(_loss, z, y)


def grad(z, y):
    """Return the derivative of the loss in z, elementwise.

    z: real numbers of any shape.
    y: targets in (-inf, inf), broadcast with z; ValueError outside.
    The result has z's dtype where that is float16, float32 or float64, else
        float64.
    Declared accuracy: 32 ulp * (1 + kappa) in float64, 1 in float32; kappa is the
        condition number near a root and in soft targets, 0 elsewhere.
    """
    return _apply(_grad, z, y)


def hess(z, y):
    """Return the second derivative of the loss in z, elementwise.

    z: real numbers of any shape.
    y: targets in (-inf, inf), broadcast with z; ValueError outside.
    The result has z's dtype where that is float16, float32 or float64, else
        float64.
    Declared accuracy: 32 ulp * (1 + kappa) in float64, 1 in float32; kappa is the
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
    work = np.empty((6, min(value.size, _BLOCK)))
    with np.errstate(all="ignore"):
        for block in _blocks(z, y, value, slope):
            _block(*block, work[:, : block[0].size], *parameters)
    return (value[()], slope[()]) if out is None else _filled(out, (value, slope))


def _loss(z, y):
    q = _root_npdf(z)
    r = np.maximum(z, 0.0) - q * z * _lean(z) * q - y
    return 0.5 * r * r


def _grad(z, y):
    q = _root_npdf(z)
    h = _lean(z)
    r = np.maximum(z, 0.0) - q * z * h * q - y
    return q * r * (z - h) * q + r * _step(z)


def _hess(z, y):
    q = _root_npdf(z)
    h = _lean(z)
    r = np.maximum(z, 0.0) - q * z * h * q - y
    t = q * (z - h) * q + _step(z)
    return q * r * q * 2 + t**2 - q * z * z * r * q


def _root_gauss(x):
    """exp(-x**2 / 4); x is split so that no rounding of its square is amplified."""
    x = np.minimum(np.abs(x), 56.0)
    high = np.round(64.0 * x) / 64.0
    return np.exp(-high * high / 4) * np.exp(-(x - high) * (x + high) / 4)


def _npdf(x):
    """The standard normal density."""
    g = _root_gauss(x)
    return np.sqrt(0.5 / np.pi) * g * g


def _root_npdf(x):
    """The square root of _npdf(x): normal where that is subnormal."""
    return (0.5 / np.pi) ** 0.25 * _root_gauss(x)


def _mills(x):
    """_ndtr(-|x|) / _npdf(x), the ratio of Mills; beyond 56 the density is 0.

    A quotient of polynomials, equal to it at 20 points of [0, 56].
    """
    x = np.minimum(np.abs(x), 56.0)
    top, below = 0.9999999999997108, x + 25.887792302333683
    for c in (
        25.887792302411214,
        330.46087631061886,
        2683.3270691707557,
        15138.359685103283,
        61274.13505774318,
        177842.64621020763,
        358143.6664957059,
        458182.5111598695,
        289343.0090000222,
    ):
        top = top * x + c
    for c in (
        331.46087631982596,
        2709.214860828036,
        15466.820591426716,
        63905.685551545765,
        192330.10839055965,
        414309.57128229045,
        608985.7055638026,
        549778.2322100813,
        230862.31965736227,
    ):
        below = below * x + c
    return top / below


def _step(x):
    """1 where x >= 0, 0 elsewhere."""
    return (x >= 0) * 1.0


def _lean(x):
    """(_step(x) - _ndtr(x)) / _npdf(x): the ratio of Mills with the sign of x."""
    return (2.0 * (x >= 0) - 1.0) * _mills(x)


def _ndtr(x):
    """The standard normal distribution function."""
    return np.abs((x >= 0) - _npdf(x) * _mills(x))


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
    t1, t2, t3, t4, t5, t6 = work
    np.maximum(z, 0.0, out=value)
    np.abs(z, out=slope)
    np.minimum(slope, 56.0, out=slope)
    np.multiply(slope, 64.0, out=t1)
    np.rint(t1, out=t1)
    np.multiply(t1, 0.015625, out=t1)
    np.multiply(t1, t1, out=t2)
    np.multiply(t2, -0.25, out=t2)
    np.exp(t2, out=t2)
    np.subtract(slope, t1, out=t3)
    np.add(slope, t1, out=t1)
    np.multiply(t3, t1, out=t1)
    np.multiply(-0.25, t1, out=t1)
    np.exp(t1, out=t1)
    np.multiply(t2, t1, out=t1)
    np.multiply(t1, 0.6316187777460647, out=t1)
    np.multiply(z, t1, out=t2)
    np.greater_equal(z, 0.0, out=t3)
    np.multiply(t3, 2.0, out=t4)
    np.subtract(t4, 1.0, out=t4)
    np.multiply(slope, 0.9999999999997108, out=t5)
    np.add(t5, 25.887792302411214, out=t5)
    np.multiply(slope, t5, out=t5)
    np.add(t5, 330.46087631061886, out=t5)
    np.multiply(slope, t5, out=t5)
    np.add(t5, 2683.3270691707557, out=t5)
    np.multiply(slope, t5, out=t5)
    np.add(t5, 15138.359685103283, out=t5)
    np.multiply(slope, t5, out=t5)
    np.add(t5, 61274.13505774318, out=t5)
    np.multiply(slope, t5, out=t5)
    np.add(t5, 177842.64621020763, out=t5)
    np.multiply(slope, t5, out=t5)
    np.add(t5, 358143.6664957059, out=t5)
    np.multiply(slope, t5, out=t5)
    np.add(t5, 458182.5111598695, out=t5)
    np.multiply(slope, t5, out=t5)
    np.add(t5, 289343.0090000222, out=t5)
    np.add(slope, 25.887792302333683, out=t6)
    np.multiply(slope, t6, out=t6)
    np.add(t6, 331.46087631982596, out=t6)
    np.multiply(slope, t6, out=t6)
    np.add(t6, 2709.214860828036, out=t6)
    np.multiply(slope, t6, out=t6)
    np.add(t6, 15466.820591426716, out=t6)
    np.multiply(slope, t6, out=t6)
    np.add(t6, 63905.685551545765, out=t6)
    np.multiply(slope, t6, out=t6)
    np.add(t6, 192330.10839055965, out=t6)
    np.multiply(slope, t6, out=t6)
    np.add(t6, 414309.57128229045, out=t6)
    np.multiply(slope, t6, out=t6)
    np.add(t6, 608985.7055638026, out=t6)
    np.multiply(slope, t6, out=t6)
    np.add(t6, 549778.2322100813, out=t6)
    np.multiply(slope, t6, out=slope)
    np.add(slope, 230862.31965736227, out=slope)
    np.divide(t5, slope, out=slope)
    np.multiply(t4, slope, out=slope)
    np.multiply(t2, slope, out=t2)
    np.multiply(t1, t2, out=t2)
    np.subtract(value, t2, out=value)
    np.subtract(value, y, out=t2)
    np.multiply(t2, 0.5, out=value)
    np.multiply(t2, value, out=value)
    np.multiply(t1, t2, out=t4)
    np.subtract(z, slope, out=slope)
    np.multiply(t4, slope, out=slope)
    np.multiply(t1, slope, out=slope)
    np.multiply(t3, t2, out=t1)
    np.add(slope, t1, out=slope)


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
    return 0.5 * z * (special.erf(0.5 * z * np.sqrt(2)) + 1)


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
    if not np.isclose(_activation(-1.5), -0.10021080190328704, rtol=1e-12, atol=0):
        bad.append("known value of gelu")
    if not np.isclose(_cost(2.5, 0.75), 1.53125, rtol=1e-12, atol=0):
        bad.append("known value of half_squared_error")
    return bad


if __name__ == "__main__":
    failures = _self_check()
    if failures:
        sys.exit("FAILED: " + ", ".join(failures))
    print("passed: value and first derivative against the plain formula,")
    print("its differences and known values; the tails are not covered")
