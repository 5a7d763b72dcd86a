"""The NumPy text of vector subjects, in blocks; `@name@` marks what the emitter fills in.

Numerical ideas, where the comments in the text do not say them: the weights e_k = exp(z_k - max z) lie
in [0, 1] and one of them is 1; a sum over all but the largest never subtracts the largest.
"""

IMPORTS = """
import numpy as np
"""

ARRAYS = '''
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
'''

WEIGHTS = '''
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
'''

TARGETS = '''
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
'''

PAIR = '''
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
    """L = @loss@ with p = softmax(z), one value per row.

    z: logits, shape (..., K). y: one-hot or soft targets, shape (..., K);
    of an integer dtype and with fewer axes than z, class indices, shape (...).
    Returns shape (...).
    Accuracy: @accuracy loss@
    """
    z, y, dtype = _prepare(z, y)
    e, top = _weights(z)
    _, rest = _others(e, top)
    return _loss(z, y, top, rest).astype(dtype)[()]


@np.errstate(all="ignore")
def grad(z, y):
    """dL/dz[j] = @gradient@, shape (..., K).

    It is p - y where sum(y) is exactly 1. Arguments as for loss.
    Accuracy: @accuracy gradient@
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
    """d2L/dz[i]dz[j] = @hessian@.

    Shape (..., K, K), symmetric. Arguments as for loss. hvp needs less memory.
    Accuracy: @accuracy hessian@
    """
    z, y, dtype = _prepare(z, y)
    mass = y.sum(-1)[..., None, None]
    return (mass * _jacobian(*_weights(z))).astype(dtype)


@np.errstate(all="ignore")
def hvp(z, y, v):
    """Product of the Hessian and v, shape (..., K), without the Hessian.

    v: shape (..., K), broadcast with z; ValueError where it has no K classes.
    z and y as for loss.
    Accuracy: component j is off by <= @ulp product@ ulp of p[j] * max |v[k] - v[top]|,
    with top where z is largest, as long as p[j] >= 1e-300.
    """
    z, y, dtype = _prepare(z, y)
    mass = y.sum(-1, keepdims=True)
    return (mass * _spread(*_weights(z), _along(v, "v", z))).astype(dtype)
'''

JACOBIAN = '''
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
'''

SOFTMAX = '''
@np.errstate(all="ignore")
def value(z):
    """Softmax p[j] = @value@.

    z: logits, shape (..., K). Returns probabilities of the same shape.
    Accuracy: @accuracy loss@
    """
    z, dtype = _array(z)
    e, top = _weights(z)
    _, rest = _others(e, top)
    return (e / (1 + rest)).astype(dtype)


@np.errstate(all="ignore")
def grad(z):
    """The Jacobian dp[k]/dz[j] = @gradient@, shape (..., K, K).

    It is symmetric. vjp needs less memory.
    Accuracy: @accuracy gradient@
    """
    z, dtype = _array(z)
    return _jacobian(*_weights(z)).astype(dtype)


@np.errstate(all="ignore")
def vjp(z, g):
    """sum_k g[k] dp[k]/dz[j], shape (..., K), without the Jacobian.

    This is the chain rule: g holds the slopes of a loss in the probabilities.
    g: shape (..., K), broadcast with z; ValueError where it has no K classes.
    Accuracy: component j is off by <= @ulp product@ ulp of p[j] * max |g[k] - g[top]|,
    with top where z is largest, as long as p[j] >= 1e-300.
    """
    z, dtype = _array(z)
    return _spread(*_weights(z), _along(g, "g", z)).astype(dtype)
'''

CROSS_ENTROPY = '''
def _prepare(a, y):
    """Predictions (NaN below 0) and targets in float64, and the dtype of results."""
    a, dtype = _array(a, "a")
    return np.where(a < 0, np.nan, a), _targets(y, a.ndim, a.shape[-1]), dtype


def _unless_idle(y, a, value):
    """0 where the target is 0, except that NaN stays."""
    return np.where((y == 0) & (a == a), 0.0, value)


@np.errstate(all="ignore")
def loss(a, y):
    """L = @loss@, one value per row.

    a: probabilities, shape (..., K). y: one-hot or soft targets, shape (..., K);
    of an integer dtype and with fewer axes than a, class indices, shape (...).
    Returns shape (...).
    Accuracy: @accuracy loss@
    """
    a, y, dtype = _prepare(a, y)
    return _unless_idle(y, a, -y * np.log(a)).sum(-1).astype(dtype)[()]


@np.errstate(all="ignore")
def grad(a, y):
    """dL/da[k] = @gradient@, shape (..., K). Arguments as for loss.

    Accuracy: @accuracy gradient@
    """
    a, y, dtype = _prepare(a, y)
    return _unless_idle(y, a, -y / a).astype(dtype)


@np.errstate(all="ignore")
def hess(a, y):
    """d2L/da[j]da[k] = @hessian@, shape (..., K, K), diagonal.

    Arguments as for loss.
    Accuracy: @accuracy hessian@
    """
    a, y, dtype = _prepare(a, y)
    # a * a underflows where (y / a) / a does not, and the other way round.
    bend = np.where(a > 1e-150, y / (a * a), y / a / a)
    bend = _unless_idle(y, a, bend)
    whole = np.zeros((*bend.shape, a.shape[-1]))
    each = np.arange(a.shape[-1])
    whole[..., each, each] = bend
    return whole.astype(dtype)
'''

FORMULA = {
    "pair": '''
def _formula(z, y):
    """The loss as it is defined, for moderate z only; the self-check relies on it."""
    p = np.exp(z) / np.exp(z).sum()
    return -(y * np.log(p)).sum()
''',
    "softmax": '''
def _formula(z):
    """Softmax as it is defined, for moderate z only; the self-check relies on it."""
    return np.exp(z) / np.exp(z).sum()
''',
    "cross_entropy": '''
def _formula(a, y):
    """The loss as it is defined, for a > 0; the self-check relies on it."""
    return -(y * np.log(a)).sum()
''',
}

KNOWN = """
# @origins@.
_KNOWN = [
@known@
]
"""

SLOPES = '''
def _slopes(f, x, step=1e-3):
    """Central differences of f at x, of fourth order, by component."""
    unit = step * np.eye(len(x))
    near = [f(x + u) - f(x - u) for u in unit]
    far = [f(x + 2 * u) - f(x - 2 * u) for u in unit]
    pairs = zip(near, far, strict=True)
    return np.array([(8 * one - two) / (12 * step) for one, two in pairs])
'''

CHECK = {
    "pair": '''
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
''',
    "softmax": '''
def _self_check():
    """The largest error of value and grad against _formula and known values."""
    rng = np.random.default_rng(0)
    errors = [abs(value(z)[-1] - known) for z, known in _KNOWN]
    for classes in (1, 2, 3, 7):
        z = rng.uniform(-3, 3, classes)
        errors.append(abs(value(z) - _formula(z)).max())
        errors.append(abs(grad(z) - _slopes(_formula, z)).max())
    return max(errors)
''',
    "cross_entropy": '''
def _self_check():
    """The largest error of loss, grad and hess against _formula and known values."""
    rng = np.random.default_rng(0)
    softmax = [(np.exp(z) / np.exp(z).sum(), y, known) for z, y, known in _KNOWN]
    errors = [abs(loss(a, y) - known) for a, y, known in softmax]
    for classes in (2, 3, 7):
        a, y = rng.uniform(0.2, 0.8, classes), rng.dirichlet(np.ones(classes))
        errors.append(abs(loss(a, y) - _formula(a, y)))
        slopes = _slopes(lambda x, y=y: _formula(x, y), a)
        errors.append(abs(grad(a, y) - slopes).max())
        bends = _slopes(lambda x, y=y: _slopes(lambda t: _formula(t, y), x), a)
        # Differences of differences keep fewer digits.
        errors.append(1e-3 * abs(hess(a, y) - bends).max())
    return max(errors)
''',
}

MAIN = """
_TOLERANCE = 1e-8  # of fourth-order differences with step 1e-3, with room for rounding


if __name__ == "__main__":
    worst = _self_check()
    passed = worst <= _TOLERANCE
    verdict = "passed" if passed else "FAILED"
    print(f"{verdict}: largest error {worst:.1e}, for @range@.")
    print("The tails are not covered: finite differences mean nothing there.")
    raise SystemExit(not passed)
"""
