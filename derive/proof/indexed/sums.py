"""Sums in the normal form: of monomials over fixed denominators, with nested sums opened.

A body that is a quotient n/d in generators of the bound index is divided: n = q·d + r, where no term of r
is a multiple of d's leading term. The sums of the monomials of q, and of those of r over d, are generators:
with one d for each index they are linearly independent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import count, permutations

import sympy as sp
from flint import fmpq_mpoly
from sympy import Expr

from derive.proof.indexed.room import (
    Generator,
    Room,
    component,
    deltas,
    depth_of,
    exponential,
    fraction,
    function,
    generator,
    indices_of,
    joined,
    leaf,
    logarithm,
    reduced,
    root,
)
from derive.proof.quotient import expression, lowest, quotient
from derive.rules.indexed import SIZES

_FRESH = count(1)
_COUNTED = tuple(dict.fromkeys(SIZES.values()))
ONE = sp.S.One


@dataclass(frozen=True, kw_only=True)
class Body:
    """What is summed: `top` over the product of the bound indices' denominators, over all bound indices."""

    top: Expr
    sizes: Mapping[Expr, Expr]
    below: Mapping[Expr, Expr]  # of a bound index, where it is not 1


def summed(room: Room, body: Expr, index: Expr, size: Expr) -> Expr:
    """Σ_index body, for a rational body in generators; Σ_k δ_kj f_k = f_j where j runs as far."""
    top, bottom = fraction(room, body)
    shared = top.gcd(bottom)
    top, bottom = top / shared, expression(bottom / shared, room.symbols)
    if index not in indices_of(room, bottom) and not _holds_delta(room, top):
        return _combined(room, top, Body(top=ONE, sizes={index: size}, below={})) / bottom
    return _contracted(room, expression(top, room.symbols), bottom, index, size)


def _holds_delta(room: Room, poly: fmpq_mpoly) -> bool:
    degrees = zip(poly.context().names(), poly.degrees(), strict=True)
    return any(n and room.entries[room.symbols[name]].kind == "delta" for name, n in degrees)


def _contracted(room: Room, top: Expr, bottom: Expr, index: Expr, size: Expr) -> Expr:
    """Σ_index top/bottom: the terms with a δ one by one, then the sum of the rest."""
    single = []
    for d in deltas(room, bottom * top):
        other = _partner(room, d, index, size)
        if other is not None:
            rest = top.xreplace({d: sp.S.Zero})
            single.append(renamed(room, (top.xreplace({d: ONE}) - rest) / bottom, {index: other}))
            top = rest
    if deltas(room, bottom):
        raise TypeError("no normal form for a quotient by δ")
    content, divisor = _primitive(room, bottom, index)
    below = {} if divisor == 1 else {index: divisor}
    return sp.Add(_spread(room, Body(top=top, sizes={index: size}, below=below)) / content, *single)


def _partner(room: Room, symbol: sp.Symbol, index: Expr, size: Expr) -> Expr | None:
    """The index that a δ joins to `index`, where it runs as far."""
    pair = room.entries[symbol].of
    if index not in pair:
        return None
    other = pair[0] if pair[1] == index else pair[1]
    return other if other == 1 or size_of(other) == size else None


def slot(number: int, size: Expr) -> sp.Symbol:
    """The index of a sum that holds number − 1 sums inside each other."""
    return sp.Symbol(f"_{size}_{number}", integer=True)


def size_of(index: Expr) -> Expr | None:
    """What an index counts up to; None where that is not known."""
    return SIZES.get(index) or next((n for n in _COUNTED if str(index).startswith(f"_{n}_")), None)


def _primitive(room: Room, poly: Expr, index: Expr) -> tuple[Expr, Expr]:
    """The factor of a polynomial that does not depend on an index, and the rest."""
    top, _ = quotient(poly)
    parts = list(_by_monomial(room, top, {index}).values())
    content = parts[0]
    for part in parts[1:]:
        content = content.gcd(part)
    return expression(content, room.symbols), expression(top / content, room.symbols)


def _by_monomial(room: Room, poly: fmpq_mpoly, indices) -> dict[tuple, fmpq_mpoly]:
    """The coefficients of a polynomial by the powers of those generators that depend on the indices."""
    context = poly.context()
    inside = _inside(room, poly, indices)
    found: dict[tuple, dict] = {}
    for powers, number in poly.to_dict().items():
        mine = tuple(powers[n] for n in inside)
        others = tuple(0 if n in inside else p for n, p in enumerate(powers))
        found.setdefault(mine, {})[others] = number
    return {mine: context.from_dict(others) for mine, others in found.items()}


def _inside(room: Room, poly: fmpq_mpoly, indices) -> list[int]:
    """The places of those generators of a polynomial's ring that depend on one of the indices."""
    names = [room.symbols.get(name) for name in poly.context().names()]
    return [n for n, s in enumerate(names) if s is not None and room.entries[s].indices & set(indices)]


def _spread(room: Room, body: Body) -> Expr:
    """The sum of a body as a combination of sums of monomials."""
    for index, divisor in body.below.items():
        whole, rest, scale = _divided(room, body.top, divisor, index)
        if whole != 0:
            others = {i: d for i, d in body.below.items() if i != index}
            parts = (replace(body, top=whole, below=others), replace(body, top=rest))
            return sp.Add(*(_spread(room, part) for part in parts if part.top != 0)) / scale
    top, bottom = quotient(body.top)
    if indices_of(room, expression(bottom, room.symbols)) & body.sizes.keys():
        raise TypeError(f"a denominator in {body.top} is new")
    return _combined(room, top, body) / expression(bottom, room.symbols)


def _combined(room: Room, top: fmpq_mpoly, body: Body) -> Expr:
    """The sum of a polynomial, over the body's denominators, monomial by monomial."""
    names = [room.symbols.get(name) for name in top.context().names()]
    inside, total = _inside(room, top, body.sizes), []
    for powers, coefficient in _by_monomial(room, top, body.sizes).items():
        monomial = sp.Mul(*(names[n] ** p for n, p in zip(inside, powers, strict=True)))
        total.append(expression(coefficient, room.symbols) * _opened(room, replace(body, top=monomial)))
    return sp.Add(*total)


def _divided(room: Room, top: Expr, divisor: Expr, index: Expr) -> tuple[Expr, Expr, Expr]:
    """q, r and c with top·c = q·divisor + r; c does not depend on the index."""
    poly, _ = quotient(top, frozenset(divisor.free_symbols))
    by, _ = quotient(divisor, frozenset(top.free_symbols))
    context, inside = by.context(), _inside(room, by, {index})
    lead, first = max(_by_monomial(room, by, {index}).items())
    whole, scale = context.constant(0), context.constant(1)
    while True:
        higher = {
            mine: part
            for mine, part in _by_monomial(room, poly, {index}).items()
            if all(a >= b for a, b in zip(mine, lead, strict=True))
        }
        if not higher:
            return tuple(expression(p, room.symbols) for p in (whole, poly, scale))
        mine, part = max(higher.items(), key=lambda item: item[0])
        powers = dict(zip(inside, (a - b for a, b in zip(mine, lead, strict=True)), strict=True))
        step = context.from_dict({tuple(powers.get(n, 0) for n in range(context.nvars())): 1}) * part
        shared = first.gcd(step)
        factor, step = first / shared, step / shared
        whole, scale, poly = whole * factor + step, scale * factor, poly * factor - step * by


def _opened(room: Room, body: Body) -> Expr:
    """The sum of one monomial over denominators, with the sums in it opened."""
    for symbol, power in body.top.as_powers_dict().items():
        entry = room.entries.get(symbol)
        if entry is None or entry.kind != "sum" or not entry.indices & body.sizes.keys():
            continue
        if not _openable(room, entry, body.sizes):
            continue
        top, sizes, below = body.top / symbol**power, dict(body.sizes), dict(body.below)
        for _ in range(int(power)):
            inner = _fresh(room, entry.of[0])
            top *= inner.top
            sizes |= inner.sizes
            below |= inner.below
        return _spread(room, Body(top=reduced(room, top), sizes=sizes, below=below))
    top = reduced(room, body.top)
    if top != body.top:
        return _spread(room, replace(body, top=top))
    return _named(room, body)


def _openable(room: Room, entry: Generator, bound: Mapping) -> bool:
    """Whether no denominator of an inner sum depends on an index that is bound outside."""
    return not any(indices_of(room, d) & bound.keys() for d in entry.of[0].below.values())


def _fresh(room: Room, body: Body) -> Body:
    """The body with bound indices of its own."""
    return _with_bound(room, body, {i: sp.Symbol(f"%{next(_FRESH)}", integer=True) for i in body.sizes})


def _with_bound(room: Room, body: Body, names: Mapping[Expr, Expr]) -> Body:
    return Body(
        top=renamed(room, body.top, names),
        sizes={names.get(i, i): n for i, n in body.sizes.items()},
        below={names.get(i, i): renamed(room, d, names) for i, d in body.below.items()},
    )


def _named(room: Room, body: Body) -> Expr:
    """The generator of a sum of one monomial, its bound indices named in the one order that sorts first."""
    if body.top == 1 and not body.below:
        return sp.Mul(*(leaf(room, size) for size in body.sizes.values()))
    candidates, depth = [], depth_of(room, body.top * sp.Mul(*body.below.values()))
    for order in permutations(body.sizes):
        names = {i: sp.Symbol(f"@{depth}.{n}", integer=True) for n, i in enumerate(order)}
        moved = _with_bound(room, body, names)
        factor, below = ONE, {}
        for index, divisor in moved.below.items():
            lead, below[index] = _monic(room, divisor)
            factor /= lead
        sizes = dict(sorted(moved.sizes.items(), key=str))
        candidates.append((_text(moved.top, sizes, below), factor, replace(moved, sizes=sizes, below=below)))
    key, factor, best = min(candidates, key=lambda c: c[0])
    made = room.keys.get(("sum", key))
    if made is None:
        made = _new_sum(room, key, best)
    return factor * room.solved.get(made, made)


def _new_sum(room: Room, key: str, body: Body) -> sp.Symbol:
    within = body.top * sp.Mul(*body.below.values())
    positive = True if body.top.is_positive and not body.below else None
    made = generator(room, "sum", key, positive=positive)
    free = indices_of(room, within) - body.sizes.keys()
    room.entries[made] = Generator(kind="sum", of=(body,), indices=free, depth=depth_of(room, within) + 1)
    return made


def _monic(room: Room, divisor: Expr) -> tuple[Expr, Expr]:
    top, _ = quotient(divisor)
    lead = top.leading_coefficient()
    return sp.Rational(int(lead.p), int(lead.q)), expression(top / lead, room.symbols)


def _text(top: Expr, sizes: Mapping, below: Mapping) -> str:
    return str(
        (
            sorted(map(str, sp.Mul.make_args(top))),
            sorted(map(str, sizes.items())),
            sorted(map(str, below.items())),
        )
    )


def merged(room: Room, expr: Expr) -> Expr:
    """`expr` with its sums over one common denominator for each index."""
    found = {s: e.of[0] for s in expr.free_symbols if (e := room.entries[s]).kind == "sum" and e.of[0].below}
    divisors = {d for body in found.values() for d in _at_slot(room, body).values()}
    if len(divisors) < 2:
        return expr
    common = _common_multiple(room, divisors)
    return expr.xreplace({s: _spread(room, _over(room, body, common)) for s, body in found.items()})


SLOT = sp.Symbol("@", integer=True)


def _at_slot(room: Room, body: Body) -> dict[Expr, Expr]:
    """The denominators of a body, each with its index named alike."""
    return {i: renamed(room, d, {i: SLOT}) for i, d in body.below.items()}


def _common_multiple(room: Room, divisors: set[Expr]) -> Expr:
    symbols = frozenset().union(*(d.free_symbols for d in divisors))
    polys = [quotient(d, symbols)[0] for d in sorted(divisors, key=str)]
    common = polys[0]
    for poly in polys[1:]:
        common = common * (poly / common.gcd(poly))
    return expression(common, room.symbols)


def _over(room: Room, body: Body, common: Expr) -> Body:
    """The body with the common denominator at each bound index that has one."""
    top, below = body.top, {}
    for index, divisor in body.below.items():
        below[index] = renamed(room, common, {SLOT: index})
        whole, rest = (expression(p, room.symbols) for p in lowest(below[index] / divisor))
        top *= whole / rest
    return replace(body, top=sp.expand(top), below=below)


def renamed(room: Room, expr: Expr, names: Mapping[Expr, Expr]) -> Expr:
    """`expr` with indices renamed in every generator."""
    touched = [s for s in expr.free_symbols if room.entries[s].indices & names.keys()]
    return expr.xreplace({s: _moved(room, s, names) for s in touched}) if touched else expr


def _moved(room: Room, symbol: sp.Symbol, names: Mapping[Expr, Expr]) -> Expr:
    entry = room.entries[symbol]
    if entry.kind == "component":
        base, indices = entry.of
        return component(room, base, tuple(names.get(i, i) for i in indices), symbol.is_positive)
    if entry.kind == "delta":
        return joined(room, *(names.get(i, i) for i in entry.of))
    if entry.kind == "sum":
        return _named(room, _with_bound(room, entry.of[0], names))
    if entry.kind == "function":
        head, argument = entry.of
        return function(room, head, renamed(room, argument, names))
    argument = renamed(room, entry.of[0], names)
    if entry.kind == "exp":
        return exponential(room, argument / room.unit)
    return logarithm(room, argument) if entry.kind == "log" else root(room, argument)
