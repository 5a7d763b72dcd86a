"""Values from outside against the entries' formulas and the emitted code of vector subjects."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from derive.accuracy.vectors.rows import Row
from derive.accuracy.vectors.truth import truth
from derive.checks.known import LIMIT
from derive.checks.table import Check, Material, verdict
from derive.checks.vectors.usual import Sample, blocks, given, target_axes, usual
from derive.model import Activation, Known, Loss, Pair, Verdict, Z, entries


def check(material: Material) -> Verdict:
    """The largest relative difference between a value from outside, the formula and the code."""
    found = [(0.0, "")]
    for value, got, what in compared(material):
        off = abs(got - value) / max(abs(value), 2.0**-1022)
        found.append((off if off >= 0 else float("inf"), f"{what}: {got!r}, not {value!r}"))
    worst, where = max(found)
    return verdict(material, "known", worst, LIMIT, where if worst else "")


def compared(material: Material) -> Iterator[tuple[float, float, str]]:
    """(value from outside, value here, what it is) for the formulas of the entries and the code."""
    for entry in (e for e in entries(material.subject) if e is not None and e.expr != Z):
        for known in entry.known:
            yield known.value, _formula(entry, known), f"{entry.name}{known.at} ({known.origin})"
    yield from _of_pair(material) if isinstance(material.subject, Pair) else _of_entry(material)


def parted(entry: Activation | Loss, known: Known) -> Sample:
    """The inputs and the targets of a known value, which holds them one after the other."""
    at, axes = np.array(known.at), target_axes(entry)
    if axes is None:
        return Sample(x=at, y=None)
    length = len(at) * blocks(entry) // (blocks(entry) + 1) if axes else len(at) - 1
    return Sample(x=at[:length], y=at[length:] if axes else at[length])


def _formula(subject: Any, known: Known, at: Sample | None = None) -> float:
    """The plain formula; of an activation the last component."""
    at = parted(subject, known) if at is None else at
    y = np.empty(0) if at.y is None else np.asarray(at.y)
    return float(truth(subject, "loss", Row(x=at.x, y=y, parameters=known.parameters))[-1].mid())


def _of_entry(material: Material) -> Iterator[tuple[float, float, str]]:
    subject = material.subject
    assert not isinstance(subject, Pair)
    run = material.module["value" if isinstance(subject, Activation) else "loss"]
    for known in subject.known:
        got = run(*given(parted(subject, known)), **dict(known.parameters))
        yield known.value, float(np.ravel(got)[-1]), f"code at {known.at}"


def _of_pair(material: Material) -> Iterator[tuple[float, float, str]]:
    """The code's loss at the inputs of a known value: the loss's own where the activation is the identity."""
    pair = material.subject
    assert isinstance(pair, Pair)
    for known in pair.loss.known if pair.activation.expr == Z else pair.activation.known:
        if pair.activation.expr == Z:
            at, value = parted(pair.loss, known), known.value
        else:
            x = np.array(known.at)
            at = replace(usual(pair, len(x) // blocks(pair), rows=1)[0], x=x)
            value = _formula(pair, known, at)
        yield value, float(material.module["loss"](*given(at), **dict(known.parameters))), f"loss at {at.x}"


KNOWN = Check(name="known", says="values from outside agree with the formulas and with the code", run=check)
