"""Blocks of the extreme value (Gumbel) distribution: e^(−e^w), its complement, and what follows from them."""

import sympy as sp
from sympy import exp, log

from derive.heads.head import Head
from derive.heads.names import (
    gumbel,
    gumbel_bend,
    gumbel_density,
    gumbel_lag,
    gumbel_rest,
    gumbel_score,
)

_HALF = sp.Rational(37, 100)  # about −log log 2: at −0.37 both e^(−e^w) and its complement are a half

EXTREME: tuple[Head, ...] = (
    Head(
        name="gumbel",
        meaning=lambda w: exp(-exp(w)),
        slope=lambda w: -gumbel_density(w),
        latex=lambda w: exp(-exp(w)),
        numpy="_gumbel({0})",
        anchors=((lambda w: w < -_HALF, sp.S.One, lambda w: -gumbel_rest(w)),),
        root="_root_gumbel({0})",
        bounded=True,
    ),
    Head(
        name="gumbel_rest",
        meaning=lambda w: 1 - exp(-exp(w)),
        slope=lambda w: gumbel_density(w),
        latex=lambda w: 1 - exp(-exp(w)),
        numpy="_gumbel_rest({0})",
        anchors=((lambda w: w > -_HALF, sp.S.One, lambda w: -gumbel(w)),),
        root="_root_gumbel_rest({0})",
        bounded=True,
    ),
    Head(
        name="gumbel_density",
        meaning=lambda w: exp(w) * exp(-exp(w)),
        slope=lambda w: gumbel_density(w) * gumbel_bend(w),
        latex=lambda w: exp(w - exp(w)),
        numpy="_gumbel_density({0})",
        root="_root_gumbel_density({0})",
        bounded=True,
    ),
    Head(
        name="gumbel_bend",
        meaning=lambda w: 1 - exp(w),
        slope=lambda w: -exp(w),
        latex=lambda w: 1 - exp(w),
        numpy="_gumbel_bend({0})",
    ),
    Head(
        name="log_gumbel_rest",
        meaning=lambda w: log(1 - exp(-exp(w))),
        slope=lambda w: gumbel_score(w),
        latex=lambda w: log(1 - exp(-exp(w))),
        numpy="_log_gumbel_rest({0})",
        half=("_root_gumbel_rest({0})", 1),
    ),
    Head(
        name="gumbel_score",
        meaning=lambda w: exp(w) * exp(-exp(w)) / (1 - exp(-exp(w))),
        slope=lambda w: -gumbel_score(w) * gumbel_lag(w),
        latex=lambda w: exp(w) / (exp(exp(w)) - 1),
        numpy="_gumbel_score({0})",
        root="_root_gumbel_score({0})",
        bounded=True,
    ),
    Head(
        name="gumbel_lag",
        meaning=lambda w: exp(w) / (1 - exp(-exp(w))) - 1,
        slope=lambda w: exp(w) - gumbel_score(w) * gumbel_lag(w),
        latex=lambda w: exp(w) / (1 - exp(-exp(w))) - 1,
        numpy="_gumbel_lag({0})",
    ),
)
