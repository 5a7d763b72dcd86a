"""What batched layers must do with axes in front, and with the mask and the scale of their softmax."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from derive.accuracy.layers import Found
from derive.checks.layers.refusals import refused
from derive.checks.layers.samples import Sample, computed
from derive.checks.layers.table import Material

NEAR = 1e-12


def masks(material: Material, sample: Sample) -> Iterator[str]:
    """Axes in front; where there is a softmax, what is masked is as though it were not there."""
    if material.subject.batched:
        yield from _front(material, sample)
    if any(line.kind == "softmax" for line in material.program.forward):
        yield from _masked(material, sample)
        yield from _refused(material, sample)
    if material.program.scale is not None:
        yield from _scaled(material, sample)


def _same(one: Found, other: Found) -> bool:
    pairs = zip(one.arrays, other.arrays, strict=True)
    return all(
        a.shape == b.shape and np.allclose(a, b, 0, NEAR * (1 + np.abs(b).max(initial=0))) for a, b in pairs
    )


def _front(material: Material, sample: Sample) -> Iterator[str]:
    """Arrays with axes in front are taken one by one; one array that meets several gets the sum."""
    rng = np.random.default_rng(0)
    shape = {name: (2, 3, *v.shape) for name, v in sample.arguments.items()}
    many = replace(
        sample,
        arguments={name: rng.normal(size=s) for name, s in shape.items()},
        g=rng.normal(size=(2, 3, *sample.g.shape)),
    )
    whole = computed(material, many)
    every = [computed(material, _at(many, at)) for at in np.ndindex(2, 3)]
    stacked = [np.array([f.arrays[n] for f in every]) for n in range(len(whole.arrays))]
    wanted = [v.reshape(2, 3, *v.shape[1:]) for v in stacked]
    if not _same(whole, Found(output=wanted[0], slopes=tuple(wanted[1:]))):
        yield "axes in front give other values than one by one"
    for place, name in enumerate(many.arguments):
        one = replace(many, arguments=many.arguments | {name: many.arguments[name][0, :1]})
        repeated = np.broadcast_to(one.arguments[name], shape[name])
        all_of_them = computed(material, replace(many, arguments=many.arguments | {name: repeated}))
        got = computed(material, one).slopes[place]
        summed = all_of_them.slopes[place].sum((0, 1))[None]
        if got.shape != summed.shape or not np.allclose(got, summed, 0, NEAR * np.abs(summed).max()):
            yield f"the gradient by {name} is not summed where it is repeated"


def _at(many: Sample, at: tuple[int, ...]) -> Sample:
    return replace(many, arguments={name: v[at] for name, v in many.arguments.items()}, g=many.g[at])


def _masked(material: Material, sample: Sample) -> Iterator[str]:
    """A row of the mask is that row with fewer keys; without any it is 0, and gives nothing."""
    q, k, v = sample.arguments.values()
    mask = np.arange(len(q) * len(k)).reshape(len(q), len(k)) % 3 != 1
    mask[0] = False
    found = computed(material, replace(sample, keywords=sample.keywords | {"mask": mask}))
    wanted = [np.zeros_like(array) for array in found.arrays]
    for i, seen in enumerate(mask):
        if seen.any():
            given = dict(zip(sample.arguments, (q[i : i + 1], k[seen], v[seen]), strict=True))
            row = computed(material, replace(sample, arguments=given, g=sample.g[i : i + 1]))
            wanted[0][i], wanted[1][i] = row.output[0], row.slopes[0][0]
            wanted[2][seen] += row.slopes[1]
            wanted[3][seen] += row.slopes[2]
    if not _same(found, Found(output=wanted[0], slopes=tuple(wanted[1:]))):
        yield "a mask does not leave out what it masks"
    front = computed(
        material, replace(sample, keywords=sample.keywords | {"mask": mask[None]}, g=sample.g[None])
    )
    if not _same(Found(output=front.output[0], slopes=front.slopes), found):
        yield "a mask with an axis in front gives other values"


def _refused(material: Material, sample: Sample) -> Iterator[str]:
    """A mask holds True and False, and fits the scores, those with axes in front, too."""
    fits = (len(sample.arguments["q"]), len(sample.arguments["k"]))
    front = replace(
        sample, arguments={name: np.stack([v, v]) for name, v in sample.arguments.items()}, g=sample.g[None]
    )
    wrong = ((np.ones((1, 1)), TypeError), (np.ones((9, 9), bool), ValueError))
    for mask, error in (*wrong, (np.ones((3, *fits), bool), ValueError)):
        given = replace(front, keywords=sample.keywords | {"mask": mask})
        if not refused(material, given, error, "mask"):
            yield f"a mask of {mask.dtype} and shape {mask.shape} is not refused by its name"


def _scaled(material: Material, sample: Sample) -> Iterator[str]:
    """The scale is 1/√D where none is given."""
    size = sample.place.sizes[material.program.scale]
    given = replace(sample, keywords=sample.keywords | {"scale": size**-0.5})
    if not _same(computed(material, given), computed(material, sample)):
        yield "the scale is not 1/sqrt of the size by default"
    half = computed(material, replace(sample, keywords=sample.keywords | {"scale": size**-0.5 / 2}))
    first = next(iter(sample.arguments))
    halved = replace(sample, arguments=sample.arguments | {first: sample.arguments[first] / 2})
    if not np.allclose(half.output, computed(material, halved).output, 0, NEAR):
        yield "half the scale is not half the scores"
