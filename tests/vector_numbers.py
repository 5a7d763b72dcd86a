"""Indexed expressions in numbers, by the definition of a sum: nothing here is shared with the calculus."""

from itertools import product

import sympy as sp
from sympy import Indexed, KroneckerDelta, Sum

from derive.heads import plain
from derive.model import DIM, K
from derive.rules.indexed import SIZES

DIGITS = 50


def out(expr, at):
    """`expr` with its sums written out at the sizes of `at`, and its indices by numbers."""
    if isinstance(expr, Sum):
        *inner, (index, _, size) = expr.limits
        body = Sum(expr.function, *inner) if inner else expr.function
        return sp.Add(*[out(body, {**at, index: n}) for n in range(1, at[size] + 1)])
    if isinstance(expr, Indexed):
        return expr.base[tuple(sp.Integer(at.get(i, i)) for i in expr.indices)]
    if isinstance(expr, KroneckerDelta):
        one, other = (at.get(i, i) for i in expr.args[:2])
        return sp.Integer(one == other)
    if expr.is_Symbol:
        return sp.Integer(at[expr]) if expr in at else expr
    return expr.func(*[out(a, at) for a in expr.args]) if expr.args else expr


def number(expr, at, values, rng, indicators=frozenset()):
    """The value of an expression; `values` keeps the random ones of components and symbols that had none."""
    written = out(plain(expr), at)
    bases = {symbol for leaf in written.atoms(Indexed) for symbol in leaf.base.free_symbols}
    for leaf in sorted(written.atoms(Indexed) | written.atoms(sp.Symbol) - bases, key=str):
        base = leaf.base if isinstance(leaf, Indexed) else leaf
        drawn = sp.Rational(rng.randint(20, 79), 80).n(DIGITS)
        held = sp.Integer(rng.randint(0, 1)) if base in indicators else drawn
        first = base in indicators and isinstance(leaf, Indexed) and set(leaf.indices) == {1}
        values.setdefault(leaf, sp.S.One if first else held)  # no support is empty
    return sp.N(written.xreplace(values), DIGITS)


def places(expr, classes, features=2):
    """All values of the free indices of an expression, with the sizes."""
    sizes = {K: classes, DIM: features}
    free = sorted(expr.free_symbols & SIZES.keys(), key=str)
    for indices in product(*(range(1, sizes[SIZES[i]] + 1) for i in free)):
        yield {**sizes, **dict(zip(free, indices, strict=True))}
