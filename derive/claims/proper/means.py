"""The expected loss over any targets: least at their mean where ∂L/∂a = (a − y)·w(a), or a witness."""

import sympy as sp

from derive.claims.places import settings
from derive.claims.proper.parts import (
    EXCESS_OF_MEAN,
    EXPECTED_SLOPE,
    MU,
    ODDS,
    PI,
    PROPER,
    PULL,
    Better,
    better,
    comparison,
)
from derive.claims.scoring import View, decided
from derive.claims.scoring.divergence import pull_of
from derive.claims.working import definition, equality, relation
from derive.derivation.quantities import LOSS_SLOPE
from derive.derivation.slopes import loss_slope, raw_loss_slope
from derive.heads import plain
from derive.model import PROVED, REFUTED, UNDECIDED, A, Finding, Interval, Set, Table, Unproved, Witness, Y

SAYS = "the expected loss is least where a is the mean of y"
WIDE = ((0, 1), (0, 4), (-2, 2), (1, 5), (-8, 8))  # two targets that are tried, the lower first
PARTS = 12


def means(scored: View) -> tuple[list[Finding], list[Table]]:
    """The finding about the mean of any targets."""
    pull = pull_of(plain(raw_loss_slope(scored.loss, 1)))
    if pull is not None and not pull.has(Y):
        return [_consistent(scored, pull)], []
    return refuted(scored)


def _consistent(scored: View, pull: sp.Expr) -> Finding:
    places = {A: scored.prediction} | {p.symbol: p.domain for p in scored.parameters}
    decision = decided(pull, places, strictly=True)
    if decision.outcome != PROVED:
        return Finding(name=PROPER, says=SAYS, outcome=UNDECIDED, how=decision.how)
    shown = sp.Mul(A - Y, pull, evaluate=False)
    line = ("factor", "a − y times something that y does not enter", shown)
    slope = (A - MU) * pull
    try:
        first = equality(LOSS_SLOPE, line, loss_slope(scored.loss, 1), scored.loss.target, scored.parameters)
    except Unproved as problem:
        return Finding(name=PROPER, says=SAYS, outcome=UNDECIDED, how=str(problem))
    says = "the expectation of y is its mean μ"
    steps = (
        first,
        relation(EXPECTED_SLOPE, "=", ("expectation", says, slope), "rule"),
        definition(PULL, "the factor beside a − μ", pull),
        relation(
            PULL, ">", ("sign", f"so the minimum is at a = μ: {decision.how}", sp.S.Zero), decision.method
        ),
    )
    how = "the expected slope is (a − μ) times a positive factor, whatever the distribution of y"
    return Finding(name=PROPER, says=f"{SAYS}, and only there", outcome=PROVED, how=how, steps=steps)


def refuted(scored: View) -> tuple[list[Finding], list[Table]]:
    """Two targets and a probability for which the mean is not the best prediction."""
    for given in settings(scored.parameters):
        cost = plain(scored.loss.expr).subs(given)
        for low, high in WIDE:
            truth = low + PI * (high - low)
            if hit := _hit(scored, cost, (low, high)):
                return [_finding((low, high), hit, given)], [comparison(hit, truth, "the mean")]
    how = "∂L/∂a is not (a − y) times a function of a, and no two targets were found that refute it"
    return [Finding(name=PROPER, says=SAYS, outcome=UNDECIDED, how=how)], []


def _hit(scored: View, cost: sp.Expr, both: tuple[int, int]) -> Better | None:
    low, high = both
    if not all(_in(sp.Integer(v), scored.loss.target) for v in both):
        return None
    truth = low + PI * (high - low)
    grid = [low + sp.Rational(n, PARTS) * (high - low) for n in range(PARTS + 1)]
    tried = [a for a in grid if _in(a, scored.prediction)]
    odds = [p for p in ODDS if _in(truth.subs(PI, p), scored.prediction)]
    return better(
        (1 - PI) * cost.subs(Y, low) + PI * cost.subs(Y, high), truth, tried, odds, scored.prediction
    )


def _finding(both: tuple[int, int], hit: Better, given: dict[sp.Symbol, sp.Expr]) -> Finding:
    odds, best, value, own = hit
    low, high = (sp.Integer(v) for v in both)
    at = (("y_1", low), ("y_2", high), ("pi", odds), ("mu", low + odds * (high - low)), ("a", best))
    witness = Witness(
        at=(*at, *((str(s), v) for s, v in given.items())), quantity=EXCESS_OF_MEAN, value=value - own
    )
    how = f"y is {low} or {high}, with P(y = {high}) = {odds}: another prediction expects less than the mean"
    return Finding(name=PROPER, says=SAYS, outcome=REFUTED, how=how.replace("-", "−"), witness=witness)


def _in(value: sp.Expr, place: Set) -> bool:
    if not isinstance(place, Interval):
        return False
    inside = bool(place.lo < value < place.hi)
    return inside or bool((place.closed_lo and value == place.lo) or (place.closed_hi and value == place.hi))
