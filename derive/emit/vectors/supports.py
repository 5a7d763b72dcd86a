"""The blocks of vectors that need an order of the components: supports, ranked pairs.

Arrays are float64 with components on the last axis; callers silence floating-point
flags. Distances are in double-double where their signs decide.
"""

import numpy as np

from derive.emit.vectors.blocks import (
    _plus_error,
    _total,
    _tree,
    _two_product,
    _two_sum,
    _unscaled,
)


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
    # Each step of the order is crossed by below * above violated pairs: no differences.
    crossed = (below * above / classes)[..., :-1]

    def cost(order):
        b, low = np.diff(order, axis=-1)
        return np.where(crossed > 0, crossed * (b + low), 0.0).sum(-1, keepdims=True)

    undefined = np.isnan(a).any(-1, keepdims=True)
    return np.where(undefined, np.nan, _unscaled(cost, np.stack((b, low)))), slope
