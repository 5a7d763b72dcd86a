"""SymPy → expression: the nodes of a list, built anew; whatever else it holds is refused before it acts."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import sympy as sp

from derive.expression.build import GIVEN_UP, RELATIONS, Builder, Part
from derive.expression.limits import DIGITS, LARGEST, SHOWN
from derive.expression.names import SYNONYMS
from derive.expression.reader import Read
from derive.model import BadInput

DEEPEST: Final = 60  # SymPy's trees are deeper than a text's: a quotient is a product with a power
FUNCTIONS: Final[dict[type, str]] = {
    sp.exp: "exp", sp.log: "log", sp.sin: "sin", sp.cos: "cos", sp.tan: "tan", sp.asin: "asin",
    sp.acos: "acos", sp.atan: "atan", sp.sinh: "sinh", sp.cosh: "cosh", sp.tanh: "tanh", sp.sech: "sech",
    sp.asinh: "asinh", sp.atanh: "atanh", sp.erf: "erf", sp.erfc: "erfc", sp.Abs: "abs", sp.sign: "sign",
    sp.Max: "max", sp.Min: "min",
}  # fmt: skip
COMPARED: Final = {made: sign for sign, made in RELATIONS.items()}


def symbols_in(expr: sp.Basic) -> tuple[str, ...]:
    """The names of the symbols of an expression, sorted; synonyms as what they stand for."""
    found = {node.name for node in _nodes(expr) if type(node) is sp.Symbol}
    return tuple(sorted(SYNONYMS.get(name, name) for name in found))


def translated(expr: sp.Expr, letters: Mapping[str, sp.Symbol]) -> Read:
    """The expression in the letters given, which its symbols mean by their names; BadInput otherwise."""
    builder = Builder(_fault, lambda node: _shown(node))
    for _ in _nodes(expr):
        pass
    part = _Translator(builder, letters).node(expr, 0)
    needs, places = tuple(dict.fromkeys(builder.needs)), tuple(dict.fromkeys(builder.places))
    return Read(text=str(part.expr), expr=part.expr, needs=needs, places=places)


def _nodes(expr: Any) -> Iterator[sp.Basic]:
    """Every node of an expression whose type is on the list."""
    waiting, seen = [expr], 0
    while waiting:
        node = waiting.pop()
        seen += 1
        if seen > LARGEST:
            raise BadInput(f"a SymPy expression of more than {LARGEST} parts is not read. Try: a shorter one")
        if not _listed(node):
            raise BadInput(
                f"a SymPy expression may not hold {type(node).__name__[:SHOWN]!r}. Try: elementary functions"
            )
        yield node
        waiting += node.args


def _listed(node: Any) -> bool:
    """Whether a node is of a type that is read; subclasses, which may bring code, are not."""
    plain = (sp.Symbol, sp.Add, sp.Mul, sp.Pow, sp.Piecewise, sp.And, sp.Or, sp.Not, sp.Heaviside)
    numbers = (sp.Integer, sp.Rational, sp.Float)
    if type(node) in (
        *plain,
        *numbers,
        *FUNCTIONS,
        *COMPARED,
        sp.functions.elementary.piecewise.ExprCondPair,
    ):
        return True
    singles = (sp.pi, sp.E, sp.S.Zero, sp.S.One, sp.S.NegativeOne, sp.S.Half, sp.true, sp.false)
    return any(node is single for single in singles)


def _shown(node: Any) -> str:
    text = str(node)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


def _fault(node: Any, what: str, tries: str = "") -> BadInput:
    return BadInput(f"expression, at {_shown(node)!r}: {what}" + (f". Try: {tries}" if tries else ""))


class _Translator:
    """What the nodes are built with, and the letters they may use."""

    def __init__(self, builder: Builder, letters: Mapping[str, sp.Symbol]):
        self.builder, self.letters = builder, letters

    def node(self, node: Any, depth: int) -> Part:
        """The part that a node means; what SymPy gives up on is refused."""
        try:
            return self.part(node, depth)
        except BadInput:
            raise
        except GIVEN_UP as error:
            raise _fault(node, "it cannot be worked out") from error

    def part(self, node: Any, depth: int) -> Part:
        """The part that a node means."""
        if depth > DEEPEST:
            raise _fault(node, f"it is nested deeper than {DEEPEST}")
        if type(node) is sp.Symbol:
            name = node.name if node.name in self.letters else SYNONYMS.get(node.name, node.name)
            if name not in self.letters:
                raise _fault(
                    node,
                    f"unknown name {name[:SHOWN]!r}",
                    f"{', '.join(self.letters)}, or {{{name[:SHOWN]!r}: 1}}",
                )
            return Part(expr=self.letters[name], degree=1)
        if node.is_number and not node.args:
            return Part(expr=self.number(node))
        parts = [] if isinstance(node, sp.Piecewise) else [self.node(a, depth + 1) for a in node.args]
        if node.is_Add:
            return self.joined(parts, node, product=False)
        if node.is_Mul:
            return self.joined(parts, node, product=True)
        if node.is_Pow:
            return self.power(parts, node)
        if isinstance(node, sp.Piecewise):
            rows = [(self.node(e, depth + 1), self.condition(c, depth + 1)) for e, c in node.args]
            return self.builder.cases(rows, node)
        if isinstance(node, sp.Heaviside):
            return self.step(parts[0], node)
        if type(node) in FUNCTIONS:
            return self.builder.call(FUNCTIONS[type(node)], parts[:1] if len(parts) == 1 else parts, node)
        raise _fault(node, "it is no number", "an expression in z, or in a and y")

    def number(self, node: sp.Expr) -> sp.Expr:
        """A number, exactly: a Float is the shortest decimal it stands for."""
        if isinstance(node, sp.Float):
            value = float(node)
            if value != value or abs(value) > 10.0**DIGITS or 0 < abs(value) < 10.0**-DIGITS:
                raise _fault(node, f"it is not between 1e-{DIGITS} and 1e{DIGITS}")
            return sp.Rational(repr(value))
        return node

    def joined(self, parts: list[Part], node: Any, *, product: bool) -> Part:
        """A sum or a product; negative powers among the factors have noted their needs already."""
        total = parts[0]
        for part in parts[1:]:
            total = (
                self.builder.product(total, part, node) if product else self.builder.sum(total, part, 1, node)
            )
        return total

    def power(self, parts: list[Part], node: Any) -> Part:
        return self.builder.power(parts[0], parts[1], node)

    def step(self, part: Part, node: Any) -> Part:
        """Heaviside's function, 0 where SymPy leaves it open."""
        one, zero = Part(expr=sp.S.One), Part(expr=sp.S.Zero)
        positive = self.builder.compare(">", part, zero, node)
        return self.builder.cases([(one, positive), (zero, sp.true)], node)

    def condition(self, node: Any, depth: int) -> sp.Basic:
        """A condition: relations joined by And, Or, Not."""
        if depth > DEEPEST:
            raise _fault(node, f"it is nested deeper than {DEEPEST}")
        if node in (sp.true, sp.false):
            return node
        if type(node) in (sp.And, sp.Or, sp.Not):
            return node.func(*(self.condition(a, depth + 1) for a in node.args))
        if type(node) not in COMPARED:
            raise _fault(node, "it is no condition", "z > 0")
        left, right = (self.node(side, depth + 1) for side in (node.lhs, node.rhs))
        return self.builder.compare(COMPARED[type(node)], left, right, node)
