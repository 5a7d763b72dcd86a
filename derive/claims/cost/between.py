"""The cost between two hard targets: what it goes to at either end, and both cases in one line."""

from collections.abc import Iterator
from dataclasses import replace

import sympy as sp

from derive.claims.claim import Found, found
from derive.claims.cost.parts import (
    COST,
    FREE,
    MONOTONE,
    NONNEGATIVE,
    ONE_LINE,
    UNBOUNDED,
    case,
    case_slope,
    finding,
    number,
    said,
    towards,
)
from derive.claims.scoring import End, View, decided, end_value, ends_of
from derive.claims.scoring.witness import in_numbers
from derive.claims.working import Relation, equality, relation
from derive.derivation.slopes import without_dirac
from derive.model import PROVED, REFUTED, UNDECIDED, A, Finding, Finite, Quantity, Step, Unproved, Witness, Y
from derive.proof.signs import Decision
from derive.rules.reader import facing_up

RIGHT, WRONG = True, False


def between(scored: View) -> Found:
    """The findings about a loss with two hard targets at the ends of its predictions."""
    grows = _grows(scored)
    free = _limits(scored, RIGHT)
    findings = [free, _nonnegative(scored, grows, free), grows, _limits(scored, WRONG), *_one_line(scored)]
    return found(findings)


def cases(scored: View) -> Iterator[tuple[int, sp.Expr, End, End]]:
    """Each hard target with its cost, the end that is right and the end that is wrong."""
    low, high = ends_of(scored.prediction)
    for label, right, wrong in zip(scored.labels or (), (low, high), (high, low), strict=True):
        yield label, one_case(scored, label), right, wrong


def one_case(scored: View, label: int) -> sp.Expr:
    """The cost at a hard target, as a function of a."""
    return scored.loss.expr.subs(Y, label)


def _limits(scored: View, right: bool) -> Finding:
    """Whether the cost goes to 0 at the right end, or to ∞ at the wrong one, for both targets."""
    goal, name = (sp.S.Zero, FREE) if right else (sp.oo, UNBOUNDED)
    steps, reached = [], []
    for label, _, *ends in cases(scored):
        end = ends[0 if right else 1]
        limit = end_value(scored, label, end)
        if limit is None:
            return finding(name, _says(scored, right), UNDECIDED, f"no limit was found as a → {end.text}")
        says = f"{limit.says}, as a comes to {end.text}"
        line = (f"as a → {end.text}", says, limit.value)
        steps.append(relation(towards(label, end), "=", line, limit.method))
        reached.append((label, end, limit.value))
    how = "the limits at the ends, by leading terms"
    other = [row for row in reached if row[2] != goal]
    given = tuple((str(p.symbol), p.default) for p in scored.parameters)
    witness = _limit_witness(*other[0], given) if other else None
    return finding(name, _says(scored, right), REFUTED if other else PROVED, how, tuple(steps), witness)


def _limit_witness(label: int, end: End, limit: sp.Expr, given: tuple[tuple[str, sp.Expr], ...]) -> Witness:
    at = (("y", sp.Integer(label)), ("a", end.place), *given)
    return Witness(at=at, quantity=towards(label, end), value=in_numbers(limit, at))


def _says(scored: View, right: bool) -> str:
    goes = "falls to 0" if right else "grows without bound"
    parts = []
    for label, _, *ends in cases(scored):
        parts.append(f"as a → {ends[0 if right else 1].text} if y = {number(label)}")
    return f"the cost {goes} {' and '.join(parts)}"


def slope_of_case(scored: View, label: int) -> sp.Expr:
    """∂L/∂a at a hard target."""
    return without_dirac(one_case(scored, label).diff(A))


def _grows(scored: View) -> Finding:
    """Whether the cost falls all the way to the right end, for both targets."""
    says = "the nearer the right prediction, the lower the cost, for either target"
    steps, unknown = [], None
    for (label, _, _, _), sign in zip(cases(scored), (1, -1), strict=True):
        slope = slope_of_case(scored, label)
        how = _sign(slope, sign, scored)
        if how.outcome != PROVED:
            unknown = how
            break
        strict: Relation = ">" if sign > 0 else "<"
        soft: Relation = "≥" if sign > 0 else "≤"
        line = ("slope of the cost", f"differentiate L(a, {number(label)})", facing_up(slope))
        try:
            first = equality(case_slope(label), line, slope, scored.loss.target, scored.parameters)
        except Unproved as problem:
            return finding(MONOTONE, says, UNDECIDED, str(problem))
        steps += [first, sign_step(case_slope(label), soft if _flat(slope) else strict, how)]
    if unknown:
        witness = _witness(scored, case_slope(label), label, unknown)
        return finding(MONOTONE, says, unknown.outcome, unknown.how, tuple(steps), witness)
    return finding(MONOTONE, says, PROVED, "the sign of ∂L/∂a for either target", tuple(steps))


def _flat(slope: sp.Expr) -> bool:
    """Whether a slope is 0 on a piece."""
    return any(value == 0 for pieces in slope.atoms(sp.Piecewise) for value, _ in pieces.args)


def _sign(slope: sp.Expr, sign: int, scored: View) -> Decision:
    # Inside the predictions: at the right end itself a slope may be 0.
    place = replace(scored.prediction, closed_lo=False, closed_hi=False)
    places = {A: place} | {p.symbol: p.domain for p in scored.parameters}
    found = decided(sign * slope, places, strictly=not _flat(slope))
    return found if found.value is None else replace(found, value=sign * found.value)


def sign_step(quantity: Quantity, sign: Relation, decision: Decision) -> Step:
    """The sign of a slope."""
    return relation(quantity, sign, ("sign", decision.how, sp.S.Zero), decision.method)


def _nonnegative(scored: View, grows: Finding, free: Finding) -> Finding:
    says = "the cost is never below 0, for either target"
    if grows.outcome == PROVED and free.outcome == PROVED:
        how = "it falls towards the right end, and its limit there is 0"
        line = ("monotone", how, sp.S.Zero)
        return finding(NONNEGATIVE, says, PROVED, how, (relation(COST, "≥", line, "rule"),))
    for label, cost, *_ in cases(scored):
        decision = decided(cost, {A: scored.prediction} | {p.symbol: p.domain for p in scored.parameters})
        if decision.outcome != PROVED:
            return finding(
                NONNEGATIVE,
                says,
                decision.outcome,
                decision.how,
                (),
                _witness(scored, case(label), label, decision),
            )
    return finding(NONNEGATIVE, says, PROVED, decision.how, (_at_least_zero(decision.how, decision.method),))


def _at_least_zero(how: str, method: str) -> Step:
    return relation(COST, "≥", ("sign", how, sp.S.Zero), method)


def _witness(scored: View, quantity: Quantity, label: int, decision: Decision) -> Witness | None:
    if decision.value is None:
        return None
    at = {"y": sp.Integer(label)} | {str(s): v for s, v in decision.witness}
    rest = {str(p.symbol): p.default for p in scored.parameters if str(p.symbol) not in at}
    return Witness(at=tuple((at | rest).items()), quantity=quantity, value=decision.value)


def _one_line(scored: View) -> list[Finding]:
    """Both cases, and the one expression that is affine in y through them, proved equal to the loss."""
    low, high = scored.labels or (0, 1)
    both = [one_case(scored, label) for label in (low, high)]
    if any(c.has(sp.Piecewise, sp.Abs) for c in both):
        return []
    line = affine(low, high, *both)
    says = f"on y ∈ {{{number(low)}, {number(high)}}} the loss is {said(line)}"
    target = Finite(values=(low, high))
    try:
        steps = _line_steps(scored, (low, high), both, line, target)
    except Unproved as problem:
        return [finding(ONE_LINE, says, UNDECIDED, str(problem))]
    how = "by substitution of either target; an expression affine in y is known by its two values"
    return [finding(ONE_LINE, says, PROVED, how, steps)]


def affine(low: int, high: int, at_low: sp.Expr, at_high: sp.Expr) -> sp.Expr:
    """The expression affine in y that has two given values."""
    wide = sp.Integer(high - low)
    return (high - Y) / wide * at_low + (Y - low) / wide * at_high


def _line_steps(scored, labels, both, line, target) -> tuple[Step, ...]:
    shown = []
    for label, cost in zip(labels, both, strict=True):
        says = f"put y = {number(label)} into the loss"
        means = scored.loss.expr.subs(Y, label)
        shown.append(equality(case(label), ("case", says, cost), means, target, scored.parameters))
    says = "the expression affine in y with these two values, and the only one"
    shown.append(equality(COST, ("one line", says, line), scored.loss.expr, target, scored.parameters))
    quantities = [_difference(label) for label in labels]
    for label, cost, quantity in zip(labels, both, quantities, strict=True):
        back = (line - cost).subs(Y, label)
        says = f"back again: the line less the case, at y = {number(label)}"
        shown.append(equality(quantity, ("substitution", says, sp.S.Zero), back, target, scored.parameters))
    return tuple(shown)


def _difference(label: int) -> Quantity:
    return Quantity(
        name=f"line less case {label}",
        latex=rf"\left. L \right|_{{y = {label}}} - L(a, {label})",
        text=f"the line at y = {number(label)}, less L(a, {number(label)})",
    )
