"""Every bound on accuracy and cross-entropy, against random models; every attaining case, exactly."""

import math

import numpy as np
import pytest
import sympy as sp

from derive.claims.reading import bounds, exact, given, models, read
from derive.claims.reading.baselines import entropy
from derive.claims.reading.overconfidence import overconfident
from derive.model import UNDECIDED, K
from random_models import (
    ACCURACIES,
    CLASSES,
    COSTS,
    EXAMPLES,
    MODELS,
    both,
    calibrated,
    measured,
    named,
    simulate,
)

ROUND = 1e-9  # what float64 leaves of an inequality that is attained
R = sp.Rational
ANSWER = read("0.4", 10, "0.65", ["0.1"] * 10)


@pytest.fixture(scope="module", params=CLASSES)
def simulated(request):
    """The measured numbers of random models."""
    return measured(*simulate(request.param, 1))


def last(answer, name, letter):
    """The function of numbers that bounds a letter, from the last step about it."""
    step = [s for s in named(answer, name).steps if s.quantity.text == letter][-1]
    symbols = sorted(step.expr.free_symbols, key=str)
    return step.relation, sp.lambdify(symbols, step.expr, "numpy"), symbols


def exceeds(relation, left, right):
    """By how much an inequality fails at worst."""
    return float(np.max(left - right if relation in "≤<" else right - left))


def test_the_guaranteed_accuracy_holds(simulated):
    relation, bound, _ = last(ANSWER, "guaranteed accuracy", "A")
    assert exceeds(relation, simulated["A"], bound(simulated["C"])) < ROUND


def test_a_planted_false_bound_is_caught():
    _, bound, (cost,) = last(ANSWER, "guaranteed accuracy", "A")
    planted = sp.lambdify(cost, 1 - cost / sp.log(3))
    found = [measured(*simulate(classes, 1)) for classes in CLASSES]
    assert all(exceeds("≥", f["A"], bound(f["C"])) < ROUND for f in found)
    assert all(exceeds("≥", f["A"], planted(f["C"])) > 0.01 for f in found)


def test_drawn_answers_and_mean_confidence_hold(simulated):
    relation, bound, _ = last(ANSWER, "drawn answers", "mean of q")
    for mean in (simulated["q"].mean(-1), simulated["M"]):
        assert exceeds(relation, mean, bound(simulated["C"])) < ROUND


def test_the_geometric_mean_is_one(simulated):
    _, bound, _ = last(ANSWER, "geometric mean", "G")
    geometric = np.exp(np.log(simulated["q"]).mean(-1))
    assert np.allclose(geometric, bound(simulated["C"]), rtol=1e-12)


def test_small_probabilities_are_as_rare_as_said(simulated):
    relation, bound, _ = last(ANSWER, "small probabilities", "s")
    for threshold in (0.5, 0.2, 0.1, 0.01, 1e-3, 0.9):
        share = (simulated["q"] <= threshold).mean(-1)
        assert exceeds(relation, share, bound(simulated["C"], threshold)) < ROUND


def test_the_likeliest_hold_the_truth_as_often_as_said(simulated):
    relation, bound, _ = last(ANSWER, "among the likeliest", "s")
    for m in range(1, 6):
        missed = (simulated["rivals"] >= m).mean(-1)
        assert exceeds(relation, missed, bound(simulated["C"], m)) < ROUND


def test_the_errors_part_holds(simulated):
    error, cost, q = 1 - simulated["A"], simulated["C"], simulated["q"]
    wrong = simulated["rivals"] > 0
    relation, bound, _ = last(ANSWER, "the errors' part", "C")
    assert exceeds(relation, cost, bound(error)) < ROUND
    typical = np.exp((wrong * np.log(q)).sum(-1) / np.maximum(wrong.sum(-1), 1))
    relation, bound, _ = last(ANSWER, "the errors' part", "e^(−v)")
    some = error > 0
    assert exceeds(relation, typical[some], bound(cost[some], error[some])) < ROUND


def test_under_confident_models_cost_what_is_said(simulated):
    accuracy, cost, mean = (simulated[name] for name in "ACM")
    least = {
        a: float(bounds.underconfident_least(R(a).limit_denominator(EXAMPLES)))
        for a in set(accuracy) - {0, 1}
    }
    for a, bound in least.items():
        here = accuracy == a
        over = mean[here] > a - ROUND
        assert np.all(over | (cost[here] >= bound - ROUND)), a
    here = (accuracy > 0.5) & (accuracy < 1)
    b = 1 - (1 - accuracy[here]) / (2 * accuracy[here])
    v = (1 - accuracy[here]) * np.log(2) - accuracy[here] * np.log(b)
    assert exceeds("≥", mean[here], accuracy[here] + b * (v - cost[here])) < ROUND


def test_no_constant_prediction_beats_the_base_rates():
    rng = np.random.default_rng(3)
    for classes in CLASSES:
        counts = rng.integers(0, 9, classes) + (np.arange(classes) == 0)
        rates = tuple(R(int(n), int(counts.sum())) for n in counts)
        constant = rng.dirichlet(np.ones(classes), 2000)
        costs = -(np.array(rates, float) * np.log(constant)).sum(-1)
        assert exceeds("≥", costs, float(entropy(rates))) < ROUND
        assert math.isclose(
            float(entropy(rates)), -sum(float(r) * math.log(r) for r in rates if r), abs_tol=1e-12
        )


@pytest.mark.parametrize("classes", CLASSES)
def test_calibrated_models_lie_where_it_is_said(classes):
    cost, accuracy = calibrated(classes, 5)
    m = np.floor(1 / accuracy)
    slope = m * (m + 1) * np.log((m + 1) / m)
    assert exceeds("≥", cost, np.log(m) + slope * (1 / m - accuracy)) < ROUND
    error = 1 - accuracy
    largest = -accuracy * np.log(accuracy) - error * np.log(np.maximum(error, 1e-300) / (classes - 1))
    assert exceeds("≤", cost, largest) < ROUND
    for n in range(0, MODELS, 400):  # the exact bounds are these, and turn cost into accuracy and back
        a, c = R(float(accuracy[n])), R(float(cost[n]))
        low, high = bounds.calibrated_least(a), bounds.constant_confidence(a, classes)
        assert math.isclose(
            float(low), float(np.log(m[n]) + slope[n] * (1 / m[n] - accuracy[n])), abs_tol=1e-9
        )
        assert math.isclose(float(high), float(largest[n]), abs_tol=1e-9)
        if c < math.log(classes):
            most, least = bounds.calibrated_accuracy(c, classes), 1 - float(bounds.calibrated_error(c)[1])
            assert least - ROUND <= accuracy[n] <= float(most) + 1e-8


def test_the_split_is_one():
    rng = np.random.default_rng(7)
    q, t = rng.dirichlet(np.ones(4), 100), rng.dirichlet(np.ones(4), 100)
    left, apart = -(t * np.log(t)).sum(-1), (t * np.log(t / q)).sum(-1)
    assert np.allclose(-(t * np.log(q)).sum(-1), left + apart) and apart.min() > 0
    cost, own, kl = (named(ANSWER, "calibration is the difference").steps[n].expr for n in (0, 2, 3))
    values = {"t": (R(1, 2), R(1, 3), R(1, 6)), "q": (R(1, 4), R(1, 4), R(1, 2))}
    cost, own, kl = (
        expr.subs(K, 3).doit().replace(sp.Indexed, lambda base, k: values[str(base.label)][k - 1])
        for expr in (cost, own, kl)
    )
    assert exact.sign(cost - own - kl) == 0 and exact.sign(kl) > 0


# Attaining cases.


def checked(model, cost, accuracy, classes):
    """Assert that a model is one, and has these numbers, exactly."""
    assert sp.Add(*(g.share for g in model)) == 1
    for group in model:
        rest = 1 - group.truth - group.other  # over the K − 2 classes that are neither
        shown = (group.share, group.truth, group.other, rest, (classes - 2) * group.other - rest)
        assert all(exact.sign(number) >= 0 for number in shown)
    assert exact.sign(models.cross_entropy(model) - cost) == 0
    assert models.accuracy(model) == accuracy


def test_every_possible_combination_has_a_model():
    for cost, accuracy, classes in both():
        checked(models.of(cost, 1 - accuracy, classes), cost, accuracy, classes)


def test_the_guarantee_is_attained():
    for cost in COSTS:
        bound = 1 - cost / sp.log(2) if float(cost) < math.log(2) else sp.S.Zero
        model = models.of(cost, 1 - bound, 10)
        assert exact.sign(models.cross_entropy(model) - cost) == 0
        assert exact.sign(models.accuracy(model) - bound) == 0
        assert named(read(cost, 10), "no better guarantee").value == bound
        assert abs(float(models.cross_entropy(model)) - float(cost)) < 1e-12


def test_over_and_under_confident_models_have_the_same_numbers():
    count = 0
    for cost, accuracy, classes in both():
        known = given(cost, classes, accuracy)
        if classes > 3 or overconfident(known, accuracy).outcome != UNDECIDED:
            continue
        for model, side in (
            (models.overconfident(cost, accuracy, classes), 1),
            (models.underconfident(cost, accuracy, classes), -1),
        ):
            checked(model, cost, accuracy, classes)
            assert exact.sign(models.confidence(model) - accuracy) == side
            count += 1
    assert count > 30


def test_a_model_at_the_edge_is_exactly_as_confident_as_accurate():
    half = R(1, 2)
    for accuracy in (R(3, 5), R(9, 10)):
        error = 1 - accuracy
        right = 1 - error / (2 * accuracy)
        model = (
            models.Group(share=accuracy, truth=right, other=1 - right),
            models.Group(share=error, truth=half, other=half),
        )
        assert models.confidence(model) == accuracy == models.accuracy(model)
        assert exact.sign(models.cross_entropy(model) - bounds.underconfident_least(accuracy)) == 0


def test_calibrated_corners_are_attained():
    for m in range(1, 9):
        assert bounds.calibrated_least(R(1, m)) == sp.log(m)
        assert exact.sign(bounds.constant_confidence(R(1, m), m) - sp.log(m)) == 0 if m > 1 else True
        slopes = bounds.slope(m + 1) - bounds.slope(m)
        assert exact.sign(slopes) > 0  # the lines make up a convex function


def test_one_confidence_costs_what_is_said():
    for accuracy in ACCURACIES:
        for classes in CLASSES:
            others = (1 - accuracy) / (classes - 1)
            shares = ((accuracy, accuracy), (1 - accuracy, others))
            cost = -sum(float(s) * math.log(q) for s, q in shares if s)
            assert math.isclose(cost, float(bounds.constant_confidence(accuracy, classes)), abs_tol=1e-12)


def test_witnesses_are_what_they_say():
    for cost in COSTS:
        found = named(read(cost, 10), "accuracy from the cross-entropy")
        at = dict(found.witness.at)
        model = models.certain(1 - at["E"]), models.wrong(at["E"], at["q"])
        assert exact.sign(models.cross_entropy(model) - found.witness.value) == 0
        assert exact.sign(models.accuracy(model) - (1 - at["E"])) == 0
    found = named(ANSWER, "cross-entropy from the accuracy").witness
    at = dict(found.at)
    model = models.certain(at["A"]), models.wrong(1 - at["A"], at["q"])
    assert models.cross_entropy(model) == found.value == 1000 and models.accuracy(model) == at["A"]
