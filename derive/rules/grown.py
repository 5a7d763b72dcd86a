"""Large outputs of losses that grow as c|a − y| or c(a − b)²: c comes before a or its slope overflows.

c ⊗ a is that product by halves of a: (cz)z of z², (cs)z of sz, c·e^(z/2)·e^(z/2) of e^z. Then |a − y|/c is
|a/c − y/c|; the slopes, in which nothing cancels, are such products for all z.
"""

from dataclasses import dataclass

import sympy as sp
from sympy.core.symbol import Str

from derive.heads import absolute, sgn
from derive.model import A, Y, Z
from derive.rules.branchless import Kept
from derive.rules.large import LARGE, Slopes
from derive.rules.stable import recognise
from derive.rules.weighted import Weighted

_SIDE = sp.Symbol("s", real=True)  # sgn(a − y)


@dataclass(frozen=True, kw_only=True)
class Growth:
    """A branch of a loss: `number`·`factor`^`power`·(a − `root`)^`power`, by its side where `sided`."""

    number: sp.Expr
    factor: sp.Expr
    root: sp.Expr
    power: int
    sided: bool


def grown(los: sp.Expr, f: sp.Expr, where: sp.Basic) -> tuple[Slopes, tuple[sp.Basic, ...]] | None:
    """Value and both derivatives of L(f(z), y), and where they are needed; None where they are not."""
    if (far := _far(f, where)) is None:
        return None
    named = recognise(los)
    branches = named.args if isinstance(named, sp.Piecewise) else ((named, sp.true),)
    found = [(e, _growth(e), c) for e, c in branches]
    if any(g is None and e.has(A) for e, g, _ in found):
        return None
    power = max((g.power for _, g, _ in found if g), default=0)
    if power == 0 or (power == 2 and f.has(sp.exp)):
        return None
    rows = [(_written(g, f) if g else (e, sp.S.Zero, sp.S.Zero), _at(c, f)) for e, g, c in found]
    value, first, second = (sp.Piecewise(*((slopes[n], c) for slopes, c in rows)) for n in range(3))
    orders = (far if slope.has(Z) and power == 2 else sp.true for slope in (first, second))
    return (value, first, second), (far, *orders)


def _at(condition: sp.Basic, f: sp.Expr) -> sp.Basic:
    """A condition on a as one on f(z)."""
    return condition.subs(A, f).replace(sp.Abs, absolute)


def _far(f: sp.Expr, where: sp.Basic) -> sp.Basic | None:
    """Where a power of z, a parameter times z > 0, or e^z, is large; None of any other output."""
    if where not in (sp.true, Z > 0):
        return None
    if f == sp.exp(Z):
        return Z > 2 * LARGE
    factor, power = f.as_independent(Z, as_Add=False)
    whole = power.is_Pow and power.base == Z and power.exp.is_Integer and power.exp > 1
    if not whole and not (power == Z and factor.free_symbols and where == (Z > 0)):
        return None
    return sp.Gt(Z, sp.Integer(10) ** LARGE)


def _growth(branch: sp.Expr) -> Growth | None:
    """A branch as such a power; None where it is none, or a number alone multiplies it."""
    turned = branch.replace(lambda e: e == absolute(A - Y), lambda e: _SIDE * (A - Y))
    number, whole = (turned / _SIDE if turned.has(_SIDE) else turned).as_coeff_Mul()
    if not whole.is_polynomial(A) or whole.has(_SIDE) or (power := sp.degree(whole, A)) not in (1, 2):
        return None
    front = sp.expand(whole).coeff(A, int(power))
    root = sp.cancel(-sp.expand(whole).coeff(A, int(power) - 1) / front / power)
    factor = _root(front) if power == 2 else front
    scaled = factor is not None and (factor.free_symbols - {Y} or factor.has(absolute))
    if not scaled or sp.expand(whole - front * (A - root) ** power) != 0:
        return None
    return Growth(number=number, factor=factor, root=root, power=int(power), sided=turned.has(_SIDE))


def _root(square: sp.Expr) -> sp.Expr | None:
    """The root of a product of even powers."""
    powers = square.as_powers_dict()
    whole = all((n / 2).is_Integer for n in powers.values())
    return sp.Mul(*(e ** (n / 2) for e, n in powers.items())) if whole else None


def _written(g: Growth, f: sp.Expr) -> Slopes:
    """The slopes of such a branch."""
    height = _times(g.factor, f) - g.factor * g.root
    if g.power == 1:
        side = sgn(f - Y) if g.sided else sp.S.One
        slopes = (side * _times(g.number * g.factor, f.diff(Z, n)) for n in (1, 2))
        return g.number * side * height, *slopes
    square = g.number * g.factor**2
    second = _times(square, (f**2).diff(Z, 2)) - 2 * g.root * _times(square, f.diff(Z, 2))
    return g.number * height**2, 2 * g.number * height * _times(g.factor, f.diff(Z)), second


def _times(factor: sp.Expr, term: sp.Expr) -> sp.Expr:
    """A factor and a power of z or e^z, by halves of the second."""
    if term == 0:
        return term
    constant, rest = term.as_independent(Z, as_Add=False)
    if rest.has(sp.exp):
        return Weighted(factor * constant, Z, Str("exp"))
    return Kept(factor * constant * rest / Z) * Z if rest.has(Z) else Kept(factor * constant)
