"""loss_and_grad gives loss and grad bit for bit, for any arrays, in little memory, in any thread."""

import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from derive import catalogue
from derive.accuracy.points import SPECIAL, inputs, inside, soft_targets
from derive.model import VECTOR, Loss, domain_of
from tables import derivation, label

NAMES = [*catalogue.REFERENCE, *((f"loss:{loss.name}",) for loss in catalogue.LOSSES)]
NAMES = [names for names in NAMES if catalogue.subject(*names).kind != VECTOR]
EVERY = pytest.mark.parametrize("names", NAMES, ids=label)
ONE = ("sigmoid", "bce")
BLOCK = 2**14


def functions(names):
    return [derivation(names).module[name] for name in ("loss_and_grad", "loss", "grad")]


def same(found, *wanted):
    return all(
        f.dtype == w.dtype and f.shape == w.shape and np.array_equal(f, w, equal_nan=True)
        for f, w in zip(found, wanted, strict=True)
    )


def arguments(names, dtype="float64"):
    """Numbers of every size in the domain, and targets, hard and soft in turn."""
    subject, random = catalogue.subject(*names), np.random.default_rng(3)
    z = inside(np.concatenate([inputs(random, dtype, 900), SPECIAL[dtype]]), domain_of(subject), dtype)
    loss = subject if isinstance(subject, Loss) else subject.loss
    soft = soft_targets(random, loss.target, z.size)
    y = np.where(np.arange(z.size) % 2, random.choice(np.array(loss.hard, float), z.size), soft)
    return z.astype(dtype), y.astype(dtype)


@EVERY
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_it_is_loss_and_grad_to_the_bit(names, dtype):
    both, loss, grad = functions(names)
    z, y = arguments(names, dtype)
    assert same(both(z, y), loss(z, y), grad(z, y))


@EVERY
def test_special_values_are_treated_alike_wherever_they_stand(names):
    both, loss, grad = functions(names)
    z, y = (np.resize(v, BLOCK + 100) for v in arguments(names))
    z[[3, -1]], z[[7, -2]], y[[11, -3]] = np.inf, -np.inf, np.nan
    z[[5, -4]] = np.nan
    assert same(both(z, y), loss(z, y), grad(z, y))


@pytest.mark.parametrize("names", [ONE, ("identity", "huber"), ("poisson",)], ids=label)
def test_any_arrays_will_do(names):
    both, loss, grad = functions(names)
    z, y = (np.resize(v, (90, 400)) for v in arguments(names))
    shapes = [
        (z, y),
        (z.T, y.T),
        (z[::2], y[::2]),
        (z, y[:1]),
        (z[:, :1], y[0]),
        (z[0, 0], y),
        (z[0, 0], y[0, 0]),
    ]
    with np.errstate(over="ignore"):
        shapes += [(z.astype(kind), y) for kind in ("float32", "float16", ">f8")]
    shapes += [(z, y.astype("float32"))]
    shapes += [(z[:0], y[:0]), (np.asfortranarray(z), y), (np.arange(1, 4), y[0, :3])]
    with np.errstate(over="ignore"):
        for x, target in shapes:
            assert same(both(x, target), loss(x, target), grad(x, target))


def test_out_may_be_an_argument_or_have_gaps():
    both, loss, grad = functions(ONE)
    z, y = arguments(ONE)
    wanted = loss(z, y), grad(z, y)
    x, target = z.copy(), y.copy()
    assert same(both(x, target, out=(x, target)), *wanted) and same((x, target), *wanted)
    wide = np.zeros((2, 2 * z.size))
    out = wide[0, ::2], wide[1, ::2]
    assert both(z, y, out=out) is out and same(out, *wanted)
    overlapping = np.zeros(z.size + 1)
    x = overlapping[:-1]
    x[...] = z
    assert same(both(x, y, out=(overlapping[1:], y.copy())), *wanted)


def test_scratch_does_not_grow_with_the_arrays():
    both = functions(ONE)[0]
    most = []
    for size in (2**17, 2**20):
        z, y = np.linspace(-50, 50, size), np.ones(size)
        out = np.empty(size), np.empty(size)
        tracemalloc.start()
        both(z, y, out=out)
        most.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert most[1] == pytest.approx(most[0], rel=0.01)
    assert most[1] < 16 * 8 * BLOCK


def test_threads_do_not_share_scratch():
    both, loss, grad = functions(ONE)
    z, y = (np.resize(v, 5 * BLOCK) for v in arguments(ONE))
    parts = [(np.roll(z, n), np.roll(y, n)) for n in range(8)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda part: both(*part), parts))
    assert all(same(f, loss(*p), grad(*p)) for f, p in zip(found, parts, strict=True))


def test_a_target_outside_is_refused_in_any_block():
    both = functions(ONE)[0]
    z, y = np.zeros(3 * BLOCK), np.zeros(3 * BLOCK)
    for place in (0, BLOCK, 3 * BLOCK - 1):
        y[place] = 1.5
        with pytest.raises(ValueError, match="targets must lie in"):
            both(z, y)
        y[place] = 0
