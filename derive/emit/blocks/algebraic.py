"""Softsign, squareplus, and what follows from them."""

import numpy as np

from derive.emit.blocks.robust import _hyperbola


def _softsign(x):
    """x / (1 + |x|), the sign of x where that has overflowed."""
    near = np.clip(x, -1e300, 1e300)
    return near / (1.0 + np.abs(near))


def _softsign_rest(x):
    """1 - _softsign(x): for positive x, 1 / (1 + x)."""
    size = 1.0 + np.abs(x)
    return 1.0 / size + 2.0 * (np.maximum(-x, 0.0) / size)


def _squareplus(x):
    """(x + sqrt(1 + x**2)) / 2, a reciprocal for negative x; sqrt is |x| beyond 1e8."""
    far = np.abs(x)
    near = np.minimum(far, 1e8)
    size = (near + np.sqrt(1.0 + near * near)) / 2 + (far - near)
    return np.where(x >= 0, size, 0.25 / size)


def _raised_hyperbola(x):
    """x + sqrt(1 + x**2) - 1, of one sign on either side: -s / (1 + s) left of 0 with s of |x|, in halves."""
    half = 0.5 * np.abs(x) + 0.5 * _hyperbola(x)
    return np.where(x > 0, 2.0 * half, -half / (0.5 + half))


def _arsinh(x):
    """log(x + sqrt(1 + x**2)), odd; the root is |x| beyond 1e8."""
    far = np.abs(x)
    near = np.minimum(far, 1e8)
    size = np.log1p(near + near * near / (1.0 + np.sqrt(1.0 + near * near)))
    return np.sign(x) * (size + np.log(np.maximum(far, 1e8) / 1e8))


def _root_exp_arsinh(x):
    """exp(arsinh(x) / 2)."""
    return np.sqrt(2.0 * _squareplus(x))


def _rise(x):
    """(1 + x / sqrt(1 + x**2)) / 2, slope of _squareplus; its complement is _rise(-x)."""
    near = np.minimum(np.abs(x), 1e8)
    root = np.sqrt(1.0 + near * near)
    below = np.where(x > -1e8, 0.5 / root / (root + near), 0.25 / x / x)
    return np.where(x >= 0, (root + near) / root / 2, below)


def _root_rise(x):
    """The square root of _rise(x): normal where that is subnormal."""
    near = np.minimum(np.abs(x), 1e8)
    root = np.sqrt(1.0 + near * near)
    below = np.where(x > -1e8, np.sqrt(0.5 / root / (root + near)), 0.5 / np.abs(x))
    return np.where(x >= 0, np.sqrt((root + near) / root / 2), below)


def _rise_slope(x):
    """1 / (2 (1 + x**2)**1.5), the slope of _rise."""
    square = 1.0 + x * x
    return 0.5 / square / np.sqrt(square)


def _root_rise_slope(x):
    """The square root of _rise_slope(x)."""
    root = np.sqrt(1.0 + x * x)
    return np.sqrt(0.5 / root) / root


def _log_raised_softsign(x):
    """log(1 + x / (1 + |x|)); for negative x, -log(1 - x)."""
    return np.where(x < 0, -np.log1p(np.abs(x)), np.log1p(_softsign(x)))
