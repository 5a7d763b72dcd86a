"""Emitted code where a selection changes: at ties the convention, an ulp beside them the piece's slopes."""

from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

import numpy as np

from derive.accuracy.vectors.measure import measure
from derive.accuracy.vectors.rows import Row
from derive.accuracy.vectors.truth import Certified, certified, quantities
from derive.bounds import bound
from derive.checks.table import Check, Material, verdict
from derive.checks.vector_usual import blocks, target, target_axes, usual
from derive.model import Interval, Subject, Verdict, Z, entries

LATTICE = np.array([-1.0, 0.0, 1.0])  # on it, ties are frequent
SIZES, TRIES, WANTED = (2, 3), 100, 4  # at each size, until so many ties are found
ROUNDED = 2.0**-40  # beside a tie that is decided by rounded numbers
JUMP = 2.0**-20  # slopes that change by more than this in so small a step have jumped


def check(material: Material) -> Verdict:
    """The largest error, in ulp over its bound, at ties and an ulp beside them."""
    subject, worst, where = material.subject, 0.0, "no selections"
    for quantity in quantities(subject)[1:]:
        limit, found = bound(subject.name, quantity), ties(subject, quantity)
        if found:
            outcome = measure(material.module, subject, quantity, found, "float64")
            wrong = outcome.bad + outcome.missed + outcome.spurious
            error = float("inf") if wrong else outcome.worst / limit
            if error >= worst:
                worst, where = error, f"{len(found) // 3} ties, {quantity} at x={outcome.where.x.tolist()}"
    return verdict(material, "kinks", worst, 1.0, where)


def selects(subject: Subject) -> bool:
    """Whether inputs that are floats may lie exactly where a selection changes."""
    act, loss = entries(subject)
    if act is not None and act.selections:
        return True
    return loss is not None and bool(loss.selections) and (act is None or act.expr == Z)


@lru_cache(maxsize=64)
def ties(subject: Subject, quantity: str) -> tuple[Certified, ...]:
    """Truth left of, right of and at some places of a lattice where the slopes jump."""
    found: list[Certified] = []
    for classes in SIZES if selects(subject) else ():
        jumps = (three for three in _threes(subject, quantity, classes) if _jumps(three))
        found += [one for three in islice(jumps, WANTED) for one in three]
    return tuple(found)


def _jumps(three: tuple[Certified, ...]) -> bool:
    left, _, right = three
    return bool((abs(left.hi - right.hi) > JUMP).any())


def _threes(subject: Subject, quantity: str, classes: int) -> Iterator[tuple[Certified, ...]]:
    """Truth at rows of a lattice, with one of the inputs a little less, as it is, and a little more."""
    random = np.random.default_rng(0)
    for n in range(TRIES):
        x, y = random.choice(LATTICE, blocks(subject) * classes), _target(subject, random, classes, n)
        which = random.integers(len(x))
        beside = (x[which], *_beside(subject, x[which]))
        moved = [np.where(np.arange(len(x)) == which, value, x) for value in sorted(beside)]
        try:
            yield tuple(certified(subject, quantity, Row(x=v, y=y)) for v in moved)
        except ArithmeticError:  # there is no slope where two vectors are equal, or one is 0
            continue


def _target(subject: Subject, random: np.random.Generator, classes: int, seed: int) -> np.ndarray:
    axes = target_axes(subject)
    if axes is None:
        return np.empty(0)
    if isinstance(target(subject), Interval):
        return random.choice(LATTICE, classes if axes else ())
    return np.asarray(usual(subject, classes, 1, seed).y)[0]


def _beside(subject: Subject, value: float) -> tuple[float, float]:
    """An ulp less and more; further where a selection reads a name, such as a length, which is rounded."""
    names = {name.symbol for entry in entries(subject) if entry for name in entry.names}
    selections = [s for entry in entries(subject) if entry for s in entry.selections]
    if any(names & selection.of.free_symbols for selection in selections):
        return value - ROUNDED, value + ROUNDED
    return float(np.nextafter(value, -np.inf)), float(np.nextafter(value, np.inf))


KINKS = Check(
    name="kinks",
    says="at ties the convention of the selection, and an ulp beside them the slopes of the pieces",
    run=check,
)
