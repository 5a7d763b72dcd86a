"""Odds b of an output: log(1 + b) as softplus of log b, and its slopes in p = 1/(1 + 1/b) and q = 1 − p."""

import sympy as sp
from sympy import exp, log

from derive.heads import plain, softplus
from derive.model import Z
from derive.rules.complements import whole_powers
from derive.rules.stable import recognise

P, Q = sp.symbols("p q", positive=True)


def by_logarithms(los: sp.Expr) -> sp.Expr:
    """The loss with log(1 + b) and log(b/(1 + b)) as softplus of ± log b, for a product b with a."""
    products = [e.args[0] - 1 for e in los.atoms(log) if (e.args[0] - 1).is_Mul]
    for b in products:
        odds = {log(1 + b): softplus(log(b)), log(b / (1 + b)): -softplus(-log(b))}
        los = los.xreplace(odds)
    return los


def plainly(head: sp.Expr) -> sp.Expr:
    """log(1 + b) for softplus(log b), where 1 + b or 1 + 1/b is no sum; else the head."""
    height = sp.expand_log(head.args[0])
    odds = plain(exp(height))
    if not (total := sp.expand(1 + odds)).is_Add:
        return sp.expand_log(log(total))
    if not (total := sp.expand(1 + 1 / odds)).is_Add:
        return -log(1 - 1 / total)
    return softplus(sp.expand(height))


def is_log(height: sp.Expr) -> bool:
    """Whether an expression is the logarithm of an output that is no e^z."""
    return height.has(log) and height.has(Z) and not sp.expand(height).diff(Z).is_number


def odds_of(height: sp.Expr) -> sp.Expr:
    """e^w of a sum of logarithms, as a product."""
    return recognise(sp.Mul(*map(_exponential, sp.Add.make_args(sp.expand(height)))))


def _exponential(term: sp.Expr) -> sp.Expr:
    """e^term; of c log z with a parameter in c a power of z, the logarithm of which would lose digits."""
    number, rest = term.as_independent(Z, as_Add=False)
    if rest == log(Z):
        return Z**number
    whole = whole_powers(exp(term))
    return plain(exp(term)) if whole == exp(term) else whole


def of_one(expr: sp.Expr) -> sp.Expr:
    """A polynomial in p and q = 1 − p where pq − q is written −q², and pq − p is −p²."""
    whole = sp.expand(expr)
    both = whole.coeff(P * Q)
    rest = whole - sp.expand(both * P * Q)
    result = sp.S.Zero
    for term in sp.Add.make_args(both):
        for letter in (P, Q):
            if _has_term(rest, -term * letter):
                rest, result, term = rest + term * letter, result - term * letter**2, sp.S.Zero
        result += term * P * Q
    return rest + result


def _has_term(total: sp.Expr, term: sp.Expr) -> bool:
    return term != 0 and term in sp.Add.make_args(total)
