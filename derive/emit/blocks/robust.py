"""Robust losses: none of these squares overflows, nor cancels what is left of 1."""

import numpy as np

from derive.emit.blocks.positive import _lag


def _hyperbola(x):
    """sqrt(1 + x**2) - 1; beyond 1e100 the root is |x|."""
    near = np.clip(x, -1e100, 1e100)
    return np.abs(x) * (np.abs(near) / (1.0 + np.sqrt(1.0 + near * near)))


def _hyperbola_slope(x):
    """x / sqrt(1 + x**2), the slope of _hyperbola."""
    near = np.clip(x, -1e100, 1e100)
    return near / np.sqrt(1.0 + near * near)


def _even_lag(x):
    """|x| - log(1 + |x|)."""
    return _lag(np.abs(x))


def _heavy(x):
    """log(1 + x**2); beyond 1 by log(x**2) and the square of 1 / x."""
    size = np.maximum(np.abs(x), 1.0)
    least = np.minimum(np.abs(x), 1.0 / size)
    return 2.0 * np.log(size) + np.log1p(least * least)


def _heavy_score(x):
    """x / (1 + x**2), half the slope of _heavy."""
    root = np.maximum(np.abs(x), 1.0)
    return x / root / root / ((x / root) ** 2 + (1.0 / root) ** 2)


def _heavy_bend(x):
    """(1 - x**2) / (1 + x**2)**2, the slope of _heavy_score."""
    size = np.abs(x)
    root = np.maximum(size, 1.0)
    least = np.minimum(size, 1.0 / root)
    scale = (1.0 + least * least) * root
    return (1.0 - size) / root * ((1.0 + size) / root) / scale / scale
