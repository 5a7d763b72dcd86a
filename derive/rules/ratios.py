"""Deviances and odds in floats: near a = y, where a ratio is no normal number, where odds overflow."""

import sympy as sp
from sympy import exp, log

from derive.heads import bose, expm1, lag, log1p, log_bose, plain, raised, row_of, softplus
from derive.model import Y, Z
from derive.rules.branchless import Kept
from derive.rules.floats import Lifted, Log1pOf, LogOf, Plus, Powered
from derive.rules.odds import is_log, odds_of
from derive.rules.stable import recognise
from derive.rules.weighted import WeightedLog, WeightedLog1p

_HALF = sp.Rational(1, 2)


def opened(expr: sp.Expr) -> sp.Expr:
    """`expr` with lags of r − 1 and softplus of log b written so that they keep their digits everywhere."""
    expr = expr.replace(lambda e: isinstance(e, softplus) and is_log(e.args[0]), _log1p_of)
    expr = expr.replace(lambda e: isinstance(e, log1p), _lifted)
    expr = expr.replace(lambda e: e.is_Mul, _growing_together)
    expr = _outgrown(expr) if expr.is_Add else expr
    found = sorted(expr.atoms(lag), key=str)
    if len(found) == 1 and (found[0].args[0] + 1).is_Mul:
        expr = _beside(expr, found[0])
    expr = expr.replace(lambda e: e.is_Mul and Y in e.args, _with_logarithm)
    return expr.replace(lambda e: e.is_Mul and Y in e.args, _with_power)


def _with_logarithm(product: sp.Expr) -> sp.Expr:
    """A product of y and a logarithm that may overflow while y is 0, or small."""
    found = [f for f in product.args if isinstance(f, LogOf | Log1pOf)]
    if len(found) != 1 or not found[0].args[1].has(Z):
        return product
    far = sp.Add(*(_with_square(Y * t) for t in sp.Add.make_args(sp.expand(found[0].args[1]))))
    kind = WeightedLog if isinstance(found[0], LogOf) else WeightedLog1p
    return kind(Y, *found[0].args, far) * (product / found[0] / Y)


def _with_square(term: sp.Expr) -> sp.Expr:
    """A term with yz² as one factor."""
    return Powered(Y, Z, sp.Integer(2)) * (term / Y / Z**2) if Z**2 in term.args else term


def _outgrown(total: sp.Expr) -> sp.Expr:
    """y/a + log a with blocks, of which the second overflows later than the first, and to the other side."""
    heights = [
        t for t in total.args if t == -(Z**2) or ((row := row_of(t.as_coeff_Mul()[1])) and row.half[0])
    ]
    if len(total.args) != 2 or len(heights) != 1:
        return total
    rest = total - heights[0]
    return Plus(rest, heights[0]) if exp(-heights[0]) in rest.args else total


def _with_power(product: sp.Expr) -> sp.Expr:
    """A product of y and a power of z or −z that may overflow while y is 0."""
    powers = [f for f in product.args if f.is_Pow and f.base in (Z, -Z) and f.exp.free_symbols]
    if len(powers) != 1:
        return product
    base, power = powers[0].as_base_exp()
    bars = [f for f in product.args if f.is_Pow and f.exp.is_negative and f.base.is_Add and f.base.has(Y)]
    rest = sp.Mul(*(f for f in product.args if f not in (Y, powers[0], *bars)))
    return rest * Powered(sp.Mul(Y, *bars), base, power)  # what divides y comes before the power overflows


def _growing_together(product: sp.Expr) -> sp.Expr:
    """A product of e^w and a sum with e^(cw), c > 0, in which the sum is not multiplied out."""
    rates = [f.args[0] for f in product.args if isinstance(f, exp)]

    def grows(total: sp.Expr) -> bool:
        inner = [e.args[0] for e in total.atoms(exp)]
        return total.is_Add and any((w / r).is_positive for w in inner for r in rates if r.has(Z))

    if not any(map(grows, product.args)):
        return product
    return product.func(*(Kept(f) if grows(f) else f for f in product.args))


def _lifted(head: sp.Expr) -> sp.Expr:
    """log(1 + c(e^w − 1)) as one function where c is a parameter: 1 + a may be near 0, and near 1."""
    c, rest = head.args[0].as_independent(expm1, as_Add=False)
    lifts = isinstance(rest, expm1) and c.free_symbols and not c.has(Y, Z)
    return Lifted(c, rest.args[0]) if lifts else head


def _log1p_of(head: sp.Expr) -> sp.Expr:
    return Log1pOf(odds_of(head.args[0]), sp.expand(head.args[0]))


def _beside(expr: sp.Expr, head: sp.Expr) -> sp.Expr:
    """c·lag(r − 1) where r is near 1, c(r − 1) − c log r elsewhere, in all branches where it stands."""
    if isinstance(expr, sp.Piecewise):
        return sp.Piecewise(*((_beside(e, head) if e.has(head) else e, c) for e, c in expr.args))
    factor, ratio = expr / head, head.args[0] + 1
    if factor.has(lag):
        return expr
    logs = sp.Add(*(_log_of_factor(f) for f in _positive_factors(_facing(ratio))))
    far = ratio - 1 - LogOf(ratio, logs)
    if factor != 1:  # where a overflows, so does what is taken from it
        far = Plus(factor * ratio, -factor - factor * LogOf(ratio, logs))
    near = ratio > _HALF if factor == 1 else sp.And(ratio > _HALF, ratio < 2)
    return sp.Piecewise((expr.xreplace({head: lag(_over(ratio))}), near), (far, True))


def _over(ratio: sp.Expr) -> sp.Expr:
    """y/h − 1, as (y − h)/h where h is a block below 1: there 1 − h may be small."""
    short = [f for f in sp.Mul.make_args(ratio) if f.is_Pow and isinstance(f.base, expm1) and f.exp == -1]
    if short:
        return (ratio / short[0] - short[0].base) * short[0]
    powers = [f for f in sp.Mul.make_args(ratio) if raised(f) is not None]
    if len(powers) != 1:
        return ratio - 1
    whole = recognise(plain(1 / powers[0]))
    row = row_of(whole)
    return (ratio / powers[0] - whole) * powers[0] if row and row.bounded else ratio - 1


def _facing(product: sp.Expr) -> sp.Expr:
    """A positive product of z < 0 and a negative number with −z in it."""
    return product.subs(Z, -sp.Symbol("z", positive=True)) if product.as_coeff_Mul()[0] < 0 else product


def _positive_factors(product: sp.Expr) -> list[sp.Expr]:
    """The factors, −1 and a power of e^w − 1 < 0 as one."""
    factors = list(sp.Mul.make_args(product))
    short = [f for f in factors if isinstance(f.as_base_exp()[0], expm1)]
    if product.as_coeff_Mul()[0] != -1 or len(short) != 1:
        return factors
    return [-short[0], *(f for f in factors if f not in (short[0], -1))]


def _log_of_factor(factor: sp.Expr) -> sp.Expr:
    """The logarithm of a positive factor, with z for the symbol that stands for −z."""
    back = {sp.Symbol("z", positive=True): -Z}
    if isinstance(factor, exp):
        return factor.args[0].xreplace(back)
    if factor.as_coeff_Mul()[0] == -1:
        factor, sign = -factor, -1
    else:
        sign = 1
    base, power = factor.as_base_exp()
    base = sign * base
    if isinstance(base, bose):
        return power * log_bose(*base.args)
    return power * recognise(log(base)).xreplace(back)
