"""Named identities, one row each, by purpose; every row is its own example and its own test."""

from dataclasses import dataclass
from functools import cache

import sympy as sp

# The letters of the rows: W stands for any expression, C for any factor.
W = sp.Symbol("w", real=True)
C = sp.Symbol("c", real=True)
_WILD = {W: sp.Wild("w"), C: sp.Wild("c")}


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
    while (new := _once(expr, _patterns(rules))) != expr:
        expr = new
    return expr


@cache
def _patterns(rules: tuple[Identity, ...]) -> tuple[tuple[Identity, sp.Basic], ...]:
    """Every rule with its left side, any expression in place of the letters."""
    return tuple((rule, rule.before.xreplace(_WILD)) for rule in rules)


def _once(expr: sp.Expr, rules) -> sp.Expr:
    if not expr.args:
        return expr
    args = [_once(arg, rules) for arg in expr.args]
    if any(new is not old for new, old in zip(args, expr.args, strict=True)):
        expr = expr.func(*args)
    for rule, pattern in rules:
        if _alike(expr, pattern) and (found := expr.match(pattern)):
            return rule.after.subs({letter: found[wild] for letter, wild in _WILD.items() if wild in found})
    return expr


def _alike(expr: sp.Basic, pattern: sp.Basic) -> bool:
    """Whether the outer shapes agree; without this, 1 − w would match every expression."""
    if type(expr) is not type(pattern):
        return False
    if len(pattern.args) == 1 and pattern.args[0].is_Add:
        return expr.args[0].is_Add and expr.args[0].as_coeff_Add()[0] == pattern.args[0].as_coeff_Add()[0]
    return True
