"""Batch normalisation, in training: output and gradients in NumPy, for any sizes.

    mu[d] = sum(x[n, d] over n)/N
    c[n, d] = x[n, d] - mu[d]
    v[d] = sum(c[n, d]**2 over n)/N
    r[d] = 1/sqrt(v[d] + epsilon)
    u[n, d] = c[n, d]*r[d]
    y[n, d] = gamma[d]*u[n, d] + beta[d]

    gamma_bar[d] = sum(g[n, d]*u[n, d] over n)
    beta_bar[d] = sum(g[n, d] over n)
    u_bar[n, d] = g[n, d]*gamma[d]
    s[d] = sum(u_bar[m, d] over m)/N
    t[d] = sum(u_bar[m, d]*u[m, d] over m)/N
    x_bar[n, d] = r[d]*(u_bar[n, d] - s[d] - u[n, d]*t[d])

Indices count from 1 in the formulas and from 0 in the arrays; g is the derivative
of a loss L by y, x_bar that by x.

mu is kept within the entries that it is the mean of: where these are equal, they
are centred to exactly 0, however small epsilon is; below 1e-38, though, it is none
beside float32.

Rows may have any number of axes in front, (...); they are taken as one and given
back.

Results have the dtype of the arrays, the widest of them, where all are float16,
float32 or float64, else float64; the work is done in it, for float16 in float32.
Arguments are not changed; what forward keeps may be the arguments themselves, so
they must stay as they are until backward has run.

Squares overflow: inputs beyond 1e150 in float64, or 1e18 in float32, are not
served.

Accuracy: output and gradients are within 8 ulp * (1 + kappa) of the largest
component of each array, in float64 and float32, as measured at sizes up to 7; kappa
says how far that moves, in ulp, where inputs, or the terms that a gradient is the
sum of, move by one.

Conventions: mean and variance are those of the batch; running averages are no part
of this.

Source: Ioffe and Szegedy 2015, arXiv:1502.03167.
"""

import math
import sys

import numpy as np


def value(x, gamma, beta, *, epsilon=1e-05):
    """Return the output y, shape (..., D).

    Arguments as for forward.
    """
    return forward(x, gamma, beta, epsilon=epsilon)[0]


def forward(x, gamma, beta, *, epsilon=1e-05):
    """Return (y, saved): the output, and what backward needs.

    x: the inputs, one row for each sample, shape (..., D).
    gamma: the gain, shape (D,).
    beta: the shift, shape (D,).
    epsilon: a number in (0, inf).
    The output is y, shape (..., D).
    """
    return _run({"x": x, "gamma": gamma, "beta": beta}, _epsilon(epsilon))


def backward(g, saved):
    """Return the derivatives of a loss by x, gamma and beta.

    g: the derivative by the output y, in its shape.
    saved: from forward.
    """
    return _back(g, saved)


def _forward(x, gamma, beta, epsilon):
    """The output, and what _backward needs."""
    N = x.shape[0]
    mu = _mean(x, 0)
    c = x - mu
    v = np.einsum("nd,nd->d", c, c) / N
    r = 1 / np.sqrt(v + epsilon)
    u = c * r
    y = u * gamma
    y += beta
    return y, (gamma, r, u)


def _backward(g, gamma, r, u):
    """The slopes in inputs and weights."""
    N = g.shape[0]
    gamma_bar = np.einsum("nd,nd->d", g, u)
    beta_bar = g.sum(0)
    u_bar = g * gamma
    s = u_bar.sum(0) / N
    t = np.einsum("md,md->d", u, u_bar) / N
    x_bar = u_bar - s
    x_bar -= u * t
    x_bar *= r
    return x_bar, gamma_bar, beta_bar


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


def _epsilon(epsilon):
    """The parameter as a float, after a check of its domain."""
    number = isinstance(epsilon, (int, float, np.number))
    if type(epsilon) is bool or not (number and 0 < epsilon < np.inf):
        wanted = f"must lie in (0, inf), not {epsilon}"
        raise ValueError(f"epsilon {wanted}")
    return float(epsilon)


def _mean(x, axis):
    """The mean along an axis, within its entries: exact where these are equal."""
    low, high = x.min(axis, initial=np.inf), x.max(axis, initial=-np.inf)
    return np.clip(x.sum(axis) / x.shape[axis], low, high)


# The letters of the sizes of each array; ... stands for any axes.
_AXES = {
    "x": ("...", "D"),
    "gamma": ("D",),
    "beta": ("D",),
}


_SIZES = (
    {"N": 1, "D": 1},
    {"N": 3, "D": 2},
    {"N": 2, "D": 7},
)


def _drawn(rng, N, D):
    """Random arrays of these sizes."""
    x = rng.normal(size=(N, D))
    gamma = rng.normal(size=(D,))
    beta = rng.normal(size=(D,))
    return x, gamma, beta


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
