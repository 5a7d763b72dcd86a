"""The NumPy blocks of vectors agree with exact arithmetic over the whole float range, at every size."""

import tracemalloc
from fractions import Fraction

import numpy as np
import pytest
from flint import arb

from derive.emit.vectors import blocks, supports
from tests.vector_exact import SIZES, check_terms, exact, rows, slack, ulp, ulps, without
from tests.vector_exact import quiet as quiet


def softmax(z, over=1.0):
    """Truth: log(p) / 2, p and 1 - p."""
    z = [exact(v) / exact(over) for v in z]
    top = max(range(len(z)), key=lambda k: z[k].mid())
    weights = [(v - z[top]).exp() for v in z]
    others = without(weights)
    return (
        [(v - z[top] - others[top].log1p()) / 2 for v in z],
        [w / sum(weights, arb(0)) for w in weights],
        [o / sum(weights, arb(0)) for o in others],
    )


@pytest.mark.parametrize("over", [1.0, 0.07, 2.5])
@pytest.mark.parametrize("classes", SIZES)
def test_softmax(classes, over):
    for z in rows(classes):
        half, whole, rest, near, far, beside, aside, top = blocks._log_softmax(z, over)
        log, p, q = softmax(z, over)
        assert max(ulps(half, log), ulps(whole, p), ulps(rest, q)) < 2.5
        assert max(ulps(near * far, p), ulps(beside * aside, q)) < 2.5
        assert z[top[0]] == z.max()


def test_softmax_of_many_classes():
    z = np.random.default_rng(1).uniform(-30, 30, 1000)
    half, whole, rest, *_ = blocks._log_softmax(z)
    log, p, q = softmax(z)
    assert max(ulps(half, log), ulps(whole, p), ulps(rest, q)) < 2.5
    assert ulps(whole * (1 + 1e-14), p) > 8


@pytest.mark.parametrize("far", [-730.0, -1000.0, -1390.0])
def test_factors_keep_their_digits_where_p_is_no_normal_number(far):
    z = np.array([0.0, far, -1397.0])
    _, _, _, near, far, beside, aside, _ = blocks._log_softmax(z)
    _, p, q = softmax(z)
    assert ulps(near * 1e300 * far, [v * exact(1e300) for v in p]) < 4
    assert ulps(beside * 1e300 * aside, [v * exact(1e300) for v in q]) < 4


def test_softmax_at_infinity():
    inf, nan = np.inf, np.nan
    z = np.array(
        [
            [-inf, 1, 1],
            [inf, 3, -inf],
            [inf, inf, 0],
            [-inf, -inf, -inf],
            [nan, 1, 2],
            [0, 0, 1],
        ]
    )
    _, p, q, near, far, beside, aside, _ = blocks._log_softmax(z)
    for whole, rest in ((p, q), (near * far, beside * aside)):
        np.testing.assert_allclose(whole[:2], [[0, 0.5, 0.5], [1, 0, 0]], rtol=1e-15)
        np.testing.assert_allclose(rest[:2], [[1, 0.5, 0.5], [0, 1, 1]], rtol=1e-15)
        assert np.isnan(whole[2:5]).all() and np.isnan(rest[2:5]).all()
        assert np.isfinite(whole[5]).all()


@pytest.mark.parametrize("classes", (*SIZES, 300))
def test_sums(classes):
    for x in rows(classes, number=60 if classes < 300 else 10):
        terms = list(map(exact, x))
        # Of one sign, the sum is NumPy's own, for speed: nothing cancels, a few roundings stay.
        limit = 1 if x.min() < 0 < x.max() else 3
        for computed, truth in zip(blocks._others(x), without(terms), strict=True):
            check_sum(computed, truth, terms, limit)
        check_sum(blocks._total(x)[0], sum(terms, arb(0)), terms)
        if classes <= 10:
            assert ulps(blocks._add(*x), [sum(terms, arb(0))]) < 1


def check_sum(computed, truth, terms, limit=1):
    """The sum is right to some ulp, or to some 30 digits of its largest partial sum."""
    assert ulp(computed, truth) < limit or abs(exact(computed) - truth) < slack(terms) / 2**98


def test_sums_that_cancel():
    x = np.array([1e16, 1.0, -1e16, 1e-30, 3e-17, -1.0])
    terms = list(map(exact, x))
    assert ulps(blocks._add(*x), [sum(terms)]) < 1
    assert blocks._total(np.array([1e300, 1.0, -1e300]))[0] == 1.0
    assert blocks._total(np.array([1.7e308, 1.7e308, -1.7e308, -1e308]))[0] == 1.7e308 - 1e308
    assert blocks._add(1.7e308, 1.7e308, -1.7e308) == 1.7e308
    assert blocks._add(np.inf, 1.0, 1.0) == np.inf and np.isnan(blocks._add(np.inf, -np.inf))
    np.testing.assert_array_equal(blocks._others(np.array([1.0, 1e-40, -3e-60])), [1e-40, 1.0, 1.0])


@pytest.mark.parametrize("classes", SIZES)
def test_pull_and_push(classes):
    for z, w in zip(rows(classes, limit=3), rows(classes, seed=1), strict=True):
        _, whole, rest, *factors, _ = blocks._log_softmax(z)
        _, p, q = softmax(z)
        v = list(map(exact, w))
        pulled, pushed = blocks._pull(*factors, w), blocks._push(whole, rest, w)
        for j in range(classes):
            other = [k for k in range(classes) if k != j]
            check_terms(pulled[j], [q[j] * v[j], *(-p[j] * v[k] for k in other)])
            terms = [p[k] * (v[j] - v[k]) for k in other]
            # Here p is given: what it lost where it is no normal number stays lost.
            check_terms(
                pushed[j],
                terms,
                lost=slack([v[j] - v[k] for k in other]) * exact(5e-324),
            )


def test_gradient_on_a_dominant_target():
    _, _, _, *factors, _ = blocks._log_softmax(np.array([40.0, 0.0, 0.0]))
    gradient = blocks._pull(*factors, -np.array([1.0, 0.0, 0.0]))
    assert gradient[0] == pytest.approx(-2 * np.exp(-40.0), rel=1e-15)


def test_products():
    rng = np.random.default_rng(2)
    for _ in range(200):
        factors = rng.choice([-1, 1], 5) * 10 ** rng.uniform(-300, 300, 5)
        truth = np.prod([Fraction(float(f)) for f in factors])
        assert ulps(blocks._mul(*factors), [exact(truth)]) < 4
        x = rng.uniform(-3000, 3000)
        assert ulps(blocks._exp_mul(x, *factors), [exact(x).exp() * exact(truth)]) < 6
    assert (
        blocks._mul(0.0, np.inf) == 0 and blocks._mul(0.0, np.nan) == 0 and np.isnan(blocks._mul(2.0, np.nan))
    )
    assert blocks._exp_mul(-np.inf, 1.0) == 0 and np.isnan(blocks._exp_mul(np.nan, 1.0))


def test_quotient_has_its_error():
    x, c = np.array([1.0, -2.5, 1e10]), 0.07
    quotient, error = blocks._divided(x, c)
    for v, high, low in zip(x, quotient, error, strict=True):
        assert abs(exact(high) + exact(low) - exact(v) / exact(c)) < exact(abs(high)) / 2**100


def supported(x, power):
    """Truth: max(x_j - tau, 0)."""
    x = [Fraction(float(v)) for v in x]
    order = sorted(x, reverse=True)
    n = max(k for k in range(1, len(x) + 1) if sum((v - order[k - 1]) ** power for v in order[:k]) < 1)
    mean = sum(order[:n]) / n
    if power == 1:
        tau = exact(mean - Fraction(1, n))
    else:
        tau = exact(mean) - exact((1 - sum((v - mean) ** 2 for v in order[:n])) / n).sqrt()
    return [exact(v) - tau if v >= order[n - 1] else arb(0) for v in x], tau


def near_supports(classes):
    """Vectors with ties at the threshold, one ulp from them, close to it, and with tiny components."""
    rng = np.random.default_rng([3, classes])
    for _ in range(40 if classes < 40 else 4):
        grid = rng.integers(-4, 5, classes) / 4
        yield grid
        yield np.nextafter(grid, rng.choice([-9, 9], classes))
        yield 1e3 * rng.uniform(-1, 1) + rng.uniform(-0.5, 0.5, classes)
        yield np.where(np.arange(classes) == 0, 0, 10 ** rng.uniform(-17, -1, classes) - 1)
        yield np.where(
            np.arange(classes) == 0,
            0.3,
            rng.choice([-1, 1]) * 10 ** rng.uniform(-300, -1, classes),
        )


@pytest.mark.parametrize("power", [1, 2])
@pytest.mark.parametrize("classes", (*SIZES, 100))
def test_support(classes, power):
    for x in (
        *near_supports(classes),
        *rows(classes, number=30 if classes < 100 else 5),
    ):
        s, t = supports._support(x, power)
        truth, _ = supported(x, power)
        assert [v > 0 for v in s] == [v > 0 for v in truth]
        assert ulps(t, truth) < 6
    assert ulps(t * (1 + 1e-14), truth) > 6


@pytest.mark.parametrize("power", [1, 2])
def test_support_at_infinity(power):
    inf, nan = np.inf, np.nan
    x = np.array([[inf, 1, -inf], [-inf, 0, 2], [inf, inf, 0], [-inf, -inf, -inf], [nan, 0, 1]])
    s, t = supports._support(x, power)
    np.testing.assert_array_equal(s[:2], [[1, 0, 0], [0, 0, 1]])
    np.testing.assert_array_equal(t[:2], [[1, 0, 0], [0, 0, 1]])
    assert np.isnan(s[2:]).all() and np.isnan(t[2:]).all()


@pytest.mark.parametrize("tiny", [(6e-18, 1e-25), (1e-235, 6e-263), (3e-20, 2e-20)], ids=str)
def test_several_tiny_components_are_right_to_thirty_digits_of_1(tiny):
    x = np.array([1.0, *tiny])
    assert np.abs(supports._support(x, 2)[1] - x).max() < 1e-30


@pytest.mark.parametrize("classes", SIZES)
def test_shortfall(classes):
    """For any y, also where it sums to 1 but for rounding: in ulp of what is added."""
    random = np.random.default_rng(classes)
    for x in (*near_supports(classes), *rows(classes)):
        t = supports._support(x, 1)[1]
        _, tau = supported(x, 1)
        for y in (np.eye(classes)[-1], random.dirichlet(np.ones(classes))):
            off = [(exact(w), exact(v)) for w, v, inside in zip(y, x, t > 0, strict=True) if not inside]
            lack = 1 - sum(map(exact, y), arb(0))
            true = (sum((w * (tau - v) for w, v in off), arb(0)) + tau * lack) / 2
            scale = abs(true) + abs(lack) + sum((w * (exact(max(x)) - v) for w, v in off), arb(0))
            assert abs(exact(supports._shortfall(x, y, t)[0]) - true) <= scale * 1e-15 + 5e-324


def margins(a, y):
    """Truth: the multi-label margin loss and its slope, over all pairs."""
    a, classes = [Fraction(float(v)) for v in a], len(a)
    loss, slope = Fraction(0), [Fraction(0)] * classes
    for j in np.flatnonzero(y):
        for i in np.flatnonzero(y == 0):
            if (inside := 1 - a[j] + a[i]) > 0:
                loss += inside
                slope[j] -= 1
                slope[i] += 1
    return exact(loss / classes), [exact(v / classes) for v in slope]


@pytest.mark.parametrize("classes", (*SIZES, 40))
def test_pairs(classes):
    rng = np.random.default_rng(4)
    for a in (*near_supports(classes), *rows(classes)):
        y = rng.integers(0, 2, classes).astype(float)
        loss, slope = supports._pairs(a, y)
        truth, slopes = margins(a, y)
        assert ulps(slope, slopes) < 1
        assert ulps(loss, [truth]) < 8


CALLS = {
    "softmax": lambda z: blocks._log_softmax(z, 0.5)[:7],
    "total": lambda z: (blocks._total(z),),
    "others": lambda z: (blocks._others(z),),
    "pull": lambda z: (blocks._pull(*blocks._log_softmax(z)[3:7], z),),
    "push": lambda z: (blocks._push(abs(z), 1 - abs(z), z),),
    "support": lambda z: supports._support(z, 1),
    "support of squares": lambda z: supports._support(z, 2),
    "shortfall": lambda z: (supports._shortfall(z, abs(z), supports._support(z, 1)[1]),),
    "unit": blocks._unit,
    "portions": blocks._portions,
    "ray": lambda z: blocks._ray(z, -z[..., ::-1])[:4],
    "across": lambda z: (blocks._across(z, z[..., ::-1]),),
    "turned": lambda z: (blocks._turned(z, z[..., ::-1], z + 1),),
    "pairs": lambda z: supports._pairs(z, (z > 0).astype(float)),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_leading_axes_and_empty_batches(call):
    z = np.random.default_rng(5).uniform(-1, 1, (4, 2, 5))
    given = z.copy()
    for n in np.ndindex(4, 2):
        for whole, row in zip(call(z), call(z[n]), strict=True):
            np.testing.assert_array_equal(whole[n], row)
    np.testing.assert_array_equal(z, given)
    for empty in call(z[:0]):
        assert empty.shape[:2] == (0, 2)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_memory_is_linear_in_the_number_of_components(call):
    z = np.random.default_rng(6).uniform(-1, 1, 2000)
    tracemalloc.start()
    call(z)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 60 * z.nbytes
