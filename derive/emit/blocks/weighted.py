"""Products of a factor that may be 0 and what overflows: they overflow no earlier than their value."""

import numpy as np

from derive.emit.blocks.logistic import _tanh_lag
from derive.emit.blocks.normal import _ndtr_tilt, _npdf
from derive.emit.blocks.positive import _lag


def _weighted_exp(c, x):
    """c * exp(x), and 0 where c is 0 although exp(x) overflows."""
    h = np.minimum(np.exp(x / 2), 1e300)
    return c * h * h


def _weighted_square(c, x):
    """c * x**2, and 0 where c is 0 although the square overflows."""
    h = np.minimum(x, 1e300)
    return c * h * h


def _weighted_softplus(c, number, x):
    """c * log(1 + exp(number * x)), and 0 where c is 0 whatever number * x is."""
    above = np.maximum(np.sign(number) * x, 0.0)
    value = c * abs(number) * above + c * np.log1p(np.exp(-np.abs(number * x)))
    return np.where(c == 0, 0.0, value)


def _weighted_log_ndtr(c, x):
    """c * _log_ndtr(x), and 0 where c is 0 although x * x overflows."""
    steep = np.abs(x) + _ndtr_tilt(np.abs(x))
    left = c * (x / -2) * x - c * (np.log(steep) + 0.9189385332046727)
    return np.where(x < 0, left, c * np.log1p(-_npdf(x) / steep))


def _weighted_lag(c, x):
    """c * _lag(x), also where x * x is subnormal and c is large."""
    return np.where(np.abs(x) < 1e-100, c * x * x / 2, c * _lag(x))


def _weighted_tanh_lag(c, x):
    """c * _tanh_lag(x), also where x * x is subnormal and c is large."""
    return np.where(np.abs(x) < 1e-100, c * x * x / 3, c * _tanh_lag(x))
