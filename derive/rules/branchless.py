"""Sums of sigmoids, tanhs and softplus of one argument, without a branch: quotients in t = e^(−|w|).

With u = [w ≥ 0]: σ(w) = (u + (1 − u)t)/(1 + t) and softplus(w) = uw + log(1 + t). Over the common
denominator (u² = u), each number that stands beside t is written as 1 = t − (t − 1), where t − 1 is
expm1(−|w|): then what is small for small w, and what is small for large |w|, are both products, and
nothing but the function's own root is left to cancel. Decay(w) is t, Short(w) is t − 1.

With v = [w ≥ −7/10]: e^w − c = v·expm1(w) + (1 − v)·min(e^w, 1) + (v − c), where the minimum keeps an
e^w that has overflowed from a factor 0. Capped(w) is min(e^w, 1).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import sympy as sp

from derive.heads import HeadFunction, expm1, log1p, logistic, sech2, sgn, sigmoid, softplus, step, tanh
from derive.model import Y, Z

_T, _E, _U, _L, _SIGN = (sp.Dummy(name, real=True) for name in ("t", "e", "u", "l", "sign"))


class Decay(sp.Function):
    """e^(−|w|)."""

    nargs = 1


class Short(sp.Function):
    """e^(−|w|) − 1."""

    nargs = 1


class Capped(sp.Function):
    """min(e^w, 1)."""

    nargs = 1


class Kept(sp.Function):
    """w, summed before anything is added to it."""

    nargs = 1


PARTS: Final = (Decay, Short, Capped)
_SIDES: Final = (*PARTS, step, sgn)
_TURN: Final = sp.Rational(7, 10)  # just beyond log 2: left of −log 2, e^w − 1 is nearer to −1 than to 0

# What the parts are called in code.
LETTERS: Final = {"Decay": "t", "Short": "em", "step": "u", "sgn": "sign"}


def found_in(*exprs: sp.Expr) -> list[sp.Expr]:
    """The parts in `exprs` that are worth a name."""
    if not any(e.has(*PARTS) for e in exprs):
        return []
    return sorted({part for e in exprs for part in e.atoms(*_SIDES) if _of_z(part)}, key=str)


def _of_z(part: sp.Basic) -> bool:
    """Whether a part has a side by z alone."""
    return isinstance(part, _SIDES) and part.args[0].free_symbols == {Z}


def by_side(expr: sp.Expr) -> sp.Expr:
    """`expr` with its parts as pieces left and right of 0, for a proof by cases."""
    expr = expr.replace(lambda e: isinstance(e, Kept), lambda e: e.args[0])
    if not expr.has(*PARTS):
        return expr
    return expr.replace(_of_z, lambda e: _PIECES[type(e)](e.args[0]))


def _pieces(right: Callable, left: Callable) -> Callable[[sp.Expr], sp.Expr]:
    return lambda w: sp.Piecewise((right(w), w >= 0), (left(w), True))


_PIECES: Final = {
    Decay: _pieces(lambda w: sp.exp(-w), sp.exp),
    Short: _pieces(lambda w: sp.exp(-w) - 1, lambda w: sp.exp(w) - 1),
    Capped: _pieces(lambda w: sp.S.One, sp.exp),
    step: _pieces(lambda w: sp.S.One, lambda w: sp.S.Zero),
    sgn: lambda w: sp.Piecewise((1, w > 0), (-1, w < 0), (0, True)),
}


def selected(expr: sp.Expr) -> sp.Expr:
    """A sum c·e^w + k, k free of z, with expm1 where e^w is near 1; as it is where it is no such sum."""
    rest, varying = expr.as_independent(Z, as_Add=True)
    factor, head = varying.as_independent(Z, as_Add=False)
    if rest == 0 or not isinstance(head, sp.exp) or not factor.is_Rational:
        return expr
    w = head.args[0]
    near = step(w + _TURN)
    return factor * near * expm1(w) + factor * (1 - near) * Capped(w) + Kept(factor * near + rest)


@dataclass(frozen=True, kw_only=True)
class Spelling:
    """How t is used: t − 1 as `expm1` or plainly, t as the square of e^(−|w|/2) where `halved`.

    `halves` writes numerator and denominator at half their size, so that a huge target does not overflow.
    """

    expm1: bool = True
    halved: bool = False
    halves: bool = False


def over_decay(expr: sp.Expr, how: Spelling) -> sp.Expr:
    """A sum as one quotient in t, t − 1 and u; as it is where it is no such sum."""
    base = _base(expr)
    if base is None:
        return expr
    top, below = sp.fraction(sp.together(expr.replace(_is_known, lambda head: _in_t(head, base))))
    power = _power_of_denominator(below)
    top = _expanded(top)
    if power is None or (power and top.has(_L)) or sp.degree(top, _T) > power:
        return expr
    if power == 0:
        return _meant(_in_base(top, base), base, how)
    scale = sp.Rational(1, 2) if how.halves else sp.S.One
    terms = [_scaled(c, _T**i * _E ** (power - i), scale) for i, c in _homogeneous(top, power)]
    # A sum below the bar is divided by once; at half its size it is (1 + t)/2.
    denominator = (scale + scale * _T) * (1 + _T) ** (power - 1)
    return _meant(sp.Add(*terms) / denominator * (1 / below).subs(_T, 0), base, how)


def _is_known(expr: sp.Basic) -> bool:
    return isinstance(expr, (sigmoid, softplus, tanh, logistic, sech2)) and expr.has(Z)


def _base(expr: sp.Expr) -> sp.Expr | None:
    """The one argument, a number times z, of all heads in a sum; None where there is no such argument."""
    heads = [h for h in expr.atoms(HeadFunction) if h.has(Z)]
    if not expr.is_Add or not heads or not all(map(_is_known, heads)):
        return None
    if expr.has(sp.Piecewise, sp.exp) or expr.xreplace(dict.fromkeys(heads, _U)).has(Z):
        return None
    found = {abs((h.args[0] * _stretch(h) / Z).simplify()) for h in heads}
    ratio = found.pop()
    return ratio * Z if not found and ratio.is_Rational and _power_of_two(ratio) else None


def _power_of_two(ratio: sp.Rational) -> bool:
    return all(n & (n - 1) == 0 for n in (int(ratio.p), int(ratio.q)))


def _stretch(head: sp.Expr) -> int:
    """By what the argument of e^… in a head is larger than the head's own."""
    return 2 if isinstance(head, (tanh, sech2)) else 1


def _in_t(head: sp.Expr, base: sp.Expr) -> sp.Expr:
    """A head of ± base in t, u and l = log(1 + t)."""
    ahead = head.args[0] * _stretch(head) == base
    u = _U if ahead else 1 - _U
    if isinstance(head, sigmoid):
        return (u + (1 - u) * _T) / (1 + _T)
    if isinstance(head, softplus):
        return (_U if ahead else _U - 1) * base + _L
    if isinstance(head, tanh):
        return (2 * u - 1) * (1 - _T) / (1 + _T)
    return (4 if isinstance(head, sech2) else 1) * _T / (1 + _T) ** 2


def _power_of_denominator(below: sp.Expr) -> int | None:
    """n where a denominator is a number times (1 + t)^n."""
    powers = {b: n for b, n in sp.factor(below).as_powers_dict().items() if not b.is_number}
    return int(powers.pop(1 + _T, 0)) if set(powers) <= {1 + _T} else None


def _expanded(expr: sp.Expr) -> sp.Expr:
    """A polynomial multiplied out, with u² = u."""
    return sp.expand(expr).replace(lambda e: e.is_Pow and e.base == _U, lambda e: _U)


def _homogeneous(top: sp.Expr, power: int) -> list[tuple[int, sp.Expr]]:
    """(i, c) for each term c·t^i·e^(power − i) of a polynomial in t, with 1 = t − e."""
    parts = [top.coeff(_T, j) * _T**j * (_T - _E) ** (power - j) for j in range(power + 1)]
    whole = sp.expand(_expanded(sp.Add(*parts)))
    found = [(i, sp.expand(whole.coeff(_T, i).coeff(_E, power - i))) for i in range(power + 1)]
    return [(i, _by_sign(c)) for i, c in found if c != 0]


def _by_sign(coefficient: sp.Expr) -> sp.Expr:
    """A coefficient with 2u − 1 as the sign of w, so that it is rounded once."""
    rate = coefficient.coeff(_U)
    rest = sp.expand(coefficient - rate * _U)
    if rate.is_number and rest.as_independent(Y)[0] == -rate / 2:
        return rate / 2 * _SIGN + rest.as_independent(Y)[1]
    return sp.factor(coefficient)


def _facing(coefficient: sp.Expr) -> tuple[int, sp.Expr]:
    """(sign, c) with c = u − y rather than y − u, as other quotients have it."""
    turned = coefficient.is_Add and coefficient.coeff(Y) == 1
    return (-1, sp.expand(-coefficient)) if turned else (1, coefficient)


def _scaled(coefficient: sp.Expr, power: sp.Expr, scale: sp.Expr) -> sp.Expr:
    """scale·c·power: a sum c that is 0 at some hard target stays whole."""
    if coefficient.has(_U) or coefficient.has(_SIGN):
        side, facing = _facing(coefficient)
        return sp.Mul(side, facing, power, scale)
    return sp.expand(scale * coefficient) * power


def _in_base(top: sp.Expr, base: sp.Expr) -> sp.Expr:
    """A sum of softplus with all that multiplies the argument in one coefficient."""
    ratio = base / Z
    rate = top.coeff(Z)
    return sp.factor(rate / ratio) * ratio * Z + sp.factor(top.coeff(_L)) * _L + top.subs({Z: 0, _L: 0})


def _meant(expr: sp.Expr, base: sp.Expr, how: Spelling) -> sp.Expr:
    """The letters of an expression as what they stand for."""
    decay = Decay(base / 2) ** 2 if how.halved else Decay(base)
    short = Short(base) if how.expm1 else decay - 1
    letters = {_E: short, _U: step(Z), _SIGN: sgn(Z), _L: log1p(decay), _T: decay}
    return expr.xreplace(letters)
