"""The expected loss over two labels: its slope is w(a)(ψ(a) − π), and ψ says what the loss asks for."""

import sympy as sp

from derive.claims.proper.parts import (
    AT_TRUTH,
    CHANCE,
    COMPOSITE,
    EXCESS,
    EXPECTED,
    EXPECTED_SLOPE,
    LINK,
    LINK_SLOPE,
    PI,
    PROPER,
    PULL,
    Better,
    better,
    comparison,
    hold,
    in_powers,
)
from derive.claims.proper.scores import calibrated, one_for_two
from derive.claims.scoring import View, decided, ends_of, inner_points, limit_at
from derive.claims.working import definition, equality, relation
from derive.derivation.slopes import without_dirac
from derive.heads import plain
from derive.model import (
    PROVED,
    REALS,
    REFUTED,
    UNDECIDED,
    A,
    Finding,
    Quantity,
    Step,
    Table,
    Unproved,
    Witness,
    Y,
)
from derive.proof import equal


def labels(scored: View) -> tuple[list[Finding], list[Table]]:
    """The findings about a loss of two labels, and both expected losses where the truth is not the best."""
    return (_of_score(scored), []) if scored.raw else at_truth(expected(scored), PI, scored)


def expected(scored: View) -> sp.Expr:
    """(1 − π) L(a, lower) + π L(a, upper)."""
    low, high = (plain(scored.loss.expr).subs(Y, label) for label in scored.labels or (0, 1))
    return (1 - PI) * low + PI * high


def slopes(scored: View) -> tuple[sp.Expr, sp.Expr]:
    """∂L/∂a for either label."""
    low, high = (without_dirac(plain(scored.loss.expr).subs(Y, v).diff(A)) for v in scored.labels or (0, 1))
    return low, high


def link(low: sp.Expr, high: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """w and ψ with (1 − π) low + π high = w (ψ − π)."""
    pull = in_powers(low - high)
    return pull, in_powers(low / (low - high)) if pull != 0 else sp.nan


def at_truth(whole: sp.Expr, truth: sp.Expr, scored: View) -> tuple[list[Finding], list[Table]]:
    """Whether the expected loss is least at the truth, and only there."""
    says = "the expected loss over y ∈ {0, 1} is least where a = π = P(y = 1)"
    pull, psi = link(*slopes(scored))
    if _is_output(psi):
        return [_proper(whole, truth, scored, (pull, says))], []
    if hit := better(whole.subs(_default(scored)), truth, inner_points(scored.prediction)):
        witness = refuting(hit, EXCESS, scored)
        how = "a prediction that expects less than the truth does"
        finding = Finding(name=PROPER, says=says, outcome=REFUTED, how=how, witness=witness)
        return [finding], [comparison(hit, truth, "the truth")]
    how = "ψ is not a, and no better prediction was found"
    return [Finding(name=PROPER, says=says, outcome=UNDECIDED, how=how)], []


def _is_output(psi: sp.Expr) -> bool:
    try:
        return equal(psi, A)
    except TypeError:
        return False


def _default(scored: View) -> dict[sp.Symbol, sp.Expr]:
    return {p.symbol: p.default for p in scored.parameters}


def refuting(hit: Better, quantity: Quantity, scored: View) -> Witness:
    """The witness: a probability, a better prediction, and by how much it is better."""
    odds, best, value, cost = hit
    given = tuple((str(s), v) for s, v in _default(scored).items())
    return Witness(at=(("pi", odds), ("a", best), *given), quantity=quantity, value=value - cost)


def _proper(whole: sp.Expr, truth: sp.Expr, scored: View, found: tuple[sp.Expr, str]) -> Finding:
    pull, says = found
    places = {A: scored.prediction} | {p.symbol: p.domain for p in scored.parameters}
    decision = decided(pull, places, strictly=True)
    slope = whole.diff(A)
    factored = sp.Mul(pull, A - truth, evaluate=False)
    weights = (1 - PI) * slopes(scored)[0] + PI * slopes(scored)[1]
    lines = (
        (EXPECTED_SLOPE, ("slope", "differentiate", weights), slope),
        (EXPECTED_SLOPE, ("collect", "the slope vanishes at the truth", factored), slope),
        (AT_TRUTH, ("first order", "put the truth in", sp.S.Zero), slope.subs(A, truth)),
    )
    try:
        steps = [
            definition(EXPECTED, "each target with its probability", whole),
            *(equality(*line, REALS, (*scored.parameters, *CHANCE)) for line in lines),
            definition(PULL, "the other factor", pull),
        ]
    except Unproved as problem:
        return Finding(name=PROPER, says=says, outcome=UNDECIDED, how=str(problem))
    if decision.outcome != PROVED or not hold(steps):
        how = decision.how if decision.outcome != PROVED else "the slope was only sampled"
        return Finding(name=PROPER, says=says, outcome=UNDECIDED, how=how, steps=tuple(steps))
    why = f"so the expected loss falls before the truth and grows after it: {decision.how}"
    steps.append(relation(PULL, ">", ("second order", why, sp.S.Zero), decision.method, result=True))
    how = "the slope of the expected loss is a positive factor times the distance from the truth"
    return Finding(name=PROPER, says=f"{says}, and only there", outcome=PROVED, how=how, steps=tuple(steps))


def _of_score(scored: View) -> list[Finding]:
    """Of a raw score: whether π can be read off the best one, and whether its sign decides."""
    says = "the score with the least expected loss determines π = P(y = 1)"
    low, high = slopes(scored)
    pull, psi = link(low, high)
    if psi.has(sp.Piecewise, sp.nan) or pull.has(sp.Piecewise):
        first = one_for_two(scored, expected(scored), says)
    else:
        first = _through_link(scored, pull, psi, says)
    return [first, calibrated(scored)]


def _through_link(scored: View, pull: sp.Expr, psi: sp.Expr, says: str) -> Finding:
    places = {A: scored.prediction} | {p.symbol: p.domain for p in scored.parameters}
    rising = decided(in_powers(psi.diff(A)), places, strictly=True)
    weight = decided(pull, places, strictly=True)
    ends = [limit_at(psi, A, end) for end in ends_of(scored.prediction)]
    if rising.outcome != PROVED or weight.outcome != PROVED or None in ends:
        how = rising.how if rising.outcome != PROVED else weight.how
        return Finding(name=COMPOSITE, says=says, outcome=UNDECIDED, how=how)
    try:
        steps = _link_steps(scored, (pull, psi), rising.method, rising.how)
    except Unproved as problem:
        return Finding(name=COMPOSITE, says=says, outcome=UNDECIDED, how=str(problem))
    if not hold(steps):
        return Finding(
            name=COMPOSITE, says=says, outcome=UNDECIDED, how="the slope was only sampled", steps=steps
        )
    if ends != [0, 1]:
        return _out_of_reach(scored, ends, says, steps)
    how = "the expected slope is w(ψ − π) with w > 0 and ψ rising from 0 to 1: least where ψ(a) = π"
    return Finding(name=COMPOSITE, says=says, outcome=PROVED, how=how, steps=steps)


def _out_of_reach(scored: View, ends: list, says: str, steps: tuple[Step, ...]) -> Finding:
    """Where the outputs of the activation end, so does what they can say of π."""
    place, bound, beyond = (
        (scored.prediction.lo, ends[0], ends[0])
        if ends[0] != 0
        else (scored.prediction.hi, ends[1], 1 - ends[1])
    )
    two = (
        [bound - beyond / 2, bound - beyond / 4] if ends[0] != 0 else [bound + beyond / 2, bound + beyond / 4]
    )
    at = (("pi_1", two[0]), ("pi_2", two[1]), ("a", place))
    how = "the predictions end before ψ(a) does: two probabilities beyond have the same best prediction"
    witness = Witness(at=at, quantity=LINK, value=bound)
    return Finding(name=COMPOSITE, says=says, outcome=REFUTED, how=how, steps=steps, witness=witness)


def _link_steps(scored: View, found: tuple[sp.Expr, sp.Expr], method: str, how: str) -> tuple[Step, ...]:
    pull, psi = found
    whole = expected(scored)
    slope, known = whole.diff(A), (*scored.parameters, *CHANCE)
    bend = in_powers(psi.diff(A))
    line = ("collect", "what stands beside π is taken out", pull * (psi - PI))
    return (
        definition(EXPECTED, "each label with its probability, P(y = 1) = π", whole),
        equality(EXPECTED_SLOPE, line, slope, REALS, known),
        definition(LINK, "what the score says of π", psi),
        equality(LINK_SLOPE, ("slope", "differentiate", bend), psi.diff(A), REALS, known),
        relation(LINK_SLOPE, ">", ("sign", how, sp.S.Zero), method),
    )
