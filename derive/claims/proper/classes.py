"""The expected loss over K classes: cross-entropies by their divergence, sums of like terms term by term."""

from dataclasses import replace

import sympy as sp

from derive.claims.entropy.classes import Chances, as_usual, in_two, letter_of, split_of
from derive.claims.entropy.gibbs import tangent
from derive.claims.proper.labels import link
from derive.claims.proper.means import means
from derive.claims.proper.parts import (
    CHANCE,
    COMPOSITE,
    EXCESS,
    EXPECTED_SLOPE,
    LINK,
    LINK_SLOPE,
    PI,
    PROPER,
    PULL,
    Better,
    better,
    comparison,
    in_powers,
)
from derive.claims.scoring import Terms, View, decided, inner_points, terms_of
from derive.claims.scoring.terms import C, hard_term
from derive.claims.working import definition, equality, relation
from derive.heads import plain
from derive.model import (
    AS,
    NOT_APPLICABLE,
    POSITIVE,
    PROVED,
    REALS,
    REFUTED,
    UNDECIDED,
    UNIT_OPEN,
    A,
    Finding,
    Interval,
    J,
    Loss,
    Quantity,
    Simplex,
    Step,
    Table,
    Unproved,
    Witness,
    Y,
)

TERM_SLOPE = Quantity(
    name="slope of a term", latex=r"\frac{\partial\, \mathrm{E}\,g}{\partial a_{k}}", text="∂E g/∂a_k"
)
EXPECTED_KL = Quantity(name="E L", latex=r"\mathrm{E}\,L - H(\pi)", text="E L − H(π)")
Answered = tuple[list[Finding], list[Table]]


def classes(of: Chances) -> Answered:
    """The findings about a loss of K probabilities; hard targets, class k with probability π_k."""
    says = f"the expected loss over the classes is least where {letter_of(of)} = π"
    if not of.loss.hard:
        how = "a hard target lies outside the loss's targets: no expected loss is finite"
        return [Finding(name=PROPER, says=says, outcome=NOT_APPLICABLE, how=how)], []
    first, tables = _general(of, says)
    usual = replace(of, loss=as_usual(of.loss))
    if first.outcome != PROVED and of.loss.parameters:
        second = _by_divergence(usual, says) or _by_terms(usual, says)
        if second is not None and second.outcome == PROVED:
            with_defaults = f"with the loss's parameters at their defaults {second.says}"
            return [first, replace(second, name=f"{PROPER}, defaults", says=with_defaults)], tables
    return [first], tables


def _general(of: Chances, says: str) -> tuple[Finding, list[Table]]:
    if (proved := _by_divergence(of, says) or _by_terms(of, says)) is not None:
        return proved, []
    if hit := _in_two(of):
        found, more = hit
        odds, best, value, cost = found
        at = (("K", sp.Integer(2)), ("pi", odds), ("a", best), *more)
        witness = Witness(at=at, quantity=EXCESS, value=value - cost)
        how = "for K = 2, a prediction that expects less than the truth does"
        return Finding(name=PROPER, says=says, outcome=REFUTED, how=how, witness=witness), [
            comparison(found, PI, "the truth")
        ]
    how = "neither term by term, nor by a divergence, nor refuted for K = 2"
    return Finding(name=PROPER, says=says, outcome=UNDECIDED, how=how), []


def _in_two(of: Chances) -> tuple[Better, tuple[tuple[str, sp.Expr], ...]] | None:
    """A better prediction than the truth at K = 2, with the parameters it needs."""
    for cost, more in in_two(of):
        ends = [hard_term(cost, value) for value in (0, 1)]
        expected = (1 - PI) * ends[0] + PI * ends[1]
        if hit := better(expected, PI, inner_points(UNIT_OPEN)):
            return hit, more
    return None


def _by_divergence(of: Chances, says: str) -> Finding | None:
    """The expected loss is the cross-entropy of π and p, so H(π) + KL(π‖p)."""
    split = split_of(of)
    if split.outcome != PROVED:
        return None
    name = letter_of(of)
    why = f"E y_k = π_k, and a hard target has no entropy: the expected loss is H(π) + KL(π‖{name})"
    steps = (
        *split.steps,
        *tangent(),
        relation(
            EXPECTED_KL, "≥", ("Gibbs' inequality", f"{why}; 0 only where {name} = π", sp.S.Zero), "rule"
        ),
    )
    how = "the loss is H(y) + KL(y‖p), so its expectation is H(π) + KL(π‖p), by Gibbs' inequality"
    only = f"{says}, and only there"
    return Finding(name=PROPER, says=only, outcome=PROVED, how=how.replace("p)", f"{name})"), steps=steps)


def _by_terms(of: Chances, says: str) -> Finding | None:
    found = terms_of(of.loss)
    return by_terms(found, says) if found is not None and of.component == AS[J] else None


def by_terms(found: Terms, says: str) -> Finding | None:
    """Term by term on the simplex: with λ added, the expected slope is w(a_k)(a_k − π_k)."""
    low, high = (hard_term(found.term, value).diff(A) for value in (0, 1))
    pull = in_powers(low - high)
    balance = sp.simplify(pull * A - low)
    if balance.free_symbols or pull.has(C, Y):
        return None
    decision = decided(pull, {A: UNIT_OPEN}, strictly=True)
    if decision.outcome != PROVED:
        return None
    whole = (1 - PI) * hard_term(found.term, 0) + PI * hard_term(found.term, 1)
    slope = (1 - PI) * low + PI * high
    drawn = "y_k is 1 with probability π_k, else 0 (a and π are a_k and π_k)"
    factored = sp.Mul(pull, A - PI, evaluate=False)
    line = ("collect", "λ (a_k − π_k) is added to each term", factored)
    why = f"so every term is least at a_k = π_k, and the added ones sum to 0: {decision.how}"
    try:
        steps = (
            equality(TERM_SLOPE, ("slope", drawn, slope), whole.diff(A), REALS, CHANCE),
            equality(_with(balance), line, slope + balance, REALS, CHANCE),
            definition(PULL, "the other factor", pull),
            relation(PULL, ">", ("sign", why, sp.S.Zero), decision.method),
        )
    except Unproved:
        return None
    how = "term by term, with λ (a_k − π_k) added to each, which sums to 0"
    return Finding(name=PROPER, says=f"{says}, and only there", outcome=PROVED, how=how, steps=steps)


def _with(balance: sp.Expr) -> Quantity:
    """The slope of a term with λ added."""
    text, slope = f"{balance}".replace("-", "−"), r"\frac{\partial\, \mathrm{E}\,g}{\partial a_{k}}"
    return Quantity(
        name="slope of a term, balanced",
        latex=rf"{slope} + \lambda,\ \lambda = {sp.latex(balance)}",
        text=f"∂E g/∂a_k + λ, λ = {text}",
    )


def terms(los: Loss, found: Terms) -> Answered:
    """The findings about a sum of like terms whose prediction is no distribution, or not the loss's own."""
    if isinstance(found.prediction, Simplex):
        says = "the expected loss over the classes is least where a = π"
        if (proved := by_terms(found, says)) is not None:
            return [proved], []
        of = Chances(loss=replace(los, prediction=found.prediction), component=AS[J], says="", drawn=False)
        first, tables = _general(of, says)
        return [first], tables
    place = found.prediction if isinstance(found.prediction, Interval) else REALS
    alone = replace(los, expr=found.term, kind="elementwise", prediction=place)
    if los.target == REALS:
        return means(View(loss=alone, prediction=place, parameters=(), labels=None))
    says = "the scores with the least expected loss determine every π_k = P(y_k = 1)"
    return [_each_score(alone, place, says)], []


def _each_score(los: Loss, place: Interval, says: str) -> Finding:
    """Scores of independent classes, each term on its own."""
    low, high = (plain(los.expr).subs(Y, value).diff(A) for value in (0, 1))
    pull, psi = link(low, high)
    places = {A: place, sp.Symbol("K", integer=True, positive=True): POSITIVE}
    rising = decided(in_powers(psi.diff(A)), places, strictly=True)
    weight = decided(pull, places, strictly=True)
    if rising.outcome != PROVED or weight.outcome != PROVED:
        return Finding(name=COMPOSITE, says=says, outcome=UNDECIDED, how=f"{rising.how}; {weight.how}")
    slope = (1 - PI) * low + PI * high
    line = ("collect", "the slope of a term, in its own a and π", pull * (psi - PI))
    try:
        first = equality(EXPECTED_SLOPE, line, slope, REALS, CHANCE)
    except Unproved as problem:
        return Finding(name=COMPOSITE, says=says, outcome=UNDECIDED, how=str(problem))
    steps: tuple[Step, ...] = (
        first,
        definition(LINK, "what the score says of π", psi),
        relation(LINK_SLOPE, ">", ("sign", rising.how, sp.S.Zero), rising.method),
    )
    how = "the expected slope is w(ψ(a_k) − π_k) with w > 0 and ψ rising: least where ψ(a_k) = π_k"
    return Finding(name=COMPOSITE, says=says, outcome=PROVED, how=how, steps=steps)
