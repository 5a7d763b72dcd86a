"""1 minus a share N/D as what is missing over D, in which nothing cancels where the share is near 1."""

import sympy as sp
from sympy import Expr, Indexed, Sum

from derive.model import AS, YS, K, N
from derive.rules.indexed import substitute


def unlike_share(expr: Expr) -> Expr | None:
    """Σ (α a_k (1 − y_k) + β y_k (1 − a_k)) / D for 1 − N/D, where D − N has that form; else None."""
    missing, whole = sp.fraction(sp.together(expr))
    terms = sp.Add.make_args(sp.expand(missing))
    if not whole.has(Sum) or not all(_is_sum(term) for term in terms):
        return None
    body, a, y = sp.expand(sp.Add(*map(_body, terms))), AS[N], YS[N]
    first, second = body.coeff(a).coeff(y, 0), body.coeff(y).coeff(a, 0)
    apart = first * a * (1 - y) + second * y * (1 - a)
    fits = body.atoms(Indexed) == {a, y} and sp.expand(body - apart) == 0
    return Sum(apart, (N, 1, K)) / whole if fits else None


def _is_sum(term: Expr) -> bool:
    """Whether a term is a multiple of one sum over an index."""
    totals = [f for f in sp.Mul.make_args(term) if f.has(Sum)]
    return len(totals) == 1 and isinstance(totals[0], Sum) and len(totals[0].limits) == 1


def _body(term: Expr) -> Expr:
    """The body of a multiple of a sum, in the index k."""
    (whole,) = term.atoms(Sum)
    return term / whole * substitute(whole.function, whole.limits[0][0], N)
