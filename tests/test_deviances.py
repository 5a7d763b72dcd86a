"""Losses of positive means: deviances are lags, and code forms are proved behind every kind of response."""

import pytest
import sympy as sp

from derive import catalogue
from derive.catalogue.deviances import DEVIANCES
from derive.derivation import derive_elementwise
from derive.heads import lag
from derive.model import POSITIVE, REALS, Interval, Y, Z
from derive.program import program
from derive.rules.deviances import deviance, is_mean, positively
from derive.rules.floats import LogOf, exact
from derive.rules.ratios import opened

MEANS = [loss for loss in DEVIANCES if is_mean(loss.prediction, loss.target)]
RESPONSES = ("exponential", "softplus", "inverse_root", "sigmoid")


@pytest.mark.parametrize("loss", MEANS, ids=lambda loss: loss.name)
@pytest.mark.parametrize("response", RESPONSES)
def test_code_forms_are_proved(response, loss):
    made = program(derive_elementwise(catalogue.pair(response, loss.name)))
    assert all(proof.holds for _, proof in made.proofs)


def test_a_deviance_is_a_lag():
    a, y = (sp.Symbol(name, positive=True) for name in "ay")
    assert deviance(y / a - 1 - sp.log(y) + sp.log(a)) == lag(y / a - 1)
    assert deviance(a - y + y * sp.log(y) - y * sp.log(a)) == y * lag(a / y - 1)
    assert not deviance(y / a + sp.log(a)).has(lag)


def test_a_lag_is_opened_far_from_its_root():
    near = lag(Y * sp.exp(-Z) - 1)
    written = opened(near)
    assert written.has(LogOf) and not exact(written).has(LogOf)
    assert opened(lag(Z)) == lag(Z)


@pytest.mark.parametrize("domain", [POSITIVE, Interval(hi=sp.S.Zero), Interval(lo=sp.S.Zero, hi=sp.S.One)])
def test_a_letter_is_written_with_a_positive_one(domain):
    (free,) = positively(Z, domain).free_symbols
    assert free.is_positive and positively(Z, REALS) == Z
    values = [positively(Z, domain).subs(free, n) for n in (sp.Rational(1, 9), 1, 9)]
    assert all(domain.lo < value < domain.hi for value in values)
