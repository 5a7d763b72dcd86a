"""The normal distribution."""

import numpy as np


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


def _ndtr_tilt(x):
    """_npdf(x) / _ndtr(-x) - x for x >= 0: the excess of the slope of -log(_ndtr(-x)).

    A quotient of polynomials, equal to it at 22 points of [0, inf); 1 / x far out.
    """
    far = np.maximum(x, 1e8)
    x = np.minimum(x, 1e8)
    top, below = 1.0, x + 31.353748179619355
    for c in (
        31.353748179619245,
        491.5737291637901,
        4994.820105355468,
        36124.09569287821,
        193524.37445398173,
        777065.5061842385,
        2314241.724977226,
        4920330.587886262,
        6816981.314596622,
        4771474.204927806,
    ):
        top = top * x + c
    for c in (
        493.57372916372367,
        5057.527601729929,
        37101.2431494221,
        203325.89230042676,
        846406.2494517186,
        2672638.596338319,
        6277944.700636768,
        10481200.864167523,
        11267359.004968945,
        5980156.076872256,
    ):
        below = below * x + c
    return top / below * (1e8 / far)


def _ndtr_score(x):
    """_npdf(x) / _ndtr(x), the slope of _log_ndtr."""
    steep = np.abs(x) + _ndtr_tilt(np.abs(x))
    g = _npdf(x)
    return np.where(x < 0, steep, g / (1.0 - g / steep))


def _root_ndtr_score(x):
    """The square root of _ndtr_score(x): normal where that is subnormal."""
    steep = np.abs(x) + _ndtr_tilt(np.abs(x))
    right = _root_npdf(x) / np.sqrt(1.0 - _npdf(x) / steep)
    return np.where(x < 0, np.sqrt(steep), right)


def _ndtr_lag(x):
    """x + _ndtr_score(x), which tends to 0 on the left."""
    return np.where(x < 0, _ndtr_tilt(np.abs(x)), x + _ndtr_score(x))


def _log_ndtr(x):
    """log(_ndtr(x))."""
    steep = np.abs(x) + _ndtr_tilt(np.abs(x))
    left = x * x / -2 - np.log(np.sqrt(2.0 * np.pi) * steep)
    return np.where(x < 0, left, np.log1p(-_npdf(x) / steep))


def _root_bump(x):
    """exp(-x**2 / 2); x is split so that no rounding of its square is amplified."""
    x = np.minimum(np.abs(x), 40.0)
    high = np.round(64.0 * x) / 64.0
    return np.exp(-high * high / 2) * np.exp(-(x - high) * (x + high) / 2)


def _bump(x):
    """exp(-x**2)."""
    g = _root_bump(x)
    return g * g
