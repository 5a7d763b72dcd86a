"""The body of a fused loop over elements as Numba code, one statement a shared operation of a graph."""

import math

from derive.kernel import Graph, ordered
from derive.kernel.graph import CONSTANT, INPUT, WHERE, Node
from derive.kernel.plan import uses
from derive.model import BadInput

# Of an expression inside another; what is longer gets a name of its own.
WIDTH, WIDTH_OF_THREE = 32, 22
_INFIX = {
    "add": "{} + {}",
    "subtract": "{} - {}",
    "multiply": "{} * {}",
    "divide": "{} / {}",
    "negative": "-{}",
    "less": "{} < {}",
    "less_equal": "{} <= {}",
    "greater": "{} > {}",
    "greater_equal": "{} >= {}",
    "equal": "{} == {}",
    "not_equal": "{} != {}",
    "logical_and": "{} & {}",
    "logical_or": "{} | {}",
    "logical_not": "not {}",
    "isfinite": "abs({}) < np.inf",
    "isinf": "abs({}) == np.inf",
    "power": "{}**{}",
    WHERE: "{1} if {0} else {2}",
}
# What the compiler itself makes one instruction of, and what no formula has needed often enough.
_CALLS = {
    "abs": "abs",
    "maximum": "max",
    "minimum": "min",
    "isnan": "np.isnan",
    "sqrt": "np.sqrt",
    "copysign": "np.copysign",
    "cosh": "np.cosh",
    "arctan": "np.arctan",
    "sin": "np.sin",
    "cos": "np.cos",
}
_MATHS = ("exp", "expm1", "log", "log1p", "tanh", "sinh", "rint", "floor", "sign", "fmax", "fmin")
_CALLS |= {name: f"_{name}" for name in _MATHS}
_LOGICAL = ("logical_and", "logical_or", "logical_not")


def loop(graph: Graph) -> tuple[list[str], list[str], dict[str, str]]:
    """The statements before a loop, those for one element, and the text of every output.

    BadInput for an operation that has no such form.
    """
    return _Writer(graph).written()


class _Writer:
    """The texts of nodes already written, and the statements so far."""

    def __init__(self, graph: Graph) -> None:
        self.graph, self.users = graph, uses(graph)
        self.texts: dict[Node, str] = {}
        self.before: list[str] = []
        self.inside: list[str] = []

    def written(self) -> tuple[list[str], list[str], dict[str, str]]:
        for node in ordered(self.graph):
            self._write(node)
        return self.before, self.inside, {name: self._number(node) for name, node in self.graph.outputs}

    def _write(self, node: Node) -> None:
        text, users = self._made(node), self.users.get(node, [])
        # Shared by reading it once; a scalar is the same for all elements, so it stands before the loop.
        hoisted = node.scalar and any(not user.scalar for user in users)
        room = WIDTH_OF_THREE if any(user.op == WHERE for user in users) else WIDTH
        if len(users) == 1 and not hoisted and len(text) <= room and node.op != "power":
            self.texts[node] = text if _is_call(text) else f"({text})"
            return
        lines, letter = (self.before, "c") if node.scalar else (self.inside, "t")
        self.texts[node] = f"{letter}{len(lines) + 1}"
        lines.append(f"{self.texts[node]} = {text}")

    def _made(self, node: Node) -> str:
        if node.op in _CALLS:
            name = "_log1p_unit" if node.op == "log1p" and _is_decay(node.args[0]) else _CALLS[node.op]
            return f"{name}({', '.join(bare(self._number(a)) for a in node.args)})"
        if node.op not in _INFIX:
            raise BadInput(f"target 'numba' has no form of {node.op!r} yet; try numpy")
        truths = node.op in _LOGICAL
        args = [
            self._text(a) if truths or (node.op == WHERE and n == 0) else self._number(a)
            for n, a in enumerate(node.args)
        ]
        return _INFIX[node.op].format(*args)

    def _number(self, node: Node) -> str:
        """A node as a float; a truth value counts 0 or 1."""
        return f"(1.0 if {bare(self._text(node))} else 0.0)" if node.truth else self._text(node)

    def _text(self, node: Node) -> str:
        if node.op == CONSTANT:
            return _constant(node.value)
        return node.name if node.op == INPUT else self.texts[node]


def _is_decay(node: Node) -> bool:
    """Whether a node is exp(-x) for some x >= 0, so that it lies between 0 and 1."""
    if node.op != "exp":
        return False
    (x,) = node.args
    if x.op == "negative":
        return _is_positive(x.args[0])
    return x.op == "multiply" and any(
        one.op == CONSTANT and one.value <= 0 and _is_positive(other) for one, other in (x.args, x.args[::-1])
    )


def _is_positive(node: Node) -> bool:
    """Whether a node is plainly no number below 0."""
    return node.op == "abs" or (node.op == "multiply" and node.args[0] is node.args[1])


def _constant(value: float) -> str:
    text = repr(value).replace("e+", "e")
    return text if math.isfinite(value) else text.replace("inf", "np.inf").replace("nan", "np.nan")


def _is_call(text: str) -> bool:
    """Whether a text is one call, so that it needs no parentheses."""
    name, _, rest = text.partition("(")
    return name.replace(".", "").replace("_", "").isalnum() and _closes(rest) == len(rest) - 1


def bare(text: str) -> str:
    """A text without parentheses around all of it."""
    return text[1:-1] if text.startswith("(") and _closes(text[1:]) == len(text) - 2 else text


def _closes(text: str) -> int:
    """Where the parenthesis closes that is open at the start of a text; -1 if nowhere."""
    depth = 1
    for n, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if depth == 0:
            return n
    return -1
