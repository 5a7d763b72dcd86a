"""Network: dense(4, 8) -> tanh -> dense(8, 3) -> softmax -> cross_entropy

    z1[n, h] = sum(w1[h, d]*x[n, d] over d) + b1[h]
    a1[n, h] = tanh(z1[n, h])
    z2[n, k] = sum(w2[k, h]*a1[n, h] over h) + b2[k]

    a1_bar[n, h] = sum(z2_bar[n, k]*w2[k, h] over k)
    w2_bar[k, h] = sum(z2_bar[n, k]*a1[n, h] over n)
    b2_bar[k] = sum(z2_bar[n, k] over n)
    z1_bar[n, h] = a1_bar[n, h]*(1 - a1[n, h]**2)
    w1_bar[h, d] = sum(z1_bar[n, h]*x[n, d] over n)
    b1_bar[h] = sum(z1_bar[n, h] over n)

Rows n = 1, ..., N are samples; D = 4, H = 8, K = 3. Indices count from 1 in the
formulas and from 0 in the arrays. w(2) is named w2; derivatives of the loss end in
_bar.

The loss is the mean over the rows of the cross-entropy of each row. Activations and the
loss work in float64; all else has the dtype of x and the parameters.

Run as a script, the file checks its gradients against differences.

Source of dense layer: Bishop, Pattern Recognition and Machine Learning (2006), eq. 5.2.
Source of hyperbolic tangent: Bishop, Pattern Recognition and Machine Learning (2006),
    eq. 5.59.
Source of softmax: Bishop, Pattern Recognition and Machine Learning (2006), eq. 4.62.
Source of cross-entropy: Bishop, Pattern Recognition and Machine Learning (2006), eq.
    4.108.
"""

import sys

import numpy as np


SHAPES = {
    "w1": (8, 4),
    "b1": (8,),
    "w2": (3, 8),
    "b2": (3,),
}
FEATURES = 4


@np.errstate(all="ignore")
def forward(parameters, x):
    """Return (scores, saved): what the loss reads, shape (N, 3), and what backward needs.

    parameters: a dict of arrays with the names and shapes of SHAPES.
    x: shape (N, FEATURES).
    """
    x, w1, b1, w2, b2 = _taken(parameters, x)
    z1 = x @ w1.T + b1
    a1 = _in_float64(_value_tanh, z1)
    z2 = a1 @ w2.T + b2
    return z2, (x, w2, z1, a1)


@np.errstate(all="ignore")
def backward(z2_bar, saved):
    """Return the gradients by all parameters, a dict, from that by the scores and from saved."""
    x, w2, z1, a1 = saved
    a1_bar = z2_bar @ w2
    w2_bar = z2_bar.T @ a1
    b2_bar = z2_bar.sum(0)
    z1_bar = a1_bar * _in_float64(_slope_tanh, z1)
    w1_bar = z1_bar.T @ x
    b1_bar = z1_bar.sum(0)
    return {"w1": w1_bar, "b1": b1_bar, "w2": w2_bar, "b2": b2_bar}


def predict(parameters, x):
    """Return the outputs, shape (N, 3)."""
    scores, _ = forward(parameters, x)
    return _predicted(scores.astype(np.float64, copy=False)).astype(scores.dtype, copy=False)


def loss(parameters, x, y):
    """Return the loss: the mean over the rows. Arguments as for loss_and_grad."""
    return loss_and_grad(parameters, x, y)[0]


def loss_and_grad(parameters, x, y):
    """Return (loss, gradients): the mean over the rows, and a dict of its gradients.

    y: the targets, one row for each of x; see _targets.
    """
    scores, saved = forward(parameters, x)
    rows, slopes = _rows(scores.astype(np.float64, copy=False), _targets(y, len(scores)))
    slopes = (slopes / max(len(rows), 1)).astype(scores.dtype, copy=False)
    return rows.sum() / max(len(rows), 1), backward(slopes, saved)


def step(parameters, x, y, rate=0.1, decay=0.0):
    """Return (parameters, loss) after one step of gradient descent; what is given stays as it is.

    rate: the learning rate.
    decay: the factor of weight decay, decay/2 * sum(w**2), of all arrays with two axes.
    """
    value, slopes = loss_and_grad(parameters, x, y)
    new = {}
    for name, v in parameters.items():
        v = np.asarray(v)
        slope = slopes[name] + decay * v if decay and v.ndim == 2 else slopes[name]
        new[name] = v - rate * slope
    return new, value


def _taken(parameters, x):
    """x and all parameters as arrays, in the order of SHAPES; ValueError where one does not fit."""
    if set(parameters) != set(SHAPES):
        raise ValueError(f"parameters must be {', '.join(SHAPES)}, not {', '.join(parameters)}")
    found = [np.asarray(parameters[name]) for name in SHAPES]
    for (name, shape), v in zip(SHAPES.items(), found, strict=True):
        if v.shape != shape:
            raise ValueError(f"{name} has shape {v.shape}, but needs {shape}")
    x = np.asarray(x)
    if x.ndim != 2 or x.shape[1] != FEATURES:
        raise ValueError(f"x has shape {x.shape}, but needs (n, {FEATURES})")
    return x, *found


def initial(seed=0, dtype=np.float64):
    """Return parameters to begin with: Glorot's uniform weights, gains 1, biases and shifts 0.

    Glorot and Bengio 2010, AISTATS: uniform in (-l, l) with l = sqrt(6 / (inputs + outputs)).
    """
    rng, found = np.random.default_rng(seed), {}
    for name, shape in SHAPES.items():
        if len(shape) == 2:
            limit = np.sqrt(6 / sum(shape))
            found[name] = rng.uniform(-limit, limit, shape).astype(dtype)
        else:
            found[name] = np.full(shape, 1.0 if name.startswith("gamma") else 0.0, dtype)
    return found


def _value_tanh(z):
    return np.tanh(z)


def _slope_tanh(z):
    return _sech2(z)


def _in_float64(f, z, *numbers):
    """f(z) by work in float64, in the dtype of z."""
    return f(z.astype(np.float64, copy=False), *numbers).astype(z.dtype, copy=False)


def _loss_and_grad(z, y):
    half, _, _, near, far, beside, aside, _ = _log_softmax(z)
    g = _pull(near, far, beside, aside, -y)
    return -_sum(_gated(2 * y, half))[..., 0], g


@np.errstate(all="ignore")
def _rows(z, y):
    """The loss of each row, and its gradient by the scores."""
    return _loss_and_grad(z, y)


def _output_value(z):
    _, p, *_ = _log_softmax(z)
    return p


@np.errstate(all="ignore")
def _predicted(z):
    """The outputs that belong to scores."""
    return _output_value(z)


def _real(y):
    """y as an array of real numbers."""
    y = np.asarray(y)
    if y.dtype.kind not in "fiub":
        raise TypeError(f"y must hold real numbers, not {y.dtype}")
    return y


def _targets(y, rows):
    """Rows of probabilities, shape (rows, 3), or the indices of classes, shape (rows,)."""
    y = _real(y)
    if y.shape == (rows,) and y.dtype.kind in "iu":
        if y.size and not 0 <= y.min() <= y.max() < 3:
            raise ValueError("class indices must lie in 0..2")
        return (np.arange(3) == y[:, None]).astype(np.float64)
    if y.shape != (rows, 3):
        raise ValueError(f"y has shape {y.shape}, but needs ({rows}, 3), or class indices ({rows},)")
    miss = 8 * 3 * np.finfo(y.dtype if y.dtype.kind == "f" else np.float64).eps
    y = y.astype(np.float64)
    if (y < 0).any() or (np.abs(y.sum(-1) - 1) > miss).any():
        raise ValueError("targets must be nonnegative, and sum to 1 in each row")
    return y


def _sech2(x):
    """1 / cosh(x)**2, the slope of tanh."""
    t = np.exp(-2.0 * np.abs(x))
    return 4.0 * t / ((1.0 + t) * (1.0 + t))


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


def _pull(near, far, beside, aside, w):
    """w_j - p_j sum_k w_k: the transposed Jacobian of log(softmax) times w."""
    # Of the sum, w_j itself is taken out: w_j - p_j w_j is q_j w_j.
    return _unscaled(
        lambda w: beside * w * aside - near * _others_plain(w) * far,
        w,
    )


def _sum(x):
    """The sum of terms of one sign over the last axis, which stays."""
    return x.sum(-1, keepdims=True)


def _gated(x, y):
    """x * y, and 0 where one is 0, whatever the other is."""
    product = x * y
    if np.isfinite(product).all():
        return product
    return np.where((x == 0) | (y == 0), 0.0, product)


def _missed(parameters, x, y, direction, h=1e-6):
    """By how much the gradients along a direction miss a central difference of the loss."""
    moved = [{n: v + s * h * direction[n] for n, v in parameters.items()} for s in (1, -1)]
    difference = (loss(moved[0], x, y) - loss(moved[1], x, y)) / (2 * h)
    slopes = loss_and_grad(parameters, x, y)[1]
    along = sum(np.sum(slopes[n] * direction[n]) for n in slopes)
    return abs(along - difference) / (1 + abs(difference))


def _self_check():
    """Compare gradients with differences; return the exit code."""
    rng, worst = np.random.default_rng(0), 0.0
    for rows in (2, 3, 7):
        parameters = {n: v + 0.1 * rng.normal(size=v.shape) for n, v in initial(rows).items()}
        x = rng.normal(size=(rows, FEATURES))
        y = np.eye(3)[rng.integers(3, size=rows)]
        for _ in range(8):
            direction = {n: rng.normal(size=s) / max(np.prod(s), 1) ** 0.5 for n, s in SHAPES.items()}
            worst = np.maximum(worst, _missed(parameters, x, y, direction))  # of NaN it is NaN
    good = worst < 1e-5
    print(f"gradients against differences: {worst:.1e}, {'all well' if good else 'WRONG'}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(_self_check())
