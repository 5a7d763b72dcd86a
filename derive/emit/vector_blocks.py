"""The stable blocks of vector subjects as NumPy code; an emitted file holds a copy of those it needs.

Arrays are float64 with components on the last axis; callers silence floating-point flags. Errors are
a few ulp over all floats (tests/test_vector_blocks.py measures them).
"""

import numpy as np


def _two_sum(x, y):
    """x + y and its rounding error, exactly (Knuth)."""
    s = x + y
    v = s - x
    return s, (x - (s - v)) + (y - v)


def _product_error(x, y):
    """x * y minus its rounded value, from exact products of halves (Dekker)."""
    x_high = 134217729.0 * x - (134217729.0 * x - x)
    y_high = 134217729.0 * y - (134217729.0 * y - y)
    x_low, y_low = x - x_high, y - y_high
    return x_high * y_high - x * y + x_high * y_low + x_low * y_high + x_low * y_low


def _expansion(terms):
    """The sum of arrays, each rounding error kept until the end (Shewchuk 1997)."""
    parts = []
    for term in terms:
        for n, part in enumerate(parts):
            term, parts[n] = _two_sum(term, part)
        parts.append(term)
    return sum(parts)


def _add(*terms):
    """The sum of a few arrays, right to about an ulp however they cancel."""
    total = _expansion(terms)
    if np.isfinite(total).all():
        return total
    # A partial sum has overflowed, or a term is infinite: no error is known of inf.
    terms = [np.asarray(term) / 16 for term in terms]
    scaled = 16 * _expansion(terms)
    scaled = np.where(np.isnan(scaled), sum(terms), scaled)
    return np.where(np.isfinite(total), total, scaled)


def _fit(x):
    """A power of two for each row that brings it away from the limits of the floats."""
    big = np.abs(x).max(-1, keepdims=True)
    return np.where(big > 2.0**960, 2.0**-60, np.where(big < 2.0**-400, 2.0**600, 1.0))


def _tree(x):
    """The sum over the last axis by pairs, and that of its rounding errors."""
    low = np.zeros((*x.shape[:-1], 1))
    while (n := x.shape[-1]) > 1:
        s, error = _two_sum(x[..., : n // 2], x[..., n // 2 : n - n % 2])
        x = np.concatenate((s, x[..., n - n % 2 :]), -1)
        low = low + error.sum(-1, keepdims=True)
    return x, low


def _total(x):
    """The sum over the last axis, which stays as one of length 1."""
    scale = _fit(x)
    high, low = _tree(scale * x)
    return np.where(np.isfinite(high), high + low, x.sum(-1, keepdims=True)) / scale


def _others(w):
    """The sum over k != j of w_k for every j."""
    scale = _fit(w)
    w = scale * w
    top = np.abs(w).argmax(-1)[..., None]
    largest, rest = np.take_along_axis(w, top, -1), w.copy()
    np.put_along_axis(rest, top, 0 * largest, -1)  # 0 * NaN is NaN
    high, low = _tree(rest)
    # Total minus w_j would lose the others where w_j is nearly all: the largest stays out.
    gap, first = _two_sum(largest, -w)
    others, second = _two_sum(high, gap)
    others = others + (first + second + low)
    np.put_along_axis(others, top, high + low, -1)
    return others / scale


def _mul(*factors):
    """The product, without overflow or underflow on the way; a factor 0 makes it 0."""
    product, power = 1.0, 0
    for factor in factors:
        part, exponent = np.frexp(factor)
        product, power = product * part, power + exponent
    product = np.ldexp(product, power)
    if np.isfinite(product).all():
        return product
    zero, bad = factors[0] == 0, np.isnan(factors[0])
    for factor in factors[1:]:
        zero, bad = zero | (factor == 0), bad | np.isnan(factor)
    return np.where(zero & ~bad, 0.0, product)


def _exp_mul(x, *factors):
    """exp(x) times the factors, without overflow or underflow on the way."""
    # x = k log 2 + r; k has 16 bits, and the first part of log 2 so few that its product is exact.
    x = np.clip(x, -2e4, 2e4)
    k = np.rint(x / np.log(2.0))
    r = (x - k * 0.693147180369123816490) - k * 1.90821492927058770002e-10
    k = np.where(np.isnan(k), 0.0, k).astype(np.int32)
    product = np.exp(r)
    for factor in factors:
        part, exponent = np.frexp(factor)
        product, k = product * part, k + exponent
    return np.ldexp(product, k)


def _divided(x, c):
    """x / c and its rounding error."""
    quotient = x / c
    return quotient, ((x - quotient * c) - _product_error(quotient, c)) / c


def _gap(x):
    """x minus its largest component, the rounding error of that, and where the largest is."""
    top = x.argmax(-1)[..., None]
    peak = np.take_along_axis(x, top, -1)
    gap, low = _two_sum(x, -peak)
    low = np.where(np.isfinite(low), low, 0.0)
    # +inf - inf at the maximum is 0, but no limit exists where all components are -inf.
    none = np.where(peak > -np.inf, 0.0, np.nan)
    np.put_along_axis(gap, top, none, -1)
    return gap, low, top


def _log_softmax(z, over=1.0):
    """log(p) / 2, p, q = 1 - p and where p is largest, for p = softmax(z / over).

    Halved, since the distance of two floats may exceed the largest float.
    """
    gap, low, top = _gap(z)
    half = gap / 2
    wide = np.isinf(gap)
    if wide.any():
        half = np.where(
            wide & np.isfinite(z), z / 2 - np.take_along_axis(z, top, -1) / 2, half
        )
    if np.any(over != 1.0):
        gap, error = _divided(gap, over)
        low = low / over + np.where(np.isfinite(error), error, 0.0)
        half = half / over
    # exp amplifies the rounding of its argument.
    e = np.exp(gap)
    e = e + e * np.clip(low, -1.0, 1.0)
    rest = e.copy()
    np.put_along_axis(rest, top, np.take_along_axis(0 * e, top, -1), -1)
    rest = rest.sum(-1, keepdims=True)
    total = 1.0 + rest
    q = (total - e) / total
    # 1 - p is the sum of the others: nothing is subtracted at the largest.
    np.put_along_axis(q, top, rest / total, -1)
    return half + low / 2 - np.log1p(rest) / 2, e / total, q, top


def _pull(p, q, w):
    """w_j - p_j sum_k w_k: the transposed Jacobian of log(softmax) times w."""
    scale = _fit(w)
    w = scale * w
    return (q * w - p * _others(w)) / scale


def _push(p, q, v):
    """v_j - sum_k p_k v_k: the Jacobian of log(softmax) times v."""
    scale = _fit(v)
    p, v = np.broadcast_arrays(p, scale * v)
    # Only differences of v matter: v is made 0 where p is largest.
    v = v - np.take_along_axis(v, p.argmax(-1)[..., None], -1)
    return (q * v - _others(p * v)) / scale


def _support(x, power):
    """The support s and t_j = max(x_j - tau, 0) with sum_k t_k**power = 1, power 1 or 2."""
    gap, low, _ = _gap(x)
    d = np.minimum(-(gap + low), 2.0)
    best = np.sort(d, -1)
    n = np.arange(1, x.shape[-1] + 1)
    one, two = best.cumsum(-1), (best * best).cumsum(-1)
    excess = (
        one - n * best + 1 if power == 1 else 1 - (n * best**2 - 2 * best * one + two)
    )
    count = (excess > 0).sum(-1, keepdims=True)
    one, two = (np.take_along_axis(a, np.maximum(count - 1, 0), -1) for a in (one, two))
    if power == 1:
        t = (1 + one - count * d) / count
    else:
        t = one / count + np.sqrt(count - (count * two - one**2)) / count - d
    t = np.where(np.isnan(d).any(-1, keepdims=True), np.nan, np.maximum(t, 0.0))
    return np.where(np.isnan(t), t, t > 0), t


def _unit(x):
    """a = x / ||x||, h = sqrt(1 - a**2) without cancellation, and ||x|| = n * 2**e.

    h * h is the sum of the squares of the other components of a.
    """
    _, e = np.frexp(np.abs(x).max(-1, keepdims=True))
    x = np.ldexp(x, -e)
    n = np.sqrt((x * x).sum(-1, keepdims=True))
    top = np.abs(x).argmax(-1)[..., None]
    rest = x.copy()
    np.put_along_axis(rest, top, np.take_along_axis(0 * x, top, -1), -1)
    _, shift = np.frexp(np.abs(rest).max(-1, keepdims=True))
    rest = np.ldexp(rest, -shift)
    h = np.sqrt(np.maximum(n * n - x * x, 0.0))
    short = np.ldexp(np.sqrt((rest * rest).sum(-1, keepdims=True)), shift)
    np.put_along_axis(h, top, short, -1)
    n = np.where(n > 0, n, np.nan)
    return x / n, h / n, n, e


def _tangent(a, h, w):
    """w_j - a_j sum_k a_k w_k for a of length 1: n times the Jacobian of x / ||x|| times w."""
    scale = _fit(w)
    w = scale * w
    return (h * (h * w) - a * _others(a * w)) / scale


def _pairs(a, y):
    """The multi-label margin loss and its slope, from one order instead of all pairs.

    loss = sum_j sum_i y_j (1 - y_i) max(0, 1 - a_j + a_i) / K
    """
    # Violated are the pairs with b_i > b_j, where b is a, and a - 1 where y = 1.
    b, low = _two_sum(a, -y)
    order = np.lexsort(
        (y, low, b), -1
    )  # at a tie y = 0 comes first: it is not violated
    b, low, y = (np.take_along_axis(v, order, -1) for v in (b, low, y))
    below = y.cumsum(-1)
    above = (1 - y).sum(-1, keepdims=True) - (1 - y).cumsum(-1)
    classes = a.shape[-1]
    slope = np.empty_like(b)
    np.put_along_axis(slope, order, ((1 - y) * below - y * above) / classes, -1)
    # Each step of the order is crossed by below * above violated pairs: no term is negative.
    first, second = slice(None, -1), slice(1, None)
    step = (b[..., second] - b[..., first]) + (low[..., second] - low[..., first])
    crossed = (below * above)[..., first]
    return (np.where(crossed > 0, crossed * step, 0.0)).sum(-1) / classes, slope
