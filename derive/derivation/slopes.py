"""The slopes of activations and losses as a person writes them, and as SymPy gives them."""

import sympy as sp

from derive.derivation.kinks import slope
from derive.model import REALS, A, Activation, Loss, Z
from derive.rules.reader import facing_up, grouped, in_output, polished
from derive.rules.stable import recognise


def output_slopes(act: Activation) -> tuple[sp.Expr, sp.Expr]:
    """a′ and a″ as a person writes them: in a where that is possible."""
    named = recognise(act.expr)
    in_z = [polished(slope(named, n, act.parameters)[0], REALS) for n in (1, 2)]
    if isinstance(named, sp.Piecewise):
        return _pieces_in_output(in_z[0], named), _pieces_in_output(in_z[1], named)
    first = in_output(in_z[0], named)
    if not first.has(Z):
        return first, facing_up(sp.Mul(sp.factor_terms(first.diff(A)), first))
    second = facing_up(grouped(polished(sp.factor(polished(in_z[0].diff(Z), REALS)), REALS)))
    return first, second


def _pieces_in_output(expr: sp.Expr, named: sp.Piecewise) -> sp.Expr:
    """Every exponential piece written in a, through the piece of the activation that it is the slope of."""
    if not isinstance(expr, sp.Piecewise):
        return expr
    growing = [e for e, _ in named.args if e.has(sp.exp) or recognise(e).atoms(sp.Function)]
    return sp.Piecewise(*((in_output(e, growing[0]) if growing and e.has(Z) else e, c) for e, c in expr.args))


def loss_slopes(los: Loss) -> tuple[sp.Expr, sp.Expr]:
    """∂L/∂a and ∂²L/∂a² in the reader's heads."""
    named = recognise(los.expr)
    return polished(named.diff(A), los.target), polished(named.diff(A, 2), los.target)


def raw_output_slopes(act: Activation) -> tuple[sp.Expr, sp.Expr]:
    """a′ and a″ as SymPy gives them, with the values at kinks."""
    first, second = (slope(act.expr, n, act.parameters)[0] for n in (1, 2))
    return first, second


def raw_loss_slopes(los: Loss) -> tuple[sp.Expr, sp.Expr]:
    """∂L/∂a and ∂²L/∂a² as SymPy gives them, the Dirac parts dropped."""
    return los.expr.diff(A), without_dirac(los.expr.diff(A, 2))


def without_dirac(expr: sp.Expr) -> sp.Expr:
    """`expr` with its Dirac parts dropped, as the convention has it."""
    return expr.replace(sp.DiracDelta, lambda *args: sp.S.Zero)
