"""Values from outside against a layer's formula and its emitted code."""

from collections.abc import Iterator
from math import inf

import flint
import numpy as np

from derive.accuracy.layers import found
from derive.accuracy.vectors.truth import TRIES
from derive.checks.known import LIMIT
from derive.checks.layers.samples import computed, held, patterned
from derive.checks.layers.table import Check, Material
from derive.checks.table import verdict
from derive.model import Verdict


def check(material: Material) -> Verdict:
    """The largest relative difference between a value from outside, the formula and the code."""
    if not material.subject.known:
        return verdict(material, "known", inf, LIMIT, "no value from outside is given")
    found = [(0.0, "")]
    for value, got, what in compared(material):
        error = abs(got - value) / max(abs(value), 2.0**-1022)
        found.append((error if error >= 0 else inf, f"{what}: {got!r}, not {value!r}"))
    worst, where = max(found)
    return verdict(material, "known", worst, LIMIT, where if worst else "")


def compared(material: Material) -> Iterator[tuple[float, float, str]]:
    """(value from outside, value here, what it is) for the formula and for the code."""
    for example in material.subject.known:
        layer = held(material.subject, dict(example.parameters))
        sample = patterned(layer, {str(size): n for size, n in example.sizes})
        with flint.ctx.workprec(TRIES[0]):
            formula = float(np.ravel(found(sample.place).output)[-1].mid())
        yield example.value, formula, f"formula ({example.origin})"
        yield example.value, float(np.ravel(computed(material, sample).output)[-1]), "code"


KNOWN = Check(
    name="known", says="values from outside agree with the formula and with the code", run=check
)  # fmt: skip
