"""Expressions as functions of power series in ε, evaluated in ball arithmetic.

The functions are written with operators and methods only, so they run on plain power series and on
anchored ones alike.
"""

from collections.abc import Callable, Mapping
from typing import Any

import flint
import sympy as sp
from flint import arb, arb_series, fmpq

from derive.balls.anchored import Anchored
from derive.heads import HeadFunction
from derive.heads.extremes import as_cases
from derive.model import A, Y, Z

Series = Any  # an arb_series, or an Anchored
Env = Mapping[sp.Symbol, Any]  # symbols to series, and SIDE to a number
Ball = Callable[[Env], Series]

# A key of an environment: +1 or -1 evaluates the limit from the right or the left where a
# condition, an Abs or a sign has an argument that is exactly 0; 0 raises AtKink there. Without the
# key, sign(0) = 0 and conditions are taken at their word.
SIDE = sp.Dummy("side")

# A key of an environment of anchored series: fractions are exact there as well.
EXACT = sp.Dummy("exact")


class Unreachable(Exception):
    """No enclosure of the wanted relative width could be had."""


class AtKink(Exception):
    """The point lies exactly where two pieces meet."""


def _sign(x: arb) -> int:
    if x > 0:
        return 1
    if x < 0:
        return -1
    if x.is_zero():
        return 0
    raise Unreachable


def _side_sign(x: Series, env: Env) -> int:
    """The sign of x at its point, or just beside it where x is 0 there and a side is asked for."""
    sign = x.sign() if isinstance(x, Anchored) else 0
    sign = sign or _sign(x[0])
    if sign or SIDE not in env:
        return sign
    side = int(env[SIDE])
    if not side:
        raise AtKink
    # Slope and curvature decide; where both vanish the piece is flat and either side serves.
    return _sign(x[1]) * side or _sign(x[2])


def _abs_or_self(x: Series) -> Series:
    """|x| for use where the formula is even and smooth, so that either sign will do at 0."""
    return -x if x[0] < 0 else x


def _exp(x: Series) -> Series:
    return x.exp()


def _log1p(x: Series) -> Series:
    """log(1 + x), relatively accurate for small x, however small."""
    # Beyond 1/16 log(1 + x) itself loses nothing that matters; an anchored series loses nothing at all.
    if isinstance(x, Anchored) or not abs(x[0]) < 0.0625:
        return (1 + x).log()
    return arb_series([x[0].log1p()]) + (x.derivative() / (1 + x)).integral()


def _tail(x: Series) -> Series:
    return (-_abs_or_self(x)).exp()


def _sigmoid(x: Series) -> Series:
    t = _tail(x)
    return (t if x[0] < 0 else 1) / (1 + t)


def _softplus(x: Series) -> Series:
    small = _log1p(_tail(x))
    return small if x[0] < 0 else x + small


def _tanh(x: Series) -> Series:
    t = (-2 * _abs_or_self(x)).exp()
    r = (1 - t) / (1 + t)
    return -r if x[0] < 0 else r


def _sech2(x: Series) -> Series:
    t = (-2 * _abs_or_self(x)).exp()
    return 4 * t / ((1 + t) * (1 + t))


def _log_cosh(x: Series) -> Series:
    m = _abs_or_self(x)
    return m + ((1 + (-2 * m).exp()) / 2).log()


def _ndtr(x: Series) -> Series:
    return (-x / arb(2).sqrt()).erfc() / 2


def _npdf(x: Series) -> Series:
    return (-x * x / 2).exp() / (2 * arb.pi()).sqrt()


def _lean(x: Series) -> Series:
    """The ratio of Mills with the sign of x, from a complement that keeps its digits."""
    ratio = _ndtr(-_abs_or_self(x)) / _npdf(x)
    return -ratio if x[0] < 0 else ratio


FUNCTIONS: dict[str, Callable[[Series], Series]] = {
    "exp": _exp,
    "erf": lambda x: x.erf(),
    "tan": lambda x: x.sin() / x.cos(),
    "cosh": lambda x: (x.exp() + (-x).exp()) / 2,
    "sinh": lambda x: (x.exp() - (-x).exp()) / 2,
    "sigmoid": _sigmoid,
    "logistic": lambda x: _sigmoid(x) * _sigmoid(-x),
    "softplus": _softplus,
    "log_softplus": lambda x: _softplus(x).log(),
    "softplus_score": lambda x: _sigmoid(x) / _softplus(x),
    "softplus_lag": lambda x: 1 / _softplus(x) - (-x).exp(),
    "tanh": _tanh,
    "sech2": _sech2,
    "log_cosh": _log_cosh,
    "expm1": lambda x: x.exp() - 1,
    "log1p": _log1p,
    "lag": lambda x: x - _log1p(x),
    "ndtr": _ndtr,
    "npdf": _npdf,
    "lean": _lean,
    "atan": lambda x: x.atan(),
    "sin": lambda x: x.sin(),
    "cos": lambda x: x.cos(),
}


def _absolute(argument: Ball) -> Ball:
    def run(env: Env) -> Series:
        x = argument(env)
        return x * _side_sign(x, env)

    return run


def _signum(argument: Ball) -> Ball:
    def run(env: Env) -> Series:
        return arb_series([_side_sign(argument(env), env)])

    return run


SIDED = {"Abs": _absolute, "absolute": _absolute, "sign": _signum, "sgn": _signum}


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
    return lambda env: _raised(base(env), power(env))


def _raised(x: Series, p: Series) -> Series:
    """x^p; at x = 0 its derivatives of an order below p, which are 0, or all where x is constant."""
    order = flint.ctx.cap - 1
    if x[0].is_zero() and (p[0] > order or (p[0] > 0 and all(x[n].is_zero() for n in range(1, order + 1)))):
        return arb_series([0])
    return (x.log() * p).exp()


# Which signs of left − right make a relation true, exactly and just beside a zero.
RELATIONS = {
    sp.StrictGreaterThan: (1,),
    sp.GreaterThan: (0, 1),
    sp.StrictLessThan: (-1,),
    sp.LessThan: (-1, 0),
    sp.Equality: (0,),
    sp.Unequality: (-1, 1),
}


def _holds(cond: sp.Basic) -> Callable[[Env], bool]:
    if cond in (sp.true, sp.false):
        return lambda env: cond == sp.true
    if isinstance(cond, sp.Not):
        inner = _holds(cond.args[0])
        return lambda env: not inner(env)
    if isinstance(cond, sp.And | sp.Or):
        parts = [_holds(c) for c in cond.args]
        join = all if isinstance(cond, sp.And) else any
        return lambda env: join(p(env) for p in parts)
    if isinstance(cond, sp.ITE):
        test, yes, no = (_holds(c) for c in cond.args)
        return lambda env: yes(env) if test(env) else no(env)
    left, right, allowed = compile_ball(cond.lhs), compile_ball(cond.rhs), RELATIONS[cond.func]
    if Y in cond.free_symbols and not cond.has(A, Z):  # y = 0 is no kink: z does not cross it
        return lambda env: _side_sign(left(env) - right(env), {}) in allowed
    return lambda env: _side_sign(left(env) - right(env), env) in allowed


def _piecewise(expr: sp.Piecewise) -> Ball:
    rows = [(compile_ball(e), _holds(c)) for e, c in expr.args]

    def run(env: Env) -> Series:
        for value, holds in rows:
            if holds(env):
                return value(env)
        raise Unreachable

    return run


def _sum(parts: list[Ball]) -> Ball:
    def run(env: Env) -> Series:
        total = parts[0](env)
        for p in parts[1:]:
            total = total + p(env)
        return total

    return run


def _product(parts: list[Ball]) -> Ball:
    def run(env: Env) -> Series:
        total = parts[0](env)
        for p in parts[1:]:
            total = total * p(env)
        return total

    return run


def _factors(product: sp.Expr) -> list[Ball]:
    """The factors of a product, √c of a number c inside the root beside it: √2/√x is exact at x = 1/2."""
    roots = [f for f in product.args if f.is_Pow and abs(f.exp) == sp.S.Half]
    number = next((f for f in roots if f.base.is_Rational and f.base > 0), None)
    root = next((f for f in roots if f.base.free_symbols), None)
    if number is None or root is None:
        return [compile_ball(f) for f in product.args]
    inside = number.base if number.exp == root.exp else 1 / number.base
    joined = _power(_product([compile_ball(inside), compile_ball(root.base)]), root.exp)
    return [joined, *(compile_ball(f) for f in product.args if f not in (number, root))]


def _number(expr: sp.Expr) -> Ball | None:
    """A constant: exact as an integer or in anchored series, else computed at the precision of now."""
    if expr.is_Integer:
        exact = arb_series([int(expr)])
        return lambda env: exact
    if expr.is_Rational:
        p, q = int(expr.p), int(expr.q)
        fraction = Anchored(fmpq(p, q), arb_series([0]))
        return lambda env: fraction if EXACT in env else arb_series([arb(p) / q])
    if expr is sp.pi:
        return lambda env: arb_series([arb.pi()])
    if expr is sp.E:
        return lambda env: arb_series([arb(1).exp()])
    return None


def _logarithm(w: sp.Expr) -> Ball:
    """log w; e^z is not formed where log undoes it, since e^(e^z) leaves every number format."""
    if isinstance(w, sp.cosh):
        argument = compile_ball(w.args[0])
        return lambda env: _log_cosh(argument(env))
    if not (isinstance(w, sp.Add) and sp.S.One in w.args):
        argument = compile_ball(w)
        return lambda env: argument(env).log()
    rest = w - 1
    if isinstance(rest, sp.exp):
        argument = compile_ball(rest.exp)
        return lambda env: _softplus(argument(env))
    argument = compile_ball(rest)
    return lambda env: _log1p(argument(env))


def _call(expr: sp.Expr) -> Ball:
    name = type(expr).__name__
    if isinstance(expr, sp.log):
        return _logarithm(expr.args[0])
    if name in SIDED:
        return SIDED[name](compile_ball(expr.args[0]))
    if name in FUNCTIONS:
        inner, function = compile_ball(expr.args[0]), FUNCTIONS[name]
        return lambda env: function(inner(env))
    if isinstance(expr, HeadFunction):
        return compile_ball(expr._row.meaning(expr.args[0]))
    raise TypeError(f"no ball evaluation for {expr.func.__name__}")


def compile_ball(expr: sp.Expr) -> Ball:
    """A function from symbol values (power series in ε) to the power series of `expr`."""
    if expr.is_Symbol:
        return lambda env: env[expr]
    if number := _number(expr):
        return number
    if isinstance(expr, sp.exp) or (expr.is_Pow and expr.base is sp.E):
        argument = compile_ball(expr.exp)
        return lambda env: argument(env).exp()
    if expr.is_Pow:
        return _power(compile_ball(expr.base), expr.exp)
    if expr.is_Add or expr.is_Mul:
        return _sum([compile_ball(a) for a in expr.args]) if expr.is_Add else _product(_factors(expr))
    if isinstance(expr, sp.Max | sp.Min):
        return compile_ball(as_cases(expr))
    if isinstance(expr, sp.Heaviside):
        w, at_zero = expr.args
        return _piecewise(sp.Piecewise((1, w > 0), (0, w < 0), (at_zero, True)))
    if isinstance(expr, sp.Piecewise):
        return _piecewise(expr)
    return _call(expr)


def compose(outer: Ball, symbol: sp.Symbol, inner: Ball) -> Ball:
    """The ball of `outer` with `symbol` replaced by `inner`; no expression is formed."""
    return lambda env: outer({**env, symbol: inner(env)})
