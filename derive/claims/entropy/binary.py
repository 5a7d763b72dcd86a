"""Losses of one probability: L = H(y) + KL(y‖a) with a the probability of y = 1, or of one label of two."""

import sympy as sp

from derive.claims.claim import Found, found
from derive.claims.entropy.gibbs import gibbs
from derive.claims.entropy.least import APART, changes, least
from derive.claims.entropy.parts import (
    DRIFT,
    ENDS,
    ENTROPY,
    KL,
    KL_SLOPE,
    MINUS_KL,
    REST,
    SLOPE,
    SPLIT,
    TURN,
    TWO,
    bits,
    surprise,
)
from derive.claims.scoring import View, drawable
from derive.claims.working import definition, equality
from derive.derivation.quantities import LOSS_SLOPE
from derive.derivation.slopes import raw_loss_slope
from derive.heads import plain
from derive.model import (
    NOT_APPLICABLE,
    PROVED,
    REFUTED,
    UNDECIDED,
    UNIT_OPEN,
    A,
    Finding,
    Quantity,
    Set,
    Step,
    Subject,
    Unproved,
    Witness,
    Y,
)
from derive.proof import equal, prove

H = -Y * sp.log(Y) - (1 - Y) * sp.log(1 - Y)
CROSS = -Y * sp.log(A) - (1 - Y) * sp.log(1 - A)
TURNED = Y * sp.log(A / Y) + (1 - Y) * sp.log((1 - A) / (1 - Y))
BOUND = Y * (A / Y - 1) + (1 - Y) * ((1 - A) / (1 - Y) - 1)
BOTH = Quantity(
    name="two chances", latex=r"e^{-L(a, 1)} + e^{-L(a, -1)}", text="e^(−L(a, 1)) + e^(−L(a, −1))"
)
ONE_CHANCE = Quantity(name="chance", latex=r"e^{-L(a, 1)}", text="e^(−L(a, 1))")
TWO_TERMS = Quantity(
    name="sum of two", latex=r"-\sum_{k=1}^{2} y_{k} \log a_{k}", text="−Σ_k y_k log a_k for K = 2"
)


def chance(scored: View) -> sp.Expr | None:
    """The probability that a prediction means: itself between 0 and 1; e^(−L(a, 1)) of a raw score."""
    if scored.raw:
        return sp.exp(-plain(scored.loss.expr).subs(Y, max(scored.labels))) if scored.labels else None
    return A if scored.labels == (0, 1) and scored.prediction.hi == 1 else None


def binary(scored: View, p: sp.Expr, subject: Subject) -> Found:
    """The findings about a loss of one probability."""
    if scored.raw:
        return _of_labels(scored, p)
    split = _split(scored)
    if split.outcome != PROVED:
        return found([split, least(scored)])
    findings = [split, _slope(scored), _gibbs(), bits(), _two(scored)]
    return found(findings, [surprise()], ["entropy"] if drawable(subject) else [])


def remainder(scored: View) -> sp.Expr | None:
    """L − KL as an expression in y; None where it depends on a."""
    if not _same(raw_loss_slope(scored.loss, 1), APART.diff(A)):
        return None
    for known in (H, sp.S.Zero):
        if prove(scored.loss.expr, APART + known, UNIT_OPEN, domain=UNIT_OPEN).proved:
            return known
    return sp.simplify((plain(scored.loss.expr) - APART).subs(A, sp.Rational(1, 2)))


def _same(left: sp.Expr, right: sp.Expr) -> bool:
    try:
        return equal(left, right)
    except TypeError:
        return False


def _split(scored: View) -> Finding:
    rest = remainder(scored)
    says = "the loss is H(y) + KL(y‖a): cross-entropy is entropy plus divergence"
    if rest is None:
        return _no_split(scored)
    if rest != H:
        says = "the loss is KL(y‖a), up to what does not depend on a"
    steps = [
        definition(ENTROPY, f"the entropy of the target; {ENDS}", H),
        definition(KL, "the divergence of the prediction from the target", APART),
    ]
    line = ("subtract", "the logarithms of a cancel", rest)
    steps.append(_on_interior(REST, line, plain(scored.loss.expr) - APART))
    how = f"normal form; {ENDS}"
    return Finding(name=SPLIT, says=says, outcome=PROVED, how=how, steps=tuple(steps))


def _on_interior(quantity: Quantity, line: tuple[str, str, sp.Expr], truth: sp.Expr) -> Step:
    """A step proved for y between 0 and 1; at the ends it holds by 0 · log 0 = 0."""
    return equality(quantity, line, truth, UNIT_OPEN, domain=UNIT_OPEN)


def _no_split(scored: View) -> Finding:
    """The refutation: a point at which L − KL still changes with a."""
    says = "the loss is H(y) + KL(y‖a), up to what does not depend on a"
    default = {q.symbol: q.default for q in scored.parameters}
    if hit := changes(scored.loss.expr.subs(default), scored.prediction):
        point, value = hit
        witness = Witness(
            at=(*point, *((str(s), v) for s, v in default.items())), quantity=DRIFT, value=value
        )
        how = "the difference of both changes with a"
        return Finding(name=SPLIT, says=says, outcome=REFUTED, how=how, witness=witness)
    return Finding(
        name=SPLIT, says=says, outcome=UNDECIDED, how="neither proved nor refuted at the points tried"
    )


def _slope(scored: View) -> Finding:
    says = "the gradient is that of the divergence: the entropy of the target does not depend on a"
    truth = raw_loss_slope(scored.loss, 1)
    line = ("same slope", "by the difference, which is free of a", APART.diff(A))
    last = (LOSS_SLOPE, ("same slope", "the two slopes agree", APART.diff(A)), truth)
    steps = (_on_interior(KL_SLOPE, line, APART.diff(A)), _on_interior(*last))
    return Finding(name=SLOPE, says=says, outcome=PROVED, how="both slopes have one normal form", steps=steps)


def _gibbs() -> Finding:
    line = ("collect", "both brackets sum to nothing", sp.S.Zero)
    same = prove(inside(TURNED), inside(-APART))
    turned = Step(quantity=MINUS_KL, rule="turn", says=TURN, expr=TURNED, proof=same)
    return gibbs((turned, BOUND, _on_interior(MINUS_BOUND, line, BOUND)), "the loss")


def inside(expr: sp.Expr) -> sp.Expr:
    """The same in positive letters s, t, with y = s/(1 + s) and a = t/(1 + t) between 0 and 1."""
    s, t = sp.symbols("s t", positive=True)
    return expr.subs({Y: s / (1 + s), A: t / (1 + t)})


MINUS_BOUND = Quantity(
    name="bound", latex=r"(a - y) + \left((1 - a) - (1 - y)\right)", text="(a − y) + ((1 − a) − (1 − y))"
)


def _two(scored: View) -> Finding:
    """The binary form as the sum over two classes."""
    says = "the binary form is the sum over K = 2 classes, with a_1 = a, a_2 = 1 − a, y_1 = y, y_2 = 1 − y"
    line = ("two classes", "write both terms out", CROSS)
    try:
        steps = (equality(TWO_TERMS, line, plain(scored.loss.expr), UNIT_OPEN),)
    except Unproved as problem:
        return Finding(name=TWO, says=says, outcome=NOT_APPLICABLE, how=str(problem))
    return Finding(name=TWO, says=says, outcome=PROVED, how="both terms written out", steps=steps)


def _of_labels(scored: View, p: sp.Expr) -> Found:
    """A score with two labels: e^(−L) are two probabilities exactly where they sum to 1."""
    low, high = scored.labels or (0, 1)
    cost = plain(scored.loss.expr)
    both = sp.exp(-cost.subs(Y, high)) + sp.exp(-cost.subs(Y, low))
    says = (
        "the loss is the cross-entropy of the probabilities exp(−L(a, 1)) and exp(−L(a, −1)) "
        "of the two labels"
    )
    if not _sums_to_one(both, scored.loss.target):
        return found([_no_chances(both, says)])
    line = ("probabilities", "the two labels exhaust the possibilities", sp.S.One)
    steps = (
        definition(ONE_CHANCE, "the probability that the score gives to y = 1", sp.simplify(p)),
        equality(BOTH, line, both),
    )
    how = f"a hard label has no entropy: H(y) = 0, so the loss is KL as well; {ENDS}"
    split = Finding(name=SPLIT, says=says, outcome=PROVED, how=how, steps=steps)
    return found([split, bits()], [surprise()])


def _sums_to_one(both: sp.Expr, target: Set) -> bool:
    try:
        return prove(both, sp.S.One, target).proved
    except TypeError:
        return False


def _no_chances(both: sp.Expr, says: str) -> Finding:
    value = both.subs(A, 0)
    if not value.is_number or _same(value, sp.S.One):
        return Finding(
            name=SPLIT, says=says, outcome=UNDECIDED, how="no normal form tells whether they sum to 1"
        )
    witness = Witness(at=(("a", sp.S.Zero),), quantity=BOTH, value=value)
    how = "they do not sum to 1"
    return Finding(name=SPLIT, says=says, outcome=REFUTED, how=how, witness=witness)
