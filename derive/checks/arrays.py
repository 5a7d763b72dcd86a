"""Shapes, dtypes, broadcasting, NaN and infinities, warnings, targets outside the domain, `out`."""

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from derive.accuracy.kappa import kappa
from derive.accuracy.truth import QUANTITIES, formula
from derive.checks.edges import EDGES
from derive.checks.table import Check, Material, counted
from derive.checks.usual import SAME, Rule, emitted, same, usual
from derive.model import Activation, Loss, Verdict

_LONG = 100_003  # elements; beyond any block in which emitted code works, and not a multiple of one


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


def _scalars(material: Material, quantity: str) -> Iterator[str]:
    run, (z, y) = emitted(material, quantity), usual(material.subject)
    got = run(float(z[1]), float(y[1]))
    if np.ndim(got) or np.asarray(got).dtype != np.float64:
        yield "a float gives no float64 scalar"
    if not same(got, run(z, y)[1]):
        yield "a scalar and an element of an array differ"


def _shapes(material: Material, quantity: str) -> Iterator[str]:
    run, (z, y) = emitted(material, quantity), usual(material.subject)
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
    run, (z, y) = emitted(material, quantity), usual(material.subject)
    each = np.array([[run(float(s), float(t)) for t in y[:4]] for s in z])
    got = run(z[:, None], y[:4])
    if got.shape != (6, 4) or not _as_each(material, quantity, got, each):
        yield "z (6, 1) with y (4,) is not (6, 4), element by element"
    if not same(run(float(z[0]), y), run(np.full(6, z[0]), y)):
        yield "a scalar z is not broadcast to y"


def _as_each(material: Material, quantity: str, got: np.ndarray, each: np.ndarray) -> bool:
    """Whether values agree; near a root, where κ is large, loops that round otherwise differ by more."""
    about, (z, y) = formula(material.subject), usual(material.subject)
    return all(
        same(got[n], each[n])
        or same(got[n], each[n], ulp=SAME * (1 + kappa(about, quantity, float(z[n[0]]), float(y[n[1]]))))
        for n in np.ndindex(got.shape)
    )


def _long(material: Material, quantity: str) -> Iterator[str]:
    run, (z, y) = emitted(material, quantity), usual(material.subject)
    got, short = run(np.resize(z, _LONG), np.resize(y, _LONG)), np.resize(run(z, y), _LONG)
    if not same(got, short):
        yield "a long array gives other values"


def _dtypes(material: Material, quantity: str) -> Iterator[str]:
    run, (z, y) = emitted(material, quantity), usual(material.subject)
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
    halves, singles = (run(z.astype(dtype), y.astype(np.float16)) for dtype in (np.float16, np.float32))
    with np.errstate(over="ignore"):  # what float16 cannot hold is infinite there
        rounded = singles.astype(np.float16)
    if not same(halves, rounded, ulp=1):
        yield "float16 is not computed in float32"


def _together(material: Material, quantity: str) -> Iterator[str]:
    """loss_and_grad: the two of them at once, into `out` where it is given."""
    both = material.module.get("loss_and_grad")
    if both is None:
        if isinstance(material.subject, Activation | Loss):
            return
        yield "there is no loss_and_grad"
        return
    z, y = usual(material.subject)
    wanted = material.module["loss"](z, y), material.module["grad"](z, y)
    if not _both_same(both(z, y), wanted):
        yield "loss_and_grad differs from loss and grad"
    out = np.full(6, -7.0), np.full(6, -7.0)
    if not _both_same(both(z, y, out=out), wanted) or not _both_same(out, wanted):
        yield "loss_and_grad does not fill and return out"


def _both_same(got: Any, wanted: Any) -> bool:
    return len(got) == len(wanted) and all(same(one, other) for one, other in zip(got, wanted, strict=True))


RULES: tuple[Rule, ...] = (_scalars, _shapes, _broadcasting, _long, _dtypes, *EDGES)

ARRAYS = Check(
    name="arrays",
    says="shapes, dtypes, broadcasting, NaN, infinities, out, refused targets; never a warning",
    run=check,
)
