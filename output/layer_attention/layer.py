"""Scaled dot-product attention: output and gradients in NumPy, for any sizes.

    s[i, j] = sum(q[i, d]*k[j, d] over d)/sqrt(D)
    p[i, j] = exp(s[i, j])/sum(exp(s[i, r]) over r)
    o[i, f] = sum(p[i, j]*v[j, f] over j)

    v_bar[j, f] = sum(g[i, f]*p[i, j] over i)
    p_bar[i, j] = sum(g[i, f]*v[j, f] over f)
    c[i] = sum(g[i, f]*o[i, f] over f)
    s_bar[i, j] = p[i, j]*(p_bar[i, j] - c[i])
    q_bar[i, d] = sum(s_bar[i, j]*k[j, d] over j)/sqrt(D)
    k_bar[j, d] = sum(s_bar[i, j]*q[i, d] over i)/sqrt(D)

Indices count from 1 in the formulas and from 0 in the arrays; g is the derivative
of a loss L by o, q_bar that by q.

Of the softmax the largest exponent of each row is taken out. A score that is masked
counts as -inf; where all are, the softmax is 0, and so are the gradients. What is
masked counts with the factor 0, which hides no NaN and no infinity: that of a value
is in the output, that of a key in gradients.

Scores above the largest float, 1.8e308 in float64 and 3.4e38 in float32, overflow,
and their rows are NaN; those of entries up to 1e150, or 1e18, do not.

All arrays may have axes in front, (...), which are broadcast; a gradient is summed
over those along which its array was repeated.

Results have the dtype of the arrays, the widest of them, where all are float16,
float32 or float64, else float64; the work is done in it, for float16 in float32.
Arguments are not changed; what forward keeps may be the arguments themselves, so
they must stay as they are until backward has run.

Accuracy: output and gradients are within 8 ulp * (1 + kappa) of the largest
component of each array, in float64 and float32, as measured at sizes up to 7; kappa
says how far that moves, in ulp, where inputs, or the terms that a gradient is the
sum of, move by one.

Source: Vaswani et al. 2017, arXiv:1706.03762; the row sums as in Dao et al. 2022,
arXiv:2205.14135.
"""

import sys

import numpy as np


def value(q, k, v, *, mask=None, scale=None):
    """Return the output o, shape (..., T, F).

    Arguments as for forward.
    """
    return forward(q, k, v, mask=mask, scale=scale)[0]


def forward(q, k, v, *, mask=None, scale=None):
    """Return (o, saved): the output, and what backward needs.

    q: the queries, shape (..., T, D).
    k: the keys, shape (..., S, D).
    v: the values, shape (..., S, F).
    mask: True where a query may look at a key, shape (..., T, S); one without any
        gives 0.
    scale: what the scores are multiplied by; 1/sqrt(D) where it is None.
    The output is o, shape (..., T, F).
    """
    return _run({"q": q, "k": k, "v": v}, mask, scale)


def backward(g, saved):
    """Return the derivatives of a loss by q, k and v.

    g: the derivative by the output o, in its shape.
    saved: from forward.
    """
    return _back(g, saved)


def _forward(q, k, v, mask, scale):
    """The output, and what _backward needs."""
    D = q.shape[-1]
    scale = _scale(scale, D)
    s = (scale * q) @ np.swapaxes(k, -1, -2)
    p = _softmax(s, mask)
    o = p @ v
    return o, (q, k, v, p, o, scale)


def _backward(g, q, k, v, p, o, scale):
    """The slopes in inputs and weights."""
    v_bar = np.swapaxes(p, -1, -2) @ g
    p_bar = g @ np.swapaxes(v, -1, -2)
    c = np.einsum("...if,...if->...i", g, o)
    s_bar = (p_bar - c[..., None]) * p
    q_bar = s_bar @ (scale * k)
    k_bar = np.swapaxes(s_bar, -1, -2) @ (scale * q)
    return q_bar, k_bar, v_bar


@np.errstate(all="ignore")
def _run(given, *others):
    """The output, and what _back needs: what _backward does, shapes and the dtype."""
    arrays, _, dtype = _taken(given)
    found, kept = _forward(*arrays, *others)
    shape = np.shape(found)
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
    """v as it is; ValueError where a size is another."""
    axes = _AXES[name][1:]
    lead, shape = v.shape[: v.ndim - len(axes)], v.shape[v.ndim - len(axes) :]
    if v.ndim < len(axes) or not _same(axes, shape, sizes):
        wanted = _needed(_AXES[name], sizes)
        raise ValueError(f"{name} has shape {v.shape}, but {wanted} is needed")
    sizes["..."] = _broadcast(name, lead, sizes.get("...", ()))
    return v


def _broadcast(name, lead, others):
    """The axes in front of all arrays together."""
    try:
        return np.broadcast_shapes(lead, others)
    except ValueError:
        both = f"{lead} in front, and arrays before it {others}"
        raise ValueError(f"{name} has {both}") from None


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
    """A result in its dtype, summed where one array met several."""
    v = np.asarray(v)
    v = v.sum(tuple(range(v.ndim - len(shape))))
    again = tuple(a for a, n in enumerate(shape) if n != v.shape[a])
    return (v.sum(again, keepdims=True) if again else v).astype(dtype, copy=False)


def _softmax(s, mask):
    """exp(s) / sum(exp(s)) along the last axis, over what the mask lets through."""
    none = False  # whether a row has no score
    if mask is not None:
        mask = _allowed(mask, s)
        s, none = np.where(mask, s, -np.inf), ~mask.any(-1, keepdims=True)
    p = s - np.where(none, 0, s.max(-1, keepdims=True, initial=-np.inf))
    np.exp(p, out=p)
    p /= np.where(none, 1, p.sum(-1, keepdims=True))
    return p


def _allowed(mask, s):
    """The mask, after a check that it holds True and False and fits the scores."""
    mask = np.atleast_1d(mask)
    if mask.dtype != bool:
        raise TypeError(f"mask must hold True and False, not {mask.dtype}")
    try:
        fits = np.broadcast_shapes(mask.shape, s.shape)[-2:] == s.shape[-2:]
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(f"mask has shape {mask.shape}, which does not fit {s.shape}")
    return mask


def _scale(scale, n):
    """The factor of the scores, 1/sqrt(n) where none is given."""
    if scale is None:
        return max(n, 1) ** -0.5
    number = isinstance(scale, (int, float, np.number)) and not isinstance(scale, bool)
    if not (number and np.isfinite(scale)):
        raise ValueError(f"scale must be a finite number, not {scale}")
    return float(scale)


# The letters of the sizes of each array; ... stands for any axes.
_AXES = {
    "q": ("...", "T", "D"),
    "k": ("...", "S", "D"),
    "v": ("...", "S", "F"),
}


_SIZES = (
    {"T": 1, "D": 1, "S": 1, "F": 1},
    {"T": 3, "D": 2, "S": 4, "F": 2},
    {"T": 1, "D": 7, "S": 7, "F": 3},
)


def _drawn(rng, T, D, S, F):
    """Random arrays of these sizes."""
    q = rng.normal(size=(T, D))
    k = rng.normal(size=(S, D))
    v = rng.normal(size=(S, F))
    return q, k, v


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
