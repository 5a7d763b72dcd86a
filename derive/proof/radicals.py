"""Square roots of c·w² + d undone: with w = √(d/c)·(p − 1/p)/2 the root is √d·(p + 1/p)/2, and w runs
through all real numbers while p runs through the positive ones.
"""

import sympy as sp

_Roots = dict[sp.Expr, tuple[sp.Expr, sp.Expr]]  # of each base, the factors c and d


def rational(expr: sp.Basic) -> sp.Basic:
    """`expr` with a letter w written in a positive one, where all its roots are of one w² + d/c."""
    bases = {e.base for e in expr.atoms(sp.Pow) if e.exp.is_Rational and e.exp.q == 2 and e.base.is_Add}
    for letter in sorted({s for base in bases for s in base.free_symbols if not s.is_positive}, key=str):
        roots = {base: found for base in bases if (found := _square_and_rest(base, letter))}
        ratios = {sp.cancel(d / c) for c, d in roots.values()}
        if len(ratios) == 1:
            return _written(expr, letter, roots, ratios.pop())
    return expr


def _square_and_rest(base: sp.Expr, letter: sp.Symbol) -> tuple[sp.Expr, sp.Expr] | None:
    """(c, d) with base = c·w² + d, both positive; None where it is no such sum."""
    if not base.is_polynomial(letter):
        return None
    poly = sp.Poly(base, letter)
    if poly.degree() != 2 or poly.coeff_monomial(letter):
        return None
    c, d = poly.coeff_monomial(letter**2), poly.coeff_monomial(1)
    return (c, d) if c.is_positive and d.is_positive else None


def _written(expr: sp.Basic, letter: sp.Symbol, roots: _Roots, ratio: sp.Expr) -> sp.Basic:
    """`expr` in the positive letter; the letters of the ratio are squares."""
    p = sp.Symbol(f"{letter}_plus_root", positive=True)
    squares = {s: sp.Symbol(f"root_{s}", positive=True) ** 2 for s in ratio.free_symbols if s.is_positive}
    size = {base: sp.sqrt(d.xreplace(squares)) * (p + 1 / p) / 2 for base, (_, d) in roots.items()}
    known = {e: size[e.base] ** (2 * e.exp) for e in expr.atoms(sp.Pow) if e.base in size}
    place = {letter: sp.sqrt(ratio.xreplace(squares)) * (p - 1 / p) / 2, **squares}
    written = expr.xreplace(known).xreplace(place)
    return written.replace(
        sp.exp, lambda w: sp.exp(sp.expand(w))
    )  # the numbers in exponents are read from it
