"""Constants of vector losses: a direction in which nothing bends, and what bends as log Σ e^z does."""

from functools import cache

import sympy as sp

from derive.claims.convexity.vectors.composed import Composed, composed
from derive.claims.convexity.vectors.partition import Scale, at_most_half, scale
from derive.claims.convexity.vectors.rules import bounds
from derive.claims.convexity.vectors.witness import Dip, blocks, difference, flat
from derive.claims.convexity.words import number
from derive.claims.working import relation
from derive.model import (
    AS,
    I_,
    PROVED,
    REALS,
    REFUTED,
    UNDECIDED,
    YS,
    ZS,
    Finding,
    J,
    N,
    OneHot,
    Outcome,
    Quantity,
    Set,
    Simplex,
    Step,
    Subject,
    Unproved,
    Witness,
)
from derive.proof.indexed import prove
from derive.rules.indexed import contracted, delta, over, readable, slope

NOT_CONVEX = "it is not even convex: the same point refutes it"
MATRIX = Quantity(
    name="Hessian", latex=r"\frac{\partial^{2} L}{\partial z_{i}\,\partial z_{j}}", text="∂²L/∂z_i∂z_j"
)
SLOPE = Quantity(
    name="‖∂L/∂z‖", latex=r"\left\Vert \frac{\partial L}{\partial z} \right\Vert", text="‖∂L/∂z‖"
)
FORM = Quantity(name="form", latex=r"\frac{t^{\top}\,\nabla^{2} L\;t}{t^{\top} t}", text="tᵀ(∇²L)t/tᵀt")
SAME = "the Hessian is a number times the identity matrix"
STRONG, LIPSCHITZ, SMOOTH = "strongly convex", "Lipschitz", "smooth"


def constants(subject: Subject, first: Finding) -> tuple[Finding, ...]:
    """Strong convexity, and the constants of a square and of log Σ e^z; nothing of what is not known."""
    inputs = " and ".join(str(b.label) for b in blocks(subject))
    says = f"L is strongly convex in {inputs}"
    if first.outcome == REFUTED:
        refuted = Finding(name=STRONG, says=says, outcome=REFUTED, how=NOT_CONVEX, witness=first.witness)
        return (refuted,)
    constant = _constant_hessian(subject)
    if constant is not None:
        found = composed(subject)
        return _of_square(*constant, says, inputs, found is not None and found.frame.place == REALS)
    return (_strong(subject, says), *_of_partition(subject, inputs))


def _strong(subject: Subject, says: str) -> Finding:
    """Refuted by a direction in which the loss does not bend at all."""
    level = flat(subject)
    if level is None:
        how = "no direction was found in which the loss does not bend, and no lower bound above 0"
        return Finding(name=STRONG, says=says, outcome=UNDECIDED, how=how)
    witness = Witness(at=level.named(), quantity=difference(level), value=sp.S.Zero)
    return Finding(name=STRONG, says=says, outcome=REFUTED, how=_level(level), witness=witness)


def _level(level: Dip) -> str:
    values = {tuple(v) for v in level.step.values()}
    same = len(values) == 1 and all(len(set(v)) == 1 for v in values)
    along = "t = (1, …, 1), which adds the same to every score" if same else "a direction t"
    return f"along {along}, the loss does not bend"


def _constant_hessian(subject: Subject) -> tuple[sp.Expr, Step] | None:
    """The number c with Hessian c δ_ij, and the step that proves it; None where there is none."""
    found = composed(subject)
    if found is None or found.frame.selections or len(found.frame.inputs) != 1:
        return None
    (base,) = found.frame.inputs
    for value in (sp.S.One, sp.Integer(2)):
        try:
            proof = prove(slope(slope(found.expr, base[J]), base[I_]), value * delta(I_, J))
        except Unproved:
            continue
        expr, rule = value * delta(I_, J), "differentiate twice"
        return value, Step(quantity=MATRIX, rule=rule, says=SAME, expr=expr, proof=proof, result=True)
    return None


def _of_square(
    value: sp.Expr, hessian: Step, says: str, inputs: str, everywhere: bool
) -> tuple[Finding, ...]:
    """The findings where the Hessian is a number times the identity."""
    steps = (hessian,)
    rows: tuple[tuple[str, str, Outcome], ...] = (
        (STRONG, f"{says}, with the constant {number(value)}", PROVED),
        (SMOOTH, f"∂L/∂{inputs} is Lipschitz (L is smooth), with the constant {number(value)}", PROVED),
    )
    how = "the second derivative is the same everywhere"
    found = [Finding(name=n, says=s, outcome=o, how=how, steps=steps, value=value) for n, s, o in rows]
    if not everywhere:
        return tuple(found)
    how = "the gradient grows as far as one goes, its slope being the same everywhere"
    endless = Finding(
        name=LIPSCHITZ, says=f"L is Lipschitz in {inputs}", outcome=REFUTED, how=how, steps=steps, value=sp.oo
    )
    return (found[0], endless, found[1])


def _of_partition(subject: Subject, inputs: str) -> tuple[Finding, ...]:
    """The findings where all that bends is log Σ e^z."""
    found, how = composed(subject), partition_of(subject)
    if found is None or how is None:
        return ()
    expr = _written_in_z(found)
    targets = _targets(expr, how)
    bounded = _distributions(targets, how, found)
    reached = bounded and _one_class(targets, how, found)
    return (*((_lipschitz(how, inputs, reached),) if bounded else ()), _smooth(how, inputs))


@cache
def partition_of(subject: Subject) -> Scale | None:
    """How a subject holds log Σ e^z, if nothing else in it bends."""
    found = composed(subject)
    if found is None or found.frame.selections or not found.frame.inputs <= {ZS, AS}:
        return None
    return scale(_written_in_z(found), _assumed_of(found.frame.target))


def _written_in_z(found: Composed) -> sp.Expr:
    return found.expr if ZS in found.frame.inputs else found.expr.xreplace(_in_z(found.expr))


def _targets(expr: sp.Expr, how: Scale) -> sp.Expr:
    """y' where the gradient is rate · (w p − y'), from the terms that are affine."""
    affine = expr.xreplace({e: sp.S.Zero for e in expr.atoms(sp.log) if isinstance(e.args[0], sp.Sum)})
    return contracted(-slope(affine, ZS[J]) / how.rate)


def _one_class(targets: sp.Expr, how: Scale, found: Composed) -> bool:
    """Whether w is a number and y' all on one class, for some of the targets: y itself, or a δ of them."""
    if not how.weight.is_number:
        return False
    hot = isinstance(found.frame.target, OneHot) or (
        isinstance(found.frame.target, Simplex) and found.frame.target.closed
    )
    share = targets / how.weight
    return (hot and share == YS[J]) or isinstance(share, sp.KroneckerDelta)


def _distributions(targets: sp.Expr, how: Scale, found: Composed) -> bool:
    """Whether y' ≥ 0 has the sum w: the gradient is rate · (w p − y')."""
    if targets.has(ZS) or bounds(targets, found.frame)[0] < 0:
        return False
    try:
        prove(over(targets, J), how.weight, facts=_assumed_of(found.frame.target))
    except Unproved:
        return False
    return True


def _assumed_of(target: Set) -> dict:
    return {over(YS[N]): sp.S.One} if isinstance(target, Simplex | OneHot) else {}


def _in_z(expr: sp.Expr) -> dict:
    return {e: ZS[e.indices] for e in expr.atoms(sp.Indexed) if e.base == AS}


def _smooth(found: Scale, inputs: str) -> Finding:
    """The largest curvature in any direction: half the weight, times the square of the rate."""
    value = readable(found.weight * found.rate**2 / 2)
    line = ("scale", "the Hessian is that of log Σ e^z, times its weight", value)
    steps: tuple[Step, ...] = (*at_most_half(), relation(FORM, "≤", line, "rule", result=True))
    how = "taken at p = (1/2, 1/2), t = (1, −1), and for more classes approached there"
    says = f"∂L/∂{inputs} is Lipschitz (L is smooth){_with(value)}, for K ≥ 2"
    return Finding(name=SMOOTH, says=says, outcome=PROVED, how=how, steps=steps, value=value)


def _lipschitz(found: Scale, inputs: str, reached: bool) -> Finding:
    """The largest length of w p − y', of a distribution p and of y' ≥ 0 with the sum w; or a bound of it."""
    value = readable(sp.sqrt(2) * found.weight * sp.Abs(found.rate))
    says = "the squares of each sum to at most 1, and no product of theirs is negative"
    line = ("two distributions", f"the gradient is a multiple of p less a distribution: {says}", value)
    steps = (relation(SLOPE, "≤", line, "rule", result=True),)
    how = "approached where p comes to one class and all weight of the target is on another"
    if reached:
        said = f"L is Lipschitz in {inputs}{_with(value)}, for K ≥ 2"
    else:
        most = number(value)
        if value.has(sp.Sum):
            front = sp.sqrt(2) * sp.Abs(found.rate) * sp.Symbol("w", positive=True)
            most = f"{number(readable(front))}, w the sum of the targets' weights"
        said = f"L is Lipschitz in {inputs}, with a constant of at most {most}, for K ≥ 2"
        how = "a bound: the targets need not have all their weight on one class"
    return Finding(name=LIPSCHITZ, says=said, outcome=PROVED, how=how, steps=steps, value=value)


def _with(value: sp.Expr) -> str:
    return "" if value.has(sp.Sum) else f", with the constant {number(value)}"
