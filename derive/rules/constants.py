"""Sums with |w|, w a polynomial in z less y, whose constants cancel for some parameter at a hard target.

With s = sgn w they are polynomials in z, |w|ⁿ being (sw)ⁿ. Beside z = 0 what is constant is summed by
itself before terms in z are added: with t = 1 + z, (q − 1)t² + t²/2 − 2y is there
(q − 1/2)z(2 + z) + (q − 1/2 − 2y), exact at q = 5/2, y = 1.
"""

import sympy as sp

from derive.heads import absolute, sgn
from derive.model import Parameter, Y, Z
from derive.rules.branchless import Kept

_NEAR = sp.Rational(1, 2)
_Sign = sp.Symbol("s", real=True)


def constants_apart(expr: sp.Expr, parameters: tuple[Parameter, ...], hard: tuple[int, ...]) -> sp.Expr:
    """`expr` with such sums by cases, beside z = 0 and elsewhere."""

    def apart(total: sp.Expr) -> sp.Expr:
        near = _beside_zero(total, parameters, hard)
        return total if near is None else sp.Piecewise((near, sp.And(Z > -_NEAR, Z < _NEAR)), (total, True))

    return expr.replace(lambda e: e.is_Add and e.has(absolute) and not e.has(sp.Piecewise), apart)


def _beside_zero(total: sp.Expr, parameters: tuple[Parameter, ...], hard: tuple[int, ...]) -> sp.Expr | None:
    """A sum as a power of |w| times a polynomial in z, its constant first; None where none need be."""
    inside = {e.args[0] for e in total.atoms(absolute, sgn)}
    w = inside.pop()
    if inside or not (w.has(Y) and w.is_polynomial(Z) and sp.degree(w, Z) > 1):
        return None
    found = _over_size(total, w)
    if found is None:
        return None
    power, terms = found
    constant, rest = sp.collect(sp.expand(terms), Z).as_independent(Z, as_Add=True)
    if not rest.is_polynomial(Z) or not _may_vanish(constant, w, parameters, hard):
        return None
    whole = sp.factor(rest) + Kept(constant)
    return absolute(w) ** power * whole.subs(_Sign, sgn(w))


def _over_size(total: sp.Expr, w: sp.Expr) -> tuple[sp.Expr, sp.Expr] | None:
    """(k, p) where a sum is |w|^k p, p with powers of w in place of those of |w| and s in that of sgn w."""
    size = sp.Symbol("d", positive=True)
    terms = sp.expand(total.xreplace({absolute(w): size, sgn(w): _Sign}), power_exp=False).args
    split = [term.as_independent(size, as_Add=False) for term in terms]
    exponents = [sp.expand(rest.as_base_exp()[1]) if rest != 1 else sp.S.Zero for _, rest in split]
    lowest = next((k for k in exponents if all(sp.expand(e - k).is_nonnegative for e in exponents)), None)
    if lowest is None or not all(sp.expand(e - lowest).is_Integer for e in exponents):
        return None
    factors = [(front, sp.expand(e - lowest)) for (front, _), e in zip(split, exponents, strict=True)]
    opened = sp.expand(sp.Add(*(front * (_Sign * w) ** n for front, n in factors)))
    reduced = opened.replace(lambda e: e.is_Pow and e.base == _Sign, lambda e: _Sign ** (e.exp % 2))
    return lowest, reduced


def _may_vanish(
    constant: sp.Expr, w: sp.Expr, parameters: tuple[Parameter, ...], hard: tuple[int, ...]
) -> bool:
    """Whether a constant is 0 at a hard target, whatever the parameter or for one that is a float."""
    for y in hard:
        sign = sp.sign(w.subs({Y: y, Z: 0}))
        left = sp.expand(constant.subs({Y: y, _Sign: sign}))
        for p in parameters:
            slope = left.coeff(p.symbol)
            root = -left.subs(p.symbol, 0) / slope if slope.is_number and slope != 0 else sp.S.NaN
            if root.is_Rational and sp.Rational(float(root)) == root and p.domain.lo < root < p.domain.hi:
                return True
    return False
