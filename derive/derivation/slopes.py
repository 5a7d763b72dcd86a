"""The slopes of activations and losses as a person writes them, and as SymPy gives them."""

import sympy as sp

from derive.derivation.kinks import by_cases, slope
from derive.model import REALS, A, Activation, Loss, Z
from derive.rules.reader import facing_up, factored, grouped, in_output, polished
from derive.rules.stable import recognise


def output_slope(act: Activation, order: int) -> sp.Expr:
    """a′ or a″ as a person writes it: in a where that is possible."""
    named = recognise(cased(act))
    in_z = polished(slope(named, 1, act.parameters, act.domain, act.at_kinks)[0], REALS)
    if isinstance(named, sp.Piecewise):
        again = (
            in_z
            if order == 1
            else polished(slope(named, 2, act.parameters, act.domain, act.at_kinks)[0], REALS)
        )
        return _pieces_in_output(again, named)
    first = in_output(in_z, named)
    if order == 1:
        return first
    if not first.has(Z):
        return facing_up(sp.Mul(sp.factor_terms(first.diff(A)), first))
    return facing_up(grouped(polished(factored(polished(in_z.diff(Z), REALS)), REALS)))


def _pieces_in_output(expr: sp.Expr, named: sp.Piecewise) -> sp.Expr:
    """Each exponential piece written in a, through the piece of the activation that it is the slope of."""
    if not isinstance(expr, sp.Piecewise):
        return expr
    growing = [(e, c) for e, c in named.args if e.has(sp.exp) or recognise(e).atoms(sp.Function)]
    rows = []
    for value, condition in expr.args:
        own = [e for e, c in growing if len(growing) == 1 or _beside(c, condition)]
        rows.append((in_output(value, own[0]) if own and value.has(Z) else value, condition))
    return sp.Piecewise(*rows)


def _beside(one: sp.Basic, other: sp.Basic) -> bool:
    """Whether two conditions are one but for an end."""
    kinds = [type(c).__name__.removeprefix("Strict") for c in (one, other)]
    return one.args == other.args and kinds[0] == kinds[1]


def cased(act: Activation) -> sp.Expr:
    """The formula of an activation with its kinks and jumps as the cases of one Piecewise."""
    return by_cases(act.expr, act.parameters, act.domain)


def loss_slope(los: Loss, order: int) -> sp.Expr:
    """∂L/∂a or ∂²L/∂a² in the reader's heads."""
    return polished(recognise(los.expr).diff(A, order), los.target)


def raw_output_slope(act: Activation, order: int) -> sp.Expr:
    """a′ or a″ as SymPy gives it, with the values at kinks."""
    return slope(cased(act), order, act.parameters, act.domain, act.at_kinks)[0]


def raw_loss_slope(los: Loss, order: int) -> sp.Expr:
    """∂L/∂a or ∂²L/∂a² as SymPy gives it, its Dirac part dropped."""
    return without_dirac(los.expr.diff(A, order))


def plain_slope(expr: sp.Expr) -> sp.Expr:
    """The derivative in z of a formula in SymPy's own functions, without Dirac parts: signs are constants.

    SymPy itself differentiates |u| and sgn u only where it knows that u is real.
    """
    expr = expr.replace(sp.Abs, lambda u: u * sp.sign(u))
    signs = {sign: sp.Dummy(real=True) for sign in expr.atoms(sp.sign)}
    found = expr.xreplace(signs).diff(Z)
    return without_dirac(found.xreplace({constant: sign for sign, constant in signs.items()}))


def without_dirac(expr: sp.Expr) -> sp.Expr:
    """`expr` with its Dirac parts dropped, as the convention has it."""
    return expr.replace(sp.DiracDelta, lambda *args: sp.S.Zero)
