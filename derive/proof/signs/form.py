"""The normal form of an expression over its places: a product of polynomials in letters and generators."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import sympy as sp
from flint import fmpq_mpoly

from derive.proof.field import Field
from derive.proof.normal import _canon, _factored, _hyperbolic_out, _lowered, _unit
from derive.proof.quotient import expression, lowest
from derive.proof.signs.coordinates import in_coordinates
from derive.proof.signs.places import Places

_NAMED = {"erf": sp.erf, "atan": sp.atan, "log": sp.log, "sin": sp.sin, "cos": sp.cos}
Hypothesis = tuple[sp.Expr, int]
FREE, NONNEGATIVE, POSITIVE = 0, 1, 2
_HIGHEST = 10**4  # degree of a polynomial, in roots of e^z as well, that is factored within seconds


@dataclass(frozen=True, kw_only=True)
class Form:
    """The sign of an expression as that of a product of polynomials.

    `factors` are the irreducible ones of odd multiplicity, `even` the others that occur in the numerator,
    `sign` is that of the rest: −1, 0 or 1. `places` says where the letters lie that stand for themselves,
    `meanings` what each generator stands for in them, `letters` what the expression's own letters
    are in them, `origins` the inverse of that.
    """

    sign: int
    factors: tuple[fmpq_mpoly, ...]
    even: tuple[fmpq_mpoly, ...]
    places: Places
    letters: dict[sp.Symbol, sp.Expr]
    origins: dict[sp.Symbol, sp.Expr]
    meanings: dict[sp.Symbol, sp.Expr]
    room: Field
    hypotheses: tuple[tuple[fmpq_mpoly, int], ...] = ()

    def kind(self, name: str) -> int:
        """What is known of the sign of a letter or generator: FREE, NONNEGATIVE or POSITIVE."""
        symbol = self.room.symbols[name]
        if symbol in self.meanings and self.meanings[symbol].is_positive:
            return POSITIVE
        return POSITIVE if symbol.is_positive else NONNEGATIVE if symbol.is_nonnegative else FREE


def form(expr: sp.Expr, places: Places, known: Iterable[Hypothesis] = ()) -> Form:
    """The normal form; TypeError where there is none. `known`: expressions of known sign."""
    written = in_coordinates(_hyperbolic_out(expr), places)
    room = Field(unit=_unit(written.expr), turns=False, primes=False)
    top, bottom = lowest(_reduced(_canon(written.expr, room), room))
    if max(top.total_degree(), bottom.total_degree()) > _HIGHEST:
        raise TypeError("the normal form is too large")
    hypotheses = tuple(_known(known, written.letters, room))
    content, above = _factored(top) if top != 0 else (0, [])
    lead, under = _factored(bottom)
    return Form(
        sign=0 if top == 0 else 1 if (content > 0) == (lead > 0) else -1,
        factors=tuple(f for f, n in (*above, *under) if n % 2),
        even=tuple(f for f, n in above if n % 2 == 0),
        places=written.places,
        letters=written.letters,
        origins=written.origins,
        meanings=_meanings(room),
        room=room,
        hypotheses=hypotheses,
    )


def _known(
    known: Iterable[Hypothesis], letters: dict[sp.Symbol, sp.Expr], room: Field
) -> Iterator[tuple[fmpq_mpoly, int]]:
    """Polynomials of the sign that each hypothesis gives; one without a normal form is passed over."""
    for expr, sign in known:
        try:
            written = _hyperbolic_out(expr.subs(letters))
            if room.unit % _unit(written) == 0:
                top, bottom = lowest(_canon(written, room))
                yield top * bottom, sign
        except TypeError:
            continue


def _reduced(written: sp.Expr, room: Field) -> sp.Expr:
    """The expression with the powers of roots that are simpler multiplied out."""
    if not room.powers:
        return written
    top, bottom = lowest(written)
    return _lower(top, room) / _lower(bottom, room)


def _lower(poly: fmpq_mpoly, room: Field) -> sp.Expr:
    names = [room.symbols.get(n) for n in poly.context().names()]
    return sp.Add(
        *(
            sp.Rational(int(number.p), int(number.q))
            * sp.Mul(*(_lowered(s, n, room) for s, n in zip(names, powers, strict=True) if n))
            for powers, number in poly.to_dict().items()
        )
    )


def _meanings(room: Field) -> dict[sp.Symbol, sp.Expr]:
    """What each generator stands for, in letters alone."""
    meanings: dict[sp.Symbol, sp.Expr] = {}
    for (name, argument, *_), symbol in room.names.items():
        inner = sp.S(argument).subs(meanings)
        if name == "root":
            meanings[symbol] = sp.sqrt(inner)
        elif name == "power":
            meanings[symbol] = inner ** sp.Rational(1, room.unit)
        elif name == "exp":
            meanings[symbol] = sp.exp(inner / room.unit)
        elif name in _NAMED:
            meanings[symbol] = _NAMED[name](inner)
        else:
            raise TypeError(f"no sign of {name} is known")
    return meanings


def at_a_glance(poly: fmpq_mpoly, found: Form) -> tuple[int, bool] | None:
    """(sign, strictly) of a polynomial all of whose terms have one sign, the same; None for others."""
    names, strict, signs = poly.context().names(), False, set()
    for powers, number in poly.to_dict().items():
        present = [(found.kind(n), d) for n, d in zip(names, powers, strict=True) if d]
        if any(kind == FREE and d % 2 for kind, d in present):
            return None
        strict |= all(kind == POSITIVE for kind, _ in present)
        signs.add(1 if number > 0 else -1)
    return (signs.pop(), strict) if len(signs) == 1 else None


def spelled(poly: fmpq_mpoly, found: Form) -> sp.Expr:
    """A polynomial as an expression in the letters alone."""
    return expression(poly, found.room.symbols).subs(found.meanings)


def occurring(poly: fmpq_mpoly) -> list[str]:
    """The names that occur in a polynomial."""
    return [n for n, d in zip(poly.context().names(), poly.degrees(), strict=True) if d]
