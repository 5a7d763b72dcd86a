"""Emitted code against certified truth, over the whole range of float64 and float32."""

from functools import lru_cache, partial

from derive.accuracy.measure import Measured, measure
from derive.accuracy.points import points
from derive.accuracy.truth import QUANTITIES, Truth, formula, truth
from derive.bounds import bound
from derive.checks.settings import Setting, settings
from derive.checks.table import Check, Material, verdict
from derive.model import Subject, Verdict

_FEWER = 150  # points for parameters off their defaults


@lru_cache(maxsize=16)
def truths(subject: Subject, dtype: str, setting: Setting) -> Truth:
    """The truth at the points of a dtype, for the parameters of a setting."""
    about = formula(subject, dict(setting))
    z, y = points(about, dtype, _FEWER) if setting else points(about, dtype)
    return truth(about, z, y)


def measurements(material: Material, dtype: str) -> list[tuple[Measured, int]]:
    """The errors of every quantity at every parameter setting, with the bounds they are held to."""
    subject = material.subject
    return [
        (
            measure(material.module, truths(subject, dtype, setting), quantity, dtype),
            bound(subject.name, quantity),
        )
        for setting in settings(subject)
        for quantity in QUANTITIES
    ]


def check(material: Material, dtype: str) -> Verdict:
    """The measurement farthest from its declared bound; any bad value, overflow or zero fails."""
    found = measurements(material, dtype)
    row, limit = max(found, key=lambda pair: (wrong(pair[0]), pair[0].worst / pair[1]))
    worst = float("inf") if wrong(row) else row.worst
    return verdict(material, f"truth{dtype[5:]}", worst, limit, described(row))


def wrong(row: Measured) -> int:
    """How many values are wrong whatever the bound."""
    return row.bad + row.missed + row.spurious


def described(row: Measured) -> str:
    """Where a measurement is worst, in words."""
    z, y = row.where
    counts = f"{row.bad} bad, {row.missed} missed overflows, {row.spurious} spurious zeros in "
    return f"{row.quantity}: {counts if wrong(row) else ''}{row.points} points, worst at z={z!r}, y={y!r}"


TRUTH64 = Check(
    name="truth64",
    says="loss, gradient and second derivative within the declared ulp/(1+κ) of certified truth, float64",
    run=partial(check, dtype="float64"),
)
TRUTH32 = Check(
    name="truth32",
    says="loss, gradient and second derivative within the declared ulp/(1+κ) of certified truth, float32",
    run=partial(check, dtype="float32"),
)
