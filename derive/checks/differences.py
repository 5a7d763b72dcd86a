"""Emitted slopes against finite differences of the entry's own plain formula, in the middle of the range.

The formula's values come from ball arithmetic, so that differences have no rounding error of their
own; halving the step and extrapolating gives the value and an estimate of its error.
"""

from dataclasses import dataclass

import flint
from flint import arb

from derive.accuracy.kinks import switches
from derive.accuracy.measure import function
from derive.accuracy.points import sample
from derive.accuracy.truth import Formula, derivatives, formula
from derive.balls import certified
from derive.bounds import is_lost
from derive.checks.settings import settings
from derive.checks.table import Check, Material, verdict
from derive.model import Activation, Interval, Verdict, Y, domain_of

POINTS = 60
REACH = 8.0
LIMIT = 1e-8  # relative; far above rounding in float64, far below any wrong term
ESTIMATE = 1e-11  # relative error at which the extrapolation stops
FIRST_STEP, HALVINGS = 2.0**-6, 24
BITS = 400  # a second difference with step 2^-30 leaves 340 of them


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A derivative by differences, and an estimate of its error."""

    value: float
    error: float


def check(material: Material) -> Verdict:
    """The largest relative deviation of gradient and second derivative beyond the differences' own error.

    It is not asked for where digits are declared to be lost.
    """
    worst, where, count, passed = 0.0, "", 0, 0
    for setting in settings(material.subject):
        about = formula(material.subject, dict(setting))
        for z, y in sample(about, POINTS, REACH):
            for order, quantity in ((1, "gradient"), (2, "hessian")):
                if is_lost(material.subject, quantity, z):
                    passed += 1
                    continue
                found = difference(about, z, y, order)
                if found is None:
                    continue
                count += 1
                off = deviation(material, about, quantity, z, y, found)
                if off > worst:
                    worst, where = off, f", worst {quantity} at z={z!r}, y={y!r}"
    where = f"|z| ≤ {REACH:g}, {count} values{where}"
    where += f"; {passed} where digits are lost" * bool(passed)
    return verdict(material, "differences", worst if count or passed else float("inf"), LIMIT, where)


def deviation(
    material: Material, about: Formula, quantity: str, z: float, y: float, found: Difference
) -> float:
    """The relative deviation of emitted code from a difference, beyond the difference's own error."""
    run = function(material.module, material.subject, quantity)
    given = (z,) if isinstance(material.subject, Activation) else (z, y)
    value = float(run(*given, **about.keywords))
    if value == found.value:  # infinite, too, where the slope is beyond all floats
        return 0.0
    beyond = abs(value - found.value) - found.error
    if not beyond > 0:
        return 0.0 if beyond <= 0 else float("inf")
    return beyond / abs(found.value) if found.value else float("inf")


def difference(about: Formula, z: float, y: float, order: int) -> Difference | None:
    """The derivative of that order by central differences; None where a kink is too near."""
    row: list[arb] = []
    with flint.ctx.workprec(BITS):
        for n in range(HALVINGS):
            step = FIRST_STEP / 2**n
            if not smooth(about, z, step, y):
                continue
            row, before = _extrapolated(row, _central(about, z, step, y, order)), row
            if before and (found := _settled(row[-1], before[-1])):
                return found
    return None


def smooth(about: Formula, z: float, step: float, y: float) -> bool:
    """Whether z ± step lies in the domain and on one side of every kink."""
    domain = domain_of(about.subject)
    if isinstance(domain, Interval) and not float(domain.lo) < z - step < z + step < float(domain.hi):
        return False
    ends = [{about.at: at, Y: y, **about.parameters} for at in (z - step, z + step)]
    for switch in switches(about):
        left, right = (certified(switch, env, about.at, 0, digits=4)[0] for env in ends)
        if left * right < 0:
            return False
    return True


def _central(about: Formula, z: float, step: float, y: float, order: int) -> arb:
    left, middle, right = (
        derivatives(about, arb(z) + way * arb(step), y, 0, digits=BITS - 40, side=1)[0] for way in (-1, 0, 1)
    )
    return (right - left) / (2 * step) if order == 1 else (right - 2 * middle + left) / arb(step) ** 2


def _extrapolated(before: list[arb], value: arb) -> list[arb]:
    """The next row of Richardson's scheme, for steps that halve and errors in even powers."""
    row = [value]
    for k, last in enumerate(before, 1):
        row.append(row[-1] + (row[-1] - last) / (4**k - 1))
    return row


def _settled(value: arb, before: arb) -> Difference | None:
    change = abs(value - before)
    if not change <= ESTIMATE * abs(value) and not change < arb(2) ** -200:
        return None
    return Difference(value=float(value), error=float(change.upper()))


DIFFERENCES = Check(
    name="differences",
    says="gradient and second derivative agree with adaptive finite differences of the entry's own formula",
    run=check,
)
