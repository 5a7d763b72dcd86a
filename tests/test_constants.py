"""Polynomial pieces keep their digits beside z = 0 where a parameter or a target cancels their constants."""

import numpy as np
import pytest

from derive.accuracy.measure import measure
from derive.accuracy.truth import formula, truth
from derive.bounds import bound
from derive.catalogue import pair
from tables import derivation

SIZES = 10.0 ** np.array([-300, -160, -17, -9, -3])
Z = np.concatenate([SIZES, -SIZES])
CASES = [  # where the constant of the second derivative, or that of |a - y| - epsilon, is 0
    ("sparse_plus", "lq", {"q": 2.5}, 1.0, "hessian"),
    ("sparse_plus", "squared_epsilon_insensitive", {"epsilon": 0.25}, 1.0, "hessian"),
    ("hard_swish", "squared_epsilon_insensitive", {"epsilon": 0.25}, 1.0, "hessian"),
    ("sparse_plus", "squared_epsilon_insensitive", {"epsilon": 0.25}, 0.0, "gradient"),
    ("sparse_plus", "epsilon_insensitive", {"epsilon": 0.25}, 0.0, "loss"),
    ("hard_sigmoid", "epsilon_insensitive", {"epsilon": 0.5}, 0.0, "loss"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: "+".join(case[:2]))
def test_what_is_left_of_constants_keeps_its_digits(case):
    activation, loss, given, y, quantity = case
    subject = pair(activation, loss)
    true = truth(formula(subject, given), Z, np.full(len(Z), y))
    found = measure(derivation((activation, loss)).module, true, quantity, "float64")
    assert not found.bad and not found.missed and not found.spurious
    assert found.worst <= bound(subject.name, quantity)
