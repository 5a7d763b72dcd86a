"""The cost over classes at a one-hot target: that of the true class alone, or of all of them."""

from dataclasses import replace

import sympy as sp
from sympy import Expr, Indexed

from derive.claims.claim import Found, found, not_applicable
from derive.claims.cost.between import sign_step
from derive.claims.cost.numbers import numbers
from derive.claims.cost.parts import FREE, MONOTONE, NONNEGATIVE, ONE_LINE, UNBOUNDED, finding
from derive.claims.scoring import End, Terms, View, decided, ends_of, limit_at
from derive.claims.scoring.terms import C, hard_term
from derive.claims.working import equality, relation
from derive.heads import plain
from derive.model import (
    AS,
    CS,
    POSITIVE,
    PROVED,
    PS,
    REALS,
    REFUTED,
    UNDECIDED,
    UNIT_OPEN,
    YS,
    A,
    Finding,
    Interval,
    J,
    K,
    LogSimplex,
    Loss,
    Quantity,
    Simplex,
    Step,
    Unproved,
    Witness,
)
from derive.proof.indexed import prove
from derive.rules.indexed import delta
from derive.rules.reader import facing_up

TRUE, FALSE = "the true class", "another class"


def of_class(letter: str = "a") -> Quantity:
    """L(a, e_j)."""
    return Quantity(name="L at a class", latex=rf"L({letter}, e_{{j}})", text=f"L({letter}, e_j)")


def classes(los: Loss, terms: Terms) -> Found:
    """The findings about a sum of like terms, one for each class, at a one-hot target."""
    if los.target == REALS and not isinstance(terms.prediction, Simplex):
        return numbers(_alone(los, terms))
    at_zero, at_one = (hard_term(terms.term, value) for value in (0, 1))
    place = UNIT_OPEN if isinstance(terms.prediction, Simplex) else _interval(terms)
    if at_one.has(sp.zoo, sp.nan, sp.oo) or at_zero.has(sp.zoo, sp.nan, sp.oo):
        return not_applicable(
            FREE, "a right prediction costs nothing", "a hard target is outside the loss's targets"
        )
    if at_zero == 0:
        return of_one(los, at_one, place)
    return _of_all(at_zero, at_one, place, ends=isinstance(terms.prediction, Simplex))


def _alone(los: Loss, terms: Terms) -> View:
    place = _interval(terms)
    alone = replace(los, expr=terms.term, kind="elementwise", prediction=place)
    return View(loss=alone, prediction=place, parameters=los.parameters, labels=None)


def _interval(terms: Terms) -> Interval:
    if isinstance(terms.prediction, LogSimplex):
        return Interval(hi=sp.S.Zero)
    return terms.prediction if isinstance(terms.prediction, Interval) else REALS


def of_one(los: Loss, cost: Expr, place: Interval, steps: tuple[Step, ...] = (), letter: str = "a") -> Found:
    """The findings about a cost that depends on the component of the true class alone."""
    name = f"{letter}_j"
    low, high = ends_of(place)
    says = "the cost {} as " + name + " → {} for the true class j"
    free = _limit(FREE, says.format("falls to 0", high.text), (cost, letter), high, sp.S.Zero)
    grows = _falls(cost, place, letter)
    far = _limit(UNBOUNDED, says.format("grows without bound", low.text), (cost, letter), low, sp.oo)
    return found(
        [
            free,
            _above(cost, place, (free, grows), letter),
            grows,
            far,
            *_in_one_line(los, cost, steps, letter),
        ]
    )


def _limit(name: str, says: str, what: tuple[Expr, str], end: End, goal: Expr) -> Finding:
    cost, letter = what
    limit = limit_at(cost, A, end)
    if limit is None:
        return finding(name, says, UNDECIDED, f"no limit was found as {letter} → {end.text}")
    quantity = Quantity(
        name=f"L at {end.place}",
        latex=rf"\lim_{{{letter}_{{j}} \to {sp.latex(end.place)}}} L({letter}, e_{{j}})",
        text=f"lim L({letter}, e_j) for {letter}_j → {end.text}",
    )
    line = ("limit", f"its leading term, as the component of the true class comes to {end.text}", limit)
    step = relation(quantity, "=", line, "leading terms")
    witness = (
        Witness(at=((f"{letter}_j", end.place),), quantity=quantity, value=limit) if limit != goal else None
    )
    how = "the limit at the end, by leading terms"
    return finding(name, says, PROVED if witness is None else REFUTED, how, (step,), witness)


def _places(place: Interval) -> dict[sp.Symbol, Interval]:
    return {A: place, C: POSITIVE}


def _falls(cost: Expr, place: Interval, letter: str) -> Finding:
    says = f"the larger {letter}_j of the true class, the lower the cost"
    decision = decided(-cost.diff(A), _places(place), strictly=True)
    if decision.outcome != PROVED:
        return finding(MONOTONE, says, decision.outcome, decision.how)
    quantity = Quantity(
        name="slope at a class",
        latex=rf"\frac{{\partial L({letter}, e_{{j}})}}{{\partial {letter}_{{j}}}}",
        text=f"∂L({letter}, e_j)/∂{letter}_j",
    )
    slope = cost.diff(A)
    try:
        first = equality(quantity, ("slope", "differentiate", facing_up(slope)), slope)
    except Unproved as problem:
        return finding(MONOTONE, says, UNDECIDED, str(problem))
    steps = replace(first, expr=_shown(first.expr, letter)), sign_step(quantity, "<", decision)
    return finding(MONOTONE, says, PROVED, "the sign of the slope", steps)


def _above(cost: Expr, place: Interval, known: tuple[Finding, Finding], letter: str) -> Finding:
    says = "the cost is never below 0"
    if all(f.outcome == PROVED for f in known):
        how, method = "it falls to its limit 0", "rule"
    else:
        decision = decided(cost, _places(place))
        if decision.outcome != PROVED:
            return finding(NONNEGATIVE, says, decision.outcome, decision.how)
        how, method = decision.how, decision.method
    step = relation(of_class(letter), "≥", ("sign", how, sp.S.Zero), method)
    return finding(NONNEGATIVE, says, PROVED, how, (step,))


def _shown(expr: Expr, letter: str = "a") -> Expr:
    """A term in the letters of class j."""
    return expr.subs({A: (PS if letter == "p" else AS)[J], C: CS[J]})


def _in_one_line(los: Loss, cost: Expr, steps: tuple[Step, ...], letter: str) -> list[Finding]:
    """The sum over classes at the target e_j is the term of class j."""
    says = f"for the true class j the sum over all classes is one term: that of {letter}_j"
    how = "Σ_k δ_kj f_k = f_j"
    if steps:
        how = "the loss is KL(y‖p) and what is 0 at a hard target; Σ_k δ_kj f_k = f_j, and 0 · log 0 = 0"
        line = ("contract", "the one term that is left", _shown(cost, letter))
        last = relation(of_class(letter), "=", line, "rule")
        return [finding(ONE_LINE, says, PROVED, how, (*steps, last))]
    at_class = los.expr.xreplace({e: delta(e.indices[0], J) for e in los.expr.atoms(Indexed) if e.base == YS})
    try:
        proof = prove(at_class, _shown(cost))
    except Unproved:  # a logarithm of δ: its term is 0 by 0 · log 0 = 0
        line = ("contract", "the terms of all other classes are 0, with 0 · log 0 = 0", _shown(cost))
        step = relation(of_class(), "=", line, "rule")
        return [finding(ONE_LINE, says, PROVED, f"{how}, with 0 · log 0 = 0", (step,))]
    step = Step(quantity=of_class(), rule="contract", says=how, expr=_shown(cost), proof=proof)
    return [finding(ONE_LINE, says, PROVED, how, (step,))]


def _of_all(at_zero: Expr, at_one: Expr, place: Interval, *, ends: bool) -> Found:
    """The findings about a cost to which every class contributes: a term if true, another if not."""
    right = limits_of(at_zero, at_one, place)
    wrong = limits_of(at_one, at_zero, place)
    where = "at e_j" if ends else "as every component goes to its right end"
    free = _corner(FREE, f"the cost is 0 {where} for the true class j", right, sp.S.Zero)
    far = _corner(
        UNBOUNDED, "the cost grows without bound as the components go to their wrong ends", wrong, sp.oo
    )
    signs = [decided(plain(term), _places(place)) for term in (at_zero, at_one)]
    bad = next((d for d in signs if d.outcome != PROVED), signs[0])
    says = "the cost is never below 0: no term is"
    above = finding(NONNEGATIVE, says, bad.outcome, bad.how, _term_steps(signs, (FALSE, TRUE)))
    return found([free, above, far])


def limits_of(at_low: Expr, at_high: Expr, place: Interval) -> tuple[Expr | None, Expr | None]:
    """The limit of one term at the lower end and of another at the upper one."""
    low, high = ends_of(place)
    return limit_at(at_low, A, low), limit_at(at_high, A, high)


def _corner(name: str, says: str, limits: tuple[Expr | None, Expr | None], goal: Expr) -> Finding:
    if None in limits:
        return finding(name, says, UNDECIDED, "no limit was found")
    total = sp.Add(*(limit for limit in limits if limit is not None))
    how = "the terms of a class that is true and of one that is not, at the ends of their components"
    quantity = Quantity(name="two terms", latex=r"\lim \left(g_{i} + g_{j}\right)", text="lim (g_i + g_j)")
    step = relation(
        quantity, "=", ("limit", "of the true class and of one other, at those ends", total), "leading terms"
    )
    if total == goal:
        return finding(name, says, PROVED, how, (step,))
    witness = Witness(at=(("K", sp.Integer(2)),), quantity=quantity, value=total.subs(K, 2))
    return finding(name, says, REFUTED, how, (step,), witness)


def _term_steps(signs, whose: tuple[str, str]) -> tuple[Step, ...]:
    steps = []
    for decision, who in zip(signs, whose, strict=True):
        quantity = Quantity(name=f"term of {who}", latex=rf"g\ \text{{of {who}}}", text=f"g of {who}")
        if decision.outcome == PROVED:
            steps.append(relation(quantity, "≥", ("sign", decision.how, sp.S.Zero), decision.method))
    return tuple(steps)
