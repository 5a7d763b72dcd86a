"""SymPy's own route, as its users write it: diff of the plain formula, lambdify with common subexpressions.

Over vectors the K components are symbols of their own, which is what lambdify can do.
"""

from collections.abc import Callable
from typing import Any

import sympy as sp

from derive.model import ELEMENTWISE, A, Derivation, Pair, Subject, Y, Z
from derive.rivals.lambdified_vectors import loss_and_grad
from derive.rivals.rival import Rivalry, filled, plain_bind

NAME = "SymPy lambdify"
DIGITS = 20  # of a constant, more than a float64 has
SAYS = "diff of the formula, lambdify(cse=True)"


def rivalry(derivation: Derivation) -> Rivalry | None:
    """The lambdified formula of a pair and its derivatives; over vectors without the second one."""
    pair = derivation.subject
    if not isinstance(pair, Pair):
        return None
    return _elementwise(pair) if pair.kind == ELEMENTWISE else _vectors(pair)


def _elementwise(pair: Pair) -> Rivalry:
    loss = formula(pair)
    slope = sp.diff(loss, Z)
    bend = sp.diff(slope, Z)
    both = _function(loss, slope)
    return Rivalry(
        name=NAME,
        says=SAYS,
        loss=_function(loss),
        gradient=_function(slope),
        hessian=None if bend.has(sp.DiracDelta) else _function(bend),  # |x|″ has no spelling in NumPy
        loss_and_grad=both,
        bind=plain_bind(both),
    )


def _vectors(pair: Pair) -> Rivalry | None:
    both = loss_and_grad(pair)
    if both is None:
        return None
    return Rivalry(
        name=NAME,
        says=SAYS,
        loss=lambda *given: both(*given)[0],
        gradient=lambda *given: both(*given)[1],
        loss_and_grad=both,
        bind=plain_bind(both),
    )


def formula(pair: Pair) -> sp.Expr:
    """L(f(z), y) as the catalogue has it, at default parameters."""
    return at_defaults(pair.loss.expr.subs(A, pair.activation.expr), pair)


def at_defaults(expr: sp.Expr, subject: Subject) -> sp.Expr:
    """An expression with the defaults in the place of the parameters."""
    return expr.subs({p.symbol: p.default for p in subject.parameters})


def _function(*exprs: sp.Expr) -> Callable[..., Any]:
    """One expression, or a tuple of several, as a function of arrays."""
    shared = not any(expr.has(sp.ITE) for expr in exprs)  # a shared condition is no array any more
    return filled(sp.lambdify((Z, Y), exprs[0] if len(exprs) == 1 else exprs, cse=shared))


def written(expr: sp.Expr, letters: tuple[sp.Symbol, ...], modules: Any) -> Callable[..., Any]:
    """An expression of numbers and these letters in a library's functions; its constants as floats."""
    floats = expr.replace(lambda e: e.is_number and not e.is_Rational, lambda e: e.evalf(DIGITS))
    return sp.lambdify(letters, floats, modules=modules)
