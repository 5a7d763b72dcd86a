"""Random functions of one's own are proved or sampled, and agree with certified finite differences."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import random_functions

EXAMPLES, DEPTH = 12, 2  # `make random` tries thousands, to depth 4


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(st.data())
def test_random_functions_agree_with_differences(data):
    names = random_functions.names(lambda rows: data.draw(st.sampled_from(list(rows))), DEPTH)
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
