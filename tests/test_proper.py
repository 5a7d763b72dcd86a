"""Proper scoring: expected losses in numbers, witnesses exactly from the formulas, false claims refused."""

from functools import cache

import numpy as np
import pytest
import sympy as sp

from derive import catalogue
from derive.claims.proper import CLAIM
from derive.claims.proper.fisher import in_general
from derive.claims.proper.labels import link
from derive.claims.scoring import two_classes
from derive.heads import plain
from derive.model import (
    ELEMENTWISE,
    NOT_APPLICABLE,
    PROVED,
    REALS,
    REFUTED,
    UNDECIDED,
    UNIT_CLOSED,
    UNIT_OPEN,
    A,
    Finite,
    Loss,
    Pair,
    Y,
    Z,
)
from derive.studies.claims import comparison, figure
from derive.studies.claims.proper import CHANCES
from derive.studies.figure import svg
from drawn import drawn_curves, drawn_marks
from tables import cover, derivation

LOSSES = catalogue.LOSSES
BEFORE = ("sigmoid", "identity", "exponential", "half_logit_sigmoid", "probit", "inverse", "softmax")
PAIRS = tuple(
    cover(
        [
            Pair(activation=a, loss=los)
            for a in catalogue.ACTIVATIONS
            for los in LOSSES
            if a.name in BEFORE and catalogue.fits(a, los)
        ]
    )
)
NUMBERS = tuple(p for p in PAIRS if p.kind == ELEMENTWISE)
PROBES = 10_000
PROPER, LINK, SIGN, FISHER = (
    "proper",
    "proper through a link",
    "the sign decides",
    "Hessian = Fisher information",
)


@cache
def found(subject):
    """The findings about a subject by name."""
    findings, _, _ = CLAIM.examine(subject)
    return {finding.name: finding for finding in findings}


# Losses of which a finding is open.
OPEN = {"mape", "smape", "squared_hinge", "modified_huber", "perceptron", "sparsemax_binary"}
OPEN |= {"hinge_embedding", "kl_pointwise", "tweedie"}


def whose(subject):
    """The loss of a subject."""
    return subject.loss if isinstance(subject, Pair) else subject


def name(subject):
    return subject.name


def at_default(loss):
    return plain(loss.expr).subs({p.symbol: p.default for p in loss.parameters})


def draws(seed, low=-7, high=7):
    """Numbers between 0 and 1, many of them near the ends."""
    return 1 / (1 + np.exp(-np.random.default_rng(seed).uniform(low, high, PROBES)))


@pytest.mark.parametrize("subject", [*LOSSES, *PAIRS, *catalogue.ACTIVATIONS], ids=name)
def test_every_subject_is_answered(subject):
    for finding in found(subject).values():
        assert finding.outcome != UNDECIDED or whose(subject).name in OPEN, finding.how
        assert all(step.proof.holds for step in finding.steps)
        assert finding.outcome != REFUTED or finding.witness is not None


@pytest.mark.parametrize("loss", [los for los in LOSSES if los.kind == ELEMENTWISE], ids=name)
def test_the_mean_is_the_best_of_ten_thousand_where_that_is_proved(loss):
    finding = found(loss).get(PROPER)
    if finding is None or finding.outcome != PROVED:
        return
    unit = loss.prediction == UNIT_OPEN
    chance, a = draws(1), draws(2)
    low, high = (0.0, 1.0) if unit else (0.5, 3.0)
    mean = low + chance * (high - low)
    a = a if unit else np.exp(np.random.default_rng(3).uniform(-4, 4, PROBES))
    cost = sp.lambdify((A, Y), at_default(loss), "numpy")
    with np.errstate(all="ignore"):  # every case is evaluated, and one is taken
        expected = [(1 - chance) * cost(x, low) + chance * cost(x, high) for x in (a, mean)]
    assert (expected[0] - expected[1] >= -1e-9 * (1 + abs(expected[1]))).all()


@pytest.mark.parametrize("loss", [los for los in LOSSES if los.kind != ELEMENTWISE], ids=name)
def test_the_truth_is_the_best_of_ten_thousand_for_two_classes(loss):
    finding = found(loss).get(PROPER)
    if finding is None or finding.outcome != PROVED or loss.reads == "mean" or loss.name == "infonce":
        return  # a scaled logit log a does not mean a; the others of its kind are tested
    cost = two_classes(loss, logs=loss.reads != "probability")
    hard = [sp.lambdify(A, sp.limit(cost, Y, value), "numpy") for value in (0, 1)]
    chance, a = draws(4), draws(5)
    expected = [(1 - chance) * hard[0](x) + chance * hard[1](x) for x in (a, chance)]
    assert (expected[0] - expected[1] >= -1e-9).all()


@pytest.mark.parametrize("loss", LOSSES, ids=name)
def test_a_better_prediction_is_better_by_the_formula(loss):
    finding = found(loss).get(PROPER)
    if finding is None or finding.witness is None:
        return
    at = dict(finding.witness.at)
    given = {p.symbol: at.get(str(p.symbol), at.get(p.name)) for p in loss.parameters if not p.per_class}
    if loss.kind == ELEMENTWISE:
        cost, low, high = loss.expr.subs(given), at.get("y_1", 0), at.get("y_2", 1)
    else:
        weights = {k: at.get(f"c_{k}", sp.S.One) for k in (1, 2)}
        cost, low, high = two_classes(loss, weights, logs=loss.reads != "probability").subs(given), 0, 1
    truth = at.get("mu", at["pi"])
    expected = [
        (1 - at["pi"]) * cost.subs({A: x, Y: low}) + at["pi"] * cost.subs({A: x, Y: high})
        for x in (at["a"], truth)
    ]
    excess = plain(expected[0] - expected[1])
    assert truth == low + at["pi"] * (high - low)
    assert sp.N(excess, 40) < 0 and abs(sp.N(excess - finding.witness.value, 40)) < 1e-25


def test_labels_in_numbers():
    """The best score of the logistic loss gives back π; that of hinge is 1 for every π above a half."""
    assert found(catalogue.loss("logistic"))[LINK].outcome == PROVED
    finding = found(catalogue.loss("hinge"))[LINK]
    assert finding.outcome == REFUTED
    grid = np.linspace(-4, 4, 8001)
    for loss in ("logistic", "hinge"):
        cost = sp.lambdify((A, Y), catalogue.loss(loss).expr, "numpy")
        for chance in (2 / 3, 3 / 4, 1 / 5):
            best = grid[np.argmin((1 - chance) * cost(grid, -1) + chance * cost(grid, 1))]
            wanted = np.log(chance / (1 - chance)) if loss == "logistic" else np.sign(chance - 0.5)
            assert best == pytest.approx(wanted, abs=2e-3)
        assert found(catalogue.loss(loss))[SIGN].outcome == PROVED


def composed(pair):
    return plain(pair.loss.expr.subs(A, plain(pair.activation.expr))).subs(
        {p.symbol: p.default for p in pair.parameters}
    )


@pytest.mark.parametrize("pair", NUMBERS, ids=name)
def test_the_hessian_is_its_expectation_where_that_is_proved_and_not_at_the_witness(pair):
    finding = found(pair).get(FISHER)
    if finding is None or finding.outcome == NOT_APPLICABLE:
        return
    bend = composed(pair).diff(Z, 2)
    if finding.outcome == PROVED:
        function = sp.lambdify((Z, Y), bend, "numpy")
        z = np.random.default_rng(6).uniform(0.2, 3, PROBES) * (-1 if pair.activation.domain.hi == 0 else 1)
        assert np.allclose(function(z, 0.25), function(z, 0.75), rtol=1e-6, atol=1e-9)
        return
    at = dict(finding.witness.at)
    output = plain(pair.activation.expr).subs({Z: at["z"]} | {p.symbol: p.default for p in pair.parameters})
    here = bend.subs(Z, at["z"])
    drift = here.subs(Y, at["y"]) - here.subs(
        Y, output
    )  # affine in y, so the expectation is the value at the mean
    assert abs(sp.N(drift - finding.witness.value, 30)) < 1e-20 and abs(sp.N(drift, 30)) > 1e-6


def test_fisher_where_the_ratio_is_constant():
    wanted = {
        ("sigmoid", "bce"): 1,
        ("half_logit_sigmoid", "bce"): 2,
        ("exponential", "poisson"): 1,
        ("identity", "half_squared_error"): 1,
        ("inverse", "gamma"): -1,
    }
    for names, ratio in wanted.items():
        finding = found(catalogue.pair(*names))[FISHER]
        assert (finding.outcome, finding.value) == (PROVED, ratio)
    for names in (("probit", "bce"), ("sigmoid", "half_squared_error")):
        assert found(catalogue.pair(*names))[FISHER].outcome == REFUTED


def test_the_general_steps_hold_for_an_activation_and_a_variance():
    _, hessian, expectation, drift = (step.expr for step in in_general())
    a, v = sp.tanh(Z), 2 + A**2
    values = {"a'": a.diff(Z), "a''": a.diff(Z, 2), "V": v.subs(A, a), "V'": v.diff(A).subs(A, a)}
    letters = {
        s: values[s.name]
        for step in (hessian, expectation, drift)
        for s in step.free_symbols
        if s.name in values
    }
    truth = ((a - Y) * a.diff(Z) / v.subs(A, a)).diff(Z)
    at = {Z: sp.Rational(2, 3), Y: sp.Rational(1, 5)}
    written = [e.subs(letters).subs(A, a).subs(at) for e in (hessian, expectation + drift)]
    assert all(abs(sp.N(e - truth.subs(at), 30)) < 1e-25 for e in written)


@pytest.mark.parametrize(
    ("loss", "outcome"),
    [
        ("bce", PROVED),
        ("brier", PROVED),
        ("cross_entropy", PROVED),
        ("squared_error", PROVED),
        ("half_squared_error", PROVED),
        ("poisson", PROVED),
        ("gamma", PROVED),
        ("absolute_error", REFUTED),
        ("huber", REFUTED),
        ("log_cosh", REFUTED),
        ("focal", REFUTED),
        ("smoothed_cross_entropy", REFUTED),
    ],
)
def test_known_answers(loss, outcome):
    assert found(catalogue.subject(loss))[PROPER].outcome == outcome


def planted(expr, prediction=UNIT_OPEN, target=UNIT_CLOSED, reads="probability"):
    """A loss that nobody proposed."""
    words = {"name": "planted", "title": "planted", "source": "", "known": ()}
    return Loss(expr=expr, prediction=prediction, target=target, hard=(0, 1), reads=reads, **words)


def test_what_is_false_is_refused():
    for bent in (
        -2 * Y * sp.log(A) - (1 - Y) * sp.log(1 - A),
        -Y * sp.log(A) - (1 - Y) * sp.log(1 - A) + A**2 / 100,
        Y * (1 - A) + (1 - Y) * A,
    ):
        finding = found(planted(bent))[PROPER]
        assert finding.outcome == REFUTED and sp.N(finding.witness.value, 30) < 0
    spherical = -(Y * A + (1 - Y) * (1 - A)) / sp.sqrt(A**2 + (1 - A) ** 2)
    assert found(planted(spherical))[PROPER].outcome != REFUTED  # it is proper
    assert found(planted((A - Y) ** 4, REALS, REALS, "mean"))[PROPER].outcome == REFUTED
    assert link(sp.S.One, -sp.S.One)[1] == sp.Rational(1, 2)  # the absolute error asks for nothing


def test_the_exponential_loss_elicits_half_the_logit():
    boosting = Loss(
        name="planted", title="planted", source="", known=(), reads="raw score", hard=(-1, 1),
        expr=sp.exp(-Y * A), prediction=REALS, target=Finite(values=(-1, 1)),
    )  # fmt: skip
    finding = found(boosting)[LINK]
    assert finding.outcome == PROVED
    psi = next(step.expr for step in finding.steps if step.quantity.text == "ψ(a)")
    assert sp.simplify(psi - 1 / (1 + sp.exp(-2 * A))) == 0


@pytest.mark.parametrize("names", [("sigmoid", "bce"), ("sigmoid", "half_squared_error")], ids="+".join)
def test_the_figure_marks_the_minima_at_the_probabilities(names):
    derived = derivation(names)
    text = svg(figure("proper", derived.subject, derived.module))
    curves, marks = drawn_curves(text, any_name=True), drawn_marks(text)
    left, right = sorted(curves[f"proper-wall-{n}"][0, 0] for n in (1, 2))
    for number, chance in enumerate(CHANCES, 1):
        place = (marks[f"proper-{number}-minimum"][0, 0] - left) / (right - left)
        assert place == pytest.approx(chance, abs=0.01)


def test_several_pairs_stand_side_by_side():
    derived = [derivation(("sigmoid", los)) for los in ("bce", "half_squared_error", "absolute_error")]
    drawn = comparison("proper", [d.subject for d in derived], [d.module for d in derived])
    assert len(drawn.axes) == 3


def test_scores_of_one_sign_say_nothing_of_the_likelier_label():
    answers = found(catalogue.pair("relu", "hinge"))
    assert answers[SIGN].outcome == REFUTED and answers[SIGN].witness.value == 0
    assert found(catalogue.pair("identity", "hinge"))[SIGN].outcome == PROVED
    assert found(catalogue.pair("tanh", "logistic"))[SIGN].outcome == PROVED


def test_the_hessian_of_unit_vectors_depends_on_the_class():
    finding = found(catalogue.pair("l2_normalize", "listnet"))[FISHER]
    length = sp.sqrt(Z**2 + 1)  # of z = (z, 1); the loss is log Σ exp a − a_c
    bends = [(-a).diff(Z, 2).subs(Z, 0) for a in (Z / length, 1 / length)]
    assert finding.outcome == REFUTED and finding.witness.value == bends[0] - bends[1]
    assert found(catalogue.pair("softmax", "cross_entropy"))[FISHER].outcome == PROVED
