"""Text → expression: arithmetic, conditions and functions, through Python's grammar, never evaluated.

Numbers are exact: 1.702 is 851/500.
"""

import ast
import keyword
import re
import unicodedata
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

import sympy as sp

from derive.expression.build import GIVEN_UP, Builder, Part
from derive.expression.functions import (
    CASE_NAMES,
    CONSTANTS,
    MANY,
    ONE,
    OTHER_NAMES,
    Named,
    Need,
    Place,
    known,
)
from derive.expression.limits import DEEPEST, DIGITS, LONGEST, MOST, SHOWN
from derive.expression.names import SYNONYMS
from derive.model import BadInput, Z

NUMBER = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(?:[eE]([+-]?\d+))?")
# Names that Python does not take as such, but for the words of conditions.
RESERVED: Final = frozenset(keyword.kwlist) - {
    "and",
    "or",
    "not",
    "if",
    "else",
    "True",
    "False",
    "None",
    "in",
    "is",
}
ADVICE: Final = (("^", "**"), ("−", "-"), ("×", "*"), ("·", "*"), ("÷", "/"), ("²", "**2"), ("³", "**3"))
SIGNS: Final[dict[type[ast.AST], str]] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="
}  # fmt: skip
EXAMPLE: Final = "z/(1 + exp(-z))"
CONDITIONS: Final = "z > 0, -1 < z < 1, z < 0 or z > 1"
COMMON: Final = "exp, log, sqrt, tanh, sigmoid, softplus, abs, max, where"


@dataclass(frozen=True, kw_only=True)
class Read:
    """An expression with the text it was read from, and all it needs."""

    text: str
    expr: sp.Expr
    needs: tuple[Need, ...]
    places: tuple[Place, ...] = ()


Letters = Mapping[str, sp.Symbol]
Functions = Mapping[str, Named]


def read(text: str, letters: Letters | None = None, functions: Functions | None = None) -> Read:
    """The expression that a text means, in z or in the `letters` given; BadInput says what is wrong.

    `functions` may be called beside those the program knows.
    """
    return Reader(text, {"z": Z} if letters is None else letters, functions or {}).whole()


def names_in(text: str) -> tuple[str, ...]:
    """The names that stand for numbers in a text, in their order, synonyms as what they stand for."""
    tree = Reader(text, {}, {}).tree()
    called = {id(n.func) for n in ast.walk(tree) if isinstance(n, ast.Call)}
    names = [n for n in ast.walk(tree) if isinstance(n, ast.Name) and id(n) not in called]
    ordered = sorted(names, key=lambda n: n.col_offset)
    found = dict.fromkeys(SYNONYMS.get(n.id, n.id) for n in ordered)
    return tuple(name for name in found if name not in CONSTANTS)


def calls_in(text: str) -> tuple[str, ...]:
    """The names of the functions that a text calls."""
    tree = Reader(text, {}, {}).tree()
    called = [n.func for n in ast.walk(tree) if isinstance(n, ast.Call)]
    return tuple(dict.fromkeys(f.id for f in called if isinstance(f, ast.Name)))


def _short(text: str) -> str:
    """A text that leaves room for the rest of a line."""
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


class Reader:
    """One text, the letters and functions it may use, and what has been met so far."""

    def __init__(self, text: str, letters: Letters, functions: Functions):
        self.text, self.letters, self.functions = text, letters, functions
        self.lead = len(text) - len(text.lstrip())
        self.build = Builder(self.fault, self.piece)
        self.seen = 0

    def whole(self) -> Read:
        """The expression that the whole text means."""
        expr = self.node(self.tree(), 0).expr
        needs, places = tuple(dict.fromkeys(self.build.needs)), tuple(dict.fromkeys(self.build.places))
        return Read(text=self.text.strip(), expr=expr, needs=needs, places=places)

    def fault(self, at: ast.AST | int | None, what: str, tries: str = "") -> BadInput:
        """The error that shows the text, and the place in it."""
        given = _short(self.text)
        place = ""
        if isinstance(at, ast.AST) and hasattr(at, "col_offset"):
            column = self.lead + at.col_offset + 1
            place = (
                f", at {self.piece(at)!r} (column {column})" if self.piece(at) else f", at column {column}"
            )
        elif isinstance(at, int):
            place = f", at column {at}"
        return BadInput(f"expression {given!r}{place}: {what}" + (f". Try: {tries}" if tries else ""))

    def piece(self, node: ast.AST) -> str:
        """The text of a part, shortened."""
        found = ast.get_source_segment(self.text.strip(), node) or ""
        return _short(found)

    def tree(self) -> ast.expr:
        """The syntax of the text."""
        if len(self.text) > LONGEST:
            raise self.fault(None, f"it has {len(self.text)} characters; at most {LONGEST} are read")
        for sign, better in ADVICE:
            if sign in self.text:
                raise self.fault(self.text.index(sign) + 1, f"{sign!r} is not read", f"{better!r} for it")
        for column, letter in enumerate(self.text, 1):
            if not (" " <= letter <= "~") or letter in "#;":
                name = unicodedata.name(letter, "a control character").lower()
                raise self.fault(column, f"{letter!r} ({name}) is not read", EXAMPLE)
        if not self.text.strip():
            raise self.fault(None, "it is empty", EXAMPLE)
        for word in re.finditer(r"[A-Za-z_]\w*", self.text):
            if word[0] in RESERVED:
                raise self.fault(word.start() + 1, f"{word[0]!r} is a word of Python's", f"my_{word[0]}")
        try:
            with warnings.catch_warnings(action="ignore"):
                return ast.parse(self.text.strip(), mode="eval").body
        except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
            offset = getattr(error, "offset", None)
            at = self.lead + max(offset, 1) if offset else None
            raise self.fault(at, "its brackets and signs do not fit together", EXAMPLE) from error

    def count(self, node: ast.AST, depth: int) -> None:
        """Look at the size of the text."""
        self.seen += 1
        if depth > DEEPEST:
            raise self.fault(node, f"it is nested deeper than {DEEPEST}")
        if self.seen > MOST:
            raise self.fault(node, f"it has more than {MOST} parts")

    def node(self, node: ast.expr, depth: int) -> Part:
        """The expression of a part; what SymPy gives up on is refused."""
        self.count(node, depth)
        try:
            return self.part(node, depth)
        except BadInput:
            raise
        except GIVEN_UP as error:
            raise self.fault(node, "it cannot be worked out", EXAMPLE) from error

    def part(self, node: ast.expr, depth: int) -> Part:
        """The expression of a part."""
        if isinstance(node, ast.Constant):
            return Part(expr=self.number(node))
        if isinstance(node, ast.Name):
            return self.name(node)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.UAdd | ast.USub):
            inner = self.node(node.operand, depth + 1)
            return self.build.made(-inner.expr, (inner,), node) if isinstance(node.op, ast.USub) else inner
        if isinstance(node, ast.BinOp):
            return self.operation(node, depth + 1)
        if isinstance(node, ast.Call):
            return self.call(node, depth + 1)
        if isinstance(node, ast.IfExp):
            otherwise = self.node(node.orelse, depth + 1)
            rows = [
                (self.node(node.body, depth + 1), self.condition(node.test, depth + 1)),
                (otherwise, sp.true),
            ]
            return self.build.cases(rows, node)
        if isinstance(node, ast.Compare | ast.BoolOp):
            raise self.fault(node, "a condition is no number", f"where({self.piece(node)}, z, 0)")
        raise self.fault(node, "it is not read", "numbers, names, + - * / ** and functions")

    def number(self, node: ast.Constant) -> sp.Expr:
        """The exact value of a number as it is written."""
        written = ast.get_source_segment(self.text.strip(), node) or ""
        found = NUMBER.fullmatch(written)
        if isinstance(node.value, bool) or not found:
            raise self.fault(node, "it is no decimal number", "0.5, 2 or 1e-3")
        if len(found[1]) > DIGITS or abs(int((found[2] or "0")[:9])) > DIGITS:
            raise self.fault(node, f"the number has more than {DIGITS} digits")
        return sp.Rational(written)

    def name(self, node: ast.Name) -> Part:
        """A letter or a constant."""
        name = node.id if node.id in self.letters else SYNONYMS.get(node.id, node.id)
        if name in self.letters:
            return Part(expr=self.letters[name], degree=1)
        if name in CONSTANTS:
            return Part(expr=CONSTANTS[name])
        if known(name) or name in self.functions:
            raise self.fault(node, f"{name!r} is a function", f"{name}({next(iter(self.letters), 'z')})")
        tries = ", ".join((*self.letters, *CONSTANTS))
        if name.isascii() and len(name) <= SHOWN and name not in ("z", "a", "y"):
            tries += f", or --param {name}=1"
        raise self.fault(node, f"unknown name {_short(name)!r}", tries)

    def call(self, node: ast.Call, depth: int) -> Part:
        """A function of its arguments; with keywords, one that has parameters."""
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if (
            not name
            or any(isinstance(a, ast.Starred) for a in node.args)
            or None in [k.arg for k in node.keywords]
        ):
            raise self.fault(node, "it is no call of a function by its name", "exp(z)")
        plain = known(name)
        if plain in CASE_NAMES:
            return self.case_call(plain, node, depth)
        if plain and not (node.keywords and name in self.functions):
            if node.keywords:
                raise self.fault(node.keywords[0], f"{name} has no parameters")
            return self.build.call(plain, [self.node(argument, depth) for argument in node.args], node)
        if name not in self.functions:
            raise self.fault(node.func, "unknown function", self.near(name))
        parts = [self.node(argument, depth) for argument in node.args]
        given = {str(k.arg): self.node(k.value, depth) for k in node.keywords}
        return self.build.named(name, self.functions[name], parts, given, node)

    def near(self, name: str) -> str:
        """The functions whose names are near, or the common ones."""
        every = (*ONE, *MANY, *CASE_NAMES, *OTHER_NAMES, *self.functions)
        return ", ".join(dict.fromkeys(get_close_matches(name[:SHOWN], every, cutoff=0.6))) or COMMON

    def case_call(self, name: str, node: ast.Call, depth: int) -> Part:
        """where(condition, value, otherwise), or Piecewise((value, condition), …, (value, True))."""
        if node.keywords:
            raise self.fault(node.keywords[0], f"{name} has no parameters")
        if name == "where":
            if len(node.args) != 3:
                raise self.fault(node, "where takes 3 arguments", "where(z > 0, z, 0)")
            test, value, otherwise = node.args
            rows = [
                (self.node(value, depth), self.condition(test, depth)),
                (self.node(otherwise, depth), sp.true),
            ]
            return self.build.cases(rows, node)
        rows = []
        for row in node.args:
            if not (isinstance(row, ast.Tuple) and len(row.elts) == 2):
                raise self.fault(row, "it is no (value, condition)", "Piecewise((z, z > 0), (0, True))")
            rows.append((self.node(row.elts[0], depth + 1), self.condition(row.elts[1], depth + 1)))
        return self.build.cases(rows, node)

    def condition(self, node: ast.expr, depth: int) -> sp.Basic:
        """A condition: comparisons joined by and, or, not."""
        self.count(node, depth)
        if isinstance(node, ast.Constant) and isinstance(node.value, bool):
            return sp.true if node.value else sp.false
        if isinstance(node, ast.BoolOp):
            parts = [self.condition(value, depth + 1) for value in node.values]
            return (sp.And if isinstance(node.op, ast.And) else sp.Or)(*parts)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitAnd | ast.BitOr):
            parts = [self.condition(value, depth + 1) for value in (node.left, node.right)]
            return (sp.And if isinstance(node.op, ast.BitAnd) else sp.Or)(*parts)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.Invert):
            return sp.Not(self.condition(node.operand, depth + 1))
        if not isinstance(node, ast.Compare):
            raise self.fault(node, "it is no condition", CONDITIONS)
        values = [self.node(part, depth + 1) for part in (node.left, *node.comparators)]
        links = []
        for left, sign, right in zip(values, node.ops, values[1:], strict=False):
            if type(sign) not in SIGNS:
                raise self.fault(node, "a comparison is made with <, <=, >, >=, == or !=", CONDITIONS)
            links.append(self.build.compare(SIGNS[type(sign)], left, right, node))
        return sp.And(*links)

    def operation(self, node: ast.BinOp, depth: int) -> Part:
        """A sum, a difference, a product, a quotient or a power."""
        makers: dict[type[ast.AST], Callable[[Part, Part], Part]] = {
            ast.Add: lambda left, right: self.build.sum(left, right, 1, node),
            ast.Sub: lambda left, right: self.build.sum(left, right, -1, node),
            ast.Mult: lambda left, right: self.build.product(left, right, node),
            ast.Div: lambda left, right: self.build.quotient(left, right, node),
            ast.Pow: lambda left, right: self.build.power(left, right, node),
        }
        if type(node.op) not in makers:
            raise self.fault(node, "this operation is not read", "+ - * / **")
        left = self.node(node.left, depth - 1)  # many terms are no deep nesting
        return makers[type(node.op)](left, self.node(node.right, depth))
