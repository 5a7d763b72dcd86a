"""Where a curve jumps: the activation has another limit on the right of a point than on its left."""

from collections.abc import Iterator
from itertools import product

import sympy as sp

from derive.claims.convexity.shape import Bend, Curve, bends
from derive.claims.convexity.witness import NUMBERS, Low, admits, negative, parameter_values
from derive.heads import plain
from derive.model import A, Finite, Quantity, Y, Z

LEAPS = "its value jumps at a point inside its domain, and a convex function is continuous there"


def leap(curve: Curve) -> Low | None:
    """A jump of the value, at a simple target and simple parameters; None where none was found."""
    return next((low for bend in bends(curve) if not bend.of_loss for low in _of_bend(curve, bend)), None)


def _of_bend(curve: Curve, bend: Bend) -> Iterator[Low]:
    step = rise(curve, bend)
    if step == 0:
        return
    for values, y in product(parameter_values(bend.left), _targets(curve, step)):
        at = {**values, **y, Z: bend.at.subs(values)}
        value = sp.factor_terms(step.subs(at))
        if value.is_number and (negative(value) or negative(-value)):
            yield Low(at=tuple(at.items()), value=value, place=bend, leap=True)
            return


def _targets(curve: Curve, step: sp.Expr) -> list[dict[sp.Basic, sp.Expr]]:
    if not step.has(Y):
        return [{}]
    place = curve.target
    if isinstance(place, Finite):
        return [{Y: sp.Integer(v)} for v in place.values]
    return [{Y: v} for v in NUMBERS if admits(place, v)][:8]


def rise(curve: Curve, bend: Bend) -> sp.Expr:
    """The value on the right of a point less that on its left."""
    before, after = (p.act.expr.subs(Z, bend.at) for p in (bend.left, bend.right))
    if sp.expand(after - before) == 0:
        return sp.S.Zero
    whole = plain(curve.los.expr)
    return whole.subs(A, after) - whole.subs(A, before)


def quantity(of: str) -> Quantity:
    """The jump of a value, as a witness has it."""
    return Quantity(name="jump", latex=rf"\left[{of}\right]", text=f"the jump of {of}")
