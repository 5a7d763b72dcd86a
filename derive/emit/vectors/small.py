"""Small blocks of emitted vector files beside those of `blocks`: indicators, one component."""

import numpy as np

from derive.emit.vectors.blocks import _two_sum, _wide


def _sum(x):
    """The sum of terms of one sign over the last axis, which stays."""
    return x.sum(-1, keepdims=True)


def _gated(x, y):
    """x * y, and 0 where one is 0, whatever the other is."""
    product = x * y
    if np.isfinite(product).all():
        return product
    return np.where((x == 0) | (y == 0), 0.0, product)


def _combined(*products):
    """The sum of products of factors, which may overflow where their sum does not."""
    total = 0.0
    for first, *factors in products:
        for factor in factors:
            first = first * factor
        total = total + first
    if np.isfinite(total).all():
        return total
    parts = [_wide(*factors) for factors in products]
    top = -30000
    for _, e in parts:
        top = np.maximum(top, e)
    # NaN is 0 times infinity here: a factor 0 makes its product 0.
    parts = [np.where(np.isnan(m), 0.0, np.ldexp(m, e - top)) for m, e in parts]
    return np.ldexp(sum(parts), top)


def _over(x, y):
    """x / y, where 0 divided by 0 is 0: what has no weight takes no part."""
    return np.where(x == 0, 0.0, x / y)


def _positive(x):
    """1 where x > 0, else 0; NaN stays."""
    return np.where(np.isnan(x), x, np.where(x > 0, 1.0, 0.0))


def _largest(x, y=0.0):
    """The index of the largest component of x + y, exactly; the first of equal ones."""
    s, low = _two_sum(x, y)
    low = np.where(s == s.max(-1, keepdims=True), low, -np.inf)
    return low.argmax(-1)[..., None]


def _at(x, k):
    """The component with the index k of each row."""
    x, k = np.broadcast_arrays(x, k)
    return np.take_along_axis(x, k[..., :1], -1)


def _hot(k, x):
    """1 in the place of the index k, else 0."""
    return (np.arange(x.shape[-1]) == k) * 1.0


def _joined(*parts):
    """The vectors one after the other."""
    return np.concatenate(np.broadcast_arrays(*parts), -1)
