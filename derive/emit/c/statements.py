"""Graphs as C99 functions: statements in the order of the graph, operation by operation as it has them."""

import math
import re
from dataclasses import dataclass, field

from derive.emit.c.names import variable
from derive.kernel import Graph, Node, ordered
from derive.kernel.graph import CONSTANT, INPUT, WHERE
from derive.kernel.operations import OPERATIONS
from derive.kernel.plan import uses
from derive.model import BadInput

INFIX = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/"}
RELATIONS = {"less": "<", "less_equal": "<=", "greater": ">", "greater_equal": ">="}
RELATIONS |= {"equal": "==", "not_equal": "!="}
LOGICAL = {"logical_and": "&&", "logical_or": "||"}
# The functions of math.h; sign is in the file, where it is needed (text.HELPERS).
CALLS = {"abs": "fabs", "arctan": "atan", "power": "pow"}
CALLS |= {
    name: name for name in ("sqrt", "exp", "expm1", "log", "log1p", "tanh", "sinh", "cosh", "erf", "erfc")
}
CALLS |= {"sin": "sin", "cos": "cos"}
CALLS |= {name: name for name in ("rint", "floor", "copysign", "fmax", "fmin", "isfinite", "isinf", "isnan")}
CALLS["sign"] = "sign"
ENDS = {"maximum": "larger", "minimum": "smaller"}
LONG = 36  # characters of an operand; a longer one gets a name of its own

_CHOICE, _LOGIC, _RELATION, _SUM, _PRODUCT, _SIGN, _ATOM = range(7)  # how tightly a text binds


@dataclass(frozen=True, kw_only=True)
class Text:
    """C text of a node, how tightly it binds, and whether it is an int that is 0 or 1."""

    c: str
    binds: int = _ATOM
    truth: bool = False


@dataclass(kw_only=True)
class Writer:
    """The texts of the nodes so far, and the statements that name some of them."""

    texts: dict[Node, Text] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)

    def text(self, node: Node) -> Text:
        """What stands for a node where it is read."""
        if node.op == CONSTANT:
            return constant(node.value)
        return Text(c=variable(node.name)) if node.op == INPUT else self.texts[node]

    def name(self, node: Node) -> None:
        """Give a node a name, in a statement of its own."""
        text = self.texts[node]
        name = f"{'m' if text.truth else 't'}{len(self.lines) + 1}"
        self.lines.append(f"const {'int' if text.truth else 'double'} {name} = {text.c};")
        self.texts[node] = Text(c=name, truth=text.truth)


def function(name: str, graph: Graph) -> str:
    """A static function of doubles that returns the one output of a graph, or stores its several ones."""
    several = len(graph.outputs) > 1
    given = [f"double {variable(x)}" for x in (*graph.inputs, *graph.parameters)]
    if several:
        given += [f"double *{name}" for name, _ in graph.outputs]
    lines = body(graph)
    unread = [x for x in (*graph.inputs, *graph.parameters) if not _is_read(variable(x), lines)]
    lines = [f"(void){variable(x)};" for x in unread] + lines
    head = f"static {'void' if several else 'double'} {name}({', '.join(given)})"
    return "\n".join([head, "{", *(f"    {line}" for line in lines), "}"])


def _is_read(name: str, lines: list[str]) -> bool:
    return any(re.search(rf"\b{name}\b", line) for line in lines)


def body(graph: Graph) -> list[str]:
    """The statements that compute the outputs, each operation once, and return or store them."""
    writer, users = Writer(), uses(graph)
    results = [node for _, node in graph.outputs]
    for node in ordered(graph):
        writer.texts[node] = text = _operation(node, [writer.text(a) for a in node.args])
        readers = len(users.get(node, ())) + results.count(node)
        inside = node not in results and (len(text.c) > LONG or node.op == WHERE)
        if readers > 1 or inside:
            writer.name(node)
    values = [_number(writer.text(node)).c for node in results]
    if len(values) == 1:
        return [*writer.lines, f"return {values[0]};"]
    names = [name for name, _ in graph.outputs]
    return writer.lines + [f"*{name} = {value};" for name, value in zip(names, values, strict=True)]


def constant(value: float) -> Text:
    """C text of a number that reads back as the same double."""
    if not math.isfinite(value):
        return Text(
            c=f"(double){'NAN' if math.isnan(value) else 'INFINITY' if value > 0 else '-INFINITY'}",
            binds=_SIGN,
        )
    sign = "-" if math.copysign(1.0, value) < 0 else ""
    return Text(c=sign + repr(abs(value)), binds=_SIGN if sign else _ATOM)


def _operation(node: Node, args: list[Text]) -> Text:
    """C text of one operation on the texts of its arguments."""
    op = node.op
    if op == WHERE:
        condition, yes, no = _closed(_truth(args[0]), _RELATION), _number(args[1]), _number(args[2])
        return Text(c=f"{condition} ? {_closed(yes, _SUM)} : {_closed(no, _SUM)}", binds=_CHOICE)
    if op in LOGICAL:
        left, right = (_closed(_truth(a), _RELATION) for a in args)
        return Text(c=f"{left} {LOGICAL[op]} {right}", binds=_LOGIC, truth=True)
    if op == "logical_not":
        return Text(c=f"!{_closed(_truth(args[0]), _ATOM)}", binds=_SIGN, truth=True)
    numbers = [_number(a) for a in args]
    if op == "negative":
        return Text(c=f"-{_closed(numbers[0], _ATOM)}", binds=_SIGN)
    if op in RELATIONS:
        unsigned = [Text(c="0.0") if n.c == "-0.0" else n for n in numbers]
        return _infix(RELATIONS[op], _RELATION, unsigned, truth=True)
    if op in INFIX:
        return _infix(INFIX[op], _SUM if op in ("add", "subtract") else _PRODUCT, numbers)
    if op in ENDS:
        return _end(op, node, numbers)
    if op not in CALLS:
        raise BadInput(f"target 'c' has no function {op!r}. Try: --target numpy")
    call = f"{CALLS[op]}({', '.join(n.c for n in numbers)})"
    # What isfinite and its like return is any number but 0 where they hold.
    return Text(c=f"{call} != 0", binds=_RELATION, truth=True) if OPERATIONS[op].truth else Text(c=call)


def _end(op: str, node: Node, args: list[Text]) -> Text:
    """The larger or smaller of two; where one of them is never NaN, it comes first and a test is saved."""
    sure = [arg.scalar or arg.truth for arg in node.args]
    one, other = args if sure[0] else args[::-1]
    return Text(c=f"{ENDS[op] if any(sure) else op}({one.c}, {other.c})")


def _infix(sign: str, binds: int, args: list[Text], truth: bool = False) -> Text:
    """Both sides and the sign between; the right side is closed where it binds no tighter."""
    left, right = _closed(args[0], binds + truth), _closed(args[1], binds + 1)
    return Text(c=f"{left} {sign} {right}", binds=binds, truth=truth)


def _closed(text: Text, level: int) -> str:
    return text.c if text.binds >= level else f"({text.c})"


def _number(text: Text) -> Text:
    """A text as a double."""
    return Text(c=f"(double){_closed(text, _ATOM)}", binds=_SIGN) if text.truth else text


def _truth(text: Text) -> Text:
    """A text as a truth value."""
    return text if text.truth else Text(c=f"{_closed(text, _SUM)} != 0.0", binds=_RELATION, truth=True)
