"""Losses of K probabilities: L = H(y) + KL(y‖p) with p the prediction, its exponentials, or their softmax."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import sympy as sp
from sympy import Expr, Indexed, IndexedBase, log

from derive.claims.claim import Found, found
from derive.claims.entropy.binary import CROSS as BINARY_CROSS
from derive.claims.entropy.binary import H as BINARY_H
from derive.claims.entropy.gibbs import gibbs
from derive.claims.entropy.least import APART, D, better, changes, least_by_terms
from derive.claims.entropy.parts import (
    DRIFT,
    ENDS,
    ENTROPY,
    KL,
    LEAST,
    MINUS_KL,
    REST,
    SPLIT,
    TURN,
    TWO,
    bits,
    surprise,
)
from derive.claims.entropy.parts import of as named
from derive.claims.scoring import choices, drawable, terms_of, two_classes
from derive.claims.working import definition, equality
from derive.derivation.vectors import letters
from derive.model import (
    AS,
    CS,
    PROVED,
    PS,
    QS,
    REFUTED,
    UNDECIDED,
    UNIT_CLOSED,
    UNIT_OPEN,
    VECTOR,
    YS,
    A,
    Finding,
    J,
    LogSimplex,
    Loss,
    N,
    OneHot,
    Quantity,
    Simplex,
    Step,
    Subject,
    Unproved,
    Witness,
    entries,
)
from derive.proof import equal
from derive.proof.indexed import prove
from derive.rules.indexed import over, substitute

H = -over(YS[N] * log(YS[N]))
DIVERGENCE = over(YS[N] * (log(YS[N]) - log(PS[N])))
TURNED = over(YS[N] * log(PS[N] / YS[N]))
BOUND = over(YS[N] * (PS[N] / YS[N] - 1))
IN_TWO = Quantity(name="L, two classes", latex=r"L \quad (K = 2)", text="L for K = 2")
P = Quantity(name="p", latex="p_{j}", text="p_j")
SLACK = Quantity(name="bound", latex=r"\sum_{k=1}^{K} \left(p_{k} - y_{k}\right)", text="Σ_k (p_k − y_k)")


@dataclass(frozen=True, kw_only=True)
class Chances:
    """A loss over vectors, and component j of the probabilities that its prediction means."""

    loss: Loss
    component: Expr
    says: str
    drawn: bool


def probabilities(subject: Subject) -> Chances | None:
    """The probabilities of a subject over vectors; None where its prediction means none."""
    _, los = entries(subject)
    if los is None or los.kind != VECTOR or los.inputs or not _distribution(los):
        return None
    drawn = drawable(subject)
    if isinstance(los.prediction, Simplex):
        return Chances(loss=los, component=AS[J], says="the prediction itself", drawn=drawn)
    if isinstance(los.prediction, LogSimplex):
        return Chances(
            loss=los, component=sp.exp(AS[J]), says="the exponential of the prediction", drawn=drawn
        )
    for letter in letters(los).letters:
        if letter.base == PS and not los.selections:
            return Chances(loss=los, component=letter.component, says=letter.says, drawn=drawn)
    return None


def _distribution(los: Loss) -> bool:
    return isinstance(los.target, Simplex | OneHot) or los.expr.has(YS)


def classes(of: Chances) -> Found:
    """The findings about a loss of K probabilities."""
    split = split_of(of)
    findings = [split]
    if split.outcome != PROVED:
        usual = split_of(replace(of, loss=as_usual(of.loss)))
        findings += [renamed_usual(usual)] if usual.outcome == PROVED else []
    if findings[-1].outcome != PROVED:
        return found([split, least(of)])
    findings += [least(of)] if split.outcome != PROVED else [_gibbs(of)]
    return found([*findings, bits(), *_two(of)], [surprise()], ["entropy"] if of.drawn else [])


def as_usual(los: Loss, *, weights: bool = True) -> Loss:
    """A loss with its parameters at their defaults; numbers for each class only where `weights` is true."""
    single = [p for p in los.parameters if not p.per_class]
    expr = los.expr.xreplace({p.symbol: p.default for p in single})
    for p in los.parameters:
        if p.per_class and weights:
            expr = expr.xreplace({e: p.default for e in expr.atoms(Indexed) if e.base == p.symbol})
    return replace(
        los, expr=expr, parameters=() if weights else tuple(p for p in los.parameters if p.per_class)
    )


def renamed_usual(finding: Finding) -> Finding:
    """The same at the parameters' defaults."""
    return replace(
        finding, name=f"{SPLIT}, defaults", says=f"with its parameters at their defaults {finding.says}"
    )


def in_letter(expr: Expr, of: Chances) -> Expr:
    """An expression in p as it is shown: in a where the prediction is p."""
    if of.component != AS[J]:
        return expr
    return expr.xreplace({e: AS[e.indices[0]] for e in expr.atoms(Indexed) if e.base == PS})


def _meaning(of: Chances) -> dict[IndexedBase, Expr]:
    return {} if of.component == AS[J] else {PS: of.component}


def split_of(of: Chances) -> Finding:
    """Whether the loss is the divergence and something free of the prediction."""
    name = letter_of(of)
    kl = in_letter(DIVERGENCE, of)
    for rest, says in (
        (H, f"the loss is H(y) + KL(y‖{name})"),
        (sp.S.Zero, f"the loss is KL(y‖{name}) itself"),
    ):
        try:
            proof = prove(of.loss.expr - kl, rest, definitions=_meaning(of), names=of.loss.names)
        except Unproved:
            continue
        line = ("subtract", f"the logarithms of {name}_k cancel", rest)
        last = Step(
            quantity=named(REST, name), rule=line[0], says=line[1], expr=rest, proof=proof, result=True
        )
        how = f"normal form, for every K; {ENDS}"
        return Finding(name=SPLIT, says=says, outcome=PROVED, how=how, steps=(*_given(of), last))
    return _no_split(of)


def letter_of(of: Chances) -> str:
    """What the probabilities are called."""
    return "a" if of.component == AS[J] else "p"


def _given(of: Chances) -> tuple[Step, ...]:
    """What p, H and KL mean."""
    steps = [
        definition(ENTROPY, f"the entropy of the target; {ENDS}", H),
        definition(
            named(KL, letter_of(of)),
            "the divergence of the prediction from the target",
            in_letter(DIVERGENCE, of),
        ),
    ]
    if of.component != AS[J]:
        steps.insert(0, definition(P, of.says, of.component))
    return tuple(steps)


def _no_split(of: Chances) -> Finding:
    """The refutation at K = 2: a point at which L − KL still changes with the prediction."""
    says = f"the loss is H(y) + KL(y‖{letter_of(of)}), up to what does not depend on the prediction"
    for cost, more in in_two(of):
        if hit := changes(cost, UNIT_OPEN):
            point, value = hit
            witness = Witness(at=(("K", sp.Integer(2)), *point, *more), quantity=DRIFT, value=value)
            how = "the difference of both changes with the prediction (of the first of K = 2 classes)"
            return Finding(name=SPLIT, says=says, outcome=REFUTED, how=how, witness=witness)
    return Finding(
        name=SPLIT, says=says, outcome=UNDECIDED, how="no normal form, and no point that refutes it"
    )


def in_two(of: Chances) -> Iterator[tuple[Expr, tuple[tuple[str, Expr], ...]]]:
    """The loss at K = 2 in the first class's probability a and target y, with the parameters it has there."""
    if of.component != AS[J] and not _logs_serve(of):
        return
    for values, weights in choices(of.loss):
        cost = two_classes(of.loss, weights, logs=of.component != AS[J])
        if cost is not None:
            shown = [(p.name, values[p.symbol]) for p in of.loss.parameters if not p.per_class]
            shown += [(f"c_{k}", w) for k, w in weights.items() if of.loss.expr.has(CS)]
            yield cost.subs(values), tuple(shown)


def _logs_serve(of: Chances) -> bool:
    """Whether log a and log(1 − a) as predictions for K = 2 mean the probabilities a and 1 − a."""
    meant = two_classes(replace(of.loss, expr=substitute(of.component, J, sp.S.One)), logs=True)
    return meant is not None and _equal(meant, A)


def _gibbs(of: Chances) -> Finding:
    name = letter_of(of)
    facts = {over(PS[N]): sp.S.One, over(YS[N]): sp.S.One}
    says = f"Σ_k ({name}_k − y_k) = 1 − 1: both sum to 1"
    zero = prove(BOUND, sp.S.Zero, facts=facts)
    nothing = Step(quantity=SLACK, rule="sums", says=says, expr=sp.S.Zero, proof=zero)
    same = prove(positive(TURNED), positive(-DIVERGENCE))
    turned = Step(
        quantity=named(MINUS_KL, name), rule="turn", says=TURN, expr=in_letter(TURNED, of), proof=same
    )
    who = "the loss" if isinstance(of.loss.target, Simplex | OneHot) else "for y that sums to 1 the loss"
    return gibbs((turned, in_letter(BOUND, of), nothing), who, name)


def positive(expr: Expr) -> Expr:
    """The same where every y_k > 0; the others give 0."""
    return expr.xreplace({e: QS[e.indices[0]] for e in expr.atoms(Indexed) if e.base == YS})


def _two(of: Chances) -> list[Finding]:
    """At K = 2 the loss is the binary cross-entropy."""
    cost = two_classes(of.loss, logs=of.component != AS[J])
    if cost is None:
        return []
    cost = cost.subs({p.symbol: p.default for p in of.loss.parameters if not p.per_class})
    usual = " at its defaults" if of.loss.parameters else ""
    says = (
        f"for K = 2 the loss{usual} is −y log {letter_of(of)} − (1 − y) log(1 − {letter_of(of)}), up to H(y)"
    )
    rest = next((r for r in (BINARY_H, sp.S.Zero) if _equal(cost - APART, r)), None)
    if rest is None:
        return []
    whole = BINARY_CROSS if rest == BINARY_H else BINARY_CROSS - BINARY_H
    line = ("two classes", "write both terms out, with y_1 = y and y_2 = 1 − y", whole)
    steps = (equality(IN_TWO, line, cost, UNIT_CLOSED),)
    return [Finding(name=TWO, says=says, outcome=PROVED, how="both terms written out", steps=steps)]


def _equal(left: Expr, right: Expr) -> bool:
    try:
        return equal(left, right)
    except TypeError:
        return False


def least(of: Chances) -> Finding:
    """Whether the loss is least where the prediction is the target."""
    name = letter_of(of)
    says = f"the loss is least where {name} = y"
    for cost, more in in_two(of):
        if hit := better(cost, UNIT_OPEN):
            point, value = hit
            witness = Witness(at=(("K", sp.Integer(2)), *point, *more), quantity=D, value=value)
            how = "another prediction costs less (the first of K = 2 classes)"
            return Finding(name=LEAST, says=says, outcome=REFUTED, how=how, witness=witness)
    if (terms := terms_of(of.loss)) is not None and of.component == AS[J]:
        return least_by_terms(terms, says)
    return Finding(
        name=LEAST, says=says, outcome=UNDECIDED, how="the loss is no sum of like terms in the prediction"
    )
