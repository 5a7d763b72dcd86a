"""Logarithms beside what they all but cancel, for losses of positive means."""

import numpy as np


def _lag(x):
    """x - log(1 + x), about x**2 / 2 near 0.

    There log(1 + x) is 2 atanh(s), s = x / (2 + x), and x - 2 s is s x; what follows
    s in atanh is a polynomial in s**2, equal to it at 10 points of [0, 1/9].
    """
    s = x / (2.0 + x)
    rest = 0.08082022805971766
    for c in (
        0.04400369243072337,
        0.06000536404795356,
        0.06657072104827468,
        0.07692785032479312,
        0.09090894718066429,
        0.11111111358713932,
        0.1428571428355438,
        0.20000000000007292,
        0.3333333333333333,
    ):
        rest = rest * s * s + c
    return np.where(
        (x > -0.5) & (x < 1.0),
        s * (x - 2.0 * s * s * rest),
        x - np.log1p(np.minimum(x, 1e300)),
    )


def _bose(x):
    """1 / (exp(x) - 1)."""
    return 1.0 / np.expm1(x)


def _bose_rest(x):
    """1 + 1 / (exp(x) - 1)."""
    return -1.0 / np.expm1(-x)


def _log1mexp(x):
    """log(1 - exp(-x)); Maechler, Accurately computing log(1 - exp(-|a|)) (2012)."""
    near = np.log(-np.expm1(-x))
    return np.where(x < 0.6931471805599453, near, np.log1p(-np.exp(-x)))


def _log_lifted(c, x):
    """log(1 + c * (exp(x) - 1)), which is small, or has 1 near -c * (exp(x) - 1)."""
    a = c * np.expm1(x)
    return np.where(a < -0.5, np.log((1.0 - c) + c * np.exp(x)), np.log1p(a))


def _root_rest(x):
    """The square root of 1 - exp(-x)."""
    return np.sqrt(-np.expm1(-x))


def _log_bose(x):
    """-log(exp(x) - 1) for x > 0, which tends to -x."""
    return -x - np.log(-np.expm1(-x))


def _root_bose(x):
    """The square root of 1 / (exp(x) - 1) for x > 0: normal where that is subnormal."""
    return np.exp(-x / 2) / np.sqrt(-np.expm1(-x))
