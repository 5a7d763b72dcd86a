"""Blocks of the normal distribution."""

import sympy as sp
from sympy import exp, log, pi, sqrt

from derive.heads.head import Head, plain
from derive.heads.names import bump, expm1, lean, ndtr, ndtr_lag, ndtr_score, npdf, step

_HALF = sp.Rational(1, 2)

NORMAL: tuple[Head, ...] = (
    Head(
        name="ndtr",
        meaning=lambda w: (1 + sp.erf(w / sqrt(2))) / 2,
        slope=lambda w: npdf(w),
        latex=r"\Phi",
        numpy="_ndtr({0})",
        anchors=((lambda w: w > 0, sp.S.One, lambda w: -ndtr(-w)),),
        root="_root_ndtr({0})",
        bounded=True,
    ),
    Head(
        name="npdf",
        meaning=lambda w: exp(-(w**2) / 2) / sqrt(2 * pi),
        slope=lambda w: -w * npdf(w),
        latex=r"\varphi",
        numpy="_npdf({0})",
        root="_root_npdf({0})",
        bounded=True,
    ),
    Head(
        name="lean",
        meaning=lambda w: (plain(step(w)) - plain(ndtr(w))) / plain(npdf(w)),
        slope=lambda w: w * lean(w) - 1,
        latex=lambda w: (step(w) - ndtr(w)) / npdf(w),
        numpy="_lean({0})",
        bounded=True,
    ),
    Head(
        name="log_ndtr",
        meaning=lambda w: log((1 + sp.erf(w / sqrt(2))) / 2),
        slope=lambda w: ndtr_score(w),
        latex=lambda w: log(ndtr(w)),
        numpy="_log_ndtr({0})",
        half=("_root_ndtr({0})", 1),
        weighted="_weighted_log_ndtr({0}, {1})",
    ),
    Head(
        name="ndtr_score",
        meaning=lambda w: plain(npdf(w)) / plain(ndtr(w)),
        slope=lambda w: -ndtr_score(w) * ndtr_lag(w),
        latex=lambda w: npdf(w) / ndtr(w),
        numpy="_ndtr_score({0})",
        root="_root_ndtr_score({0})",
    ),
    Head(
        name="ndtr_lag",
        meaning=lambda w: w + plain(npdf(w)) / plain(ndtr(w)),
        slope=lambda w: 1 - ndtr_score(w) * ndtr_lag(w),
        latex=lambda w: w + npdf(w) / ndtr(w),
        numpy="_ndtr_lag({0})",
    ),
    Head(
        name="bump",
        meaning=lambda w: exp(-(w**2)),
        slope=lambda w: -2 * w * bump(w),
        latex=lambda w: exp(-(w**2)),
        numpy="_bump({0})",
        anchors=((lambda w: sp.And(w > -_HALF, w < _HALF), sp.S.One, lambda w: expm1(-(w**2))),),
        root="_root_bump({0})",
        bounded=True,
    ),
)
