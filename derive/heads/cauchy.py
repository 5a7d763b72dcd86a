"""Blocks of the Cauchy distribution: the arctangent, and what follows from it."""

import sympy as sp
from sympy import atan, log, pi, sqrt

from derive.heads.head import Head
from derive.heads.names import arctan, cauchy, cauchy_lag, cauchy_pull, cauchy_score, lorentz

_HALF = sp.Rational(1, 2)

CAUCHY: tuple[Head, ...] = (
    Head(
        name="arctan",
        meaning=atan,
        slope=lambda w: lorentz(w),
        latex=atan,
        numpy="np.arctan({0})",
        bounded=True,
    ),
    Head(
        name="lorentz",
        meaning=lambda w: 1 / (1 + w**2),
        slope=lambda w: -2 * w * lorentz(w) ** 2,
        latex=lambda w: 1 / (1 + w**2),
        numpy="_lorentz({0})",
        root="_root_lorentz({0})",
        bounded=True,
    ),
    Head(
        name="cauchy",
        meaning=lambda w: _HALF + atan(w) / pi,
        slope=lambda w: lorentz(w) / pi,
        latex=lambda w: _HALF + arctan(w) / pi,
        numpy="_cauchy({0})",
        anchors=((lambda w: w > 0, sp.S.One, lambda w: -cauchy(-w)),),
        bounded=True,
    ),
    Head(
        name="log_cauchy",
        meaning=lambda w: log(_HALF + atan(w) / pi),
        slope=lambda w: cauchy_score(w),
        latex=lambda w: log(cauchy(w)),
        numpy="_log_cauchy({0})",
        half=("np.sqrt(_cauchy({0}))", 1),
    ),
    Head(
        name="cauchy_score",
        meaning=lambda w: 1 / ((1 + w**2) * (pi / 2 + atan(w))),
        slope=lambda w: -cauchy_score(w) * (2 * w * lorentz(w) + cauchy_score(w)),
        latex=lambda w: lorentz(w) / (pi * cauchy(w)),
        numpy="_cauchy_score({0})",
        root="_root_cauchy_score({0})",
        bounded=True,
    ),
    Head(
        name="cauchy_lag",
        meaning=lambda w: w + 1 / (pi / 2 + atan(w)),
        slope=lambda w: 1 - cauchy_pull(w) ** 2,
        latex=lambda w: w + 1 / (pi * cauchy(w)),
        numpy="_cauchy_lag({0})",
    ),
    Head(
        name="cauchy_pull",
        meaning=lambda w: 1 / (sqrt(1 + w**2) * (pi / 2 + atan(w))),
        slope=lambda w: -cauchy_pull(w) * cauchy_lag(w) * lorentz(w),
        latex=lambda w: 1 / (pi * sqrt(1 + w**2) * cauchy(w)),
        numpy="_cauchy_pull({0})",
        bounded=True,
    ),
)
