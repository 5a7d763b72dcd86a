"""Raw scores: one that is the best for two probabilities, and whether the sign of the best one decides."""

import sympy as sp

from derive.claims.proper.parts import CALIBRATED, COMPOSITE, EXPECTED_SLOPE, PI
from derive.claims.scoring import View, decided
from derive.claims.working import definition, equality, relation
from derive.heads import plain
from derive.model import (
    NOT_APPLICABLE,
    PROVED,
    REFUTED,
    UNDECIDED,
    A,
    Finding,
    Finite,
    Quantity,
    Unproved,
    Witness,
    Y,
)

TWO = (sp.Rational(2, 3), sp.Rational(3, 4))
SMALL = sp.Rational(1, 2**10)
MARGIN_SLOPE = Quantity(name="phi'(0)", latex=r"\varphi'(0)", text="φ′(0)")
MARGIN = Quantity(name="phi", latex=r"\varphi(y a)", text="φ(y a)")
MIRROR = Quantity(name="mirror", latex="L(a, -1)", text="L(a, −1)")
SOURCE = "Bartlett, Jordan and McAuliffe, Convexity, classification, and risk bounds (2006), theorem 2"


def one_for_two(scored: View, expected: sp.Expr, says: str) -> Finding:
    """A point at which two probabilities have their least expected loss: the score tells them not apart."""
    whole = _convex(scored)
    for at in _candidates(scored):
        sides = [_sides(expected.subs(PI, odds), at) for odds in TWO]
        last = at == scored.prediction.hi
        if whole and all(b.is_negative and (last or a.is_positive) for b, a in sides):
            at_two = (("pi_1", TWO[0]), ("pi_2", TWO[1]), ("a", at))
            goes = "falls all the way to it" if last else "falls before it and grows after it"
            how = f"π = {TWO[0]} and π = {TWO[1]} share their best score a = {at}: the expected loss {goes}"
            witness = Witness(at=at_two, quantity=EXPECTED_SLOPE, value=sides[0][0])
            return Finding(name=COMPOSITE, says=says, outcome=REFUTED, how=how, witness=witness)
    return Finding(name=COMPOSITE, says=says, outcome=UNDECIDED, how="no score serves two probabilities")


def _candidates(scored: View) -> list[sp.Expr]:
    """The kinks inside the predictions, and their upper end where there is one."""
    low, high = scored.prediction.lo, scored.prediction.hi
    inside = [at for at in _kinks(scored) if low < at < high]
    return inside if high == sp.oo else [*inside, high]


def _kinks(scored: View) -> list[sp.Expr]:
    """Where the cost of a label has a kink, whatever the parameters."""
    found = {s for k in scored.loss.kinks for v in scored.labels or () for s in sp.solve(k.subs(Y, v), A)}
    return sorted((at for at in found if at.is_number), reverse=True)


def _sides(cost: sp.Expr, at: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """The slopes at a point from the left and from the right."""
    before, after = (_piece(plain(cost), at + side * SMALL).diff(A).subs(A, at) for side in (-1, 1))
    return before, after


def _piece(cost: sp.Expr, near: sp.Expr) -> sp.Expr:
    """The cost as it is written around a point at which no condition changes."""

    def taken(*pieces: tuple[sp.Expr, sp.Basic]) -> sp.Expr:
        return next(value for value, condition in pieces if condition.subs(A, near) == sp.true)

    return cost.replace(sp.Piecewise, taken)


def _convex(scored: View) -> bool:
    """Whether the cost of either label is convex: each piece, and its slope does not fall at a kink."""
    for label in scored.labels or ():
        cost = plain(scored.loss.expr).subs(Y, label)
        pieces = [v for p in cost.atoms(sp.Piecewise) for v, _ in p.args] or [cost]
        if any(decided(v.diff(A, 2), {A: scored.prediction}).outcome != PROVED for v in pieces):
            return False
        for at in _kinks(scored):
            before, after = _sides(cost, at)
            if not (after - before).is_nonnegative:
                return False
    return True


def calibrated(scored: View) -> Finding:
    """Whether the sign of the best score is the likelier label, by the rule for convex losses of y a."""
    says = "the score with the least expected loss has the sign of the likelier label"
    if not scored.prediction.lo < 0 < scored.prediction.hi:
        return _one_sign(scored, says)
    first = plain(scored.loss.expr).subs(Y, 1)
    mirrored = first.subs(A, -A)
    try:
        line = ("mirror", "the loss depends on y a alone", mirrored)
        target = Finite(values=(-1,))
        same = equality(MIRROR, line, plain(scored.loss.expr).subs(Y, -1), target)
    except (Unproved, TypeError):
        how = "the loss does not depend on y a alone"
        return Finding(name=CALIBRATED, says=says, outcome=NOT_APPLICABLE, how=how)
    slope = _slope_at_zero(first)
    if slope is None or not _convex(scored):
        return Finding(
            name=CALIBRATED, says=says, outcome=UNDECIDED, how="not seen to be convex and smooth at 0"
        )
    try:
        at_zero = equality(MARGIN_SLOPE, ("slope", "its slope at 0", slope), _sides(first, sp.S.Zero)[1])
    except Unproved as problem:
        return Finding(name=CALIBRATED, says=says, outcome=UNDECIDED, how=str(problem))
    falls = bool(slope.is_negative)
    steps = (
        definition(MARGIN, "the loss of y = 1, as a function φ of y a", first),
        same,
        at_zero,
        *(
            [
                relation(
                    MARGIN_SLOPE, "<", ("sign", f"a convex φ that falls at 0: {SOURCE}", sp.S.Zero), "rule"
                )
            ]
            * falls
        ),
    )
    how = f"φ is convex, and φ′(0) is {slope}: {SOURCE}".replace("-", "−")
    return Finding(name=CALIBRATED, says=says, outcome=PROVED if falls else REFUTED, how=how, steps=steps)


def _slope_at_zero(first: sp.Expr) -> sp.Expr | None:
    """The slope at 0 where it is the same from both sides."""
    before, after = _sides(first, sp.S.Zero)
    return sp.cancel(before) if before.is_number and before == after else None


def _one_sign(scored: View, says: str) -> Finding:
    """The refutation where all predictions have one sign, whichever label is the likelier."""
    above = bool(scored.prediction.lo >= 0)
    odds, end = (1 - TWO[1], scored.prediction.lo) if above else (TWO[1], scored.prediction.hi)
    word = "inf" if above else "sup"
    quantity = Quantity(name=f"{word} a", latex=rf"\{word} a", text=f"{word} a")
    how = f"for π = {odds} the likelier label has the other sign than every prediction"
    witness = Witness(at=(("pi", odds),), quantity=quantity, value=end)
    return Finding(name=CALIBRATED, says=says, outcome=REFUTED, how=how, witness=witness)
