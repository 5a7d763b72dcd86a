"""Emitted gradients of layers against central differences of their own formula.

The formula's values are balls at inputs that are stepped exactly, so that differences have no rounding
error of their own.
"""

from collections.abc import Iterator
from functools import lru_cache

import flint
import numpy as np
import sympy as sp
from flint import arb

from derive.accuracy.layers import Place, valued
from derive.checks.layers.samples import Sample, computed, samples
from derive.checks.layers.table import Check, Material
from derive.checks.table import verdict
from derive.model import Layer, Verdict
from derive.rules.layers import base_of

# Relative to the largest component: far above rounding in float64, far below any wrong term.
LIMIT = 1e-12
BITS = 320
STEP = arb(2) ** -80  # the third derivative weighs 2^-160; balls hold 2^-320
LEAST = 2.0**-10  # no largest component counts as smaller
MOST = 6  # entries of an array that are moved


def check(material: Material) -> Verdict:
    """The largest deviation of emitted gradients from differences, by the largest component."""
    worst, where = max([(0.0, ""), *_deviations(material)])
    return verdict(material, "differences", worst, LIMIT, where)


def _deviations(material: Material) -> Iterator[tuple[float, str]]:
    for sample, wanted in differences(material.subject):
        slopes = computed(material, sample).slopes
        for array, slope, rates in zip(material.subject.moving, slopes, wanted, strict=True):
            scale = max(LEAST, *(abs(rate) for _, rate in rates)) if rates else 1.0
            for at, rate in rates:
                off = abs(float(slope[at]) - rate) / scale
                yield (off if off >= 0 else float("inf")), f"dL/d{array.at} at {at}, {sample.says}"


Rates = list[tuple[tuple[int, ...], float]]


@lru_cache(maxsize=32)
def differences(layer: Layer) -> list[tuple[Sample, list[Rates]]]:
    """Samples of moderate numbers, with the rates of g times the output in some entries of each array."""
    found = []
    for sample in samples(layer, "float64", kinds=("moderate",)):
        with flint.ctx.workprec(BITS):
            rates = [_rates(sample.place, base_of(a.at)) for a in sample.place.layer.moving]
        found.append((sample, rates))
    return found


def _rates(place: Place, base: sp.IndexedBase) -> Rates:
    """The differences in some entries of one array, all of whose steps are taken at once."""
    array = place.arrays[base]
    every = list(np.ndindex(array.shape))
    chosen = [every[n] for n in np.random.default_rng(0).permutation(len(every))[:MOST]]
    steps = np.zeros((2 * len(chosen), *array.shape), dtype=int)
    for n, at in enumerate(chosen):
        steps[(2 * n, *at)], steps[(2 * n + 1, *at)] = 1, -1
    values = valued(place, base, STEP * steps.astype(object))
    pairs = zip(values[::2], values[1::2], strict=True)
    return [(at, float(((a - b) / (2 * STEP)).mid())) for at, (a, b) in zip(chosen, pairs, strict=True)]


DIFFERENCES = Check(
    name="differences",
    says="emitted gradients agree with central differences of the layer's own formula",
    run=check,
)
