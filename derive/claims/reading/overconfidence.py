"""Whether the mean confidence is above the accuracy, as far as cross-entropy and accuracy tell."""

from collections.abc import Iterator
from dataclasses import replace

import sympy as sp

from derive.claims.reading import models
from derive.claims.reading.bounds import underconfident_least
from derive.claims.reading.exact import DOWN, below, numeral, percent
from derive.claims.reading.given import Given
from derive.claims.reading.letters import COST, A, B, C, E, M, Q, V, letter
from derive.claims.working import definition, equality, relation
from derive.model import PROVED, REFUTED, UNDECIDED, Finding, Step, Table

HALF = sp.Rational(1, 2)
OVER = ("over-confident", "the mean confidence M is above the accuracy")
P = sp.Symbol("p", positive=True)  # the confidence in one answer
CONFIDENCE, LARGEST = letter(M), letter(P)


def overconfident(known: Given, accuracy: sp.Rational) -> Finding:
    """Whether the mean confidence is above the accuracy; undecided where models of both kinds exist."""
    name, says = OVER
    if accuracy == 1:
        how = "the accuracy is 1, and no confidence is above 1"
        return Finding(name=name, says=says, outcome=REFUTED, how=how)
    if accuracy * known.classes <= 1:
        how = "M ≥ 1/K ≥ A, and not both with equality: where all probabilities are 1/K, all answers tie"
        return Finding(name=name, says=says, outcome=PROVED, how=how)
    steps = tuple(_by_mean() if accuracy <= HALF else _by_tangents())
    gap = underconfident_least(accuracy) - known.cross_entropy
    if not below(sp.S.Zero, gap):
        return Finding(name=name, says=says, outcome=UNDECIDED, how=_unknown(known, accuracy), steps=steps)
    most = _least_confidence(known.cross_entropy, accuracy, gap)
    how = "a mean confidence of A or less costs more than this cross-entropy"
    return Finding(
        name=name,
        says=f"{says}: at least {percent(most, DOWN)}",
        outcome=PROVED,
        how=how,
        steps=steps,
        value=most,
    )


def _least_confidence(cost: sp.Expr, accuracy: sp.Rational, gap: sp.Expr) -> sp.Expr:
    if accuracy <= HALF:
        return sp.exp(-cost)
    return accuracy + (1 - (1 - accuracy) / (2 * accuracy)) * gap


def _unknown(known: Given, accuracy: sp.Rational) -> str:
    if not below(underconfident_least(accuracy), known.cross_entropy):
        return "the mean confidence is at least A, and there are models where it is A and where it is more"
    shown = "; a table shows two" if two_models(known) else ""
    return f"models of both kinds have this cross-entropy and this accuracy{shown}"


def _by_mean() -> Iterator[Step]:
    says = "the confidence p is the largest of the probabilities, that of the truth is one of them"
    yield relation(LARGEST, "≥", ("largest", says, Q), "rule")
    says = "the mean of both sides, and Jensen's inequality for the mean of q = e^(log q)"
    yield relation(CONFIDENCE, "≥", ("Jensen's inequality", says, sp.exp(-C)), "rule", result=True)
    says = "so M > A where C < −log A"
    yield relation(letter(C), "<", ("compare", says, -sp.log(A)), "rule")


def _by_tangents() -> Iterator[Step]:
    """For A > 1/2: the cost of an example is at least linear in its confidence p."""
    right, wrong = (replace(COST, name=f"−log q of {kind} answers") for kind in ("right", "wrong"))
    yield definition(letter(B), "at least 1/2, as A ≥ 1/2", 1 - E / (2 * A))
    says = "of a right answer, where q = p: log u ≤ u − 1 for u = p/b"
    yield relation(right, "≥", ("tangent", says, -sp.log(B) + 1 - P / B), "rule")
    says = (
        "of a wrong one: at least log(2) where p ≥ 1/2; below, q ≤ p and −log(2p) ≥ 1 − 2p ≥ (1/2 − p)/b, "
        "as b ≥ 1/2"
    )
    yield relation(wrong, "≥", ("tangent", says, sp.log(2) + (HALF - P) / B), "rule")
    mean = -A * sp.log(B) + E * sp.log(2) + A + (E / 2 - M) / B
    yield relation(letter(C), "≥", ("mean", "shares A and E of both kinds; M is the mean of p", mean), "rule")
    yield definition(letter(V), "the sum of both logarithms", E * sp.log(2) - A * sp.log(B))
    whole = mean.subs(B, 1 - E / (2 * A))
    put = (V + (A - M) / B).subs({V: E * sp.log(2) - A * sp.log(B)}).subs(B, 1 - E / (2 * A))
    proved = equality(letter(C), ("substitute", "b = 1 − E/(2A), where it stands alone", put), whole)
    yield relation(letter(C), "≥", (proved.rule, proved.says, V + (A - M) / B), proved.proof.method)
    says = "so M > A where C < V"
    yield relation(CONFIDENCE, "≥", ("solve for M", says, A + B * (V - C)), "rule", result=True)


def two_models(known: Given) -> tuple[Table, ...]:
    """An over-confident and an under-confident model with the same numbers, where there are both."""
    cost, accuracy, classes = known.cross_entropy, known.accuracy, known.classes
    if accuracy is None or accuracy == 1 or accuracy * classes <= 1:
        return ()
    if not below(underconfident_least(accuracy), cost):
        return ()
    kinds = (
        ("over-confident", models.overconfident(cost, accuracy, classes)),
        ("under-confident", models.underconfident(cost, accuracy, classes)),
    )
    if any(model is None for _, model in kinds):
        return ()
    head = ("model", "mean confidence", "share of examples", "probability of the truth", "largest other")
    rows = [
        (*names, *_cells(group)) for kind, model in kinds if model for names, group in _named(kind, model)
    ]
    return (Table(title="Two models with this cross-entropy and this accuracy", head=head, rows=tuple(rows)),)


def _named(kind: str, model: models.Model) -> Iterator[tuple[tuple[str, str], models.Group]]:
    mean = percent(models.confidence(model))
    for n, group in enumerate(model):
        yield (("", "") if n else (kind, mean)), group


def _cells(group: models.Group) -> tuple[str, str, str]:
    return percent(group.share), numeral(group.truth), numeral(group.other)
