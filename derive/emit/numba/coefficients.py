"""The constants in maths.py, computed: polynomials through Chebyshev nodes, and log(2) in parts.

mpmath.chebyfit gives a polynomial that is within a small factor of the best one (Press et al., Numerical
Recipes, 3rd ed., 2007, section 5.8). tests/test_numba.py compares them with what stands in the code.
"""

from mpmath import mp, mpf

_DIGITS = 50
_EDGE = 1 + mpf(2) ** -20  # a reduced argument may lie a rounding outside its interval


def exponential() -> list[float]:
    """The coefficients of (exp(r) - 1 - r) / r² for |r| ≤ log(2)/2, highest power first."""
    with mp.workdps(_DIGITS):
        half = mp.log(2) / 2 * _EDGE
        return [float(c) for c in mp.chebyfit(_beyond_first, [-half, half], 11)]


def _beyond_first(r: mpf) -> mpf:
    return mpf(1) / 2 + r / 6 if abs(r) < mpf(10) ** -20 else (mp.expm1(r) - r) / r**2


def logarithm() -> list[float]:
    """The coefficients in w = s² of (log((1 + s) / (1 - s)) - 2 s) / s³, highest power first.

    s = (m - 1) / (m + 1) for m from √½ to √2.
    """
    with mp.workdps(_DIGITS):
        return _series(((mp.sqrt(2) - 1) / (mp.sqrt(2) + 1)) ** 2, 7)


def logarithm_to_two() -> list[float]:
    """The same for m from 1 to 2, where s is up to ⅓."""
    return _series(mpf(1) / 9, 10)


def _series(edge: mpf, terms: int) -> list[float]:
    with mp.workdps(_DIGITS):
        return [float(c) for c in mp.chebyfit(_beyond_double, [0, edge * _EDGE], terms)]


def _beyond_double(w: mpf) -> mpf:
    if w < mpf(10) ** -25:
        return mpf(2) / 3 + 2 * w / 5
    s = mp.sqrt(w)
    return (mp.log((1 + s) / (1 - s)) - 2 * s) / (s * w)


def logs_of_two() -> dict[str, float]:
    """log(2) and 1 / log(2) by the names they have in the code; log(2) as a float and the rest, twice."""
    with mp.workdps(_DIGITS):
        two = mp.log(2)
        head = mp.floor(two * mpf(2) ** 33) / mpf(2) ** 33
        return {
            "_LOG2_E": float(1 / two),
            "_LN2": float(two),
            "_LN2_LOW": float(two - mpf(float(two))),
            "_LN2_HEAD": float(head),
            "_LN2_TAIL": float(two - head),
        }
