"""loss_and_grad over vectors: what loss and grad give, where it belongs, in little memory and one pass."""

import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import derive
from derive import catalogue
from derive.accuracy.vectors.rows import rows
from derive.emit.vectors.together import has_joint
from derive.model import VECTOR
from derive.program.vectors import VectorProgram, routines
from tables import derivation, label

KINDS = ("float64", "float32")
ULPS = 8  # two results, each with some rounding of its own
LARGEST_PIECE = 2**18


def is_joint(names):
    """Whether a pair's loss and gradient come in one pass."""
    subject = catalogue.pair(*names)
    return has_joint(subject, VectorProgram(subject=subject, inputs=(), routines=routines(subject)))


VECTORS = [n for n in derive.reference_pairs() if catalogue.pair(*n).kind == VECTOR]
JOINT = [names for names in VECTORS if is_joint(names)]
PAIRS = [*JOINT, *[names for names in VECTORS if names not in JOINT][::2]]
EVERY = pytest.mark.parametrize("names", PAIRS, ids=label)
EACH_JOINT = pytest.mark.parametrize("names", JOINT, ids=label)


def functions(names):
    return [derivation(names).module[name] for name in ("loss_and_grad", "loss", "grad")]


def hard_rows(names, dtype, classes):
    """Logits and targets of one number of classes, the targets hard, as two arrays."""
    subject = catalogue.pair(*names)
    found = [r for r in rows(subject, dtype, classes=(classes,), size=2) if np.isin(r.y, (0, 1)).all()]
    return np.array([r.x for r in found], dtype), np.array([r.y for r in found])


def apart(found, wanted):
    """The largest distance of two arrays in ulp; infinite where their kinds differ."""
    with np.errstate(all="ignore"):
        same = (found == wanted) | (np.isnan(found) & np.isnan(wanted))
        ulps = np.abs(found - wanted) / np.spacing(np.abs(wanted))
    return np.max(np.where(same, 0, np.where(np.isfinite(ulps), ulps, np.inf)), initial=0)


def miss(both, loss, grad, z, y):
    """How far loss_and_grad is from loss and grad, in ulp."""
    return max(map(apart, both(z, y), (loss(z, y), grad(z, y))))


def test_the_linear_pairs_have_a_joint_function():
    assert 0 < len(JOINT) < len(PAIRS)
    for names in PAIRS:
        assert ("_one_pass" in derivation(names).code()) == (names in JOINT)


@EVERY
@pytest.mark.parametrize("dtype", KINDS)
def test_it_gives_what_loss_and_grad_give(names, dtype):
    both, loss, grad = functions(names)
    for classes in (1, 2, 3, 10):
        z, y = hard_rows(names, dtype, classes)
        assert miss(both, loss, grad, z, y) <= (ULPS if names in JOINT else 0)


@EACH_JOINT
def test_special_rows_are_left_to_the_formulas(names):
    both, loss, grad = functions(names)
    z = np.random.default_rng(1).normal(0, 3, (2000, 200))
    y = np.eye(200)[np.arange(2000) % 200]
    inf, nan = np.inf, np.nan
    for n, row in enumerate([inf, -inf, nan, 1e308, -1e308, 700.0, -700.0]):
        z[190 * n + 7, 5] = row
        z[190 * n + 9] = row
        z[190 * n + 11] -= 1e5
    y[[13, 1990], 2] = nan
    z[17, :4], z[19, :], z[19, 3] = (-2000, -100, -900, 0), -800, -100
    assert miss(both, loss, grad, z, y) <= ULPS


@EACH_JOINT
def test_soft_targets_class_indices_and_mixtures(names):
    both, loss, grad = functions(names)
    random = np.random.default_rng(2)
    z, k = random.normal(0, 3, (300, 30)), random.integers(0, 30, 300)
    hot, soft = np.eye(30)[k], random.dirichlet(np.ones(30), 300)
    for found, wanted in zip(both(z, k), both(z, hot), strict=True):
        np.testing.assert_array_equal(found, wanted)
    mixed = np.where((np.arange(300) % 3 == 0)[:, None], soft, hot)
    nearly = hot.copy()
    nearly[4, (k[4] + 1) % 30] = 1e-20
    for y in (soft, mixed, nearly, soft.astype("float32"), hot.astype("float32"), hot.astype(int)):
        loss_found, slope = both(z, y)
        assert apart(loss_found, loss(z, y)) <= ULPS
        scale = np.spacing(grad(z, hot) + soft + 1) * ULPS  # of p and y, which may cancel
        assert (np.abs(slope - grad(z, y)) <= scale).all()


@EACH_JOINT
def test_parameters_change_the_weights_of_targets(names):
    both, loss, grad = functions(names)
    z, k = np.random.default_rng(3).normal(0, 3, (50, 4)), np.arange(50) % 4
    for p in catalogue.pair(*names).parameters:
        for value in (0.25, *([np.array([0.5, 1.0, 2.0, 4.0])] if p.per_class else [])):
            given = {p.name: value}
            assert apart(both(z, k, **given)[0], loss(z, k, **given)) <= ULPS
            np.testing.assert_allclose(both(z, k, **given)[1], grad(z, k, **given), rtol=1e-13, atol=1e-16)
            assert apart(both(z, k, **given)[0], both(z, k)[0]) > ULPS


@EVERY
@pytest.mark.parametrize("axis", [-1, 0, 1])
def test_out_is_filled_wherever_it_lies(names, axis):
    both, _, _ = functions(names)
    z = np.random.default_rng(4).normal(0, 1, (6, 6, 6))
    y = np.moveaxis(np.eye(6)[np.random.default_rng(5).integers(0, 6, (6, 6))], -1, axis)
    wanted = both(z, y, axis=axis)
    wide = np.full((7, 6, 12), 7.0)
    over = z.copy(), y.copy()
    for given, out in (
        ((z, y), (np.empty((6, 6)), np.empty((6, 6, 6)))),
        ((z, y), (wide[6, :, ::2], wide[:6, :, 1::2])),
        ((over[0], y), (np.empty((6, 6)), over[0])),
        ((z, over[1]), (np.empty((6, 6)), over[1])),
    ):
        assert both(*given, axis=axis, out=out) is out
        for found, value in zip(out, wanted, strict=True):
            np.testing.assert_array_equal(found, value)
    assert (wide[:6, :, ::2] == 7).all()


@EACH_JOINT
@pytest.mark.parametrize("dtype", KINDS)
def test_scratch_does_not_grow_with_the_arrays(names, dtype):
    both, most = functions(names)[0], []
    for count in (2000, 6000):
        z, k = np.zeros((count, 500), dtype), np.zeros(count, int)
        out = np.empty(count, dtype), np.empty((count, 500), dtype)
        tracemalloc.start()
        both(z, k, out=out)
        most.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert most[1] < 1.1 * most[0] and most[1] < 3 * 8 * LARGEST_PIECE


@EACH_JOINT
def test_threads_do_not_share_scratch(names):
    both = functions(names)[0]
    z, k = np.random.default_rng(6).normal(0, 3, (8, 3000, 100)), np.arange(3000) % 100
    wanted = [both(part, k) for part in z]
    with ThreadPoolExecutor(8) as pool:
        for found, right in zip(pool.map(lambda part: both(part, k), z), wanted, strict=True):
            assert all(map(np.array_equal, found, right))


@EACH_JOINT
def test_targets_outside_are_refused_in_any_piece(names):
    both = functions(names)[0]
    z, hot = np.zeros((3000, 100)), np.eye(100)[np.arange(3000) % 100]
    for place in (0, 2999):
        for wrong in (-0.5, 0.5, 1.0):
            y = hot.copy()
            y[place, (place + 1) % 100] = wrong
            with pytest.raises(ValueError, match="targets must lie in"):
                both(z, y)


# What the joint function does for its digits: left out, a comparison above must see it.
DEFECTS = {
    "the top class by subtraction": ("np.where(hot == top, -q, p)", "np.where(hot == top, p - 1, p)"),
    "the top class in the sum": ("g.reshape(-1)[top] = 0.0", "pass"),
    "rows far out kept": ("return loss, far | _far_out(x, peak, loss)", "return loss, far | (peak != peak)"),
    "low rows kept": ("far |= (peak < 0)", "far |= (peak > 0)"),
    "the others' targets by subtraction": ("others = _row_sums(spare)", "others = 1 - at_top"),
}


@pytest.mark.parametrize("defect", DEFECTS.values(), ids=DEFECTS)
def test_defects_are_seen(defect):
    names = JOINT[0]
    text = derivation(names).code()
    assert text.count(defect[0]) == 1
    module = {"__name__": "planted"}
    exec(compile(text.replace(*defect), "planted.py", "exec"), module)
    planted = [module[name] for name in ("loss_and_grad", "loss", "grad")]
    z, y = hard_rows(names, "float64", 10)
    smooth = np.array([[30.0, 0.0, -1.0]]), np.array([[1 - 2.0**-53, 2.0**-60, 0.0]])
    low = np.array([[-100.0, -700.0, -720.0]]), np.array([[1.0, 0.0, 0.0]])
    assert max(miss(*planted, *given) for given in ((z, y), smooth, low)) > ULPS
    assert max(miss(*functions(names), *given) for given in ((z, y), smooth, low)) <= ULPS
