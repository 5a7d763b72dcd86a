"""Random functions of one's own are proved or sampled, and agree with certified finite differences."""

from random import Random

import pytest

import random_functions

FUNCTIONS, DEPTH = 8, 2  # `make random` tries thousands, to depth 4


@pytest.mark.parametrize("seed", range(FUNCTIONS))
def test_random_functions_agree_with_differences(seed):
    names = random_functions.names(Random(seed).choice, DEPTH)
    found = random_functions.tried(names, measured=not seed)
    assert found.kind in ("agrees", "refused", "limit"), (names, found.said)


# Once each of these raised, or was wrong.
MENDED = (
    ("where(z > 1, c - z, z + 1)",),  # a jump that closes where c = 3
    ("min(z*(c - z), z - b*z)",),
    ("quick_gelu(max(1 - 2*z, hard_sigmoid(b*z)))",),  # a kink at 6/25, beside which a float lies
    ("sign(atan(probit(log(0.25 + exp(b*z)))))",),
    ("erf(where(z > 0, z + 1, c - z))",),
    ("z/2", "max(max(a - y, -3*(a - y)), (a - y)**2)"),
    ("lecun_tanh(z/2)", "min(b*(a - y), a - y)"),
    ("z", "relu2(3 - (a - y))"),  # where slopes agree, the smaller second derivative holds at a kink
    (
        "sparse_plus(hard_sigmoid(squareplus((z + 1)**2)))",
    ),  # a kink at an irrational number, or beyond another
    ("sparse_plus(sigmoid(erf(z + 1)))", "hinge"),  # SymPy asks for erfinv(3)
)


@pytest.mark.parametrize("names", MENDED, ids=" ;; ".join)
def test_what_was_mended_agrees_or_is_said(names):
    assert random_functions.tried(names).kind in ("agrees", "unproved")


def test_a_wrong_slope_is_seen(monkeypatch):
    """The defect: every program gives twice its gradient."""
    before = random_functions.executed

    def doubled(text, name):
        module = before(text, name)
        return {**module, "grad": lambda *given, **more: 2 * module["grad"](*given, **more)}

    monkeypatch.setattr(random_functions, "executed", doubled)
    assert random_functions.outcome(("tanh(z)*softplus(z)",)).startswith("wrong: differences")


def test_outcomes_are_told_apart():
    assert random_functions.outcome(("tanh(z)",)) == "agrees"
    assert random_functions.outcome(("tanh(z",)).startswith("refused: ")


def test_what_takes_too_long_or_raises_is_told(monkeypatch):
    monkeypatch.setattr(random_functions, "outcome", lambda *_: 1 / 0)
    assert random_functions.tried(("z",)).said.startswith("raised: ZeroDivisionError: division by zero (")
    monkeypatch.setattr(random_functions, "outcome", lambda *_: 9**9**9)
    monkeypatch.setattr(random_functions, "SECONDS", 1)
    found = random_functions.tried(("z",))
    assert found.kind == "time" and 0.5 < found.seconds < 3


def test_a_summary_counts_by_reason():
    said = (
        "agrees",
        "unproved: f: loss, z**2 could not be proved",
        "unproved: g: loss, 3*z could not be proved",
    )
    lines = random_functions.summary(
        [random_functions.Tried(said=text, seconds=n) for n, text in enumerate(said)]
    )
    assert lines[0].startswith("3 functions tried: 1 agrees, 0 refused") and "2 unproved" in lines[0]
    assert "1.00 each, median 1.00, longest 2.0" in lines[1] and lines[2].startswith("unproved, 2: ")
