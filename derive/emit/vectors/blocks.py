"""The stable blocks of vectors as NumPy code; an emitted file holds a copy of its own.

Arrays are float64 with components on the last axis; callers silence floating-point
flags. Errors are a few ulp over all floats (tests/test_vector_blocks.py measures them).
"""

import numpy as np


def _two_sum(x, y):
    """x + y and its rounding error, exactly (Knuth)."""
    s = x + y
    v = s - x
    return s, (x - (s - v)) + (y - v)


def _two_product(x, y):
    """x * y and its rounding error, from exact products of halves (Dekker)."""
    p = x * y
    x_high = 134217729.0 * x - (134217729.0 * x - x)
    y_high = 134217729.0 * y - (134217729.0 * y - y)
    x_low, y_low = x - x_high, y - y_high
    return p, x_high * y_high - p + x_high * y_low + x_low * y_high + x_low * y_low


def _expansion(terms):
    """The sum of arrays, each rounding error kept until the end (Shewchuk 1997)."""
    parts = []
    for term in terms:
        for n, part in enumerate(parts):
            term, parts[n] = _two_sum(term, part)
        parts.append(term)
    return sum(parts)


def _add(*terms):
    """The sum of a few arrays, right to about an ulp however they cancel."""
    total = _expansion(terms)
    if np.isfinite(total).all():
        return total
    # A partial sum has overflowed, or a term is infinite: no error is known of inf.
    terms = [np.asarray(term) / 16 for term in terms]
    scaled = 16 * _expansion(terms)
    scaled = np.where(np.isnan(scaled), sum(terms), scaled)
    return np.where(np.isfinite(total), total, scaled)


def _tree(x):
    """The sum over the last axis by pairs, and that of its rounding errors."""
    low = np.zeros((*x.shape[:-1], 1))
    while (n := x.shape[-1]) > 1:
        s, error = _two_sum(x[..., : n // 2], x[..., n // 2 : n - n % 2])
        x = np.concatenate((s, x[..., n - n % 2 :]), -1)
        low = low + error.sum(-1, keepdims=True)
    return x, low


def _plus_error(s, error):
    """s + error, and s where that is infinite: no error is known of inf."""
    return np.where(np.isfinite(s), s + error, s)


def _unscaled(f, x):
    """f(x) of a linear f; where a partial sum overflows, from a smaller x."""
    found = f(x)
    if np.isfinite(found).all():
        return found
    return np.where(np.isfinite(found), found, f(x * 2.0**-64) * 2.0**64)


def _total(x):
    """The sum over the last axis, which stays as one of length 1."""
    return _unscaled(lambda x: _plus_error(*_tree(x)), x)


def _except(w, top):
    """w with 0 in the place of one component of each row."""
    rest = w.copy()
    # 0 * NaN is NaN.
    np.put_along_axis(rest, top, 0 * np.take_along_axis(w, top, -1), -1)
    return rest


def _others(w):
    """The sum over k != j of w_k for every j."""
    return _unscaled(_others_plain, w)


def _others_plain(w):
    """_others where no partial sum overflows."""
    # Total minus w_j loses the others where w_j is nearly all: the largest stays out.
    top = np.abs(w).argmax(-1)[..., None]
    gap, rest = np.take_along_axis(w, top, -1) - w, _except(w, top)
    total = rest.sum(-1, keepdims=True)
    others = total + gap
    np.put_along_axis(others, top, total, -1)
    # Where all are of one sign nothing cancels: w_top is no smaller than w_j.
    mixed = (w.min(-1) < 0) & (w.max(-1) > 0)
    if mixed.any():
        others[mixed] = _others_exactly(w[mixed], rest[mixed], top[mixed])
    return others


def _others_exactly(w, rest, top):
    """_others_plain, the rounding errors of all sums made good."""
    high, low = _tree(rest)
    gap, first = _two_sum(np.take_along_axis(w, top, -1), -w)
    others, second = _two_sum(high, gap)
    others = _plus_error(others, first + second + low)
    np.put_along_axis(others, top, _plus_error(high, low), -1)
    return others


def _mul(*factors):
    """The product, without overflow or underflow on the way; a factor 0 makes it 0."""
    product, power = 1.0, 0
    for factor in factors:
        part, exponent = np.frexp(factor)
        product, power = product * part, power + exponent
    product = np.ldexp(product, power)
    if np.isfinite(product).all():
        return product
    zero = factors[0] == 0
    for factor in factors[1:]:
        zero = zero | (factor == 0)
    return np.where(zero, 0.0, product)


def _exp_mul(x, *factors):
    """exp(x) times the factors, without overflow or underflow on the way."""
    # x = k log 2 + r; the first part of log 2 is short: its product with k is exact.
    x = np.clip(x, -2e4, 2e4)
    k = np.rint(x / np.log(2.0))
    r = (x - k * 0.693147180369123816490) - k * 1.90821492927058770002e-10
    k = np.where(np.isnan(k), 0.0, k).astype(np.int32)
    product = np.exp(r)
    for factor in factors:
        part, exponent = np.frexp(factor)
        product, k = product * part, k + exponent
    return np.ldexp(product, k)


def _divided(x, c):
    """x / c and its rounding error."""
    quotient = x / c
    back, error = _two_product(quotient, c)
    return quotient, ((x - back) - error) / c


def _gap(x):
    """x minus its largest component, the rounding error, and where the largest is."""
    top = x.argmax(-1)[..., None]
    peak = np.take_along_axis(x, top, -1)
    gap, low = _two_sum(x, -peak)
    # +inf - inf at the maximum is 0, but no limit exists where all components are -inf.
    np.put_along_axis(gap, top, np.where(peak > -np.inf, 0.0, np.nan), -1)
    np.put_along_axis(low, top, 0.0, -1)
    # It is NaN where the gap is infinite, and no matter.
    return gap, np.fmax(np.fmin(low, 1.0), -1.0), top


def _log_softmax(z, over=1.0):
    """log(p) / 2, p = softmax(z / over), q = 1 - p, factors of p and q, the top class.

    Halved, since the distance of two floats may exceed the largest float. The factors,
    p = near * far and q = beside * aside, are given since p times a large number may be
    normal where p is not; far and aside are 1 but near underflow.
    """
    half, low, top = _half_gap(z, over)
    # exp amplifies the rounding of its argument; these arguments are exact but for low.
    gap = 2 * half
    near, far = np.exp(np.maximum(gap, -690.0)), np.ones_like(half)
    if (deep := gap < -690.0).any():
        np.exp(gap + 690.0, out=far, where=deep)
    # 1 - p of the top class is the sum of the others: nothing is subtracted.
    low = 2 * low
    rest, slip, power = _rest(near, far, low, top)
    small = rest * power
    total, error = _two_sum(1.0, small)
    error = error + slip * power
    near = near / total
    near += near * (low - error / total)
    p = near * far
    beside, aside = 1.0 - p, np.ones_like(p)
    np.put_along_axis(beside, top, (rest + slip) / (total + error), -1)
    np.put_along_axis(aside, top, power, -1)
    half = half + (low - np.log1p(small + slip * power)) / 2
    return half, p, beside * aside, near, far, beside, aside, top


def _half_gap(z, over):
    """Half of (z - max(z)) / over, the rounding error, and where the largest is."""
    gap, low, top = _gap(z)
    half, low = gap / 2, low / 2
    if np.isinf(half).any():
        apart = z / 2 - np.take_along_axis(z, top, -1) / 2
        half = np.where(np.isinf(half) & np.isfinite(z), apart, half)
    if np.any(over != 1.0):
        half, error = _divided(half, over)
        low = low / over + np.where(np.isfinite(error), error, 0.0)
    return half, low, top


def _rest(near, far, low, top):
    """s, error, power: the sum of near * far * (1 + low) is (s + error) * power."""
    others = _except(near, top)
    # Where all others are near 1e-300, they are summed times 2**990.
    tiny = others.max(-1, keepdims=True) < 2.0**-990
    others *= np.where(tiny, 2.0**990, 1.0)
    others *= far
    s, error = _tree(others)
    error = error + (others * low).sum(-1, keepdims=True)
    return s, error, np.where(tiny, 2.0**-990, 1.0)


def _pull(near, far, beside, aside, w):
    """w_j - p_j sum_k w_k: the transposed Jacobian of log(softmax) times w."""
    # Of the sum, w_j itself is taken out: w_j - p_j w_j is q_j w_j.
    return _unscaled(
        lambda w: beside * w * aside - near * _others_plain(w) * far,
        w,
    )


def _curved(near, far, u, d, w, v):
    """u_j d_j - p_j (u_j sum_{k != j} w_k + sum_{k != j} v_k).

    With the slopes w of a loss in log(softmax), their rates v = c * u and
    d = (1 - p) * c - p * w, it is the second derivative behind softmax: what the
    component j gives to itself is in d, where it need not cancel.
    """
    return u * d - near * (u * _others(w) + _others(v)) * far


def _push(p, q, v):
    """v_j - sum_k p_k v_k: the Jacobian of log(softmax) times v; q = 1 - p."""
    p, v = np.broadcast_arrays(p, v)
    # Only differences of v matter: one v is made 0, that of p > 1/2 or the smallest.
    zero = np.where(p > 0.5, -1.0, np.abs(v)).argmin(-1)[..., None]

    def push(v):
        v = v - np.take_along_axis(v, zero, -1)
        return q * v - _others_plain(p * v)

    return _unscaled(push, v)


def _near_one(x):
    """x over a power of two, with the largest near 1, and the exponent of that."""
    _, e = np.frexp(np.abs(x).max(-1, keepdims=True))
    return np.ldexp(x, -e), e


def _length(x):
    """n and e with ||x|| = n * 2**e."""
    x, e = _near_one(x)
    return np.sqrt((x * x).sum(-1, keepdims=True)), e


def _norm(x):
    """||x||, without overflow or underflow of the squares."""
    return np.ldexp(*_length(x))


def _unit(x):
    """a = x / ||x|| and the length ||x|| = n * 2**e."""
    n, e = _length(x)
    return np.ldexp(x, -e) / n, n, e


def _portions(x):
    """p = x**2 / sum x**2, and q = 1 - p as the sum of the others."""
    square = _near_one(x)[0] ** 2
    total = square.sum(-1, keepdims=True)
    top = square.argmax(-1)[..., None]
    rest = _except(square, top).sum(-1, keepdims=True)
    q = (total - square) / total
    np.put_along_axis(q, top, rest / total, -1)
    return square / total, q


def _ray(*terms):
    """x, a, n, e and s: the sum of vectors is x / s = a * n * 2**e, with a of length 1.

    s is 1, or 1/4 where the sum overflows.
    """
    x, s = sum(terms), 1.0
    if not np.isfinite(x).all():
        s = np.where(np.isfinite(x).all(-1, keepdims=True), 1.0, 0.25)
        x = sum(s * term for term in terms)
    a, n, e = _unit(x)
    return x, a, n / s, e, s


def _lengths(*parts):
    """c and the lengths n * 2**e over c, which is 1, or large where one overflows."""
    pairs = list(zip(parts[::2], parts[1::2], strict=True))
    lengths = [np.ldexp(n, e) for n, e in pairs]
    if np.isfinite(lengths).all():
        return 1.0, *lengths
    lost = np.isinf(lengths).any(0)
    lengths = [np.ldexp(n, e - 64 * lost) for n, e in pairs]
    return np.where(lost, 2.0**64, 1.0), *lengths


def _unlike(u, v):
    """1 - c of the cosine c of two vectors; where c > 0 it is sin**2 / (1 + c)."""
    u, v = _near_one(u)[0], _near_one(v)[0]
    square = (u * u).sum(-1, keepdims=True)
    length = np.sqrt(square * (v * v).sum(-1, keepdims=True))
    c, across = (u * v).sum(-1, keepdims=True) / length, v
    # The part of v across u, exactly: the second time takes out what the first left.
    for _ in range(2):
        along, error = _two_product((across * u).sum(-1, keepdims=True) / square, u)
        across, low = _two_sum(across, -along)
        across = across + (low - error)
    across = np.where(np.abs(across) < 2.0**-100 * np.abs(v), 0.0, across)
    sine = np.ldexp(*_length(across)) * np.sqrt(square) / length
    return np.where(c > 0, sine * sine / (1 + c), 1 - c)


def _parted(a, b, y, g):
    """a - b for the directions a of y + g and b of y; it does not cancel for short g.

    In lengths of y, y + g has length m, and g the part u across y and v along it:
    a - b = (u - b * sum u**2 / (m + 1 + v)) / m.
    """
    n, e = _length(y)
    u, v = _across(y, g), _total(b * np.ldexp(g, -e)) / n
    square = (u * u).sum(-1, keepdims=True)
    m = np.sqrt((1 + v) ** 2 + square)
    largest = np.ldexp(np.abs(g), -e).max(-1, keepdims=True)
    short = largest < n / 4 / np.sqrt(g.shape[-1])
    return np.where(short, (u - b * (square / (m + 1 + v))) / m, a - b)


def _wide(*factors):
    """The product as m * 2**e, which neither overflows nor underflows."""
    m, e = 1.0, 0
    for factor in factors:
        part, exponent = np.frexp(factor)
        m, e = m * part, e + exponent
    return m, np.where(m == 0, -30000, e)


def _wide_others(m, e):
    """The sum over k != j of m_k * 2**e_k for every j, in the same form."""
    top = e.argmax(-1)[..., None]
    high = np.take_along_axis(e, top, -1)
    others, power = _others(np.ldexp(m, e - high)), high + 0 * e
    # The others of the largest may be too small to be seen beside it.
    second = np.where(np.arange(e.shape[-1]) == top, -30000, e).max(-1, keepdims=True)
    rest = np.ldexp(_except(m, top), np.minimum(e - second, 0))
    np.put_along_axis(others, top, _total(rest), -1)
    np.put_along_axis(power, top, second, -1)
    return others, power


def _across(x, w, *factors):
    """(w_j - a_j sum_k a_k w_k) / ||x|| times the factors, where a = x / ||x||.

    It is the Jacobian of a times w: w_j sum_{k != j} x_k**2 - x_j sum_{k != j} x_k w_k
    over ||x||**3, with exponents apart: products overflow where their sum does not.
    """
    x, w = np.broadcast_arrays(x, w)
    n, e = _length(x)
    (square, up), (product, down) = _wide_others(*_wide(x, x)), _wide_others(
        *_wide(x, w)
    )
    (own, first), (crossed, second) = _wide(square, w), _wide(product, x)
    first, second = first + up, second + down
    power = np.maximum(first, second)
    numerator = np.ldexp(own, first - power) - np.ldexp(crossed, second - power)
    m, exponent = _wide(numerator, 1 / n, 1 / n, 1 / n, *factors)
    return np.ldexp(m, exponent + power - 3 * e)


def _turned(x, w, v, *factors):
    """The second derivative of sum_k w_k a_k in the direction v, times the factors.

    With a = x / ||x||, and g and u what _across makes of w and v, it is
    -(u_j sum_k a_k w_k + a_j sum_k u_k w_k + g_j sum_k a_k v_k) / ||x||.
    """
    (x, e), (w, of_w), (v, of_v) = map(_near_one, (x, w, v))
    a, n, more = _unit(x)
    g, u = _across(x, w), _across(x, v)
    terms = u * _total(a * w), a * _total(u * w), g * _total(a * v)
    m, power = _wide(_add(*terms), -1 / n, *factors)
    return np.ldexp(m, power + of_w + of_v - more - 2 * e)
