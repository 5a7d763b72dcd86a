"""Rules on values at the edges: NaN, infinities, warnings, what is refused, and inputs left alone."""

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import sympy as sp

from derive.accuracy.limits import limit
from derive.accuracy.points import SPECIAL
from derive.accuracy.points import targets as targets_of
from derive.accuracy.truth import formula
from derive.bounds import bound, is_lost
from derive.checks.table import Material
from derive.checks.usual import Rule, emitted, usual
from derive.model import (
    REALS,
    Activation,
    Finite,
    Interval,
    Loss,
    Punctured,
    Set,
    Subject,
    domain_of,
    entries,
)


def nan(material: Material, quantity: str) -> Iterator[str]:
    """NaN in z or y is NaN there, and nowhere else."""
    run, (z, y) = emitted(material, quantity), usual(material.subject)
    given = (z, y)
    for which, name in enumerate("zy"[: 1 if isinstance(material.subject, Activation) else 2]):
        holed = [x.copy() for x in given]
        holed[which][2] = np.nan
        if not np.array_equal(np.isnan(run(*holed)), np.arange(6) == 2):
            yield f"NaN in {name} does not give NaN there and only there"


def infinite(material: Material, quantity: str) -> Iterator[str]:
    """An infinite z takes the limit, NaN where there is none; but not where digits are declared lost."""
    if isinstance(material.subject, Loss) and material.subject.prediction != REALS:
        return
    run, about = emitted(material, quantity), formula(material.subject)
    room = bound(material.subject, quantity)
    for z in (z for z in (-np.inf, np.inf) if not is_lost(material.subject, quantity, z)):
        for y in (*targets_of(about, 1), *_large(material.subject)):
            got, true = float(run(z, y)), limit(about, quantity, z, y)
            if not _near(got, true, room):
                yield f"at z={z}, y={y!r} gives {got!r}, not the limit {true!r}"


def beyond(material: Material, quantity: str) -> Iterator[str]:
    """Outside its domain the first argument gives NaN, at an open end too."""
    domain, (_, y) = domain_of(material.subject), usual(material.subject)
    if not isinstance(domain, Interval):
        return
    for end, way, closed in ((domain.lo, -1, domain.closed_lo), (domain.hi, 1, domain.closed_hi)):
        if end.is_infinite:
            continue
        steps = (*(() if closed else (0.0,)), 1e-300, 0.5, 1e200, np.inf)
        z = np.unique(float(end) + way * np.array([s for s in steps if float(end) + s != end or not s]))
        if not np.isnan(got := emitted(material, quantity)(z, y[0])).all():
            yield f"outside {domain}, at {z[~np.isnan(got)].tolist()}, the result is not NaN"


def _large(subject: Subject) -> list[float]:
    """Targets so large that a limit in z may be mistaken for an overflow."""
    los = entries(subject)[1]
    if los is None or not isinstance(los.target, Interval):
        return []
    return [y for y in (-1e200, -1e100, 1e100, 1e200) if los.target.lo < y < los.target.hi]


def _near(got: float, true: float, room: float) -> bool:
    if not math.isfinite(true):
        return got == true or (math.isnan(got) and math.isnan(true))
    return bool(abs(got - true) <= room * np.spacing(abs(true)))


def quiet(material: Material, quantity: str) -> Iterator[str]:
    """Warnings are errors here, so it is enough to call."""
    if isinstance(material.subject, Loss) and material.subject.prediction != REALS:
        return
    run, about = emitted(material, quantity), formula(material.subject)
    for dtype, special in SPECIAL.items():
        z = np.array(special + tuple(-s for s in special), dtype)
        for y in targets_of(about, 1):
            run(z, np.full(len(z), y, dtype))
    yield from ()


def outside(target: Set) -> list[float]:
    """Numbers that are no targets."""
    if isinstance(target, Finite):
        return [0.5, float(max(target.values)) + 1]
    if isinstance(target, Punctured):
        return [0.0, np.inf, -np.inf]
    assert isinstance(target, Interval)
    ends = ((target.lo, -0.25), (target.hi, 0.25))
    return [float(end) + step for end, step in ends if not end.is_infinite]


def targets(material: Material, quantity: str) -> Iterator[str]:
    """Targets outside the domain are refused, and the message names it."""
    subject = material.subject
    if isinstance(subject, Activation):
        return
    target = subject.target if isinstance(subject, Loss) else subject.loss.target
    z, y = usual(subject)
    for value in outside(target):
        for bad in (value, np.append(y[:5], value)):
            try:
                emitted(material, quantity)(z, bad)
                yield f"the target {value} is taken, though it is not in {target}"
            except ValueError as error:
                if not _names(str(error), target):
                    yield f"the refusal of {value} does not name {target}: {error}"


def _names(message: str, target: Set) -> bool:
    """Whether a message names every finite end, or every element, of the domain."""
    if isinstance(target, Finite):
        return all(str(value) in message for value in target.values)
    if isinstance(target, Punctured):
        return "0" in message
    assert isinstance(target, Interval)
    return all(str(end) in message for end in (target.lo, target.hi) if not end.is_infinite)


def parameters(material: Material, quantity: str) -> Iterator[str]:
    """Parameters outside their domain are refused, and the message names them."""
    run, (z, y) = emitted(material, quantity), usual(material.subject)
    for parameter in material.subject.parameters:
        for value in [*outside(_at_defaults(parameter.domain, material.subject)), math.nan]:
            try:
                run(z, y, **{parameter.name: value})
                yield f"{parameter.name} = {value} is taken, though it is not in {parameter.domain}"
            except ValueError as error:
                if parameter.name not in str(error):
                    yield f"the refusal of {parameter.name} = {value} does not name it: {error}"


def _at_defaults(domain: Interval, subject: Subject) -> Interval:
    """A domain whose ends may hold other parameters, these at their defaults."""
    defaults = {p.symbol: p.default for p in subject.parameters}
    return replace(domain, lo=sp.S(domain.lo).subs(defaults), hi=sp.S(domain.hi).subs(defaults))


def untouched(material: Material, quantity: str) -> Iterator[str]:
    """Inputs are neither changed nor handed out as results."""
    z, y = usual(material.subject)
    kept = z.copy(), y.copy()
    z.setflags(write=False)
    y.setflags(write=False)
    got = emitted(material, quantity)(z, y)
    if not (np.array_equal(z, kept[0]) and np.array_equal(y, kept[1])):
        yield "inputs are changed"
    if np.shares_memory(got, z) or np.shares_memory(got, y):
        yield "the result shares memory with an input"


EDGES: tuple[Rule, ...] = (nan, infinite, beyond, quiet, targets, parameters, untouched)
