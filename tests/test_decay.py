"""A slope that has decayed to a subnormal number keeps its digits under a residual that is large."""

import numpy as np
import pytest
import sympy as sp

from derive.accuracy.measure import measure
from derive.accuracy.truth import formula, truth
from derive.bounds import bound
from derive.catalogue import ACTIVATIONS, pair
from derive.model import ELEMENTWISE, REALS
from tables import derivation

GATES = [
    act.name
    for act in ACTIVATIONS
    if act.kind == ELEMENTWISE and act.domain == REALS and act.expr.has(sp.exp, sp.tanh, sp.erf)
]
RNG = np.random.default_rng(11)
# Where e^z, e^(2z), the density of the normal distribution and its cubic substitute become subnormal.
Z = np.concatenate(
    [RNG.uniform(low, high, 40) for low, high in ((-745, -690), (-373, -350), (-39, -37), (-22, -20))]
)
Y = RNG.choice([1e4, -1e8, 1e200], len(Z))


@pytest.mark.parametrize("activation", GATES)
def test_slope_that_has_decayed_keeps_its_digits(activation):
    subject = pair(activation, "half_squared_error")
    module = derivation((activation, "half_squared_error")).module
    found = measure(module, truth(formula(subject, {}), Z, Y), "gradient", "float64")
    assert not found.bad and not found.missed and not found.spurious
    assert found.worst <= bound(subject.name, "gradient")
