"""The rules of index calculus hold for every size, and the traps of SymPy's own sums are avoided."""

import flint
import pytest
import sympy as sp
from sympy import Sum, exp

from derive.accuracy.indexed import BITS, TIGHT, evaluate, places_of, sample
from derive.catalogue import pair
from derive.model import AS, DIM, I_, PS, WS, XS, YS, ZS, D, J, K, M, N
from derive.proof.indexed import vanishes
from derive.rules.indexed import (
    RULES,
    delta,
    folded,
    normal,
    over,
    readable,
    slope,
    substitute,
)

SIZES = (1, 2, 3, 7)
SOFTMAX = pair("softmax", "cross_entropy").activation.expr

by_name = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)


@by_name
def test_rule_holds_for_every_size(rule):
    assert vanishes(rule.before - rule.after)


@by_name
@pytest.mark.parametrize("classes", SIZES)
def test_rule_holds_in_numbers(rule, classes):
    """By the definition of a sum, with derivatives of the `before` side carried out by SymPy at that size."""
    with flint.ctx.workprec(BITS):
        values, sizes = sample(pair("softmax", "cross_entropy"), classes)
        for at in places_of(rule.before.free_symbols | rule.after.free_symbols, sizes):
            left = evaluate(at_size(rule.before, classes, at), values, at)
            off = left - evaluate(rule.after, values, at)
            assert off.contains(0) and off.rad() < TIGHT, at


def at_size(expr, classes, at):
    """`expr` at a size; a derivative is SymPy's own, of the sum written out, free of our calculus."""
    if not isinstance(expr, sp.Derivative):
        return expr
    (wrt, _), *_ = expr.variable_count
    whole = expr.expr
    if isinstance(whole, Sum):
        (index, _, _), *_ = whole.limits
        whole = sp.Add(*[whole.function.xreplace({index: sp.Integer(n + 1)}) for n in range(classes)])
    numbers = {index: sp.Integer(n) for index, n in at.items() if index not in (K, DIM)}
    return whole.xreplace(numbers).diff(wrt.xreplace(numbers)).doit()


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


def test_folded_reads_softmax_back():
    assert folded(SOFTMAX, PS, SOFTMAX) == PS[J]
    assert folded(over(SOFTMAX, J), PS, SOFTMAX) == 1


def test_sums_count_from_one():
    with pytest.raises(ValueError, match="count from 1"):
        normal(Sum(YS[N], (N, 2, K)))


def test_readable_names_are_apart():
    shown = readable(normal(over(YS[N] * over(ZS[M], M) / over(exp(ZS[N] * ZS[J]), J))))
    assert vanishes(shown - over(YS[N] * over(ZS[M], M) / over(exp(ZS[N] * ZS[J]), J)))
    assert not any(s.name.startswith("_") for s in shown.atoms(sp.Symbol))
