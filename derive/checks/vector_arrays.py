"""What emitted code for vectors must do with shapes, dtypes, masks, infinities, NaN and bad targets."""

import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from derive.checks.table import Check, Material, counted
from derive.model import Activation, Loss, Pair, Verdict

Module = Mapping[str, Any]
Claim = tuple[str, Callable[[Module], bool]]

INF, NAN = np.inf, np.nan
Z = np.array([[0.5, -1.0, 2.0, 0.25], [3.0, 1.0, -2.0, 0.0], [40.0, 0.0, -3.0, 1.5]])
A = np.array([[0.125, 0.25, 0.5, 0.125], [0.5, 0.25, 0.125, 0.125], [0.75, 0.125, 0.0625, 0.0625]])
SOFT = np.array([[0.25, 0.25, 0.5, 0.0], [0.0, 0.0, 0.0, 1.0], [0.5, 0.5, 0.0, 0.0]])
LABELS = np.array([2, 3, 0])
ONE_HOT = np.eye(4)[LABELS]
E1 = np.array([0.0, 1.0, 0.0, 0.0])
KINDS = {"float16": "float16", "float32": "float32", "float64": "float64", "int64": "float64"}


def same(one: Any, other: Any) -> bool:
    """Whether two arrays are equal in shape and value, NaN to NaN."""
    one, other = np.asarray(one), np.asarray(other)
    return one.shape == other.shape and bool(np.array_equal(one, other, equal_nan=True))


def near(one: Any, other: Any) -> bool:
    """Whether two arrays agree to some ulp of their largest value."""
    one, other = np.asarray(one), np.asarray(other)
    return one.shape == other.shape and bool(np.allclose(one, other, rtol=1e-13, atol=1e-14))


def refuses(call: Callable[[], Any], word: str) -> bool:
    """Whether a call raises ValueError with a message that names what is wrong."""
    try:
        call()
    except ValueError as error:
        return word in str(error)
    return False


def with_targets(name: str, x: np.ndarray) -> list[Claim]:
    """Claims on a function of predictions (or logits) and targets."""
    shape = {"loss": (), "grad": (4,), "hess": (4, 4)}[name]

    def claim(says: str, test: Callable[[Any], bool]) -> Claim:
        return f"{name}: {says}", lambda m: test(m[name])

    holed = SOFT.copy()
    holed[1, 2] = NAN
    return [
        claim("lists are arrays", lambda f: same(f(x.tolist(), SOFT.tolist()), f(x, SOFT))),
        claim("one row has no axis of rows", lambda f: same(f(x[0], SOFT[0]), f(x, SOFT)[0])),
        claim("more axes", lambda f: f(np.stack([x, x]), SOFT).shape == (2, 3, *shape)),
        claim("targets broadcast to rows", lambda f: same(f(x, SOFT[0]), f(x, np.stack([SOFT[0]] * 3)))),
        claim("rows broadcast to targets", lambda f: same(f(x[0], SOFT), f(np.stack([x[0]] * 3), SOFT))),
        claim("class indices are one-hot targets", lambda f: same(f(x, LABELS), f(x, ONE_HOT))),
        claim("one class index", lambda f: same(f(x[0], 2), f(x[0], ONE_HOT[0]))),
        claim("integer one-hot targets", lambda f: same(f(x, ONE_HOT.astype(int)), f(x, ONE_HOT))),
        claim("empty batch", lambda f: f(x[:0], SOFT[:0]).shape == (0, *shape)),
        claim("one class", lambda f: f(np.ones((2, 1)), np.ones((2, 1))).shape == (2, *(1,) * len(shape))),
        claim("dtype follows the first argument", lambda f: _dtypes(lambda v: f(v, SOFT), x)),
        claim("float32 targets change no dtype", lambda f: f(x, SOFT.astype("float32")).dtype == float),
        claim("NaN in a target stays in its row", lambda f: _nan_rows(f(x, holed), 1, name)),
        claim("inputs are left alone", lambda f: _untouched(f, x)),
        claim("negative targets", lambda f: refuses(lambda: f(x[0], [-0.25, 0.25, 0.5, 0.5]), "simplex")),
        claim(
            "targets with another sum", lambda f: refuses(lambda: f(x[0], [0.25, 0.25, 0.25, 0.0]), "simplex")
        ),
        claim(
            "targets that miss 1 a little",
            lambda f: refuses(lambda: f(x[0], [0.5, 0.5 - 1e-13, 0, 0]), "simplex"),
        ),
        claim(
            "rounding in the targets is allowed", lambda f: f(x[0], [0.5, 0.5 - 4e-15, 0, 0]).shape == shape
        ),
        claim("class index too large", lambda f: refuses(lambda: f(x, [0, 4, 1]), "0..3")),
        claim("negative class index", lambda f: refuses(lambda: f(x, [0, -1, 1]), "0..3")),
        claim("another number of classes", lambda f: refuses(lambda: f(x, SOFT[:, :3]), "classes")),
        claim("no classes", lambda f: refuses(lambda: f(0.5, 0), "class")),
    ]


def _dtypes(run: Callable[[np.ndarray], Any], x: np.ndarray) -> bool:
    return all(run(x.astype(given)).dtype == wanted for given, wanted in KINDS.items())


def _nan_rows(got: np.ndarray, row: int, name: str) -> bool:
    """NaN in one row only, somewhere; in all of it where the loss is a sum over the row."""
    found = np.isnan(got.reshape(len(got), -1))
    return bool(
        found[row].any() and not np.delete(found, row, 0).any() and (name != "loss" or found[row].all())
    )


def _untouched(run: Callable, x: np.ndarray) -> bool:
    z, y = x.copy(), SOFT.copy()
    run(z, y)
    return same(z, x) and same(y, SOFT)


MASKED = np.array([[0.5, -INF, 2.0, 0.25]])
KEPT = [0, 2, 3]
EMBED = np.eye(4)[KEPT]
MASK_TARGET = np.array([[0.25, 0.0, 0.5, 0.25]])
NONE_LEFT = np.array([[0.0, 1.0, 2.0, 3.0], [-INF] * 4, [1.0, 1.0, 0.0, 0.0]])
PEAK = np.array([1.0, INF, -2.0, -INF])
TWO_PEAKS = np.array([[INF, INF, 0.0, 1.0], [0.0, 1.0, 2.0, 3.0]])
HOLED = np.array([[0.0, 1.0, 2.0, 3.0], [0.0, NAN, 2.0, 3.0]])


def lifted(values: np.ndarray, axes: int) -> np.ndarray:
    """Values of three classes among four, 0 at the masked one, in every one of the last axes."""
    rows = values @ EMBED if axes else values
    return EMBED.T @ rows if axes == 2 else rows


def with_logits(name: str, axes: int, run: Callable[[Module], Callable]) -> list[Claim]:
    """Claims on a function of logits (and of fitting targets, when there are any)."""

    def claim(says: str, test: Callable[[Any], bool]) -> Claim:
        return f"{name}: {says}", lambda m: test(run(m))

    fit = MASK_TARGET
    return [
        claim(
            "a masked class takes no part",
            lambda f: same(f(MASKED, fit), lifted(f(MASKED[:, KEPT], fit[:, KEPT]), axes)),
        ),
        claim("all classes masked is NaN in that row", lambda f: _only_row(f(NONE_LEFT, fit), 1)),
        claim("NaN in a logit is NaN in that row", lambda f: _only_row(f(HOLED, fit), 1)),
        claim("one class keeps its NaN", lambda f: _only_row(f([[NAN], [7.0]], np.ones((2, 1))), 0)),
        claim("one class, masked, is NaN", lambda f: _only_row(f([[-INF], [7.0]], np.ones((2, 1))), 0)),
        claim("two logits of +inf have no limit", lambda f: _only_row(f(TWO_PEAKS, fit), 0)),
        claim(
            "gaps of the whole range are finite", lambda f: bool(np.isfinite(f(EXTREMES, ONE_HOT[:1])).all())
        ),
    ]


EXTREMES = np.array([[8e307, -8e307, 8e307, 0.0], [5e-324, -5e-324, 0.0, 2e-308], [745.2, 0.0, -745.2, 1e5]])


def _only_row(got: np.ndarray, row: int) -> bool:
    """NaN all over one row and nowhere else."""
    found = np.isnan(got.reshape(len(got), -1))
    return bool(found[row].all() and not np.delete(found, row, 0).any())


PAIR: list[Claim] = [
    *with_targets("loss", Z),
    *with_targets("grad", Z),
    *with_targets("hess", Z),
    *with_logits("loss", 0, lambda m: m["loss"]),
    *with_logits("grad", 1, lambda m: m["grad"]),
    *with_logits("hess", 2, lambda m: m["hess"]),
    ("a target on a masked class costs inf", lambda m: same(m["loss"](MASKED[0], E1), INF)),
    ("its gradient is finite", lambda m: same(m["grad"](MASKED[0], E1)[1], -1.0)),
    ("loss at one logit of +inf", lambda m: same(m["loss"]([PEAK] * 2, [1, 0]), [0.0, INF])),
    (
        "grad at one logit of +inf",
        lambda m: same(m["grad"]([PEAK] * 2, [1, 0]), [[0, 0, 0, 0], [-1, 1, 0, 0]]),
    ),
    ("hess at one logit of +inf", lambda m: same(m["hess"](PEAK, 1), np.zeros((4, 4)))),
    ("loss of one class is 0", lambda m: same(m["loss"]([[7.0], [-1e308]], [0, 0]), [0.0, 0.0])),
    ("grad of one class is 0", lambda m: same(m["grad"]([[7.0], [-1e308]], [0, 0]), [[0.0], [0.0]])),
    ("loss_and_grad is both", lambda m: _both(m)),
    ("out is filled and returned", lambda m: _fills(m, "float64")),
    ("out in float32", lambda m: _fills(m, "float32")),
    ("hess is symmetric", lambda m: same(m["hess"](Z, SOFT), np.swapaxes(m["hess"](Z, SOFT), -1, -2))),
    ("hvp is hess @ v", lambda m: near(m["hvp"](Z, SOFT, A), (m["hess"](Z, SOFT) @ A[..., None])[..., 0])),
    ("hvp leaves out a constant", lambda m: same(m["hvp"](Z, SOFT, np.full(4, 1e300)), np.zeros((3, 4)))),
    ("hvp of an empty batch", lambda m: m["hvp"](Z[:0], SOFT[:0], A[:0]).shape == (0, 4)),
    ("hvp in float32", lambda m: m["hvp"](Z.astype("float32"), SOFT, A).dtype == np.float32),
]

SOFTMAX: list[Claim] = [
    ("dtypes of value", lambda m: _dtypes(m["value"], Z)),
    ("dtypes of grad", lambda m: _dtypes(m["grad"], Z)),
    ("dtypes of vjp", lambda m: _dtypes(lambda z: m["vjp"](z, A), Z)),
    ("shapes", lambda m: (m["value"](Z).shape, m["grad"](Z).shape) == ((3, 4), (3, 4, 4))),
    ("lists and single rows", lambda m: same(m["value"](Z[0].tolist()), m["value"](Z)[0])),
    ("empty batch", lambda m: (m["value"](Z[:0]).shape, m["grad"](Z[:0]).shape) == ((0, 4), (0, 4, 4))),
    ("one class", lambda m: same(m["value"]([[7.0]]), [[1.0]]) and same(m["grad"]([[7.0]]), [[[0.0]]])),
    ("no classes", lambda m: refuses(lambda: m["value"](0.5), "class")),
    ("value at one logit of +inf", lambda m: same(m["value"](PEAK), [0.0, 1.0, 0.0, 0.0])),
    ("grad at one logit of +inf", lambda m: same(m["grad"](PEAK), np.zeros((4, 4)))),
    ("vjp is g @ grad", lambda m: near(m["vjp"](Z, A), (A[:, None, :] @ m["grad"](Z))[:, 0, :])),
    *with_logits("value", 1, lambda m: lambda z, y: m["value"](z)),
    *with_logits("grad", 2, lambda m: lambda z, y: m["grad"](z)),
]

CROSS_ENTROPY: list[Claim] = [
    *with_targets("loss", A),
    *with_targets("grad", A),
    *with_targets("hess", A),
    ("a < 0 is NaN in its row", lambda m: _only_row(m["loss"](A - [[0], [1], [0]], SOFT), 1)),
    ("a = 0 where y = 0", lambda m: same(m["loss"]([0.0, 1.0], [0, 1.0]), 0.0)),
    ("a = 0 where y > 0", lambda m: same(m["loss"]([0.0, 1.0], [1.0, 0]), INF)),
    ("its gradient", lambda m: same(m["grad"]([0.0, 1.0], [1.0, 0]), [-INF, 0.0])),
    ("no slope where y = 0", lambda m: same(m["grad"]([0.0, 1.0], [0, 1.0]), [0.0, -1.0])),
]

CLAIMS = {Pair: PAIR, Activation: SOFTMAX, Loss: CROSS_ENTROPY}


def _both(m: Module) -> bool:
    loss, grad = m["loss_and_grad"](Z, SOFT)
    return same(loss, m["loss"](Z, SOFT)) and same(grad, m["grad"](Z, SOFT))


def _fills(m: Module, dtype: str) -> bool:
    z = Z.astype(dtype)
    out = np.empty(3, dtype), np.empty((3, 4), dtype)
    got = m["loss_and_grad"](z, SOFT, out=out)
    return got is out and same(out[0], m["loss"](z, SOFT)) and same(out[1], m["grad"](z, SOFT))


def check(material: Material) -> Verdict:
    """How many claims fail; a warning or an error is a failure."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        wrong = [
            why
            for says, test in CLAIMS[type(material.subject)]
            if (why := _fault(says, test, material.module))
        ]
    return counted(material, "arrays", wrong)


def _fault(says: str, test: Callable[[Module], bool], module: Module) -> str:
    try:
        return "" if test(module) else says
    except Exception as error:
        return f"{says}: {type(error).__name__}: {error}"


VECTOR_ARRAYS = Check(
    name="arrays",
    says="shapes, dtypes, broadcasting, masks, infinities, NaN, empty batches, no warnings, bad targets",
    run=check,
)
