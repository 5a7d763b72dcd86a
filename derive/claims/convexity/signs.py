"""Whether the second derivative of a piece, or the jump at a kink, has one sign on the whole cell."""

import sympy as sp

from derive.claims.convexity.curvature import curvature, in_z, places
from derive.claims.convexity.shape import Bend, Piece
from derive.claims.convexity.witness import jump
from derive.heads import plain
from derive.model import PROVED, REALS, UNIT_OPEN, A, Interval, Set, Y, Z
from derive.proof.signs import Decision, nonnegative

POSITIVE_PART = Interval(lo=sp.S.Zero)
T = sp.Symbol("t", positive=True)
AT_A_GLANCE = Decision(outcome=PROVED, method="normal form", how="no term is negative")

Places = dict[sp.Symbol, Set]


def bends_up(piece: Piece) -> Decision:
    """Whether ∂²L/∂z² ≥ 0 on the cell of a piece."""
    return of_one_sign(curvature(piece), piece)


def of_one_sign(expr: sp.Expr, piece: Piece) -> Decision:
    """Whether an expression in a, z, y and parameters is ≥ 0 on the cell of a piece."""
    if plain(expr).is_nonnegative:
        return AT_A_GLANCE
    expr, where = in_cell(expr, piece)
    tries = [] if expr.has(Z) else [plain(expr)]
    tries.append(in_z(expr, piece))
    for tried in dict.fromkeys(tries):
        found = nonnegative(tried, where)
        if found.outcome == PROVED:
            return found
    return found


def in_cell(expr: sp.Expr, piece: Piece) -> tuple[sp.Expr, Places]:
    """The expression with y = a − c − t, where the cell says that a − y − c > 0, and where letters lie."""
    where = places(piece)
    low, high = piece.low, piece.high
    if piece.los.target != REALS or not (low.has(Y) or high.has(Y)):
        return expr, where
    solved, of_t = _target(low, high)
    return expr.subs(Y, solved), {**where, T: of_t}


def _target(low: sp.Expr, high: sp.Expr) -> tuple[sp.Expr, Set]:
    """y written with the distance t of a from an end of its cell."""
    if low == -sp.oo:
        return _solved(high, A + T), POSITIVE_PART
    if high == sp.oo:
        return _solved(low, A - T), POSITIVE_PART
    return _solved(low, A - T * (high - low)), UNIT_OPEN


def _solved(end: sp.Expr, value: sp.Expr) -> sp.Expr:
    """The y at which an end, linear in y, has a value."""
    slope = end.diff(Y)
    return sp.expand((value - end.subs(Y, 0)) / slope)


def jumps_up(bend: Bend) -> Decision:
    """Whether the slope jumps upward at a kink, for every target."""
    expr = jump(bend)
    if plain(expr).is_nonnegative:
        return AT_A_GLANCE
    piece = bend.left
    if bend.of_loss:
        return nonnegative(plain(expr), places(piece))
    inside, where = in_cell(expr, piece)
    output = piece.act.expr.subs(Z, bend.at)
    return nonnegative(plain(inside).subs(A, output).subs(Z, bend.at), where)
