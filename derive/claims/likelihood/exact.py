"""Values of losses and activations at exact inputs, for vectors of few components."""

from collections.abc import Iterable, Mapping, Sequence

import sympy as sp
from sympy import Expr, Indexed, IndexedBase, Sum

from derive.balls import Unreachable, certified, compile_ball
from derive.claims.likelihood.origins import at_defaults
from derive.model import I_, A, Activation, J, K, Loss, Selection, Y, Z
from derive.rules.indexed import substitute

Vectors = Mapping[IndexedBase, Sequence[Expr]]


def value(entry: Activation | Loss, at: Vectors | Expr, y: Expr | None = None, j: int = 1) -> Expr:
    """The value at an input (a number, or components by base) and a scalar target; component j of a vector.

    Parameters have their defaults; names and selections are worked out.
    """
    expr = at_defaults(entry.expr, entry.parameters)
    if not isinstance(at, Mapping):
        expr = expr.subs(A if isinstance(entry, Loss) else Z, at)
        return expr if y is None else expr.subs(Y, y)
    known: dict[sp.Basic, Expr] = {} if y is None else {Y: y}
    size = len(next(iter(at.values())))
    for symbol, found in _worked_out(entry, at, size, known):
        known[symbol] = found
    return _number(substitute(expr, J, sp.Integer(j)), at, size, known)


def sign_of(number: Expr) -> int | None:
    """−1, 0 or 1, by an enclosure; None where that does not tell, or it is no real number."""
    if number.is_Rational:
        return int(sp.sign(number))
    try:
        found = certified(compile_ball(number), {Z: 0.0}, Z, 0)[0]
    except (Unreachable, TypeError):  # not defined, or too near 0
        return None
    return None if found.contains(0) else 1 if found > 0 else -1


def _worked_out(entry, at: Vectors, size: int, known: dict) -> Iterable[tuple[sp.Basic, Expr]]:
    """Names and selections one after the other, those first that need no other."""
    waiting = [*entry.names, *entry.selections]
    while waiting:
        row = next(r for r in waiting if not _needs(r, [o for o in waiting if o is not r]))
        waiting.remove(row)
        if isinstance(row, Selection):
            yield from _selected(at_selection(row, entry), at, size, known)
        else:
            yield row.symbol, _number(at_defaults(row.meaning, entry.parameters), at, size, known)


def _needs(row, others: Iterable) -> bool:
    expr = row.of if isinstance(row, Selection) else row.meaning
    met = expr.free_symbols | {e.base for e in expr.atoms(Indexed)}
    return any(other.symbol in met for other in others)


def at_selection(row: Selection, entry: Activation | Loss) -> tuple[Selection, Expr]:
    """A selection with what it compares at the default parameters."""
    return row, at_defaults(row.of, entry.parameters)


def _selected(
    of: tuple[Selection, Expr], at: Vectors, size: int, known: dict
) -> Iterable[tuple[sp.Basic, Expr]]:
    """Each indicator of a selection, or the index."""
    row, expr = of
    symbol, numbers = row.symbol, [sp.Integer(n + 1) for n in range(size)]

    def number(**indices: Expr) -> Expr:
        moved = expr
        for name, index in indices.items():
            moved = substitute(moved, {"i": I_, "j": J}[name], index)
        return _number(moved, at, size, known)

    if row.rule == "largest":
        values = [number(j=n) for n in numbers]
        yield symbol, numbers[values.index(max(values))]
    elif row.rule == "support":
        values = [number(j=n) for n in numbers]
        chosen = _support(values, row.power)
        yield from ((symbol[n], sp.Integer(v in chosen)) for n, v in zip(numbers, values, strict=True))
    elif not isinstance(symbol, IndexedBase):
        yield symbol, _positive(number())
    elif len(symbol.shape) == 1:
        yield from ((symbol[n], _positive(number(j=n))) for n in numbers)
    else:
        yield from ((symbol[m, n], _positive(number(i=m, j=n))) for m in numbers for n in numbers)


def _positive(number: Expr) -> Expr:
    return sp.S.One if number > 0 else sp.S.Zero


def _support(values: Sequence[Expr], power: int) -> list[Expr]:
    """Those that exceed the τ with Σ max(x − τ, 0)^power = 1: x does while Σ (larger − x)^power < 1."""
    return [x for x in values if sum(max(v - x, sp.S.Zero) ** power for v in values) < 1]


def _number(expr: Expr, at: Vectors, size: int, known: Mapping[sp.Basic, Expr]) -> Expr:
    """An expression with its sums written out and all letters put in."""
    for symbol, found in known.items():  # an index of a component, before the component
        if isinstance(symbol, sp.Symbol):
            expr = substitute(expr, symbol, found) if found.is_Integer else expr.subs(symbol, found)
    expr = _written_out(expr, size)
    components = {base[n + 1]: v for base, vector in at.items() for n, v in enumerate(vector)}
    return expr.xreplace(components | dict(known)).subs(K, size)


def _written_out(expr: Expr, size: int) -> Expr:
    if not expr.args or isinstance(expr, Indexed):
        return expr
    if not isinstance(expr, Sum):
        return expr.func(*[_written_out(a, size) for a in expr.args])
    total = expr.function
    for index in expr.bound_symbols:
        total = sp.Add(*(substitute(total, index, sp.Integer(n + 1)) for n in range(size)))
    return _written_out(total, size)
