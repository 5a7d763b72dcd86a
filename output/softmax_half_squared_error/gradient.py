"""Softmax and half the squared error: value and derivatives in NumPy, for any K.

    p[j] = exp(z[j])/sum(exp(z[k]) over k)
    L = sum((p[k] - y[k])**2/2 over k)

Components count from 1 in the formulas and from 0 in the arrays, whose last axis
(or that named axis) holds them; other axes are broadcast. Results have the dtype of
z where that is float16, float32 or float64, else float64; the work is done in
float64 and rounded once.

Conventions: a logit of -inf is a masked class: its probability is 0.

NaN in a row of an argument gives NaN in that row of the result. Where components of
z are infinite, results are their limits, and NaN where they have none.

Source: softmax: Bishop, Pattern Recognition and Machine Learning (2006), eq. 4.62;
half the squared error: Bishop, Pattern Recognition and Machine Learning (2006), eq.
3.26.
"""

import sys

import numpy as np


def loss(z, y, *, axis=-1):
    """Return the loss of each row, shape (...).

        L = sum((p[k] - y[k])**2/2 over k)

    z: shape (..., K).
    y: real targets, shape (..., K); ValueError outside.
    Declared accuracy: 64 ulp * (1 + kappa) in float64, 1 in float32; kappa is the
        condition number near a root and in soft targets, 0 elsewhere.
    """
    return _apply(_loss, axis, z, y)


def grad(z, y, *, axis=-1):
    """Return the gradient of the loss in z, shape (..., K).

        dL/dz[j] = p[j]*(p[j] - y[j] - sum((p[k] - y[k])*p[k] over k))

    Arguments as for loss.
    Declared accuracy: 64 ulp * (1 + kappa) in float64, 1 in float32; kappa is the
        condition number near a root and in soft targets, 0 elsewhere.
    """
    return _apply(_grad, axis, z, y)


def loss_and_grad(z, y, *, axis=-1, out=None):
    """Return (loss, grad); out, a tuple of two arrays, receives them where given.

    Arguments as for loss; after an error out may hold anything.
    """
    return _apply(_loss_and_grad, axis, z, y, out=out)


def hess(z, y, *, axis=-1):
    """Return the matrix of second derivatives in z, shape (..., K, K).

        d2L/dz[i]dz[j] = p[i]*(delta(i, j)*(2*p[i] - y[i] - sum((p[k] - y[k])*p[k] over
            k)) - p[j]*(2*p[i] + 2*p[j] - y[i] - y[j] - sum((3*p[k] - 2*y[k])*p[k] over
            k)))

    Arguments as for loss.
    Declared accuracy: 64 ulp * (1 + kappa) in float64, 1 in float32; kappa is the
        condition number near a root and in soft targets, 0 elsewhere.
    """
    return _apply(_hess, axis, z, y)


def hvp(z, y, t, *, axis=-1):
    """Return the Hessian times t, shape (..., K), without the Hessian.

    Arguments as for loss; t: shape (..., K).
    """
    return _apply(_hvp, axis, z, y, t)


def _loss(z, y):
    _, p, rest, *_ = _log_softmax(z)
    d = p * (1 - y) - rest * y
    return _sum(0.5 * d * d)[..., 0]


def _grad(z, y):
    _, p, rest, *_ = _log_softmax(z)
    u = _push(p, rest, p * (1 - y) - rest * y)
    return p * u


def _loss_and_grad(z, y):
    _, p, rest, *_ = _log_softmax(z)
    r = p * (1 - y) - rest * y
    u = _push(p, rest, r)
    return _sum(0.5 * r * r)[..., 0], p * u


def _hvp(z, y, t):
    _, p, rest, near, far, *_ = _log_softmax(z)
    r = p * (1 - y) - rest * y
    u = _push(p, rest, t)
    m = p * (p * rest + r * (rest - p))
    return _curved(near, far, u, m, p * r, p * u * (p + r))


def _hess(z, y, **parameters):
    """The products with all unit vectors, which are the columns of the matrix."""
    n = z.shape[-1]
    units = np.broadcast_to(np.eye(n), (*z.shape, n))
    columns = _hvp(z[..., None, :], y[..., None, :], units, **parameters)
    return columns / 2 + np.swapaxes(columns, -1, -2) / 2


def _two_sum(x, y):
    """x + y and its rounding error, exactly (Knuth)."""
    s = x + y
    v = s - x
    return s, (x - (s - v)) + (y - v)


def _two_product(x, y):
    """x * y and its rounding error, from exact products of halves (Dekker)."""
    p = x * y
    x_high = 134217729.0 * x - (134217729.0 * x - x)
    y_high = 134217729.0 * y - (134217729.0 * y - y)
    x_low, y_low = x - x_high, y - y_high
    return p, x_high * y_high - p + x_high * y_low + x_low * y_high + x_low * y_low


def _tree(x):
    """The sum over the last axis by pairs, and that of its rounding errors."""
    low = np.zeros((*x.shape[:-1], 1))
    while (n := x.shape[-1]) > 1:
        s, error = _two_sum(x[..., : n // 2], x[..., n // 2 : n - n % 2])
        x = np.concatenate((s, x[..., n - n % 2 :]), -1)
        low = low + error.sum(-1, keepdims=True)
    return x, low


def _plus_error(s, error):
    """s + error, and s where that is infinite: no error is known of inf."""
    return np.where(np.isfinite(s), s + error, s)


def _unscaled(f, x):
    """f(x) of a linear f; where a partial sum overflows, from a smaller x."""
    found = f(x)
    if np.isfinite(found).all():
        return found
    return np.where(np.isfinite(found), found, f(x * 2.0**-64) * 2.0**64)


def _except(w, top):
    """w with 0 in the place of one component of each row."""
    rest = w.copy()
    # 0 * NaN is NaN.
    np.put_along_axis(rest, top, 0 * np.take_along_axis(w, top, -1), -1)
    return rest


def _others(w):
    """The sum over k != j of w_k for every j."""
    return _unscaled(_others_plain, w)


def _others_plain(w):
    """_others where no partial sum overflows."""
    # Total minus w_j loses the others where w_j is nearly all: the largest stays out.
    top = np.abs(w).argmax(-1)[..., None]
    gap, rest = np.take_along_axis(w, top, -1) - w, _except(w, top)
    total = rest.sum(-1, keepdims=True)
    others = total + gap
    np.put_along_axis(others, top, total, -1)
    # Where all are of one sign nothing cancels: w_top is no smaller than w_j.
    mixed = (w.min(-1) < 0) & (w.max(-1) > 0)
    if mixed.any():
        others[mixed] = _others_exactly(w[mixed], rest[mixed], top[mixed])
    return others


def _others_exactly(w, rest, top):
    """_others_plain, the rounding errors of all sums made good."""
    high, low = _tree(rest)
    gap, first = _two_sum(np.take_along_axis(w, top, -1), -w)
    others, second = _two_sum(high, gap)
    others = _plus_error(others, first + second + low)
    np.put_along_axis(others, top, _plus_error(high, low), -1)
    return others


def _divided(x, c):
    """x / c and its rounding error."""
    quotient = x / c
    back, error = _two_product(quotient, c)
    return quotient, ((x - back) - error) / c


def _gap(x):
    """x minus its largest component, the rounding error, and where the largest is."""
    top = x.argmax(-1)[..., None]
    peak = np.take_along_axis(x, top, -1)
    gap, low = _two_sum(x, -peak)
    # +inf - inf at the maximum is 0, but no limit exists where all components are -inf.
    np.put_along_axis(gap, top, np.where(peak > -np.inf, 0.0, np.nan), -1)
    np.put_along_axis(low, top, 0.0, -1)
    # It is NaN where the gap is infinite, and no matter.
    return gap, np.fmax(np.fmin(low, 1.0), -1.0), top


def _log_softmax(z, over=1.0):
    """log(p) / 2, p = softmax(z / over), q = 1 - p, factors of p and q, the top class.

    Halved, since the distance of two floats may exceed the largest float. The factors,
    p = near * far and q = beside * aside, are given since p times a large number may be
    normal where p is not; far and aside are 1 but near underflow.
    """
    half, low, top = _half_gap(z, over)
    # exp amplifies the rounding of its argument; these arguments are exact but for low.
    gap = 2 * half
    near, far = np.exp(np.maximum(gap, -690.0)), np.ones_like(half)
    if (deep := gap < -690.0).any():
        np.exp(gap + 690.0, out=far, where=deep)
    # 1 - p of the top class is the sum of the others: nothing is subtracted.
    low = 2 * low
    rest, slip, power = _rest(near, far, low, top)
    small = rest * power
    total, error = _two_sum(1.0, small)
    error = error + slip * power
    near = near / total
    near += near * (low - error / total)
    p = near * far
    beside, aside = 1.0 - p, np.ones_like(p)
    np.put_along_axis(beside, top, (rest + slip) / (total + error), -1)
    np.put_along_axis(aside, top, power, -1)
    half = half + (low - np.log1p(small + slip * power)) / 2
    return half, p, beside * aside, near, far, beside, aside, top


def _half_gap(z, over):
    """Half of (z - max(z)) / over, the rounding error, and where the largest is."""
    gap, low, top = _gap(z)
    half, low = gap / 2, low / 2
    if np.isinf(half).any():
        apart = z / 2 - np.take_along_axis(z, top, -1) / 2
        half = np.where(np.isinf(half) & np.isfinite(z), apart, half)
    if np.any(over != 1.0):
        half, error = _divided(half, over)
        low = low / over + np.where(np.isfinite(error), error, 0.0)
    return half, low, top


def _rest(near, far, low, top):
    """s, error, power: the sum of near * far * (1 + low) is (s + error) * power."""
    others = _except(near, top)
    # Where all others are near 1e-300, they are summed times 2**990.
    tiny = others.max(-1, keepdims=True) < 2.0**-990
    others *= np.where(tiny, 2.0**990, 1.0)
    others *= far
    s, error = _tree(others)
    error = error + (others * low).sum(-1, keepdims=True)
    return s, error, np.where(tiny, 2.0**-990, 1.0)


def _curved(near, far, u, d, w, v):
    """u_j d_j - p_j (u_j sum_{k != j} w_k + sum_{k != j} v_k).

    With the slopes w of a loss in log(softmax), their rates v = c * u and
    d = (1 - p) * c - p * w, it is the second derivative behind softmax: what the
    component j gives to itself is in d, where it need not cancel.
    """
    return u * d - near * (u * _others(w) + _others(v)) * far


def _push(p, q, v):
    """v_j - sum_k p_k v_k: the Jacobian of log(softmax) times v; q = 1 - p."""
    p, v = np.broadcast_arrays(p, v)
    # Only differences of v matter: one v is made 0, that of p > 1/2 or the smallest.
    zero = np.where(p > 0.5, -1.0, np.abs(v)).argmin(-1)[..., None]

    def push(v):
        v = v - np.take_along_axis(v, zero, -1)
        return q * v - _others_plain(p * v)

    return _unscaled(push, v)


def _sum(x):
    """The sum of terms of one sign over the last axis, which stays."""
    return x.sum(-1, keepdims=True)


@np.errstate(all="ignore")
def _apply(core, axis, z, y, *directions, out=None, **parameters):
    """Run core in float64 on rows of components; NaN in a row is NaN in its result."""
    x, dtype = _rows(z, axis)
    arrays = [x]
    arrays.append(_targets(y, np.ndim(z), x.shape[-1], axis))
    arrays += [_along(v, x.shape[-1], axis) for v in directions]
    lead = np.broadcast_shapes(*(v.shape[:-1] for v in arrays))
    arrays = [_as_rows(v, lead) for v in arrays]
    results = None if out is None else _into(out, lead, axis, dtype, arrays)
    values = _in_pieces(core, arrays, dtype, parameters, results)
    values = tuple(_unfolded(v, lead, axis) for v in values)
    if out is not None:
        return _filled(out, values)
    return values if len(values) > 1 else values[0]


_PIECE = 2**14  # components worked on at a time, which stay in the processor's cache


def _in_pieces(core, arrays, dtype, parameters, results=None):
    """The results of core, made of a few rows at a time; NaN in a row is kept."""
    count, n = arrays[0].shape
    step = max(1, _PIECE // (n * n if core is _hess else n))
    for start in range(0, max(count, 1), step):
        rows = slice(start, start + step)
        part = [np.ascontiguousarray(v[rows], np.float64) for v in arrays]
        values = core(*part, **parameters)
        values = values if isinstance(values, tuple) else (values,)
        results = results or [np.empty((count, *v.shape[1:]), dtype) for v in values]
        bad = _bad(part)
        for result, value in zip(results, values, strict=True):
            result[rows] = value
            result[rows][bad] = np.nan
    return results


def _bad(arrays):
    """The rows with NaN."""
    bad = np.zeros(len(arrays[0]), bool)
    for v in arrays:
        if np.isnan(v).any():
            bad |= np.isnan(v).any(-1)
    return bad


def _as_rows(v, lead):
    """Rows, repeated where other arguments have more of them."""
    if v.shape[:-1] != lead:
        v = np.broadcast_to(v, (*lead, v.shape[-1]))
    return v.reshape(-1, v.shape[-1])


def _last(v, axis):
    """The array with its components last."""
    return v if axis in (-1, v.ndim - 1) else np.moveaxis(v, axis, -1)


def _unfolded(value, lead, axis):
    """A result with the axes that the input has."""
    value = value.reshape((*lead, *value.shape[1:]))
    if value.ndim != len(lead) + 1:
        return value[()]
    return value if axis == -1 else np.moveaxis(value, -1, axis)


_FLOATS = tuple(np.dtype(name) for name in ("float16", "float32", "float64"))


def _real(x, name):
    """x as an array of real numbers."""
    x = np.asarray(x)
    if x.dtype.kind not in "fiub":
        raise TypeError(f"{name} must hold real numbers, not {x.dtype}")
    return x


def _rows(x, axis, name="z"):
    """x in floats with its components last, and the dtype of results."""
    x = _real(x, name)
    if x.ndim == 0 or x.shape[axis] == 0:
        raise ValueError(f"{name} needs an axis of at least one component")
    dtype = x.dtype.newbyteorder("=")
    dtype = dtype if dtype in _FLOATS else np.dtype("float64")
    x = x if x.dtype in _FLOATS else x.astype(np.float64)
    return _last(x, axis), dtype


def _along(v, n, axis):
    """A direction in float64 with its components last."""
    v = _real(v, "the vector").astype(np.float64)
    if v.ndim == 0 or v.shape[axis] != n:
        raise ValueError(f"the vector needs {n} components, not shape {v.shape}")
    return _last(v, axis)


def _targets(y, axes, classes, axis):
    """Targets, components last; ValueError outside the domain."""
    y = _real(y, "y")
    if y.ndim == 0 or y.shape[axis] != classes:
        raise ValueError(f"targets need an axis of {classes} classes, as z has")
    y = _last(y, axis)
    y = y.astype(np.float64, copy=False)
    if np.any(np.isinf(y)):
        raise ValueError("targets must lie in (-inf, inf)")
    return y


def _into(out, lead, axis, dtype, arrays):
    """The arrays of out as rows to write into; others where arguments lie there too."""
    n, place = arrays[0].shape[-1], axis % (len(lead) + 1)
    shapes = lead, (*lead[:place], n, *lead[place:])
    if not isinstance(out, tuple) or len(out) != 2:
        raise ValueError("out must be a tuple of two arrays")
    for array, shape in zip(out, shapes, strict=True):
        given = getattr(array, "shape", None), getattr(array, "dtype", None)
        if given != (shape, dtype):
            raise ValueError(f"out needs shape {shape} and {dtype} arrays")
    if np.shares_memory(*out):
        raise ValueError("the arrays of out must not overlap")
    rows = out[0].reshape(-1), _last(out[1], axis).reshape(-1, n)
    shared = [any(np.may_share_memory(r, v) for v in arrays) for r in rows]
    pairs = zip(rows, shared, strict=True)
    return [np.empty_like(r) if both else r for r, both in pairs]


def _filled(out, values):
    """out, filled with what does not lie there yet."""
    for array, value in zip(out, values, strict=True):
        if not np.may_share_memory(array, value):
            array[...] = value
    return out


def _activation(z):
    """The activation as its source prints it, not stabilised."""
    K = len(z)
    return [np.exp(z[j]) / sum(np.exp(z[k]) for k in range(K)) for j in range(K)]


def _cost(a, y):
    """The loss as its source prints it, not stabilised."""
    K = len(a)
    return sum(0.5 * (a[j] - y[j]) ** 2 for j in range(K))


def _formula(z, y):
    """The loss, plainly."""
    return _cost(_activation(z), y)


def _slopes(f, x, step=1e-4):
    """Central differences of f at x, of fourth order, by component."""
    unit = step * np.eye(len(x))
    near = [f(x + u) - f(x - u) for u in unit]
    far = [f(x + 2 * u) - f(x - 2 * u) for u in unit]
    pairs = zip(near, far, strict=True)
    return np.array([(8 * one - two) / (12 * step) for one, two in pairs])


def _miss(found, wanted):
    """The difference, relative where that is large."""
    found, wanted = np.asarray(found), np.asarray(wanted)
    return (np.abs(found - wanted) / (1 + np.abs(wanted))).max()


_KNOWN = []


def _self_check():
    """The largest error against _formula, its differences and known values."""
    rng = np.random.default_rng(0)
    errors = [_miss(loss(*at, **more), known) for at, more, known in _KNOWN]
    for K in (1, 2, 3, 7):
        z = rng.uniform(-3, 3, K)
        y = rng.uniform(-3, 3, K)
        errors.append(_miss(loss(z, y), _formula(z, y)))
        slopes = _slopes(lambda x, y=y: _formula(x, y), z)
        errors.append(_miss(grad(z, y), slopes))
        bends = _slopes(lambda x, y=y: grad(x, y), z)
        errors.append(_miss(hess(z, y), bends))
    return max(errors)


_TOLERANCE = 1e-8  # of differences of fourth order with step 1e-4


if __name__ == "__main__":
    worst = _self_check()
    if not worst <= _TOLERANCE:
        sys.exit(f"FAILED: the largest error is {worst:.1e}")
    print(f"passed: largest error {worst:.1e} against the plain formula, its")
    print("differences and known values; the tails are not covered")
