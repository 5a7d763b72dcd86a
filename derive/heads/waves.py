"""Sine and cosine, whose argument may be a rounded product."""

import sympy as sp

from derive.heads.head import Head
from derive.heads.names import cosine, sine

WAVES: tuple[Head, ...] = (
    Head(
        name="sine",
        meaning=sp.sin,
        slope=lambda w: cosine(w),
        latex=sp.sin,
        numpy="np.sin({0})",
        scaled=("_scaled_sine({0}, {1})", ""),
        bounded=True,
    ),
    Head(
        name="cosine",
        meaning=sp.cos,
        slope=lambda w: -sine(w),
        latex=sp.cos,
        numpy="np.cos({0})",
        scaled=("_scaled_cosine({0}, {1})", ""),
        bounded=True,
    ),
)
