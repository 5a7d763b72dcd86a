"""The order in which the nodes of a graph are computed, and what they cost."""

from derive.kernel.graph import CONSTANT, INPUT, WHERE, Graph, Node
from derive.kernel.operations import OPERATIONS, WHERE_COST


def ordered(graph: Graph) -> list[Node]:
    """Every node that is computed, each after its arguments, close to where it is used."""
    found: dict[Node, None] = {}

    def visit(node: Node) -> None:
        if node in found or node.op in (INPUT, CONSTANT):
            return
        for arg in node.args:
            visit(arg)
        found[node] = None

    for _, node in graph.outputs:
        visit(node)
    return list(found)


def uses(graph: Graph) -> dict[Node, list[Node]]:
    """The nodes that read each node."""
    found: dict[Node, list[Node]] = {}
    for node in ordered(graph):
        for arg in node.args:
            found.setdefault(arg, []).append(node)
    return found


def cost(graph: Graph) -> float:
    """Nanoseconds an element that the NumPy operations of a graph take, by the fixed table."""
    rows = [node for node in ordered(graph) if not node.scalar]
    return sum(WHERE_COST if node.op == WHERE else OPERATIONS[node.op].cost for node in rows)
