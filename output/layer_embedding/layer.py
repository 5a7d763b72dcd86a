"""Embedding: output and gradients in NumPy, for any sizes.

    y[n, d] = sum(o[n, v]*e[v, d] over v)

    e_bar[v, d] = sum(g[n, d]*o[n, v] over n)

Indices count from 1 in the formulas and from 0 in the arrays; g is the derivative
of a loss L by y, e_bar that by e.

o[n, v] stands for the tokens, one-hot: 1 where sample n is token v, else 0; no such
array is formed.

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

Source: Mikolov et al. 2013, arXiv:1301.3781.
"""

import math
import sys

import numpy as np


def value(e, o):
    """Return the output y, shape (..., D).

    Arguments as for forward.
    """
    return forward(e, o)[0]


def forward(e, o):
    """Return (y, saved): the output, and what backward needs.

    e: the table, one row for each token, shape (V, D).
    o: the tokens, integers in 0..V - 1, shape (...).
    The output is y, shape (..., D).
    """
    return _run({"e": e, "o": o})


def backward(g, saved):
    """Return the derivative of a loss by e.

    g: the derivative by the output y, in its shape.
    saved: from forward.
    """
    return _back(g, saved)[0]


def _forward(e, o):
    """The output, and what _backward needs."""
    V = e.shape[0]
    o = _tokens("o", o, V)
    y = e[o]
    return y, (o, V)


def _backward(g, o, V):
    """The slopes in inputs and weights."""
    e_bar = _scattered(g, o, V)
    return (e_bar,)


@np.errstate(all="ignore")
def _run(given, *others):
    """The output, and what _back needs: what _backward does, shapes and the dtype."""
    arrays, rows, dtype = _taken(given)
    found, kept = _forward(*arrays, *others)
    shape = (*rows, *np.shape(found)[1:])
    shapes = [np.shape(v) for v in given.values()][:1]
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
    dtype = _dtype(arrays[:1])
    arrays = [_fitted(name, v, sizes) for name, v in zip(given, arrays, strict=True)]
    work = [v.astype(_work(dtype), copy=False) for v in arrays[:1]]
    return [*work, *arrays[1:]], sizes.get("...", ()), dtype


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


def _tokens(name, tokens, count):
    """Tokens, after a check that they are whole numbers in 0..count - 1."""
    if tokens.dtype.kind not in "iu":
        raise TypeError(f"{name} must hold integers, not {tokens.dtype}")
    if tokens.size and (tokens.min() < 0 or tokens.max() >= count):
        raise ValueError(f"{name} must lie in 0..{count - 1}")
    return tokens.astype(np.intp)


_ROUNDS = 32


def _scattered(g, tokens, size):
    """For each token the sum of the rows of g where it stands."""
    found = np.zeros((size, g.shape[1]), g.dtype)
    order = np.argsort(tokens, kind="stable")
    ranked = tokens[order]
    first = np.flatnonzero(np.diff(ranked, prepend=-1))
    counts = np.diff(first, append=len(ranked))
    # Row k of all tokens at once; what stands more often, token by token.
    for k in range(min(_ROUNDS, counts.max(initial=0))):
        some = first[counts > k] + k
        found[ranked[some]] += g[order[some]]
    many = counts > _ROUNDS
    for start, count in zip(first[many], counts[many], strict=True):
        rows = order[start + _ROUNDS : start + count]
        found[ranked[start]] += g[rows].sum(0)
    return found


# The letters of the sizes of each array; ... stands for any axes.
_AXES = {
    "e": ("V", "D"),
    "o": ("...",),
}


_SIZES = (
    {"V": 1, "D": 1, "N": 1},
    {"V": 5, "D": 2, "N": 3},
    {"V": 2, "D": 7, "N": 2},
)


def _drawn(rng, V, D, N):
    """Random arrays of these sizes."""
    e = rng.normal(size=(V, D))
    o = rng.integers(V, size=N)
    return e, o


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
        slopes = (backward(g, saved),)
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
