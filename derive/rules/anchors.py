"""Sums that cancel at saturation or at a hard target, written there as a limit plus a small rest."""

from collections.abc import Callable
from typing import Final

import sympy as sp
from sympy import exp

from derive.heads import (
    arsinh_slope,
    expm1,
    head_row,
    hyperbola,
    hyperbola_slope,
    log1p,
    log_raised_softsign,
    lorentz,
    plain,
    raised,
    rise,
    rise_slope,
    row_of,
    sigmoid,
    softplus,
    softsign,
    step,
)
from derive.model import Parameter, Y, Z
from derive.rules.branchless import Kept
from derive.rules.complements import near_one
from derive.rules.floats import exact
from derive.rules.stable import recognise

_HALF = sp.Rational(1, 2)


def anchor(expr: sp.Expr, parameters: tuple[Parameter, ...], hard: tuple[int, ...]) -> sp.Expr:
    """A sum that vanishes at saturation, written there as its limit plus a small rest; others as they are.

    c·h(w) + r becomes c·t(w) + (r + c·l) where the head h is near its limit l, and t = h − l is
    known without cancellation; done where r + c·l is 0 at a hard target, with default parameters.
    """
    defaults = {p.symbol: p.default for p in parameters}
    rows = []
    for factor, head in _heads(expr):
        if raised(head):
            continue  # its logarithm is not 0 by itself
        rest = expr - factor * head
        for near, limit, tail in head_row(head).anchors:
            constant = rest.as_independent(Z, as_Add=True)[0] + factor * limit
            ends = [(plain(constant.subs(Y, y).subs(defaults)), factor.subs(Y, y)) for y in hard]
            if any(left == 0 and scale != 0 for left, scale in ends):
                rows.append((rest + factor * limit + factor * tail(head.args[0]), near(head.args[0])))
    at = [{Y: y, **defaults} for y in hard]
    rows = near_one(expr, at) or rows or _beside_zero(expr, at)
    if rows := rows or _beside_one(expr, at) or _two_equal(expr, at):
        return sp.Piecewise(*rows, (expr, True))
    return _as_ratio(expr, parameters, hard) or _lines(_steady(expr))


def _lines(expr: sp.Expr) -> sp.Expr:
    """The expression with sums pz + c + r as p(z + c/p) + r: beside the end of a line z + c/p is exact."""

    def from_end(total: sp.Expr) -> sp.Expr:
        p, c = total.coeff(Z), total.as_coeff_Add()[0]
        rest = total - p * Z - c
        if not (p.is_Rational and c.is_Rational and p * c != 0 and abs(p) != 1 and rest.has(Y)):
            return total
        return p * Kept(Z + c / p) + rest if sp.Rational(float(c / p)) == c / p else total

    return expr.replace(lambda e: e.is_Add and e.has(Y), from_end)


# The a of blocks that are log(1 + a).
_LOGS: Final[dict[type, Callable[[sp.Expr], sp.Expr]]] = {
    log1p: lambda w: w,
    softplus: lambda w: exp(w),
    log_raised_softsign: lambda w: softsign(w),
}


def _as_ratio(expr: sp.Expr, parameters: tuple[Parameter, ...], hard: tuple[int, ...]) -> sp.Expr | None:
    """c(log(1 + a) − log(1 + y)) + r where a is anchored, near its root as the logarithm of one ratio."""
    factor = -expr.coeff(log1p(Y)) if expr.is_Add else sp.S.Zero
    found = [h for h in expr.atoms(*_LOGS) if h.has(Z) and expr.coeff(h) == factor != 0]
    if len(found) != 1:
        return None
    (head,) = found
    a = _LOGS[type(head)](head.args[0])
    residual = anchor(a - Y, parameters, hard)
    if not residual.has(sp.Piecewise, Kept):
        return None
    near = sp.And(2 * a + 1 > Y, 2 * a < 1 + 3 * Y)  # the ratio lies between a half and three halves
    rest = expr - factor * (head - log1p(Y))
    return sp.Piecewise((factor * log1p(residual / (1 + Y)) + rest, near), (expr, True))


def _beside_one(expr: sp.Expr, ends: list[dict]) -> list[tuple[sp.Expr, sp.Basic]]:
    """The rows of a sum of two powers of a block h that tends to 1, where they cancel at a hard target.

    There c h^(k + 1) − d h^k is h^k(c t + (c − d)), with t = h − 1 known without cancellation.
    """
    found = {h for t in expr.args for f in sp.Mul.make_args(t) if (h := raised(f)) is not None}
    if not expr.is_Add or len(expr.args) != 2 or len(found) != 1:
        return []
    (height,) = found
    height = height * head_row(height).half[1]
    (c, high), (d, low) = (_over_power(term, height) for term in expr.args)
    if sp.expand(high - low) == -1:
        (c, high), (d, low) = (d, low), (c, high)
    whole = recognise(plain(exp(height)))
    if sp.expand(high - low) != 1 or not row_of(whole) or not any((c + d).subs(end) == 0 for end in ends):
        return []
    near = [(at(whole.args[0]), tail) for at, limit, tail in head_row(whole).anchors if limit == 1]
    front = exp(low * height)
    return [(front * Kept(c * tail(whole.args[0]) + (c + d)), at) for at, tail in near]


def _over_power(term: sp.Expr, height: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """(c, k) of c·e^(k·height)."""
    powers = [f for f in sp.Mul.make_args(term) if raised(f) is not None]
    return (term / powers[0], powers[0].args[0] / height) if powers else (term, sp.S.Zero)


# Blocks at w = 0, and what they are more there.
_AT_ZERO: Final[dict[type, tuple[sp.Expr, Callable[[sp.Expr], sp.Expr]]]] = {
    rise: (_HALF, lambda w: hyperbola_slope(w) / 2),
    rise_slope: (
        _HALF,
        lambda w: -hyperbola(w) * arsinh_slope(w) * (1 + arsinh_slope(w) + lorentz(w)) / 2,
    ),
}


def _beside_zero(expr: sp.Expr, ends: list[dict]) -> list[tuple[sp.Expr, sp.Basic]]:
    """The row of a sum of products of such blocks, and exponentials, that is 0 at z = 0 for a hard target."""
    found = sorted(expr.atoms(*_AT_ZERO), key=str)
    letters = {h: sp.Dummy(real=True) for h in found}
    powers = {e: sp.Dummy(real=True) for e in expr.atoms(exp) if e.has(Z)}
    written = expr.xreplace(powers).xreplace(letters)
    if not expr.is_Add or not found or written.has(Z) or any(h.args[0].subs(Z, 0) != 0 for h in found):
        return []
    limits = {letters[h]: _AT_ZERO[type(h)][0] for h in found}
    opened = sp.expand(written.xreplace({name: limit + name for name, limit in limits.items()}))
    shares = [
        (power, *share.as_independent(*limits, as_Add=True))
        for power, share in sp.collect(opened, list(powers.values()), evaluate=False).items()
    ]
    if not any(c.subs(end) == 0 and r.subs(end) != 0 for end in ends for _, c, r in shares):
        return []
    meant = {letters[h]: _AT_ZERO[type(h)][1](h.args[0]) for h in found}
    meant |= {name: e for e, name in powers.items()}
    whole = sp.Add(*(e * (Kept(sp.factor(constant)) + sp.factor(rest)) for e, constant, rest in shares))
    w = found[0].args[0]
    return [(whole.xreplace(meant), sp.And(w > -_HALF, w < _HALF))]


def _two_equal(expr: sp.Expr, ends: list[dict]) -> list[tuple[sp.Expr, sp.Basic]]:
    """The row of a sum of two exponentials, or of σ(w) and σ(−w), that is 0 at z = 0 for a hard target.

    There it is one of them times a sum with expm1: the other over it is an exponential.
    """
    found = _heads(expr)
    if len(found) != 2 or len(expr.args) != 2:
        return []
    (c1, h1), (c2, h2) = sorted(found, key=str)
    if isinstance(h1, exp) and isinstance(h2, exp):
        rate = sp.expand(exact(h2.args[0] - h1.args[0]))
    elif isinstance(h1, sigmoid) and isinstance(h2, sigmoid) and sp.expand(h1.args[0] + h2.args[0]) == 0:
        shift, rate = sp.expand(h2.args[0]).as_independent(Z, as_Add=True)
        c2 = c2 * exp(shift)
    else:
        return []
    if not any((c1 + c2).subs(end) == 0 for end in ends) or rate.as_independent(Z, as_Add=True)[0] != 0:
        return []
    return [(h1 * (c2 * expm1(rate) + (c1 + c2)), sp.And(rate > -_HALF, rate < _HALF))]


def _steady(expr: sp.Expr) -> sp.Expr:
    """A sum with a step, the step and the constants added first: they cancel exactly where anything does."""
    expr = _opened(expr)
    sides = [t for t in sp.Add.make_args(expr) if t.has(step) and not t.subs(step(Z), 0).has(Z)]
    constants = [t for t in sp.Add.make_args(expr) if not t.has(Z)]
    if not (sides and constants):
        return expr
    rest = [t for t in expr.args if t not in sides and t not in constants]
    return Kept(sp.Add(*sides, *constants)) + sp.Add(*rest)


def _opened(expr: sp.Expr) -> sp.Expr:
    """A sum in which a constant times a sum with a step is multiplied out: 1 − y([z ≥ 0] − t)."""
    if not (expr.is_Add and expr.has(step)):
        return expr
    terms = []
    for term in expr.args:
        factor, rest = term.as_independent(Z, as_Add=False)
        inside = rest.is_Add and any(t.has(step) and not t.subs(step(Z), 0).has(Z) for t in rest.args)
        terms += [factor * t for t in rest.args] if inside else [term]
    return sp.Add(*terms)


def _heads(expr: sp.Expr) -> list[tuple[sp.Expr, sp.Expr]]:
    """(factor, head) of every term of a sum that is a head times a factor free of z."""
    if not expr.is_Add:
        return []
    split = [term.as_independent(Z, as_Add=False) for term in expr.args if term.has(Z)]
    return [(factor, head) for factor, head in split if row_of(head)]
