"""Matrix notation for index expressions: Σ_k g_nk w_kd is G W, Σ_n g_nk is Gᵀ 𝟏, γ_d g_nd is G diag(γ).

A product is a graph: its indices are nodes, a factor with two of them is an edge, one with a single index
a weight of that node. Nodes that a sum binds are taken out one after the other: of two edges that meet
becomes a product of matrices, of one a matrix times a vector, of none a sum. Edges side by side join by ⊙.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import sympy as sp
from sympy import Expr, Indexed, KroneckerDelta, Sum, Symbol

from derive.rules.indexed import apart
from derive.rules.vectors.algebra import (
    VectorForm,
    applied,
    around,
    diagonal,
    multiplied,
    outer,
    total,
    turned,
)

Weights = dict[Symbol, Expr]


class _NoMatrices(Exception):
    """An index expression without matrix notation."""


@dataclass(frozen=True, kw_only=True)
class Edge:
    """A matrix between two nodes, the first of which counts its rows."""

    ends: tuple[Symbol, Symbol]
    matrix: Expr

    def seen_from(self, node: Symbol) -> Expr:
        """The matrix with this node for its rows."""
        return self.matrix if node == self.ends[0] else turned(self.matrix)

    def other(self, node: Symbol) -> Symbol:
        """The node at the other end."""
        return self.ends[1] if node == self.ends[0] else self.ends[0]


@dataclass(frozen=True, kw_only=True)
class Graph:
    """A product: scalars in front, vectors at nodes, and at most one matrix between two of them."""

    front: Expr
    weights: Weights
    edges: tuple[Edge, ...]

    def at(self, node: Symbol) -> tuple[Edge, ...]:
        """The edges that meet in a node."""
        return tuple(e for e in self.edges if node in e.ends)


def in_matrices(expr: Expr, indices: tuple[Symbol, ...]) -> VectorForm | None:
    """An index expression in matrix notation; None where that has no form for it.

    `indices` count the rows and columns: at most two.
    """
    if len(indices) > 2:
        return None
    try:
        return VectorForm(expr=_array(expr, indices), indices=indices)
    except _NoMatrices:
        return None


def _array(expr: Expr, free: tuple[Symbol, ...], *, lifted: bool = True) -> Expr:
    """`expr` as an array over the free indices; what depends on fewer of them is `lifted` to all."""
    if expr.is_Add:
        return sp.Add(*[_array(term, free, lifted=lifted) for term in expr.args])
    factors, bound = _opened(expr, apart_from=free)
    return _product(factors, bound, free, lifted=lifted)


def _opened(expr: Expr, apart_from: Iterable[Symbol] = ()) -> tuple[list[Expr], dict[Symbol, Expr]]:
    """The factors of a product with those of its sums, and the indices that these bind with their sizes."""
    factors: list[Expr] = []
    bound: dict[Symbol, Expr] = {}
    for factor in sp.Mul.make_args(expr):
        if not isinstance(factor, Sum):
            factors.append(factor)
            continue
        inner = apart(factor, factor.bound_symbols)
        more, within = _opened(inner.function)
        factors += more
        bound |= {i: n for i, _, n in inner.limits} | within
    return factors, bound


def _product(
    factors: list[Expr], bound: dict[Symbol, Expr], free: tuple[Symbol, ...], *, lifted: bool
) -> Expr:
    """The sum over the bound indices of a product of factors."""
    nodes = (*free, *bound)
    for n, factor in enumerate(factors):
        if factor.is_Add and len(_nodes(factor, nodes)) > 2:
            each = ([*factors[:n], *sp.Mul.make_args(term), *factors[n + 1 :]] for term in factor.args)
            return sp.Add(*[_product(found, bound, free, lifted=lifted) for found in each])
    graph = _graph(factors, nodes)
    left = dict(bound)
    while left:
        node = min(left, key=lambda i: len(graph.at(i)))
        graph = _without(graph, node, left.pop(node))
    return _read(graph, free, lifted=lifted)


def _nodes(expr: Expr, nodes: tuple[Symbol, ...]) -> tuple[Symbol, ...]:
    return tuple(i for i in nodes if i in expr.free_symbols)


# The graph of a product.


def _graph(factors: list[Expr], nodes: tuple[Symbol, ...]) -> Graph:
    graph = Graph(front=sp.S.One, weights={}, edges=())
    for factor in factors:
        graph = _joined(graph, factor, _nodes(factor, nodes))
    return graph


def _joined(graph: Graph, factor: Expr, ends: tuple[Symbol, ...]) -> Graph:
    """The graph with one more factor, which holds these nodes."""
    if len(ends) == 2:
        first, last = _as_written(factor, ends)
        return _with_edge(graph, Edge(ends=(first, last), matrix=_entries(factor, (first, last))))
    if len(ends) == 1:
        return _weighted(graph, ends[0], _entries(factor, ends))
    if ends:
        raise _NoMatrices
    return replace(graph, front=graph.front * _entries(factor, ()))


def _as_written(factor: Expr, ends: tuple[Symbol, ...]) -> tuple[Symbol, ...]:
    """Two indices in the order that most entries in a factor have them."""
    entries = (e.indices for e in factor.atoms(Indexed))
    orders = Counter(tuple(i for i in found if i in ends) for found in entries)
    return ends[::-1] if orders[ends[::-1]] > orders[ends] else ends


def _entries(factor: Expr, free: tuple[Symbol, ...], *, within: bool = False) -> Expr:
    """A factor as an array over exactly these indices; `within` a function a number is that of each entry."""
    if isinstance(factor, Indexed) and free:
        return factor.base if factor.indices == free else _refused()
    if isinstance(factor, KroneckerDelta):
        return diagonal(1) if set(factor.args[:2]) == set(free) and len(free) == 2 else _refused()
    if factor in free or isinstance(factor, sp.Piecewise):
        raise _NoMatrices
    if not factor.free_symbols & set(free) and not factor.has(Sum):
        return factor
    if factor.is_Add or factor.is_Mul or isinstance(factor, Sum):
        return _array(factor, free, lifted=not within)
    return factor.func(*[_entries(a, free, within=True) for a in factor.args])


def _refused() -> Expr:
    raise _NoMatrices


def _weighted(graph: Graph, node: Symbol, vector: Expr) -> Graph:
    return replace(graph, weights=graph.weights | {node: graph.weights.get(node, sp.S.One) * vector})


def _with_edge(graph: Graph, edge: Edge) -> Graph:
    """The graph with one more edge, joined by ⊙ to one that is there already."""
    beside = next((e for e in graph.edges if set(e.ends) == set(edge.ends)), None)
    if beside is None:
        return replace(graph, edges=(*graph.edges, edge))
    both = replace(beside, matrix=beside.matrix * edge.seen_from(beside.ends[0]))
    return replace(graph, edges=tuple(both if e is beside else e for e in graph.edges))


# Bound indices, taken out one by one.


def _without(graph: Graph, node: Symbol, size: Expr) -> Graph:
    """The graph summed over a node."""
    met = graph.at(node)
    weight = graph.weights.get(node, sp.S.One)
    weights = {i: v for i, v in graph.weights.items() if i != node}
    rest = Graph(front=graph.front, weights=weights, edges=tuple(e for e in graph.edges if e not in met))
    if not met:
        return replace(rest, front=rest.front * (size if weight == 1 else _total(weight)))
    if len(met) == 1:
        (edge,) = met
        return _weighted(rest, edge.other(node), applied(edge.seen_from(edge.other(node)), weight))
    if len(met) > 2:
        raise _NoMatrices
    left, right = met
    ends = left.other(node), right.other(node)
    between = () if weight == 1 else (diagonal(weight),)
    matrices = (left.seen_from(ends[0]), *between, right.seen_from(node))
    return _with_edge(rest, Edge(ends=ends, matrix=multiplied(*_spread(matrices))))


def _total(vector: Expr) -> Expr:
    """The sum of the components of a vector; of M 𝟏 that of the entries of M."""
    rows = isinstance(vector, applied) and vector.args[1] == 1
    return total(vector.args[0] if rows else vector)


def _spread(matrices: Iterable[Expr]) -> Iterator[Expr]:
    """The factors of products of matrices."""
    for matrix in matrices:
        yield from matrix.args if isinstance(matrix, multiplied) else (matrix,)


def _read(graph: Graph, free: tuple[Symbol, ...], *, lifted: bool) -> Expr:
    """What is left: a matrix, an outer product, a vector or a number."""
    ends = [graph.weights.get(i, sp.S.One) for i in free]
    if not free or not (lifted or graph.weights or graph.edges):
        return graph.front
    if len(free) == 1:
        return graph.front * ends[0]
    if not graph.edges:
        return graph.front * outer(*ends)
    (edge,) = graph.edges
    return graph.front * _between(ends[0], edge.seen_from(free[0]), ends[1])


def _between(left: Expr, matrix: Expr, right: Expr) -> Expr:
    """diag(u) M diag(v); of the identity the diagonal matrix of u ⊙ v."""
    if matrix == diagonal(1):
        return diagonal(left * right)
    return matrix if left == right == 1 else around(left, matrix, right)
