"""What emitted code for vectors must do with shapes, axes, dtypes, NaN, parameters and bad targets."""

import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from derive.accuracy.vectors.rows import domain
from derive.checks.table import Check, Material, counted
from derive.checks.vectors.masks import MASKS
from derive.checks.vectors.refusals import REFUSALS
from derive.checks.vectors.usual import (
    FUNCTIONS,
    PRODUCTS,
    blocks,
    direction,
    given,
    near,
    refuses,
    runner,
    same,
    tail,
    target,
    usual,
)
from derive.model import Activation, LogSimplex, OneHot, Simplex, Verdict

Rule = Callable[[Material, str], Iterator[str]]  # what an emitted function breaks, by its name

LABELS = np.array([2, 3, 0])
KINDS = {"float16": "float16", "float32": "float32", "float64": "float64"}


def check(material: Material) -> Verdict:
    """How many claims fail; a warning or an error is a failure."""
    wrong = []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for rule in RULES:
            for name in FUNCTIONS[type(material.subject)]:
                wrong += [f"{name}: {what}" for what in _complaints(rule, material, name)]
        wrong += [f"loss_and_grad: {what}" for what in _complaints(_together, material, "loss_and_grad")]
    return counted(material, "arrays", wrong)


def _complaints(rule: Rule, material: Material, name: str) -> list[str]:
    try:
        return list(rule(material, name))
    except Exception as error:
        return [f"{rule.__name__.strip('_')}: {type(error).__name__}: {error}"]


def _shapes(material: Material, name: str) -> Iterator[str]:
    """Any number of leading axes, also none and also of length 0; any layout in memory."""
    run, all_rows = runner(material, name), usual(material.subject)
    whole, inner = run(*given(all_rows)), tail(material.subject, name)
    if whole.shape != (3, *inner):
        yield f"three rows give the shape {whole.shape}"
    if not near(run(*given(all_rows[1])), whole[1]):
        yield "one row without an axis of rows gives other values"
    if not near(run(*(v[None, :, None] for v in given(all_rows))), whole[None, :, None]):
        yield "more leading axes give other values"
    if run(*given(all_rows[:0])).shape != (0, *inner):
        yield "an empty batch does not stay empty"
    if not near(run(*(v.tolist() for v in given(all_rows))), whole):
        yield "lists are not taken as arrays"
    for says, layout in (("strided", _strided), ("Fortran-ordered", np.asfortranarray)):
        if not near(run(*map(layout, given(all_rows))), whole):
            yield f"{says} arrays give other values"


def _strided(x: np.ndarray) -> np.ndarray:
    return np.repeat(x, 2, axis=-1)[..., ::2][::-1][::1][::-1]


def _one_class(material: Material, name: str) -> Iterator[str]:
    sample = usual(material.subject, classes=1, rows=2)
    got = runner(material, name, 1)(*given(sample))
    if got.shape != (2, *tail(material.subject, name, 1)):
        yield f"K = 1 gives the shape {got.shape}"
    elif not np.isfinite(got).all():
        yield f"K = 1 gives {got.ravel().tolist()}"


def _broadcasting(material: Material, name: str) -> Iterator[str]:
    """The leading axes of inputs and targets are broadcast together."""
    run, rows = runner(material, name), usual(material.subject)
    if rows.y is None:
        return
    once, y = rows.y[:1], rows.y
    if not near(run(rows.x, once), run(rows.x, np.repeat(once, 3, 0))):
        yield "one target is not broadcast to all rows"
    if not near(run(rows.x[:1], y), run(np.repeat(rows.x[:1], 3, 0), y)):
        yield "one row is not broadcast to all targets"
    if run(rows.x[:, None], y[None]).shape != (3, 3, *tail(material.subject, name)):
        yield "rows (3, 1) and targets (1, 3) do not give (3, 3)"


def _labels(material: Material, name: str) -> Iterator[str]:
    """Class indices stand for one-hot targets."""
    if not takes_labels(material):
        return
    run, x, labels = (
        runner(material, name),
        usual(material.subject).x,
        np.array([2, 3, 0]),
    )
    hot = run(x, np.eye(4)[labels])
    for says, y in (
        ("class indices", labels),
        ("indices in int32", labels.astype("int32")),
    ):
        if not near(run(x, y), hot):
            yield f"{says} differ from one-hot targets"
    if not near(run(x[0], 2), hot[0]):
        yield "one class index differs from its one-hot target"
    for kind in ("int64", "bool"):
        if not near(run(x, np.eye(4, dtype=kind)[labels]), hot):
            yield f"one-hot targets in {kind} differ from those in float64"
    if not near(run(x[:1], labels), run(np.repeat(x[:1], 3, 0), labels)):
        yield "one row is not broadcast to class indices"


def takes_labels(material: Material) -> bool:
    """Whether targets may be given as class indices: one-hot vectors are among them."""
    inside = target(material.subject)
    return isinstance(inside, OneHot) or (isinstance(inside, Simplex) and inside.closed)


def _axis(material: Material, name: str) -> Iterator[str]:
    """`axis` says where the components lie, in inputs, vector targets, vectors and vector results."""
    run, rows, inner = material.module[name], usual(material.subject), tail(material.subject, name)
    if len(inner) == 2:
        return
    cases = [("targets", given(rows))]
    if takes_labels(material):
        cases.append(("class indices", (rows.x, LABELS)))
    for says, arguments in cases:
        if name in PRODUCTS:  # another vector for each row
            length = 4 if name == "vjp" else rows.x.shape[-1]
            arguments = (*arguments, np.outer([1, -2, 0.5], direction(length)))
        wanted = run(*arguments)
        for axis, lead in ((0, ()), (1, (None,))):  # (K, 3), and (1, K, 3)
            if not near(run(*(v.T[lead] for v in arguments), axis=axis), wanted.T[lead]):
                yield f"axis={axis} with {says} differs from the last axis"


def _tuples(material: Material, name: str) -> Iterator[str]:
    """Stacked blocks may be given, and their slopes are then returned, as a tuple of arrays."""
    many, rows = blocks(material.subject), usual(material.subject)
    if many == 1 or len(tail(material.subject, name)) == 2:
        return
    whole = runner(material, name)(*given(rows))
    parts = tuple(np.split(rows.x, many, -1))
    arguments = (parts, *given(rows)[1:])
    if name in PRODUCTS:
        length = 4 if name == "vjp" else 4 * many
        arguments += ((direction(length) if name == "vjp" else tuple(np.split(direction(length), many))),)
    got = material.module[name](*arguments)
    back = name in ("hvp", "vjp") or (name == "grad" and not isinstance(material.subject, Activation))
    if back and not isinstance(got, tuple):
        yield "a tuple of blocks gives no tuple"
    elif not near(np.concatenate(got, -1) if back else got, whole):
        yield "a tuple of blocks differs from the stacked array"


def _dtypes(material: Material, name: str) -> Iterator[str]:
    """The result has the dtype of the first argument; float16 and float32 are rounded from float64."""
    run, rows = runner(material, name), usual(material.subject)
    for kind, wanted in KINDS.items():
        x = rows.x.astype(kind)
        got, exact = run(*given(replace(rows, x=x))), run(*given(replace(rows, x=x.astype("float64"))))
        if got.dtype != wanted:
            yield f"{kind} gives {got.dtype}"
        elif not same(got, exact.astype(kind)):
            yield f"{kind} is not float64, rounded once"
    if rows.y is not None and run(rows.x, rows.y.astype("float32").round(2)).dtype != np.float64:
        yield "targets in float32 change the dtype"
    whole = np.ones(rows.x.shape, int) * (-1 if isinstance(domain(material.subject), LogSimplex) else 1)
    if run(*given(replace(rows, x=whole))).dtype != np.float64:
        yield "integers do not give float64"


def _nan(material: Material, name: str) -> Iterator[str]:
    """NaN in an input or a target: the whole row of the result is NaN, and no other."""
    run, rows = runner(material, name), usual(material.subject)
    for which, argument in enumerate(given(rows)):
        for at in ((1, *[0] * (argument.ndim - 1)), (1, *[-1] * (argument.ndim - 1))):
            holed = [v.copy() for v in given(rows)]
            holed[which][at] = np.nan
            if not only_row(run(*holed), 1):
                yield f"NaN in {'zy'[which]} is not NaN in all of its row and nowhere else"


def only_row(got: np.ndarray, row: int) -> bool:
    """Whether NaN is all over one row and nowhere else."""
    found = np.isnan(got.reshape(len(got), -1))
    return bool(found[row].all() and not np.delete(found, row, 0).any())


def _quiet(material: Material, name: str) -> Iterator[str]:
    """Whatever the inputs are, nothing is raised; warnings are errors here, so it is enough to call."""
    run, rows = runner(material, name), usual(material.subject)
    for dtype in ("float64", "float32", "float16"):
        info = np.finfo(dtype)
        ends: list[list[Any]] = [[info.max, -info.max, info.tiny, 0], [np.inf, -np.inf, 1, 0], [0] * 4]
        for row in (*ends, [-info.max] * 4):
            x = np.resize(row, rows.x.shape).astype(dtype)
            run(*given(replace(rows, x=x)))
            run(*given(replace(rows, x=x[:, ::-1])))
    yield from ()


def _untouched(material: Material, name: str) -> Iterator[str]:
    run, rows = runner(material, name), usual(material.subject)
    copies = [v.copy() for v in given(rows)]
    for copy in copies:
        copy.flags.writeable = False
    run(*copies)
    again = runner(material, name)(*given(rows))
    if any(np.shares_memory(again, v) for v in given(rows)):
        yield "the result is a view of the inputs"


def _products(material: Material, name: str) -> Iterator[str]:
    """The Hessian is symmetric; products agree with the matrix times the vector."""
    rows, subject = usual(material.subject), material.subject
    matrix = material.module["grad" if isinstance(subject, Activation) else "hess"](*given(rows))
    if name == "hess" and not near(matrix, np.swapaxes(matrix, -1, -2)):
        yield "it is not symmetric"
    if name not in PRODUCTS:
        return
    left = np.swapaxes(matrix, -1, -2) if name == "vjp" else matrix
    if not near(runner(material, name)(*given(rows)), left @ direction(left.shape[-1])):
        yield "it is not the matrix times the vector"


def _together(material: Material, name: str) -> Iterator[str]:
    """loss_and_grad gives both, into `out` where that is given."""
    if isinstance(material.subject, Activation):
        return
    both, subject = material.module[name], material.subject
    for dtype in ("float64", "float32"):
        rows = usual(subject)
        rows = replace(rows, x=rows.x.astype(dtype))
        wanted = [material.module[f](*given(rows)) for f in ("loss", "grad")]
        out = tuple(np.full(v.shape, -7, dtype) for v in wanted)
        got = both(*given(rows))
        if len(got) != 2 or not all(map(near, got, wanted)) or got[1].dtype != dtype:
            yield f"it is not (loss, grad) in {dtype}"
        if both(*given(rows), out=out) is not out or not all(map(near, out, wanted)):
            yield f"out in {dtype} is not filled and returned"
    short = (np.empty(2), np.empty((3, 2)))
    if not refuses(lambda: both(*given(rows), out=short), "out"):
        yield "out of other shapes is accepted"


RULES: tuple[Rule, ...] = (
    _shapes,
    _one_class,
    _broadcasting,
    _labels,
    _axis,
    _tuples,
    _dtypes,
    _nan,
    _quiet,
    _untouched,
    _products,
    *REFUSALS,
    *MASKS,
)

VECTOR_ARRAYS = Check(
    name="arrays",
    says="shapes, axes, dtypes, masks, NaN, empty batches, parameters, refused targets; never a warning",
    run=check,
)
