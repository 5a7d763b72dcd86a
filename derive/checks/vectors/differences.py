"""Emitted slopes of vector subjects against central differences of the entries' own plain formulas.

The formula's values are certified balls at floats that are stepped exactly, so that differences have no
rounding error of their own; two steps are extrapolated.
"""

from collections.abc import Iterator
from functools import cache
from itertools import product

import flint
import numpy as np
from flint import arb

from derive.accuracy.measure import function
from derive.accuracy.vectors.rows import Row
from derive.accuracy.vectors.truth import quantities, truth
from derive.checks.settings import Setting, settings
from derive.checks.table import Check, Material, verdict
from derive.checks.vectors.usual import given, usual
from derive.model import Activation, Subject, Verdict

SIZES = (1, 2, 3, 7)
# Relative to the largest component: far above rounding in float64, far below any wrong term. Half a step
# leaves 2^-80 of the fifth derivative, and 80 of the truth's 120 bits.
LIMIT = 1e-11
STEP = 2.0**-20  # inputs are multiples of 2^-10
LEAST = 2.0**-10  # no largest component counts as smaller
BITS = 256
MOST = 8  # second derivatives that are compared at one size


def check(material: Material) -> Verdict:
    """The largest deviation of emitted slopes from differences, by the largest component."""
    found = [(0.0, "")]
    for classes in SIZES:
        for setting in settings(material.subject, classes):
            found += deviations(material, classes, setting)
    worst, where = max(found)
    return verdict(material, "differences", worst, LIMIT, f"{where}; inputs of order 1")


def deviations(material: Material, classes: int, setting: Setting) -> Iterator[tuple[float, str]]:
    """(deviation, where) of the gradient and of the second derivative at one size."""
    subject, sample = material.subject, usual(material.subject, classes, rows=1)[0]
    for quantity in quantities(subject)[1:]:
        wanted = differences(subject, quantity, classes, setting)
        run = function(material.module, subject, quantity)
        got = np.asarray(run(*given(sample), **dict(setting)))
        scale = max(LEAST, *(abs(value) for _, value in wanted))
        for place, value in wanted:
            off = abs(float(got[place]) - value) / scale
            yield (off if off >= 0 else float("inf")), f"{quantity}, K={classes}, component {place}"


@cache
def differences(
    subject: Subject, quantity: str, classes: int, setting: Setting
) -> list[tuple[tuple[int, ...], float]]:
    """(place, central difference) of the plain formula, for all first derivatives and some second ones."""
    x = usual(subject, classes, rows=1).x[0]
    if quantity == "hessian":
        found: list[tuple[tuple[int, ...], float]] = []
        for i, j in _pairs(len(x)):
            (value,) = _extrapolated(subject, classes, setting, (i, j))
            found += [((i, j), value), ((j, i), value)]
        return found
    columns = [_extrapolated(subject, classes, setting, (j,)) for j in range(len(x))]
    if not isinstance(subject, Activation):
        return [((j,), value) for j, (value,) in enumerate(columns)]
    return [((k, j), value) for j, column in enumerate(columns) for k, value in enumerate(column)]


def _pairs(length: int) -> list[tuple[int, int]]:
    """Places of second derivatives: all, or some on the diagonal and beside it."""
    every = [(i, j) for i in range(length) for j in range(i + 1)]
    if len(every) <= MOST:
        return every
    chosen = np.random.default_rng(0).choice(len(every), MOST - 2, replace=False)
    return [(0, 0), (length - 1, length - 1), *(every[n] for n in chosen)]


def _extrapolated(subject: Subject, classes: int, setting: Setting, at: tuple[int, ...]) -> list[float]:
    """Differences with two steps, in the direction of one or two components, without their h² term."""
    with flint.ctx.workprec(BITS):
        wide, fine = (_central(subject, classes, setting, at, step) for step in (STEP, STEP / 2))
        return [float(((4 * two - one) / 3).mid()) for one, two in zip(wide, fine, strict=True)]


def _central(subject: Subject, classes: int, setting: Setting, at: tuple[int, ...], step: float) -> list[arb]:
    total: list[arb] = []
    for signs in product((1, -1), repeat=len(at)):
        values = [int(np.prod(signs)) * v for v in _moved(subject, classes, setting, at, signs, step)]
        total = [a + b for a, b in zip(total, values, strict=True)] if total else values
    return [value / (2 * arb(step)) ** len(at) for value in total]


def _moved(
    subject: Subject,
    classes: int,
    setting: Setting,
    at: tuple[int, ...],
    signs: tuple[int, ...],
    step: float,
) -> list[arb]:
    """The formula's values with components of the usual inputs moved by steps."""
    sample = usual(subject, classes, rows=1)[0]
    x, y = sample.x.copy(), np.empty(0) if sample.y is None else np.asarray(sample.y)
    for component, sign in zip(at, signs, strict=True):
        x[component] += sign * step
    return list(truth(subject, "loss", Row(x=x, y=y, parameters=setting)))


DIFFERENCES = Check(
    name="differences",
    says="emitted derivatives agree with central differences of the entries' own plain formulas",
    run=check,
)
