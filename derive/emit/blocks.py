"""The stable blocks as NumPy code; an emitted file holds a copy of those it needs.

Arrays are float64; callers silence floating-point flags. Errors are a few ulp over
all floats (tests/test_blocks.py measures them).
"""

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


def _root_gauss(x):
    """exp(-x**2 / 4); x is split so that no rounding of its square is amplified."""
    x = np.minimum(np.abs(x), 56.0)
    high = np.round(64.0 * x) / 64.0
    return np.exp(-high * high / 4) * np.exp(-(x - high) * (x + high) / 4)


def _npdf(x):
    """The standard normal density."""
    g = _root_gauss(x)
    return np.sqrt(0.5 / np.pi) * g * g


def _root_npdf(x):
    """The square root of _npdf(x): normal where that is subnormal."""
    return (0.5 / np.pi) ** 0.25 * _root_gauss(x)


def _mills(x):
    """_ndtr(-|x|) / _npdf(x), the ratio of Mills; beyond 56 the density is 0.

    A quotient of polynomials, equal to it at 20 points of [0, 56].
    """
    x = np.minimum(np.abs(x), 56.0)
    top, below = 0.9999999999997108, x + 25.887792302333683
    for c in (
        25.887792302411214,
        330.46087631061886,
        2683.3270691707557,
        15138.359685103283,
        61274.13505774318,
        177842.64621020763,
        358143.6664957059,
        458182.5111598695,
        289343.0090000222,
    ):
        top = top * x + c
    for c in (
        331.46087631982596,
        2709.214860828036,
        15466.820591426716,
        63905.685551545765,
        192330.10839055965,
        414309.57128229045,
        608985.7055638026,
        549778.2322100813,
        230862.31965736227,
    ):
        below = below * x + c
    return top / below


def _step(x):
    """1 where x >= 0, 0 elsewhere."""
    return (x >= 0) * 1.0


def _lean(x):
    """(_step(x) - _ndtr(x)) / _npdf(x): the ratio of Mills with the sign of x."""
    return (2.0 * (x >= 0) - 1.0) * _mills(x)


def _ndtr(x):
    """The standard normal distribution function."""
    return np.abs((x >= 0) - _npdf(x) * _mills(x))


def _root_ndtr(x):
    """The square root of _ndtr(x): normal where that is subnormal."""
    tail = np.sqrt(_mills(x)) * _root_npdf(x)
    return np.where(x < 0, tail, np.sqrt(1.0 - tail * tail))


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


def _within(delta, x, y):
    """delta - |x - y|, with the right sign however x - y is rounded."""
    r = x - y
    v = x - r
    low = (x - (r + v)) + (v - y)
    return (delta - np.abs(r)) - np.where(np.isfinite(r), np.sign(r) * low, 0.0)


def _times(x, y):
    """x * y, and 0 where x has decayed to 0 although y overflows: x decays faster."""
    return np.where(x == 0, 0.0, x * y)


def _plus(x, y):
    """x + y, and x where that has overflowed: x grows faster."""
    return np.where(np.isinf(x), x, x + y)
