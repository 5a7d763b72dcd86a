"""The rules of index calculus hold for every size, and the traps of SymPy's own sums are avoided."""

import random

import pytest
import sympy as sp
from sympy import Sum, erf, exp, log, sqrt

from derive.catalogue import pair
from derive.heads import ndtr, npdf
from derive.model import AS, DIM, HS, I_, LARGEST, PS, WS, XS, YS, ZS, D, J, K, M, N
from derive.proof.indexed import vanishes
from derive.rules.indexed import (
    RULES,
    delta,
    normal,
    over,
    readable,
    slope,
    substitute,
)
from tests.vector_numbers import number, out, places

SIZES = (1, 2, 3, 7)
SMALL = 1e-30
GAMMA = sp.Symbol("gamma", positive=True)
GATE = 1 + exp(-ZS[N])
SOFTMAX = pair("softmax", "cross_entropy").activation.expr

by_name = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)


@by_name
def test_rule_holds_for_every_size(rule):
    assert vanishes(rule.before - rule.after)


@by_name
@pytest.mark.parametrize("classes", SIZES)
def test_rule_holds_in_numbers(rule, classes):
    """By the definition of a sum, with derivatives of the `before` side carried out by SymPy at that size."""
    rng, values = random.Random(1), {}
    for at in places(rule.before + rule.after, classes):
        one, other = (number(side, at, values, rng) for side in (at_size(rule.before, at), rule.after))
        assert abs(one - other) < SMALL, at


def at_size(expr, at):
    """`expr`; a derivative at a place as SymPy's own, of the sum written out, free of our calculus."""
    if not isinstance(expr, sp.Derivative):
        return expr
    (wrt, _), *_ = expr.variable_count
    return out(expr.expr, at).diff(out(wrt, at)).doit()


@by_name
def test_normal_form_is_final(rule):
    once = normal(rule.before)
    assert normal(once) == once == normal(rule.after)


FALSE = {
    "sum of squares": over(YS[N] ** 2) - over(YS[N]) ** 2,
    "another index": over(YS[N] * ZS[N]) - over(YS[N] * ZS[J]),
    "delta is not one": delta(I_, J) - 1,
    "delta is not zero": delta(I_, J),
    "contraction without its factor": over(delta(N, J) * YS[N]) - 1,
    "contraction across sizes": Sum(delta(D, J) * XS[D], (D, 1, DIM)) - XS[J],
    "targets need an assumption": over(YS[N]) - 1,
    "count": over(sp.S.One) - 1,
    "crossed sums": over(over(YS[N] * ZS[M], M), N) - over(YS[N] * ZS[N]),
    "shift of one logit": exp(ZS[J] + 1) / over(exp(ZS[N])) - SOFTMAX,
    "a component that K = 1 lacks": over(delta(N, 2) * YS[N]) - YS[2],
    "a case of equal indices": sp.Piecewise((YS[J], sp.Eq(N, J)), (ZS[J], True)) - YS[J],
    "a root has one sign": sqrt(YS[J] ** 2) - YS[J],
    "no indicator": YS[J] ** 2 - YS[J],
    "another power": (1 - PS[J]) ** GAMMA - (1 - PS[J]) ** (GAMMA - 1),
    "logarithm of a sum": log(PS[J] + PS[N]) - log(PS[J]) - log(PS[N]),
    "the largest is not all": over(delta(LARGEST, N) * YS[N]) - YS[J],
    "sums under different weights": over(YS[N] / (1 + exp(ZS[N]))) - over(YS[N]) / over(1 + exp(ZS[N])),
}


@pytest.mark.parametrize("difference", FALSE.values(), ids=FALSE)
def test_what_is_false_is_not_proved(difference):
    assert not vanishes(difference)


TRUE = {
    "three sums": over(over(over(YS[I_] * ZS[N] * AS[M], I_), N), M)
    - over(YS[N]) * over(ZS[N]) * over(AS[N]),
    "square of a sum": over(YS[N]) ** 2 - over(over(YS[N] * YS[M], M), N),
    "capture": substitute(over(YS[N] * ZS[J]), J, N) - ZS[N] * over(YS[M], M),
    "chain of two sums": over(over(WS[N, D] * YS[N] * delta(N, M), M), N) - over(WS[M, D] * YS[M], M),
    "delta of two bound indices": over(over(delta(N, M) * YS[N] * ZS[M], M), N) - over(YS[N] * ZS[N]),
    "a sum in a denominator": over(YS[N] / over(exp(ZS[N]))) - over(YS[N]) / over(exp(ZS[M]), M),
    "a bound index in a denominator": over(YS[N] / (1 + exp(ZS[N]))) - over(YS[M] / (1 + exp(ZS[M])), M),
    "common denominator": 1 / (1 + YS[J]) + YS[J] / (1 + YS[J]) - 1,
    "common denominator under a sum": over(1 / (1 + exp(ZS[N]))) + over(1 / (1 + exp(-ZS[N]))) - K,
    "two denominators under sums": over(1 / GATE) - over(1 / GATE**2) - over(exp(-ZS[N]) / GATE**2),
    "denominators of one index each": over(over(HS[N, M] * (1 - 1 / (1 + exp(-ZS[M]))) / GATE, M))
    - over(over(HS[M, N] / ((1 + exp(-ZS[M])) * (1 + exp(ZS[N]))), M)),
    "first component": over(delta(N, 1) * YS[N]) - YS[1],
    "symbolic powers": (1 - PS[J]) ** (GAMMA - 2) * (1 - 2 * PS[J] + PS[J] ** 2) - (1 - PS[J]) ** GAMMA,
    "softplus of a reflected argument": log(1 + exp(-ZS[J])) - log(1 + exp(ZS[J])) + ZS[J],
    "exponential of a logarithm": exp(2 * ZS[J] - log(over(exp(ZS[N])))) - exp(ZS[J]) * SOFTMAX,
    "the normal distribution": slope(over(ndtr(ZS[N] / 3)), ZS[J]) - npdf(ZS[J] / 3) / 3,
    "the largest": over(delta(LARGEST, N) * YS[N]) - YS[LARGEST],
    "cases": sp.Piecewise((YS[J], sp.Eq(N, J)), (ZS[J], True))
    - delta(N, J) * YS[N]
    - (1 - delta(N, J)) * ZS[J],
    "a common index of three": delta(I_, J) * delta(J, N) * (YS[I_] - YS[N]),
    "odd": erf(ZS[I_] - ZS[J]) + erf(ZS[J] - ZS[I_]),
}


@pytest.mark.parametrize("difference", TRUE.values(), ids=TRUE)
def test_what_is_true_is_proved(difference):
    assert vanishes(difference)


def test_assumption_is_used_only_where_it_is_handed_in():
    claim = AS[J] * over(YS[M], M) - AS[J]
    assert vanishes(claim, {over(YS[N]): sp.S.One}) and not vanishes(claim)


def test_slope_by_the_name_of_a_bound_index():
    """SymPy differentiates every term of Σ_k z_k² by z_k as if k were free (sympy#21891)."""
    assert vanishes(slope(over(ZS[N] ** 2), ZS[N]) - 2 * ZS[N])


def test_sums_count_from_one():
    with pytest.raises(ValueError, match="count from 1"):
        normal(Sum(YS[N], (N, 2, K)))


def test_readable_names_are_apart():
    shown = readable(normal(over(YS[N] * over(ZS[M], M) / over(exp(ZS[N] * ZS[J]), J))))
    assert vanishes(shown - over(YS[N] * over(ZS[M], M) / over(exp(ZS[N] * ZS[J]), J)))
    assert not any(s.name.startswith("_") for s in shown.atoms(sp.Symbol))
