"""Emitted code against certified truth, over the whole range of float64 and float32."""

from dataclasses import replace
from functools import lru_cache, partial
from math import inf

from derive.accuracy.measure import measure
from derive.accuracy.points import points
from derive.accuracy.report import spot
from derive.accuracy.tally import Measured
from derive.accuracy.truth import QUANTITIES, Truth, formula, truth
from derive.bounds import declared, single
from derive.checks.settings import Setting, settings
from derive.checks.table import Check, Material, verdict
from derive.model import Subject, Verdict

_FEWER = 150  # points for parameters off their defaults


def truths(subject: Subject, dtype: str, setting: Setting) -> Truth:
    """The truth at the points of a dtype, for the parameters of a setting."""
    return _truths(replace(subject, accuracy=()), dtype, setting)


@lru_cache(maxsize=16)
def _truths(subject: Subject, dtype: str, setting: Setting) -> Truth:
    about = formula(subject, dict(setting))
    z, y = points(about, dtype, _FEWER) if setting else points(about, dtype)
    return truth(about, z, y)


def measurements(material: Material, dtype: str) -> list[Measured]:
    """The errors of every quantity at every parameter setting."""
    subject = material.subject
    return [
        measure(material.module, truths(subject, dtype, setting), quantity, dtype)
        for setting in settings(subject)
        for quantity in QUANTITIES
    ]


def check(material: Material, dtype: str) -> Verdict:
    """The measurement farthest from its declared bound; any bad value, overflow or zero fails."""
    limits = [(row, limits_of(material.subject, row)) for row in measurements(material, dtype)]
    row, (worst, limit) = max(limits, key=lambda found: (found[0].faults, found[1][0] / found[1][1]))
    return verdict(material, f"truth{dtype[5:]}", inf if row.faults else worst, limit, described(row))


def limits_of(subject: Subject, row: Measured) -> tuple[float, float]:
    """The largest ulp/(1+κ) and its bound, at hard or at soft targets: those farther from their bound."""
    limit, rounded = declared(subject, row.quantity), single(subject, row.quantity)
    hard, soft = (limit.hard, limit.soft) if row.dtype == "float64" else (rounded, rounded)
    return max((row.hard.score, hard), (row.soft.score, soft), key=lambda pair: pair[0] / pair[1])


def described(row: Measured) -> str:
    """Where a measurement is worst, in words."""
    counts = f"{row.bad} bad, {row.missed} missed overflows, {row.spurious} spurious zeros in "
    return f"{row.quantity}: {counts if row.faults else ''}{row.points} points, worst at {spot(row.where)}"


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
