"""Cross-entropy as entropy plus divergence: proved for every K, held in numbers, refused where false."""

from functools import cache
from math import log

import numpy as np
import pytest
import sympy as sp

from derive import catalogue
from derive.claims.entropy import CLAIM
from derive.claims.entropy.classes import BOUND, DIVERGENCE
from derive.claims.entropy.classes import H as ENTROPY
from derive.claims.entropy.least import changes
from derive.claims.entropy.parts import surprise
from derive.claims.inside import inside
from derive.claims.scoring import two_classes, view
from derive.heads import plain
from derive.model import (
    LS,
    NOT_APPLICABLE,
    PROVED,
    PS,
    REFUTED,
    UNDECIDED,
    UNIT_CLOSED,
    UNIT_OPEN,
    YS,
    A,
    Finite,
    Interval,
    Loss,
    N,
    Pair,
    Unproved,
    Y,
)
from derive.proof.indexed import prove
from derive.rules.indexed import over
from derive.studies.claims import figure
from derive.studies.claims.entropy import TARGET
from derive.studies.figure import svg
from drawn import drawn_curves, drawn_marks
from tables import cover, derivation

LOSSES = catalogue.LOSSES
BEFORE = ("sigmoid", "identity", "softmax", "log_softmax")
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
SUBJECTS = (*LOSSES, *PAIRS)
PROBES = 10_000
SPLIT, LEAST = "entropy plus divergence", "least where a = y"


@cache
def found(subject):
    """The findings about a subject by name."""
    findings, _, _ = CLAIM.examine(inside(subject))
    return {finding.name: finding for finding in findings}


def name(subject):
    return subject.name


# Losses of which a finding is open.
OPEN = {"msle", "hinge_embedding"}


def whose(subject):
    """The loss of a subject."""
    return subject.loss if isinstance(subject, Pair) else subject


def in_numbers(expr):
    return sp.lambdify((A, Y), plain(expr), "numpy")


def draws(seed, count=PROBES):
    """Numbers between 0 and 1, many of them near the ends."""
    return 1 / (1 + np.exp(-np.random.default_rng(seed).uniform(-9, 9, count)))


def divergence(a, y):
    """KL of two classes in numbers."""
    return y * np.log(y / a) + (1 - y) * np.log((1 - y) / (1 - a))


@pytest.mark.parametrize("subject", [*SUBJECTS, *catalogue.ACTIVATIONS], ids=name)
def test_every_subject_is_answered(subject):
    for finding in found(subject).values():
        assert finding.outcome != UNDECIDED or whose(subject).name in OPEN, finding.how
        assert all(step.proof.holds for step in finding.steps)
        assert finding.outcome != REFUTED or finding.witness is not None


def at_two(loss, logs, weights=None):
    """A loss over vectors at K = 2 as a function of the first class's probability."""
    if loss.kind == "elementwise":
        return loss.expr
    return two_classes(loss, weights, logs=logs)


def raw(loss):
    """Whether the loss reads something other than the probabilities themselves."""
    return loss.reads != "probability"


@pytest.mark.parametrize(
    "loss",
    [los for los in LOSSES if found(los)[SPLIT].outcome == PROVED and los.name != "logistic"],
    ids=name,
)
def test_what_is_a_divergence_is_one_at_ten_thousand_points(loss):
    if loss.name == "infonce":  # its logits are scaled: log a is no prediction that means a
        return
    a, y = draws(1), draws(2)
    cost = in_numbers(at_two(loss, raw(loss)).subs({p.symbol: p.default for p in loss.parameters}))(a, y)
    entropy = -y * np.log(y) - (1 - y) * np.log(1 - y)
    rest = cost - divergence(a, y)
    assert np.allclose(rest, entropy, atol=1e-9) or np.allclose(rest, 0, atol=1e-9)


@pytest.mark.parametrize("subject", [s for s in SUBJECTS if view(s) is not None], ids=name)
def test_what_is_least_at_the_target_is_so_at_ten_thousand_points(subject):
    finding = found(subject).get(LEAST)
    if finding is None or finding.outcome != PROVED:
        return
    scored = view(subject)
    unit = scored.prediction == UNIT_OPEN
    y = draws(3) if unit else np.exp(np.random.default_rng(3).uniform(-3, 3, PROBES))
    a = draws(4) if unit else np.exp(np.random.default_rng(4).uniform(-3, 3, PROBES))
    if scored.prediction.lo < 0:
        y, a = np.log(y), np.log(a)
    if isinstance(scored.loss.target, Finite) or scored.prediction.lo == -1:
        return  # a hard target is no prediction, and logarithms leave (-1, oo)
    if not (np.isinf(float(scored.prediction.hi)) or unit):
        return  # a bounded range of another kind; its loss alone is tested
    default = {p.symbol: p.default for p in scored.loss.parameters}
    cost = in_numbers(inside(scored.loss).expr.subs(default))
    assert (cost(a, y) - cost(y, y) >= -1e-9).all()


@pytest.mark.parametrize("subject", SUBJECTS, ids=name)
def test_a_witness_is_what_the_formula_gives(subject):
    loss = whose(subject)
    for finding in found(subject).values():
        if finding.witness is None or "y" not in dict(finding.witness.at):  # of labels, tested below
            continue
        at = dict(finding.witness.at)
        weights = {k: at.get(f"c_{k}", sp.S.One) for k in (1, 2)}
        cost = at_two(loss, raw(loss) and loss.kind != "elementwise", weights)
        cost = plain(cost).subs(
            {p.symbol: at.get(str(p.symbol), at.get(p.name)) for p in loss.parameters if not p.per_class}
        )
        point = {A: at["a"], Y: at["y"]}
        if finding.name == LEAST:
            again = cost.subs(point) - cost.subs({A: at["y"], Y: at["y"]})
            assert sp.N(again, 30) < 0
        else:
            kl = Y * sp.log(Y / A) + (1 - Y) * sp.log((1 - Y) / (1 - A))
            again = (cost - kl).diff(A).subs(point)
        assert abs(sp.N(again - finding.witness.value, 30)) < 1e-20 and sp.N(again, 30) != 0


def test_hinge_is_no_cross_entropy():
    finding = found(catalogue.loss("hinge"))[SPLIT]
    assert finding.outcome == REFUTED
    cost = catalogue.loss("hinge").expr
    both = sum(sp.exp(-cost.subs({A: 0, Y: y})) for y in (-1, 1))
    assert finding.witness.value == both == 2 / sp.E


def test_logistic_loss_is_cross_entropy_of_two_probabilities():
    finding = found(catalogue.loss("logistic"))[SPLIT]
    assert finding.outcome == PROVED
    shown = finding.steps[0].expr
    assert sp.simplify(shown - 1 / (1 + sp.exp(-A))) == 0


def test_binary_cross_entropy_in_full():
    answers = found(catalogue.pair("sigmoid", "bce"))
    assert [f.outcome for f in answers.values()] == [PROVED] * 5
    rest = answers[SPLIT].steps[-1].expr
    assert sp.expand(rest + Y * sp.log(Y) + (1 - Y) * sp.log(1 - Y)) == 0
    last = answers[LEAST].steps[-1]
    assert (last.relation, last.expr, last.result) == ("≥", 0, True)


@pytest.mark.parametrize(
    ("loss", "outcome"),
    [
        ("cross_entropy", PROVED),
        ("kl_divergence", PROVED),
        ("kl_log", PROVED),
        ("brier", REFUTED),
        ("focal", REFUTED),
        ("reverse_kl", REFUTED),
        ("smoothed_cross_entropy", REFUTED),
        ("weighted_cross_entropy", REFUTED),
        ("multi_margin", NOT_APPLICABLE),
    ],
)
def test_known_answers(loss, outcome):
    assert found(catalogue.loss(loss))[SPLIT].outcome == outcome


@pytest.mark.parametrize(
    "loss", ["smoothed_cross_entropy", "weighted_cross_entropy", "nll", "cross_entropy_logits"]
)
def test_parameters_spoil_it_and_their_defaults_do_not(loss):
    answers = found(catalogue.loss(loss))
    assert answers[SPLIT].outcome == answers[LEAST].outcome == REFUTED
    assert answers[f"{SPLIT}, defaults"].outcome == PROVED


def planted(expr):
    """A loss of a probability that nobody proposed."""
    words = {"name": "planted", "title": "planted", "source": "", "known": (), "reads": "probability"}
    return Loss(expr=expr, prediction=UNIT_OPEN, target=UNIT_CLOSED, hard=(0, 1), **words)


def test_what_is_false_is_refused():
    bce = catalogue.loss("bce").expr
    assert found(planted(bce + sp.exp(Y)))[SPLIT].outcome == PROVED  # free of a
    bent = found(planted(bce + A * (1 - A) / 10))
    assert bent[SPLIT].outcome == bent[LEAST].outcome == REFUTED
    assert changes(bce, UNIT_OPEN) is None
    cross = -over(YS[N] * sp.log(PS[N]))
    for wrong in (cross + DIVERGENCE - ENTROPY, cross - 2 * DIVERGENCE - ENTROPY):
        with pytest.raises(Unproved):
            prove(wrong, sp.S.Zero)
    with pytest.raises(Unproved):  # Gibbs' bound is 0 only because both sum to 1
        prove(BOUND, sp.S.Zero, facts={over(PS[N]): sp.S.One})
    with pytest.raises(Unproved):
        prove(over(sp.exp(LS[N])), sp.S.One)


def test_surprise_in_nats_and_bits():
    for chance, exact, nats, bits in surprise().rows:
        assert float(exact) == pytest.approx(-log(chance)) == pytest.approx(float(nats), abs=6e-4)
        assert float(bits) == pytest.approx(-np.log2(float(chance)), abs=6e-4)


def test_the_figure_marks_the_minimum_at_the_target():
    derived = derivation(("sigmoid", "bce"))
    text = svg(figure("entropy", derived.subject, derived.module))
    curves, marks = drawn_curves(text, any_name=True), drawn_marks(text)
    assert {"entropy-loss", "entropy-divergence", "entropy-entropy"} <= set(curves)
    left, right = sorted(curves[f"entropy-wall-{n}"][0, 0] for n in (1, 2))
    dots = marks["entropy-minimum"]
    assert (dots[:, 0] - left) / (right - left) == pytest.approx([TARGET] * 2, abs=0.01)
    level = curves["entropy-entropy"][0, 1]
    assert dots[0, 1] == pytest.approx(level, abs=0.5)


def test_intervals_of_other_losses_are_not_taken_for_probabilities():
    assert found(catalogue.loss("poisson"))[SPLIT].outcome == NOT_APPLICABLE
    assert found(catalogue.loss("poisson"))[LEAST].outcome == PROVED
    assert isinstance(catalogue.loss("poisson").target, Interval)
