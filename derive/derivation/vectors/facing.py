"""Signs and functions as a person writes them: δ − p and a − y, σ(1 − σ), numbers in front."""

import sympy as sp
from sympy import Expr, Indexed, KroneckerDelta, Mul, Sum

from derive.heads import logistic, sigmoid
from derive.model import YS, Y


def in_reader_heads(expr: Expr) -> Expr:
    """`expr` with the slope of σ as σ(1 − σ), and σ(−w) as 1 − σ(w)."""
    expr = expr.replace(
        lambda e: isinstance(e, logistic),
        lambda e: _sigmoid(e.args[0]) * (1 - _sigmoid(e.args[0])),
    )
    return expr.replace(lambda e: isinstance(e, sigmoid), lambda e: _oriented(e.args[0]))


def _sigmoid(argument: Expr) -> Expr:
    return sigmoid(-argument if argument.could_extract_minus_sign() else argument)


def _oriented(argument: Expr) -> Expr:
    if not argument.is_Add and argument.could_extract_minus_sign():
        return 1 - sigmoid(-argument)
    return sigmoid(argument)


def facing(expr: Expr) -> Expr:
    """`expr` with its sums as δ − p, 1 − y and a − y rather than their negatives, signs in front."""
    if not expr.args or isinstance(expr, Indexed | sp.Piecewise):
        return expr
    expr = expr.func(*[facing(a) for a in expr.args])
    if isinstance(expr, Sum):
        return in_front(expr.function, *expr.limits)
    if not expr.is_Mul:
        return expr
    turned = [f for f in expr.args if f.is_Add and _backward(f)]
    rest = [f for f in expr.args if f not in turned]
    return _whole(Mul(*rest, *[sp.S.NegativeOne] * len(turned)), [-f for f in turned])


def _whole(front: Expr, sums: list[Expr]) -> Expr:
    """The product, a number not multiplied into a sum."""
    number, rest = front.as_coeff_Mul()
    product = Mul(rest, *sums)
    return Mul(number, product, evaluate=False) if product.is_Add and number != 1 else number * product


def _backward(total: Expr) -> bool:
    """Whether a sum reads better with opposite signs."""
    for kind in (KroneckerDelta, sp.Number):
        leads = [t for t in total.args if (t.has(kind) if kind is KroneckerDelta else t.is_Number)]
        if leads:
            return leads[0].as_coeff_Mul()[0].is_negative
    leads = [t for t in total.args if not t.has(YS, Y, Sum)]
    return bool(leads) and all(t.as_coeff_Mul()[0].is_negative for t in leads)


def in_front(body: Expr, *limits: tuple) -> Expr:
    """The sum of `body` with its number in front."""
    number, rest = body.as_coeff_Mul()
    return number * Sum(rest, *limits)
