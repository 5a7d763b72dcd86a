"""The accuracy against that of one answer for all: the commonest class."""

import sympy as sp

from derive.claims.reading.accuracy import least
from derive.claims.reading.exact import DOWN, below, method, numeral, percent, sign
from derive.claims.reading.given import Given
from derive.claims.reading.letters import A, letter, quantity
from derive.claims.working import definition, relation
from derive.model import NOT_APPLICABLE, PROVED, REFUTED, UNDECIDED, Finding, Outcome, Step

NAME = "better than the commonest class"
SAYS = "the model is right more often than the answer that is always the commonest class"
ALWAYS = quantity("max r", r"\max r")


def majority(known: Given) -> Finding:
    """Whether the accuracy, given or guaranteed, is above the largest base rate."""
    if known.rates is None:
        return Finding(name=NAME, says=SAYS, outcome=NOT_APPLICABLE, how="this takes the base rates")
    largest = max(known.rates)
    outcome, how, own = _against(known, largest)
    steps = (
        definition(ALWAYS, "the accuracy of that answer", largest),
        *((_compared(own, largest),) if own is not None else ()),
    )
    return Finding(name=NAME, says=SAYS, outcome=outcome, how=how, steps=steps)


def _against(known: Given, largest: sp.Rational) -> tuple[Outcome, str, sp.Expr | None]:
    """The outcome, how it is known, and the accuracy that tells, where one does."""
    other = f"{percent(largest)} for the commonest class"
    if known.accuracy is not None:
        outcome: Outcome = PROVED if known.accuracy > largest else REFUTED
        return outcome, f"{percent(known.accuracy)} against {other}", known.accuracy
    guaranteed = least(known.cross_entropy)
    if below(largest, guaranteed):
        return PROVED, f"{percent(guaranteed, DOWN)} are guaranteed, against {other}", guaranteed
    if largest == 1:
        return REFUTED, "there is but one class, and that answer is always right", None
    between = f"{percent(guaranteed)} are guaranteed, against {other}"
    return UNDECIDED, f"{between}; models on both sides have this cross-entropy", None


def _compared(own: sp.Expr, other: sp.Rational) -> Step:
    side = sign(own - other)
    signs = {1: ">", 0: "=", -1: "<"}
    says = f"A is at least {numeral(own, DOWN)}" if side > 0 else f"A is {numeral(own)}"
    return relation(letter(A), signs[side], ("compare", says, other), method(own - other), result=True)  # type: ignore[arg-type]
