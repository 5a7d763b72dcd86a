"""Sigmoid, softplus, tanh, and what follows from them."""

import numpy as np


def _sigmoid(x):
    """1 / (1 + exp(-x)); its complement is _sigmoid(-x)."""
    t = np.exp(-np.abs(x))
    return np.maximum(t, x >= 0) / (1.0 + t)


def _root_sigmoid(x):
    """The square root of _sigmoid(x): normal where that is subnormal."""
    t = np.exp(-np.abs(x) / 2)
    return np.maximum(t, x >= 0) / np.sqrt(1.0 + t * t)


def _logistic(x):
    """The slope of the sigmoid, exp(-x) / (1 + exp(-x))**2."""
    t = np.exp(-np.abs(x))
    return t / ((1.0 + t) * (1.0 + t))


def _root_logistic(x):
    """The square root of _logistic(x): normal where that is subnormal."""
    t = np.exp(-np.abs(x) / 2)
    return t / (1.0 + t * t)


def _sech(x):
    """1 / cosh(x); its square is the slope of tanh."""
    t = np.exp(-np.abs(x))
    return 2.0 * t / (1.0 + t * t)


def _sech2(x):
    """1 / cosh(x)**2, the slope of tanh."""
    t = np.exp(-2.0 * np.abs(x))
    return 4.0 * t / ((1.0 + t) * (1.0 + t))


def _softplus(x):
    """log(1 + exp(x))."""
    return np.maximum(x, 0.0) + np.log1p(np.exp(-np.abs(x)))


def _log_raised_tanh(x):
    """log(1 + tanh(x)), about x near 0; finite for finite x."""
    left = 0.6931471805599453 - _softplus(-2.0 * np.maximum(x, -8e307))
    return np.where(x < -0.5, left, np.log1p(np.tanh(x)))


def _root_softplus(x):
    """The square root of _softplus(x): normal where that is subnormal."""
    return np.where(x < -37.0, np.exp(x / 2), np.sqrt(_softplus(x)))


def _log_softplus(x):
    """log(log(1 + exp(x))), which tends to x on the left."""
    return np.where(x < -37.0, x, np.log(_softplus(x)))


def _softplus_score(x):
    """sigmoid(x) / softplus(x), the slope of _log_softplus; it tends to 1 there."""
    return np.where(x < -37.0, 1.0, _sigmoid(x) / _softplus(x))


def _softplus_lag(x):
    """1 / softplus(x) - exp(-x), which tends to 1/2 on the left.

    There t - log1p(t) is s t - 2 (atanh(s) - s) with s = t / (2 + t), atanh by series.
    """
    t = np.exp(x)
    s = t / (2.0 + t)
    series = np.zeros_like(s)
    for n in (23, 21, 19, 17, 15, 13, 11, 9, 7, 5, 3):
        series = series * s * s + 1.0 / n
    left = (t - 2.0 * s * s * series) / ((2.0 + t) * np.log1p(t))
    right = 1.0 / _softplus(x) - np.exp(-x)
    return np.where(x < -37.0, 0.5, np.where(x < -1.0, left, right))


def _log_cosh(x):
    """log(cosh(x)); its slope is 1 beyond 20."""
    x = np.abs(x)
    near = np.minimum(x, 20.0)
    return np.log1p(2.0 * np.sinh(near / 2) ** 2) + (x - near)


def _tanh_lag(x):
    """1 - tanh(x) / x, about x**2 / 3 near 0: there tanh(x) is x / (1 + t), t a fraction."""
    far = np.abs(x)
    square = np.minimum(far, 1.0) ** 2
    t = square / 21.0
    for n in (19.0, 17.0, 15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0):
        t = square / (n + t)
    return np.where(far < 1.0, t / (1.0 + t), 1.0 - np.tanh(far) / far)


def _tanh_shrink(x):
    """x - tanh(x), about x**3 / 3 near 0: there tanh(x) is x / (1 + t), t a fraction."""
    far = np.abs(x)
    square = np.minimum(far, 1.0) ** 2
    t = square / 21.0
    for n in (19.0, 17.0, 15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0):
        t = square / (n + t)
    beyond = (far - 1.0) + 2.0 / (np.exp(2.0 * far) + 1.0)
    return np.where(far < 1.0, x * t / (1.0 + t), np.sign(x) * beyond)
