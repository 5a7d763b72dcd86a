"""What the emitted passes of a layer must refuse, and by which words."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from derive.checks.layers.samples import Sample, computed, has_rows
from derive.checks.layers.table import Material
from derive.emit.layers.lowering import name_of
from derive.emit.membership import ends
from derive.model import Array
from derive.program.layers import selections, windows
from derive.rules.layers import base_of

UNREAL = (np.array(["one"]), np.array([1j]))


def refused(material: Material, sample: Sample, error: type[Exception], name: str) -> bool:
    """Whether a sample raises an error whose one line begins with the name of what is wrong."""
    try:
        computed(material, sample)
    except error as found:
        return str(found).startswith(f"{name} ") and "\n" not in str(found)
    return False


def _with(sample: Sample, name: str, v: np.ndarray) -> Sample:
    return replace(sample, arguments=sample.arguments | {name: v})


def shapes(material: Material, sample: Sample) -> Iterator[str]:
    """An array that does not fit those before it is named; so is one that holds no real numbers."""
    for array in (*material.subject.moving, *material.subject.constants):
        name = name_of(base_of(array.at))
        for wrong in _misshapen(material, array, sample) if name in sample.arguments else ():
            if not refused(material, _with(sample, name, wrong), ValueError, name):
                yield f"{name} of shape {wrong.shape} is not refused by its name"
        for wrong in UNREAL if name in sample.arguments else ():
            if not refused(material, _with(sample, name, wrong), TypeError, name):
                yield f"{name} of {wrong.dtype} is not refused by its name"
    if not refused(material, replace(sample, g=np.ones((*sample.g.shape, 2))), ValueError, "g"):
        yield "g of another shape is not refused by its name"


def _misshapen(material: Material, array: Array, sample: Sample) -> Iterator[np.ndarray]:
    """Arrays with too few axes, with too many, and with a last axis that is not as long as before."""
    layer = material.subject
    v, several = sample.arguments[name_of(base_of(array.at))], has_rows(array.at)
    if v.ndim > several:
        yield np.ones(v.shape[1 + several :], v.dtype)
    if not (several or layer.batched):
        yield np.ones((2, *v.shape), v.dtype)
    every = (*layer.moving, *layer.constants)
    seen = {i for before in every[: every.index(array)] for i in before.at.indices}
    if array.at.indices[-1] in seen and array.at not in selections(layer):
        yield np.ones((*v.shape[:-1], v.shape[-1] + 1), v.dtype)


def keywords(material: Material, sample: Sample) -> Iterator[str]:
    """Numbers outside their domain are refused by the name of the keyword."""
    for name, value in _bad(material):
        given = replace(sample, keywords=sample.keywords | {name: value})
        if not refused(material, given, ValueError, name):
            yield f"{name} = {value!r} is not refused by its name"


def _bad(material: Material) -> Iterator[tuple[str, object]]:
    layer = material.subject
    for parameter in layer.parameters:
        low, high = ends(parameter.domain)
        yield from ((parameter.name, value) for value in (float("nan"), float("inf"), "one", True))
        yield from ((parameter.name, float(end) + step) for end, step in ((low, -1.0), (high, 1.0)) if end)
    if windows(layer):
        yield from (("stride", 0), ("stride", 1.5), ("stride", True), ("padding", -1), ("dilation", 0))
    if material.program.scale is not None:
        yield from (("scale", float("nan")), ("scale", "one"), ("scale", True))


def tokens(material: Material, sample: Sample) -> Iterator[str]:
    """Tokens are whole numbers below the size of their axis."""
    layer = material.subject
    for at in (s for s in selections(layer) if s not in windows(layer)):
        name, size = name_of(base_of(at)), sample.place.sizes[base_of(at).shape[-1]]
        for wrong, error in ((-1, ValueError), (size, ValueError), (0.0, TypeError)):
            v = np.full(sample.arguments[name].shape, wrong)
            if not refused(material, _with(sample, name, v), error, name):
                yield f"{name} = {wrong} is not refused by its name"
