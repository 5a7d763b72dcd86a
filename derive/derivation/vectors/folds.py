"""Expressions in letters: quotients folded, unit vectors put in, supports and known sums shortened."""

from functools import lru_cache

import sympy as sp
from sympy import Expr, Indexed, IndexedBase, KroneckerDelta, Mul, Sum

from derive.derivation.vectors.letters import Letters
from derive.model import LARGEST, J
from derive.rules.indexed import normal, substitute


def in_letters(expr: Expr, found: Letters) -> Expr:
    """`expr` with quotients by their letters, as they stand."""
    for letter in found.letters:
        if parts := _quotient(letter.component):
            expr = _folded(expr, letter.base, *parts)
    return expr


def _quotient(component: Expr) -> tuple[Expr, Sum] | None:
    """Weight and total of a quotient g(j) / Σ_k g(k)."""
    for factor in Mul.make_args(component):
        if factor.is_Pow and factor.exp == -1 and isinstance(factor.base, Sum):
            return component / factor, factor.base
    return None


def _folded(expr: Expr, base: IndexedBase, weight: Expr, total: Sum) -> Expr:
    """g(m) / Σ_k g(k) as base[m], wherever g(m) or its powers stand beside a power of the sum."""
    whole, (inner,) = sp.Dummy(positive=True), weight.atoms(Indexed)
    sums = {s: whole for s in expr.atoms(Sum) if normal(s) == normal(total)}
    weights: dict[Expr, Expr] = {}
    for spot in {e.indices[0] for e in expr.atoms(Indexed) if e.base == inner.base}:
        at = substitute(weight, J, spot)
        weights |= {at**n: (base[spot] * whole) ** n for n in (1, 2, 3)}
    return expr.xreplace(sums).xreplace(weights).xreplace({whole: total})


def shortened(expr: Expr, found: Letters) -> Expr:
    """The normal form of `expr` in letters, after all that is known about them."""
    form = normal(expr.xreplace(_solved(expr, found)))
    form = in_letters(form, found)
    for _ in range(3):
        before, form = form, normal(_absorbed(form, found)).xreplace(facts(found))
        if form == before:
            break
    return form


def _solved(expr: Expr, found: Letters) -> dict[Expr, Expr]:
    """What each vector is in terms of its unit vector, for every index in `expr`."""
    solved = unit_vectors(found)
    atoms = [e for e in expr.atoms(Indexed) if e.base in solved]
    return {e: substitute(solved[e.base], J, e.indices[0]) for e in atoms}


@lru_cache(maxsize=256)
def unit_vectors(found: Letters) -> dict[IndexedBase, Expr]:
    """Component j of each vector in terms of its length and its unit vector: a_j = n e_j."""
    solved: dict[IndexedBase, Expr] = {}
    lengths = {n.symbol for n in found.names}
    for letter in found.letters:
        length = sp.fraction(letter.component)[1]
        if length in lengths:
            of = sp.expand(letter.component * length)
            last = max(of.atoms(Indexed), key=lambda e: _place(e.base, found))
            number, rest = of.coeff(last), of.xreplace({last: sp.S.Zero})
            solved[last.base] = (length * letter.base[J] - rest) / number
    return solved


def _place(base: IndexedBase, found: Letters) -> int:
    return found.inputs.index(base) if base in found.inputs else 0


def _absorbed(expr: Expr, found: Letters) -> Expr:
    """Products of an indicator s shortened: s² is s, and s_m x_m is what is left over the threshold."""
    if not expr.args or isinstance(expr, Indexed | KroneckerDelta):
        return expr
    expr = expr.func(*[_absorbed(a, found) for a in expr.args])
    if not (expr.is_Mul or expr.is_Pow):
        return expr
    for selection in found.selections:
        if isinstance(selection.symbol, IndexedBase):
            for at in {e for e in expr.atoms(Indexed) if e.base == selection.symbol}:
                expr = _single(expr, at)
        elif selection.symbol != LARGEST:
            expr = _single(expr, selection.symbol)
    for letter, indicator, of, threshold in supports(found):
        for at in {e for e in expr.atoms(Indexed) if e.base == indicator}:
            expr = _over_threshold(expr, letter, at, of, threshold)
    return expr


def _single(expr: Expr, indicator: Expr) -> Expr:
    """A product with an indicator at most once."""
    power = expr.as_powers_dict().get(indicator, sp.S.Zero)
    return expr / indicator ** (power - 1) if power.is_Integer and power > 1 else expr


def supports(found: Letters) -> list[tuple[IndexedBase, IndexedBase, Expr, Expr]]:
    """Each letter that is s_j(x_j − τ), with s, x and τ."""
    rows = []
    for selection in found.selections:
        for letter in found.letters if selection.rule == "support" else ():
            for name in found.names:
                if letter.component == selection.symbol[J] * (selection.of - name.symbol):
                    rows.append((letter.base, selection.symbol, selection.of, name.symbol))
    return rows


def _over_threshold(expr: Expr, letter: IndexedBase, at: Indexed, of: Expr, threshold: Expr) -> Expr:
    """s_m x_m as p_m + τ s_m, and s_m p_m as p_m."""
    powers, spot = expr.as_powers_dict(), at.indices[-1]
    if powers.get(at, 0) < 1:
        return expr
    (inner,) = of.atoms(Indexed)
    x, scale = inner.base[spot], of.coeff(inner)
    if (power := powers.get(x, 0)) > 0:
        return expr / at / x**power * ((letter[spot] + threshold * at) / scale) ** power * at
    return expr / at if powers.get(letter[spot], 0) > 0 else expr


def facts(found: Letters) -> dict[Expr, Expr]:
    """Sums with a value: Σ_k p_k = 1, Σ_k e_k² = 1."""
    return {normal(total): value for total, value in found.facts}
