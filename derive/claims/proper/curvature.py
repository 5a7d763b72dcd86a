"""Whether the Hessian of K logits is its own expectation: where y enters it by its sum alone."""

from dataclasses import replace

import sympy as sp
from sympy import Indexed

from derive.catalogue import twice
from derive.claims.entropy.classes import as_usual, probabilities, split_of
from derive.claims.proper.parts import FISHER
from derive.claims.scoring import certainly_negative
from derive.claims.scoring.terms import in_two_classes
from derive.derivation.vectors import work
from derive.heads import plain
from derive.model import (
    AS,
    I_,
    NOT_APPLICABLE,
    PROVED,
    REFUTED,
    UNDECIDED,
    YS,
    ZS,
    Finding,
    J,
    M,
    N,
    Pair,
    Quantity,
    Step,
    Unproved,
    Witness,
    Y,
    Z,
)
from derive.proof.indexed import prove
from derive.rules.indexed import slope, substitute

SAYS = "the Hessian depends on y through its sum alone, which is 1, so it is the Fisher information"
_THIRD = r"\frac{\partial^{3} L}{\partial z_{i}\,\partial z_{j}\,\partial y_{%s}}"
DRIFT = Quantity(
    name="drift of the Hessian",
    latex=f"{_THIRD % 'm'} - {_THIRD % 'k'}",
    text="∂³L/∂z_i∂z_j∂y_m − ∂³L/∂z_i∂z_j∂y_k",
)

APART = Quantity(
    name="difference of two Hessians",
    latex=r"\left.\frac{\partial^{2} L}{\partial z_{1}^{2}}\right|_{y = e_{1}}"
    r" - \left.\frac{\partial^{2} L}{\partial z_{1}^{2}}\right|_{y = e_{2}}",
    text="∂²L/∂z_1² at y = e_1, less that at y = e_2",
)


def of_logits(pair: Pair) -> list[Finding]:
    """The finding about a pair over vectors whose loss is the log-likelihood of a class; none for others."""
    usual = replace(pair, loss=as_usual(pair.loss))
    of = probabilities(usual)
    if of is None or len(work(usual).found.inputs) != 1:
        return []
    if split_of(of).outcome != PROVED:
        how = "the loss is no log-likelihood of a class, and no Fisher information belongs to it"
        return [Finding(name=FISHER, says=SAYS, outcome=NOT_APPLICABLE, how=how)]
    if twice(pair.activation, pair.loss):
        return [Finding(name=FISHER, says=SAYS, outcome=NOT_APPLICABLE, how="a link is applied twice")]
    at = " (its parameters at their defaults)" if pair.loss.parameters else ""
    return [_free(usual, f"{SAYS}{at}")]


def _free(pair: Pair, says: str) -> Finding:
    done = work(pair)
    by, letters = done.found.inputs[0], done.found
    drift = slope(done.slope(letters.loss, by[J], by[I_]), YS[M])
    try:
        proof = prove(
            drift,
            substitute(drift, M, N),
            definitions=letters.definitions,
            names=letters.names,
            selections=letters.selections,
        )
    except Unproved:
        return _moving(pair, says)
    why = "every component of y acts on the Hessian alike"
    step = Step(quantity=DRIFT, rule="normal form", says=why, expr=sp.S.Zero, proof=proof, result=True)
    how = "normal form, for every K: so the Hessian is its own expectation over the classes"
    return Finding(name=FISHER, says=says, outcome=PROVED, how=how, steps=(step,))


def _moving(pair: Pair, says: str) -> Finding:
    """The refutation at K = 2: logits at which the two hard targets have different second derivatives."""
    cost = _in_two(pair)
    if cost is not None:
        bend = cost.diff(Z, 2)
        apart = bend.subs(Y, 1) - bend.subs(Y, 0)
        for z in (sp.S.Zero, sp.Integer(2)):
            value = sp.cancel(apart.subs(Z, z))
            if value.is_number and (certainly_negative(value) or certainly_negative(-value)):
                at = (("K", sp.Integer(2)), ("z_1", z), ("z_2", sp.S.One))
                how = "for K = 2 the two hard targets have different Hessians"
                witness = Witness(at=at, quantity=APART, value=value)
                return Finding(name=FISHER, says=says, outcome=REFUTED, how=how, witness=witness)
    how = "not seen to depend on y through its sum alone"
    return Finding(name=FISHER, says=says, outcome=UNDECIDED, how=how)


def _in_two(pair: Pair) -> sp.Expr | None:
    """The loss of a pair at K = 2 and z = (z, 1), with y = (y, 1 − y)."""
    act = pair.activation
    at = {p.symbol: p.default for p in act.parameters}
    output = act.expr.xreplace({n.symbol: n.meaning for n in act.names})
    scores = (Z, sp.S.One)
    outputs = [
        z if act.expr == Z else in_two_classes(output.xreplace({J: sp.Integer(k)}), {ZS: scores})
        for k, z in enumerate(scores, 1)
    ]
    cost = in_two_classes(pair.loss.expr, {AS: tuple(o.subs(at) for o in outputs), YS: (Y, 1 - Y)})
    return None if cost.has(Indexed) else plain(cost)
