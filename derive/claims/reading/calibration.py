"""Cross-entropy as what is left to know and what calibration lacks; the accuracy of calibrated models."""

from collections.abc import Iterator
from dataclasses import replace

import sympy as sp

from derive.claims.reading.bounds import calibrated_accuracy, calibrated_error
from derive.claims.reading.exact import DOWN, UP, below, percent
from derive.claims.reading.given import Given
from derive.claims.reading.letters import (
    GIVEN,
    TOP,
    TRUTHS,
    A,
    C,
    E,
    F,
    M,
    letter,
    over_classes,
    quantity,
    summed,
)
from derive.claims.working import definition, equality, relation
from derive.model import PROVED, REFUTED, Finding, K, N, Step

CALIBRATED = "calibrated: its probabilities are the shares of the classes among the examples that get them"
COST_OF_ONE = quantity("c", "c")
ENTROPY = quantity("H(t)", "H(t)")
DIVERGENCE = quantity("KL(t, q)", r"\mathrm{KL}(t, q)")


def calibrations(known: Given) -> tuple[Finding, ...]:
    """The split of the cross-entropy, and what a calibrated model's accuracy would be."""
    return split(known), if_calibrated(known)


def split(known: Given) -> Finding:
    """The decomposition into refinement and calibration."""
    return Finding(
        name="calibration is the difference",
        says=(
            "C = S + D: the entropy S that is left in the class once the prediction is known, and the "
            "divergence D of the predictions from the shares of classes among the examples that get them; "
            f"D is 0 exactly for a calibrated model, and at most {known.amount(known.cross_entropy)} here"
        ),
        outcome=PROVED,
        how="the examples are taken together that get the same prediction; Gibbs' inequality",
        steps=tuple(_split()),
    )


def _split() -> Iterator[Step]:
    t, q = TRUTHS[N], GIVEN[N]
    cost, own = -over_classes(t * sp.log(q)), -over_classes(t * sp.log(t))
    apart = over_classes(t * sp.log(t / q))
    says = "the mean cost of the examples that get the prediction q; t_k is the share of class k among them"
    yield definition(COST_OF_ONE, says, cost)
    yield summed(COST_OF_ONE, ("add and subtract", "Σ t_k log t_k", own + apart), cost)
    yield definition(ENTROPY, "the entropy of the shares t, the first term", own)
    yield definition(DIVERGENCE, "the divergence of q from t, the second term", apart)
    says = "as above, with t for r and q for c; equality only where q = t"
    yield relation(DIVERGENCE, "≥", ("Gibbs' inequality", says, sp.S.Zero), "rule")
    s, d = sp.symbols("S D", nonnegative=True)
    says = "the mean over all predictions: S of the entropies, D of the divergences"
    yield relation(letter(C), "=", ("mean", says, s + d), "rule", result=True)


def if_calibrated(known: Given) -> Finding:
    """The accuracy of a calibrated model of this cross-entropy."""
    cost, name = known.cross_entropy, "accuracy if calibrated"
    steps = (*_at_least(), *_at_most())
    if not below(cost, sp.log(known.classes)):
        return Finding(
            name=name,
            says="a calibrated model without ties can have this cross-entropy",
            outcome=REFUTED,
            how="C ≥ log(K), but it costs the mean entropy of its predictions, below log(K) for all but 1/K",
            steps=steps,
        )
    error = calibrated_error(cost)[1]
    high = calibrated_accuracy(cost, known.classes)
    return Finding(
        name=name,
        says=(
            f"if the model is calibrated and nothing ties, from {percent(1 - error, DOWN)} to "
            f"{percent(high, UP)} of its answers are right"
        ),
        outcome=PROVED,
        how=CALIBRATED,
        steps=steps,
        value=1 - error,
    )


def _at_least() -> Iterator[Step]:
    """The least accuracy: the entropy of a prediction with the largest probability M."""
    entropy = quantity("H(q)", "H(q)")
    whole, rest = TOP * M, 1 - TOP * M
    corner = -whole * sp.log(M) - rest * sp.log(rest)
    says = (
        "for 1/(m + 1) < M ≤ 1/m: entropy is concave, so it is least in a corner of the predictions with "
        "no probability above M, where m of them are M and one has the rest"
    )
    yield relation(entropy, "≥", ("concave in q", says, corner), "rule")
    lines = TOP * (TOP + 1) * sp.log((TOP + 1) / TOP)
    line = sp.log(TOP) + lines * (1 / TOP - M)
    says = "the line between its values, log(m) at M = 1/m and log(m + 1) at M = 1/(m + 1)"
    yield relation(entropy, "≥", ("concave in M", says, line), "rule")
    says = (
        "the lines for all m make up a convex function of 1 − M; of a calibrated model without ties C is the "
        "mean of H(q), and E that of 1 − M"
    )
    bound = sp.log(TOP) + lines * (E - 1 + 1 / TOP)
    yield relation(letter(C), "≥", ("Jensen's inequality", says, bound), "rule")
    says = "with log(m) ≤ C < log(m + 1); C/(2 log(2)) for m = 1"
    least = 1 - 1 / TOP + (C - sp.log(TOP)) / lines
    yield relation(letter(E), "≤", ("solve for E", says, least), "rule", result=True)


def _at_most() -> Iterator[Step]:
    """The largest accuracy: nothing beats a calibrated prediction among what can be made of it."""
    says = (
        "the cost of the model that says A for the same answer and E/(K − 1) for each other class, "
        "whether it is calibrated or not: A of the answers are right"
    )
    yield from constant_cost(says)
    says = "q = t is the best prediction of all for the examples that get it, by Gibbs' inequality"
    yield relation(letter(C), "≤", ("calibrated is best", says, F), "rule", result=True)


def constant_cost(says: str) -> Iterator[Step]:
    """The cost F of giving the answer the confidence A, and E/(K − 1) to every other class."""
    others = sp.Symbol("R", positive=True)  # K − 1 ≥ 1
    yield definition(letter(F), says, -A * sp.log(A) - E * sp.log(E / (K - 1)))
    line = ("expand", "the logarithm of a quotient", -A * sp.log(A) - E * sp.log(E) + E * sp.log(others))
    step = equality(letter(F), line, -A * sp.log(A) - E * sp.log(E / others))
    yield replace(step, expr=step.expr.subs(others, K - 1))
