"""Arithmetic in an order that neither overflows nor rounds early."""

import numpy as np


def _within(delta, x, y):
    """delta - |x - y|, with the right sign however x - y is rounded."""
    r = x - y
    v = x - r
    low = (x - (r + v)) + (v - y)
    return (delta - np.abs(r)) - np.where(np.isfinite(r), np.sign(r) * low, 0.0)


def _beside(delta, w, x, y, c):
    """delta - |w|, w = c + x - y; where x is small, what does not vary with it is added first."""
    sign = np.where(w < 0, -1.0, 1.0)
    near = -sign * (c - sign * delta - y + x)
    return np.where(np.abs(2 * x) < np.abs(c), near, delta - np.abs(w))


def _times(x, y):
    """x * y, and a small number or 0 where x has decayed, faster than y overflows."""
    held = np.where(np.abs(x) < 1e-100, np.clip(y, -1e308, 1e308), y)
    return np.where(x == 0, 0.0, x * held)


def _plus(x, y):
    """x + y, and x where that has overflowed: x grows faster."""
    return np.where(np.isinf(x), x, x + y)


def _log_of(x, far):
    """log(x), and far, the same as a sum of logarithms, where x is no normal number."""
    return np.where((x > 1e-300) & (x < 1e300), np.log(x), far)


def _log1p_of(x, far):
    """log(1 + x), and far, the logarithm of x, where that has overflowed."""
    return np.where(x < 1e300, np.log1p(x), far)


def _weighted_log_of(y, x, far):
    """y * log(x), and far, the same as a sum, where x is no normal number."""
    return np.where((x > 1e-300) & (x < 1e300), y * np.log(x), far)


def _weighted_log1p_of(y, x, far):
    """y * log(1 + x), and far, y * log(x) as a sum, where x has overflowed."""
    return np.where(x < 1e300, y * np.log1p(x), far)
