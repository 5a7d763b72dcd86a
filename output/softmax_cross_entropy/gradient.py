"""Softmax and cross-entropy for vectors of K classes.

    p[j] = exp(z[j])/(sum over k of exp(z[k]))
    L = -(sum over k of y[k]*log(p[k]))
    dL/dz[j] = p[j]*(sum over k of y[k]) - y[j]
    d2L/dz[i]dz[j] = p[i]*(delta(i, j) - p[j])*(sum over k of y[k])

Components count from 1 in the formulas and from 0 in the arrays, whose last axis holds
the K classes; other axes are broadcast. Results have the dtype of z where that is
float16, float32 or float64, else float64; the work is done in float64.

A logit of -inf is a masked class: its probability is 0. One logit of +inf takes the
limit; several of them, -inf in all, or NaN give NaN in that row. A target above 0 at a
masked class costs +inf. Targets outside the simplex raise ValueError (their sum may
miss 1 by 8 * K * eps of their dtype); NaN in a target gives NaN in that row. kappa, in
the declared accuracy, is the condition number of the result in the soft targets: the
sum of |y[k] * (slope in y[k]) / result| over the k where 0 < y[k] < 1.

Reference for softmax: Bishop, Pattern Recognition and Machine Learning (2006), eq.
4.62.
Reference for cross-entropy: Bishop, Pattern Recognition and Machine Learning (2006),
eq. 4.108.
"""

import numpy as np

_FLOATS = tuple(np.dtype(name) for name in ("float16", "float32", "float64"))


def _real(x, name):
    """x as an array of real numbers."""
    x = np.asarray(x)
    if x.dtype.kind not in "fiub":
        raise TypeError(f"{name} must hold real numbers, not {x.dtype}")
    return x


def _array(x, name="z"):
    """x in float64 with a last axis of at least one class, and the dtype of results."""
    x = _real(x, name)
    if x.ndim == 0 or x.shape[-1] == 0:
        raise ValueError(f"{name} needs a last axis of at least one class")
    dtype = x.dtype if x.dtype in _FLOATS else np.dtype("float64")
    return x.astype(np.float64), dtype


def _weights(z):
    """exp(z - max z), which is 1 at the maximum, and where that is."""
    top = z.argmax(-1)[..., None]
    peak = np.take_along_axis(z, top, -1)
    gap = z - peak
    back = gap - z  # the rounding error of gap matters: exp amplifies it (TwoSum)
    error = (z - (gap - back)) - (peak + back)
    e = np.exp(gap)
    e += e * np.fmax(np.fmin(error, 1), -1)  # where error is large or NaN, e is 0
    # +inf - inf at the maximum is 0, but no limit exists where all logits are -inf.
    np.put_along_axis(e, top, np.where(peak > -np.inf, 1.0, np.nan), -1)
    return e, top


def _others(w, top):
    """The sum over k != j of w_k for every j, and that for the largest w_j."""
    largest, rest = np.take_along_axis(w, top, -1), w.copy()
    np.put_along_axis(rest, top, 0 * largest, -1)  # 0 * NaN is NaN
    rest = rest.sum(-1, keepdims=True)
    # Total minus w_j keeps its digits only where w_j is at most half of the total.
    others = (rest + largest) - w
    np.put_along_axis(others, top, rest, -1)
    return others, rest


def _targets(y, axes, classes):
    """Targets of shape (..., K) in float64; ValueError outside the domain."""
    y = _real(y, "y")
    if np.issubdtype(y.dtype, np.integer) and y.ndim < axes:
        if ((y < 0) | (y >= classes)).any():
            raise ValueError(f"class indices must lie in 0..{classes - 1}")
        return (np.arange(classes) == y[..., None]).astype(np.float64)
    if y.shape[-1:] != (classes,):
        raise ValueError(f"targets need a last axis of {classes} classes")
    eps = np.finfo(y.dtype if y.dtype in _FLOATS else np.float64).eps
    y = y.astype(np.float64)
    wanted = "targets must lie in the simplex"
    if (y < 0).any():
        raise ValueError(f"{wanted}: y_k >= 0, but the least is {np.nanmin(y)}")
    total, miss = y.sum(-1), 8 * classes * eps
    if (wrong := abs(total - 1) > miss).any():
        found = np.extract(wrong, total)[0]
        raise ValueError(f"{wanted}: sum(y) is {found}, not 1 within {miss:.1e}")
    return y


def _jacobian(e, top):
    """dp[i]/dz[j] = p[i]*(delta(i, j) - p[j]); on the diagonal 1 - p is a sum."""
    others, rest = _others(e, top)
    p = e / (1 + rest)
    whole = 0.0 - p[..., :, None] * p[..., None, :]
    each = np.arange(e.shape[-1])
    whole[..., each, each] = p * (others / (1 + rest))
    return whole


def _along(v, name, z):
    """v in float64, which has as many classes as z."""
    v, _ = _array(v, name)
    if v.shape[-1] != z.shape[-1]:
        wanted = f"(..., {z.shape[-1]}), as z of shape {z.shape}"
        raise ValueError(f"{name} needs the shape {wanted}, not {v.shape}")
    return v


def _spread(e, top, v):
    """The Jacobian of softmax times v: p * (v - sum(p * v))."""
    _, rest = _others(e, top)
    p = e / (1 + rest)
    # Only differences of v matter: v at the largest p is made 0, and halved, since
    # the distance of two floats may exceed the largest float.
    v, top = np.broadcast_arrays(v, top)
    v = v / 2 - np.take_along_axis(v, top[..., :1], -1) / 2
    return 2 * (p * (v - (p * v).sum(-1, keepdims=True)))


def _prepare(z, y):
    """Logits and targets in float64, and the dtype of results."""
    z, dtype = _array(z)
    return z, _targets(y, z.ndim, z.shape[-1]), dtype


def _loss(z, y, top, rest):
    # -log p_k = (max z - z_k) + log(1 + rest): two terms of one sign. Halved, since
    # the distance of two floats may exceed the largest float; inf * 0 counts as 0.
    distance = np.take_along_axis(z, top, -1) / 2 - z / 2
    np.put_along_axis(distance, top, 0.0, -1)
    apart = np.fmax(y * distance, 0).sum(-1)
    return 2 * apart + y.sum(-1) * np.log1p(rest[..., 0])


def _grad(e, y, others, rest):
    # p_j sum_k y_k - y_j = sum over k != j of (p_j y_k - p_k y_j)
    y_others, _ = _others(y, y.argmax(-1)[..., None])
    return (e * y_others - y * others) / (1 + rest)


@np.errstate(all="ignore")
def loss(z, y):
    """L = -(sum over k of y[k]*log(p[k])) with p = softmax(z), one value per row.

    z: logits, shape (..., K). y: one-hot or soft targets, shape (..., K);
    of an integer dtype and with fewer axes than z, class indices, shape (...).
    Returns shape (...).
    Accuracy: <= 64 ulp * (1 + kappa).
    """
    z, y, dtype = _prepare(z, y)
    e, top = _weights(z)
    _, rest = _others(e, top)
    return _loss(z, y, top, rest).astype(dtype)[()]


@np.errstate(all="ignore")
def grad(z, y):
    """dL/dz[j] = p[j]*(sum over k of y[k]) - y[j], shape (..., K).

    It is p - y where sum(y) is exactly 1. Arguments as for loss.
    Accuracy: <= 64 ulp * (1 + kappa).
    """
    z, y, dtype = _prepare(z, y)
    e, top = _weights(z)
    return _grad(e, y, *_others(e, top)).astype(dtype)


@np.errstate(all="ignore")
def loss_and_grad(z, y, *, out=None):
    """The pair (loss, grad), as accurate, with the work that both need done once.

    out: a tuple of two arrays that take the results and are returned; their
    shapes are those of the results, (...) and (..., K), else ValueError.
    """
    z, y, dtype = _prepare(z, y)
    e, top = _weights(z)
    others, rest = _others(e, top)
    pair = _loss(z, y, top, rest), _grad(e, y, others, rest)
    if out is None:
        return pair[0].astype(dtype)[()], pair[1].astype(dtype)
    given = tuple(map(np.shape, out)) if isinstance(out, tuple) else type(out).__name__
    needed = tuple(map(np.shape, pair))
    if given != needed or not all(isinstance(into, np.ndarray) for into in out):
        raise ValueError(f"out must be two arrays of shapes {needed}, not {given}")
    for into, value in zip(out, pair, strict=True):
        np.copyto(into, value.astype(dtype), casting="same_kind")
    return out


@np.errstate(all="ignore")
def hess(z, y):
    """d2L/dz[i]dz[j] = p[i]*(delta(i, j) - p[j])*(sum over k of y[k]).

    Shape (..., K, K), symmetric. Arguments as for loss. hvp needs less memory.
    Accuracy: <= 64 ulp * (1 + kappa).
    """
    z, y, dtype = _prepare(z, y)
    mass = y.sum(-1)[..., None, None]
    return (mass * _jacobian(*_weights(z))).astype(dtype)


@np.errstate(all="ignore")
def hvp(z, y, v):
    """Product of the Hessian and v, shape (..., K), without the Hessian.

    v: shape (..., K), broadcast with z; ValueError where it has no K classes.
    z and y as for loss.
    Accuracy: component j is off by <= 64 ulp of p[j] * max |v[k] - v[top]|,
    with top where z is largest, as long as p[j] >= 1e-300.
    """
    z, y, dtype = _prepare(z, y)
    mass = y.sum(-1, keepdims=True)
    return (mass * _spread(*_weights(z), _along(v, "v", z))).astype(dtype)


def _formula(z, y):
    """The loss as it is defined, for moderate z only; the self-check relies on it."""
    p = np.exp(z) / np.exp(z).sum()
    return -(y * np.log(p)).sum()


# PyTorch 2.13, float64: F.cross_entropy of the logits.
_KNOWN = [
    ((1.0, 2.0, 4.0), (0.0, 1.0, 0.0), 2.1698460195562856),
    ((1.0, 2.0, 4.0), (0.25, 0.25, 0.5), 1.4198460195562856),
]


def _slopes(f, x, step=1e-3):
    """Central differences of f at x, of fourth order, by component."""
    unit = step * np.eye(len(x))
    near = [f(x + u) - f(x - u) for u in unit]
    far = [f(x + 2 * u) - f(x - 2 * u) for u in unit]
    pairs = zip(near, far, strict=True)
    return np.array([(8 * one - two) / (12 * step) for one, two in pairs])


def _self_check():
    """The largest error of loss, grad and hess against _formula and known values."""
    rng = np.random.default_rng(0)
    errors = [abs(loss(z, y) - known) for z, y, known in _KNOWN]
    for classes in (1, 2, 3, 7):
        z, y = rng.uniform(-3, 3, classes), rng.dirichlet(np.ones(classes))
        errors.append(abs(loss(z, y) - _formula(z, y)))
        slopes = _slopes(lambda x, y=y: _formula(x, y), z)
        errors.append(abs(grad(z, y) - slopes).max())
        bends = _slopes(lambda x, y=y: _slopes(lambda t: _formula(t, y), x), z)
        # Differences of differences keep fewer digits.
        errors.append(1e-3 * abs(hess(z, y) - bends).max())
    return max(errors)


_TOLERANCE = 1e-8  # of fourth-order differences with step 1e-3, with room for rounding


if __name__ == "__main__":
    worst = _self_check()
    passed = worst <= _TOLERANCE
    verdict = "passed" if passed else "FAILED"
    print(f"{verdict}: largest error {worst:.1e}, for logits in [-3, 3].")
    print("The tails are not covered: finite differences mean nothing there.")
    raise SystemExit(not passed)
