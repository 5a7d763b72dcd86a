"""First and second derivative of a piece, as a person writes them, and what they truly are."""

from functools import cache

import sympy as sp

from derive.claims.convexity.shape import Piece
from derive.derivation.products import collected, finished, product
from derive.derivation.slopes import loss_slope, output_slope
from derive.heads import plain
from derive.model import A, Set, Y, Z
from derive.rules.reader import facing_up, whole


@cache
def gradient(piece: Piece) -> tuple[str, sp.Expr]:
    """∂L/∂z by the rule that ends it, in a and z."""
    l1, a1 = loss_slope(piece.los, 1), output_slope(piece.act, 1)
    rule, _, expr = finished(l1, a1, product(l1, a1))
    return rule, expr


@cache
def curvature(piece: Piece) -> sp.Expr:
    """∂²L/∂z² in a and z, or in z alone: the shortest of the forms at hand."""
    h = _curvature(piece)
    forms = [h] if h.atoms(sp.Function) else [h, facing_up(sp.factor(h))]
    if piece.act.expr != Z and piece.act.expr.is_rational_function(Z):
        forms.append(facing_up(sp.factor(in_z(h, piece))))
    return min(forms, key=lambda e: e.count_ops())


def _curvature(piece: Piece) -> sp.Expr:
    rule, slope = gradient(piece)
    l1, a1, a2 = loss_slope(piece.los, 1), output_slope(piece.act, 1), output_slope(piece.act, 2)
    if rule != "cancel":
        return collected(l1, loss_slope(piece.los, 2), a1, a2)
    inner, rest = facing_up(sp.factor_terms(slope.diff(A))), slope.diff(Z)
    return facing_up(sp.factor(inner * a1 + rest)) if rest != 0 else whole(inner, a1)


@cache
def truth(piece: Piece, order: int = 2) -> sp.Expr:
    """The derivative in z of the composed formula."""
    return sp.diff(piece.los.expr.subs(A, piece.act.expr), Z, order)


def in_z(expr: sp.Expr, piece: Piece) -> sp.Expr:
    """An expression in a and z with a = f(z), in SymPy's own functions."""
    return plain(expr).subs(A, piece.act.expr)


def places(piece: Piece) -> dict[sp.Symbol, Set]:
    """Where the letters of a piece lie."""
    found: dict[sp.Symbol, Set] = {Z: piece.act.domain, A: reach(piece), Y: piece.los.target}
    return {**found, **{p.symbol: p.domain for p in piece.parameters}}


def reach(piece: Piece) -> Set:
    """Where the output of a piece lies."""
    return piece.act.domain if piece.act.expr == Z else piece.act.range
