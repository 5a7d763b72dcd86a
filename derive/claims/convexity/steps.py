"""The steps of what is said about curvature, each with its proof.

A form on which a verdict rests is proved, or Unproved is raised; a line on the way that is not is left out.
"""

from dataclasses import replace

import sympy as sp

from derive.claims.convexity.curvature import curvature, gradient, truth
from derive.claims.convexity.shape import Bend, Curve, Piece, pieces
from derive.claims.convexity.signs import of_one_sign
from derive.claims.convexity.witness import jump, one_sided
from derive.claims.convexity.words import Words, number, where, words
from derive.claims.places import proof_of
from derive.claims.working import equality, relation
from derive.derivation import quantities as q
from derive.derivation.slopes import loss_slope, output_slope
from derive.model import REALS, A, Pair, Quantity, Step, Unproved, Z
from derive.proof.signs import Decision

LONG = 60  # operations; the product rule for a longer line helps nobody
PRODUCT = "product rule"
TWICE_ALONE = ("differentiate twice", "differentiate twice")
TWICE = "the slope of the loss changes with a, that of the activation with z"


def second_derivative(curve: Curve, piece: Piece) -> list[Step]:
    """∂²L/∂z² by the product rule, and in the form that the verdict is about; Unproved where it is not."""
    named = words(curve)
    shown = isinstance(curve.subject, Pair) and _alone(curve) and curvature(piece).count_ops() < LONG
    steps = [_product_rule(piece, named)] if shown else []
    rule, says = ("collect", "insert the derivatives, and collect") if steps else TWICE_ALONE
    of = replace(named, second=_placed(named.second, curve, piece))
    last = _proved(_equal(piece, of, (rule, says, curvature(piece))))
    return [*(s for s in steps if s.proof.proved), last]


def _proved(step: Step) -> Step:
    """The step, if it is proved or was at least sampled."""
    if not step.proof.holds:
        raise Unproved(f"the form of {step.quantity.text} could be neither proved nor sampled")
    return step


def _alone(curve: Curve) -> bool:
    return len(pieces(curve)) == 1


def _placed(quantity: Quantity, curve: Curve, piece: Piece) -> Quantity:
    """A quantity with the cell that a step is about, where there are several."""
    cell = "" if _alone(curve) else where(piece)
    if not cell:
        return quantity
    latex = rf"\left.{quantity.latex}\right|_{{{math(cell)}}}"
    return Quantity(name=f"{quantity.name} at {cell}", latex=latex, text=f"{quantity.text} where {cell}")


def math(cell: str) -> str:
    """The words for a cell as LaTeX."""
    letters = {"δ": r"\delta ", "−": "-", " and ": r",\, ", "α": r"\alpha "}
    for shown, latex in letters.items():
        cell = cell.replace(shown, latex)
    return cell


def _product_rule(piece: Piece, named: Words) -> Step:
    (l1, l2), (a1, a2) = ((f(row, 1), f(row, 2)) for f, row in _entries(piece))
    expr = q.PRODUCT_RULE.xreplace({q.L1: l1, q.L2: l2, q.A1: a1, q.A2: a2})
    return _equal(piece, named, (PRODUCT, TWICE, expr), shown=q.named_latex(q.PRODUCT_RULE))


def _entries(piece: Piece):
    return (loss_slope, piece.los), (output_slope, piece.act)


def _equal(piece: Piece, named: Words, line: tuple[str, str, sp.Expr], shown: str = "") -> Step:
    """A step for the second derivative, with how its equality is known."""
    rule, says, expr = line
    left, target = expr.subs(A, piece.act.expr), piece.los.target
    proof = proof_of(left, truth(piece), piece.act.domain, target, piece.parameters)
    said = expr.subs(Z, A) if named.by == "a" else expr
    return Step(quantity=named.second, rule=rule, says=says, expr=said, proof=proof, shown=shown)


def sign_step(curve: Curve, piece: Piece, decision: Decision) -> Step:
    """∂²L/∂z² ≥ 0 on the cell of a piece."""
    line = ("sign", decision.how, sp.S.Zero)
    quantity = _placed(words(curve).second, curve, piece)
    return relation(quantity, "≥", line, decision.method, result=_alone(curve))


def slope_steps(curve: Curve) -> list[Step]:
    """∂a/∂z on each piece, and that it is not negative."""
    steps = []
    for piece in pieces(curve):
        quantity, slope = _placed(words(curve).first, curve, piece), gradient(piece)[1]
        proof = proof_of(
            slope.subs(A, piece.act.expr), truth(piece, 1), piece.act.domain, REALS, piece.parameters
        )
        line = ("differentiate", "differentiate the activation")
        steps.append(_proved(Step(quantity=quantity, rule=line[0], says=line[1], expr=slope, proof=proof)))
        decision = of_one_sign(slope, piece)
        steps.append(relation(quantity, "≥", ("sign", decision.how, sp.S.Zero), decision.method))
    return steps


def jump_steps(curve: Curve, bend: Bend, decision: Decision | None = None) -> list[Step]:
    """The jump of the slope at a kink, and that it is not negative."""
    named, by = words(curve), "a" if bend.of_loss else words(curve).by
    of = "L" if bend.of_loss else named.of
    at = f"{by} = {number(bend.at)}"
    latex = rf"\left[\frac{{\partial {of}}}{{\partial {by}}}\right]_{{{by}={sp.latex(bend.at)}}}"
    quantity = Quantity(name=f"jump at {at}", latex=latex, text=f"[∂{of}/∂{by}] at {at}")
    y = f", for y = {number(bend.left.y)}" if bend.left.y is not None else ""
    says = f"the slope on the right of the kink {at} less that on its left{y}"
    line = ("one-sided slopes", says, jump(bend))
    first = equality(quantity, line, one_sided(bend), bend.left.los.target, bend.left.parameters)
    if decision is None or jump(bend).is_number:
        return [first]
    return [first, relation(quantity, "≥", ("sign", decision.how, sp.S.Zero), decision.method)]
