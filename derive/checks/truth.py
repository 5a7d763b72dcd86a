"""Emitted code against certified truth, over the whole range of float64 and float32."""

from dataclasses import replace
from functools import lru_cache, partial
from math import inf
from pathlib import Path

from derive.accuracy.kept import keep, kept
from derive.accuracy.measure import measure
from derive.accuracy.points import QUICK
from derive.accuracy.report import spot
from derive.accuracy.tally import Measured
from derive.accuracy.truth import QUANTITIES, Truth, formula
from derive.bounds import declared, is_lost, single
from derive.checks.settings import Setting, settings
from derive.checks.table import Check, Material, verdict
from derive.model import Subject, Verdict

_FEWER = 150  # points for parameters off their defaults


def truths(
    subject: Subject, dtype: str, setting: Setting, size: int = QUICK, memory: Path | None = None
) -> Truth:
    """The truth at so many points of a dtype, for the parameters of a setting; kept in `memory`."""
    return _truths(replace(subject, accuracy=()), dtype, setting, _FEWER if setting else size, memory)


@lru_cache(maxsize=16)
def _truths(subject: Subject, dtype: str, setting: Setting, size: int, memory: Path | None) -> Truth:
    return kept(memory, formula(subject, dict(setting)), dtype, size)


def measurements(material: Material, dtype: str) -> list[Measured]:
    """The errors of every quantity at every parameter setting."""
    # Of float32 fewer points tell as much: it is computed in float64 and rounded once.
    size = material.points if dtype == "float64" else min(material.points, QUICK)
    return [
        row for setting in settings(material.subject) for row in _measured(material, dtype, setting, size)
    ]


def _measured(material: Material, dtype: str, setting: Setting, size: int) -> list[Measured]:
    """The errors of every quantity for the parameters of a setting; the κ that this took are kept."""
    true = truths(material.subject, dtype, setting, size, material.memory)
    known = len(true.kappas)
    found = [
        measure(material.module, outside_lost(true, material.subject, quantity), quantity, dtype)
        for quantity in QUANTITIES
    ]
    keep(material.memory, true, dtype, _FEWER if setting else size, known)
    return found


def outside_lost(true: Truth, subject: Subject, quantity: str) -> Truth:
    """The truth where no digits of a quantity are declared lost."""
    if not any(row.quantity == quantity and row.lost for row in subject.accuracy):
        return true
    kept = ~is_lost(subject, quantity, true.z)
    return replace(true, z=true.z[kept], y=true.y[kept], hi=true.hi[:, kept], lo=true.lo[:, kept], kappas={})


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
