"""Blocks of rounded arguments: products, polynomials and differences whose rounding is made good."""

import numpy as np

from derive.emit.blocks.logistic import (
    _logistic,
    _root_logistic,
    _root_sigmoid,
    _sech,
    _sech2,
    _sigmoid,
    _softplus,
)


def _product_error(c, x):
    """c * x minus its rounded value, from exact products of halves (Dekker)."""
    c, x = np.clip(c, -1e150, 1e150), np.clip(x, -1e150, 1e150)
    c_high = 134217729.0 * c - (134217729.0 * c - c)
    x_high = 134217729.0 * x - (134217729.0 * x - x)
    c_low, x_low = c - c_high, x - x_high
    return c_high * x_high - c * x + c_high * x_low + c_low * x_high + c_low * x_low


def _scaled_sigmoid(c, x):
    """_sigmoid(c * x), the rounding of the product made good."""
    return _sigmoid(c * x) * (1.0 + _product_error(c, x) * _sigmoid(-c * x))


def _scaled_root_sigmoid(c, x):
    """_root_sigmoid(c * x), the rounding of the product made good."""
    return _root_sigmoid(c * x) * (1.0 + _product_error(c, x) / 2 * _sigmoid(-c * x))


def _scaled_exp(c, x):
    """exp(c * x), the rounding of the product made good."""
    return np.exp(c * x) * np.maximum(1.0 + _product_error(c, x), 0.5)


def _scaled_root_exp(c, x):
    """exp(c * x / 2), the rounding of the product made good."""
    return np.exp(c * x / 2) * np.maximum(1.0 + _product_error(c, x) / 2, 0.5)


def _weighted_scaled_exp(y, c, x):
    """y * exp(c * x), the rounding of c * x made good; 0 where y is 0 whatever exp is."""
    h = np.minimum(_scaled_root_exp(c, x), 1e300)
    return y * h * h


def _quotient_power(x, n, m):
    """x**(n / m), the rounding of the quotient made good."""
    e = n / m
    low = ((n - e * m) - _product_error(e, m)) / m
    return x**e * (1.0 + low * np.log(np.minimum(x, 1e308)))


def _weighted_root(y, x, n, m):
    """y * x**(2n / m), and 0 where y is 0 although the power overflows."""
    h = np.minimum(_quotient_power(x, n, m), 1e300)
    return y * h * h


def _weighted_power(y, x, n):
    """y * x**(2n), and 0 where y is 0 although the power overflows."""
    h = np.minimum(x**n, 1e300)
    return y * h * h


def _scaled_logistic(c, x):
    """_logistic(c * x), the rounding of the product made good."""
    return _logistic(c * x) * (1.0 - _product_error(c, x) * np.tanh(c * x / 2))


def _scaled_root_logistic(c, x):
    """_root_logistic(c * x), the rounding of the product made good."""
    return _root_logistic(c * x) * (1.0 - _product_error(c, x) / 2 * np.tanh(c * x / 2))


def _polynomial(x, *coefficients):
    """A polynomial and what rounding took from it (the compensated Horner scheme).

    Each coefficient, the highest first, is a pair of floats whose sum it is. Graillat,
    Langlois and Louvet, Algorithms for accurate, validated and fast polynomial
    evaluation (2009). Beyond 1e50 the value at 1e50 is taken.
    """
    x = np.clip(x, -1e50, 1e50)
    value, low = coefficients[0]
    for c, rest in coefficients[1:]:
        product = value * x
        total = product + c
        v = total - product
        lost = (product - (total - v)) + (c - v)
        low = low * x + (_product_error(value, x) + lost + rest)
        value = total
    return value, low


def _sigmoid_of(polynomial):
    """_sigmoid of a polynomial, the rounding of which is made good."""
    w, low = polynomial
    return _sigmoid(w) * (1.0 + low * _sigmoid(-w))


def _root_sigmoid_of(polynomial):
    """_root_sigmoid of a polynomial, the rounding of which is made good."""
    w, low = polynomial
    return _root_sigmoid(w) * (1.0 + low / 2 * _sigmoid(-w))


def _logistic_of(polynomial):
    """_logistic of a polynomial, the rounding of which is made good."""
    w, low = polynomial
    return _logistic(w) * (1.0 - low * np.tanh(w / 2))


def _root_logistic_of(polynomial):
    """_root_logistic of a polynomial, the rounding of which is made good."""
    w, low = polynomial
    return _root_logistic(w) * (1.0 - low / 2 * np.tanh(w / 2))


def _difference(x, y):
    """x - y and its rounding error; none is known, or matters, where that is huge."""
    r = x - y
    v = x - r
    return r, np.where(np.abs(r) < 1e3, (x - (r + v)) + (v - y), 0.0)


def _sigmoid_between(x, y):
    """_sigmoid(x - y), the rounding of the difference made good."""
    r, low = _difference(x, y)
    return _sigmoid(r) * (1.0 + low * _sigmoid(-r))


def _root_sigmoid_between(x, y):
    """_root_sigmoid(x - y), the rounding of the difference made good."""
    r, low = _difference(x, y)
    return _root_sigmoid(r) * (1.0 + low / 2 * _sigmoid(-r))


def _root_logistic_between(x, y):
    """_root_logistic(x - y), the rounding of the difference made good."""
    r, low = _difference(x, y)
    return _root_logistic(r) * (1.0 - low / 2 * np.tanh(r / 2))


def _logistic_between(x, y):
    """_logistic(x - y), the rounding of the difference made good."""
    r, low = _difference(x, y)
    return _logistic(r) * (1.0 - low * np.tanh(r / 2))


def _softplus_between(x, y):
    """_softplus(x - y), the rounding of the difference made good."""
    r, low = _difference(x, y)
    return _softplus(r) + low * _sigmoid(r)


def _sech2_between(x, y):
    """_sech2(x - y), the rounding of the difference made good."""
    r, low = _difference(x, y)
    return _sech2(r) * (1.0 - 2.0 * low * np.tanh(r))


def _waves(c, x):
    """The sine and cosine of c * x, for c up to 1024 even where that is no float.

    It is 2**1020 n + rest + low;
    that power is -0.467469819705002 - 2.7326902867130014e-12 beside a
    multiple of 2 pi. Beyond 1e140 the rounding error low is that of a part, scaled.
    """
    part = np.where(np.abs(x) > 1e140, 2.0**-600, 1.0)
    low = _product_error(c, x * part) / part
    shrunk = c * (x / 1024)
    n = np.round(shrunk * 2.0**-1010)
    rest = np.where(n == 0, c * x, 1024 * (shrunk - n * 2.0**1010))
    sine, cosine = np.sin(rest), np.cos(rest)
    for turn, little in (
        (low, 0.0),
        (-0.467469819705002 * n, -2.7326902867130014e-12 * n),
    ):
        across, along = np.sin(turn), np.cos(turn)
        across, along = across + little * along, along - little * across
        sine, cosine = sine * along + cosine * across, cosine * along - sine * across
    return sine, cosine


def _scaled_sine(c, x):
    """sin(c * x), the rounding of the product made good."""
    return _waves(c, x)[0]


def _scaled_cosine(c, x):
    """cos(c * x), the rounding of the product made good."""
    return _waves(c, x)[1]


def _quotient(x, c):
    """x / c and what rounding took from it; that is nothing where x / c is huge."""
    q = x / c
    low = ((x - c * q) - _product_error(c, q)) / c
    return q, np.where(np.abs(q) < 1e3, low, 0.0)


def _exp_of(polynomial):
    """exp of a polynomial, the rounding of which is made good."""
    w, low = polynomial
    return np.exp(w) * np.maximum(1.0 + low, 0.5)


def _root_exp_of(polynomial):
    """The square root of _exp_of, normal where that is subnormal."""
    w, low = polynomial
    return np.exp(w / 2) * np.maximum(1.0 + low / 2, 0.5)


def _weighted_exp_of(y, polynomial):
    """y * _exp_of(polynomial), and 0 where y is 0 although that overflows."""
    h = np.minimum(_root_exp_of(polynomial), 1e300)
    return y * h * h


def _sech2_of(polynomial):
    """_sech2 of a polynomial, the rounding of which is made good."""
    w, low = polynomial
    return _sech2(w) * (1.0 - 2.0 * low * np.tanh(w))


def _sech_of(polynomial):
    """_sech of a polynomial, the rounding of which is made good."""
    w, low = polynomial
    return _sech(w) * (1.0 - low * np.tanh(w))
