"""Emitted code where a selection changes: at ties the convention, an ulp beside them the piece's slopes."""

from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

import numpy as np

from derive.accuracy.vectors.measure import computed
from derive.accuracy.vectors.rows import Row, domain
from derive.accuracy.vectors.truth import Certified, certified, quantities
from derive.bounds import bound
from derive.checks.table import Check, Material, verdict
from derive.checks.vectors.usual import blocks, target, target_axes, usual
from derive.model import REALS, Nonzero, Subject, Verdict, Z, entries

LATTICE = np.array([-1.0, 0.0, 1.0])  # on it, ties are frequent
SIZES, TRIES, WANTED = (2, 3), 100, 2  # at each size, until so many ties are found
ROUNDED = 2.0**-40  # beside a tie that is decided by rounded numbers
JUMP = 2.0**-20  # slopes that change by more than this in so small a step have jumped


def check(material: Material) -> Verdict:
    """The largest error, in ulp over its bound, at ties and beside them."""
    subject, worst, where = material.subject, 0.0, "no selections"
    for quantity in quantities(subject)[1:]:
        limit, found = bound(subject.name, quantity), ties(subject, quantity)
        for true in found:
            off = error(material, quantity, true) / limit
            if off >= worst:
                worst, where = off, f"{len(found) // 3} ties, {quantity} at x={true.row.x.tolist()}"
    return verdict(material, "kinks", worst, 1.0, where)


def error(material: Material, quantity: str, true: Certified) -> float:
    """The largest error of a quantity at a row, in ulp of its largest component, or of 1 where that is more.

    Slopes that jump are off by far more; and there is no κ, which would excuse a selection near its change.
    """
    values = computed(material.module, material.subject, quantity, true.row, "float64")
    off = float(abs(values - true.hi).max() / np.spacing(max(1.0, abs(true.hi).max())))
    return off if off >= 0 else float("inf")


def selects(subject: Subject) -> bool:
    """Whether it is at floats that selections change, and not at outputs, which are rounded."""
    act, loss = entries(subject)
    if act is None or act.expr == Z:
        return loss is not None and bool(loss.selections)
    return bool(act.selections) and not (loss and loss.selections)


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
        if not _has_slopes(subject, x):
            continue
        which = random.integers(len(x))
        beside = (x[which], *_beside(subject, x[which]))
        moved = [np.where(np.arange(len(x)) == which, value, x) for value in sorted(beside)]
        yield tuple(certified(subject, quantity, Row(x=v, y=y)) for v in moved)


def _has_slopes(subject: Subject, x: np.ndarray) -> bool:
    """Whether no length is 0: of a block, where the domain says so, or of the distance of two blocks."""
    parts = np.split(x, blocks(subject))
    apart = all((one != other).any() for n, one in enumerate(parts) for other in parts[:n])
    return apart and (not isinstance(domain(subject), Nonzero) or all(part.any() for part in parts))


def _target(subject: Subject, random: np.random.Generator, classes: int, seed: int) -> np.ndarray:
    axes = target_axes(subject)
    if axes is None:
        return np.empty(0)
    if target(subject) == REALS:
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
