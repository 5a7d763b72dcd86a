"""The z beyond which |a′| stays below one hundredth of its largest value.

Where a′ is rational in z or in one e^(cz), or a Gaussian, the equation is solved exactly, and all its roots
are known. Elsewhere the roots are isolated in ball arithmetic, as far as one of REACHES.
"""

from dataclasses import replace

import sympy as sp
from flint import arb

from derive.balls import Unreachable
from derive.claims.saturation.isolate import (
    MIDDLE,
    Curve,
    certified_largest,
    certified_number,
    curve,
    outermost,
)
from derive.claims.saturation.solve import solved
from derive.claims.saturation.tails import Approach, Values, approaches, defaults
from derive.claims.saturation.words import with_values
from derive.claims.working import relation
from derive.derivation import kinks
from derive.derivation.quantities import OUTPUT_SLOPE
from derive.derivation.slopes import raw_output_slope
from derive.heads import plain
from derive.model import PROVED, UNDECIDED, Activation, Finding, Quantity, Step, Z
from derive.proof.normal import is_zero
from derive.proof.pieces import pieces
from derive.rules.stable import recognise

SHARE = sp.Rational(1, 100)
NAME = "below one percent"
REACHES = (10**12, MIDDLE)  # tried in turn: e^(e^z) leaves the numbers soon
DIGITS, PLACES = 4, 6  # of a root, in a sentence and as a value
LARGEST = Quantity(
    name="max|da/dz|", latex=r"\sup\left|" + OUTPUT_SLOPE.latex + r"\right|", text="sup |∂a/∂z|"
)


def one_percent(act: Activation) -> tuple[Finding, ...]:
    """One finding for each saturated end whose slope has a largest value."""
    ends = [a for a in approaches(act) if a.saturated]
    if not ends or any(a.slope.limit is not None and a.slope.limit.is_infinite for a in approaches(act)):
        return ()
    values = defaults(act.parameters)
    slope = plain(raw_output_slope(act, 1).subs(values))
    if not slope.has(Z):  # a step: no slope is the largest
        return ()
    return tuple(_at(act, slope, end, values) for end in ends)


def _at(act: Activation, slope: sp.Expr, end: Approach, values: Values) -> Finding:
    says = f"|a′| stays below one hundredth of its largest value as {end.side.says}."
    blank = Finding(name=NAME, says=says, outcome=UNDECIDED, how="neither solved nor isolated")
    if found := solved(slope, end.side, SHARE):
        return _exactly(replace(blank, outcome=PROVED), slope, *found, values)
    if (kink := _dead(act.expr.subs(values), end)) is not None:
        return _constant(replace(blank, outcome=PROVED), kink, values)
    stable = curve(kinks.slope(recognise(act.expr.subs(values)), 1)[0])
    for reach in REACHES:
        try:
            return _isolated(blank, stable, end, values, reach)
        except Unreachable:
            continue
    return blank


def _dead(expr: sp.Expr, end: Approach) -> sp.Expr | None:
    """The outermost kink towards an end, where the output is constant beyond it."""
    try:
        found = pieces(expr)
    except TypeError:
        return None
    last, kink = (found[0], found[0].high) if end.side.inward > 0 else (found[-1], found[-1].low)
    return kink if len(found) > 1 and not last.expr.has(Z) else None


def _constant(blank: Finding, kink: sp.Expr, values: Values) -> Finding:
    """The finding where a′ is 0 beyond a kink."""
    how = f"beyond z = {kink}{with_values(values)}, where a′ is exactly 0".replace("-", "−")
    line = ("constant", "Beyond the outermost kink the output is constant.", sp.S.Zero)
    return replace(blank, how=how, value=kink, steps=(relation(OUTPUT_SLOPE, "=", line, "rule"),))


def _exactly(blank: Finding, slope: sp.Expr, largest: sp.Expr, root: sp.Expr, values: Values) -> Finding:
    """The finding where the equation |a′| = max/100 is solved."""
    if root.is_Rational:
        how = f"beyond z = {root}{with_values(values)}, exactly"
    else:
        where = f"beyond z ≈ {_digits(certified_number(root))}{with_values(values)}"
        how = f"{where}: the equation is solved exactly"
    return replace(blank, how=how, value=root, steps=_steps(largest, root, _method(slope, largest, root)))


def _method(slope: sp.Expr, largest: sp.Expr, root: sp.Expr) -> str:
    """How it is known that the share is left at the root: by normal form, or by the rule the step names."""
    try:
        left = slope.subs(Z, root)
        exactly = any(is_zero(left - sign * SHARE * largest) for sign in (1, -1))
    except TypeError:
        return "rule"
    return "normal form" if exactly else "rule"


def _digits(root: arb) -> str:
    return str(root.str(DIGITS, radius=False)).replace("-", "−")


def _steps(largest: sp.Expr, root: sp.Expr, method: str) -> tuple[Step, ...]:
    says = "Of the values where the slope is stationary, at kinks and at both ends, this is the largest."
    last = ("one hundredth", "Of the solutions of |a′| = sup/100 this is the outermost.", root)
    return (
        relation(LARGEST, "=", ("stationary points and ends", says, largest), "rule"),
        relation(Quantity(name="z0", latex="z_{0}", text="z_0"), "=", last, method),
    )


def _isolated(blank: Finding, slope: Curve, end: Approach, values: Values, reach: int) -> Finding:
    """The finding by certified isolation of the largest value and of the last root before the end."""
    largest = certified_largest(slope, reach)
    root = outermost(slope, largest * arb(int(SHARE.p)) / int(SHARE.q), end.side.inward, reach)
    how = (
        f"beyond z ≈ {_digits(root)}{with_values(values)}, certified in balls; farther out there is the limit"
    )
    says = f"|a′| stays below one hundredth of its largest value as {end.side.says}, as far as |z| = {reach}."
    value = sp.Float(root.str(PLACES, radius=False), PLACES)
    return replace(blank, says=says, outcome=PROVED, how=how, value=value)
