"""Which buffer holds which node, so that few are needed: a scan over the order of computation."""

from dataclasses import dataclass

from derive.kernel.graph import WHERE, Graph, Node
from derive.kernel.plan import ordered, uses

_LOGICAL = ("logical_and", "logical_or", "logical_not")


@dataclass(frozen=True, kw_only=True)
class Placed:
    """The steps in order, the buffer that each fills, and the names of the scratch buffers.

    A buffer is an output, by its name, a row of floats (t1, t2, …) or one of truth values (m1, m2, …).
    """

    steps: tuple[Node, ...]
    buffers: dict[Node, str]
    floats: tuple[str, ...]
    truths: tuple[str, ...]


def placed(graph: Graph) -> Placed:
    """The buffers of a graph's steps; the array of an output serves as scratch until it is filled.

    A step may fill the buffer of one of its own arguments, if none reads that later.
    """
    steps = [node for node in ordered(graph) if not node.scalar]
    when = {node: n for n, node in enumerate(steps)}
    users = uses(graph)
    results: dict[Node, str] = {}
    for name, node in graph.outputs:
        if node in when:
            results.setdefault(node, name)
    last = {node: max((when[u] for u in users.get(node, ())), default=0) for node in steps}
    last |= dict.fromkeys(results, len(steps))
    filled = {name: when[node] for node, name in results.items()}
    busy: dict[str, int] = dict.fromkeys(filled, 0)  # until which step a buffer is read
    buffers: dict[Node, str] = {}
    for n, node in enumerate(steps):
        kind = "m" if holds_truth(node, users.get(node, [])) else "t"
        own = [name for name, end in filled.items() if last[node] <= end] if kind == "t" else []
        rows = [name for name in busy if name not in filled and name[0] == kind]
        fresh = f"{kind}{len(rows) + 1}"
        buffers[node] = results.get(node) or next((b for b in (*own, *rows) if busy[b] <= n), fresh)
        busy[buffers[node]] = last[node]
    scratch = [name for name in busy if name not in filled]
    floats, truths = (tuple(name for name in scratch if name[0] == kind) for kind in "tm")
    return Placed(steps=tuple(steps), buffers=buffers, floats=floats, truths=truths)


def holds_truth(node: Node, users: list[Node]) -> bool:
    """Whether a comparison is kept as truth values, not as the numbers 0 and 1."""
    return node.truth and any(
        user.op in _LOGICAL or (user.op == WHERE and user.args[0] is node) for user in users
    )
