"""Convolution in one dimension: output and gradients in NumPy, for any sizes.

    a[n, c, t, s] = sum(omega[t, s, u]*x[n, c, u] over u)
    z[n, k, t] = sum(w[k, c, s]*a[n, c, t, s] over s, c) + b[k]

    w_bar[k, c, s] = sum(g[n, k, t]*a[n, c, t, s] over t, n)
    b_bar[k] = sum(g[n, k, t] over t, n)
    a_bar[n, c, t, s] = sum(g[n, k, t]*w[k, c, s] over k)
    x_bar[n, c, u] = sum(a_bar[n, c, t, s]*omega[t, s, u] over s, t)

Indices count from 1 in the formulas and from 0 in the arrays; g is the derivative
of a loss L by z, x_bar that by x.

omega[t, s, u] stands for the windows: 1 where tap s at place t meets place u, else
0; no such array is formed.

Rows may have any number of axes in front, (...); they are taken as one and given
back.

Results have the dtype of the arrays, the widest of them, where all are float16,
float32 or float64, else float64; the work is done in it, for float16 in float32.
Arguments are not changed; what forward keeps may be the arguments themselves, so
they must stay as they are until backward has run.

Accuracy: output and gradients are within 8 ulp * (1 + kappa) of the largest
component of each array, in float64 and float32, as measured at sizes up to 7; kappa
says how far that moves, in ulp, where inputs, or the terms that a gradient is the
sum of, move by one.

Source: LeCun et al. 1989, Neural Computation 1:541; without turning the kernel, as
PyTorch has it.
"""

import math
import sys

import numpy as np


def value(x, w, b, *, stride=1, padding=0, dilation=1):
    """Return the output z, shape (..., K, P).

    Arguments as for forward.
    """
    return forward(x, w, b, stride=stride, padding=padding, dilation=dilation)[0]


def forward(x, w, b, *, stride=1, padding=0, dilation=1):
    """Return (z, saved): the output, and what backward needs.

    x: the signal, shape (..., C, U).
    w: the kernel, shape (K, C, R).
    b: the biases, shape (K,).
    stride: places from one window to the next.
    padding: zeros at both ends of the signal.
    dilation: places from one tap to the next.
    The output is z, shape (..., K, P).
    """
    return _run(
        {"x": x, "w": w, "b": b},
        _whole("stride", stride, 1),
        _whole("padding", padding, 0),
        _whole("dilation", dilation, 1),
    )


def backward(g, saved):
    """Return the derivatives of a loss by x, w and b.

    g: the derivative by the output z, in its shape.
    saved: from forward.
    """
    return _back(g, saved)


def _forward(x, w, b, stride, padding, dilation):
    """The output, and what _backward needs."""
    U = x.shape[2]
    R = w.shape[2]
    a = _windows(x, R, stride, padding, dilation)
    z = np.einsum("ncts,kcs->nkt", a, w, optimize=True)
    z += b[:, None]
    return z, (w, a, stride, padding, dilation, U)


def _backward(g, w, a, stride, padding, dilation, U):
    """The slopes in inputs and weights."""
    w_bar = np.einsum("nkt,ncts->kcs", g, a, optimize=True)
    b_bar = g.sum((0, 2))
    a_bar = np.einsum("nkt,kcs->ncts", g, w, optimize=True)
    x_bar = _overlapped(a_bar, U, stride, padding, dilation)
    return x_bar, w_bar, b_bar


@np.errstate(all="ignore")
def _run(given, *others):
    """The output, and what _back needs: what _backward does, shapes and the dtype."""
    arrays, rows, dtype = _taken(given)
    found, kept = _forward(*arrays, *others)
    shape = (*rows, *np.shape(found)[1:])
    shapes = [np.shape(v) for v in given.values()]
    return _shaped(found, shape, dtype), (kept, np.shape(found), shape, shapes, dtype)


@np.errstate(all="ignore")
def _back(g, saved):
    """The slopes in inputs and weights, in their order."""
    kept, inside, shape, shapes, dtype = saved
    g = _real("g", g)
    if g.shape != shape:
        raise ValueError(f"g has shape {g.shape}, but that of the output is {shape}")
    g = g.astype(_work(dtype), copy=False).reshape(inside)
    slopes = _backward(g, *kept)
    return tuple(_shaped(v, s, dtype) for v, s in zip(slopes, shapes, strict=True))


_FLOATS = tuple(np.dtype(name) for name in ("float16", "float32", "float64"))


def _real(name, v):
    """v as an array of real numbers."""
    try:
        v = np.asarray(v)
    except ValueError:
        raise ValueError(f"{name} has rows of several lengths") from None
    if v.dtype.kind not in "fiub":
        raise TypeError(f"{name} must hold real numbers, not {v.dtype}")
    return v


def _dtype(arrays):
    """The dtype of results: the widest of the arrays', float64 if one is no float."""
    dtype = np.result_type(*(v.dtype for v in arrays)).newbyteorder("=")
    return dtype if dtype in _FLOATS else np.dtype("float64")


def _work(dtype):
    """The dtype of the work."""
    return np.promote_types(dtype, np.float32)


def _taken(given):
    """The arrays as they are worked on, the axes in front, and the dtype of results."""
    arrays, sizes = [_real(name, v) for name, v in given.items()], {}
    dtype = _dtype(arrays)
    arrays = [_fitted(name, v, sizes) for name, v in zip(given, arrays, strict=True)]
    work = [v.astype(_work(dtype), copy=False) for v in arrays]
    return work, sizes.get("...", ()), dtype


def _fitted(name, v, sizes):
    """v with all its rows along one axis; ValueError where a size is another."""
    axes, shape = _AXES[name], v.shape
    if axes[:1] == ("...",):
        split = v.ndim - len(axes) + 1
        shape = (v.shape[:split], *v.shape[split:])
    if len(shape) != len(axes) or not _same(axes, shape, sizes):
        wanted = _needed(axes, sizes)
        raise ValueError(f"{name} has shape {v.shape}, but {wanted} is needed")
    return v if shape == v.shape else v.reshape(math.prod(shape[0]), *shape[1:])


def _same(axes, shape, sizes):
    """Whether sizes are those seen before; new ones are noted."""
    pairs = list(zip(axes, shape, strict=True))
    fit = all(sizes.get(axis, n) == n for axis, n in pairs)
    return fit and not sizes.update(pairs)


def _needed(axes, sizes):
    """The shape that fits, in letters where a size is free."""
    found = [sizes.get(axis, axis) for axis in axes]
    front = found[0] if isinstance(found[0], tuple) else found[:1]
    shape = tuple(map(str, (*front, *found[1:])))
    return f"({', '.join(shape)}{',' * (len(shape) == 1)})"


def _shaped(v, shape, dtype):
    """A result in the shape and the dtype that it is to have."""
    return np.asarray(v).reshape(shape).astype(dtype, copy=False)[()]


def _windows(x, taps, stride, padding, dilation):
    """What each tap meets at each place, shape (N, C, P, R): a view of the signal."""
    if taps == 0:
        raise ValueError("w has no taps")
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding)))
    reach = dilation * (taps - 1) + 1
    if reach > x.shape[-1]:
        met = f"too few for a kernel that reaches over {reach}"
        raise ValueError(f"x has {x.shape[-1]} places with its padding, {met}")
    every = np.lib.stride_tricks.sliding_window_view(x, reach, axis=-1)
    return every[:, :, ::stride, ::dilation]


def _overlapped(taps, places, stride, padding, dilation):
    """What was taken by taps, added where it was taken."""
    n, c, count, width = taps.shape
    found = np.zeros((n, c, places + 2 * padding), taps.dtype)
    for s in range(width):
        first = s * dilation
        found[:, :, first : first + stride * (count - 1) + 1 : stride] += taps[..., s]
    return found[:, :, padding : padding + places]


def _whole(name, number, least):
    """A keyword that counts, as an int."""
    whole = isinstance(number, (int, np.integer)) and not isinstance(number, bool)
    if not whole or number < least:
        raise ValueError(f"{name} must be an integer of at least {least}, not {number}")
    return int(number)


# The letters of the sizes of each array; ... stands for any axes.
_AXES = {
    "x": ("...", "C", "U"),
    "w": ("K", "C", "R"),
    "b": ("K",),
}


_SIZES = (
    {"N": 1, "C": 1, "U": 1, "K": 1, "R": 1},
    {"N": 3, "C": 2, "U": 6, "K": 4, "R": 3},
    {"N": 2, "C": 3, "U": 7, "K": 3, "R": 2},
)


def _drawn(rng, N, C, U, K, R):
    """Random arrays of these sizes."""
    x = rng.normal(size=(N, C, U))
    w = rng.normal(size=(K, C, R))
    b = rng.normal(size=(K,))
    return x, w, b


def _differences(given, g, t, place):
    """The rate of g * value along t in one array, by differences of fourth order."""
    rates = []
    for step in (1e-3, 2e-3):
        ahead, behind = ([*given], [*given])
        ahead[place], behind[place] = given[place] + step * t, given[place] - step * t
        rates.append(np.vdot(g, value(*ahead) - value(*behind)) / (2 * step))
    return (4 * rates[0] - rates[1]) / 3


def _self_check():
    """The largest error of backward against differences along random directions."""
    rng, worst = np.random.default_rng(0), 0.0
    for sizes in _SIZES:
        given = _drawn(rng, **sizes)
        found, saved = forward(*given)
        g = rng.normal(size=np.shape(found))
        slopes = backward(g, saved)
        for place, slope in enumerate(slopes):
            t = rng.normal(size=np.shape(given[place]))
            wanted = _differences(given, g, t, place)
            error = abs(np.vdot(slope, t) - wanted) / (1 + abs(wanted))
            worst = max(worst, float(error) if np.shape(slope) == t.shape else np.inf)
    return worst


_TOLERANCE = 1e-8  # of differences of fourth order with steps 1e-3 and 2e-3


if __name__ == "__main__":
    worst = _self_check()
    if not worst <= _TOLERANCE:
        sys.exit(f"FAILED: the largest error is {worst:.1e}")
    print(f"passed: largest error {worst:.1e} against differences along directions")
