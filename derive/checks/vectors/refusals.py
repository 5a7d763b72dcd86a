"""What emitted code for vectors must refuse, and by which words: targets, classes, parameters."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from derive.accuracy.vectors.rows import domain
from derive.checks.settings import another
from derive.checks.table import Material
from derive.checks.vectors.usual import (
    PRODUCTS,
    blocks,
    given,
    near,
    refuses,
    runner,
    target,
    target_axes,
    usual,
)
from derive.model import Finite, Interval, Nonzero, OneHot, Parameter, Set, Simplex

Bad = tuple[list[float], tuple[str, ...]]  # a target of four classes, and the words that name what is wrong


def bad_targets(inside: Set) -> list[Bad]:
    """Vectors that are no targets, each with the words of the message."""
    bad: list[list[float]]
    if isinstance(inside, Simplex):
        bad = [
            [-0.25, 0.25, 0.5, 0.5],
            [0.25, 0.25, 0.25, 0],
            [0.5, 0.5 - 1e-13, 0, 0],
            [np.inf, 0, 0, 0],
        ]
        bad += [] if inside.closed else [[0.5, 0.5, 0, 0]]
        return [(y, ("simplex",)) for y in bad]
    if isinstance(inside, OneHot):
        bad = [[0.5, 0.5, 0, 0], [1, 1, 0, 0], [0, 0, 0, 0], [2, -1, 0, 0]]
        return [(y, ("one-hot",)) for y in bad]
    if isinstance(inside, Finite):
        return [
            ([0.5] * 4, tuple(map(str, inside.values))),
            ([7.0] * 4, tuple(map(str, inside.values))),
        ]
    if isinstance(inside, Nonzero):
        return [([0.0] * 4, ("0",))]
    assert isinstance(inside, Interval)
    ends = ((inside.lo, -0.25), (inside.hi, 0.25))
    return [([float(end) + step] * 4, (str(end),)) for end, step in ends if not end.is_infinite]


def targets(material: Material, name: str) -> Iterator[str]:
    """Targets outside the domain raise ValueError with its name; rounding in them does not."""
    axes, run, rows = (
        target_axes(material.subject),
        runner(material, name),
        usual(material.subject),
    )
    if axes is None:
        return
    for y, words in bad_targets(target(material.subject)):
        wrong: Any = y if axes else y[0]
        if not refuses(partial(run, rows.x[0], wrong), *words):
            yield f"the target {wrong} is not refused by the words {', '.join(words)}"
    if target(material.subject) == Simplex():
        run(rows.x[0], [0.5, 0.5 - 4e-15, 0, 0])
    if isinstance(target(material.subject), OneHot) or target(material.subject) == Simplex():
        for labels in ([0, 4, 1], [0, -1, 1]):
            if not refuses(partial(run, rows.x, labels), "0..3"):
                yield f"the class indices {labels} are not refused"
        if not refuses(lambda: run(rows.x[0], 2.0)):
            yield "a class index that is no integer is not refused"


def classes(material: Material, name: str) -> Iterator[str]:
    """Inputs without components, or of another number than the targets."""
    run, rows, many = (
        runner(material, name),
        usual(material.subject),
        blocks(material.subject),
    )
    rest = given(rows)[1:]
    for x in (0.5, np.empty((3, 0))):
        if not refuses(partial(run, x, *rest)):
            yield f"inputs of shape {np.shape(x)} are not refused"
    if many > 1 and not refuses(lambda: run(rows.x[:, :-1], *rest), str(many)):
        yield f"components that are no {many} blocks are not refused"
    for other in (1, 3) if target_axes(material.subject) else ():
        if not refuses(partial(run, rows.x, rest[0][:, :other])):
            yield f"targets of {other} classes for inputs of 4 are not refused"
    for other in (1, 3) if name in PRODUCTS else ():
        if not refuses(partial(material.module[name], *given(rows), np.ones(other))):
            yield f"a vector of {other} components is not refused"


def real(material: Material, name: str) -> Iterator[str]:
    """Only real numbers are taken."""
    run, rows = runner(material, name), usual(material.subject)
    for which, letter in enumerate("zy"[: len(given(rows))]):
        for bad in (given(rows)[which] * 1j, None, given(rows)[which].astype(str)):
            arguments: list[Any] = list(given(rows))
            arguments[which] = bad
            try:
                run(*arguments)
            except TypeError:
                continue
            yield f"{letter} of {getattr(bad, 'dtype', bad)} is not refused"


def outside(parameter: Parameter) -> list[float]:
    """Numbers that the parameter may not be."""
    inside = parameter.domain
    ends = ((inside.lo, inside.closed_lo, -1), (inside.hi, inside.closed_hi, 1))
    finite = [(float(end), closed, way) for end, closed, way in ends if not end.is_infinite]
    return [np.nan, np.inf, *(end + way * 0.5 * closed for end, closed, way in finite)]


def parameters(material: Material, name: str) -> Iterator[str]:
    """Each is a keyword with a domain; one of each class may be an array, and defaults are defaults."""
    run, rows = runner(material, name), usual(material.subject)
    plain = run(*given(rows))
    for parameter in material.subject.parameters:
        key = parameter.name
        if not near(run(*given(rows), **{key: float(parameter.default)}), plain):
            yield f"{key} at its default gives other values"
        for bad in outside(parameter):
            if not refuses(partial(run, *given(rows), **{key: bad}), key):
                yield f"{key}={bad} is not refused by name"
        if parameter.per_class:
            yield from _of_each_class(material, name, parameter)


def _of_each_class(material: Material, name: str, parameter: Parameter) -> Iterator[str]:
    run, rows, key = runner(material, name), usual(material.subject), parameter.name
    values, default = np.array(another(parameter, 4)), float(parameter.default)
    if not near(run(*given(rows), **{key: np.full(4, default)}), run(*given(rows))):
        yield f"equal {key} differ from one number"
    if not near(run(*given(rows), **{key: values.tolist()}), run(*given(rows), **{key: values})):
        yield f"{key} as a list differs from the array"
    spoiled = [np.where(np.arange(4) == 2, bad, values) for bad in outside(parameter)]
    for bad in (values[:3], np.ones((2, 4)), *spoiled):
        if not refuses(partial(run, *given(rows), **{key: bad}), key):
            yield f"{key}={bad.tolist()} is not refused by name"


def outside_domain(material: Material, name: str) -> Iterator[str]:
    """The zero vector, where it is outside the domain of an input, is NaN in its row."""
    run, rows = runner(material, name), usual(material.subject)
    if not isinstance(domain(material.subject), Nonzero):
        return
    x = rows.x.copy()
    x[1] = 0
    got = run(x, *given(rows)[1:])
    if not (np.isnan(got[1]).all() and np.isfinite(got[[0, 2]]).all()):
        yield "the vector 0 is not NaN in its row alone"


REFUSALS = (targets, classes, real, parameters, outside_domain)
