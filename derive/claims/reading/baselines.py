"""A cross-entropy against what needs no model: the uniform guess, and the best constant prediction."""

from collections.abc import Iterator
from dataclasses import replace

import sympy as sp

from derive.claims.reading.exact import DOWN, method, numeral, percent, sign
from derive.claims.reading.given import Given
from derive.claims.reading.letters import (
    CONSTANT,
    RATES,
    SIZE,
    C,
    H,
    U,
    letter,
    over_classes,
    quantity,
    summed,
)
from derive.claims.working import definition, relation
from derive.model import I_, NOT_APPLICABLE, PROVED, REFUTED, Finding, K, N, Outcome, Step, Witness

GAP = quantity("D − H", "D - H")
INFORMATION = quantity("I", "I")
SHARES = "the base rates are the shares r_k of the classes among the examples"


def baselines(known: Given) -> tuple[Finding, ...]:
    """Against the uniform guess, against the best constant prediction; what the predictions tell."""
    return uniform(known), constant(known), information(known)


def entropy(rates: tuple[sp.Rational, ...]) -> sp.Expr:
    """The entropy of some rates in nats, exactly; 0 log 0 is 0."""
    return -sp.Add(*(rate * sp.log(rate) for rate in rates if rate))


def uniform(known: Given) -> Finding:
    """Whether the model is better than 1/K for every class."""
    guess = sp.log(known.classes)
    outcome, words = _against(known, guess)
    costs = f"{known.amount(known.cross_entropy)} against log(K) = {known.amount(guess)}"
    return Finding(
        name="better than the uniform guess",
        says=f"the model is better than the uniform guess: {costs}",
        outcome=outcome,
        how=f"{words}; 1/K for every class costs log(K) on every example",
        steps=(*_uniform_steps(), _compared(known, guess, "log(K)")),
        witness=_witness(known, guess, outcome, quantity("log(K)", r"\log K")),
        value=known.in_unit(guess - known.cross_entropy),
    )


def _uniform_steps() -> Iterator[Step]:
    mean = -sp.Sum(sp.log(1 / K), (I_, 1, SIZE)) / SIZE
    yield definition(letter(U), "the truth of every example gets 1/K, whichever class it is", mean)
    yield summed(letter(U), ("equal terms", "the mean of equal numbers", sp.log(K)), mean)


def _against(known: Given, other: sp.Expr) -> tuple[Outcome, str]:
    """Whether the model costs less than something, and by how much, in words."""
    gain = other - known.cross_entropy
    side = sign(gain)
    if side <= 0:
        return REFUTED, f"it is worse by {known.amount(-gain)}" if side else "both cost the same"
    return PROVED, f"by {known.amount(gain)}, {percent(gain / other)} of it"


def _compared(known: Given, other: sp.Expr, name: str) -> Step:
    """The step that compares C with another number of nats."""
    side = sign(other - known.cross_entropy)
    says = f"C = {numeral(known.cross_entropy)} and {name} = {numeral(other)}, in nats"
    how = method(other - known.cross_entropy)
    signs = {1: "<", 0: "=", -1: ">"}
    return relation(letter(C), signs[side], ("compare", says, other), how, result=True)  # type: ignore[arg-type]


def _witness(known: Given, other: sp.Expr, outcome: Outcome, about) -> Witness | None:
    """The numbers themselves, where they refute."""
    if outcome != REFUTED:
        return None
    gap = quantity(f"{about.text} − C", f"{about.latex} - C")
    at = (("C", known.cross_entropy), ("K", sp.Integer(known.classes)))
    return Witness(at=at, quantity=gap, value=other - known.cross_entropy)


# Base rates.


def constant(known: Given) -> Finding:
    """Whether the model is better than any prediction that is the same for every example."""
    name = "better than any constant prediction"
    if known.rates is None:
        says = "the model is better than any prediction that is the same everywhere"
        how = (
            "this takes the base rates: the best such prediction says them and costs their entropy H ≤ log(K)"
        )
        return Finding(name=name, says=says, outcome=NOT_APPLICABLE, how=how, steps=tuple(_gibbs()))
    best = entropy(known.rates)
    outcome, words = _against(known, best)
    costs = (
        f"{known.amount(known.cross_entropy)} against the entropy H = {known.amount(best)} of the base rates"
    )
    return Finding(
        name=name,
        says=f"the model is better than any prediction that is the same everywhere: {costs}",
        outcome=outcome,
        how=f"{words}{_skill(known, best)}; {SHARES}",
        steps=(*_gibbs(), _compared(known, best, "H")),
        witness=_witness(known, best, outcome, letter(H)),
        value=known.in_unit(best - known.cross_entropy),
    )


def _skill(known: Given, best: sp.Expr) -> str:
    if best == 0:
        return ""
    return f" (the share 1 − C/H = {numeral(1 - known.cross_entropy / best)} is McFadden's pseudo-R²)"


def _gibbs() -> Iterator[Step]:
    """The cost D of a constant prediction c is at least the entropy H of the base rates r."""
    r, c = RATES[N], CONSTANT[N]
    own, cost = -over_classes(r * sp.log(r)), -over_classes(r * sp.log(c))
    ratio, line = -over_classes(r * sp.log(c / r)), -over_classes(r * (c / r - 1))
    yield definition(letter(H), "the entropy of the base rates r; 0 log 0 is 0", own)
    says = "the cost of the prediction c that is the same everywhere: a share r_k of the truths is class k"
    yield definition(quantity("D", "D"), says, cost)
    yield summed(
        GAP, ("one logarithm", "the difference of logarithms is that of the quotient", ratio), cost - own
    )
    says = "log u ≤ u − 1 for each u = c_k/r_k, over the classes that occur; equality only where c_k = r_k"
    yield relation(GAP, "≥", ("tangent of the logarithm", says, line), "rule")
    expanded = ("expand", "the right side", over_classes(r) - over_classes(c))
    yield replace(summed(GAP, expanded, line), relation="≥")
    says = "the shares r_k sum to 1; the probabilities c_k of the classes that occur to at most 1"
    yield relation(GAP, "≥", ("sums", says, sp.S.Zero), "rule", result=True)


def information(known: Given) -> Finding:
    """How much the predictions tell about the classes, at least."""
    name = "information about the class"
    if known.rates is None:
        says = "the predictions hold information about the class"
        return Finding(name=name, says=says, outcome=NOT_APPLICABLE, how="this takes the base rates")
    gain = entropy(known.rates) - known.cross_entropy
    step = relation(
        INFORMATION,
        "≥",
        ("information", "I = H − S, and the entropy S left once the prediction is known is at most C", H - C),
        "rule",
        result=True,
    )
    if sign(gain) > 0:
        says = f"prediction and class share at least H − C = {known.amount(gain, DOWN)} of information"
        how = "the entropy left in the class is at most the cross-entropy, by the split below"
        value = known.in_unit(gain)
        return Finding(name=name, says=says, outcome=PROVED, how=how, steps=(step,), value=value)
    says = "this cross-entropy shows that prediction and class share information"
    how = "H ≤ C: a prediction that is the same everywhere, and so tells nothing, can have this cross-entropy"
    return Finding(name=name, says=says, outcome=REFUTED, how=how, steps=(step,))
