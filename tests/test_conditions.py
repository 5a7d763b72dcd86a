"""Pairs that are legal for some parameters only: said everywhere, and guarded in every target."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
import sympy as sp

from derive import catalogue
from derive.api import derived
from derive.catalogue.legality import renamed
from derive.catalogue.reference import CANONICAL
from derive.catalogue.sets import inclusion
from derive.checks.settings import settings
from derive.model import POSITIVE, REALS, BadInput, Interval, Parameter

ALPHA = Parameter(
    symbol=sp.Symbol("alpha", positive=True), default=sp.S.One, domain=POSITIVE, latex=r"\alpha"
)
SHARE = replace(ALPHA, domain=Interval(lo=sp.S.Zero, hi=sp.S.One), default=sp.Rational(1, 2))
alpha = ALPHA.symbol
PAIR = catalogue.pair("elu", "msle")


@pytest.mark.parametrize(
    ("inner", "parameter", "expected"),
    [
        (Interval(lo=-alpha), ALPHA, alpha <= 1),
        (Interval(lo=-alpha, closed_lo=True), ALPHA, alpha < 1),
        (Interval(lo=-alpha), SHARE, sp.true),  # its domain sees to it
        (Interval(lo=-alpha, closed_lo=True), SHARE, sp.true),
        (Interval(lo=-alpha - 1), ALPHA, sp.false),
        (Interval(lo=-1 / alpha), ALPHA, alpha >= 1),
        (Interval(lo=alpha - 2), ALPHA, alpha >= 1),
        (REALS, ALPHA, sp.false),
    ],
)
def test_the_condition_follows_from_the_two_intervals(inner, parameter, expected):
    assert inclusion(Interval(lo=sp.S.NegativeOne), inner, (parameter,)) == expected


def test_a_pair_is_legal_where_its_defaults_satisfy_the_condition():
    assert PAIR.condition == (PAIR.activation.parameters[0].symbol <= 1)
    act = catalogue.activation("elu")
    steep = replace(act, parameters=(replace(act.parameters[0], default=sp.S(2)),))
    with pytest.raises(BadInput, match=r"they lie there for alpha <= 1 only, which the defaults alpha = 2"):
        catalogue.compose(steep, catalogue.loss("msle"))
    assert ("elu", "msle") in catalogue.legal_pairs() and ("selu", "msle") not in catalogue.legal_pairs()


def test_checked_parameters_satisfy_the_condition():
    for setting in settings(PAIR):
        assert dict(setting).get("alpha", 1.0) <= 1


def test_it_is_said_everywhere():
    found = derived(PAIR)
    assert found.json()["condition"] == "alpha <= 1" and "condition: " in found.text()
    assert r"\alpha \le 1" in found.latex() and r"\alpha \le 1" in found.latex(standalone=True)
    assert r"\alpha \le 1" in found.markdown()
    assert "Condition: alpha <= 1" in found.code() and "alpha <= 1: ValueError elsewhere" in found.code()


@pytest.mark.parametrize("target", ["numpy", "numba", "c"])
def test_code_refuses_other_parameters(target):
    if target == "c" and not (shutil.which("cc") or shutil.which("gcc")):
        pytest.skip("no C compiler")
    if target == "numba":
        pytest.importorskip("numba")
    module = derived(PAIR).load(target)
    z, y = np.array([-1.0, 2.0]), np.array([1.0, 0.5])
    for function in ("loss", "grad", "hess", "loss_and_grad"):
        module[function](z, y, alpha=1.0)
        with pytest.raises(ValueError, match="alpha <= 1 is needed"):
            module[function](z, y, alpha=1.5)
        with pytest.raises(ValueError, match="alpha"):
            module[function](z, y, alpha=-1.0)


def test_parameters_of_one_name_are_told_apart_and_one_parameter_is_one():
    act, los = catalogue.activation("power_response"), catalogue.loss("tweedie")
    assert [p.name for p in catalogue.compose(act, los).parameters] == ["power", "loss_power"]
    assert renamed(act, los).expr.free_symbols.isdisjoint({act.parameters[0].symbol})
    shared = catalogue.pair("negative_binomial_mean", "negative_binomial")
    assert [p.name for p in shared.parameters] == ["alpha"]
    for found in catalogue.legal_pairs():
        names = [p.name for p in catalogue.pair(*found).parameters]
        assert len(names) == len(set(names))


@pytest.mark.parametrize(("act", "los"), [p for p in CANONICAL if p[0] not in ("identity", "softmax")])
def test_messages_suggest_few_and_the_canonical_first(act, los):
    with pytest.raises(BadInput, match="needs predictions") as refused:
        catalogue.pair("identity", los)
    tries = str(refused.value).split("Try: ")[1].split(", ")
    assert tries[0] == act and len(tries) <= 8
