"""Statements laid out as black lays them out: one line where it fits, calls broken at their commas."""

import re
from collections.abc import Iterator
from itertools import count

import sympy as sp

from derive.emit.spelling import spell
from derive.model import Body, Y, Z
from derive.rules.floats import Polynomial, Root

WIDTH = 88
INDENT = "    "
_ROOT = re.compile(r"q\d*")  # the name of a root of what decays, or of a product of such roots


def statements(body: Body, constants: frozenset[sp.Symbol]) -> list[str]:
    """The lines of a function's body: names given, then the value returned."""
    taken = {str(name) for name in (*constants, *(name for name, _ in body.names))}
    lines: list[str] = []
    for name, meaning in body.names:
        lines += _statement(f"{name} = ", meaning, constants, taken)
        if meaning.free_symbols <= constants | {Y}:
            constants |= {name}
    return lines + _statement("return ", body.value, constants, taken)


def _statement(head: str, expr: sp.Expr, constants: frozenset, taken: set[str]) -> list[str]:
    """One statement, after those that name what does not fit into it."""
    lines: list[str] = []
    while True:
        text = spell(expr, constants)
        rows = laid(INDENT + head + text, "")
        long = max(map(len, rows)) > WIDTH or (
            len(rows) > 1 and not isinstance(expr, sp.Piecewise | Polynomial)
        )
        part = _heaviest(expr) if long else None
        if part is None:
            return lines + rows
        name = sp.Symbol(next(n for n in _letters(part) if n not in taken), real=True)
        taken.add(str(name))
        lines += _statement(f"{name} = ", part, constants, taken)
        replaced = expr.xreplace({part: name})
        expr = replaced if replaced != expr else expr / part * name


def _letters(part: sp.Expr) -> Iterator[str]:
    """Names for a part; a product of roots stays one, so that it is kept on the outside of products."""
    letters = "q" if all(str(s).startswith("q") for s in part.free_symbols) else "vwkgf"
    yield from letters
    yield from (f"{letters[0]}{n}" for n in count(2))


def _large(part: sp.Expr) -> bool:
    """Whether a part is a power of z, which by itself may overflow between roots that have decayed."""
    return part.is_Pow and part.base == Z and bool(part.exp.is_Integer)


def _beside_roots(product: sp.Expr) -> sp.Expr | None:
    """The powers of z in a product, and the roots with names, which have decayed before those overflow."""
    if not product.is_Mul or any(a.args and not a.is_number and not _large(a) for a in product.args):
        return None
    roots = [a for a in product.args if a.is_Symbol and _ROOT.fullmatch(str(a))]
    together = sp.Mul(*roots, *filter(_large, product.args))
    return together if roots and together.has(Z) and together != product else None


def _heaviest(expr: sp.Expr) -> sp.Expr | None:
    """The part of an expression that is worth a name of its own: the longest sum or product in it, if any."""
    if isinstance(expr, Root):
        return expr.args[0].args[0]
    if (together := _beside_roots(expr)) is not None:
        return together
    if isinstance(expr, sp.Piecewise):
        rows = [e for e, _ in expr.args if e.args and not isinstance(e, sp.Piecewise)]
        inner = [e for e, _ in expr.args if isinstance(e, sp.Piecewise)]
        parts = rows or inner
    else:
        parts = [a for a in expr.args if a.args and not a.is_number] or [a for a in expr.args if a.args]
        parts = [a for a in parts if not _large(a)] or parts
        if len(parts) == 1 and not expr.is_Function and not isinstance(parts[0], Root | sp.Piecewise):
            parts = [a for a in parts[0].args if a.args] or parts
    return max(parts, key=lambda p: len(spell(p)), default=None)


def laid(line: str, tail: str) -> list[str]:
    """A line, broken like black at the commas of its last call where it is too long."""
    if len(line + tail) <= WIDTH:
        return [line + tail]
    opened = _opening(line)
    if opened is None:
        return [line + tail]
    indent = line[: len(line) - len(line.lstrip())]
    head, inside = line[: opened + 1], line[opened + 1 : -1]
    whole = indent + INDENT + inside
    if len(whole) <= WIDTH:
        return [head, whole, indent + ")" + tail]
    parts = [row for part in _split(inside) for row in laid(indent + INDENT + part, ",")]
    return [head, *parts, indent + ")" + tail]


_CALL = re.compile(r" *(?:return |def |(?:\w+, )*\w+ = )?[\w.]+\(")


def _opening(line: str) -> int | None:
    """Where the call that makes up a statement or an argument opens; None where it is no single call."""
    found = _CALL.match(line)
    if not found or not line.endswith(")"):
        return None
    depth = 1
    for sign in line[found.end() : -1]:
        depth += (sign == "(") - (sign == ")")
        if depth == 0:
            return None
    return found.end() - 1


def _split(inside: str) -> list[str]:
    """The arguments of a call."""
    parts, depth, start = [], 0, 0
    for n, sign in enumerate(inside):
        depth += (sign in "([{") - (sign in ")]}")
        if sign == "," and depth == 0:
            parts.append(inside[start:n].strip())
            start = n + 1
    return [*parts, inside[start:].strip()]
