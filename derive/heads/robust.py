"""Blocks of robust losses: what grows like w² near 0 and more slowly far away, with its slopes."""

import sympy as sp
from sympy import log, sqrt

from derive.heads.head import Head
from derive.heads.names import absolute, heavy_bend, heavy_score, hyperbola_slope, rise_slope, softsign

ROBUST: tuple[Head, ...] = (
    Head(
        name="hyperbola",
        meaning=lambda w: sqrt(1 + w**2) - 1,
        slope=lambda w: hyperbola_slope(w),
        latex=lambda w: sqrt(1 + w**2) - 1,
        numpy="_hyperbola({0})",
    ),
    Head(
        name="hyperbola_slope",
        meaning=lambda w: w / sqrt(1 + w**2),
        slope=lambda w: 2 * rise_slope(w),
        latex=lambda w: w / sqrt(1 + w**2),
        numpy="_hyperbola_slope({0})",
        bounded=True,
    ),
    Head(
        name="even_lag",
        meaning=lambda w: sp.Abs(w) - log(1 + sp.Abs(w)),
        slope=lambda w: softsign(w),
        latex=lambda w: absolute(w) - log(1 + absolute(w)),
        numpy="_even_lag({0})",
    ),
    Head(
        name="heavy",
        meaning=lambda w: log(1 + w**2),
        slope=lambda w: 2 * heavy_score(w),
        latex=lambda w: log(1 + w**2),
        numpy="_heavy({0})",
    ),
    Head(
        name="heavy_score",
        meaning=lambda w: w / (1 + w**2),
        slope=lambda w: heavy_bend(w),
        latex=lambda w: w / (1 + w**2),
        numpy="_heavy_score({0})",
        bounded=True,
    ),
    Head(
        name="heavy_bend",
        meaning=lambda w: (1 - w**2) / (1 + w**2) ** 2,
        slope=lambda w: 2 * w * (w**2 - 3) / (1 + w**2) ** 3,
        latex=lambda w: (1 - w**2) / (1 + w**2) ** 2,
        numpy="_heavy_bend({0})",
        bounded=True,
    ),
)
