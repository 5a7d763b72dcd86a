"""Named identities, one row each, by purpose; every row is its own example and its own test."""

from dataclasses import dataclass
from itertools import permutations

import sympy as sp

from derive.heads import absolute

# The letters of the rows: W stands for any expression, P for any that is positive, C for any factor.
W = sp.Symbol("w", real=True)
P = sp.Symbol("p", positive=True)
C = sp.Symbol("c", real=True)
Letters = dict[sp.Symbol, sp.Expr]


@dataclass(frozen=True, kw_only=True)
class Identity:
    """before = after for all real letters; `says` is the sentence a reader sees."""

    name: str
    says: str
    before: sp.Expr
    after: sp.Expr


def identity(name: str, says: str, before: sp.Expr, after: sp.Expr) -> Identity:
    """A row: a named identity, with its sentence."""
    return Identity(name=name, says=says, before=before, after=after)


def rewrite(expr: sp.Expr, rules: tuple[Identity, ...]) -> sp.Expr:
    """`expr` with every rule applied from the leaves up, until none applies."""
    while (new := _once(expr, rules)) != expr:
        expr = new
    return expr


def _once(expr: sp.Expr, rules: tuple[Identity, ...]) -> sp.Expr:
    if not expr.args:
        return expr
    args = [_once(arg, rules) for arg in expr.args]
    if any(new is not old for new, old in zip(args, expr.args, strict=True)):
        expr = expr.func(*args)
    for rule in rules:
        if (letters := match(rule.before, expr, {})) is not None:
            return rule.after.subs(letters)
    return expr


def match(pattern: sp.Basic, expr: sp.Basic, letters: Letters) -> Letters | None:
    """What the letters of a pattern stand for in `expr`; None where the shapes differ.

    SymPy's own matching lets 1 − w stand for every expression and takes several times as long.
    """
    if pattern == P and not expr.is_positive:
        return None
    if pattern in (W, P, C):
        return {**letters, pattern: expr} if letters.get(pattern, expr) == expr else None
    if pattern == -W:
        return match(W, -expr, letters)
    if not pattern.args:
        return letters if pattern == expr else None
    if expr.is_Mul and pattern in (W**2, absolute(W)) and (inside := _inside(pattern, expr)):
        return match(W, inside, letters)
    if type(pattern) is not type(expr):
        return None
    if isinstance(pattern, sp.Add | sp.Mul):
        return _match_parts(pattern, expr, letters)
    return _match_in_order(pattern.args, expr.args, letters)


def _inside(pattern: sp.Expr, product: sp.Expr) -> sp.Expr | None:
    """The w of a product that is w² or |w|, all its factors squares or sizes, or positive; else None."""
    parts = []
    for factor in product.args:
        if factor.is_positive:
            parts.append(sp.sqrt(factor) if pattern.is_Pow else factor)
        elif isinstance(factor, absolute) and not pattern.is_Pow:
            parts.append(factor.args[0])
        elif pattern.is_Pow and factor.is_Pow and factor.exp == 2:
            parts.append(factor.base)
        else:
            return None
    return sp.Mul(*parts)


def _match_in_order(patterns, exprs, letters: Letters | None) -> Letters | None:
    for pattern, expr in zip(patterns, exprs, strict=True):
        letters = letters if letters is None else match(pattern, expr, letters)
    return letters


def _match_parts(pattern: sp.Basic, expr: sp.Basic, letters: Letters) -> Letters | None:
    """Terms or factors in any order; the numbers among them agree, and a factor C takes what is left."""
    if C in pattern.args:
        (other,) = (p for p in pattern.args if p != C)
        trials = (match(other, e, {**letters, C: expr / e}) for e in expr.args)
        return next((found for found in trials if found is not None), None)
    split = sp.Expr.as_coeff_Add if isinstance(pattern, sp.Add) else sp.Expr.as_coeff_Mul
    (number, inner), (found_number, outer) = split(pattern), split(expr)
    if P in pattern.args:  # which may be the number itself
        (number, inner), (found_number, outer) = (0, pattern), (0, expr)
    if number != found_number:
        return None
    patterns, exprs = (type(pattern).make_args(e) for e in (inner, outer))
    if len(patterns) == 1:
        return match(inner, outer, letters)
    if len(patterns) != len(exprs):
        return None
    trials = (_match_in_order(patterns, order, letters) for order in permutations(exprs))
    return next((found for found in trials if found is not None), None)
