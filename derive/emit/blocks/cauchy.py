"""The Cauchy distribution: none of these squares overflows before its reciprocal has become 0."""

import numpy as np


def _root_lorentz(x):
    """1 / sqrt(1 + x**2)."""
    m = np.maximum(np.abs(x), 1.0)
    return 1.0 / (m * np.sqrt((x / m) ** 2 + (1.0 / m) ** 2))


def _lorentz(x):
    """1 / (1 + x**2), the slope of the arctangent."""
    return 1.0 / (1.0 + x * x)


def _cauchy(x):
    """1 / 2 + arctan(x) / pi, the Cauchy distribution function."""
    return np.abs((x >= 0) - np.arctan(1.0 / np.abs(x)) / np.pi)


def _log_cauchy(x):
    """log(1 / 2 + arctan(x) / pi)."""
    tail = np.arctan(1.0 / np.abs(x)) / np.pi
    return np.where(x < 0, np.log(tail), np.log1p(-tail))


def _cauchy_score(x):
    """1 / ((1 + x**2) * (pi / 2 + arctan(x))), the slope of _log_cauchy."""
    m = np.maximum(np.abs(x), 1.0)
    square = (x / m) ** 2 + (1.0 / m) ** 2
    return 1.0 / (m * (m * (np.pi * _cauchy(x)) * square))


def _root_cauchy_score(x):
    """The square root of _cauchy_score(x): normal where that is subnormal."""
    m = np.maximum(np.abs(x), 1.0)
    square = (x / m) ** 2 + (1.0 / m) ** 2
    return 1.0 / (np.sqrt(m) * np.sqrt(m * (np.pi * _cauchy(x)) * square))


def _cauchy_lag(x):
    """x + 1 / (pi / 2 + arctan(x)), which is about -1 / (3 x) on the left.

    There it is 1 / arctan(t) - 1 / t with t = -1 / x, the continued fraction of the
    arctangent without its first part.
    """
    t = np.minimum(1.0 / np.abs(x), 1.0)
    below = 49.0
    for n in range(24, 1, -1):
        below = (2.0 * n - 1.0) + n * n * t * t / below
    return np.where(x < -1.0, t / below, x + 1.0 / (np.pi * _cauchy(x)))


def _cauchy_pull(x):
    """1 / (sqrt(1 + x**2) * (pi / 2 + arctan(x))), which tends to 1 on the left."""
    m = np.maximum(np.abs(x), 1.0)
    return 1.0 / (m * (np.pi * _cauchy(x)) * np.sqrt((x / m) ** 2 + (1.0 / m) ** 2))
