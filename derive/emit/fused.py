"""Fused NumPy code: the steps of several formulas on one block, common ones once, each into a given array."""

from collections.abc import Callable, Mapping

import numpy as np
from scipy import special

from derive.kernel import Graph, ordered, trace
from derive.kernel.graph import CONSTANT, INPUT, WHERE, Node
from derive.kernel.operations import OPERATIONS
from derive.kernel.registers import Placed, placed

ON_A_LINE = 16  # names of scratch rows
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
    lines = _scratch(where)
    lines += scalars.lines
    for node in where.steps:
        lines += _step(node, where, scalars, graph)
    lines += _copies(graph, where, scalars)
    return lines, len(rows)


def _scratch(where: Placed) -> list[str]:
    """The lines that name the rows of `work`; truth values take an eighth of theirs."""
    names = [*where.floats, *where.truths]
    parts = [names[start : start + ON_A_LINE] for start in range(0, len(names), ON_A_LINE)]
    rows = (
        ["work"]
        if len(parts) == 1
        else [f"work[{n * ON_A_LINE}:{n * ON_A_LINE + len(part)}]" for n, part in enumerate(parts)]
    )
    lines = [f"{_unpacked(part)} = {row}" for part, row in zip(parts, rows, strict=True)]
    return lines + [f"{name} = {name}.view(bool)[: {name}.size]" for name in where.truths]


def _unpacked(names: list[str]) -> str:
    return ", ".join(names) if len(names) > 1 else f"({names[0]},)"


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
