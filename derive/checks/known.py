"""Values from outside against the entry's formula and against the emitted code.

A wrong entry agrees with itself everywhere; only a number from elsewhere shows it.
"""

from collections.abc import Iterator
from functools import partial
from math import inf, isfinite, isnan

import numpy as np
import sympy as sp

from derive.accuracy.measure import function
from derive.accuracy.points import targets
from derive.accuracy.truth import derivatives, formula
from derive.checks.table import Check, Material, verdict
from derive.model import Activation, Known, Loss, Pair, Subject, Verdict, entries

# Relative; libraries give float64 to some ulp, and their values are written with all digits.
LIMIT = 2.0**-45
_ULPS = 2  # that an output of the code may be off; where 1 − a is small, its loss is off by more
NOT_GIVEN = "not given"  # of a function of a user's own


def check(material: Material) -> Verdict:
    """The largest relative difference between a known value, the formula and the code."""
    worst, where = 0.0, missing(material.subject)
    for value, got, what in compared(material):
        off = abs(got - value) / max(abs(value), 2.0**-1022)
        off = inf if isnan(off) else off
        if off > worst:
            worst, where = off, f"{what}: {got!r}, not {value!r}"
    return verdict(material, "known", worst, LIMIT, where)


def missing(subject: Subject) -> str:
    """Says that values from outside are not given, of which entry of a user's; '' for the catalogue's."""
    there = [entry for entry in entries(subject) if entry]
    without = [entry.name for entry in there if entry.own and not entry.known]
    if not without or len(without) == len(there):
        return NOT_GIVEN if without else ""
    return f"{NOT_GIVEN} of {without[0]}"


def compared(material: Material) -> Iterator[tuple[float, float, str]]:
    """(value from outside, value here, what it is) for the formulas of the entries and the code."""
    subject = material.subject
    for entry in [one for one in entries(subject) if one]:
        for known in entry.known:
            yield known.value, _plain(entry, known), f"{entry.name}{known.at} ({known.origin})"
    yield from _of_pair(material) if isinstance(subject, Pair) else _of_entry(material)


def _plain(entry: Activation | Loss, known: Known) -> float:
    at, y = (*known.at, 0.0)[:2]
    return float(derivatives(formula(entry, dict(known.parameters)), at, y, 0, side=1)[0])


def _of_entry(material: Material) -> Iterator[tuple[float, float, str]]:
    assert not isinstance(material.subject, Pair)
    run = function(material.module, material.subject, "loss")
    for known in material.subject.known:
        yield known.value, float(run(*known.at, **dict(known.parameters))), f"code at {known.at}"


def _of_pair(material: Material) -> Iterator[tuple[float, float, str]]:
    """The code's loss at the activation's known inputs, against the loss of the outputs known for them."""
    pair = material.subject
    assert isinstance(pair, Pair)
    for known in filter(partial(_admitted, pair), pair.activation.known):
        for y in targets(formula(pair), 1):
            plain = formula(pair.loss, dict(known.parameters))
            expected, slope = derivatives(plain, known.value, y, 1, side=1)[:2]
            got = float(material.module["loss"](*known.at, y, **dict(known.parameters)))
            # The library's own error, which is held to LIMIT above, is no error of the code.
            own = abs(known.value - _plain(pair.activation, known))
            lost = (_ULPS * float(np.spacing(abs(known.value))) + own) * abs(float(slope))
            lost = lost if isfinite(lost) else 0.0
            nearest = min(max(got, float(expected) - lost), float(expected) + lost)
            yield nearest, got, f"loss at z={known.at[0]!r}, y={y!r}"


def _admitted(pair: Pair, known: Known) -> bool:
    """Whether the pair is legal for the parameters of a known value."""
    given = dict(known.parameters)
    return pair.condition.subs({p.symbol: given.get(p.name, p.default) for p in pair.parameters}) == sp.true


KNOWN = Check(
    name="known",
    says="values from outside agree with the entries' formulas and with the emitted code",
    run=check,
)
