"""Straight-line programs over vectors: lines that name what they compute, and what that means.

A vector's component is written in the index J; a scalar has no index. A line is an expression, or the
call of a block that computes a mathematically equal one without losing digits.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

import sympy as sp
from sympy import Expr, Indexed

from derive.model import J, K
from derive.rules.indexed import written_out

GIVEN = "given"  # the block of the line that names what a program is handed
Target: TypeAlias = "sp.IndexedBase | sp.Symbol"


@dataclass(frozen=True, kw_only=True)
class Line:
    """Targets = block(arguments), or the one target = its meaning where there is no block.

    `meanings` holds an expression for each target, in targets of earlier lines; None where a letter of
    the entry's own (a name, a selection) is computed, whose meaning stands in its row.
    """

    targets: tuple[Target, ...]
    meanings: tuple[Expr | None, ...]
    block: str = ""
    arguments: tuple[Expr, ...] = ()


def vector(letter: str, **assumptions) -> sp.IndexedBase:
    """A vector of K components with that letter."""
    return sp.IndexedBase(sp.Symbol(letter, **(assumptions or {"real": True})), shape=(K,))


def taken(lines: list[Line]) -> set[str]:
    """The names that the lines give."""
    return {name_of(t) for line in lines for t in line.targets}


def name_of(target: Target) -> str:
    """The letter of a vector or scalar."""
    return str(target.label) if isinstance(target, sp.IndexedBase) else str(target)


def fresh(lines: list[Line], letter: str, besides: Iterable[str] = ()) -> str:
    """The first of letter, letter2, letter3, … that no line gives, and that is none of some others."""
    used = taken(lines).union(besides)
    return next(n for n in (letter, *(f"{letter}{i}" for i in range(2, 99))) if n not in used)


def put(lines: list[Line], letter: str, meaning: Expr) -> Expr:
    """A letter for an expression, by a new line; numbers and letters stay as they are."""
    if meaning.is_Number or isinstance(meaning, Indexed | sp.Symbol):
        return meaning
    return call(lines, "", (), {letter: meaning})[0]


def call(lines: list[Line], block: str, arguments: tuple[Expr, ...], meanings: dict[str, Expr]) -> list[Expr]:
    """The components at J, or scalars, that a new line computes."""
    if known := _given(lines, block, arguments, tuple(meanings.values())):
        return known
    names = []
    for letter, meaning in meanings.items():
        name = fresh(lines, letter)
        names.append(vector(name) if J in meaning.free_symbols else sp.Symbol(name, real=True))
    line = Line(targets=tuple(names), meanings=tuple(meanings.values()), block=block, arguments=arguments)
    lines.append(line)
    return _components(names)


def _given(lines: list[Line], block: str, arguments: tuple[Expr, ...], meanings: tuple) -> list[Expr]:
    """What a line that computes the same gives already; [] where none does."""
    for line in lines:
        if (line.block, line.arguments, line.meanings) == (block, arguments, meanings):
            return _components(line.targets)
    return []


def _components(targets: Iterable[Target]) -> list[Expr]:
    return [t[J] if isinstance(t, sp.IndexedBase) else t for t in targets]


def expanded(expr: Expr, lines: list[Line] | tuple[Line, ...]) -> Expr:
    """An expression with every letter that the lines give replaced by its meaning."""
    for line in reversed(lines):
        # The later of a line's letters may be explained by the earlier ones.
        for target, meaning in reversed(list(zip(line.targets, line.meanings, strict=True))):
            if meaning is None:
                continue
            if isinstance(target, sp.IndexedBase):
                expr = written_out(expr, target, meaning)
            else:
                expr = expr.xreplace({target: meaning})
    return expr
