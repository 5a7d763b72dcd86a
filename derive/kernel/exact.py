"""Simplifications that leave every bit of a result as it is; the sign of a zero may change."""

import math
from collections.abc import Callable

from derive.kernel.graph import CONSTANT, WHERE, Node, Pool
from derive.kernel.operations import OPERATIONS

_TURNED = {
    "less": "greater",
    "greater": "less",
    "less_equal": "greater_equal",
    "greater_equal": "less_equal",
    "equal": "equal",
    "not_equal": "not_equal",
}
_ENDS = {"maximum": "minimum", "minimum": "maximum"}


def simplified(pool: Pool, op: str, *args: Node) -> Node:
    """The node of an operation, or a simpler one of the same value."""
    if op != WHERE and all(a.op == CONSTANT for a in args):
        return pool.constant(float(OPERATIONS[op].ufunc(*(a.value for a in args))))
    rule = _RULES.get(op)
    found = rule(pool, *args) if rule else None
    return found or pool.made(op, *args)


def _negated(node: Node) -> Node | None:
    """x where a node is -x, else None."""
    return node.args[0] if node.op == "negative" else None


def _is(node: Node, value: float) -> bool:
    return node.op == CONSTANT and node.value == value


def _negative(pool: Pool, x: Node) -> Node | None:
    return _negated(x)


def _abs(pool: Pool, x: Node) -> Node | None:
    if x.op == "abs":
        return x
    inner = _negated(x)
    return simplified(pool, "abs", inner) if inner else None


def _add(pool: Pool, x: Node, y: Node) -> Node | None:
    for one, other in ((x, y), (y, x)):
        if inner := _negated(other):
            return simplified(pool, "subtract", one, inner)
        if _is(other, 0.0) and not one.truth:
            return one
    return None


def _subtract(pool: Pool, x: Node, y: Node) -> Node | None:
    if inner := _negated(y):
        return simplified(pool, "add", x, inner)
    if _is(y, 0.0) and not x.truth:
        return x
    if (left := _negated(x)) and not y.truth:
        return pool.made("negative", simplified(pool, "add", left, y))
    return pool.made("negative", y) if _is(x, 0.0) and not y.truth else None


def _multiply(pool: Pool, x: Node, y: Node) -> Node | None:
    for one, other in ((x, y), (y, x)):
        if _is(one, 1.0):  # a truth value is a number wherever one is wanted
            return other
        if _is(one, -1.0) and not other.truth:
            return simplified(pool, "negative", other)
        if (inner := _negated(one)) is not None:
            if other.op == CONSTANT:
                return simplified(pool, "multiply", inner, pool.constant(-other.value))
            return simplified(pool, "negative", simplified(pool, "multiply", inner, other))
    return None


def _divide(pool: Pool, x: Node, y: Node) -> Node | None:
    if _is(y, 1.0) and not x.truth:
        return x
    if y.op == CONSTANT and abs(math.frexp(y.value)[0]) == 0.5 and 2.0**-500 < abs(y.value) < 2.0**500:
        return simplified(pool, "multiply", x, pool.constant(1 / y.value))
    for one, turned in ((x, lambda i: (i, y)), (y, lambda i: (x, i))):
        if inner := _negated(one):
            return simplified(pool, "negative", simplified(pool, "divide", *turned(inner)))
    return None


def _compared(op: str) -> Callable[[Pool, Node, Node], Node | None]:
    def rule(pool: Pool, x: Node, y: Node) -> Node | None:
        inner = _negated(x)
        if inner and y.op == CONSTANT:
            return simplified(pool, _TURNED[op], inner, pool.constant(-y.value))
        if x.scalar and not y.scalar:
            return simplified(pool, _TURNED[op], y, x)
        return None

    return rule


def _end(op: str) -> Callable[[Pool, Node, Node], Node | None]:
    def rule(pool: Pool, x: Node, y: Node) -> Node | None:
        for one, other in ((x, y), (y, x)):
            if (inner := _negated(one)) and other.op == CONSTANT:
                turned = simplified(pool, _ENDS[op], inner, pool.constant(-other.value))
                return simplified(pool, "negative", turned)
        return x if x is y else None

    return rule


def _where(pool: Pool, condition: Node, x: Node, y: Node) -> Node | None:
    return x if x is y else None


_RULES: dict[str, Callable[..., Node | None]] = {
    "negative": _negative,
    "abs": _abs,
    "add": _add,
    "subtract": _subtract,
    "multiply": _multiply,
    "divide": _divide,
    WHERE: _where,
    **{op: _compared(op) for op in _TURNED},
    **{op: _end(op) for op in _ENDS},
}
