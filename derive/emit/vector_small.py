"""Small blocks of emitted vector files beside those of `vector_blocks`: indicators, one component."""

import numpy as np


def _shrunk(x, n, e):
    """x / (n * 2**e)."""
    return np.ldexp(x / n, -e)


def _sum(x):
    """The sum of terms of one sign over the last axis, which stays."""
    return x.sum(-1, keepdims=True)


def _times(x, y):
    """x * y, where 0 times infinity is 0."""
    product = x * y
    if np.isfinite(product).all():
        return product
    nothing = (x == 0) & np.isinf(y) | (y == 0) & np.isinf(x)
    return np.where(nothing, 0.0, product)


def _positive(x):
    """1 where x > 0, else 0; NaN stays."""
    return np.where(np.isnan(x), x, np.where(x > 0, 1.0, 0.0))


def _largest(x):
    """The index of the largest component, the first of equal ones."""
    return x.argmax(-1)[..., None]


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
