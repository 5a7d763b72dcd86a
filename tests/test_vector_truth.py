"""Truth of vector subjects in balls: against closed forms, differences and worked examples."""

import flint
import numpy as np
import pytest
from flint import arb
from sympy import Eq, KroneckerDelta, Piecewise, Rational, Sum, log

from derive.accuracy.vectors.balls import balls
from derive.accuracy.vectors.kappa import kappa
from derive.accuracy.vectors.measure import measure
from derive.accuracy.vectors.rows import Row, domain, hard_targets, rows, target_shape
from derive.accuracy.vectors.run import evaluate, evaluate_run, forward
from derive.accuracy.vectors.steps import contradictions
from derive.accuracy.vectors.tape import Meanings, tape
from derive.accuracy.vectors.truth import certified, quantities, truth
from derive.catalogue import ACTIVATIONS, LOSSES, legal_pairs, subject
from derive.catalogue.vector_parts import total
from derive.model import (
    HS,
    I_,
    NONNEGATIVE,
    PS,
    TS,
    UNIT_CLOSED,
    VECTOR,
    YS,
    ZS,
    Finite,
    J,
    K,
    LogSimplex,
    M,
    N,
    Nonzero,
    OneHot,
    Simplex,
    entries,
)

SINGLES = [e for e in (*ACTIVATIONS, *LOSSES) if e.kind == VECTOR]
PAIRS = [subject(*names) for names in legal_pairs() if subject(*names).kind == VECTOR]
SOME = PAIRS[::17]
NONE = np.zeros(0)


def name_of(about):
    return about.name


def floats(about, quantity, x, y=NONE):
    row = Row(x=np.array(x, float), y=np.array(y, float))
    return [float(b.mid()) for b in truth(about, quantity, row)]


# --- evaluation ---

SIZES = {K: 3}
NUMBERS = {ZS: [1, 2, 4], YS: [3, 5, 7], HS: [[0, 1, 0], [1, 1, 0], [0, 0, 1]]}
EVALUATED = {
    "a component": (ZS[J] + YS[J], [4, 7, 11]),
    "two axes, i before j": (ZS[I_] - YS[J], [[-2, -4, -6], [-1, -3, -5], [1, -1, -3]]),
    "k before i": (ZS[I_] * YS[N], [[3, 6, 12], [5, 10, 20], [7, 14, 28]]),
    "a sum": (total(ZS[N] * YS[N]), 41),
    "a sum of what does not depend on its index": (total(ZS[J]), [3, 6, 12]),
    "a bound name twice": (total(ZS[N] * total(YS[N])), 105),
    "nested sums": (Sum(Sum(HS[I_, J] * ZS[I_] * YS[J], (I_, 1, K)), (J, 1, K)), 5 + 6 + 10 + 28),
    "delta": (KroneckerDelta(I_, J) * ZS[J], [[1, 0, 0], [0, 2, 0], [0, 0, 4]]),
    "delta under a sum": (total(KroneckerDelta(J, N) * YS[N]), [3, 5, 7]),
    "cases": (Piecewise((ZS[J], Eq(I_, J)), (0, True)), [[1, 0, 0], [0, 2, 0], [0, 0, 4]]),
    "a number as index": (ZS[2] * YS[J], [6, 10, 14]),
    "the size": (K * ZS[J], [3, 6, 12]),
    "powers": (ZS[J] ** 2 / 2 - ZS[J] ** -1, [-0.5, 1.5, 7.75]),
    "a root": ((ZS[3]) ** Rational(1, 2), 2),
    "the diagonal": (HS[J, J], [0, 1, 1]),
}


@pytest.mark.parametrize("case", EVALUATED)
def test_every_index_is_an_axis(case):
    expr, wanted = EVALUATED[case]
    found = evaluate(expr, NUMBERS, SIZES)
    assert np.vectorize(float, otypes=[float])(found).tolist() == wanted


def test_letters_stand_for_vectors_and_matrices():
    """A matrix h_ij = z_i y_j, and its diagonal by a letter p of its own."""
    meanings = Meanings(vectors=((HS, ZS[I_] * YS[J]), (PS, HS[J, J])))
    given = {base: balls(NUMBERS[base])[None] for base in (ZS, YS)}
    run = forward(tape(PS[J] + total(HS[N, J]), meanings), given, SIZES)
    assert [float(b) for b in evaluate_run(run, (J,))] == [3 + 21, 10 + 35, 28 + 49]


def test_exact_zero_wins_over_an_infinite_factor():
    with flint.ctx.workprec(100):
        found = evaluate(total(YS[N] * log(YS[N])), {YS: [0.0, 1.0, 2.0]}, SIZES)
        assert found[()].overlaps(2 * arb(2).log()) and found[()].is_finite()


# --- truth against closed forms ---


def closed_softmax(row):
    """Loss, gradient and Hessian of softmax + cross_entropy: −Σ y log p, p Σy − y, Σy p (δ − p)."""
    z, y = ([arb(float(v)) for v in values] for values in (row.x, row.y))
    top = max(z, key=float)
    weights = [(v - top).exp() for v in z]
    whole, mass = sum(weights, arb(0)), sum(y, arb(0))
    p = [w / whole for w in weights]
    logs = [v - top - whole.log() for v in z]
    loss = -sum((t * v for t, v in zip(y, logs, strict=True) if t != 0), arb(0))
    bends = [mass * a * (int(i == j) - b) for i, a in enumerate(p) for j, b in enumerate(p)]
    return [loss], [a * mass - t for a, t in zip(p, y, strict=True)], bends


def closed_rmse(row):
    gap = [arb(float(a)) - arb(float(y)) for a, y in zip(row.x, row.y, strict=True)]
    return [sum((g * g for g in gap), arb(0)) / 2], gap, [arb(int(n)) for n in np.eye(len(gap)).ravel()]


def closed_gates(row):
    """u v, and its slopes v and u on two diagonals."""
    u, v = np.split(row.x, 2)
    value = [arb(float(a)) * arb(float(b)) for a, b in zip(u, v, strict=True)]
    return value, [arb(float(n)) for n in np.hstack([np.diag(v), np.diag(u)]).ravel()]


CLOSED = {"softmax+cross_entropy": closed_softmax, "multi_rmse": closed_rmse, "bilinear_glu": closed_gates}


@pytest.mark.parametrize("name", CLOSED)
def test_truth_is_the_closed_form_at_all_rows(name):
    about = subject(name)
    for row in rows(about, size=1):
        with flint.ctx.workprec(4096):
            wanted = CLOSED[name](row)
        for quantity, numbers in zip(quantities(about), wanted, strict=True):
            found = truth(about, quantity, row)
            assert len(found) == len(numbers)
            assert all(
                a.overlaps(b) or abs(a - b) < arb(2) ** -1290 for a, b in zip(found, numbers, strict=True)
            )


def test_dominant_target_at_a_gap_of_forty():
    row = Row(x=np.array([40.0, 0.0, -1.0]), y=np.array([1.0, 0.0, 0.0]))
    found = truth(subject("softmax", "cross_entropy"), "gradient", row)
    with flint.ctx.workprec(200):
        parts = [arb(n).exp() for n in (-40, -41)]
        exact = -sum(parts) / (1 + sum(parts))
        assert found[0].overlaps(exact) and found[0].rel_accuracy_bits() >= 118


def near(about, classes):
    """A moderate row without ties."""
    random = np.random.default_rng(5)
    found = [row for row in rows(about, classes=(classes,), size=1) if np.all(np.abs(row.x) <= 10)]
    row = found[random.integers(len(found))]
    inside = isinstance(domain(about), Simplex) or domain(about) == UNIT_CLOSED
    low, high = (0.1, 0.9) if inside else (-3, -0.1) if isinstance(domain(about), LogSimplex) else (-2, 2)
    return Row(x=random.uniform(low, high, len(row.x)), y=row.y)


STEP = 2.0**-30


def differences(about, quantity, row):
    """Central differences of a quantity, input by input, from its truth."""
    columns = []
    for n in range(len(row.x)):
        up, down = (
            truth(about, quantity, Row(x=row.x + sign * STEP * np.eye(len(row.x))[n], y=row.y))
            for sign in (1, -1)
        )
        columns.append([float(((a - b) / (2 * STEP)).mid()) for a, b in zip(up, down, strict=True)])
    return np.array(columns).T.ravel()


@pytest.mark.parametrize("classes", (1, 2, 3))
@pytest.mark.parametrize("about", SINGLES + SOME, ids=name_of)
def test_derivatives_are_those_of_the_formula(about, classes):
    """Each quantity against central differences of the one before it; the first is the formula itself."""
    row = near(about, classes)
    for before, quantity in zip(quantities(about), quantities(about)[1:], strict=False):
        found = np.array([float(b.mid()) for b in truth(about, quantity, row)])
        with flint.ctx.workprec(300):
            wanted = differences(about, before, row)
        scale = max(1.0, np.abs(found).max())
        assert np.abs(found - wanted).max() <= 1e-9 * scale, quantity


@pytest.mark.parametrize("about", PAIRS, ids=name_of)
def test_every_pair_has_a_certain_truth(about):
    found = rows(about, classes=(1, 3), size=1)
    for row in found[:: max(1, len(found) // 6)]:
        for quantity in quantities(about):
            assert all(b.is_finite() for b in truth(about, quantity, row))


@pytest.mark.parametrize("name", ("softmax+cross_entropy", "sparsemax_loss", "triplet", "multilabel_margin"))
def test_a_thousand_classes(name):
    about = subject(name)
    row = rows(about, classes=(1000,), size=1)[0]
    assert len(truth(about, "gradient", row)) == len(row.x)


def test_undefined_is_no_truth():
    """The distance of equal vectors has no slope; its square has one."""
    with pytest.raises(ArithmeticError):
        floats(subject("contrastive"), "gradient", [1, 2, 1, 2], 0.0)
    assert floats(subject("contrastive"), "gradient", [1, 2, 1, 2], 1.0) == [0, 0, 0, 0]
    with pytest.raises(ArithmeticError):
        floats(subject("l2_normalize"), "loss", [0, 0])


# --- selections ---

TIES = {  # subject, x, y: value (or loss) and gradient, at a tie and a float beside it
    "outside the support on its threshold": ("sparsemax", [1, 0], NONE, [1, 0], [0, 0, 0, 0]),
    "inside it one float higher": ("sparsemax", [1, 2.0**-1074], NONE, [1, 0], [0.5, -0.5, -0.5, 0.5]),
    "equal ones share": ("sparsemax", [3, 3, 1], NONE, [0.5, 0.5, 0], [0.5, -0.5, 0, -0.5, 0.5, 0, 0, 0, 0]),
    "the threshold of 1.5-entmax": ("entmax15", [2, 0], NONE, [1, 0], [0, 0, 0, 0]),
    "a margin just kept": ("multi_margin", [1.5, 0.5], [1, 0], 0, [0, 0]),
    "one float short of it": ("multi_margin", [1.5, 0.5 + 2.0**-53], [1, 0], 2.0**-54, [-0.5, 0.5]),
    "the first of equal ones": ("multiclass_perceptron", [2, 2, 1], [0, 1, 0], 0, [1, -1, 0]),
    "the largest with the label's margin": ("crammer_singer", [2, 1, 1], [0, 0, 1], 2, [1, 0, -1]),
    "a closed gate at 0": ("reglu", [3, 0], NONE, [0], [0, 0]),
    "an open gate above": ("reglu", [3, 2.0**-1074], NONE, [3 * 2.0**-1074], [2.0**-1074, 3]),
    "a quantile on the target": ("multi_quantile", [1, 2], 1.0, 0.5, [-0.5, 0.5]),
    "pairs of labels": ("multilabel_margin", [1, 0, 0.5], [1, 0, 0], 0.5 / 3, [-1 / 3, 0, 1 / 3]),
}


@pytest.mark.parametrize("case", TIES)
def test_ties_follow_the_convention(case):
    name, x, y, value, gradient = TIES[case]
    about = subject(name)
    assert floats(about, "loss", x, y) == pytest.approx(np.atleast_1d(value).tolist(), rel=1e-15)
    assert floats(about, "gradient", x, y) == pytest.approx(gradient, rel=1e-15)


def test_rounded_outputs_that_tie_follow_the_convention():
    """Equal probabilities cannot be told apart by more digits."""
    about = subject("softmax", "multiclass_perceptron")
    assert floats(about, "loss", [1, 1, 0], [0, 1, 0]) == pytest.approx([0], abs=1e-300)
    assert floats(about, "gradient", [1, 1], [0, 1]) == pytest.approx([0.5, -0.5])


# --- kappa ---


def kappas(name, quantity, x, y=NONE):
    row = Row(x=np.array(x, float), y=np.array(y, float))
    true = certified(subject(name), quantity, row)
    return [kappa(true, n) for n in range(len(true.hi))]


def test_kappa_of_a_difference():
    """q = a − y: y/(a − y) for a soft y, and a/(a − y) for the root at a = y, seen an eighth farther away."""
    found = kappas("multi_rmse", "gradient", [2.5, 2.5, 3.0], [2.25, 1.0, 1.25])
    assert found == pytest.approx([9 + 10 / 1.125, 0, 1.25 / 1.75], rel=1e-6)


def test_kappa_near_a_root_that_no_target_makes():
    """p_1 − y_1 = 0 for z_1 − z_2 = log 3 and y = 3/4; the distance is measured with 1 for small z."""
    z = np.log(3) + 2.0**-20
    alone = kappas("softmax+cross_entropy", "gradient", [z, 0.0], [0.75, 0.25])[0]
    slope = 0.75 * 0.25
    moves = 0.75 * 0.25 + 0.25 * 0.75  # |∂q/∂y_k| are 1 − p_1 and p_1
    wanted = moves / (slope * 2.0**-20) + (np.log(3) + 1) / (1.125 * 2.0**-20)
    assert alone == pytest.approx(wanted, rel=1e-3)


def test_saturation_has_no_kappa():
    assert kappas("softmax+cross_entropy", "gradient", [60, 0, -1], [1, 0, 0]) == [0, 0, 0]
    assert kappas("softmax+cross_entropy", "gradient", [1e5, 0.0], [1, 0]) == [0, 0]
    assert kappas("softmax", "gradient", [40, 0]) == [0, 0, 0, 0]


def test_a_factor_has_no_kappa():
    """u v is as accurate for small u as elsewhere."""
    assert kappas("bilinear_glu", "loss", [1e-9, 3.0]) == [0]
    assert kappas("glu", "loss", [1e-300, -3.0]) == [0]


def test_kappa_at_a_root_is_infinite():
    assert kappas("softmax+cross_entropy", "gradient", [0, 0], [0.5, 0.5]) == [np.inf, np.inf]


def test_kappa_is_infinite_where_rounding_may_change_a_selection():
    """p_2 − p_1 + 1/4 = 0 up to an ulp is one; exact inputs decide exactly."""
    assert kappas("softmax+multiclass_perceptron", "gradient", [1, 1 + 2.0**-52], [1, 0]) == [np.inf] * 2
    assert kappas("softmax+multiclass_perceptron", "gradient", [1, 1.01], [1, 0])[0] < np.inf
    assert kappas("multiclass_perceptron", "gradient", [1, 1 + 2.0**-52], [1, 0]) == [0, 0]


# --- rows ---


@pytest.mark.parametrize("about", SINGLES + SOME, ids=name_of)
@pytest.mark.parametrize("dtype", ("float64", "float32"))
def test_rows_are_numbers_of_their_domains(about, dtype):
    found = rows(about, dtype)
    assert rows(about, dtype)[7].x.tolist() == found[7].x.tolist()
    assert {len(row.x) for row in found} >= {2, 3, 10} or len(found[0].x) > 1
    for row in found:
        assert np.array_equal(row.x, row.x.astype(dtype)) and np.isfinite(row.x).all()
        assert inside(domain(about), row.x)
        _, loss = entries(about)
        shapes = {"none": (0,), "scalar": (), "vector": row.y.shape}
        assert row.y.shape == shapes[target_shape(about)]
        assert loss is None or inside(loss.target, row.y, exact=False)


def inside(domain_of_row, x, exact=True):
    """Whether a vector lies in a set, which holds each component where it is an interval."""
    if isinstance(domain_of_row, OneHot):
        return sorted(x) == [0] * (len(x) - 1) + [1]
    if isinstance(domain_of_row, Nonzero):
        return bool(x.any())
    if isinstance(domain_of_row, Finite):
        return set(x.ravel()) <= set(domain_of_row.values)
    if isinstance(domain_of_row, LogSimplex):
        return bool((x <= 0).all())
    if isinstance(domain_of_row, Simplex):  # slopes in a probability are free, targets are not
        low = (x >= 0) if domain_of_row.closed else (x > 0)
        return bool(low.all() and (x <= 1).all() and (exact or abs(x.sum() - 1) < 1e-14))
    return bool((float(domain_of_row.lo) <= x).all() and (x <= float(domain_of_row.hi)).all())


def test_rows_reach_what_they_are_for():
    found = rows(subject("softmax", "cross_entropy"))
    assert max(np.abs(row.x).max() for row in found) > 1e300
    assert any(0 < np.abs(row.x).min() < 1e-308 for row in found)
    assert any(35 < np.ptp(row.x) < 45 for row in found)
    counts = rows(subject("listnet"))
    assert inside(NONNEGATIVE, np.concatenate([row.y for row in counts])) and any(
        row.y.max() > 1 for row in counts
    )


def test_minus_one_is_no_label_of_a_probability():
    about = subject("softmax", "half_squared_error")
    assert hard_targets(about) == (0, 1) and hard_targets(subject("glu+half_squared_error")) == (-1, 0, 1)
    assert not any((row.y == -1).any() for row in rows(about))
    assert kappas(about.name, "loss", [0.0, 2.0], [-1.0, 0.0])[0] > 0


# --- measure ---


def test_measured_errors_and_planted_defects():
    about = subject("multi_rmse")
    true = [certified(about, "gradient", row) for row in rows(about, size=1)]
    good = {"grad": lambda a, y: a - y}
    assert measure(good, about, "gradient", true, "float64").worst <= 0.5
    off = {"grad": lambda a, y: (a - y) * (1 + 2.0**-45)}
    assert measure(off, about, "gradient", true, "float64").worst > 100
    assert measure({"grad": lambda a, y: a - y + np.nan}, about, "gradient", true, "float64").bad > 0
    assert measure({"grad": lambda a, y: 0 * (a - y)}, about, "gradient", true, "float64").spurious > 0


def test_parameters_of_a_row_reach_truth_and_code():
    about = subject("weighted_cross_entropy")
    row = Row(x=np.array([0.5, 0.25]), y=np.array([0.0, 1.0]), parameters=(("class_weight", (1.0, 3.0)),))
    assert [float(b.mid()) for b in truth(about, "loss", row)] == pytest.approx([3 * np.log(4)])
    code = {"loss": lambda a, y, class_weight: -(class_weight * y * np.log(a)).sum(-1)}
    assert measure(code, about, "loss", [certified(about, "loss", row)], "float64").worst < 4


# --- what a step means ---

P_MINUS_Y = PS[J] - YS[J]
CLAIMS = [  # subject, quantity, what it is, what it is not
    ("softmax+cross_entropy", "dL/dz", P_MINUS_Y, YS[J] - PS[J]),
    ("softmax+cross_entropy", "d2L/dz2", PS[I_] * (KroneckerDelta(I_, J) - PS[J]), PS[I_] * PS[J]),
    ("softmax+cross_entropy", "dL/da", -YS[N] / PS[N], YS[N] / PS[N]),
    ("softmax+cross_entropy", "Hv", PS[J] * (TS[J] - total(PS[N] * TS[N])), PS[J] * TS[J]),
    ("softmax", "da/dz", PS[N] * (KroneckerDelta(N, J) - PS[J]), PS[N] * (KroneckerDelta(N, J) - PS[N])),
    ("softmax", "Jv", PS[J] * (TS[J] - total(PS[N] * TS[N])), PS[J] * (TS[J] - total(PS[N] * TS[N]) ** 2)),
]


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: f"{claim[0]}, {claim[1]}")
def test_a_wrong_step_is_contradicted(claim):
    name, quantity, right, wrong = claim
    about = subject(name)
    for classes in (1, 2, 3, 7):
        assert contradictions(about, quantity, right, classes) == ()
    assert all(contradictions(about, quantity, wrong, classes) for classes in (3, 7))


def test_a_quantity_without_a_meaning_is_refused():
    with pytest.raises(ValueError, match="no quantity"):
        contradictions(subject("softmax"), "nonsense", PS[J], 2)
    with pytest.raises(ValueError, match="indices"):
        contradictions(subject("softmax"), "output", PS[J] * PS[M], 2)
