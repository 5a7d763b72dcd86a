"""Blocks of the normal distribution."""

import sympy as sp
from sympy import exp, pi, sqrt

from derive.heads.head import Head, plain
from derive.heads.names import lean, ndtr, npdf, step

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
)
