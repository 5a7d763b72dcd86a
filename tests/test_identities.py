"""Every rule and stable block is proved; what is false is refused; a rule applied twice does no more."""

import pytest
import sympy as sp

from derive.derivation.kinks import slope
from derive.heads import EXP, HEADS, names, plain
from derive.model import Z
from derive.proof import equal
from derive.rules import W, rewrite
from derive.rules.hyperbolas import RAISED
from derive.rules.reader import READER
from derive.rules.stable import LOWER, RECOGNISE, TAILS, TIDY, WHOLE

TABLES = {
    "recognise": RECOGNISE,
    "raised": RAISED,
    "whole": WHOLE,
    "tidy": TIDY,
    "tails": TAILS,
    "lower": LOWER,
    "reader": READER,
}
RULES = [pytest.param(rule, id=f"{name}: {rule.name}") for name, table in TABLES.items() for rule in table]
ANCHORED = [(head, *anchor) for head in (*HEADS, EXP) for anchor in head.anchors]


def head_of(row, w):
    """The head of a row, as an expression."""
    return sp.exp(w) if row is EXP else getattr(names, row.name)(w)


@pytest.mark.parametrize("rule", RULES)
def test_rule_is_proved(rule):
    assert equal(rule.before, rule.after)


@pytest.mark.parametrize("rule", RULES)
def test_a_falsified_rule_is_refused(rule):
    for wrong in (rule.after + 1, 2 * rule.after, -rule.after, rule.after.subs(W, W + 1)):
        assert not equal(rule.before, wrong)


@pytest.mark.parametrize("rule", RULES)
def test_rule_is_its_own_example_and_settles(rule):
    once = rewrite(rule.before, (rule,))
    assert once == rule.after
    assert rewrite(once, (rule,)) == once


def test_rules_leave_other_expressions_alone():
    strangers = (Z, Z**2 - 1, sp.exp(Z), 1 + Z, sp.log(2 + Z**2), 1 / (2 + sp.exp(Z)))
    assert all(rewrite(expr, RECOGNISE) == expr for expr in strangers)


@pytest.mark.parametrize("head", HEADS, ids=lambda head: head.name)
def test_slope_of_a_head_is_proved(head):
    slope_of_meaning = sp.diff(head.meaning(Z), Z).replace(
        sp.DiracDelta, lambda w: sp.S.Zero
    )  # by convention
    assert equal(slope_of_meaning, head.slope(Z))
    assert not equal(slope_of_meaning, head.slope(Z) + 1)


@pytest.mark.parametrize("anchor", ANCHORED, ids=lambda anchor: anchor[0].name)
def test_anchor_is_limit_plus_tail(anchor):
    head, _, limit, tail = anchor
    assert equal(head_of(head, Z), limit + tail(Z))
    assert not equal(head_of(head, Z), limit - tail(Z))


@pytest.mark.parametrize("head", HEADS, ids=lambda head: head.name)
def test_head_means_what_it_says(head):
    assert plain(head_of(head, Z)) == plain(head.meaning(Z))


def test_slopes_at_kinks_take_the_smaller_side():
    steep, flat = sp.Rational(3), sp.Rational(-1, 2)
    for left, right, value in ((steep, 1, 1), (1, steep, 1), (flat, 1, 0), (0, steep, 0)):
        expr = sp.Piecewise((right * Z, Z > 0), (left * Z, True))
        assert slope(expr, 1)[0].subs(Z, 0) == value
