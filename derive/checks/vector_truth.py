"""Emitted code for vectors against certified truth, over the whole range of float64 and float32."""

from functools import lru_cache, partial

import numpy as np

from derive.accuracy.vectors.measure import Outcome, measure
from derive.accuracy.vectors.rows import CLASSES, rows
from derive.accuracy.vectors.truth import Certified, certified, quantities
from derive.bounds import bound
from derive.checks.settings import settings
from derive.checks.table import Check, Material, verdict
from derive.checks.vector_products import measured
from derive.checks.vector_usual import FUNCTIONS, PRODUCTS
from derive.model import Activation, Subject, Verdict

MANY = 1000  # classes of the largest rows
LINEAR = ("loss", "gradient")  # quantities with as many components as there are inputs, at most
SHOWN = 4  # components of a row that a report shows


@lru_cache(maxsize=16)
def truths(subject: Subject, quantity: str, dtype: str) -> tuple[Certified, ...]:
    """The truth at rows of a dtype, at all parameter settings; some of many classes."""
    chosen = []
    for classes in CLASSES:
        for n, setting in enumerate(settings(subject, classes)):
            chosen += rows(subject, dtype, classes=(classes,), setting=setting)[:: 1 + 3 * n]
    if quantity in LINEAR[: 1 if isinstance(subject, Activation) else 2]:
        chosen += rows(subject, dtype, classes=(MANY,), size=1)[::7]
    return tuple(certified(subject, quantity, row) for row in chosen)


def check(material: Material, dtype: str) -> Verdict:
    """The measurement farthest from its declared bound; any bad value, overflow or zero fails."""
    subject, found = material.subject, []
    for quantity in quantities(subject):
        outcome = measure(material.module, subject, quantity, truths(subject, quantity, dtype), dtype)
        found.append((outcome, bound(subject.name, quantity), quantity))
    for name in (f for f in FUNCTIONS[type(subject)] if f in PRODUCTS):
        found.append(_product(material, name, dtype))
    row, limit, quantity = max(found, key=lambda f: (wrong(f[0]), f[0].worst / f[1]))
    worst = float("inf") if wrong(row) else row.worst
    return verdict(material, f"truth{dtype[5:]}", worst, limit, f"{quantity}: {described(row)}")


def _product(material: Material, name: str, dtype: str) -> tuple[Outcome, int, str]:
    """The outcome of a product with a vector, held to the bound of the matrix."""
    subject = material.subject
    matrix = quantities(subject)[-1]
    outcome = measured(material, name, truths(subject, matrix, dtype), dtype)
    return outcome, bound(subject.name, matrix), name


def wrong(row: Outcome) -> int:
    """How many values are wrong whatever the bound."""
    return row.bad + row.missed + row.spurious


def described(row: Outcome) -> str:
    """Where a measurement is worst, in words."""
    counts = f"{row.bad} bad, {row.missed} missed overflows, {row.spurious} spurious zeros, "
    x, y = (", ".join(map(repr, np.ravel(v)[:SHOWN].tolist())) for v in (row.where.x, row.where.y))
    at = f"{row.points} components, worst at {row.where.x.size} inputs, ({x}), y=({y})"
    more = "".join(f", {name}={value}" for name, value in row.where.parameters)
    return (counts if wrong(row) else "") + at + more


TRUTH64, TRUTH32 = (
    Check(
        name=f"truth{dtype[5:]}",
        says=f"all functions within the declared ulp/(1+κ) of certified truth, {dtype}",
        run=partial(check, dtype=dtype),
    )
    for dtype in ("float64", "float32")
)
