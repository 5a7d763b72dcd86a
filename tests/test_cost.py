"""What a prediction costs: limits, signs and witnesses, held against the entries' own formulas in numbers."""

import warnings
from functools import cache

import numpy as np
import pytest
import sympy as sp

from derive import catalogue
from derive.claims.cost import CLAIM
from derive.claims.cost.between import affine
from derive.claims.scoring import decided, drawable, ends_of, limit_at, view
from derive.claims.working import equality
from derive.heads import plain
from derive.model import (
    NOT_APPLICABLE,
    PROVED,
    REALS,
    REFUTED,
    UNIT_CLOSED,
    UNIT_OPEN,
    A,
    Finite,
    Interval,
    Loss,
    Pair,
    Punctured,
    Quantity,
    Unproved,
    Y,
)
from derive.studies.claims import figure
from derive.studies.figure import svg
from drawn import drawn_curves
from tables import cover, derivation

LOSSES = catalogue.LOSSES
BEFORE = ("sigmoid", "tanh", "identity", "relu", "exponential", "arctan", "neg_inverse", "softmax")
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
SCORED = tuple(s for s in SUBJECTS if (scored := view(s)) is not None and not scored.linked)
PROBES = 10_000
COST = Quantity(name="L", latex="L", text="L")


@cache
def found(subject):
    """The findings about a subject by name."""
    findings, _, _ = CLAIM.examine(subject)
    return {finding.name: finding for finding in findings}


def name(subject):
    return subject.name


@cache
def cost(loss):
    """The entry's formula as a function of arrays, at the parameters' defaults."""
    default = {p.symbol: p.default for p in loss.parameters}
    return sp.lambdify((A, Y), plain(loss.expr).subs(default), "numpy")


def value(loss, a, y):
    with warnings.catch_warnings():  # a Piecewise evaluates every piece, also where it is not taken
        warnings.simplefilter("ignore")
        with np.errstate(all="ignore"):
            return np.broadcast_to(cost(loss)(np.asarray(a, dtype=float), y), np.shape(a)).astype(float)


def probes(place, count=PROBES):
    """Numbers of an interval, many of them near its ends; of the line without 0, of either sign."""
    if isinstance(place, Punctured):
        return probes(Interval(lo=sp.S.Zero), count) * np.random.default_rng(7).choice((-1, 1), count)
    draws = np.random.default_rng(5).uniform(-6, 6, count)
    low, high = float(sp.N(place.lo)), float(sp.N(place.hi))
    if np.isfinite(low) and np.isfinite(high):
        return low + (high - low) / (1 + np.exp(-draws))
    if np.isfinite(low):
        return low + np.exp(draws)
    return high - np.exp(draws) if np.isfinite(high) else draws


@pytest.mark.parametrize("subject", [*SUBJECTS, *catalogue.ACTIVATIONS], ids=name)
def test_every_subject_is_answered(subject):
    for finding in found(subject).values():
        assert finding.outcome in (PROVED, REFUTED, NOT_APPLICABLE), finding.how
        assert finding.says and finding.how
        assert all(step.proof.holds for step in finding.steps)
        assert finding.outcome != REFUTED or finding.witness is not None


@pytest.mark.parametrize("subject", SCORED, ids=name)
def test_what_is_never_negative_is_not_at_ten_thousand_points(subject):
    if found(subject)["nonnegative"].outcome != PROVED:
        return
    scored = view(subject)
    a = probes(scored.prediction)
    labels = scored.labels or ()
    y = np.random.default_rng(6).choice(labels, PROBES) if labels else probes(scored.loss.target)[::-1]
    assert (value(scored.loss, a, y) >= -1e-12).all()


@pytest.mark.parametrize("subject", SCORED, ids=name)
def test_costs_that_grow_away_from_the_target_do_at_ten_thousand_points(subject):
    scored = view(subject)
    if found(subject)["grows away from the target"].outcome != PROVED:
        return
    near = probes(scored.prediction)
    if scored.labels:
        for label, sign in zip(scored.labels, (1, -1), strict=True):
            assert (sign * np.diff(value(scored.loss, np.sort(near), label)) >= -1e-9).all()
        return
    y = probes(scored.loss.target)[::-1]
    a = y + (near - y) / 2  # between the target and the prediction
    assert (value(scored.loss, a, y) <= value(scored.loss, near, y) * (1 + 1e-12) + 1e-9).all()


def at_end(loss, end, label):
    """The cost at a prediction very near to an end."""
    place = float(sp.N(end.place))
    return float(value(loss, [end.side * -1e9 if np.isinf(place) else place + end.side * 1e-13], label)[0])


@pytest.mark.parametrize("subject", [s for s in SCORED if view(s).labels], ids=name)
def test_limits_are_those_of_the_formula_in_numbers(subject):
    scored = view(subject)
    low, high = ends_of(scored.prediction)
    rows = zip(scored.labels, (low, high), (high, low), strict=True)
    for label, right, wrong in rows:
        for end in (right, wrong):
            exact = limit_at(scored.loss.expr.subs(Y, label), A, end)
            if exact is None:
                continue
            default = {p.symbol: p.default for p in scored.parameters}
            limit = float(sp.N(exact.subs(default)))
            here = at_end(scored.loss, end, label)
            assert here * np.sign(limit) > 20 if np.isinf(limit) else here == pytest.approx(limit, abs=1e-6)


@pytest.mark.parametrize("subject", SCORED, ids=name)
def test_a_witness_is_what_the_formula_gives(subject):
    for finding in found(subject).values():
        if finding.witness is None or finding.name not in ("free where right", "nonnegative"):
            continue
        at = dict(finding.witness.at)
        if at["a"].is_infinite or at["a"] in (view(subject).prediction.lo, view(subject).prediction.hi):
            continue  # a limit, tested above
        letters = {s: at[str(s)] for s in view(subject).loss.expr.free_symbols}
        again = view(subject).loss.expr.subs(letters)
        assert sp.simplify(again - finding.witness.value) == 0
        assert sp.N(again, 30) != 0 and (finding.name != "nonnegative" or sp.N(again, 30) < 0)


def test_binary_cross_entropy_in_full():
    loss = catalogue.loss("bce")
    answers = found(loss)
    assert [f.outcome for f in answers.values()] == [PROVED] * 5
    shown = {step.quantity.text: step.expr for step in answers["two cases in one line"].steps}
    assert shown["L(a, 0)"] == -sp.log(1 - A) and shown["L(a, 1)"] == -sp.log(A)
    assert shown["L(a, y)"] == -Y * sp.log(A) - (1 - Y) * sp.log(1 - A)
    limits = [
        step.expr
        for name in list(answers)
        for step in answers[name].steps
        if step.proof.method == "leading terms"
    ]
    assert limits == [0, 0, sp.oo, sp.oo]


def test_the_squared_error_of_a_sigmoid_is_bounded():
    finding = found(catalogue.pair("sigmoid", "half_squared_error"))["unbounded where wrong"]
    assert finding.outcome == REFUTED and finding.witness.value == sp.Rational(1, 2)


def planted(expr, prediction=UNIT_OPEN, target=UNIT_CLOSED, hard=(0, 1), reads="probability"):
    """A loss that nobody proposed."""
    words = {"name": "planted", "title": "planted", "source": "", "known": ()}
    return Loss(expr=expr, prediction=prediction, target=target, hard=hard, reads=reads, **words)


def test_what_is_false_is_refused():
    bce = catalogue.loss("bce").expr
    lowered = found(planted(bce - sp.Rational(1, 10)))
    assert lowered["free where right"].outcome == lowered["nonnegative"].outcome == REFUTED
    assert lowered["nonnegative"].witness.value < 0
    bounded = found(planted(-Y * sp.log((1 + A) / 2) - (1 - Y) * sp.log((2 - A) / 2)))
    assert bounded["unbounded where wrong"].outcome == REFUTED
    turned = found(planted((A + Y) ** 2, REALS, REALS, (-1, 0, 1), "mean"))
    assert turned["free where right"].outcome == turned["grows away from the target"].outcome == REFUTED
    wrong = affine(0, 1, -sp.log(A), -sp.log(1 - A))  # the cases exchanged
    with pytest.raises(Unproved):
        equality(COST, ("one line", "", wrong), bce, Finite(values=(0, 1)))
    for wrong in (sp.log(A), Y * sp.log(A), -Y * sp.log(1 / A), Y * sp.log(A) - sp.log(A) / 2):
        assert decided(wrong, {A: UNIT_OPEN, Y: UNIT_CLOSED}).outcome != PROVED
    assert decided(-Y * sp.log(A), {A: UNIT_OPEN, Y: UNIT_CLOSED}).outcome == PROVED
    assert decided(-Y * sp.log(A), {A: UNIT_OPEN, Y: UNIT_CLOSED}, strictly=True).outcome != PROVED
    assert decided(A - sp.Rational(1, 100), {A: Interval(lo=sp.S.Zero)}).outcome == REFUTED


@pytest.mark.parametrize(
    "names", [("sigmoid", "bce"), ("identity", "hinge"), ("tanh", "huber")], ids="+".join
)
def test_the_figure_shows_every_hard_target_between_the_ends(names):
    derived = derivation(names)
    assert drawable(derived.subject)
    curves = drawn_curves(svg(figure("cost", derived.subject, derived.module)), any_name=True)
    walls = [n for n in curves if n.startswith("cost-wall")]
    assert len([n for n in curves if n.startswith("cost-") and n not in walls]) == len(
        derived.subject.loss.hard
    )
    assert len(walls) == {"sigmoid": 2, "tanh": 2, "identity": 0}[names[0]]
    if walls:
        left, right = sorted(curves[w][0, 0] for w in walls)
        assert all(left <= x <= right for n in curves if n not in walls for x in curves[n][:, 0])


def test_no_figure_of_vectors_or_of_a_loss_alone():
    assert drawable(catalogue.pair("probit", "bce"))
    assert not drawable(catalogue.pair("softmax", "cross_entropy")) and not drawable(catalogue.loss("bce"))


def test_a_score_or_a_logarithm_is_compared_with_no_target():
    """Their link stands within the loss: L(y, y) means nothing."""
    for row in ("poisson_log", "bce_logits", "kl_pointwise"):
        assert [f.outcome for f in found(catalogue.loss(row)).values()] == [NOT_APPLICABLE]


@pytest.mark.parametrize(
    "names",
    [
        ("loglog", "negative_binomial"),
        ("negative_binomial_mean", "negative_binomial"),
        ("softmin", "multilabel_soft_margin"),
    ],
)
def test_a_witness_has_a_number_for_its_value(names):
    seen = [f.witness.value for f in CLAIM.examine(catalogue.subject(*names))[0] if f.witness]
    assert seen and not any(value.free_symbols for value in seen)
