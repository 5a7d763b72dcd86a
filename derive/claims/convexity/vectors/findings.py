"""The findings about a vector loss: in its inputs, in the weights, and its constants."""

from functools import cache

import sympy as sp
from sympy import Expr

from derive.catalogue.sets import components
from derive.claims.convexity.vectors.composed import Composed, composed
from derive.claims.convexity.vectors.constants import constants, partition_of
from derive.claims.convexity.vectors.partition import bends_up
from derive.claims.convexity.vectors.projection import by_projection
from derive.claims.convexity.vectors.rules import (
    AFFINE,
    CONSTANT,
    CONVEX,
    LOG_SUM_EXP,
    LOGARITHM,
    MAXIMUM,
    ONE_LETTER,
    POSITIVE_PART,
    SQUARE,
    SQUARED_PART,
    SUM_RULE,
    shape,
)
from derive.claims.convexity.vectors.witness import Dip, blocks, deepest, difference
from derive.claims.convexity.weights import OTHER
from derive.claims.convexity.words import belongs, letter, spoken
from derive.claims.working import equality, relation
from derive.model import (
    AS,
    I_,
    PROVED,
    REFUTED,
    UNDECIDED,
    XS,
    YS,
    ZS,
    D,
    Finding,
    J,
    K,
    OneHot,
    Outcome,
    Pair,
    Proof,
    Quantity,
    Simplex,
    Step,
    Subject,
    Unproved,
    Witness,
    Z,
    entries,
)
from derive.proof.indexed import prove
from derive.rules.indexed import over, readable

LOSS = Quantity(name="L", latex="L", text="L")
NAMED = {  # the rule: what it is used on, and its name
    POSITIVE_PART: ("x", "positive part"),
    SQUARED_PART: ("x", "square of a positive part"),
    MAXIMUM: ("x_j", "maximum of affine functions"),
    SQUARE: ("x²", "square of an affine function"),
    LOGARITHM: ("f", "concave logarithm"),
    ONE_LETTER: ("f", "function of one component"),
}
DIPS = "the loss in the middle of two points is above the mean of both; the numbers are exact"
NO_RULE = "no rule of composition covers this formula, and no point was found that refutes it"


def findings(subject: Subject) -> tuple[Finding, ...]:
    """Everything about a vector loss, convexity itself first."""
    first = convex(subject)
    if not isinstance(subject, Pair):
        return (first, *constants(subject, first))
    return (first, _in_weights(subject, first), *constants(subject, first))


@cache
def convex(subject: Subject) -> Finding:
    """The finding about convexity in the inputs: refuted by a dip, or proved by rules."""
    outcome, how, steps, dip = _verdict(subject)
    inputs = spoken_inputs(subject)
    return Finding(
        name=f"convex in {inputs}",
        says=f"L is convex in {inputs}{quantified(subject)}",
        outcome=outcome,
        how=how,
        steps=steps,
        witness=_witness(dip) if dip is not None else None,
    )


def _witness(dip: Dip) -> Witness:
    return Witness(at=dip.named(), quantity=difference(dip), value=dip.value)


def _verdict(subject: Subject) -> tuple[Outcome, str, tuple[Step, ...], Dip | None]:
    try:
        steps = _proof(subject)
    except Unproved as fault:
        return UNDECIDED, str(fault), (), None
    if steps:
        return PROVED, "; ".join(dict.fromkeys(_says(s) for s in steps[-1:])), steps, None
    if dip := deepest(subject):
        return REFUTED, DIPS, (), dip
    return UNDECIDED, NO_RULE, (), None


def _says(step: Step) -> str:
    return step.says


def spoken_inputs(subject: Subject) -> str:
    """z, a, or u and v."""
    return " and ".join(str(base.label) for base in blocks(subject))


def quantified(subject: Subject) -> str:
    """For which targets and parameters, and for every K."""
    act, los = entries(subject)
    assert los is not None
    letters = {str(e.base) for e in los.expr.atoms(sp.Indexed)} | {str(s) for s in los.expr.free_symbols}
    parts = [f"every y {_place(los.target)}"] if "y" in letters else []
    rows = (act.parameters if act is not None else ()) + los.parameters
    parts += [f"every {_letter(p)} ∈ {spoken(p.domain)}" for p in rows]
    return " for " + " and ".join([*parts, "every K"])


def _letter(parameter) -> str:
    name = letter(parameter.symbol if not parameter.per_class else parameter.symbol.label)
    return f"{name}_k" if parameter.per_class else name


def _place(place) -> str:
    return belongs(place) + ("" if isinstance(place, Simplex | OneHot) or not hasattr(place, "lo") else "^K")


def _proof(subject: Subject) -> tuple[Step, ...]:
    """The steps of a proof by rules; none where there is none."""
    found = composed(subject)
    if found is None:
        return ()
    kind = shape(found.expr, found.frame)
    if kind in (CONVEX, AFFINE, CONSTANT):
        return tuple(_steps(subject, found, kind))
    return by_projection(found, subject)


def _steps(subject: Subject, found: Composed, kind: str) -> list[Step]:
    """The loss in the inputs, then each rule that was used."""
    steps = _written(subject, found)
    if kind != CONVEX:
        return [*steps, _last(subject, "the loss is affine, so its second derivative is 0")]
    used = found.frame.used
    for rule, (name, title) in NAMED.items():
        if rule in used:
            quantity = Quantity(name=name, latex=name.replace("²", "^{2}"), text=name)
            says, by = rule, Proof(method="rule")
            steps.append(Step(quantity=quantity, rule=title, says=says, expr=readable(used[rule]), proof=by))
            steps += _of_one(found) if rule == ONE_LETTER else []
    if LOG_SUM_EXP in used:
        steps += bends_up()
    return [*steps, _last(subject, SUM_RULE if SUM_RULE in used or LOG_SUM_EXP in used else _single(used))]


def _of_one(found: Composed) -> list[Step]:
    """The second derivative of a function of one component, and its sign."""
    function, curvature, decision = found.frame.bent[0]
    quantity = Quantity(name="f″", latex="f''", text="f″")
    line = ("differentiate twice", "differentiate twice", sp.factor_terms(curvature))
    parameters = tuple(p for p in found.frame.parameters if not p.per_class)
    same = equality(quantity, line, sp.diff(function, Z, 2), components(found.frame.target), parameters)
    return [same, relation(quantity, "≥", ("sign", decision.how, sp.S.Zero), decision.method)]


def _single(used: dict[str, Expr]) -> str:
    """The rule that ends a proof without different terms."""
    return "weights that are not negative keep it so: " + next(iter(used))


def _last(subject: Subject, says: str) -> Step:
    return relation(_form(subject), "≥", ("composition", says, sp.S.Zero), "rule", result=True)


def _form(subject: Subject) -> Quantity:
    base = spoken_inputs(subject).replace(" and ", ", ")
    latex = rf"t^{{\top}}\,\nabla^{{2}}_{{{base}}} L\;t"
    return Quantity(name="quadratic form", latex=latex, text="tᵀ(∇²L)t")


def _written(subject: Subject, found: Composed) -> list[Step]:
    """The loss in z, proved equal to the entries' own formula for every K."""
    act, los = entries(subject)
    says = "; ".join(found.says) or "the loss in its inputs"
    expr = readable(found.expr)
    if act is None or los is None or not found.says:
        return [
            Step(quantity=LOSS, rule="definition", says=says, expr=expr, proof=Proof(method="definition"))
        ]
    facts = (
        {over(YS[sp.Symbol("k", integer=True)]): sp.S.One} if isinstance(los.target, Simplex | OneHot) else {}
    )
    proof = prove(los.expr, found.expr, definitions={AS: act.expr}, facts=facts)
    return [Step(quantity=LOSS, rule="write in z", says=says, expr=expr, proof=proof)]


MATRIX = sp.IndexedBase(sp.Symbol("H", real=True), shape=(K, K))
WEIGHTS = Quantity(
    name="Hessian in W",
    latex=r"\frac{\partial^{2} L}{\partial W\,\partial W}",
    text="∂²L/∂W∂W",
)
SOFTMAX = r"\left(\mathrm{diag}(p) - p\,p^{\top}\right)"
FORM_W = Quantity(name="form in W", latex=r"\langle V, \nabla^{2}_{W} L\;V \rangle", text="⟨V, (∂²L/∂W²) V⟩")


def _in_weights(subject: Pair, first: Finding) -> Finding:
    """The finding about z = W x + b, which follows from that about z."""
    name = " and ".join(f"{b.label} = W_{b.label} x + b_{b.label}" for b in blocks(subject))
    line = "z = W x + b" if blocks(subject) == (ZS,) else name
    says = f"L is convex in the weights of {line}{quantified(subject)}"
    how = {
        PROVED: "a convex function of an affine one is convex, whatever the input x",
        REFUTED: "along V = t xᵀ/(xᵀx) the pre-activation moves by t, for any x ≠ 0, as in z",
    }.get(first.outcome, f"as in z: {first.how}")
    steps = _weight_steps(subject, first) if blocks(subject) == (ZS,) else ()
    return Finding(
        name="convex in the weights",
        says=says,
        outcome=first.outcome,
        how=how,
        steps=steps,
        witness=first.witness,
    )


def _weight_steps(subject: Subject, first: Finding) -> tuple[Step, ...]:
    """The Hessian H ⊗ x xᵀ, and its form in a direction V as that of H in V x."""
    how = partition_of(subject)
    matrix = Step(
        quantity=WEIGHTS,
        rule="chain rule",
        says="z_j is affine in row j of W with slope x, so with H = ∂²L/∂z² the Hessian is H ⊗ x xᵀ",
        expr=MATRIX[I_, J] * XS[D] * XS[OTHER],
        proof=Proof(method="rule"),
        shown=(SOFTMAX if how is not None and how.weight * how.rate**2 == 1 else "H")
        + r" \otimes x\,x^{\top}",
    )
    if first.outcome != PROVED:
        return (matrix,)
    line = (
        "quadratic form",
        "in a direction V it is the form of H in the direction t = V x, which is not negative",
        sp.S.Zero,
    )
    return (matrix, relation(FORM_W, "≥", line, "rule", shown="0", result=True))
