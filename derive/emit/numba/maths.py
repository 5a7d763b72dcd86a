"""Functions of one float, without branches, as Numba code that the compiler vectorises.

An emitted file holds a copy of those it needs. Arguments are float64; NaN stays NaN.
Reduction of the argument and correction terms: Muller et al., Handbook of
Floating-Point Arithmetic, 2nd ed. (2018), ch. 10; exp and expm1: Tang, ACM TOMS 15
(1989) and 18 (1992); the logarithm is arranged as in Sun's fdlibm (1993). Constants
and polynomials: derive/emit/numba/coefficients.py. Errors over all floats are at most
1.25 ulp (tests/test_numba.py measures them).
"""

import numba
import numpy as np
from numba.extending import intrinsic

_inlined = numba.njit(forceinline=True, error_model="numpy")

# 1.5 * 2**52: adding it rounds to an integer, which stands in the last bits.
_MAGIC = 6755399441055744.0
_LOG2_E = 1.4426950408889634
_LN2, _LN2_LOW = 0.6931471805599453, 2.3190468138462996e-17
# The first 33 bits, of which multiples are exact, and the rest.
_LN2_HEAD, _LN2_TAIL = 0.6931471804855391, 7.440617110012397e-11


@intrinsic
def _fma(typing, x, y, z):
    """x * y + z, rounded once."""

    def build(context, builder, signature, args):
        return builder.fma(*args)

    return numba.float64(numba.float64, numba.float64, numba.float64), build


@intrinsic
def _bits(typing, x):
    """The bits of a float as an integer."""

    def build(context, builder, signature, args):
        return builder.bitcast(args[0], context.get_value_type(numba.int64))

    return numba.int64(numba.float64), build


@intrinsic
def _float(typing, n):
    """The float that has the bits of an integer."""

    def build(context, builder, signature, args):
        return builder.bitcast(args[0], context.get_value_type(numba.float64))

    return numba.float64(numba.int64), build


@_inlined
def _fmax(x, y):
    """The larger of two numbers; the other where one is NaN."""
    return x if (x > y) | np.isnan(y) else y


@_inlined
def _fmin(x, y):
    """The smaller of two numbers; the other where one is NaN."""
    return x if (x < y) | np.isnan(y) else y


@_inlined
def _sign(x):
    """-1, 0 or 1, or NaN."""
    return 1.0 if x > 0.0 else (-1.0 if x < 0.0 else x)


@_inlined
def _rint(x):
    """The integer nearest to x, the even one of two."""
    a = abs(x)
    nearest = (a + 4503599627370496.0) - 4503599627370496.0
    return np.copysign(nearest, x) if a < 4503599627370496.0 else x


@_inlined
def _floor(x):
    """The largest integer that is at most x."""
    nearest = _rint(x)
    return nearest - 1.0 if nearest > x else nearest


@_inlined
def _two_to(n):
    """2**k for n = k + _MAGIC and -1022 <= k <= 1023."""
    return _float((_bits(n) + 1023) << 52)


@_inlined
def _tail(r):
    """(exp(r) - 1 - r) / r**2 for |r| <= log(2) / 2."""
    w = r * r
    low = _fma(
        _fma(0.008333333333326141, r, 0.04166666666666667),
        w,
        _fma(0.1666666666666667, r, 0.5),
    )
    mid = _fma(
        _fma(2.75572554255029e-06, r, 2.4801587325533502e-05),
        w,
        _fma(0.00019841269874800683, r, 0.0013888888888883752),
    )
    top = _fma(
        2.091467944897855e-09,
        w,
        _fma(2.5105206475334834e-08, r, 2.7557273661174726e-07),
    )
    return _fma(_fma(top, w * w, mid), w * w, low)


@_inlined
def _reduced(x):
    """k + _MAGIC, r and its rounding error, and exp(r) - 1, where x = k log(2) + r.

    The same of exp and expm1, so that the compiler shares it. Beyond the ends they are
    what they are there.
    """
    x = min(max(x, -746.0), 710.5)
    n = _fma(x, _LOG2_E, _MAGIC)
    k = n - _MAGIC
    exact = _fma(-k, _LN2, x)
    r = _fma(-k, _LN2_LOW, exact)
    return n, r, _fma(-k, _LN2_LOW, exact - r), _fma(r * r, _tail(r), r)


@_inlined
def _exp(x):
    """exp(x); the power of two is two factors, so that subnormal results are right."""
    n, _, _, p = _reduced(x)
    k = n - _MAGIC
    half = _fma(0.5, k, _MAGIC)
    rest = (k - (half - _MAGIC)) + _MAGIC
    return (1.0 + p) * _two_to(half) * _two_to(rest)


@_inlined
def _quarter_expm1(x):
    """(exp(x) - 1) / 4 as an unevaluated sum; its quarter does not overflow early."""
    n, r, rest, p = _reduced(x)
    s = _two_to(max(n, _MAGIC - 100.0) - 2.0)
    low = _fma(r * r, _tail(r), r - p) + _fma(rest, p, rest)
    high = _fma(s, p, s - 0.25)
    return high, _fma(s, low, _fma(s, p, (s - 0.25) - high))


@_inlined
def _expm1(x):
    """exp(x) - 1."""
    high, low = _quarter_expm1(x)
    return x if abs(x) < 1e-17 else (high + low) * 4.0


@_inlined
def _tanh(x):
    """tanh(x) = m / (m + 2) with m = exp(2 x) - 1, roundings made good."""
    a = min(abs(x), 20.0)
    high, low = _quarter_expm1(2.0 * a)
    below = high + 0.5
    error = ((0.5 - below) + high if high < 0.5 else (high - below) + 0.5) + low
    inverse = 1.0 / below
    q = high * inverse
    q = _fma(_fma(-q, below, high) + _fma(-q, error, low), inverse, q)
    return x if a < 1e-9 else np.copysign(q, x)


@_inlined
def _sinh(x):
    """sinh(x) = (m + m / (m + 1)) / 2 with m = exp(|x|) - 1, roundings made good."""
    a = abs(x)
    high, low = _quarter_expm1(a)
    below = high + 0.25
    error = ((0.25 - below) + high if high < 0.25 else (high - below) + 0.25) + low
    inverse = 1.0 / below
    q = high * inverse
    more = (_fma(-q, below, high) + _fma(-q, error, low)) * inverse
    q, more = 0.25 * q, 0.25 * more
    total = high + q
    value = (total + ((q - (total - high)) + (low + more))) * 2.0
    return x if a < 1e-9 else np.copysign(value, x)


@_inlined
def _log_parts(u, low, shift):
    """log(u + low) - shift * log(2) for 0 < u < inf, where low is below an ulp of u.

    u = 2**k m with m from sqrt(1/2) to sqrt(2), and log(m) = log((1 + s) / (1 - s)).
    """
    n = _bits(u) - 0x3FE6A09E667F3BCD
    k = _float((n >> 52) + 0x4338000000000000) - _MAGIC
    f = _float((n & 0xFFFFFFFFFFFFF) + 0x3FE6A09E667F3BCD) - 1.0
    s = f / (2.0 + f)
    w = s * s
    top = _fma(0.1461645097955211, w, 0.15331721495826012)
    mid = _fma(0.18182889128412458, w, 0.22222211134751835)
    q = _fma(0.2857142862597575, w, 0.39999999999899505)
    q = _fma(_fma(_fma(top, w * w, mid), w * w, q), w, 0.666666666666667)
    c = low * (0.5 * _float((1024 - (n >> 52)) << 52)) * _fma(2.0, w - s, 1.0)
    k = k - shift
    square = 0.5 * f * f
    small = _fma(s, _fma(q, w, square), _fma(k, _LN2_TAIL, c))
    return _fma(k, _LN2_HEAD, f - (square - small))


@_inlined
def _log(x):
    """log(x); -inf at 0, NaN below."""
    little = x < 2.2250738585072014e-308
    u = x * 18014398509481984.0 if little else x
    value = _log_parts(u, 0.0, 54.0 if little else 0.0)
    value = x if x == np.inf else value
    value = -np.inf if x == 0.0 else value
    return np.nan if x < 0.0 else (x if np.isnan(x) else value)


@_inlined
def _log1p(x):
    """log(1 + x); the rounding of 1 + x is made good. -inf at -1, NaN below."""
    u = 1.0 + x
    low = 1.0 - (u - x) if x > 1.0 else x - (u - 1.0)
    value = _log_parts(u, low, 0.0)
    value = x if x == np.inf else value
    value = -np.inf if x == -1.0 else value
    return np.nan if x < -1.0 else (x if np.isnan(x) else value)


@_inlined
def _log1p_unit(x):
    """log(1 + x) = log((1 + s) / (1 - s)) with s = x / (2 + x), for 0 <= x <= 1."""
    s = x / (2.0 + x)
    w = s * s
    low = _fma(
        _fma(0.22222222717431428, w, 0.2857142856710872),
        w * w,
        _fma(0.40000000000014585, w, 0.6666666666666666),
    )
    mid = _fma(
        _fma(0.12001073595060778, w, 0.13314144127093303),
        w * w,
        _fma(0.15385570069992427, w, 0.18181789435953558),
    )
    top = _fma(0.16164054123764937, w, 0.08800734473072677)
    q = _fma(_fma(top, w * w * (w * w), mid), w * w * (w * w), low) * w
    half = 0.5 * x
    return x - _fma(half, x, -s * _fma(half, x, q))
