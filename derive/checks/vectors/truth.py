"""Emitted code for vectors against certified truth, over the whole range of float64 and float32."""

from functools import lru_cache, partial
from math import inf
from typing import Any

import numpy as np

from derive.accuracy.report import SHOWN
from derive.accuracy.vectors.measure import Outcome, measure
from derive.accuracy.vectors.rows import Row, rows
from derive.accuracy.vectors.truth import Certified, certified, holds, quantities
from derive.bounds import bound, declared
from derive.checks.settings import settings
from derive.checks.table import Check, Material, verdict
from derive.checks.truth import described, limits_of
from derive.checks.vectors.products import measured
from derive.checks.vectors.usual import FUNCTIONS, PRODUCTS, Call
from derive.model import Subject, Verdict, entries

MANY = 1000  # classes of the largest rows
OTHER = 3  # classes at which parameters are off their defaults
FEWER = 3  # one row of so many where a quantity is a matrix
AT_MANY = 2  # rows of many classes
PART = 2  # of a bound, up to which errors count as they are: κ could only lessen them, and costs seconds
MODERATE = 10.0  # inputs up to which no component of a product overflows


@lru_cache(maxsize=16)
def truths(subject: Subject, quantity: str, dtype: str) -> tuple[Certified, ...]:
    """The truth at rows of a dtype, of any number of classes, at all parameter settings."""
    matrix = quantity == quantities(subject)[-1]
    chosen = some(rows(subject, dtype, size=1), FEWER if matrix else 1)
    for setting in settings(subject, OTHER)[1:]:
        chosen += some(
            rows(subject, dtype, classes=(OTHER,), size=1, setting=setting), FEWER if matrix else 1
        )
    if not matrix:
        chosen += some(_hard(subject, rows(subject, dtype, classes=(MANY,), size=1)))[:AT_MANY]
    return tuple(certified(subject, quantity, row) for row in chosen if holds(subject, row, dtype))


def _hard(subject: Subject, every: list[Row]) -> list[Row]:
    """The rows with hard targets, where there are any: among many soft ones some have a root nearby."""
    loss = entries(subject)[1]
    return [row for row in every if loss and np.isin(row.y, loss.hard).all()] or every


def some(every: list[Row], share: int = 1) -> list[Row]:
    """One row of so many, shuffled: every so-manyth would meet the same targets again and again."""
    chosen = np.random.default_rng(0).permutation(len(every))
    return [every[n] for n in chosen[: -(-len(every) // share)]]


def check(material: Material, dtype: str) -> Verdict:
    """The measurement farthest from its declared bound; any bad value, overflow or zero fails."""
    subject, found = material.subject, []
    for quantity in quantities(subject):
        bounds, true = declared(subject.name, quantity), truths(subject, quantity, dtype)
        loose = min(bounds.hard, bounds.soft) / PART
        for module in (material.module, *_together(material, quantity)):
            row = measure(module, subject, quantity, true, dtype, loose=loose)
            found.append((row.faults, *limits_of(subject, row), described(row)))
    for name in (f for f in FUNCTIONS[type(subject)] if f in PRODUCTS):
        found.append(_product(material, name, dtype))
    faults, worst, limit, words = max(found, key=lambda f: (f[0], f[1] / f[2]))
    return verdict(material, f"truth{dtype[5:]}", inf if faults else worst, limit, words)


def _together(material: Material, quantity: str) -> tuple[dict[str, Any], ...]:
    """Loss or gradient as loss_and_grad gives it: over vectors its steps are its own."""
    both = material.module.get("loss_and_grad")
    if both is None or quantity not in ("loss", "gradient"):
        return ()
    return ({name: _part(both, n) for n, name in enumerate(("loss", "grad"))},)


def _part(both: Call, n: int) -> Call:
    return lambda *arguments, **keywords: both(*arguments, **keywords)[n]


def _product(material: Material, name: str, dtype: str) -> tuple[int, float, float, str]:
    """Faults, error, bound and words of a product with a vector, held to the bound of the matrix."""
    subject = material.subject
    matrix = quantities(subject)[-1]
    true, limit = truths(subject, matrix, dtype), bound(subject.name, matrix)
    every = rows(subject, dtype, classes=(MANY,), size=1) if name == "hvp" else []
    row = next((r for r in every if abs(r.x).max() <= MODERATE), None)
    found = measured(material, name, true, dtype, limit / PART, row)
    return found.bad + found.missed + found.spurious, found.worst, limit, f"{name}: {_words(found)}"


def _words(row: Outcome) -> str:
    """Where a product is worst."""
    counts = f"{row.bad} bad, {row.missed} missed overflows, {row.spurious} spurious zeros, "
    x, y = (", ".join(map(repr, np.ravel(v)[:SHOWN].tolist())) for v in (row.where.x, row.where.y))
    at = f"{row.points} components, worst at {row.where.x.size} inputs, ({x}), y=({y})"
    return (counts if row.bad else "") + at


TRUTH64, TRUTH32 = (
    Check(
        name=f"truth{dtype[5:]}",
        says=f"all functions within the declared ulp/(1+κ) of certified truth, {dtype}",
        run=partial(check, dtype=dtype),
    )
    for dtype in ("float64", "float32")
)
