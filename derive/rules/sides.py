"""Losses with the slope (a − y)/V(a) behind a distribution function a = F(z), differentiated by sides.

V is the variance: a^p in the family of Tweedie (p = 1 of Poisson, 2 of Gamma, 3 of the inverse Gaussian),
a(1 + αa) of the negative binomial. With the score s = (log a)′ and T_k = s′/s + ks, the slope of the gradient
s(a^K − y a^(K − 1)), K = 2 − p, is on the left, where nothing cancels between turns, s(a^K T_K − y a^(K−1)
T_(K−1)). On the right, where a tends to 1, it is s((a^K − y a^(K−1))T_K + y a^(K−1) s): the residual keeps
its digits, and T_K < 0 has its sign at y = 1.
"""

from collections.abc import Callable
from dataclasses import dataclass

import sympy as sp
from sympy import exp, pi

from derive.heads import (
    arsinh,
    arsinh_slope,
    cauchy_lag,
    cauchy_pull,
    cauchy_score,
    gumbel_bend,
    gumbel_lag,
    gumbel_score,
    log_cauchy,
    log_gumbel_rest,
    log_ndtr,
    lorentz,
    ndtr_lag,
    ndtr_score,
    rise,
)
from derive.model import Y, Z
from derive.rules.branchless import Kept
from derive.rules.floats import Times

_A, _Y = sp.Symbol("a", positive=True), sp.Symbol("y", positive=True)
Turn = Callable[[sp.Expr], sp.Expr]


@dataclass(frozen=True, kw_only=True)
class Sided:
    """F(z): its score, T_k left and right of 0; where its tail is heavy, s/F and T_k/F on the left."""

    score: sp.Expr
    left: Turn
    right: Turn
    heavy: tuple[sp.Expr, Turn] | None = None


def sided(height: sp.Expr | None) -> Sided | None:
    """What is known of a distribution function with the logarithm `height`, a block of z; None of others."""
    s = {log_ndtr(Z): ndtr_score(Z), log_gumbel_rest(Z): gumbel_score(Z), -exp(-Z): exp(-Z)}.get(height)
    turns: dict[sp.Expr, Turn] = {
        log_ndtr(Z): lambda k: k * s - ndtr_lag(Z) if k != 1 else -Z,
        log_gumbel_rest(Z): lambda k: k * s - gumbel_lag(Z) if k != 1 else gumbel_bend(Z),
        -exp(-Z): lambda k: k * s - 1 if k != 1 else -gumbel_bend(-Z),
    }
    if s is not None:
        return Sided(score=s, left=turns[height], right=turns[height])
    return _cauchy() if height == log_cauchy(Z) else None


def _cauchy() -> Sided:
    """The Cauchy distribution, whose tail falls like 1/|z|: there the turn of 1/F all but vanishes."""
    score, lag, pull = cauchy_score(Z), cauchy_lag(Z), cauchy_pull(Z)
    return Sided(
        score=score,
        left=lambda k: -lorentz(Z) * ((1 + k) * Z + (1 - k) * lag),
        right=lambda k: (k - 1) * score - 2 * Z * lorentz(Z),
        heavy=(pi * pull**2, lambda k: pi * ((1 + k) * pull**2 - 2 * score * lag)),
    )


@dataclass(frozen=True, kw_only=True)
class Variance:
    """V(a) = a^(2 − top)·(1 + rate·a)."""

    top: sp.Expr
    rate: sp.Expr


def variance(los: sp.Expr) -> Variance | None:
    """The variance of a loss in positive a and y; None where its slope is not of that shape."""
    slope = los.diff(_A)
    weight = sp.powsimp(sp.simplify(-slope.diff(_Y)))
    if weight == 0 or sp.simplify(slope - (_A - _Y) * weight) != 0:
        return None
    powers = weight.as_powers_dict()
    top = 2 + powers.pop(_A, sp.S.Zero)
    if not powers:
        return Variance(top=top, rate=sp.S.Zero)
    (base, power), *others = powers.items()
    rate = sp.expand((base - 1) / _A)
    return None if others or power != -1 or rate.has(_A) else Variance(top=top, rate=rate)


def slopes(v: Variance, f: sp.Expr, height: sp.Expr, known: Sided) -> tuple[sp.Expr, sp.Expr]:
    """Gradient and second derivative of a loss with the variance v behind f = e^height."""
    k, s, share = v.top, known.score, 1 + v.rate * f
    right = s * _residual(k, f, height), _right(k, f, height, known)
    found = [
        (first / share, second / share - v.rate * f.diff(Z) * first / share**2)
        for first, second in (_left(k, f, height, known), right)
    ]
    return _by_side(*(g for g, _ in found)), _by_side(*(h for _, h in found))


def centred(v: Variance, height: sp.Expr | None) -> sp.Expr | None:
    """The second derivative behind a = e^(−z²), the residual whole where it is no a − y; None elsewhere."""
    if height != -(Z**2) or v.rate != 0:
        return None
    if v.top.is_negative:
        ratio = Y * exp(-height)
        return 2 * exp(v.top * height) * ((ratio - 1) * (1 - 2 * v.top * Z**2) + 2 * Z**2 * ratio)
    if v.top.is_number:
        return None
    low, high = Y * exp(sp.factor((v.top - 1) * height)), exp(sp.factor(v.top * height))
    return 2 * Kept(low - high) + 4 * Z**2 * ((1 - v.top) * low + v.top * high)


def of_arsinh(v: Variance, f: sp.Expr, height: sp.Expr) -> sp.Expr | None:
    """The gradient behind a = ce^(arsinh w) with the residual whole and bounded factors; None elsewhere.

    a^(k − 1) times the slope u of arsinh w is u^k(2 rise(−w)/c)^(1 − k), for 0 ≤ k ≤ 1.
    """
    found = [h for h in sp.Add.make_args(height) if isinstance(h, arsinh)]
    if len(found) != 1 or v.top.is_negative:
        return None
    (head,) = found
    w, c = head.args[0], sp.exp(height - head)
    residual = (f - Y) / (1 + v.rate * f)
    left = arsinh_slope(w) ** v.top * rise(-w) ** (1 - v.top) * (2 / c) ** (1 - v.top) * residual * w.diff(Z)
    return left if v.top.is_number else _by_side(left, f.diff(Z) * exp((v.top - 2) * height) * residual)


def _residual(k: sp.Expr, f: sp.Expr, height: sp.Expr) -> sp.Expr:
    """f^k − y f^(k − 1); a product where both of them overflow."""
    if k.is_negative:
        return exp(k * height) * (1 - Y * exp(-height))
    return (f if k == 1 else exp(k * height)) - Y * exp((k - 1) * height)


def _right(k: sp.Expr, f: sp.Expr, height: sp.Expr, known: Sided) -> sp.Expr:
    """The second derivative on the right, but for the share of the rate."""
    s, turn, rest = known.score, known.right(k), exp(-height)
    if k.is_negative:
        return exp(k * height) * ((1 - Y * rest) * turn * s + Y * rest * s**2)
    residual, low = _residual(k, f, height), exp((k - 1) * height)
    if turn.is_number:  # a number would be multiplied into the residual
        return s * turn * residual + Y * low * s**2
    return s * (residual * turn + Y * low * s)


def _left(k: sp.Expr, f: sp.Expr, height: sp.Expr, known: Sided) -> tuple[sp.Expr, sp.Expr]:
    """Gradient and second derivative on the left, but for the share of the rate."""
    s, turn = known.score, known.left
    if k == 1:
        slope = f.diff(Z)
        return slope - Y * s, slope * turn(k) - Y * s * turn(sp.S.Zero)
    power, rest = exp(k * height), exp(-height)
    if known.heavy is None:
        first = s * _residual(k, f, height)
        if k.is_negative:
            return first, s * power * ((1 - Y * rest) * turn(k - 1) + s)
        low = Y * exp((k - 1) * height)
        if isinstance(s, exp) and k.free_symbols:  # a score that overflows where one power is 0
            return _fallen(k * height, s) - Times(low, s), (
                _fallen(k * height, s * turn(k)) - Times(low, s * turn(k - 1))
            )
        return first, s * (power * turn(k) - low * turn(k - 1))
    over, turn_over = known.heavy
    bent = turn(k) - Y * turn_over(k - 1)
    if k.is_negative:
        front = over * exp((k + 1) * height)
        return front * (1 - Y * rest), front * bent
    return power * (s - Y * over), power * s * bent


def _fallen(height: sp.Expr, growth: sp.Expr) -> sp.Expr:
    """A power that has fallen to 0 where the growth overflows: a root of it, 0 by then, comes first."""
    root = exp(height / 2)
    return Times(root, growth * root)


def _by_side(left: sp.Expr, right: sp.Expr) -> sp.Expr:
    return left if left == right else sp.Piecewise((left, Z < 0), (right, True))
