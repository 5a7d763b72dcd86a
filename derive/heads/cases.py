"""Blocks with cases: steps, ramps, signs and absolute values."""

import sympy as sp

from derive.heads.head import Head
from derive.heads.names import absolute, sgn, step

CASES: tuple[Head, ...] = (
    Head(
        name="step",
        meaning=lambda w: (1 + sp.sign(w)) / 2,  # at 0 either value will do: what follows takes both sides
        slope=lambda w: sp.S.Zero,
        latex=lambda w: (1 + sgn(w)) / 2,
        numpy="_step({0})",
        bounded=True,
    ),
    Head(
        name="ramp",
        meaning=lambda w: (w + sp.Abs(w)) / 2,
        slope=lambda w: step(w),
        latex=lambda w: (w + absolute(w)) / 2,
        numpy="np.maximum({0}, 0.0)",
    ),
    Head(
        name="double_ramp",
        meaning=lambda w: w + sp.Abs(w),
        slope=lambda w: 1 + sgn(w),
        latex=lambda w: w + absolute(w),
        numpy="2 * np.maximum({0}, 0.0)",
    ),
    Head(
        name="sgn",
        meaning=lambda w: sp.sign(w),
        slope=lambda w: sp.S.Zero,  # the Dirac part at 0 is dropped, by convention
        latex=r"\mathrm{sgn}",
        numpy="np.sign({0})",
        bounded=True,
    ),
    Head(
        name="absolute",
        meaning=lambda w: sp.Abs(w),
        slope=lambda w: sgn(w),
        latex=sp.Abs,
        numpy="np.abs({0})",
    ),
)
