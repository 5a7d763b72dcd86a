"""Emitted NumPy functions run on tracers, which note what is done to them instead of doing it."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from derive.kernel.exact import simplified
from derive.kernel.graph import WHERE, Graph, Node, Pool
from derive.kernel.operations import BY_UFUNC


class Untraceable(Exception):
    """An emitted function does what no graph can hold."""


class Tracer(NDArrayOperatorsMixin):
    """Stands for an array; every operation on it makes a node of the pool."""

    def __init__(self, pool: Pool, node: Node) -> None:
        self.pool, self.node = pool, node

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *given: Any, **keywords: Any) -> "Tracer":
        if method != "__call__" or keywords:
            raise Untraceable(f"np.{ufunc.__name__}.{method} with {sorted(keywords)}")
        return self._made(_name(ufunc, given), *given)

    def __array_function__(self, function: Callable, types: Any, given: tuple, keywords: dict) -> "Tracer":
        if keywords or function not in _FUNCTIONS:
            raise Untraceable(f"np.{function.__name__} with {sorted(keywords)}")
        return _FUNCTIONS[function](self, *given)

    def __bool__(self) -> bool:
        raise Untraceable("a branch on data")

    def _made(self, name: str, *given: Any) -> "Tracer":
        if name == "square":
            return self._made("multiply", given[0], given[0])
        if name == "power":
            return self._power(*given)
        return Tracer(self.pool, simplified(self.pool, name, *map(self._node, given)))

    def _power(self, base: Any, power: Any) -> "Tracer":
        """What ndarray ** number does: squares, roots and reciprocals are not left to pow."""
        if isinstance(power, Tracer):
            return Tracer(self.pool, simplified(self.pool, "power", self._node(base), power.node))
        if power == 2:
            return self._made("multiply", base, base)
        if power == 0.5:
            return self._made("sqrt", base)
        if power == -1:
            return self._made("divide", 1.0, base)
        return Tracer(self.pool, simplified(self.pool, "power", self._node(base), self._node(power)))

    def _node(self, given: Any) -> Node:
        if isinstance(given, Tracer):
            return given.node
        if isinstance(given, (bool, int, float, np.number, np.bool_)):
            return self.pool.constant(float(given))
        raise Untraceable(f"{type(given).__name__} in a formula")


def _name(ufunc: np.ufunc, given: tuple) -> str:
    if ufunc in (np.square, np.power):
        return ufunc.__name__
    if ufunc not in BY_UFUNC:
        raise Untraceable(f"np.{ufunc.__name__}")
    return BY_UFUNC[ufunc]


def _where(self: Tracer, condition: Any, x: Any, y: Any) -> Tracer:
    return self._made(WHERE, condition, x, y)


def _clip(self: Tracer, x: Any, low: Any, high: Any) -> Tracer:
    return self._made("minimum", self._made("maximum", x, low), high)


_FUNCTIONS: Mapping[Callable, Callable[..., Tracer]] = {
    np.where: _where,
    np.clip: _clip,
    np.round: lambda self, x: self._made("rint", x),
    np.zeros_like: lambda self, x: self._made("multiply", 0.0, 0.0),
}


def trace(
    functions: Mapping[str, Callable], inputs: tuple[str, ...], parameters: tuple[str, ...] = ()
) -> Graph:
    """The graph of functions of the same arrays and scalar parameters, by the names of their results."""
    pool = Pool()
    given = [Tracer(pool, pool.input(name, name in parameters)) for name in (*inputs, *parameters)]
    outputs = []
    for name, function in functions.items():
        found = function(*given)
        outputs.append((name, found.node if isinstance(found, Tracer) else pool.constant(float(found))))
    return Graph(inputs=inputs, parameters=parameters, outputs=tuple(outputs))
