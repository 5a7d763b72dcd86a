"""What cross-entropy and accuracy say together: of the errors, of confidence and of calibration."""

from collections.abc import Iterator

import sympy as sp

from derive.claims.reading.bounds import calibrated_least, constant_confidence
from derive.claims.reading.calibration import constant_cost
from derive.claims.reading.exact import DOWN, below, chance, method, numeral, percent, sign
from derive.claims.reading.given import Given
from derive.claims.reading.letters import C, E, letter, quantity
from derive.claims.reading.overconfidence import OVER, overconfident
from derive.claims.working import relation
from derive.model import NOT_APPLICABLE, PROVED, REFUTED, UNDECIDED, Finding, Outcome, Step

UNKNOWN = "this takes the accuracy"
NAMES = (
    ("the errors' part", "the errors make up a part of the cross-entropy"),
    ("one confidence for all", "the same confidence in each answer would cost less"),
    ("calibrated", "the model is calibrated, and nothing ties"),
    OVER,
)


def together(known: Given) -> tuple[Finding, ...]:
    """The findings that take an accuracy."""
    if known.accuracy is None:
        return tuple(
            Finding(name=name, says=says, outcome=NOT_APPLICABLE, how=UNKNOWN) for name, says in NAMES
        )
    return tuple(find(known, known.accuracy) for find in (errors, one_confidence, calibrated, overconfident))


def errors(known: Given, accuracy: sp.Rational) -> Finding:
    """The part of the cross-entropy that the errors make up, at least, and how sure they are, at most."""
    cost, error = known.cross_entropy, 1 - accuracy
    if error == 0:
        says = "there are no errors; every truth has more than 1/K"
        return Finding(name=NAMES[0][0], says=says, outcome=PROVED, how="the accuracy is 1", value=sp.S.Zero)
    part = error * sp.log(2)
    says = (
        f"the errors make up at least {known.amount(part, DOWN)} of the cross-entropy, and over them the "
        f"truth gets at least {chance(cost / error, DOWN)} in the geometric mean"
    )
    how = "a wrong answer costs at least log(2); all of them together cost at most what everything costs"
    return Finding(
        name=NAMES[0][0],
        says=says,
        outcome=PROVED,
        how=how,
        steps=tuple(_errors()),
        value=known.in_unit(part),
    )


def _errors() -> Iterator[Step]:
    inside = sp.Symbol("v", nonnegative=True)
    says = "the part of the wrong answers, a share E, whose mean cost is v; the right ones cost at least 0"
    yield relation(letter(C), "≥", ("part of the mean", says, E * inside), "rule")
    says = "each of them costs at least log(2)"
    yield relation(letter(C), "≥", ("wrong answers", says, E * sp.log(2)), "rule", result=True)
    yield relation(letter(inside), "≤", ("divide", "the first line", C / E), "rule")
    geometric = quantity("e^(−v)", "e^{-v}")
    says = "the geometric mean of the truth's probability over the wrong answers"
    yield relation(geometric, "≥", ("exponential", says, sp.exp(-C / E)), "rule", result=True)


def one_confidence(known: Given, accuracy: sp.Rational) -> Finding:
    """Whether saying the accuracy as confidence for every answer costs less."""
    other = constant_confidence(accuracy, known.classes)
    gain = known.cross_entropy - other
    side = sign(gain)
    words = {1: f"{known.amount(gain)} less", 0: "the same", -1: f"{known.amount(-gain)} more"}[side]
    rest = ", the rest shared evenly," if known.classes > 2 else ""
    meaning = "a share A of the truths gets A, a share E gets E/(K − 1)"
    return Finding(
        name=NAMES[1][0],
        says=(
            f"the same answers would cost less with the confidence A = {percent(accuracy)} in "
            f"each{rest} than with the model's: {known.amount(other)}, {words}"
        ),
        outcome=PROVED if side > 0 else REFUTED,
        how="that cost follows from the accuracy alone; nothing ties",
        steps=(*constant_cost(meaning), _compare(known.cross_entropy, other, side)),
        value=known.in_unit(gain),
    )


def _compare(cost: sp.Expr, other: sp.Expr, side: int) -> Step:
    signs = {1: ">", 0: "=", -1: "<"}
    says = f"C = {numeral(cost)} and the right side {numeral(other)}, in nats"
    return relation(letter(C), signs[side], ("compare", says, other), method(cost - other), result=True)  # type: ignore[arg-type]


def calibrated(known: Given, accuracy: sp.Rational) -> Finding:
    """Whether the model can be calibrated: its cost lies between two bounds that follow from the accuracy."""
    outcome, how, steps = _calibrated(known, accuracy)
    name, says = NAMES[2]
    return Finding(name=name, says=says, outcome=outcome, how=how, steps=steps)


def _calibrated(known: Given, accuracy: sp.Rational) -> tuple[Outcome, str, tuple[Step, ...]]:
    cost = known.cross_entropy
    if accuracy * known.classes <= 1:
        return REFUTED, "calibrated answers that do not tie are right with more than 1/K", ()
    high, low = constant_confidence(accuracy, known.classes), calibrated_least(accuracy)
    if below(high, cost):
        least = known.amount(cost - high, DOWN)
        how = f"a calibrated one of this accuracy costs at most {known.amount(high)}: at least {least} are D"
        return REFUTED, how, (_compare(cost, high, 1),)
    if accuracy == 1:
        return PROVED, "every truth has probability 1", ()
    if not below(low, cost):
        how = f"a calibrated one of this accuracy costs more than {known.amount(low)}, as shown above"
        return REFUTED, how, (_compare(cost, low, sign(cost - low)),)
    return UNDECIDED, _both(known, low, high), ()


def _both(known: Given, low: sp.Expr, high: sp.Expr) -> str:
    between = f"between {known.amount(low)} and {known.amount(high)}"
    return (
        f"calibrated models of this accuracy cost {between}, and every cost in between occurs, as mixtures "
        "of calibrated models are calibrated; but each also occurs for a model that is certain where it is "
        "right, and so is not calibrated"
    )
