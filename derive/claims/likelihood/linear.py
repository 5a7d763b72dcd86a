"""Whether log p is affine in y, as it is in an exponential family whose statistic is y."""

from itertools import combinations

import sympy as sp
from sympy import Expr

from derive.catalogue.sets import contains
from derive.claims.likelihood.exact import sign_of
from derive.claims.likelihood.origins import Match, at_defaults
from derive.model import (
    ELEMENTWISE,
    NOT_APPLICABLE,
    REFUTED,
    A,
    Finding,
    Finite,
    Quantity,
    Witness,
    Y,
)

FAMILY = "exponential family"
TRIED = tuple(sp.Integer(n) for n in (0, 1, 2, 3, -1))
OTHER = "the form is shown where a is the mean of one number, or the probabilities of classes"
BENT = "log p(y | a) − log p(y | a′) would be a straight line in y, for any two a and a′; it is not"
DIFFERENCE = Quantity(
    name="second divided difference",
    latex=r"\log\frac{p(y \mid a)}{p(y \mid a')}\,[y_{1}, y_{2}, y_{3}]",
    text="the second divided difference of log p(y | a) − log p(y | a′) in y",
)


def not_linear(origin: Match) -> Finding:
    """The finding about a density without parts of an exponential family."""
    says = "the density is an exponential family whose statistic is y"
    found = bend(origin)
    if found is None:
        return Finding(name=FAMILY, says=says, outcome=NOT_APPLICABLE, how=OTHER)
    return Finding(name=FAMILY, says=says, outcome=REFUTED, how=BENT, witness=found)


def bend(origin: Match) -> Witness | None:
    """Two predictions and three targets at which the difference of the logarithms is no straight line."""
    density = origin.density
    if density.kind != ELEMENTWISE or isinstance(density.support, Finite):
        return None
    kept = -at_defaults(origin.logarithm.kept, density.nuisance)
    first, second = [n for n in TRIED if contains(density.prediction, single(n))][:2]
    targets = [n for n in TRIED if contains(density.support, single(n))]
    difference = kept.subs(A, first) - kept.subs(A, second)
    for ys in combinations(targets, 3):
        value = divided_difference(difference, ys)
        if sign_of(value):
            at = (("a", first), ("a′", second), *((f"y_{n}", y) for n, y in enumerate(ys, 1)))
            return Witness(at=at, quantity=DIFFERENCE, value=value)
    return None


def single(number: sp.Integer) -> Finite:
    """The set of one number."""
    return Finite(values=(int(number),))


def divided_difference(expr: Expr, ys: tuple[Expr, ...]) -> Expr:
    """The second divided difference in y: 0 for a straight line."""
    u, v, w = (expr.subs(Y, y) for y in ys)
    one, two, three = ys
    return sp.logcombine(sp.expand(((w - v) / (three - two) - (v - u) / (two - one)) / (three - one)))
