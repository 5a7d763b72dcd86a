"""Formulas over named indices as tapes: straight-line programs over arrays with one axis for each index.

Axis 0 of every array holds points or directions; the axis of an index is as long as the index counts,
or 1 where the array does not depend on it. Nothing is rewritten: a tape is its formula.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
import sympy as sp
from sympy import Expr, Indexed, KroneckerDelta, Piecewise, Sum

from derive.heads import HeadFunction
from derive.model import I_, D, J, K, M, N, Selection
from derive.proof.normal import HYPERBOLIC
from derive.rules.indexed import SIZES

Letter = Any  # an IndexedBase or a Symbol
FREE = (N, I_, J, D)  # the order of the axes of a result


@dataclass(frozen=True, kw_only=True)
class Node:
    """One operation on earlier nodes; `axes` are the indices its value depends on."""

    op: str
    args: tuple[int, ...] = ()
    data: Any = None
    axes: frozenset = frozenset()


@dataclass(frozen=True, kw_only=True)
class Tape:
    """The operations of a formula, the last one its value, and the index of each axis from 1 on."""

    nodes: tuple[Node, ...]
    axes: tuple[sp.Symbol, ...]

    def axis(self, index: sp.Symbol) -> int:
        return self.axes.index(index) + 1


@dataclass(frozen=True, kw_only=True)
class Meanings:
    """What letters stand for: arrays by an entry, scalars by a formula, and selections.

    The entry of an array that is given by its letter alone is the component j, or i, j.
    """

    vectors: tuple[tuple[sp.IndexedBase | Indexed, Expr], ...] = ()
    scalars: tuple[tuple[sp.Symbol, Expr], ...] = ()
    selections: tuple[Selection, ...] = ()


NOTHING = Meanings()


@dataclass(kw_only=True)
class _Builder:
    vectors: Mapping[sp.IndexedBase, tuple[Indexed, Expr]]
    scalars: Mapping[sp.Symbol, Expr]
    selections: Mapping[Letter, Selection]
    nodes: list[Node] = field(default_factory=list)
    known: dict[Any, int] = field(default_factory=dict)

    def add(self, op: str, *args: int, data: Any = None, axes: Iterable = ()) -> int:
        found = frozenset(axes).union(*(self.nodes[a].axes for a in args))
        return self._append(Node(op=op, args=args, data=data, axes=found))

    def close(self, op: str, arg: int, *indices: sp.Symbol) -> int:
        """An operation that ends the axes of some indices."""
        axes = self.nodes[arg].axes - set(indices)
        return self._append(Node(op=op, args=(arg,), data=indices, axes=axes))

    def _append(self, node: Node) -> int:
        self.nodes.append(node)
        return len(self.nodes) - 1


@lru_cache(maxsize=1024)
def tape(expr: Expr, meanings: Meanings = NOTHING) -> Tape:
    """The tape of a formula, with all letters written out that have a meaning."""
    builder = _Builder(
        vectors={_entry(of).base: (_entry(of), meaning) for of, meaning in meanings.vectors},
        scalars=dict(meanings.scalars),
        selections={s.symbol: s for s in meanings.selections},
    )
    end = _visit(builder, expr)
    nodes = builder.nodes
    if end != len(nodes) - 1:
        builder.add("same", end)
    used = {i for n in nodes for i in n.axes | set(n.data if n.op in ("sum", "stack") else ())}
    return Tape(nodes=tuple(nodes), axes=tuple(sorted(used, key=str)))


def _entry(of: sp.IndexedBase | Indexed) -> Indexed:
    return of if isinstance(of, Indexed) else of[(I_, J)[-len(of.shape) :]]


def _visit(to: _Builder, expr: sp.Basic) -> int:
    if expr not in to.known:
        to.known[expr] = _build(to, expr)
    return to.known[expr]


def _build(to: _Builder, expr: sp.Basic) -> int:
    if isinstance(expr, sp.IndexedBase) or expr.is_Symbol:
        return _letter(to, expr)
    if not expr.free_symbols:
        return to.add("number", data=expr)
    if isinstance(expr, Indexed):
        fixed = [_visit(to, i) for i in expr.indices if i in to.selections]
        free = [i for i in expr.indices if i.is_Symbol and i not in to.selections]
        return to.add("pick", _visit(to, expr.base), *fixed, data=expr.indices, axes=free)
    if isinstance(expr, Sum):
        return _sum(to, expr)
    if isinstance(expr, KroneckerDelta):
        return _equal(to, *expr.args[:2])
    if isinstance(expr, Piecewise):
        parts = [_visit(to, e) for e, _ in expr.args]
        whens = [_equal(to, *c.args) if c.args else to.add("number", data=sp.S.One) for _, c in expr.args]
        return to.add("cases", *parts, *whens)
    return _function(to, expr)


def _letter(to: _Builder, letter: Letter) -> int:
    if letter in to.selections:
        selection = to.selections[letter]
        return to.add("select", _visit(to, selection.of), data=selection)
    if letter in to.scalars:
        return to.add("name", _visit(to, to.scalars[letter]))
    if letter in to.vectors:
        entry, meaning = to.vectors[letter]
        inner = _visit(to, meaning)
        # What is only another name of an input has not been rounded.
        named = inner if isinstance(meaning, Indexed) else to.add("name", inner)
        return to.close("stack", named, *entry.indices)
    return to.add("given", data=letter)


def _sum(to: _Builder, expr: Sum) -> int:
    total = _visit(to, expr.function)
    for index, _, size in expr.limits:
        if index in to.nodes[total].axes:
            total = to.close("sum", total, index)
        else:
            total = to.add("mul", _visit(to, size), total)
    return total


def _equal(to: _Builder, *indices: Expr) -> int:
    fixed = [_visit(to, i) for i in indices if i in to.selections]
    free = [i for i in indices if i.is_Symbol and i not in to.selections]
    return to.add("delta", *fixed, data=indices, axes=free)


def _function(to: _Builder, expr: Expr) -> int:
    if isinstance(expr, HeadFunction):
        return _visit(to, expr._row.meaning(expr.args[0]))
    if isinstance(expr, sp.exp | sp.log | sp.erf):
        return to.add(type(expr).__name__, _visit(to, expr.args[0]))
    if isinstance(expr, HYPERBOLIC):
        return _visit(to, expr.rewrite(sp.exp))
    if expr.is_Pow:
        return to.add("pow", _visit(to, expr.base), _visit(to, expr.exp))
    if not (expr.is_Add or expr.is_Mul):
        raise TypeError(f"no ball evaluation for {expr.func.__name__}")
    total, *rest = (_visit(to, a) for a in expr.args)
    for part in rest:
        total = to.add("add" if expr.is_Add else "mul", total, part)
    return total


def size_of(index: sp.Symbol, sizes: Mapping[sp.Symbol, int]) -> int:
    """How far an index counts."""
    return sizes[SIZES.get(index, K)]


def free_indices(expr: sp.Basic) -> tuple[sp.Symbol, ...]:
    """The free indices of a formula, in the order of a result's axes."""
    return tuple(i for i in (*FREE, M) if i in expr.free_symbols)


def native(array: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
    """An array over all axes as one over axis 0 and these, in this order."""
    rest = [n for n in range(1, array.ndim) if n not in axes]
    moved = array.transpose(0, *axes, *rest)
    return moved.reshape(moved.shape[: 1 + len(axes)])


def spread(array: np.ndarray, axes: tuple[int, ...], rank: int) -> np.ndarray:
    """The other way round: an array over axis 0 and these axes as one over all."""
    order = sorted(range(len(axes)), key=lambda n: axes[n])
    shape = [array.shape[0]] + [1] * (rank - 1)
    for n, axis in enumerate(axes):
        shape[axis] = array.shape[1 + n]
    return array.transpose(0, *(1 + n for n in order)).reshape(shape)
