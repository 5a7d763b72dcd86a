"""Shapes, dtypes, broadcasting, NaN and infinities, warnings, targets outside the domain, `out`."""

import math
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from derive.accuracy.limits import limit
from derive.accuracy.measure import Function, function
from derive.accuracy.points import SPECIAL, targets
from derive.accuracy.truth import QUANTITIES, formula
from derive.bounds import bound
from derive.checks.table import Check, Material, counted
from derive.model import REALS, Activation, Finite, Interval, Loss, Set, Subject, Verdict

Rule = Callable[[Material, str], Iterator[str]]

_LONG = 100_003  # elements; beyond any block in which emitted code works, and not a multiple of one
_SAME = 4  # ulp: vectorised loops and their remainders round differently


def check(material: Material) -> Verdict:
    """How many of the rules on arrays are broken, by which function."""
    wrong = []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for rule in RULES:
            for quantity in QUANTITIES:
                wrong += [f"{quantity}: {what}" for what in _complaints(rule, material, quantity)]
        wrong += _complaints(_together, material, "loss")
    return counted(material, "arrays", wrong)


def _complaints(rule: Rule, material: Material, quantity: str) -> list[str]:
    try:
        return list(rule(material, quantity))
    except Exception as error:
        return [f"{rule.__name__.strip('_')}: {type(error).__name__}: {error}"]


def same(got: Any, wanted: Any, ulp: int = _SAME) -> bool:
    """Whether shapes agree, and values within some ulp."""
    got, wanted = np.asarray(got), np.asarray(wanted)
    if got.shape != wanted.shape:
        return False
    return bool(np.all(np.abs(got - wanted) <= ulp * np.spacing(np.abs(wanted))))


def domain(subject: Subject) -> tuple[np.ndarray, np.ndarray]:
    """Six usual inputs (the kind of z, or of a where a loss stands alone) and as many targets."""
    about = formula(subject)
    inputs = np.array([-2.5, -1.25, -0.5, 0.5, 1.25, 2.5])
    if isinstance(subject, Loss) and subject.prediction != REALS:
        inputs = np.array([0.125, 0.25, 0.375, 0.5, 0.75, 0.875])
    return inputs, np.resize(targets(about, 2), 6)


def _call(material: Material, quantity: str) -> Function:
    """The emitted function of (z, y); y is dropped for an activation alone."""
    run = function(material.module, material.subject, quantity)
    if isinstance(material.subject, Activation):
        return lambda z, y: run(z)
    return run


def _scalars(material: Material, quantity: str) -> Iterator[str]:
    run, (z, y) = _call(material, quantity), domain(material.subject)
    got = run(float(z[1]), float(y[1]))
    if np.ndim(got) or np.asarray(got).dtype != np.float64:
        yield "a float gives no float64 scalar"
    if not same(got, run(z, y)[1]):
        yield "a scalar and an element of an array differ"


def _shapes(material: Material, quantity: str) -> Iterator[str]:
    run, (z, y) = _call(material, quantity), domain(material.subject)
    flat = run(z, y)
    for shape in ((6,), (2, 3), (6, 1, 1), (1, 2, 3)):
        got = run(z.reshape(shape), y.reshape(shape))
        if got.shape != shape or not same(got.ravel(), flat):
            yield f"shape {shape} gives {got.shape} or other values"
    if run(z[:0], y[:0]).shape != (0,):
        yield "an empty array does not stay empty"
    if not same(run(z.tolist(), y.tolist()), flat):
        yield "lists are not taken as arrays"
    if not same(run(np.repeat(z, 2)[::2], np.repeat(y, 2)[::2]), flat):
        yield "strided arrays give other values"


def _broadcasting(material: Material, quantity: str) -> Iterator[str]:
    if isinstance(material.subject, Activation):
        return
    run, (z, y) = _call(material, quantity), domain(material.subject)
    each = np.array([[run(float(s), float(t)) for t in y[:4]] for s in z])
    got = run(z[:, None], y[:4])
    if got.shape != (6, 4) or not same(got, each):
        yield "z (6, 1) with y (4,) is not (6, 4), element by element"
    if not same(run(float(z[0]), y), run(np.full(6, z[0]), y)):
        yield "a scalar z is not broadcast to y"


def _long(material: Material, quantity: str) -> Iterator[str]:
    run, (z, y) = _call(material, quantity), domain(material.subject)
    got, short = run(np.resize(z, _LONG), np.resize(y, _LONG)), np.resize(run(z, y), _LONG)
    if not same(got, short):
        yield "a long array gives other values"


def _dtypes(material: Material, quantity: str) -> Iterator[str]:
    run, (z, y) = _call(material, quantity), domain(material.subject)
    kinds = {np.float16: np.float16, np.float32: np.float32, np.float64: np.float64}
    for given, wanted in kinds.items():
        for target in (y, y.astype(np.float32), y.astype(np.float16)):
            got = run(z.astype(given), target).dtype
            if got != wanted:
                yield f"z in {given.__name__} with y in {target.dtype} gives {got}"
        if np.asarray(run(given(z[0]), float(y[0]))).dtype != wanted:
            yield f"a scalar in {given.__name__} changes its dtype"
    if run(np.ones(2, np.int64), np.resize(y, 2)).dtype != np.float64:
        yield "integers do not give float64"
    halves = run(z.astype(np.float16), y.astype(np.float16))
    if not same(halves, run(z.astype(np.float32), y.astype(np.float16)).astype(np.float16), ulp=1):
        yield "float16 is not computed in float32"


def _nan(material: Material, quantity: str) -> Iterator[str]:
    run, (z, y) = _call(material, quantity), domain(material.subject)
    given = (z, y)
    for which, name in enumerate("zy"[: 1 if isinstance(material.subject, Activation) else 2]):
        holed = [x.copy() for x in given]
        holed[which][2] = np.nan
        if not np.array_equal(np.isnan(run(*holed)), np.arange(6) == 2):
            yield f"NaN in {name} does not give NaN there and only there"


def _infinite(material: Material, quantity: str) -> Iterator[str]:
    if isinstance(material.subject, Loss) and material.subject.prediction != REALS:
        return
    run, about = _call(material, quantity), formula(material.subject)
    room = bound(material.subject.name, quantity)
    for z in (-np.inf, np.inf):
        for y in targets(about, 1):
            got, true = float(run(z, y)), limit(about, quantity, z, y)
            if not _near(got, true, room):
                yield f"at z={z}, y={y!r} gives {got!r}, not the limit {true!r}"


def _near(got: float, true: float, room: int) -> bool:
    if not math.isfinite(true):
        return got == true or (math.isnan(got) and math.isnan(true))
    return bool(abs(got - true) <= room * np.spacing(abs(true)))


def _quiet(material: Material, quantity: str) -> Iterator[str]:
    """Warnings are errors here, so it is enough to call."""
    if isinstance(material.subject, Loss) and material.subject.prediction != REALS:
        return
    run, about = _call(material, quantity), formula(material.subject)
    for dtype, special in SPECIAL.items():
        z = np.array(special + tuple(-s for s in special), dtype)
        for y in targets(about, 1):
            run(z, np.full(len(z), y, dtype))
    yield from ()


def outside(target: Set) -> list[float]:
    """Numbers that are no targets."""
    if isinstance(target, Finite):
        return [0.5, float(max(target.values)) + 1]
    assert isinstance(target, Interval)
    ends = ((target.lo, -0.25), (target.hi, 0.25))
    return [float(end) + step for end, step in ends if not end.is_infinite]


def _targets(material: Material, quantity: str) -> Iterator[str]:
    subject = material.subject
    if isinstance(subject, Activation):
        return
    target = subject.target if isinstance(subject, Loss) else subject.loss.target
    z, y = domain(subject)
    for value in outside(target):
        for bad in (value, np.append(y[:5], value)):
            try:
                _call(material, quantity)(z, bad)
                yield f"the target {value} is taken, though it is not in {target}"
            except ValueError as error:
                if not _names(str(error), target):
                    yield f"the refusal of {value} does not name {target}: {error}"


def _names(message: str, target: Set) -> bool:
    """Whether a message names every finite end, or every element, of the domain."""
    if isinstance(target, Finite):
        return all(str(value) in message for value in target.values)
    assert isinstance(target, Interval)
    return all(str(end) in message for end in (target.lo, target.hi) if not end.is_infinite)


def _untouched(material: Material, quantity: str) -> Iterator[str]:
    z, y = domain(material.subject)
    kept = z.copy(), y.copy()
    z.setflags(write=False)
    y.setflags(write=False)
    got = _call(material, quantity)(z, y)
    if not (np.array_equal(z, kept[0]) and np.array_equal(y, kept[1])):
        yield "inputs are changed"
    if np.shares_memory(got, z) or np.shares_memory(got, y):
        yield "the result shares memory with an input"


def _together(material: Material, quantity: str) -> Iterator[str]:
    """loss_and_grad: the two of them at once, into `out` where it is given."""
    both = material.module.get("loss_and_grad")
    if both is None:
        if isinstance(material.subject, Activation | Loss):
            return
        yield "there is no loss_and_grad"
        return
    z, y = domain(material.subject)
    wanted = material.module["loss"](z, y), material.module["grad"](z, y)
    if not _both_same(both(z, y), wanted):
        yield "loss_and_grad differs from loss and grad"
    out = np.full(6, -7.0), np.full(6, -7.0)
    if not _both_same(both(z, y, out=out), wanted) or not _both_same(out, wanted):
        yield "loss_and_grad does not fill and return out"


def _both_same(got: Any, wanted: Any) -> bool:
    return len(got) == len(wanted) and all(same(one, other) for one, other in zip(got, wanted, strict=True))


RULES: tuple[Rule, ...] = (
    _scalars, _shapes, _broadcasting, _long, _dtypes, _nan, _infinite, _quiet, _targets, _untouched
)  # fmt: skip

ARRAYS = Check(
    name="arrays",
    says="shapes, dtypes, broadcasting, NaN, infinities, out, refused targets; never a warning",
    run=check,
)
