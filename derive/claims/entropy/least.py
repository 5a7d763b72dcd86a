"""Whether a loss is least where a = y: by its divergence L(a, y) − L(y, y), or not, with a witness."""

from collections.abc import Mapping
from dataclasses import replace

import sympy as sp

from derive.claims.entropy.parts import LEAST
from derive.claims.places import points_of
from derive.claims.scoring import Terms, View, below, certainly_negative, inner_points, near
from derive.claims.scoring.divergence import by_pull, by_rise, divergence
from derive.claims.scoring.terms import C
from derive.claims.working import relation
from derive.derivation.slopes import without_dirac
from derive.derivation.vectors.spoken import spoken as said
from derive.heads import plain
from derive.model import (
    PROVED,
    REFUTED,
    UNDECIDED,
    UNIT_CLOSED,
    UNIT_OPEN,
    A,
    Finding,
    Interval,
    Quantity,
    Step,
    Witness,
    Y,
)

APART = Y * (sp.log(Y) - sp.log(A)) + (1 - Y) * (sp.log(1 - Y) - sp.log(1 - A))
FEW = (sp.Rational(3, 4), sp.Rational(1, 4), sp.Rational(1, 2))
Hit = tuple[tuple[tuple[str, sp.Expr], ...], sp.Expr]

D = Quantity(name="D", latex="D(y, a) = L(a, y) - L(y, y)", text="D(y, a) = L(a, y) − L(y, y)")


def least(scored: View) -> Finding:
    """The finding about the place of the minimum."""
    says = "the loss is least where a = y: D(y, a) = L(a, y) − L(y, y) ≥ 0"
    outward = divergence(scored)
    if outward.outcome == PROVED:
        only = ", and only there" if outward.strict else ""
        how = f"the slope in a has the sign of a − y{only and '; it is 0 at a = y only'}"
        line = ("smallest at the target", "the loss falls before a = y and grows after it", sp.S.Zero)
        steps = (*outward.steps, relation(D, "≥", line, "rule", result=True))
        return Finding(name=LEAST, says=says, outcome=PROVED, how=how, steps=steps)
    if witness := _witness(scored):
        return Finding(
            name=LEAST, says=says, outcome=REFUTED, how="another prediction costs less", witness=witness
        )
    return Finding(name=LEAST, says=says, outcome=outward.outcome, how=outward.how)


def _witness(scored: View) -> Witness | None:
    if not isinstance(scored.loss.target, Interval):
        return None
    default = {p.symbol: p.default for p in scored.parameters}
    if hit := better(scored.loss.expr.subs(default), scored.prediction, points_of(scored.loss.target)):
        point, value = hit
        return Witness(at=(*point, *((str(s), v) for s, v in default.items())), quantity=D, value=value)
    return None


def better(cost: sp.Expr, place: Interval, targets: tuple[sp.Expr, ...] = FEW) -> Hit | None:
    """A target inside the predictions, and a prediction that costs less than the target itself."""
    cost, inside = plain(cost), inner_points(place)
    for y in targets:
        grid = ({A: a, Y: y} for a in (*inside, *near(y, place)) if a != y)
        if y in inside and (hit := below(cost - cost.subs(A, y), grid)):
            return _named(hit[0]), hit[1]
    return None


def changes(cost: sp.Expr, place: Interval) -> Hit | None:
    """A point at which L − KL has a slope in a other than 0, with that slope."""
    drift = plain(cost).diff(A) - APART.diff(A)
    for y in (sp.Rational(1, 4), sp.Rational(1, 2), sp.Rational(3, 4)):
        for a in inner_points(place):
            value = sp.cancel(without_dirac(drift).subs({A: a, Y: y}))
            if value.is_number and (certainly_negative(value) or certainly_negative(-value)):
                return _named({A: a, Y: y}), value
    return None


def _named(point: Mapping[sp.Symbol, sp.Expr]) -> tuple[tuple[str, sp.Expr], ...]:
    return tuple((str(s), v) for s, v in point.items())


def least_by_terms(terms: Terms, says: str) -> Finding:
    """Of a sum of like terms on the simplex: each term, with λ(a − y) added, is least where a = y."""
    slope = plain(terms.term).diff(A)
    balance = -sp.simplify(slope.subs(A, Y))
    places = {A: UNIT_OPEN, Y: UNIT_CLOSED}
    if balance.free_symbols or slope.has(C):
        how = "the slopes of the terms at a = y are not all the same"
        return Finding(name=LEAST, says=says, outcome=UNDECIDED, how=how)
    for route in (by_pull, by_rise):
        done = route((slope + balance, slope + balance), places, ())
        if done.outcome == PROVED:
            how = f"term by term, with {said(balance)} · (a − y) added to each, which sums to 0: {done.how}"
            steps = tuple(in_term(step) for step in done.steps)
            return Finding(name=LEAST, says=f"{says}, and only there", outcome=PROVED, how=how, steps=steps)
    return Finding(name=LEAST, says=says, outcome=UNDECIDED, how=done.how)


def in_term(step: Step) -> Step:
    """A step about the loss as one about the term of a class."""
    quantity = step.quantity
    return replace(
        step,
        quantity=Quantity(
            name=f"{quantity.name} of a term",
            latex=quantity.latex.replace("L", "g"),
            text=quantity.text.replace("L", "g"),
        ),
    )
