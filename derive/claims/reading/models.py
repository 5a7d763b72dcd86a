"""Models that attain a bound: groups of examples, exactly, that share what the model says of the truth."""

from dataclasses import dataclass, replace

import sympy as sp

from derive.claims.reading.exact import HUGE, below, sign, whole

HALF = sp.Rational(1, 2)


@dataclass(frozen=True, kw_only=True)
class Group:
    """A share of the examples: the probability of their truth, and the largest of the other classes."""

    share: sp.Expr
    truth: sp.Expr
    other: sp.Expr


Model = tuple[Group, ...]


def cross_entropy(model: Model) -> sp.Expr:
    """The mean of −log q in nats."""
    return -sp.Add(*(group.share * sp.log(group.truth) for group in model))


def certain(share: sp.Expr) -> Group:
    """Right answers without doubt, which cost nothing."""
    return Group(share=share, truth=sp.S.One, other=sp.S.Zero)


def wrong(share: sp.Expr, truth: sp.Expr) -> Group:
    """Wrong answers (or ties, at 1/2) that leave the truth a probability; one other class has the rest."""
    return Group(share=share, truth=truth, other=1 - truth)


def all_right(cost: sp.Expr, classes: int) -> Model:
    """The model that is always right and costs `cost` < log K: the other classes share the rest evenly."""
    truth = sp.exp(-cost)
    return (Group(share=sp.S.One, truth=truth, other=(1 - truth) / (classes - 1)),)


def of(cost: sp.Expr, error: sp.Expr, classes: int) -> Model:
    """A model of that cross-entropy and that error, over-confident where it errs: error·log 2 ≤ cost."""
    if error == 0:
        return all_right(cost, classes)
    return certain(1 - error), wrong(error, sp.exp(-cost / error))


def overconfident(cost: sp.Expr, accuracy: sp.Rational, classes: int) -> Model | None:
    """A model of both that is certain where it is right; None where a probability is e^−10000 or less."""
    error = 1 - accuracy
    return of(cost, error, classes) if below(cost, error * HUGE) else None


def underconfident(cost: sp.Expr, accuracy: sp.Rational, classes: int) -> Model | None:
    """A model of that cross-entropy and accuracy with its mean confidence below, 1/K < A < 1; None as above.

    It takes cost > underconfident_least(accuracy). From the model of that least cost the confidence is
    lowered somewhat; what is still lacking is put on a share of errors so small that it hardly counts.
    """
    lowered = (_highest(accuracy) - _lowest(accuracy, classes)) / 2
    while sign(lacks := cost - cross_entropy(base := _careful(accuracy, classes, lowered))) <= 0:
        lowered /= 2
    error = base[1]
    most = min(error.share, lowered / 2)
    halvings = whole(lacks / (most * sp.log(2))) + 1
    if halvings > HUGE:
        return None
    few = lacks / (halvings * sp.log(2))  # below `most`; so many halvings of its probability cost what lacks
    return base[0], replace(error, share=error.share - few), wrong(few, error.truth / 2**halvings)


def _highest(accuracy: sp.Rational) -> sp.Rational:
    """The confidence in right answers where the mean confidence is the accuracy, at the least cost."""
    return accuracy if accuracy <= HALF else 1 - (1 - accuracy) / (2 * accuracy)


def _lowest(accuracy: sp.Rational, classes: int) -> sp.Rational:
    """A confidence that is above all other classes however they share the rest."""
    return sp.Rational(1, classes) if accuracy <= HALF else HALF


def _careful(accuracy: sp.Rational, classes: int, lowered: sp.Rational) -> Model:
    """The model of the least cost with its confidence lowered: right answers, and errors that tie."""
    right = _highest(accuracy) - lowered
    tie = right if accuracy <= HALF else HALF
    return (
        Group(share=accuracy, truth=right, other=(1 - right) / (classes - 1)),
        Group(share=1 - accuracy, truth=tie, other=tie),
    )


def confidence(model: Model) -> sp.Expr:
    """The mean of the largest probabilities."""
    largest = (g.other if below(g.truth, g.other) else g.truth for g in model)
    return sp.Add(*(group.share * top for group, top in zip(model, largest, strict=True)))


def accuracy(model: Model) -> sp.Expr:
    """The share of examples whose truth is above all other classes."""
    return sp.Add(*(group.share for group in model if below(group.other, group.truth)))
