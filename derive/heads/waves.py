"""Sine and cosine, whose argument may be a rounded product."""

import sympy as sp

from derive.heads.head import Head
from derive.heads.names import cosine, sine

_HALF = sp.Rational(1, 2)

WAVES: tuple[Head, ...] = (
    Head(
        name="sine",
        meaning=sp.sin,
        slope=lambda w: cosine(w),
        latex=sp.sin,
        numpy="np.sin({0})",
        anchors=(
            (lambda w: sine(w) > _HALF, sp.S.One, lambda w: -(cosine(w) ** 2) / (1 + sine(w))),
            (lambda w: sine(w) < -_HALF, sp.S.NegativeOne, lambda w: cosine(w) ** 2 / (1 - sine(w))),
        ),
        scaled=("_scaled_sine({0}, {1})", ""),
        bounded=True,
    ),
    Head(
        name="cosine",
        meaning=sp.cos,
        slope=lambda w: -sine(w),
        latex=sp.cos,
        numpy="np.cos({0})",
        anchors=(
            (lambda w: cosine(w) > _HALF, sp.S.One, lambda w: -(sine(w) ** 2) / (1 + cosine(w))),
            (lambda w: cosine(w) < -_HALF, sp.S.NegativeOne, lambda w: sine(w) ** 2 / (1 - cosine(w))),
        ),
        scaled=("_scaled_cosine({0}, {1})", ""),
        bounded=True,
    ),
)
