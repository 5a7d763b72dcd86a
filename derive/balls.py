"""Certified evaluation of expressions in ball arithmetic (Arb, through python-flint).

`compile_ball` turns an expression into a function of power series: seeded with z + ε it returns
value, slope and half the curvature of the formula itself, with no symbolic derivative in between.
"""

from collections.abc import Callable, Mapping

import flint
import sympy as sp
from flint import arb, arb_series

from derive.heads import HeadFunction

Env = Mapping[sp.Symbol, arb_series]
Ball = Callable[[Env], arb_series]

MAX_BITS = 1 << 15
# Beyond e^(±2^18) nothing rounds to a finite nonzero float; the argument is held there.
_EXP_LIMIT = 1 << 18


class Unreachable(Exception):
    """No enclosure of the wanted relative width could be had; the plain formula may be too large."""


def _head(x: arb_series) -> arb:
    return x[0]


def _sign(x: arb) -> int:
    if x > 0:
        return 1
    if x < 0:
        return -1
    if x.is_exact() and x.is_zero():
        return 0
    raise Unreachable


def _exp(x: arb_series) -> arb_series:
    c = _head(x)
    if abs(c) < _EXP_LIMIT:
        return x.exp()
    if c <= -_EXP_LIMIT:
        return (x - c + arb(-_EXP_LIMIT)).exp()
    raise Unreachable


def _guarded_exp(x: arb_series) -> arb_series:
    """exp with its argument held at ±2^18, where the result has long left the floats."""
    c = _head(x)
    if c >= _EXP_LIMIT:
        return (x - c + arb(_EXP_LIMIT)).exp()
    return _exp(x)


def _abs(x: arb_series) -> arb_series:
    return x * _sign(_head(x))


def _tail(x: arb_series) -> arb_series:
    return _exp(-_abs_or_self(x))


def _abs_or_self(x: arb_series) -> arb_series:
    """|x| for use where the formula is even and smooth, so that either sign will do at 0."""
    return -x if _head(x) < 0 else x


def _sigmoid(x: arb_series) -> arb_series:
    t = _tail(x)
    return (t if _head(x) < 0 else 1) / (1 + t)


def _softplus(x: arb_series) -> arb_series:
    small = (1 + _tail(x)).log()
    return small if _head(x) < 0 else x + small


def _tanh(x: arb_series) -> arb_series:
    t = _exp(-2 * _abs_or_self(x))
    r = (1 - t) / (1 + t)
    return -r if _head(x) < 0 else r


def _sech2(x: arb_series) -> arb_series:
    t = _exp(-2 * _abs_or_self(x))
    return 4 * t / ((1 + t) * (1 + t))


def _log_cosh(x: arb_series) -> arb_series:
    m = _abs_or_self(x)
    return m + ((1 + _exp(-2 * m)) / 2).log()


def _ndtr(x: arb_series) -> arb_series:
    """Φ through erfc; its argument held at ±2^10, beyond which the tail has left the floats."""
    c = _head(x)
    if abs(c) > 1024:
        x = x - c + arb(1024 if c > 0 else -1024)
    return (-x / arb(2).sqrt()).erfc() / 2


def _npdf(x: arb_series) -> arb_series:
    return _exp(-x * x / 2) / (2 * arb.pi()).sqrt()


_LOG_LIMIT = 5000


def _log_softplus(x: arb_series) -> arb_series:
    """log log(1 + e^x) = x + log(1 − e^x/2 + …); far left the correction has left every float."""
    return x if _head(x) < -_LOG_LIMIT else _softplus(x).log()


def _softplus_score(x: arb_series) -> arb_series:
    return _sigmoid(x) / _softplus(x) if _head(x) > -_LOG_LIMIT else 1 + 0 * x


FUNCTIONS: dict[str, Callable[[arb_series], arb_series]] = {
    "exp": _guarded_exp,
    "log": lambda x: x.log(),
    "erf": lambda x: x.erf(),
    "cosh": lambda x: (_exp(x) + _exp(-x)) / 2,
    "sinh": lambda x: (_exp(x) - _exp(-x)) / 2,
    "Abs": _abs,
    "sign": lambda x: _sign(_head(x)) + 0 * x,
    "sigmoid": _sigmoid,
    "logistic": lambda x: _sigmoid(x) * _sigmoid(-x),
    "softplus": _softplus,
    "log_softplus": _log_softplus,
    "softplus_score": _softplus_score,
    "softplus_lag": lambda x: 1 / _softplus(x) - _exp(-x),
    "tanh": _tanh,
    "sech2": _sech2,
    "log_cosh": _log_cosh,
    "expm1": lambda x: _guarded_exp(x) - 1,
    "ndtr": _ndtr,
    "npdf": _npdf,
    "absolute": _abs,
    "sgn": lambda x: _sign(_head(x)) + 0 * x,
    "atan": lambda x: x.atan(),
    "sin": lambda x: x.sin(),
    "cos": lambda x: x.cos(),
}


def _constant(value: arb) -> arb_series:
    return arb_series([value])


def _power(base: Ball, e: sp.Expr) -> Ball:
    if e.is_Integer:
        n = int(e)
        if n < 0:
            return lambda env: 1 / base(env) ** (-n)
        return lambda env: base(env) ** n
    if e == sp.Rational(1, 2):
        return lambda env: base(env).sqrt()
    if e == -sp.Rational(1, 2):
        return lambda env: 1 / base(env).sqrt()
    power = compile_ball(e)
    return lambda env: (base(env).log() * power(env)).exp()


def _holds(cond: sp.Basic) -> Callable[[Env], bool]:
    if cond == sp.true:
        return lambda env: True
    if isinstance(cond, sp.And | sp.Or):
        parts = [_holds(c) for c in cond.args]
        join = all if isinstance(cond, sp.And) else any
        return lambda env: join(p(env) for p in parts)
    difference = compile_ball(cond.lhs - cond.rhs)
    signs = {"StrictGreaterThan": (1,), "GreaterThan": (0, 1), "StrictLessThan": (-1,)}
    signs |= {"LessThan": (-1, 0), "Equality": (0,), "Unequality": (-1, 1)}
    allowed = signs[type(cond).__name__]
    return lambda env: _sign(_head(difference(env))) in allowed


def _piecewise(expr: sp.Piecewise) -> Ball:
    rows = [(compile_ball(e), _holds(c)) for e, c in expr.args]

    def run(env: Env) -> arb_series:
        for value, holds in rows:
            if holds(env):
                return value(env)
        raise Unreachable

    return run


def _fold(parts: list[Ball], product: bool) -> Ball:
    def run(env: Env) -> arb_series:
        total = parts[0](env)
        for p in parts[1:]:
            total = total * p(env) if product else total + p(env)
        return total

    return run


def compile_ball(expr: sp.Expr) -> Ball:
    """A function from symbol values (power series in ε) to the power series of `expr`."""
    if expr.is_Symbol:
        return lambda env: env[expr]
    if expr.is_Rational:
        p, q = int(expr.p), int(expr.q)
        return lambda env: _constant(arb(p) / q)
    if expr is sp.pi:
        return lambda env: _constant(arb.pi())
    if expr is sp.E:
        return lambda env: _constant(arb(1).exp())
    if isinstance(expr, sp.exp) or (expr.is_Pow and expr.base is sp.E):
        argument = compile_ball(expr.exp)
        return lambda env: FUNCTIONS["exp"](argument(env))
    if expr.is_Pow:
        return _power(compile_ball(expr.base), expr.exp)
    if expr.is_Add or expr.is_Mul:
        return _fold([compile_ball(a) for a in expr.args], expr.is_Mul)
    if isinstance(expr, sp.Max | sp.Min):
        return compile_ball(expr.rewrite(sp.Piecewise))
    if isinstance(expr, sp.Piecewise):
        return _piecewise(expr)
    if isinstance(expr, HeadFunction | sp.Function) and type(expr).__name__ in FUNCTIONS:
        inner, function = compile_ball(expr.args[0]), FUNCTIONS[type(expr).__name__]
        return lambda env: function(inner(env))
    raise TypeError(f"no ball evaluation for {expr.func.__name__}")


def taylor(ball: Ball, env: Mapping[sp.Symbol, float | arb], at: sp.Symbol, order: int, bits: int):
    """Coefficients 0..order of `ball` in ε at `at` = value + ε, in balls of `bits` bits."""
    old_prec, old_cap = flint.ctx.prec, flint.ctx.cap
    flint.ctx.prec, flint.ctx.cap = bits, order + 1
    try:
        series = {s: _constant(arb(v)) for s, v in env.items()}
        series[at] = arb_series([arb(env[at]), 1])
        got = ball(series)
        return [got[n] for n in range(order + 1)]
    finally:
        flint.ctx.prec, flint.ctx.cap = old_prec, old_cap


def certified(ball: Ball, env, at: sp.Symbol, order: int, *, start: int = 192, digits: int = 80):
    """Derivatives 0..order (not divided by n!) as balls whose relative width is below 2^−digits.

    A coefficient that stays within 2^−1300 of zero counts as settled: it rounds to 0 in every dtype
    and no product of it with a float does otherwise.
    """
    bits = start
    while bits <= MAX_BITS:
        try:
            got = taylor(ball, env, at, order, bits)
            if all(_settled(c, digits) for c in got):
                return [c * f for c, f in zip(got, (1, 1, 2, 6), strict=False)]
        except (Unreachable, ZeroDivisionError):
            pass
        bits *= 4
    raise Unreachable


_TINY = arb(2) ** -1300


def _settled(c: arb, digits: int) -> bool:
    if c.is_exact() and c.is_finite():
        return True
    return c.is_finite() and (c.rel_accuracy_bits() >= digits or abs(c) < _TINY)
