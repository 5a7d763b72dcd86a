"""Blocks of e^z over 1 + e^z: sigmoid, softplus, tanh, and what follows from them."""

import sympy as sp
from sympy import exp, log

from derive.heads.head import Head
from derive.heads.names import (
    logistic,
    sech2,
    sigmoid,
    softplus,
    softplus_lag,
    softplus_score,
    tanh,
    tanh_lag,
)

_HALF = sp.Rational(1, 2)

LOGISTIC: tuple[Head, ...] = (
    Head(
        name="sigmoid",
        meaning=lambda w: 1 / (1 + exp(-w)),
        slope=lambda w: logistic(w),
        latex=r"\sigma",
        numpy="_sigmoid({0})",
        anchors=((lambda w: w > 0, sp.S.One, lambda w: -sigmoid(-w)),),
        root="_root_sigmoid({0})",
        scaled=("_scaled_sigmoid({0}, {1})", "_scaled_root_sigmoid({0}, {1})"),
        polynomial=("_sigmoid_of({0})", "_root_sigmoid_of({0})"),
        between="_sigmoid_between({0}, {1})",
        bounded=True,
    ),
    Head(
        name="logistic",
        meaning=lambda w: exp(-w) / (1 + exp(-w)) ** 2,
        slope=lambda w: -tanh(w / 2) * logistic(w),
        latex=lambda w: sigmoid(w) * sigmoid(-w),
        numpy="_logistic({0})",
        root="_root_logistic({0})",
        scaled=("_scaled_logistic({0}, {1})", "_scaled_root_logistic({0}, {1})"),
        polynomial=("_logistic_of({0})", "_root_logistic_of({0})"),
        between="_logistic_between({0}, {1})",
        bounded=True,
    ),
    Head(
        name="softplus",
        meaning=lambda w: log(1 + exp(w)),
        slope=lambda w: sigmoid(w),
        latex=r"\mathrm{softplus}",
        numpy="_softplus({0})",
        half=("_root_sigmoid({1})", -1),
        between="_softplus_between({0}, {1})",
        weighted="_weighted_softplus({0}, {2}, {3})",
    ),
    Head(
        name="log_softplus",
        meaning=lambda w: log(log(1 + exp(w))),
        slope=lambda w: softplus_score(w),
        latex=lambda w: log(softplus(w)),
        numpy="_log_softplus({0})",
        half=("_root_softplus({0})", 1),
    ),
    Head(
        name="softplus_score",
        meaning=lambda w: 1 / ((1 + exp(-w)) * log(1 + exp(w))),
        slope=lambda w: -softplus_score(w) * sigmoid(w) * softplus_lag(w),
        latex=lambda w: sigmoid(w) / softplus(w),
        numpy="_softplus_score({0})",
        bounded=True,
    ),
    Head(
        name="softplus_lag",
        meaning=lambda w: 1 / log(1 + exp(w)) - exp(-w),
        slope=lambda w: exp(-w) - softplus_score(w) / softplus(w),
        latex=lambda w: 1 / softplus(w) - exp(-w),
        numpy="_softplus_lag({0})",
        bounded=True,
    ),
    Head(
        name="log_raised_tanh",
        meaning=lambda w: log(2 / (1 + exp(-2 * w))),
        slope=lambda w: 2 * sigmoid(-2 * w),
        latex=lambda w: log(1 + tanh(w)),
        numpy="_log_raised_tanh({0})",
        anchors=((lambda w: w > _HALF, log(2), lambda w: -softplus(-2 * w)),),
    ),
    Head(
        name="tanh",
        meaning=lambda w: (exp(w) - exp(-w)) / (exp(w) + exp(-w)),
        slope=lambda w: sech2(w),
        latex=r"\tanh",
        numpy="np.tanh({0})",
        anchors=(
            (lambda w: w > _HALF, sp.S.One, lambda w: -2 * sigmoid(-2 * w)),
            (lambda w: w < -_HALF, sp.S.NegativeOne, lambda w: 2 * sigmoid(2 * w)),
        ),
        bounded=True,
    ),
    Head(
        name="sech2",
        meaning=lambda w: 4 / (exp(w) + exp(-w)) ** 2,
        slope=lambda w: -2 * tanh(w) * sech2(w),
        latex=lambda w: sp.sech(w) ** 2,
        numpy="_sech2({0})",
        root="_sech({0})",
        polynomial=("_sech2_of({0})", "_sech_of({0})"),
        between="_sech2_between({0}, {1})",
        bounded=True,
    ),
    Head(
        name="log_cosh",
        meaning=lambda w: log((exp(w) + exp(-w)) / 2),
        slope=lambda w: tanh(w),
        latex=lambda w: log(sp.cosh(w)),
        numpy="_log_cosh({0})",
    ),
    Head(
        name="tanh_shrink",
        meaning=lambda w: w - (exp(w) - exp(-w)) / (exp(w) + exp(-w)),
        slope=lambda w: tanh(w) ** 2,
        latex=lambda w: w - tanh(w),
        numpy="_tanh_shrink({0})",
    ),
    Head(
        name="tanh_lag",
        meaning=lambda w: 1 - (exp(w) - exp(-w)) / (exp(w) + exp(-w)) / w,
        slope=lambda w: (tanh(w) ** 2 - tanh_lag(w)) / w,
        latex=lambda w: 1 - tanh(w) / w,
        numpy="_tanh_lag({0})",
        weighted="_weighted_tanh_lag({0}, {1})",
        bounded=True,
    ),
)
