"""Certified integrals of expressions along the real line (Arb's acb_calc_integrate)."""

from collections.abc import Callable

import flint
import sympy as sp
from flint import acb, arb

BITS = 128

Complex = Callable[[acb, bool], acb]
# By name; log and √ are told whether their branch cut may not be crossed.
FUNCTIONS: dict[str, Callable[[acb], acb]] = {
    "exp": acb.exp,
    "erf": acb.erf,
    "sin": acb.sin,
    "cos": acb.cos,
    "sinh": acb.sinh,
    "cosh": acb.cosh,
    "tanh": acb.tanh,
    "atan": acb.atan,
}


def integral(expr: sp.Expr, letter: sp.Symbol, low: arb | float, high: arb | float) -> arb:
    """An enclosure of the integral of an expression without cases, in SymPy's own functions."""
    inside = _compiled(expr, letter)
    with flint.ctx.workprec(BITS):
        return acb.integral(lambda x, analytic: inside(x, analytic), acb(low), acb(high)).real


def _compiled(expr: sp.Expr, letter: sp.Symbol) -> Complex:
    """A function of a complex ball; TypeError where there is none."""
    if expr == letter:
        return lambda x, analytic: x
    if expr.is_number and (expr.is_Rational or expr in (sp.pi, sp.E)):
        return lambda x, analytic: _number(expr)
    if expr.is_Add or expr.is_Mul:
        return _joined([_compiled(part, letter) for part in expr.args], bool(expr.is_Add))
    if isinstance(expr, sp.exp):
        argument = _compiled(expr.args[0], letter)
        return lambda x, analytic: argument(x, analytic).exp()
    if expr.is_Pow:
        return _power(expr, letter)
    if isinstance(expr, sp.log):
        inner = _compiled(expr.args[0], letter)
        return lambda x, analytic: inner(x, analytic).log(analytic=analytic)
    name = type(expr).__name__
    if name not in FUNCTIONS:
        raise TypeError(f"no complex ball for {name}")
    inner, function = _compiled(expr.args[0], letter), FUNCTIONS[name]
    return lambda x, analytic: function(inner(x, analytic))


def _number(expr: sp.Expr) -> acb:
    if expr.is_Rational:
        return acb(arb(int(expr.p)) / int(expr.q))
    return acb(arb.pi() if expr is sp.pi else arb(1).exp())


def _joined(parts: list[Complex], adding: bool) -> Complex:
    def run(x: acb, analytic: bool) -> acb:
        total = parts[0](x, analytic)
        for part in parts[1:]:
            total = total + part(x, analytic) if adding else total * part(x, analytic)
        return total

    return run


def _power(expr: sp.Expr, letter: sp.Symbol) -> Complex:
    base = _compiled(expr.base, letter)
    if expr.exp.is_Integer:
        n = int(expr.exp)
        return lambda x, analytic: base(x, analytic) ** n if n > 0 else 1 / base(x, analytic) ** -n
    if expr.exp == sp.S.Half:
        return lambda x, analytic: base(x, analytic).sqrt(analytic=analytic)
    power = _compiled(expr.exp, letter)
    return lambda x, analytic: (base(x, analytic).log(analytic=analytic) * power(x, analytic)).exp()
