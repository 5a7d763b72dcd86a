"""Blocks of w and its square or absolute value: softsign, squareplus, and what follows from them."""

import sympy as sp
from sympy import log, sqrt

from derive.heads.head import Head
from derive.heads.names import (
    absolute,
    arsinh_slope,
    double_ramp,
    hyperbola_slope,
    lorentz,
    rise,
    rise_slope,
    softsign,
    softsign_rest,
)

_HALF = sp.Rational(1, 2)


def _beside_half(w: sp.Expr) -> sp.Expr:
    """(w + √(1 + w²))/2 − 1/2 for small w."""
    return w * (1 + w / (1 + sqrt(1 + w**2))) / 2


ALGEBRAIC: tuple[Head, ...] = (
    Head(
        name="softsign",
        meaning=lambda w: w / (1 + sp.Abs(w)),
        slope=lambda w: 1 / (1 + absolute(w)) ** 2,
        latex=lambda w: w / (1 + absolute(w)),
        numpy="_softsign({0})",
        anchors=(
            (lambda w: w > _HALF, sp.S.One, lambda w: -softsign_rest(w)),
            (lambda w: w < -_HALF, sp.S.NegativeOne, lambda w: softsign_rest(-w)),
        ),
        bounded=True,
    ),
    Head(
        name="softsign_rest",
        meaning=lambda w: 1 - w / (1 + sp.Abs(w)),
        slope=lambda w: -1 / (1 + absolute(w)) ** 2,
        latex=lambda w: 1 - softsign(w),
        numpy="_softsign_rest({0})",
        bounded=True,
    ),
    Head(
        name="log_raised_softsign",
        meaning=lambda w: log(1 + w / (1 + sp.Abs(w))),
        slope=lambda w: 1 / ((1 + absolute(w)) * (1 + double_ramp(w))),
        latex=lambda w: log(1 + softsign(w)),
        numpy="_log_raised_softsign({0})",
    ),
    Head(
        name="squareplus",
        meaning=lambda w: (w + sqrt(1 + w**2)) / 2,
        slope=lambda w: rise(w),
        latex=lambda w: (w + sqrt(1 + w**2)) / 2,
        numpy="_squareplus({0})",
        anchors=((lambda w: sp.And(w > -_HALF, w < _HALF), _HALF, _beside_half),),
    ),
    Head(
        name="raised_hyperbola",
        meaning=lambda w: w + sqrt(1 + w**2) - 1,
        slope=lambda w: 2 * rise(w),
        latex=lambda w: w + sqrt(1 + w**2) - 1,
        numpy="_raised_hyperbola({0})",
    ),
    Head(
        name="arsinh",
        meaning=lambda w: log(w + sqrt(1 + w**2)),
        slope=lambda w: arsinh_slope(w),
        latex=r"\mathrm{arsinh}",
        numpy="_arsinh({0})",
        half=("_root_exp_arsinh({0})", 1),
    ),
    Head(
        name="arsinh_slope",
        meaning=lambda w: 1 / sqrt(1 + w**2),
        slope=lambda w: -hyperbola_slope(w) * lorentz(w),
        latex=lambda w: 1 / sqrt(1 + w**2),
        numpy="_root_lorentz({0})",
        bounded=True,
    ),
    Head(
        name="rise",
        meaning=lambda w: (1 + w / sqrt(1 + w**2)) / 2,
        slope=lambda w: rise_slope(w),
        latex=lambda w: (1 + w / sqrt(1 + w**2)) / 2,
        numpy="_rise({0})",
        root="_root_rise({0})",
        anchors=((lambda w: w > 0, sp.S.One, lambda w: -rise(-w)),),
        bounded=True,
    ),
    Head(
        name="rise_slope",
        meaning=lambda w: 1 / (2 * (1 + w**2) * sqrt(1 + w**2)),
        slope=lambda w: -3 * w / (1 + w**2) * rise_slope(w),
        latex=lambda w: 1 / (2 * (1 + w**2) ** sp.Rational(3, 2)),
        numpy="_rise_slope({0})",
        root="_root_rise_slope({0})",
        bounded=True,
    ),
)
