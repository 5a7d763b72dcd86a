"""Fused NumPy code: the steps of several formulas on one block, common ones once, each into a given array."""

from collections.abc import Callable, Mapping

import numpy as np
from scipy import special

from derive.kernel import Graph, ordered, trace
from derive.kernel.graph import CONSTANT, INPUT, WHERE, Node
from derive.kernel.operations import OPERATIONS
from derive.kernel.registers import Placed, placed

ON_A_LINE = 8  # names of scratch rows
INFIX = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "power": "**"}
# Emitted formulas say min and max where a parameter is compared; a tracer needs the functions for arrays.
_BUILTINS = {"min": np.minimum, "max": np.maximum}


def graph_of(
    source: str, names: Mapping[str, str], inputs: tuple[str, ...], parameters: tuple[str, ...]
) -> Graph:
    """The graph of emitted functions; `names` gives for each result the function that computes it."""
    namespace: dict[str, Callable] = {"np": np, "special": special, **_BUILTINS}  # type: ignore[dict-item]
    exec(compile(source, "<formulas>", "exec"), namespace)
    return trace({result: namespace[f] for result, f in names.items()}, inputs, parameters)


def fused(graph: Graph) -> tuple[list[str], int]:
    """The lines that fill the outputs of a graph, and the number of scratch rows they need.

    They read and fill flat float64 arrays: inputs and outputs by their names, and the rows of `work`.
    """
    where = placed(graph)
    scalars = _Scalars(graph)
    rows = [*where.floats, *where.truths]
    lines = _scratch(where, graph.inputs[0])
    lines += scalars.lines
    for node in where.steps:
        lines += _step(node, where, scalars, graph)
    lines += _copies(graph, where, scalars)
    return lines, len(rows)


def _scratch(where: Placed, given: str) -> list[str]:
    """The lines that name the rows of `work`; truth values lie in some of them."""
    rows = [f"n = {given}.size"] if where.floats or where.truths else []
    floats = len(where.floats)
    rows += _unpacked(where.floats, "work")
    return rows + _unpacked(where.truths, f"work[{floats}:].view(bool)")


def _unpacked(names: tuple[str, ...], rows: str) -> list[str]:
    lines = []
    for start in range(0, len(names), ON_A_LINE):
        some = names[start : start + ON_A_LINE]
        if len(some) == 1:
            lines.append(f"{some[0]} = {rows}[{start}, :n]")
        else:
            lines.append(f"{', '.join(some)} = {rows}[{start}:{start + len(some)}, :n]")
    return lines


class _Scalars:
    """Names or numbers for what is the same for all elements, and the lines that compute them."""

    def __init__(self, graph: Graph) -> None:
        self.lines: list[str] = []
        self.texts: dict[Node, str] = {}
        for node in ordered(graph):
            if node.scalar:
                self._add(node)

    def _add(self, node: Node) -> None:
        name = f"c{len(self.texts) + 1}"
        args = [self.text(a) for a in node.args]
        if node.op in INFIX:
            line = f"{args[0]} {INFIX[node.op]} {args[1]}"
        elif node.op == WHERE:
            line = f"{args[1]} if {args[0]} else {args[2]}"
        else:
            line = f"{OPERATIONS[node.op].numpy}({', '.join(args)})"
        self.lines.append(f"{name} = {line}")
        self.texts[node] = name

    def text(self, node: Node) -> str:
        """What stands for a scalar node in the lines."""
        if node.op == CONSTANT:
            return repr(node.value).replace("e+", "e")
        return node.name if node.op == INPUT else self.texts[node]


def _text(node: Node, where: Placed, scalars: _Scalars) -> str:
    if node.scalar or node.op == INPUT:
        return scalars.text(node)
    return where.buffers[node]


def _step(node: Node, where: Placed, scalars: _Scalars, graph: Graph) -> list[str]:
    """The line, or two, of one operation."""
    args = [_text(a, where, scalars) for a in node.args]
    into = where.buffers[node]
    if node.op != WHERE:
        if not node.op.startswith("logical"):
            args = [f"1.0 * {text}" if text in where.truths else text for text in args]
        return [f"{OPERATIONS[node.op].numpy}({', '.join(args)}, out={into})"]
    condition, yes, no = args
    if into == yes:
        return [f"np.copyto({into}, {no}, where=~{condition})"]
    first = [] if into == no else [f"np.copyto({into}, {no})"]
    return [*first, f"np.copyto({into}, {yes}, where={condition})"]


def _copies(graph: Graph, where: Placed, scalars: _Scalars) -> list[str]:
    """The outputs that no step has filled: inputs, numbers, and those that equal another."""
    return [
        f"np.copyto({name}, {_text(node, where, scalars)})"
        for name, node in graph.outputs
        if where.buffers.get(node) != name
    ]
