"""Emitted passes of layers at realistic sizes: float32 against float64, gradients against differences."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial

import numpy as np

from derive.checks.layers.samples import Sample, computed, drawn, names
from derive.checks.layers.table import Check, Material
from derive.checks.table import verdict
from derive.emit.layers.lowering import name_of
from derive.model import Verdict
from derive.rules.layers import base_of

REALISTIC = {
    "N": 64,
    "D": 512,
    "K": 128,
    "H": 256,
    "T": 128,
    "S": 96,
    "F": 64,
    "V": 1000,
    "C": 16,
    "U": 200,
    "R": 5,
}
SINGLE = 2.0**-16  # of the largest component: sums of 512 terms in float32, and what is made of them
RATE = 1e-9  # of the gradient and of g together: a difference with a step of 1e-4
STEP = 1e-4
LIMIT = 1.0


def check(material: Material) -> Verdict:
    """The largest deviation by what is allowed."""
    sample = drawn(material.subject, REALISTIC, "moderate", "float64", seed=0)
    worst, where = max([(0.0, ""), *_singles(material, sample), *_rates(material, sample)])
    return verdict(material, "sizes", worst, LIMIT, where)


def _singles(material: Material, sample: Sample) -> Iterator[tuple[float, str]]:
    """How far results in float32 are from those in float64, at the same numbers."""
    cast = partial(np.asarray, dtype=np.float32)
    rounded = {name: cast(v) if v.dtype == np.float64 else v for name, v in sample.arguments.items()}
    single = replace(sample, arguments=rounded, g=cast(sample.g))
    double = replace(
        sample,
        arguments={n: v.astype(np.float64) if v.dtype == np.float32 else v for n, v in rounded.items()},
        g=single.g.astype(np.float64),
    )
    both = zip(computed(material, single).arrays, computed(material, double).arrays, strict=True)
    for name, (one, two) in zip(names(material.subject), both, strict=True):
        off = float(np.abs(one - two).max() / (np.abs(two).max() or 1)) / SINGLE
        yield (off if off >= 0 and one.dtype == np.float32 else float("inf")), f"{name} in float32"


def _rates(material: Material, sample: Sample) -> Iterator[tuple[float, str]]:
    """How far gradients are from differences along directions, by their own size and that of g."""
    rng, slopes = np.random.default_rng(1), computed(material, sample).slopes
    for array, slope in zip(material.subject.moving, slopes, strict=True):
        name = name_of(base_of(array.at))
        # Half along the gradient itself, where it is most, half along any other way.
        t = _unit(rng.normal(size=slope.shape)) + _unit(slope)
        ahead, behind = (_value(material, sample, name, sign * STEP * t) for sign in (1, -1))
        rate = float(np.vdot(sample.g, ahead - behind)) / (2 * STEP)
        scale = RATE * float(np.linalg.norm(slope) + np.linalg.norm(sample.g))
        off = abs(float(np.vdot(slope, t)) - rate) / scale
        yield (off if off >= 0 else float("inf")), f"dL/d{name} along a direction"


def _unit(v: np.ndarray) -> np.ndarray:
    return v / (np.linalg.norm(v) or 1.0)


def _value(material: Material, sample: Sample, name: str, step: np.ndarray) -> np.ndarray:
    arguments: Mapping[str, np.ndarray] = {**sample.arguments, name: sample.arguments[name] + step}
    return np.asarray(material.module["value"](*arguments.values(), **sample.keywords))


SIZES = Check(
    name="sizes",
    says="at realistic sizes float32 agrees with float64, and gradients with differences",
    run=check,
)
