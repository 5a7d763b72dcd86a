"""Arrangements for floating point: the same function, in an order of operations that keeps its digits.

Root(h) is the square root of a decaying head h: x·h loses digits where h is subnormal and x large, while
Root(h)·x·Root(h) does not. Times(h, x) is h·x where h has decayed to 0 before x overflows, Plus(x, r) is
x + r where x has overflowed before r does. Polynomial(z, …) is a polynomial in z with its rounding error,
Quotient(z, c) is z/c with its own.
"""

import itertools

import sympy as sp

from derive.heads import (
    HeadFunction,
    absolute,
    expm1,
    log1p,
    ramp,
    row_of,
    sgn,
    softplus,
    softplus_lag,
    step,
    tanh,
)
from derive.model import Y, Z
from derive.rules.branchless import Kept
from derive.rules.folded import folded
from derive.rules.margins import unbounded
from derive.rules.sizes import Sizes
from derive.rules.weighted import Weighted, unweighted, weighted


class Root(sp.Function):
    """The square root of a decaying head."""

    nargs = 1

    @classmethod
    def eval(cls, head):
        return None


class Times(sp.Function):
    """decay · growth."""

    nargs = 2

    @classmethod
    def eval(cls, decay, growth):
        return None


class Plus(sp.Function):
    """growth + rest."""

    nargs = 2

    @classmethod
    def eval(cls, growth, rest):
        return None


class LogOf(sp.Function):
    """The second, log w as a sum, for use where the first, w, has left the range of normal numbers."""

    nargs = 2

    @classmethod
    def eval(cls, w, logs):
        return None


class Powered(sp.Function):
    """y·w^n, 0 where y is, although the power overflows."""

    nargs = 3

    @classmethod
    def eval(cls, y, w, n):
        return None


class Log1pOf(sp.Function):
    """log(1 + w), with the logarithm of w for use where w has overflowed."""

    nargs = 2

    @classmethod
    def eval(cls, w, logs):
        return None


class Lifted(sp.Function):
    """log(1 + c(e^w − 1)) of c and w, c ≤ 1, for use where that is beside 0, too."""

    nargs = 2

    @classmethod
    def eval(cls, c, w):
        return None


class Polynomial(sp.Function):
    """A polynomial in z, after which its coefficients stand, the highest first; and what rounding takes."""

    @classmethod
    def eval(cls, *coefficients):
        return None


class Quotient(sp.Function):
    """z over a parameter, and what rounding takes."""

    nargs = 2

    @classmethod
    def eval(cls, z, parameter):
        return None


def precise(expr: sp.Expr) -> sp.Expr:
    """`expr` with the polynomials in z that blocks made for them take, as those blocks take them."""
    return expr.replace(
        lambda e: bool((row := row_of(e)) and row.polynomial[0] and _rounded(e.args[0])),
        lambda e: e.func(Polynomial(Z, *_coefficients(e.args[0]))),
    )


def divided(expr: sp.Expr) -> sp.Expr:
    """`expr` with z over a parameter as a Quotient, where a block takes one."""
    return expr.replace(
        lambda e: bool((row := row_of(e)) and row.polynomial[0] and _divisor(e.args[0])),
        lambda e: e.func(Quotient(Z, _divisor(e.args[0]))),
    )


def _divisor(w: sp.Expr) -> sp.Expr | None:
    """c where w is z/c with a parameter c, or half or twice that; None elsewhere."""
    number, rest = w.as_coeff_Mul()
    divisor = sp.cancel(Z / rest) if rest.has(Z) else Z
    simple = abs(number) in (1, 2, sp.S.Half) and divisor.is_Symbol and divisor != Z
    return divisor / number if simple else None


def _rounded(w: sp.Expr) -> bool:
    """Whether w is a polynomial in z, made of numbers and parameters, the value of which is rounded."""
    if not w.has(Z) or w.has(Y) or not w.is_polynomial(Z):
        return False
    if w.free_symbols != {Z}:
        return sp.degree(w, Z) > 1  # a product of a parameter and z has blocks of its own
    number, rest = sp.expand(w).as_coeff_Mul()
    return rest != Z or abs(number) not in (1, 2, sp.S.Half)


def _coefficients(w: sp.Expr) -> list[sp.Expr]:
    return [sp.expand(w).coeff(Z, n) for n in range(int(sp.degree(w, Z)), -1, -1)]


def exact(expr: sp.Expr) -> sp.Expr:
    """`expr` with Root, Times, Plus, LogOf, Log1pOf, Lifted, margins, Polynomial and Quotient taken back."""
    expr = expr.replace(lambda e: isinstance(e, Polynomial), lambda e: _summed(*e.args))
    expr = expr.replace(lambda e: isinstance(e, Quotient), lambda e: e.args[0] / e.args[1])
    expr = unweighted(expr.replace(lambda e: isinstance(e, Plus), lambda e: sp.Add(*e.args)))
    expr = expr.replace(lambda e: isinstance(e, LogOf), lambda e: e.args[1])
    expr = expr.replace(lambda e: isinstance(e, Log1pOf), lambda e: softplus(e.args[1]))
    expr = expr.replace(lambda e: isinstance(e, Lifted), lambda e: log1p(e.args[0] * expm1(e.args[1])))
    expr = expr.replace(lambda e: isinstance(e, Powered), lambda e: e.args[0] * e.args[1] ** e.args[2])
    expr = unbounded(expr).replace(lambda e: isinstance(e, Times), lambda e: e.args[0] * e.args[1])
    return expr.replace(
        lambda e: e.is_Pow and isinstance(e.base, Root) and bool(e.exp % 2 == 0 or e.exp.free_symbols),
        lambda e: e.base.args[0] ** (e.exp / 2),
    )


def _summed(z: sp.Expr, *coefficients: sp.Expr) -> sp.Expr:
    """The sum that a Polynomial stands for."""
    return sp.Add(*(c * z**n for n, c in enumerate(reversed(coefficients))))


def arrange(expr: sp.Basic, sizes: Sizes) -> sp.Basic:
    """`expr` with its products arranged, from the leaves up."""
    if not expr.args:
        return expr
    if expr.is_Mul:
        expr = _over_target(
            _spread(folded(expr) if any(map(sizes.climbs, expr.args)) else expr, sizes), sizes
        )
        expr = _small_last(_relative(expr)) if expr.is_Mul else expr
    if expr.is_Mul and {Y, Z, step(Z)} <= set(expr.args) and not sizes.bounded(Y):
        expr = expr / (Z * step(Z)) * ramp(Z)  # y z overflows where the step is 0
    factors = weighted(list(expr.args), sizes.ends, sizes.bounded) if expr.is_Mul else expr.args
    args = [arrange(a, sizes) for a in factors]
    if expr.is_Add:
        return _overtaken(args)
    if expr.is_Pow and expr.exp.free_symbols and decays(args[0]):
        return Root(args[0]) ** (2 * expr.exp)  # where the head is subnormal a root of it is not
    return _guarded(_rooted(args, sizes), sizes) if expr.is_Mul else expr.func(*args)


def decays(factor: sp.Expr) -> bool:
    """Whether a factor is (a power of) a head with a root, such as σ, φ or e^z."""
    base, power = _base(factor)
    row = row_of(base)
    return bool(row and row.root and base.has(Z) and power.is_Integer and power > 0)


def _base(factor: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """(base, exponent); e^w is a base of its own."""
    return (factor, sp.S.One) if isinstance(factor, sp.exp) else factor.as_base_exp()


def _spread(product: sp.Expr, sizes: Sizes) -> sp.Expr:
    """The product with sums that grow in z, or decay under a growing factor, multiplied out."""
    factors = [f for e in product.args for f in _repeats(e)]
    if any(isinstance(f, sp.exp) and sizes.climbs(f) for f in product.args):
        factors = [f for e in product.args for f in (_repeats(e) if e.is_polynomial(Z) else [e])]
        if not any(f.is_Add and f.has(Z) and f.is_polynomial(Z) and not f.has(Y) for f in factors):
            return product  # with e^f the sum of the others is large or 0 as a whole
    rising = any(isinstance(f, sp.exp) for f in factors)
    falling = any(decays(f) for f in factors)
    varying = {Z, Y, *sizes.meaning}
    large = [f for f in factors if f.free_symbols & varying and not sizes.bounded(f)]
    wide = any(not f.is_Add for f in large)

    def meets(f: sp.Expr) -> bool:
        if falling and (_polynomial(f, sizes) or (rising and sizes.overflows_inside(f))):
            return True
        return wide and _falls(f)

    sums = [f for f in factors if f.is_Add and meets(f)]
    if not sums:
        return product
    rest = sp.Mul(*(f for f in factors if f not in sums))
    return sp.Add(*(sp.Mul(rest, *terms) for terms in itertools.product(*(f.args for f in sums))))


def _over_target(product: sp.Expr, sizes: Sizes) -> sp.Expr:
    """A product with r²/y as r·(r/y), r a residual: the square overflows before the product does."""
    squares = [f for f in sp.Mul.make_args(product) if f.is_Pow and f.exp == 2]
    squares = [f for f in squares if f.base in sizes.meaning or (f.base.is_Add and f.base.has(Y))]
    if sizes.bounded(Y) or 1 / Y not in product.args or len(squares) != 1:
        return product
    r = squares[0].base
    number = product.as_coeff_Mul()[0] if r.is_Symbol else sp.S.One
    return Kept(number * r / Y) * (product / number / squares[0] * Y) * r


def _relative(product: sp.Expr) -> sp.Expr:
    """A product with sgn(r)/|y| as one factor: the rest may be subnormal, or overflow, by itself."""
    signs = [f for f in product.args if isinstance(f, sgn)]
    if not (signs and 1 / absolute(Y) in product.args):
        return product
    first = sp.Mul(product.as_coeff_Mul()[0], *signs, 1 / absolute(Y))
    return Kept(first) * (product / first) if product != first else product


def _small_last(product: sp.Expr) -> sp.Expr:
    """A product of tanh(z), which may be subnormal, and what has |w|^q in it, which may be large first."""
    small = [f for f in product.args if isinstance(_base(f)[0], tanh) and _base(f)[1].is_Integer]
    if len(small) != 1 or _base(small[0])[1] < 0 or not any(map(_steep, sp.preorder_traversal(product))):
        return product
    return Kept(product / _base(small[0])[0]) * _base(small[0])[0]


def _steep(factor: sp.Expr) -> bool:
    """Whether a factor is |w|^q with a parameter q: it overflows long before w does."""
    return factor.is_Pow and isinstance(factor.base, absolute) and bool(factor.exp.free_symbols)


def _repeats(factor: sp.Expr) -> list[sp.Expr]:
    """A power of a sum as equal factors; another factor as it is."""
    power = factor.is_Pow and factor.base.is_Add and factor.exp.is_Integer and factor.exp > 0
    return [factor.base] * int(factor.exp) if power else [factor]


def _falls(total: sp.Expr) -> bool:
    """Whether each term of a sum decays on some side, so that a factor must meet them one by one."""
    return all(any(decays(f) or isinstance(f, step) for f in sp.Mul.make_args(t)) for t in total.args)


def _polynomial(total: sp.Expr, sizes: Sizes) -> bool:
    """Whether a sum grows in z so that it may overflow; a residual does where a term has a power of z."""
    if not total.has(Z):
        return False
    growing = [t for t in total.args if not sizes.bounded(t)]
    if all(_is_block(t, sizes) for t in growing):
        return False
    if any(t.has(Y) and not t.has(Z) for t in total.args):
        return any(
            f.is_Pow and f.base == Z and (f.exp - 1).is_positive for t in growing for f in sp.Mul.make_args(t)
        )
    return len(growing) > 1 or any(not _as_z(t, sizes) for t in growing)


def _is_block(term: sp.Expr, sizes: Sizes) -> bool:
    """Whether a term is a block of z, but for bounded factors: apart it overflows no later than in a sum."""
    factors = [f for f in sp.Mul.make_args(term) if not sizes.bounded(f)]
    return len(factors) == 1 and isinstance(factors[0], HeadFunction) and factors[0].args[0] in (Z, -Z)


def _as_z(term: sp.Expr, sizes: Sizes) -> bool:
    """Whether a term is z times what keeps it no larger than z."""
    factors = sp.Mul.make_args(term)
    number = sp.Mul(*(f.as_coeff_Mul()[0] for f in factors))
    return abs(number) <= 1 and [f for f in factors if not sizes.bounded(f)] == [Z]


def _rooted(factors: list[sp.Expr], sizes: Sizes) -> list[sp.Expr]:
    """The factors with decaying heads split into roots where another factor may be large."""
    falling = [f for f in factors if decays(f)]
    rising = any(isinstance(f, sp.exp) for f in falling) and len(falling) > 1  # e^w is large on one side
    if not rising and all(f in falling or sizes.bounded(f) for f in factors):
        return factors
    return [Root(_base(f)[0]) ** (2 * _base(f)[1]) if decays(f) else f for f in factors]


def _guarded(factors: list[sp.Expr], sizes: Sizes) -> sp.Expr:
    """The product; a factor that overflows is kept from meeting one that has decayed to 0."""
    growth = [f for f in factors if isinstance(_unrooted(f), sp.exp) or isinstance(f, Weighted)]
    rest = sp.Mul(*(f for f in factors if f not in growth))
    roots = [f for f in factors if f not in growth and isinstance(_base(f)[0], Root)]
    others = sp.Mul.make_args(rest) if roots else ()
    growth += [f for f in others if _steep(f) or (not decays(f) and sizes.climbs(sizes.meaning.get(f, f)))]
    rest = sp.Mul(*(f for f in factors if f not in growth))
    if roots and any(isinstance(f, Weighted) or _steep(f) for f in growth):
        fixed = [f for f in factors if f.free_symbols and not f.has(Z, *sizes.meaning)]  # large ones, too
        decayed = sp.Mul(*(_base(f)[0] if _base(f)[1].is_Integer else f for f in roots))
        rest = sp.Mul(*(f for f in factors if f not in growth and f not in fixed))
        return Times(sp.Mul(decayed, *fixed), sp.Mul(*growth)) * (rest / decayed)
    lags = [f for f in factors if isinstance(f, softplus_lag)]  # they decay as e^−w, and have no root
    if lags and any(isinstance(f, Weighted) for f in growth):
        return Times(sp.Mul(*lags), sp.Mul(*growth)) * (rest / sp.Mul(*lags))
    climbs = roots and any(map(sizes.climbs, (sizes.meaning.get(f, _unrooted(f)) for f in growth)))
    together = any(map(_steep, factors))  # both grow on one side
    if together or not (growth and (climbs or sizes.overflows_inside(rest))):
        return sp.Mul(*factors)
    found = {_base(f)[0] for f in factors if f not in growth and isinstance(_base(f)[0], Root)}
    root = sp.Mul(*found)  # on each side that which decays there
    return Times(root, sp.Mul(*growth)) * (rest / root) if found else Times(rest, sp.Mul(*growth))


def _multiple(term: sp.Expr, inside: set[sp.Expr]) -> bool:
    """Whether a term is linear in z, or a multiple of one of the expressions."""
    line = {Z, ramp(Z)} & set(term.args)
    if line and not any(_wide(f) for f in term.args if f not in line and f.has(Z)):
        return True
    return any(not (exact(term) / exact(w)).has(Z) for w in inside - {Z})


def _wide(factor: sp.Expr) -> bool:
    """Whether a factor is none of the blocks that stay below a constant, nor a root of one."""
    row = row_of(_unrooted(factor))
    below = row and (row.bounded or row.root) and not isinstance(factor, sp.exp)
    return not (below or isinstance(factor, step))


def _overtaken(terms: list[sp.Expr]) -> sp.Expr:
    """The sum; where e^z has overflowed, a term linear in z that overflows later does not meet it.

    Nor does a logarithm meet what a power of infinity is.
    """
    terms = [part for t in terms for part in sp.Add.make_args(t)]
    powers = [t for t in terms if t.is_Pow and t.base == Z and t.exp.free_symbols and t.exp.is_positive]
    logs = [t for t in terms if t.is_Mul and t.has(sp.log(Z))]
    if powers and logs and len(powers) + len(logs) == len(terms):
        return Plus(sp.Add(*powers), sp.Add(*logs))
    growth = [t for t in terms if isinstance(t, sp.exp)]
    inside = {e.args[0].as_coeff_Mul()[1] for e in growth}  # f of e^(c·f): f itself overflows later
    linear = [t for t in terms if t.is_Mul and not t.has(sp.exp) and _multiple(t, inside)]
    if growth and len(growth) + len(linear) == len(terms):
        return Plus(sp.Add(*growth), sp.Add(*linear)) if linear else sp.Add(*growth)
    return sp.Add(*terms)


def _unrooted(factor: sp.Expr) -> sp.Expr:
    base, _ = _base(factor)
    return base.args[0] if isinstance(base, Root) else base
