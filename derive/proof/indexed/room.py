"""Generators of indexed expressions: components, functions, sums, each with the indices it depends on.

An expression becomes a rational one in generators. Those with other indices are other generators, so that
indices can be renamed. Functions are those of the elementwise normal form.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from math import lcm
from typing import Any

import sympy as sp
from flint import fmpq, fmpq_mpoly
from sympy import Expr

from derive.proof.quotient import Quotient, expression, lowest, quotient, terms

ODD = (sp.erf, sp.sign)


@dataclass(frozen=True, kw_only=True)
class Generator:
    """What a symbol of the normal form stands for, and the indices it depends on; `depth` of sums in it."""

    kind: str
    of: tuple
    indices: frozenset[Expr]
    depth: int = 0


@dataclass(frozen=True, kw_only=True)
class Room:
    """The generators met so far, by what they stand for.

    `idempotent`: bases and symbols of indicators; `squares`: what the square of a generator is; `solved`:
    sums and names that a relation expresses in other generators; `unit`: the common denominator of the
    numbers in exponents; `signs`: with which sign an exponent is taken; `met`: forms found so far.
    """

    unit: int
    idempotent: frozenset[sp.Basic]
    symbols: dict[str, sp.Symbol] = field(default_factory=dict)
    keys: dict[tuple, sp.Symbol] = field(default_factory=dict)
    entries: dict[sp.Symbol, Generator] = field(default_factory=dict)
    squares: dict[sp.Symbol, Expr] = field(default_factory=dict)
    solved: dict[sp.Symbol, Expr] = field(default_factory=dict)
    signs: dict[str, int] = field(default_factory=dict)
    met: dict[tuple, Expr] = field(default_factory=dict)


def copied(room: Room) -> Room:
    """A room of its own with the same generators."""
    ledgers = [f.name for f in fields(room) if f.name not in ("unit", "idempotent")]
    held: dict[str, Any] = {name: dict(getattr(room, name)) for name in ledgers}
    return replace(room, **held)


class TooCoarse(TypeError):
    """An exponent has a number whose denominator, `unit`, the room's unit does not hold."""

    def __init__(self, unit: int):
        super().__init__(f"no normal form for an exponent in steps of 1/{unit}")
        self.unit = unit


def unit_of(exprs: Iterable[Expr]) -> int:
    """The common denominator of the rational numbers in all exponents."""
    exponents = (e.exp for expr in exprs for e in expr.atoms(sp.exp))
    return lcm(1, *(int(n.q) for e in exponents for n in e.atoms(sp.Rational)))


def generator(room: Room, kind: str, *of, within: Expr = sp.S.One, **more) -> sp.Symbol:
    """The symbol that stands for a thing made of the generators `within`; `more`: indices, positive."""
    key = (kind, *of)
    if key not in room.keys:
        symbol = sp.Symbol(f"g{len(room.keys)}", real=True, positive=more.get("positive"))
        room.keys[key] = room.symbols[symbol.name] = symbol
        indices = frozenset(more.get("indices", ())) | indices_of(room, within)
        room.entries[symbol] = Generator(kind=kind, of=of, indices=indices, depth=depth_of(room, within))
    return room.keys[key]


def indices_of(room: Room, expr: Expr) -> frozenset[Expr]:
    """The indices on which the generators of an expression depend."""
    return frozenset().union(*(room.entries[s].indices for s in expr.free_symbols))


def depth_of(room: Room, expr: Expr) -> int:
    """How deep sums are nested in the generators of an expression."""
    return max((room.entries[s].depth for s in expr.free_symbols), default=0)


def leaf(room: Room, symbol: sp.Symbol) -> Expr:
    """A parameter, a name or a size; what a relation says of it, where it fixes it."""
    made = generator(room, "symbol", symbol, positive=symbol.is_positive)
    if symbol in room.idempotent:
        room.squares[made] = made
    return room.solved.get(made, made)


def component(room: Room, base: Expr, indices: tuple[Expr, ...], positive: bool | None = None) -> sp.Symbol:
    """base[indices]."""
    free = [i for i in indices if i.is_Symbol]
    made = generator(room, "component", base, indices, indices=free, positive=positive)
    if base in room.idempotent:
        room.squares[made] = made
    return made


def joined(room: Room, one: Expr, other: Expr) -> Expr:
    """δ of two indices."""
    if one == other:
        return sp.S.One
    if one.is_Integer and other.is_Integer:
        return sp.S.Zero
    pair = tuple(sorted((one, other), key=str))
    made = generator(room, "delta", *pair, indices=[i for i in pair if i.is_Symbol])
    room.squares[made] = made
    return made


def deltas(room: Room, expr: Expr) -> list[sp.Symbol]:
    """The δ among the generators of an expression."""
    return sorted((s for s in expr.free_symbols if room.entries[s].kind == "delta"), key=str)


def lowest_key(room: Room, expr: Expr) -> Expr:
    """`expr` in lowest terms, so that equal ones are the same."""
    if deltas(room, expr):
        raise TypeError("no normal form for a function of δ")
    top, bottom = lowest(expr)
    return expression(top, room.symbols) / expression(bottom, room.symbols)


def function(room: Room, head: type, argument: Expr) -> Expr:
    """A generator for a function of a normalised argument; odd functions give up their sign."""
    flip = 1
    if issubclass(head, ODD) and lowest(argument)[0].leading_coefficient() < 0:
        argument, flip = -argument, -1
    argument = lowest_key(room, argument)
    made = generator(room, "function", head, argument, within=argument)
    if head is sp.sign:
        room.squares[made] = sp.S.One
    return flip * made


def exponential(room: Room, argument: Expr) -> Expr:
    """e^(Σ c·m) as a product of powers of the generators e^(m/unit); e^(n log u) = u^n."""
    if deltas(room, argument):
        raise TypeError("no normal form for a function of δ")
    top, bottom = lowest(argument)
    below = expression(bottom, room.symbols)
    result = sp.S.One
    for number, monomial in terms(top, room.symbols):
        entry = room.entries.get(monomial)
        if below == 1 and entry and entry.kind == "log" and number.is_Integer:
            result *= entry.of[0] ** number
            continue
        degree = number * room.unit
        if not degree.is_Integer:
            raise TooCoarse(int(number.q))
        sign = _polarity(room, monomial / below, degree)
        key = sign * monomial / below
        made = generator(room, "exp", key, within=key, positive=True)
        result *= made ** (sign * degree)
    return result


def _polarity(room: Room, key: Expr, degree: Expr) -> int:
    """1 or −1: the sign with which an exponent was met first, whatever its indices."""
    return room.signs.setdefault(_sketch(room, key), 1 if degree > 0 else -1)


def _sketch(room: Room, expr: Expr) -> str:
    """What an expression is made of, without its indices."""
    powers = expr.as_powers_dict().items()
    return str(sorted((_sketched(room, room.entries[s]) if s.is_Symbol else "", str(n)) for s, n in powers))


def _sketched(room: Room, entry: Generator) -> str:
    return (
        f"{entry.kind} {entry.of[0]}"
        if entry.kind in ("component", "symbol")
        else f"{entry.kind} {entry.depth}"
    )


def logarithm(room: Room, argument: Expr) -> Expr:
    """Σ log of the irreducible factors where all are positive; else one generator for the whole."""
    factors = positive_factors(room, argument)
    if factors is None:
        key = lowest_key(room, argument)
        return generator(room, "log", key, within=key)
    return sp.Add(*(n * _log_factor(room, base) for base, n in factors))


def positive_factors(room: Room, expr: Expr) -> list[tuple[Expr, int]] | None:
    """The prime and irreducible factors with their powers, where all are surely positive."""
    top, bottom = lowest(expr)
    found: list[tuple[Expr, int]] = []
    for poly, side in ((top, 1), (bottom, -1)):
        content, factors = poly.factor()
        parts = [(expression(f, room.symbols), side * n) for f, n in factors]
        if content <= 0 or not all(part.is_positive for part, _ in parts):
            return None
        primes = sp.factorrat(sp.Rational(int(content.p), int(content.q)))
        found += [*((sp.Integer(p), side * n) for p, n in primes.items()), *parts]
    return found


def _log_factor(room: Room, factor: Expr) -> Expr:
    entry = room.entries.get(factor)
    if entry and entry.kind == "exp":
        return entry.of[0] / room.unit
    return generator(room, "log", factor, within=factor)


def root(room: Room, value: Expr) -> Expr:
    """√value, factor by factor where all are positive."""
    factors = positive_factors(room, value)
    if factors is None:
        return _root(room, lowest_key(room, value))
    return sp.Mul(*(base ** (n // 2) * (_root(room, base) if n % 2 else 1) for base, n in factors))


def _root(room: Room, value: Expr) -> sp.Symbol:
    made = generator(room, "root", value, within=value, positive=value.is_positive)
    room.squares[made] = value
    return made


def fraction(room: Room, expr: Expr) -> Quotient:
    """Numerator and denominator of a form, the numerator with squares of roots and indicators reduced."""
    while True:
        top, bottom = quotient(expr)
        if bottom == 0:
            raise TypeError("no normal form for a quotient by 0")
        top = _in_ring(room, top)
        names = [room.symbols.get(name) for name in top.context().names()]
        heavy = [n for n, s in enumerate(names) if s in room.squares]
        if not any(powers[n] > 1 for powers in top.to_dict() for n in heavy):
            return top, bottom
        written = (number * reduced(room, mono) for number, mono in terms(top, room.symbols))
        expr = sp.Add(*written) / expression(bottom, room.symbols)


def _in_ring(room: Room, poly: fmpq_mpoly) -> fmpq_mpoly:
    """A polynomial with powers reduced of indicators, and of generators whose square is a number."""
    squares = [room.squares.get(room.symbols.get(name)) for name in poly.context().names()]
    names = [room.symbols.get(name) for name in poly.context().names()]
    held = [(n, q) for n, q in enumerate(squares) if q is not None]
    known = [(n, q) for n, q in held if q == names[n] or q.is_Rational]
    if not known:
        return poly
    found: dict[tuple, fmpq] = {}
    for powers, number in poly.to_dict().items():
        left = list(powers)
        for n, square in known:
            if square.is_Rational:
                number *= fmpq(int(square.p), int(square.q)) ** (left[n] // 2)
            left[n] = left[n] % 2 if square.is_Rational else min(left[n], 1)
        key = tuple(left)
        found[key] = found.get(key, fmpq(0)) + number
    return poly.context().from_dict(found)


def reduced(room: Room, monomial: Expr) -> Expr:
    """A monomial with squares of roots, of signs and of indicators replaced by what they are."""
    result = sp.S.One
    for s, n in monomial.as_powers_dict().items():
        square = room.squares.get(s)
        if square is None:
            result *= s**n
        else:
            result *= s if square == s else square ** (n // 2) * s ** (n % 2)
    return result
