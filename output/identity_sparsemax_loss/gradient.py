"""Identity and sparsemax loss: value and derivatives in NumPy, for any K.

    L = sum((y[k] - z[k])**2 over k)/2 - sum((h[k]*(z[k] - tau_a) - z[k])**2 over
        k)/2
    tau_a = (sum(a[k]*h[k] over k) - 1)/sum(h[k] over k), the threshold of sparsemax
    h[j] = 1 where a[j] > tau_a, else 0
    p[j] = h[j]*(z[j] - tau_a)

Components count from 1 in the formulas and from 0 in the arrays, whose last axis
(or that named axis) holds them; other axes are broadcast. Results have the dtype of
z where that is float16, float32 or float64, else float64; the work is done in
float64 and rounded once.

Conventions: the formulas hold where h is constant nearby; a component that equals
the threshold does not belong to the support.

NaN in a row of an argument gives NaN in that row of the result. Where components of
z are infinite, results are their limits, and NaN where they have none.

Source: identity: Bishop, Pattern Recognition and Machine Learning (2006), section
4.3.6; sparsemax loss: Martins and Astudillo 2016, arXiv:1602.02068; Blondel,
Martins and Niculae 2019, arXiv:1901.02324.
"""

import sys

import numpy as np


def loss(z, y, *, axis=-1):
    """Return the loss of each row, shape (...).

        L = sum((y[k] - z[k])**2 over k)/2 - sum((h[k]*(z[k] - tau_a) - z[k])**2 over
            k)/2

    z: shape (..., K).
    y: targets in the simplex, shape (..., K), or class indices of shape (...);
        ValueError outside.
    Declared accuracy: 64 ulp * (1 + kappa) in float64, 1 in float32; kappa is the
        condition number near a root and in soft targets, 0 elsewhere.
    """
    return _apply(_loss, axis, z, y)


def grad(z, y, *, axis=-1):
    """Return the gradient of the loss in z, shape (..., K).

        dL/dz[j] = p[j] - y[j]

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

        d2L/dz[i]dz[j] = h[i]*(delta(i, j) - h[j]/sum(h[k] over k))

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
    _, p = _support(z, 1)
    rest = _others(p)
    short = _shortfall(z, y, p)
    d = p * (1 - y) - rest * y
    return (_sum(0.5 * d * d) + 2 * short)[..., 0]


def _grad(z, y):
    _, p = _support(z, 1)
    rest = _others(p)
    return p * (1 - y) - rest * y


def _loss_and_grad(z, y):
    _, p = _support(z, 1)
    rest = _others(p)
    short = _shortfall(z, y, p)
    d = p * (1 - y) - rest * y
    return (_sum(0.5 * d * d) + 2 * short)[..., 0], d


def _hvp(z, y, t):
    h, _ = _support(z, 1)
    weight = _gated(h, 1 / _sum(h))
    others = _others(weight)
    u = _push(weight, others, t)
    return _gated(h, u)


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


def _total(x):
    """The sum over the last axis, which stays as one of length 1."""
    return _unscaled(lambda x: _plus_error(*_tree(x)), x)


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


def _push(p, q, v):
    """v_j - sum_k p_k v_k: the Jacobian of log(softmax) times v; q = 1 - p."""
    p, v = np.broadcast_arrays(p, v)
    # Only differences of v matter: one v is made 0, that of p > 1/2 or the smallest.
    zero = np.where(p > 0.5, -1.0, np.abs(v)).argmin(-1)[..., None]

    def push(v):
        v = v - np.take_along_axis(v, zero, -1)
        return q * v - _others_plain(p * v)

    return _unscaled(push, v)


def _drop(x, peak):
    """peak - x and its rounding error; 2 for 2 and more, where no support reaches."""
    d, low = _two_sum(peak, -x)
    near, same = d < 2, x == peak
    d = np.where(same, 0.0, np.where(near, d, 2.0))
    return d, np.where(near & ~same, low, 0.0)


def _running(x, low):
    """The sums of the first components of x + low, and what they lack by rounding."""
    s = x.cumsum(-1)
    error = np.zeros_like(s)
    error[..., 1:] = _two_sum(s[..., :-1], x[..., 1:])[1]
    return s, (error + low).cumsum(-1)


def _closed(low, first, *terms):
    """The sum of terms and of a low part, with the rounding errors made good."""
    for term in terms:
        first, error = _two_sum(first, term)
        low = low + error
    return first + low


def _excess(d, n, sums, power):
    """1 - sum (d_j - d_i)**power over the n largest: in the support where positive."""
    (d, low), ((one, one_low), (two, two_low)) = d, sums
    if power == 1:
        whole, error = _two_product(n, d)
        return _closed(one_low - n * low - error, one, 1.0, -whole)
    square, error = _two_product(d, d)
    square, first = _two_product(n, square)
    mixed, second = _two_product(2 * d, one)
    error = -first - n * (error + 2 * d * low) + second
    error = error + 2 * (d * one_low + low * one) - two_low
    return _closed(error, -two, 1.0, mixed, -square)


def _support(x, power):
    """The support s and t_j = max(x_j - tau, 0) with sum t**power = 1, power 1 or 2.

    Only the distances d from the maximum matter. The n largest are the support where
    1 > sum (d_j - d_i)**power over them, in some 30 digits of 1. So ties of moderate
    components are decided exactly; of t below 1e-15 beside others as small, digits are
    lost, and one of them below 1e-30 may count as outside.
    """
    peak = x.max(-1, keepdims=True)
    # No support reaches down to 1 below the maximum.
    width = (peak - x <= 1).sum(-1).max(initial=1)
    order = np.argsort(-x, -1)[..., :width]
    d, low = _drop(np.take_along_axis(x, order, -1), peak)
    square, error = _two_product(d, d)
    sums = _running(d, low), _running(square, error + 2 * d * low)
    n = np.arange(1.0, order.shape[-1] + 1)
    n = (_excess((d, low), n, sums, power) > 0).sum(-1, keepdims=True)
    last = np.maximum(n - 1, 0)
    sums = [[np.take_along_axis(v, last, -1) for v in pair] for pair in sums]
    t = _excess((d, low), n, sums, power) / n
    if power == 2:
        # x_j - tau = (R - G_j) / n = excess / (R + G_j): the form that adds.
        root, behind = _root_and_distance(d, low, n, *sums)
        t = np.where(behind > 0, n * t / (root + behind), (root - behind) / n)
    # No limit exists where several components are +inf, or all are -inf.
    alone = (peak < np.inf) | ((x == peak).sum(-1, keepdims=True) == 1)
    blank = np.where(alone & (peak > -np.inf), 0.0, np.nan)
    inside = np.where(np.arange(width) < n, 1.0, 0.0) + blank
    s, whole = (np.broadcast_to(blank, x.shape).copy() for _ in range(2))
    np.put_along_axis(s, order, inside, -1)
    np.put_along_axis(whole, order, inside * t, -1)
    return s, whole


def _root_and_distance(d, low, n, one, two):
    """R = n * (mean - tau) and G = n * (d - mean) of the n largest, for power 2."""
    whole, error = _two_product(n, d)
    behind = _closed(n * low + error - one[1], whole, -one[0])
    square, first = _two_product(one[0], one[0])
    product, second = _two_product(n, two[0])
    error = first + 2 * one[0] * one[1] - second - n * two[1]
    return np.sqrt(_closed(error, square, n, -product)), behind


def _shortfall(x, y, t):
    """(sum y_k (tau - x_k) over k off the support + tau (1 - sum y)) / 2.

    Here t = max(x - tau, 0) and sum t = 1. Halved, since the distance of two floats
    may exceed the largest float. With d = max(x) - x and c = max(x) - tau, it is half
    of sum y_k d_k off the support + max(x) (1 - sum y) - c (1 - sum y on the support):
    where y sums to 1 but for rounding, the first two cancel, so all digits are kept.
    """
    inside = t > 0
    peak = x.max(-1, keepdims=True) / 2
    d, low = _two_sum(peak, -x / 2)
    n, reach = inside.sum(-1, keepdims=True), _total(np.where(inside, d + low, 0.0))
    on, off = np.where(inside, y, 0.0), np.where(inside, 0.0, y)
    one = np.ones_like(peak)
    lack = _two_sum(*_tree(np.concatenate((one, -y), -1)))
    lack_on = _total(np.concatenate((one, -on), -1))
    below, slip = _two_product(off, d)
    rest, error = _two_product(peak, lack[0])
    error = error + peak * lack[1] + _total(slip + off * low)
    terms = np.concatenate((below, rest, -(0.5 + reach) / n * lack_on), -1)
    # No error is known of a product near the largest float.
    return _plus_error(_total(terms), np.where(np.isfinite(error), error, 0.0))


def _sum(x):
    """The sum of terms of one sign over the last axis, which stays."""
    return x.sum(-1, keepdims=True)


def _gated(x, y):
    """x * y, and 0 where one is 0, whatever the other is."""
    product = x * y
    if np.isfinite(product).all():
        return product
    return np.where((x == 0) | (y == 0), 0.0, product)


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
        part = [_hot_rows(v[rows], n) for v in arrays]
        values = _limits(core, *part, **parameters)
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


def _hot_rows(v, classes):
    """Rows in float64; class indices as one-hot targets."""
    if v.dtype.kind in "iu":
        return (np.arange(classes) == v).astype(np.float64)
    return np.ascontiguousarray(v, np.float64)


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


def _limits(core, x, *others, **parameters):
    """The results of core, at infinite components their limits; NaN without one."""
    infinite = np.isinf(x)
    if not infinite.any():
        return core(x, *others, **parameters)

    def at(power):
        far = np.where(infinite, np.ldexp(np.sign(x), power), x)
        values = core(far, *others, **parameters)
        return values if isinstance(values, tuple) else (values,)

    # Several infinite components may grow at any rates: three ways there must agree.
    turn = infinite.cumsum(-1) % 8
    limits = []
    for way in (0 * turn, turn, -turn):
        pairs = zip(at(990 + way), at(980 + way), strict=True)
        limits.append([_limit(value, nearer) for value, nearer in pairs])
    return tuple(_agreed(*found) for found in zip(*limits, strict=True))


def _limit(value, nearer):
    """What a value tends to: infinity where it grows on, 0 where it shrinks on."""
    size, before = np.abs(value), np.abs(nearer) * (1 + 1e-6)
    grown = np.where(size > before, np.copysign(np.inf, value), value)
    return np.where(size * (1 + 1e-6) < np.abs(nearer), 0.0, grown)


def _agreed(first, *others):
    """The first of some limits, and NaN where another differs."""
    same = [np.isclose(first, other, rtol=1e-9, atol=0.0) for other in others]
    return np.where(np.all(same, 0), first, np.nan)


def _targets(y, axes, classes, axis):
    """Targets, or class indices, components last; ValueError outside the domain."""
    y = _real(y, "y")
    if np.issubdtype(y.dtype, np.integer) and y.ndim < axes:
        if ((y < 0) | (y >= classes)).any():
            raise ValueError(f"class indices must lie in 0..{classes - 1}")
        return y[..., None].astype(np.int64)
    if y.ndim == 0 or y.shape[axis] != classes:
        raise ValueError(f"targets need an axis of {classes} classes, as z has")
    y = _last(y, axis)
    eps = np.finfo(y.dtype if y.dtype in _FLOATS else np.float64).eps
    y = y.astype(np.float64, copy=False)
    wanted = "targets must lie in the simplex"
    if (y < 0).any():
        raise ValueError(f"{wanted}: y_k >= 0, but the least is {np.nanmin(y)}")
    total, miss = y.sum(-1), 8 * classes * eps
    if (wrong := np.abs(total - 1) > miss).any():
        found = np.extract(wrong, total)[0]
        raise ValueError(f"{wanted}: sum(y) is {found}, not 1 within {miss:.1e}")
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
    return [z[j] for j in range(K)]


def _cost(a, y):
    """The loss as its source prints it, not stabilised."""
    K = len(a)
    h = _indicator([a[j] for j in range(K)], 1)
    tau_a = (sum(a[k] * h[k] for k in range(K)) - 1) / sum(h[k] for k in range(K))
    total_1 = sum((y[k] - a[k]) ** 2 for k in range(K))
    total_2 = sum((h[k] * (a[k] - tau_a) - a[k]) ** 2 for k in range(K))
    return 0.5 * total_1 - 0.5 * total_2


def _indicator(x, power):
    """The indicator of x > tau with sum(max(x - tau, 0)**power) = 1, by bisection."""
    low, high = max(x) - 1, max(x)
    for _ in range(200):
        tau = (low + high) / 2
        full = sum(max(v - tau, 0) ** power for v in x) > 1
        low, high = (tau, high) if full else (low, tau)
    return [float(v > low) for v in x]


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
        y = rng.dirichlet(np.ones(K))
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
