"""What accuracy a cross-entropy guarantees, with the case that attains it, and what it does not guarantee."""

from collections.abc import Iterator

import sympy as sp

from derive.claims.reading import models
from derive.claims.reading.exact import DOWN, UP, below, numeral, percent
from derive.claims.reading.given import Given
from derive.claims.reading.letters import COST, TOP, A, C, E, Q, S, W, letter, quantity
from derive.claims.working import definition, equality, relation
from derive.model import NOT_APPLICABLE, PROVED, REFUTED, Finding, K, Step, Table, Witness

LARGE = 1000  # nats: a huge cross-entropy, to be had beside any accuracy below 1
HIGH = sp.Rational(99, 100)  # an accuracy that is called high, where none is given
TOPS = (1, 2, 3, 5, 10)
ACCURACY = letter(A)
TIED = quantity("E log(2) − (1 − E) log(1)", r"E \log(2) - (1 - E) \log(1)")
SURE = quantity("−E log q − (1 − E) log(1)", r"-E \log q - (1 - E) \log(1)")


def accuracies(known: Given) -> tuple[Finding, ...]:
    """What is guaranteed, that no more is, the same of the likeliest m, and what is not determined."""
    return guaranteed(known), best_possible(known), likeliest(known), open_(known), unbounded(known)


def least(cost: sp.Expr) -> sp.Expr:
    """The least accuracy of a model that costs `cost`."""
    return 1 - cost / sp.log(2) if below(cost, sp.log(2)) else sp.S.Zero


def guaranteed(known: Given) -> Finding:
    """The least accuracy; where there is none, the model that is always wrong."""
    name, bound = "guaranteed accuracy", least(known.cross_entropy)
    steps = tuple(_guarantee())
    if bound == 0:
        return _vacuous(known, name, steps)
    says = (
        f"at least {percent(bound, DOWN)} of the answers are right: the share of errors is at most "
        f"C/log(2) = {percent(1 - bound, UP)}, ties counted as errors"
    )
    how = "a wrong answer leaves the truth at most 1/2, whatever K is, and so costs at least log(2)"
    return Finding(name=name, says=says, outcome=PROVED, how=how, steps=steps, value=bound)


def _vacuous(known: Given, name: str, steps: tuple[Step, ...]) -> Finding:
    truth = sp.exp(-known.cross_entropy)
    return Finding(
        name=name,
        says="this cross-entropy guarantees that some answers are right",
        outcome=REFUTED,
        how="the bound A ≥ 1 − C/log(2) says nothing where C ≥ log(2): every truth may have e^(−C) ≤ 1/2",
        steps=steps,
        witness=Witness(at=(("q", truth),), quantity=ACCURACY, value=sp.S.Zero),
        value=sp.S.Zero,
    )


def _guarantee() -> Iterator[Step]:
    wrong, right = quantity("2q", "2q"), letter(Q)
    says = "another class has at least as much as the truth of a wrong answer, and both at most 1 together"
    yield relation(wrong, "≤", ("two of the probabilities", says, sp.S.One), "rule")
    yield relation(right, "≤", ("halve", "for a wrong answer", sp.Rational(1, 2)), "rule")
    says = "for a wrong answer, with w = 1; a right one, with w = 0, costs at least 0"
    yield relation(COST, "≥", ("log is increasing", says, W * sp.log(2)), "rule")
    says = "the mean over the examples; the mean of w is the share E of errors"
    yield relation(letter(C), "≥", ("mean", says, E * sp.log(2)), "rule")
    yield relation(letter(E), "≤", ("divide", "by log(2) > 0", C / sp.log(2)), "rule")
    yield relation(ACCURACY, "≥", ("the rest", "A = 1 − E", 1 - C / sp.log(2)), "rule", result=True)


def best_possible(known: Given) -> Finding:
    """The case that attains the guarantee."""
    bound = least(known.cross_entropy)
    tied = f"a share {percent(1 - bound)} of ties at 1/2 and certainty elsewhere"
    words = tied if bound != 0 else "the truth with e^(−C) ≤ 1/2 everywhere, below another class"
    return Finding(
        name="no better guarantee",
        says=f"no better guarantee holds, whatever K and the base rates are: {words} costs exactly C",
        outcome=PROVED,
        how="the probabilities of each example can be chosen alone, whichever class is its truth",
        steps=tuple(_attained(bound != 0)),
        value=bound,
    )


def _attained(tied: bool) -> Iterator[Step]:
    if not tied:
        yield definition(letter(Q), "for every truth; another class has 1 − q ≥ 1/2", sp.exp(-C))
        yield equality(COST, ("cost", "of every example", C), -sp.log(sp.exp(-C)), result=True)
        return
    says = "the share of examples whose truth has 1/2 and ties with another class; the others have q = 1"
    yield definition(letter(E), says, C / sp.log(2))
    cost = -(C / sp.log(2)) * sp.log(sp.Rational(1, 2)) - (1 - C / sp.log(2)) * sp.log(1)
    yield equality(TIED, ("mean cost", "of both kinds of examples", C), cost, result=True)


# The likeliest m.


def likeliest(known: Given) -> Finding:
    """The share of truths among the m likeliest classes."""
    name = "among the likeliest"
    if known.classes == 2:
        how = "of two classes the truth is always among the two likeliest"
        says = "the truth is often among the m likeliest classes"
        return Finding(name=name, says=says, outcome=NOT_APPLICABLE, how=how)
    return Finding(
        name=name,
        says="the truth is among the m likeliest classes for a share of at least 1 − C/log(m + 1)",
        outcome=PROVED,
        how="a truth that is not among them ties with or lies below m others; m = 1 is the accuracy",
        steps=tuple(_among()),
    )


def _among() -> Iterator[Step]:
    says = "m others have at least as much as a truth that is not among the m likeliest"
    summed = quantity("(m + 1)q", "(m + 1)\\,q")
    yield relation(summed, "≤", ("several of the probabilities", says, sp.S.One), "rule")
    says = "for such an example, with w = 1; the others, with w = 0, cost at least 0"
    yield relation(COST, "≥", ("log is increasing", says, W * sp.log(TOP + 1)), "rule")
    says = "the mean over the examples; the mean of w is the share s of such examples"
    yield relation(letter(C), "≥", ("mean", says, S * sp.log(TOP + 1)), "rule")
    line = ("divide", "by log(m + 1) > 0", C / sp.log(TOP + 1))
    yield relation(letter(S), "≤", line, "rule", result=True)


def top_table(known: Given) -> Table:
    """The guaranteed share of truths among the likeliest."""
    rows = [m for m in TOPS if m < known.classes]
    return Table(
        title="How often the truth is among the likeliest classes",
        head=("likeliest classes", "share of truths among them, at least"),
        rows=tuple((str(m), _among_share(known, m)) for m in rows),
    )


def _among_share(known: Given, m: int) -> str:
    bound = known.cross_entropy / sp.log(m + 1)
    return percent(1 - bound, DOWN) if below(bound, sp.S.One) else "nothing is guaranteed"


# What is not determined.


def open_(known: Given) -> Finding:
    """That every accuracy above the guarantee goes with this cross-entropy."""
    cost, name = known.cross_entropy, "accuracy from the cross-entropy"
    if cost == 0:
        how = "only where every truth has probability 1 is the mean of −log q ≥ 0 equal to 0"
        says = "this cross-entropy determines the accuracy: all answers are right"
        return Finding(name=name, says=says, outcome=PROVED, how=how, value=sp.S.One)
    error = next(e for e in _shares() if not below(cost, e * sp.log(2)))
    up = "" if below(cost, sp.log(known.classes)) else ", but not to 100% itself, as C ≥ log(K)"
    return Finding(
        name=name,
        says="the cross-entropy determines the accuracy",
        outcome=REFUTED,
        how=(
            f"any accuracy goes with it, from {percent(least(cost))} up{up}: a share E of wrong answers with "
            "q = e^(−C/E) and certainty elsewhere costs C"
        ),
        steps=tuple(_any_accuracy(below(cost, sp.log(known.classes)))),
        witness=Witness(at=(("E", error), ("q", sp.exp(-cost / error))), quantity=letter(C), value=cost),
    )


def _shares() -> Iterator[sp.Rational]:
    share = sp.Rational(1, 10)
    while True:
        yield share
        share /= 10


def _any_accuracy(all_right: bool) -> Iterator[Step]:
    yield definition(letter(Q), "of a share E of wrong answers; the others have q = 1", sp.exp(-C / E))
    says = "as E log(2) ≤ C: another class has 1 − q ≥ 1/2, the answer is wrong"
    yield relation(letter(Q), "≤", ("wrong", says, sp.Rational(1, 2)), "rule")
    cost = -E * sp.log(sp.exp(-C / E)) - (1 - E) * sp.log(1)
    yield equality(SURE, ("mean cost", "whatever E is, above 0 and up to C/log(2)", C), cost, result=True)
    if all_right:
        says = "for E = 0: every truth has e^(−C) > 1/K, and each other class an even share of the rest"
        yield equality(COST, ("cost", says, C), -sp.log(sp.exp(-C)), result=True)


def open_table(known: Given) -> tuple[Table, ...]:
    """Models of this cross-entropy over the accuracies that go with it, where there are several."""
    if known.cross_entropy == 0:
        return ()
    low = least(known.cross_entropy)
    levels = [low, *(low + (1 - low) * sp.Rational(n, 4) for n in (1, 2, 3))]
    rows = [_model_row(known, accuracy) for accuracy in levels]
    if below(known.cross_entropy, sp.log(known.classes)):
        rows.append(_model_row(known, sp.S.One))
    head = ("accuracy", "probability of the truth where right", "where wrong")
    return (Table(title="Models that all have this cross-entropy", head=head, rows=tuple(rows)),)


def _model_row(known: Given, accuracy: sp.Expr) -> tuple[str, str, str]:
    right: dict[bool, str] = {True: "", False: ""}
    for group in models.of(known.cross_entropy, 1 - accuracy, known.classes):
        if group.share != 0:
            right[below(group.other, group.truth)] = numeral(group.truth)
    return percent(accuracy), right[True], right[False]


def unbounded(known: Given) -> Finding:
    """That a high accuracy says little about the cross-entropy."""
    given = known.accuracy if known.accuracy is not None else HIGH
    if given == 1:
        return _bounded(known)
    error = 1 - given
    truth = sp.exp(-LARGE / error)
    return Finding(
        name="cross-entropy from the accuracy",
        says=f"an accuracy of {percent(given)} keeps the cross-entropy below some bound",
        outcome=REFUTED,
        how="errors that leave the truth next to nothing cost as much as one likes; one that leaves it 0, ∞",
        steps=tuple(_costly()),
        witness=Witness(at=(("A", given), ("q", truth)), quantity=letter(C), value=sp.Integer(LARGE)),
    )


def _costly() -> Iterator[Step]:
    says = "of the share E > 0 of wrong answers, for a bound b however large; the others have q = 1"
    bound = sp.Symbol("b", positive=True)
    yield definition(letter(Q), says, sp.exp(-bound / E))
    cost = -E * sp.log(sp.exp(-bound / E)) - (1 - E) * sp.log(1)
    yield equality(SURE, ("mean cost", "the bound is reached", bound), cost, result=True)


def _bounded(known: Given) -> Finding:
    most = sp.log(known.classes)
    steps = (
        relation(letter(Q), ">", ("largest of K", "a right answer is above the mean of all", 1 / K), "rule"),
        relation(letter(C), "<", ("mean", "each costs less than log(K)", most), "rule"),
    )
    return Finding(
        name="cross-entropy from the accuracy",
        says=f"an accuracy of 100% keeps the cross-entropy below log(K) = {known.amount(most)}",
        outcome=PROVED,
        how="the probability of every truth is the largest of K, alone, and so above their mean 1/K",
        steps=steps,
        value=known.in_unit(most),
    )
