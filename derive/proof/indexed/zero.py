"""Whether a normal form is 0, under relations and in every case of equal and different free indices."""

from collections.abc import Iterator

import sympy as sp
from sympy import Expr

from derive.proof.indexed.normal import canon
from derive.proof.indexed.room import Room, deltas, fraction
from derive.proof.indexed.sums import merged, renamed, size_of
from derive.proof.quotient import expression, quotient, terms
from derive.rules.indexed import SIZES


def is_zero(room: Room, form: Expr) -> bool:
    """Whether a normal form is 0 in every case."""
    top, bottom = (expression(part, room.symbols) for part in fraction(room, form))
    if deltas(room, bottom):
        raise TypeError("no normal form for a quotient by δ")
    return all(_is_zero(room, case) for case in cases(room, top))


def _is_zero(room: Room, form: Expr) -> bool:
    if fraction(room, form)[0] == 0:
        return True
    over_one = merged(room, form)
    return over_one != form and fraction(room, over_one)[0] == 0


def cases(room: Room, form: Expr) -> Iterator[Expr]:
    """A form in each case of equal and different indices of its δ, which are then 1 or 0."""
    joining = deltas(room, form)
    indices = {i for d in joining for i in room.entries[d].of}
    for groups in _partitions(sorted(indices, key=_rank)):
        first = {i: group[0] for group in groups for i in group}
        values = {d: sp.Integer(len({first[i] for i in room.entries[d].of}) == 1) for d in joining}
        names = {i: one for i, one in first.items() if i != one}
        yield renamed(room, form.xreplace(values), names)


def _rank(index: Expr) -> tuple[bool, int, str]:
    order = list(SIZES)
    return (not index.is_Integer, order.index(index) if index in order else len(order), str(index))


def _partitions(items: list[Expr]) -> Iterator[list[list[Expr]]]:
    """All ways to say which indices are equal; numbers, and those that count different things, never are."""
    if not items:
        yield []
        return
    *rest, last = items
    for groups in _partitions(rest):
        for n, group in enumerate(groups):
            if not last.is_Integer and (group[0].is_Integer or size_of(group[0]) == size_of(last)):
                yield [*groups[:n], [*group, last], *groups[n + 1 :]]
        yield [*groups, [last]]


def assume(room: Room, zero: Expr) -> None:
    """Use an expression that is 0: solved for a sum that it holds linearly, or for a name that it fixes."""
    top = expression(fraction(room, canon(room, zero))[0], room.symbols)
    if top == 0:
        return
    chosen = _sum_in(room, top) or _name_in(room, top)
    if chosen is None:
        raise TypeError(f"nothing in {zero} to solve for")
    symbol, value = chosen
    room.solved.update({s: old.xreplace({symbol: value}) for s, old in room.solved.items()})
    room.solved[symbol] = value
    room.met.clear()


def _sum_in(room: Room, top: Expr) -> tuple[sp.Symbol, Expr] | None:
    """The sum of highest degree that a polynomial holds linearly, and what it is where that is 0."""
    sums = [s for s in top.free_symbols if room.entries[s].kind == "sum"]
    plain = [s for s in sums if not room.entries[s].of[0].below and not room.entries[s].indices]
    for s in sorted(plain, key=lambda s: (-_weight(room, s), str(s))):
        if (value := _solved(room, top, s)) is not None:
            return s, value
    return None


def _weight(room: Room, symbol: sp.Symbol) -> int:
    """The degree of what is summed."""
    return sum(int(n) for n in room.entries[symbol].of[0].top.as_powers_dict().values())


def _solved(room: Room, top: Expr, symbol: sp.Symbol) -> Expr | None:
    """The value of a symbol where `top`, of degree 1 in it, is 0, and where no other symbol depends on it."""
    rest, factor = sp.S.Zero, sp.S.Zero
    for number, monomial in terms(quotient(top)[0], room.symbols):
        power = monomial.as_powers_dict().get(symbol, 0)
        if power > 1:
            return None
        rest, factor = (
            (rest, factor + number * monomial / symbol) if power else (rest + number * monomial, factor)
        )
    return None if factor == 0 else -rest / factor


def _name_in(room: Room, top: Expr) -> tuple[sp.Symbol, Expr] | None:
    """A name, and what it is, where a polynomial has one factor that is not positive, linear in it."""
    _, factors = quotient(top)[0].factor()
    parts = [expression(f, room.symbols) for f, _ in factors]
    others = [part for part in parts if not part.is_positive]
    if len(others) != 1:
        return None
    for s in sorted(others[0].free_symbols, key=str):
        if room.entries[s].kind == "symbol" and (value := _solved(room, others[0], s)) is not None:
            return s, value
    return None
