"""Emitted passes of layers against certified truth, at small sizes and several kinds of inputs."""

from functools import lru_cache, partial

from derive.accuracy.layers import Certified, certified, off
from derive.bounds import LAYER
from derive.checks.layers.samples import Sample, computed, names, samples
from derive.checks.layers.table import Check, Material
from derive.checks.table import verdict
from derive.model import Layer, Verdict


@lru_cache(maxsize=64)
def truths(layer: Layer, dtype: str) -> tuple[tuple[Sample, Certified], ...]:
    """The samples of a dtype with their truth."""
    return tuple((sample, certified(sample.place)) for sample in samples(layer, dtype))


def check(material: Material, dtype: str) -> Verdict:
    """The largest error of the output and of all gradients."""
    found = [(0.0, "")]
    for sample, true in truths(material.subject, dtype):
        for which, values in enumerate(computed(material, sample).arrays):
            error = off(values, true, which, dtype)
            found.append((error, f"{names(material.subject)[which]}: {sample.says}"))
    worst, where = max(found)
    return verdict(material, f"truth{dtype[5:]}", worst, LAYER, where)


TRUTH64, TRUTH32 = (
    Check(
        name=f"truth{dtype[5:]}",
        says=f"output and gradients within {LAYER} ulp of the largest component, by 1 + κ, {dtype}",
        run=partial(check, dtype=dtype),
    )
    for dtype in ("float64", "float32")
)
