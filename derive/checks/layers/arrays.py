"""What the emitted passes of a layer must do with shapes, dtypes, layouts, and where there are no rows."""

import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from derive.accuracy.layers import Found
from derive.checks.layers.masks import masks
from derive.checks.layers.refusals import keywords, shapes, tokens
from derive.checks.layers.samples import (
    MIXED,
    Sample,
    by_rows,
    computed,
    drawn,
    found_by_rows,
    has_rows,
    names,
    rowed,
)
from derive.checks.layers.table import Check, Material
from derive.checks.table import counted
from derive.model import Verdict

Rule = Callable[[Material, Sample], Iterator[str]]
SIX_ROWS = MIXED | {"N": 6}
NEAR = 1e-12  # of the largest component: sums in another order


def check(material: Material) -> Verdict:
    """How many claims fail; a warning or an error is a failure."""
    sample, wrong = drawn(material.subject, SIX_ROWS, "moderate", "float64", seed=3), []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for rule in RULES:
            try:
                wrong += list(rule(material, sample))
            except Exception as error:
                wrong.append(f"{rule.__name__.strip('_')}: {type(error).__name__}: {error}")
    return counted(material, "arrays", wrong)


def near(one: Found, other: Found) -> bool:
    """Whether two results are the same but for the order of sums."""
    pairs = zip(one.arrays, other.arrays, strict=True)
    return all(
        a.shape == b.shape and np.allclose(a, b, 0, NEAR * (1 + np.abs(b).max(initial=0))) for a, b in pairs
    )


def with_arrays(sample: Sample, change: Callable[[np.ndarray], np.ndarray]) -> Sample:
    """The sample with every array changed, g too."""
    changed = {name: change(v) for name, v in sample.arguments.items()}
    return replace(sample, arguments=changed, g=change(sample.g))


def _value(material: Material, sample: Sample) -> Iterator[str]:
    """The value is the output of forward."""
    value = material.module["value"](*sample.arguments.values(), **sample.keywords)
    if not np.array_equal(value, computed(material, sample).output):
        yield "value is not the output of forward"


def _layouts(material: Material, sample: Sample) -> Iterator[str]:
    """Lists, strides, Fortran's order and arrays that may not be written to."""
    whole = computed(material, sample)
    layouts: dict[str, Callable] = {"strided": _strided, "Fortran-ordered": _fortran, "read-only": _kept}
    for says, layout in layouts.items():
        if not near(computed(material, with_arrays(sample, layout)), whole):
            yield f"{says} arrays give other values"
    lists = replace(
        sample, arguments={name: v.tolist() for name, v in sample.arguments.items()}, g=sample.g.tolist()
    )
    if not near(computed(material, lists), whole):
        yield "lists are not taken as arrays"


def _strided(v: np.ndarray) -> np.ndarray:
    return np.repeat(v, 2, axis=-1)[..., ::2] if v.ndim else v


def _fortran(v: np.ndarray) -> np.ndarray:
    return v.copy(order="F")


def _kept(v: np.ndarray) -> np.ndarray:
    v = v.copy()
    v.flags.writeable = False
    return v


def _unchanged(material: Material, sample: Sample) -> Iterator[str]:
    """Arguments stay as they are, and no result lies where an argument does."""
    copy = with_arrays(sample, np.copy)
    found = computed(material, copy)
    for name, v in {**copy.arguments, "g": copy.g}.items():
        if not np.array_equal(v, {**sample.arguments, "g": sample.g}[name]):
            yield f"{name} was changed"
        if any(np.may_share_memory(v, result) for result in found.arrays):
            yield f"a result lies in {name}"
    _, saved = material.module["forward"](*sample.arguments.values(), **sample.keywords)
    once, again = (np.ravel(material.module["backward"](sample.g, saved)[0]) for _ in range(2))
    if not np.array_equal(once, again):
        yield "backward gives other values when it is run again"
    if not all(result.flags.writeable for result in found.arrays if result.ndim):
        yield "a result cannot be written to"


def _dtypes(material: Material, sample: Sample) -> Iterator[str]:
    """float16, float32 and float64 stay what they are; integers give float64."""
    for dtype in ("float16", "float32", "float64", "int64", "bool"):
        found = computed(material, _cast(sample, dtype))
        wanted = np.dtype(dtype) if dtype.startswith("float") else np.dtype("float64")
        for name, result in zip(names(material.subject), found.arrays, strict=True):
            if result.dtype != wanted:
                yield f"{dtype} gives {name} in {result.dtype}"
        if dtype == "float16" and not _is_rounded(found, computed(material, _rounded(sample))):
            yield "float16 is not what float32 gives, rounded"
    one = next(iter(sample.arguments))
    mixed = replace(sample, arguments=sample.arguments | {one: sample.arguments[one].astype("float32")})
    others = len(material.subject.moving) > 1
    if others and computed(material, mixed).output.dtype != np.dtype("float64"):
        yield "float32 beside float64 does not give float64"


def _is_rounded(found: Found, single: Found) -> bool:
    """Whether results in float16 are those in float32, rounded; what is too large is infinite."""
    with np.errstate(over="ignore"):
        pairs = [(a, b.astype(a.dtype)) for a, b in zip(found.arrays, single.arrays, strict=True)]
    return all(np.array_equal(a, b, equal_nan=True) for a, b in pairs)


def _cast(sample: Sample, dtype: str) -> Sample:
    floats = {n: v.astype(dtype) for n, v in sample.arguments.items() if v.dtype == np.float64}
    return replace(sample, arguments=sample.arguments | floats, g=sample.g.astype(dtype))


def _rounded(sample: Sample) -> Sample:
    return _cast(_cast(sample, "float16"), "float32")


def _rows(material: Material, sample: Sample) -> Iterator[str]:
    """Rows may have several axes, or none; they are taken as one."""
    layer = material.subject
    if not rowed(layer):
        return
    single = drawn(layer, SIX_ROWS | {"N": 1}, "moderate", "float64", seed=4)
    for given, rows in ((sample, (2, 3)), (sample, (1, 6, 1)), (single, ())):
        wanted = found_by_rows(layer, computed(material, given), rows)
        if not near(computed(material, by_rows(given, rows)), wanted):
            yield f"rows of shape {rows} give other values"


def _empty(material: Material, sample: Sample) -> Iterator[str]:
    """No rows give no rows, and nothing for the weights."""
    layer = material.subject
    if not rowed(layer):
        return
    found = computed(material, drawn(layer, SIX_ROWS | {"N": 0}, "moderate", "float64", seed=5))
    if has_rows(layer.output.at) and found.output.shape != (0, *sample.g.shape[1:]):
        yield f"no rows give the shape {found.output.shape}"
    for array, slope in zip(layer.moving, found.slopes, strict=True):
        if not (slope == 0).all() or (slope.size and has_rows(array.at)):
            yield f"no rows give {slope} for {array.at}"


RULES: tuple[Rule, ...] = (
    _value,
    _layouts,
    _unchanged,
    _dtypes,
    _rows,
    _empty,
    masks,
    shapes,
    keywords,
    tokens,
)

ARRAYS = Check(
    name="arrays",
    says="shapes, dtypes, layouts, empty batches and refusals are as documented",
    run=check,
)
