"""The extreme value (Gumbel) distribution."""

import numpy as np

from derive.emit.blocks.rounded import _product_error


def _exp_rest(x):
    """exp(x) minus its rounded value, for x in [0, 12]; 0 left of it.

    With k log 2 taken off, 1 + x + x**2 / 2 is summed in pairs of floats. What
    follows it is small, and needs no care.
    """
    x = np.clip(x, 0.0, 12.0)
    k = np.round(x / 0.6931471805599453)
    high = x - k * 0.6931471803691238  # exact: these are 32 bits of log 2
    r = high - k * 1.9082149292705877e-10
    low = (high - r) - k * 1.9082149292705877e-10
    series = 1.1470745597729725e-11
    for c in (
        1.6059043836821613e-10,
        2.08767569878681e-09,
        2.505210838544172e-08,
        2.755731922398589e-07,
        2.7557319223985893e-06,
        2.48015873015873e-05,
        0.0001984126984126984,
        0.001388888888888889,
        0.008333333333333333,
        0.041666666666666664,
        0.16666666666666666,
    ):
        series = series * r + c
    half, linear = r * r / 2, 1.0 + r
    total = linear + half
    lost = ((1.0 - linear) + r) + ((linear - total) + half)
    rest = lost + (low + r * low + _product_error(r, r) / 2 + half * (2.0 * r * series))
    scale = np.round(np.exp(0.6931471805599453 * k))  # 2**k
    return (scale * total - np.exp(x)) + scale * rest


def _root_gumbel(x):
    """The square root of _gumbel(x): normal where that is subnormal."""
    return np.exp(-np.exp(x) / 2) * (1.0 - _exp_rest(x) / 2)


def _gumbel(x):
    """exp(-exp(x)), the rounding of exp(x) made good."""
    return np.exp(-np.exp(x)) * (1.0 - _exp_rest(x))


def _gumbel_power(x, n):
    """exp(-n * exp(x)), the rounding of exp(x) and of the product made good."""
    x = np.minimum(x, 30.0)  # far beyond, it is 0 or infinite for every n
    t = np.exp(x)
    return np.exp(-n * t) * (1.0 - (n * _exp_rest(x) + _product_error(n, t)))


def _gumbel_rest(x):
    """1 - exp(-exp(x))."""
    return -np.expm1(-np.exp(x))


def _root_gumbel_rest(x):
    """The square root of _gumbel_rest(x): normal where that is subnormal."""
    half = np.exp(x / 2)
    return np.where(x < -40.0, half, np.sqrt(_gumbel_rest(x)))


def _root_gumbel_density(x):
    """The square root of _gumbel_density(x): normal where that is subnormal."""
    return np.exp(np.minimum(x, 8.0) / 2) * _root_gumbel(x)


def _gumbel_density(x):
    """exp(x - exp(x))."""
    q = _root_gumbel(x)
    return np.exp(np.minimum(x, 8.0)) * q * q


def _gumbel_bend(x):
    """1 - exp(x); beyond 8 the density that it multiplies is 0."""
    return -np.expm1(np.minimum(x, 8.0))


def _log_gumbel_rest(x):
    """log(1 - exp(-exp(x))), which tends to x on the left."""
    left = np.where(x < -40.0, x, np.log(_gumbel_rest(np.maximum(x, -40.0))))
    return np.where(x < -0.37, left, np.log1p(-_gumbel(x)))


def _gumbel_score(x):
    """exp(x) / (exp(exp(x)) - 1), slope of _log_gumbel_rest; it tends to 1 on the left."""
    x = np.maximum(x, -40.0)
    return _gumbel_density(x) / _gumbel_rest(x)


def _root_gumbel_score(x):
    """The square root of _gumbel_score(x): normal where that is subnormal."""
    x = np.maximum(x, -40.0)
    return _root_gumbel_density(x) / _root_gumbel_rest(x)


def _gumbel_lag(x):
    """exp(x) + _gumbel_score(x) - 1; beyond 8 the score that it multiplies is 0.

    Where t = exp(x) is small it is t / 2 and a series in t**2, of Bernoulli numbers.
    """
    t = np.exp(np.minimum(x, 8.0))
    s = np.minimum(t * t, 1.0)
    series = 5.5090028283602295e-18
    for c in (
        -2.174868698558062e-16,
        8.586062056277845e-15,
        -3.3896802963225827e-13,
        1.3382536530684679e-11,
        -5.284190138687493e-10,
        2.08767569878681e-08,
        -8.267195767195768e-07,
        3.306878306878307e-05,
        -0.001388888888888889,
        0.08333333333333333,
    ):
        series = series * s + c
    return np.where(t < 1.0, t * (0.5 + t * series), (t - 1.0) + _gumbel_score(x))
