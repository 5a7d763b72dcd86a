"""Where conditions on z change: exact zeros, in an order that holds for all admissible parameters."""

import random
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise

import sympy as sp

from derive.heads import plain
from derive.model import REALS, Interval, Parameter, Set, Unproved, Z
from derive.proof.zeros import zeros

Values = Mapping[sp.Symbol, sp.Expr]

SETTINGS = 6  # values of the parameters at which an order is looked at
_DIGITS = 50
_JUMPING = (sp.Abs, sp.sign, sp.Piecewise, sp.Max, sp.Min, sp.Heaviside)


@cache
def settings(parameters: tuple[Parameter, ...]) -> tuple[Values, ...]:
    """Admissible values of parameters, random but always the same; the first of moderate size."""
    rng = random.Random(1)
    return tuple(_setting(parameters, rng, 3 if n else 0) for n in range(SETTINGS))


def _setting(parameters: tuple[Parameter, ...], rng: random.Random, reach: int) -> Values:
    """A value of each, in their order: the end of a domain may hold an earlier one."""
    values: dict[sp.Symbol, sp.Expr] = {}
    for p in parameters:
        low, high = (sp.S(end).subs(values) for end in (p.domain.lo, p.domain.hi))
        size = sp.Rational(rng.randrange(101, 997), 331) * sp.Integer(10) ** rng.randint(-reach, reach)
        values[p.symbol] = _between(low, high, size, rng.choice((-1, 1)))
    return values


def _between(low: sp.Expr, high: sp.Expr, size: sp.Expr, sign: int) -> sp.Expr:
    if low.is_infinite and high.is_infinite:
        return sign * size
    if high.is_infinite:
        return low + size
    return high - size if low.is_infinite else low + (high - low) * size / (1 + size)


@cache
def admissible(parameters: tuple[Parameter, ...]) -> Values:
    """Each parameter written in a symbol of known sign, its distance from an end of its domain."""
    written: dict[sp.Symbol, sp.Expr] = {}
    for p in parameters:
        low, high = (sp.S(end).subs(written) for end in (p.domain.lo, p.domain.hi))
        closed = p.domain.closed_lo if low.is_finite else p.domain.closed_hi
        signs = {"nonnegative": True} if closed else {"positive": True}
        written[p.symbol] = _inside(low, high, sp.Dummy(p.name, real=True, **signs))
    return written


def _inside(low: sp.Expr, high: sp.Expr, p: sp.Symbol) -> sp.Expr:
    """What runs through an open interval while p runs through the positive numbers; p itself on the line."""
    if low == -sp.oo:
        return high - p if high != sp.oo else sp.Dummy(p.name, real=True)
    return low + p if high == sp.oo else low + (high - low) * p / (1 + p)


def number(expr: sp.Expr, values: Values) -> sp.Expr:
    """An expression in parameters at their values: exact where it is rational, else to many digits."""
    found = sp.S(expr).xreplace(dict(values))
    if not found.is_Rational and not found.is_infinite:
        found = sp.expand(plain(found))
    return found if found.is_Rational or found.is_infinite else found.evalf(_DIGITS)


def sign_at(expr: sp.Expr, values: Values) -> int:
    """The sign of an expression at values of all its symbols."""
    found = number(expr, values)
    if not found.is_extended_real:
        raise Unproved(f"the sign of {expr} is not known: it is no real number at {dict(values)}")
    if found.is_Rational:
        return int(sp.sign(found))
    # A float of which no digit is certain, though many were computed: so SymPy says it of 0.
    if isinstance(found, sp.Float) and found._prec == 1:
        return 0
    return 1 if found > 0 else -1


def ordered(ends: Sequence[sp.Expr], parameters: tuple[Parameter, ...]) -> tuple[sp.Expr, ...]:
    """The ends from left to right; Unproved where their order depends on the parameters' values."""
    if all(end.is_Rational for end in ends):
        return tuple(sorted(set(ends)))
    first, *others = settings(_with_all(parameters, ends))
    found = sorted(dict.fromkeys(map(sp.sympify, ends)), key=lambda end: number(end, first))
    for values in others:
        at = [number(end, values) for end in found]
        if at != sorted(at):
            raise Unproved(f"the order of {', '.join(map(str, found))} depends on the parameters")
    return tuple(found)


def _with_all(parameters: tuple[Parameter, ...], exprs: Sequence[sp.Expr]) -> tuple[Parameter, ...]:
    """The parameters, and those symbols of expressions that are none, with what their assumptions say."""
    known = {p.symbol for p in parameters}
    free = sorted({s for e in exprs for s in sp.S(e).free_symbols} - known - {Z}, key=str)
    return (*parameters, *map(_unknown, free))


def _unknown(symbol: sp.Symbol) -> Parameter:
    low = sp.S.Zero if symbol.is_nonnegative else -sp.oo
    domain = Interval(lo=low, closed_lo=not symbol.is_positive and low == 0)
    return Parameter(symbol=symbol, default=sp.S.One, domain=domain, latex=str(symbol))


def all_settings(parameters: tuple[Parameter, ...], exprs: Sequence[sp.Expr]) -> tuple[Values, ...]:
    """Admissible values of the parameters, and of the other symbols of expressions but z."""
    return settings(_with_all(parameters, exprs))


def certain(ends: Sequence[sp.Expr], parameters: tuple[Parameter, ...], domain: Set = REALS) -> bool:
    """Whether the order of ends in a domain, each at most the next, is manifest for all parameters."""
    if isinstance(domain, Interval):
        ends = [end for end in (domain.lo, *ends, domain.hi) if not end.is_infinite]
    if all(end.is_Rational for end in ends):
        return True
    written = dict(admissible(parameters))
    steps = [sp.expand((b - a).subs(written)) for a, b in pairwise(ends)]
    return all(step.is_nonnegative for step in steps)


@cache
def roots(w: sp.Expr) -> tuple[sp.Expr, ...]:
    """Every real z at which `w`, an expression without cases, is 0 or has a pole; Unproved if not exact."""
    if not w.has(Z) or w.is_positive or w.is_negative:
        return ()
    if w.has(*_JUMPING):
        raise Unproved(f"it is not known where {w} = 0")
    slope = w.diff(Z)
    if not slope.has(Z):
        return (sp.cancel(-w.subs(Z, 0) / slope),)
    found = [_zeros(part) for part in sp.fraction(sp.together(w)) if part.has(Z)]
    if None in found:
        raise Unproved(f"a condition changes where {w} = 0, and its zeros are not found exactly")
    return tuple(dict.fromkeys(root for part in found for root in part or ()))


@cache
def _zeros(part: sp.Expr) -> tuple[sp.Expr, ...] | None:
    """The zeros in z, remembered also where they are not found: that takes the longest."""
    found = zeros(part, Z)
    return None if found is None else tuple(found)
