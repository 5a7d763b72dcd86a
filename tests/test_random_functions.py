"""Random functions of one's own are proved or sampled, and agree with certified finite differences."""

from random import Random

import pytest

import random_functions

FUNCTIONS, DEPTH = 8, 2  # `make random` tries thousands, to depth 4


@pytest.mark.parametrize("seed", range(FUNCTIONS))
def test_random_functions_agree_with_differences(seed):
    names = random_functions.names(Random(seed).choice, DEPTH)
    said = random_functions.timed(names)
    assert said.partition(":")[0] in ("agrees", "refused", "limit"), (names, said)


def test_a_wrong_slope_is_seen(monkeypatch):
    """The defect: every program gives twice its gradient."""
    before = random_functions.derived

    class Doubled:
        def __init__(self, found):
            self.found = found

        def __getattr__(self, name):
            return getattr(self.found, name)

        @property
        def module(self):
            grad = self.found.module["grad"]
            return {**self.found.module, "grad": lambda *given, **more: 2 * grad(*given, **more)}

    monkeypatch.setattr(random_functions, "derived", lambda about: Doubled(before(about)))
    assert random_functions.outcome(("tanh(z)*softplus(z)",)).startswith("wrong: differences")


def test_outcomes_are_told_apart():
    assert random_functions.outcome(("tanh(z)",)) == "agrees"
    assert random_functions.outcome(("tanh(z",)).startswith("refused: ")
