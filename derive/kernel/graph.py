"""A graph of float operations; equal operations on equal arguments are one node."""

from dataclasses import dataclass, field

from derive.kernel.operations import OPERATIONS, WHERE

INPUT, CONSTANT = "input", "constant"


@dataclass(frozen=True, kw_only=True, eq=False)
class Node:
    """One operation, an input (`name`) or a constant (`value`).

    `scalar` where it is the same for all elements: constants, parameters, and what is made of them.
    """

    op: str
    args: tuple["Node", ...] = ()
    name: str = ""
    value: float = 0.0
    scalar: bool = False

    @property
    def truth(self) -> bool:
        """Whether it is a truth value."""
        return self.op in OPERATIONS and OPERATIONS[self.op].truth

    def __repr__(self) -> str:
        if self.op == INPUT:
            return self.name
        return repr(self.value) if self.op == CONSTANT else f"{self.op}({', '.join(map(repr, self.args))})"


@dataclass(frozen=True, kw_only=True)
class Graph:
    """Inputs, parameters and outputs by name; all nodes can be reached from the outputs."""

    inputs: tuple[str, ...]
    parameters: tuple[str, ...]
    outputs: tuple[tuple[str, Node], ...]


@dataclass(kw_only=True)
class Pool:
    """All nodes made so far: asked twice for the same, it gives the same."""

    nodes: dict[tuple, Node] = field(default_factory=dict)
    places: dict[Node, int] = field(default_factory=dict)

    def input(self, name: str, scalar: bool = False) -> Node:
        """An argument, which varies with the elements unless it is a scalar."""
        return self._node((INPUT, name), Node(op=INPUT, name=name, scalar=scalar))

    def constant(self, value: float) -> Node:
        """A number."""
        return self._node((CONSTANT, repr(value)), Node(op=CONSTANT, value=value, scalar=True))

    def made(self, op: str, *args: Node) -> Node:
        """An operation on nodes, as it stands."""
        if op in OPERATIONS and OPERATIONS[op].swaps:
            args = tuple(sorted(args, key=self.places.__getitem__))
        scalar = all(a.scalar for a in args)
        return self._node((op, *map(id, args)), Node(op=op, args=args, scalar=scalar))

    def _node(self, key: tuple, node: Node) -> Node:
        found = self.nodes.setdefault(key, node)
        self.places.setdefault(found, len(self.places))
        return found


__all__ = ["CONSTANT", "INPUT", "WHERE", "Graph", "Node", "Pool"]
