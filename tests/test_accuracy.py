"""Truth, its rounding, κ, points and measurement, each on cases that can be worked out by hand."""

import math

import flint
import mpmath
import numpy as np
import pytest
from flint import arb

from derive import bounds, catalogue
from derive.accuracy.kappa import kappa, kappa_y, kappa_z
from derive.accuracy.kinks import kink_points, switches
from derive.accuracy.limits import limit
from derive.accuracy.measure import measure, ulps
from derive.accuracy.points import SPECIAL, inside, points, targets
from derive.accuracy.truth import QUANTITIES, at_kink, derivatives, formula, rounded, truth
from derive.model import ELEMENTWISE, domain_of
from tables import pairs

ENTRIES = (*catalogue.ACTIVATIONS, *catalogue.LOSSES)
NAMES = {*("+".join(names) for names in catalogue.legal_pairs()), *(entry.name for entry in ENTRIES)}
EVERY = [*(catalogue.pair(*names) for names in pairs()), *ENTRIES]
SUBJECTS = [subject for subject in EVERY if subject.kind == ELEMENTWISE]
TINY, MAX = 2.0**-1074, float(np.finfo(float).max)


def about(*names, **parameters):
    """The plain formula of a pair or of one name."""
    return formula(catalogue.subject(*names), parameters)


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.name)
def test_truth_is_reached_over_the_whole_range(subject):
    plain = formula(subject)
    z = np.array(SPECIAL["float64"])
    z = inside(np.concatenate([z, -z]), domain_of(subject), "float64")
    for y in targets(plain, 1):
        found = truth(plain, z, np.full(len(z), y))
        assert not np.isnan(found.hi[0]).any()
        jumps = np.isnan(found.hi).any(axis=0)
        assert jumps.sum() <= 4 * len(switches(plain))  # 0 and −0 among the special points, and z = y


@pytest.mark.parametrize("z", [-700.0, -3.5, 1e-12, 0.75, 40.0])
def test_truth_of_sigmoid_bce_by_mpmath(z):
    with mpmath.workdps(800):
        a = 1 / (1 + mpmath.exp(-mpmath.mpf(z)))
        wanted = [-mpmath.log(1 - a), a, a * (1 - a)]
        wanted = [float(v) for v in wanted]
    found = truth(about("sigmoid", "bce"), np.array([z]), np.zeros(1))
    assert found.hi[:, 0].tolist() == wanted


def test_truth_of_gradient_at_the_issue_point():
    found = truth(about("sigmoid", "bce"), np.array([40.0]), np.ones(1))
    assert found.hi[1, 0] == -4.248354255291589e-18


@pytest.mark.parametrize(
    ("power", "below", "value"),  # 2^power − 2^below
    [
        (1024, 969, math.inf),
        (1024, 971, MAX),
        (5000, 4999, math.inf),
        (-1074, -1075, 0.0),  # a tie, to even
        (-1074, -1076, TINY),
        (-1073, -1100, 2 * TINY),
        (-1022, -1074, 2.0**-1022 - TINY),
    ],
)
def test_rounding_to_the_nearest_float(power, below, value):
    with flint.ctx.workprec(128):
        ball = arb(2) ** power - arb(2) ** below
        assert rounded(ball)[0] == value and rounded(-ball)[0] == -value


def error(value, hi, lo=0.0, dtype="float64"):
    """The error of one value in ulp."""
    return float(ulps(np.array([value]), np.array([hi]), np.array([lo]), dtype)[0])


def test_ulp():
    eps = 2.0**-52
    assert error(1 + eps, 1.0) == 1
    assert error(1.0, 1.0, eps / 4) == 0.25
    assert error(1 + 2.0**-23, 1.0, dtype="float32") == 1
    assert error(0.0, 1e-300) > 1e15 and error(math.nan, 1.0) == math.inf
    assert (
        error(math.inf, math.inf) == 0
        and error(MAX, math.inf) == math.inf
        and error(-math.inf, math.inf) == math.inf
    )
    assert error(math.inf, 1e39, dtype="float32") == 0 and error(1e38, 1e39, dtype="float32") == math.inf
    assert error(3 * TINY, 0.0) == 0 and error(1.0, 0.0) > 1e300 and error(1e-310, 2e-310) == 0


def test_kappa_of_a_soft_target_is_that_of_the_difference():
    close = kappa_y(about("identity", "half_squared_error"), "gradient", 1.5, 1.25)
    assert close == pytest.approx(1.25 / 0.25)
    assert kappa_y(about("identity", "half_squared_error"), "gradient", 1.5, 1.0) == 0
    assert kappa_y(about("sigmoid", "bce"), "gradient", 40.0, 1.0) == 0


def test_kappa_beside_a_double_root_is_that_of_rounded_outputs():
    """At y = fl(σ(z)) an ulp of the output multiplies the loss."""
    plain, z = about("sigmoid", "squared_error"), 0.7
    output = truth(about("sigmoid"), np.array([z]), np.zeros(1))
    hi, lo = float(output.hi[0, 0]), float(output.lo[0, 0])
    slope = kappa_y(plain, "gradient", z, hi)
    assert slope == pytest.approx(hi / abs(lo), rel=1e-6)
    assert kappa_y(plain, "loss", z, hi) > 2 * slope
    assert kappa_y(plain, "loss", z, 0.25) == pytest.approx(2 * kappa_y(plain, "gradient", z, 0.25))


def test_kappa_takes_no_step_beyond_the_targets():
    for y in (1 - 2.0**-53, 1 - 3 * 2.0**-53):  # beyond 1 the logarithm of 1 - y has no value
        assert 0 < kappa_y(about("probit", "kl_bernoulli"), "loss", 7.977564896051369, y) < math.inf


def test_kappa_of_a_root_is_the_relative_distance():
    softplus = about("softplus", "half_squared_error")
    root = math.log(math.e - 1)
    for z in (root * 1.001, root * 0.99, root + 1e-9):
        for quantity in ("gradient", "loss"):
            assert kappa_z(softplus, quantity, z, 1.0) == pytest.approx(root / abs(z - root), rel=0.2)
    assert kappa(softplus, "gradient", 4 * root, 1.0) == 0
    assert kappa_z(softplus, "gradient", float(np.float64(root)), 1.0) > 1e14


@pytest.mark.parametrize("turns", [3, 1000, 10**9])
def test_kappa_is_that_of_the_nearest_of_many_roots(turns):
    wave = about("sin", omega=1.0)
    for part in (0.25, -0.125, 1e-3):
        z = (turns + part) * math.pi
        assert kappa_z(wave, "loss", z, 0.0) == pytest.approx(turns / abs(part), rel=0.2)


@pytest.mark.parametrize(("z", "seen"), [(4.592585944391542e184, True), (1e184, False)])
def test_kappa_sees_roots_between_neighbouring_floats(z, seen):
    """(1 + sin(30 z))² has a root less than an ulp from both; it is small at the first only."""
    with mpmath.workdps(700):
        phase = 30 * mpmath.mpf(z) + mpmath.pi / 2
        way = abs(phase - 2 * mpmath.pi * mpmath.nint(phase / (2 * mpmath.pi)))
    assert way / 30 < math.ulp(z)
    assert (way < 0.01) == seen
    assert (kappa_z(about("sin", "squared_error"), "loss", z, -1.0) == math.inf) == seen


def test_kappa_is_zero_at_saturation():
    for z in (-800.0, -40.0, 40.0, 700.0):
        for y in (0.0, 1.0):
            assert [kappa(about("sigmoid", "squared_error"), q, z, y) for q in ("gradient", "hessian")] == [
                0,
                0,
            ]


def test_conventions_at_kinks():
    assert [float(v) for v in at_kink(about("relu", "squared_error"), 0.0, 1.0)] == [1, 0, 0]
    assert [float(v) for v in at_kink(about("identity", "absolute_error"), 0.5, 0.5)] == [0, 0, 0]
    assert [float(v) for v in at_kink(about("identity", "huber"), 1.5, 0.5)] == [0.5, 1, 0]
    assert [float(v) for v in at_kink(about("elu", alpha=2.5), 0.0, 0.0)] == [0, 1, 0]
    assert [float(v) for v in at_kink(about("elu", alpha=0.5), 0.0, 0.0)] == [0, 0.5, 0]
    (kink,) = kink_points(about("identity", "hinge"), -1.0)
    assert (kink.left, kink.at, kink.right) == (np.nextafter(-1, -2), -1.0, np.nextafter(-1, 0))


def test_limits():
    assert limit(about("sigmoid", "bce"), "gradient", math.inf, 1.0) == 0
    assert limit(about("sigmoid", "bce"), "loss", math.inf, 0.0) == math.inf
    assert limit(about("softplus", "poisson"), "loss", -math.inf, 1.0) == math.inf
    assert limit(about("identity", "log_cosh"), "gradient", -math.inf, 0.25) == -1
    assert limit(about("inverse_squared", "tweedie"), "loss", math.inf, 0.0) == 0  # z**(-1/4)
    assert limit(about("identity", "cauchy"), "loss", math.inf, 0.0) == math.inf  # 2 log z


@pytest.mark.parametrize("end", [-math.inf, math.inf])
def test_waves_have_no_limit_but_where_the_loss_is_flat(end):
    for quantity in QUANTITIES:
        for loss, y in (("hinge", 1.0), ("huber", -5.0), ("perceptron", -1.0), ("tweedie_log", 17.0)):
            assert math.isnan(limit(about("sin", loss), quantity, end, y)), (loss, quantity)
    assert limit(about("sin", "tukey"), "loss", end, 6.0) == pytest.approx(4.685**2 / 6, rel=1e-15)
    assert limit(about("sin", "tukey"), "gradient", end, 6.0) == 0


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("names", [("sigmoid", "bce"), ("gelu",), ("bce",)])
def test_points_cover_the_format(names, dtype):
    plain = about(*names)
    z, y = points(plain, dtype)
    assert np.array_equal(z, z.astype(dtype)) and np.array_equal(y, y.astype(dtype)) and z.shape == y.shape
    assert np.array_equal(points(plain, dtype)[0], z)
    info = np.finfo(dtype)
    if names == ("bce",):
        assert 0 < z.min() < info.eps**2 and 1 - 2 * info.eps < z.max() < 1
    else:
        assert {info.max, -info.max} <= set(z) and (np.abs(z[z != 0]) < info.tiny).any()
        assert ((np.abs(z) > 10) & (np.abs(z) < 100)).mean() > 0.02


def test_measurement_counts():
    plain = about("activation:exponential")
    z = np.array([0.0, 1.0, 2.0, 800.0, -20.0])
    found = truth(plain, z, np.zeros(5))
    given = np.array([1.0, math.nan, math.exp(2.0) * (1 + 2.0**-50), 1e300, 0.0])
    row = measure({"value": lambda z: given}, found, "loss", "float64")
    assert (row.points, row.bad, row.missed, row.spurious) == (5, 1, 1, 1)
    right = np.exp(z, where=z < 700, out=np.full(5, math.inf))
    row = measure({"value": lambda z: right}, found, "loss", "float64")
    assert (row.bad, row.missed, row.spurious) == (0, 0, 0) and row.worst < 1


def test_every_exception_to_the_default_bound_is_above_it_and_has_a_reason():
    rows = bounds.EXCEPTIONS
    assert all(allowed > bounds.DEFAULT and why for *_, allowed, why in rows)
    assert {name for name, *_ in rows} <= NAMES
    assert bounds.bound("sigmoid+absolute_error", "gradient") == bounds.DEFAULT
    for name, quantity, allowed, _ in bounds.EXCEPTIONS:
        assert bounds.bound(name, quantity) == allowed


def test_derivatives_accept_balls():
    value = derivatives(about("activation:exponential"), arb(3000), 0.0, 0, side=1)[0]
    assert value > arb(2) ** 4000
