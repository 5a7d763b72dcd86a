"""Losses of an output that is a logarithm: with a = log p, e^a is p, which is a quotient or lies below 1."""

import sympy as sp
from sympy import exp, log

from derive.model import A, Activation, Interval, Set, Y, Z
from derive.rules.complements import complemented, holds_complements, in_powers
from derive.rules.stable import LABELS, recognise, tidy

Slopes = tuple[sp.Expr, sp.Expr, sp.Expr]
_P = sp.Symbol("p", positive=True)
_JUMPING = (sp.Piecewise, sp.Abs, sp.sign)


def argument(act: Activation) -> sp.Expr | None:
    """p of an output log p, where p is a quotient in z or below 1; None elsewhere."""
    p = exp(act.expr)
    if act.expr.has(*_JUMPING) or isinstance(p, exp):
        return None
    below = isinstance(act.range, Interval) and act.range.hi == 0
    return p if below or p.is_rational_function(Z) else None


def as_mean(los: sp.Expr, target: Set) -> sp.Expr | None:
    """L(log a) of a loss in which e^(−a) is all there is of a log-mean; None of another loss."""
    mean = isinstance(target, Interval) and target.lo == 0 and los.atoms(exp) == {exp(-A)}
    return los.subs(A, log(_P)).xreplace({_P: A}) if mean else None


def logarithmic(los: sp.Expr, f: sp.Expr, target: Set) -> Slopes | None:
    """The forms of a smooth loss of log p; None where they are those of any output."""
    if los.has(*_JUMPING):
        return None
    if target == LABELS and los.has(exp):
        found = [_slopes(los.subs(Y, label), f) for label in (1, -1)]
        one, two, three = (sp.Piecewise((a, Y > 0), (b, True)) for a, b in zip(*found, strict=True))
        return one, two, three
    if not exp(f).is_rational_function(Z):
        return None
    if los.has(exp) and _composed(los, f).diff(Z).is_rational_function(Z):
        return _slopes(los, f)
    slope = sp.factor(f.diff(Z))  # one over a polynomial, by the slope of which the second derivative turns
    first, second = (recognise(los).diff(A, n).subs(A, f) for n in (1, 2))
    turned = tidy(second - first * sp.expand(1 / slope).diff(Z), target)
    return tidy(recognise(los.subs(A, f)), target), tidy(first * slope, target), turned * slope**2


def _slopes(los: sp.Expr, f: sp.Expr) -> Slopes:
    """Value and derivatives of L(f), tidied."""
    value = recognise(_composed(los, f))
    first, second = value.diff(Z), value.diff(Z, 2)
    if first.is_rational_function(Z):
        return value, in_powers(first, Z), in_powers(second, Z)
    if holds_complements(recognise(f), los):
        first, second = complemented(first), complemented(second)
    value, first, second = (tidy(e, Interval()) for e in (value, first, second))
    return value, first, second


def _composed(los: sp.Expr, f: sp.Expr) -> sp.Expr:
    """L(f) with e^f as p; the logarithms of quotients in lowest terms."""
    if not exp(f).is_rational_function(Z):
        return los.subs(A, recognise(f) if los.has(log) else f)
    return los.subs(A, f).replace(lambda e: isinstance(e, log), lambda e: _lowest(e.args[0]))


def _lowest(ratio: sp.Expr) -> sp.Expr:
    """log of a ratio, less that of a polynomial where one stands below it alone."""
    below = sp.cancel(1 / ratio)
    return -log(sp.expand(below)) if below.is_polynomial(Z) else log(ratio)
