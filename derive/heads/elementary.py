"""Exponential and logarithm beside a number they cancel."""

import sympy as sp
from sympy import exp, log

from derive.heads.head import Head
from derive.heads.names import bose, bose_rest, expm1

_SMALL = sp.Rational(7, 10)  # just beyond log 2, where e^w has fallen to a half

ELEMENTARY: tuple[Head, ...] = (
    Head(
        name="expm1",
        meaning=lambda w: exp(w) - 1,
        slope=lambda w: exp(w),
        latex=lambda w: exp(w) - 1,
        numpy="np.expm1({0})",
        anchors=((lambda w: w < -_SMALL, sp.S.NegativeOne, lambda w: exp(w)),),
    ),
    Head(
        name="log1p",
        meaning=lambda w: log(1 + w),
        slope=lambda w: 1 / (1 + w),
        latex=lambda w: log(1 + w),
        numpy="np.log1p({0})",
    ),
    Head(
        name="lag",
        meaning=lambda w: w - log(1 + w),
        slope=lambda w: w / (1 + w),
        latex=lambda w: w - log(1 + w),
        numpy="_lag({0})",
        weighted="_weighted_lag({0}, {1})",
    ),
    Head(
        name="log1mexp",
        meaning=lambda w: log(1 - exp(-w)),
        slope=lambda w: -exp(-w) / expm1(-w),  # e^(−w) keeps its digits where 1/(e^w − 1) is subnormal
        latex=lambda w: log(1 - exp(-w)),
        numpy="_log1mexp({0})",
        half=("_root_rest({0})", 1),
    ),
    Head(
        name="bose",
        meaning=lambda w: 1 / (exp(w) - 1),
        slope=lambda w: -bose(w) * bose_rest(w),
        latex=lambda w: 1 / (exp(w) - 1),
        numpy="_bose({0})",
        root="_root_bose({0})",
    ),
    Head(
        name="bose_rest",
        meaning=lambda w: 1 / (1 - exp(-w)),
        slope=lambda w: -bose(w) * bose_rest(w),
        latex=lambda w: 1 + bose(w),
        numpy="_bose_rest({0})",
    ),
    Head(
        name="log_bose",
        meaning=lambda w: -log(exp(w) - 1),
        slope=lambda w: -bose_rest(w),
        latex=lambda w: -log(exp(w) - 1),
        numpy="_log_bose({0})",
        half=("_root_bose({0})", 1),
    ),
)
