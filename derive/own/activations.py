"""An activation from an expression: domain, kinks and range are inferred, and what was inferred is said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Final, TypeAlias

import sympy as sp

from derive.expression import (
    Read,
    checked,
    names_in,
    read,
    read_places,
    symbols_in,
    translated,
)
from derive.model import REALS, Activation, BadInput, Interval, Parameter, Set, Unproved, Z
from derive.own.domains import met, natural, of_parameter, require, symbol_for
from derive.own.functions import NONE, Functions, callable_by_name, parameter
from derive.own.ranges import Values, values
from derive.own.sets import read_set
from derive.own.verify import verified, verify_kinks
from derive.proof.pieces import Piece, joined, jumps, pieces
from derive.rules.disguises import unmasked

Number: TypeAlias = "str | int | float | Fraction | sp.Rational"
Given: TypeAlias = "str | sp.Expr"
TITLE = "your activation"
SOURCE = "as given"


@dataclass(frozen=True, kw_only=True)
class Said:
    """What somebody says of a function, which is verified instead of inferred; None or empty: nothing."""

    domain: Interval | None = None
    range: str = ""  # its ends may hold parameters
    kinks: tuple[str, ...] | None = None
    domains: tuple[tuple[str, str], ...] = ()  # of parameters, as text
    prediction: Interval | None = None
    target: Set | None = None


NOTHING: Final = Said()


@dataclass(frozen=True, kw_only=True)
class Written:
    """An expression as it was read, its parameters, and what was inferred of them."""

    read: Read
    parameters: tuple[Parameter, ...]
    inferred: tuple[str, ...]


def activation(
    given: Given,
    *,
    parameters: Mapping[str, Number] | None = None,
    where: str = "",
    name: str = "f",
    functions: Functions = NONE,
    said: Said = NOTHING,
) -> Activation:
    """The activation that an expression in z means; BadInput says what is wrong with it, or what is said."""
    bound: dict[str, sp.Rational] = {}
    numbers = exact(parameters or {})
    while True:
        try:
            written = interpreted(given, {"z": Z}, numbers, bound, functions, "activation", said)
            return _activation(written, where, name, said)
        except Bind as ask:  # where it is defined depends on a parameter: it is held at its number
            bound[ask.name] = numbers[ask.name]


class Bind(Exception):
    """That a parameter has to be held at its number."""

    def __init__(self, name: str):
        self.name = name


def _activation(written: Written, where: str, name: str, said: Said) -> Activation:
    places = {p.symbol: p.domain for p in written.parameters}
    domain, about = _domain(written.read, places, where, said.domain)
    cut, more = _cut(written, domain)
    expr, as_known = in_known_words(_flat(written.read.expr, cut))
    if said.kinks is not None:
        verify_kinks(said.kinks, [piece.low for piece in cut[1:]], cut, written)
    found = values(cut, written.parameters, domain)
    if said.range:
        found = verified(_as_interval(said.range, written.parameters), found, cut, places)
    return Activation(
        name=name,
        title=TITLE,
        expr=expr,
        range=found.interval,
        range_is_enclosure=not found.exact,
        squashes=_bounded(found.interval),
        domain=domain,
        kinks=tuple(piece.low for piece in cut[1:]),
        parameters=written.parameters,
        source=SOURCE,
        known=(),
        own=True,
        inferred=(*as_known, *written.inferred, *about, _about_range(found), *more),
    )


def interpreted(
    given: Given,
    letters: Mapping[str, sp.Symbol],
    numbers: Mapping[str, sp.Rational],
    bound: Mapping[str, sp.Rational],
    functions: Functions,
    noun: str,
    said: Said = NOTHING,
) -> Written:
    """The expression in its letters and parameters; those that are `bound` are numbers."""
    named = callable_by_name(functions)
    used = [n for n in letters_of(given) if n in numbers and n not in letters]
    for n in used:
        checked(n, "parameter")
    free = [n for n in used if n not in bound]
    domains = {n: of_parameter(numbers[n])[0] for n in free}
    for n in free:
        if n not in dict(said.domains):
            domains[n] = _domain_that_serves(given, n, letters, numbers, bound, domains, named)
    domains |= _as_said(said, free)
    symbols = {n: symbol_for(n, domains[n]) for n in free}
    found = _read(given, {**letters, **symbols, **{n: numbers[n] for n in bound}}, named)
    kept = [n for n in free if found.expr.has(symbols[n])]
    open_ = [n for n in kept if n not in dict(said.domains)]
    about = [f"parameter {n} in {domains[n]}: from its number {numbers[n]}" for n in open_]
    about += [f"{n} is held at {numbers[n]}: where the {noun} is defined depends on it" for n in bound]
    made = tuple(parameter(n, symbols[n], numbers[n], domains[n]) for n in kept)
    return Written(read=found, parameters=made, inferred=tuple(about))


def _as_said(said: Said, free: Sequence[str]) -> dict[str, Interval]:
    """The domains of parameters that somebody gives; their ends may hold parameters before them."""
    found: dict[str, Interval] = {}
    symbols: dict[str, sp.Symbol] = {}
    for name, text in said.domains:
        place = read_set(text, sp.Symbol(name, real=True), symbols)
        if not isinstance(place, Interval):
            raise BadInput(f"parameter {name!r}: {text!r} is no interval. Try: '(0, inf)'")
        found[name] = place
        symbols[name] = symbol_for(name, place)
    return {n: found[n] for n in found if n in free}


def _domain_that_serves(given, name, letters, numbers, bound, domains, named) -> Interval:
    """The first domain of a parameter in which what depends on parameters alone is defined."""
    for domain in of_parameter(numbers[name]):
        trial = {**domains, name: domain}
        symbols = {n: symbol_for(n, trial[n]) for n in trial}
        found = _read(given, {**letters, **symbols, **{n: numbers[n] for n in bound}}, named)
        mine = [
            n for n in found.needs if n.expr.free_symbols and n.expr.free_symbols <= set(symbols.values())
        ]
        places = {symbols[n]: trial[n] for n in symbols}
        try:
            require([n for n in mine if n.expr.has(symbols[name])], places, "")
        except BadInput:
            continue
        return domain
    raise Bind(name)


def letters_of(given: Given) -> tuple[str, ...]:
    """The names that stand for numbers."""
    return names_in(given) if isinstance(given, str) else symbols_in(given)


def _read(given: Given, letters: Mapping[str, sp.Expr], named) -> Read:
    return read(given, letters, named) if isinstance(given, str) else translated(given, letters)


def exact(given: Mapping[str, Number]) -> dict[str, sp.Rational]:
    """Numbers exactly: a float is the shortest decimal that it stands for."""
    return {name: number(name, value) for name, value in given.items()}


def number(name: str, value: Number) -> sp.Rational:
    """The exact number of a parameter."""
    if isinstance(value, sp.Rational):
        return value
    if isinstance(value, Fraction):
        return sp.Rational(value.numerator, value.denominator)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise BadInput(f"parameter {name!r} needs a number, not {str(value)[:40]!r}. Try: 0.5")
    found = read(value if isinstance(value, str) else repr(value), {}).expr
    if not isinstance(found, sp.Rational):
        raise BadInput(f"parameter {name!r} needs a number, not {str(value)[:40]!r}. Try: 0.5")
    return found


def _domain(
    found: Read, places: Mapping[sp.Symbol, Set], where: str, said: Interval | None
) -> tuple[Interval, list[str]]:
    """Where z lies: as it was said, or as the needs have it."""
    if where or said:
        domain = read_places(where, {"z": Z})["z"] if where or said is None else said
        require(found.needs, {**places, Z: domain}, "a narrower condition")
        return domain, []
    if all(met(need, {**places, Z: REALS}) for need in found.needs):
        return REALS, []
    try:
        domain, every = natural(found.needs, Z, places)
    except BadInput:
        for need in found.needs:
            held(need, places)
        raise
    others = [str(i) for i in every if i != domain]
    more = f"; also on {' and on '.join(others)} (--where chooses)" if others else ""
    return domain, [f"z in {domain}: where its parts are defined{more}"]


def held(need, places: Mapping[sp.Symbol, Set]) -> None:
    """Ask for a parameter to be held where a need depends on it and is not shown."""
    for symbol in sorted(need.expr.free_symbols & set(places), key=str):
        raise Bind(str(symbol))


def _cut(written: Written, domain: Interval) -> tuple[Sequence[Piece], list[str]]:
    """The pieces, and what is said of the kinks between them."""
    try:
        cut = pieces(written.read.expr, domain, written.parameters)
        both = [(right.low, jumps(left, right, written.parameters)) for left, right in pairwise(cut)]
    except (TypeError, Unproved) as error:
        for p in written.parameters:
            raise Bind(p.name) from error
        tries = "conditions that are linear in z"
        raise BadInput(f"expression {written.read.text[:60]!r}: {error}. Try: {tries}") from error
    return cut, [f"{'jump' if jump else 'kink'} at z = {at}" for at, jump in both]


def _flat(expr: sp.Expr, cut: Sequence[Piece]) -> sp.Expr:
    """The formula as it is, or its pieces where cases stand within cases."""
    nested = any(e.has(sp.Piecewise) for pw in expr.atoms(sp.Piecewise) for e, _ in pw.args)
    compound = any(isinstance(c, sp.And | sp.Or) for pw in expr.atoms(sp.Piecewise) for _, c in pw.args)
    return joined(tuple(cut), expr) if nested or compound else expr


def _as_interval(text: str, parameters: Sequence[Parameter]) -> Interval:
    found = read_set(text, Z, {p.name: p.symbol for p in parameters})
    if not isinstance(found, Interval):
        raise BadInput(f"range {text!r} is no interval. Try: '(0, inf)'")
    return found


def in_known_words(expr: sp.Expr) -> tuple[sp.Expr, tuple[str, ...]]:
    """The formula in functions that have stable blocks, and the sentence that says so."""
    known = unmasked(expr)
    if known == expr:
        return expr, ()
    text = sp.sstr(known)
    return known, (f"written as {text}",) if len(text) <= 100 else ()


def _about_range(found: Values) -> str:
    return f"range {found.interval}: {'exact' if found.exact else 'an enclosure'}, {found.how}"


def _bounded(interval: Interval) -> bool:
    """Whether a link seems to be inside: the values fill no half-line."""
    return bool(interval.lo.is_finite and interval.hi.is_finite)
