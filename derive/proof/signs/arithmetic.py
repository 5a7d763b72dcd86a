"""Real arithmetic: z3's nlsat on polynomials, each generator a letter with what is certain of it.

That no values of the letters make a polynomial negative proves it nonnegative, since the generators' own
values are among them. The opposite holds only where every letter is free. Work is bounded by z3's count
of its own steps, so that a verdict does not depend on the clock.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType, ModuleType
from typing import Any

import sympy as sp
from flint import fmpq, fmpq_mpoly

from derive.balls.anchored import exact
from derive.model import BadInput
from derive.proof.quotient import lowest
from derive.proof.signs.form import NONNEGATIVE, POSITIVE, Form, at_a_glance
from derive.proof.signs.witness import enclosed

_STEPS = 50_000
_BRACKET = 10**15
_NOWHERE: Mapping[str, tuple[fmpq, fmpq]] = MappingProxyType({})
_HIGHEST = 24  # degree beyond which nlsat is not asked


@cache
def z3() -> ModuleType:
    """The solver; BadInput where it is not installed."""
    try:
        import z3 as module
    except ImportError:
        raise BadInput("inequalities need z3: pip install 'derive-gradients[proofs]'") from None
    return module


@cache
def context() -> Any:
    """A context of z3; cleared before each question, so that what was asked before changes nothing."""
    return z3().Context()


def negative_somewhere(
    poly: fmpq_mpoly, found: Form, *, strictly: bool = False, at: Mapping[str, tuple[fmpq, fmpq]] = _NOWHERE
) -> bool | None:
    """Whether values of the letters make a polynomial negative (or 0 if `strictly`); None if not decided.

    `at` narrows letters to intervals, their ends included.
    """
    if poly.total_degree() > _HIGHEST:
        return None
    terms = Terms(context=context())
    solver = z3().SolverFor("QF_NRA", ctx=terms.context)
    solver.set("rlimit", _STEPS)
    value = terms.of(poly)
    solver.add(value <= 0 if strictly else value < 0, *_constraints(poly, found, terms))
    for fact, sign in found.hypotheses:
        if (
            sign and fact.total_degree() <= _HIGHEST
        ):  # an equation may hold at an end only, which coordinates miss
            solver.add(terms.of(fact) * sign > 0, *_constraints(fact, found, terms))
    for name, (low, high) in at.items():
        solver.add(terms.letter(name) >= terms.number(low), terms.letter(name) <= terms.number(high))
    verdict = solver.check()
    return None if verdict == z3().unknown else verdict == z3().sat


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What letters, numbers and polynomials are in a context of z3."""

    context: Any

    def letter(self, name: str) -> Any:
        """The letter of that name."""
        return z3().Real(name, self.context)

    def number(self, value: Any) -> Any:
        """A rational number."""
        return z3().RealVal(f"{int(value.p)}/{int(value.q)}", self.context)

    def of(self, poly: fmpq_mpoly) -> Any:
        """A polynomial."""
        names = poly.context().names()
        total = self.number(fmpq(0))
        for powers, number in poly.to_dict().items():
            term = self.number(number)
            for name, n in zip(names, powers, strict=True):
                for _ in range(n):
                    term = term * self.letter(name)
            total = total + term
        return total


def _constraints(poly: fmpq_mpoly, found: Form, terms: Terms) -> Iterator[Any]:
    """What is certain of the letters and generators of a polynomial, and of those they are made of."""
    by_symbol = {s: key for key, s in found.room.names.items()}
    waiting = [
        found.room.symbols[n] for n, d in zip(poly.context().names(), poly.degrees(), strict=True) if d
    ]
    seen = set()
    while waiting:
        symbol = waiting.pop()
        if symbol in seen:
            continue
        seen.add(symbol)
        yield from _own(symbol, found, terms)
        if symbol in by_symbol and symbol in found.meanings:
            key = by_symbol[symbol]
            waiting += sorted(sp.S(key[1]).free_symbols, key=str)
            yield from _of_generator(symbol, key, found, terms)


def _own(symbol: sp.Symbol, found: Form, terms: Terms) -> Iterator[Any]:
    """The sign of a letter, and its place."""
    x, kind = terms.letter(str(symbol)), found.kind(str(symbol))
    if kind == POSITIVE:
        yield x > 0
    elif kind == NONNEGATIVE:
        yield x >= 0
    place = found.places.get(symbol)
    if place is not None and place.lo.is_Rational:
        yield x >= terms.number(place.lo) if place.closed_lo else x > terms.number(place.lo)
    if place is not None and place.hi.is_Rational:
        yield x <= terms.number(place.hi) if place.closed_hi else x < terms.number(place.hi)


def _of_generator(symbol: sp.Symbol, key: tuple, found: Form, terms: Terms) -> Iterator[Any]:
    g, meaning = terms.letter(str(symbol)), found.meanings[symbol]
    if symbol in found.room.squares:
        yield g * g == terms.number(found.room.squares[symbol])
    if not meaning.free_symbols:
        yield from _bracket(g, meaning)
        return
    top, bottom = lowest(key[1])
    if not bottom.is_constant() or top.total_degree() > _HIGHEST // 2:
        return
    w = terms.of(top)
    glance = at_a_glance(top, found)
    if key[0] == "exp":
        yield from _exponential(g, w / found.room.unit, glance)
    elif key[0] == "log":
        yield from _logarithm(g, w, at_a_glance(top - 1, found))
    elif key[0] == "erf":
        yield from (g < 1, g > -1, g * w >= 0)
    elif key[0] == "atan":
        yield from (g * w <= w * w, g * w * (1 + w * w) >= w * w, 7 * g < 11, 7 * g > -11)


def _bracket(g: Any, meaning: sp.Expr) -> Iterator[Any]:
    """Rationals on both sides of a constant."""
    ball = enclosed(meaning, 128)
    ends = [exact(end) for end in (ball.lower(), ball.upper())] if ball is not None else []
    low, high = (None if end is None else (end * _BRACKET).floor() for end in ends or (None, None))
    if low is not None and high is not None:
        yield from (g * _BRACKET >= int(low), g * _BRACKET <= int(high) + 1)


def _exponential(g: Any, w: Any, glance: tuple[int, bool] | None) -> Iterator[Any]:
    """e^w ≥ 1 + w, and 1 + w + w²/2 where w ≥ 0; e^w·(1 − w) ≤ 1."""
    yield from (g > 0, g >= 1 + w, g * (1 - w) <= 1)
    if glance is not None and glance[0] > 0:
        yield g >= 1 + w + w * w / 2


def _logarithm(g: Any, w: Any, above_one: tuple[int, bool] | None) -> Iterator[Any]:
    """1 − 1/w ≤ log w ≤ w − 1; for w ≥ 1 also 2(w − 1)/(w + 1) ≤ log w."""
    yield from (w > 0, g <= w - 1, g * w >= w - 1)
    if above_one is not None and above_one[0] > 0:
        yield from (g > 0 if above_one[1] else g >= 0, g * (w + 1) >= 2 * (w - 1))
