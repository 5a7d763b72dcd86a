"""Antiderivatives of stable blocks and of their products with z, one row each, in the letter w.

Every row is its own test: the derivative of what stands on the right is what stands on the left. Li₂ is the
dilogarithm, E₁ the exponential integral: functions of their own, not elementary ones.
"""

from dataclasses import dataclass

import sympy as sp
from sympy import atan, cos, cosh, erf, exp, log, pi, sin, sinh, sqrt

from derive.claims.matching.special import E1, Li2
from derive.heads import (
    absolute,
    expm1,
    log1p,
    log_cosh,
    logistic,
    ndtr,
    npdf,
    sech2,
    sgn,
    sigmoid,
    softplus,
    step,
    tanh,
)
from derive.rules import W


@dataclass(frozen=True, kw_only=True)
class Row:
    """∫ of dw = gives."""

    of: sp.Expr
    gives: sp.Expr


def row(of: sp.Expr, gives: sp.Expr) -> Row:
    """A row of the table."""
    return Row(of=of, gives=gives)


ROWS: tuple[Row, ...] = (
    row(exp(W), exp(W)),
    row(W * exp(W), (W - 1) * exp(W)),
    row(W**2 * exp(W), (W**2 - 2 * W + 2) * exp(W)),
    row(W * exp(-(W**2)), -exp(-(W**2)) / 2),
    row(exp(-(W**2)), sqrt(pi) * erf(W) / 2),
    row(expm1(W), exp(W) - W),
    row(1 / expm1(W), log(1 - exp(-W))),
    row(sigmoid(W), softplus(W)),
    row(W * sigmoid(W), W * softplus(W) + Li2(-exp(W))),
    row(logistic(W), sigmoid(W)),
    row(W * logistic(W), W * sigmoid(W) - softplus(W)),
    row(softplus(W), -Li2(-exp(W))),
    row(tanh(W), log_cosh(W)),
    row(W * tanh(W), W * softplus(2 * W) + Li2(-exp(2 * W)) / 2 - W**2 / 2),
    row(sech2(W), tanh(W)),
    row(W * sech2(W), W * tanh(W) - log_cosh(W)),
    row(log_cosh(W), -Li2(-exp(2 * W)) / 2 - W**2 / 2 - W * log(2)),
    row(ndtr(W), W * ndtr(W) + npdf(W)),
    row(W * ndtr(W), ((W**2 - 1) * ndtr(W) + W * npdf(W)) / 2),
    row(npdf(W), ndtr(W)),
    row(W * npdf(W), -npdf(W)),
    row(erf(W), W * erf(W) + exp(-(W**2)) / sqrt(pi)),
    row(W * erf(W), (2 * W**2 - 1) * erf(W) / 4 + W * exp(-(W**2)) / (2 * sqrt(pi))),
    row(atan(W), W * atan(W) - log(1 + W**2) / 2),
    row(W * atan(W), ((W**2 + 1) * atan(W) - W) / 2),
    row(1 / (1 + W**2), atan(W)),
    row(W / (1 + W**2), log(1 + W**2) / 2),
    row(sin(W), -cos(W)),
    row(cos(W), sin(W)),
    row(W * sin(W), sin(W) - W * cos(W)),
    row(W * cos(W), cos(W) + W * sin(W)),
    row(sinh(W), cosh(W)),
    row(cosh(W), sinh(W)),
    row(log1p(W), (1 + W) * log(1 + W) - W),
    row(log(W), W * log(W) - W),
    row(log(1 + W**2), W * log(1 + W**2) - 2 * W + 2 * atan(W)),
    row(exp(-exp(W)), -E1(exp(W))),
    row(expm1(-exp(W)), -E1(exp(W)) - W),
    row(sgn(W), absolute(W)),
    row(absolute(W), W * absolute(W) / 2),
    row(step(W), (W + absolute(W)) / 2),
    row(W / (1 + absolute(W)), absolute(W) - log(1 + absolute(W))),
)
