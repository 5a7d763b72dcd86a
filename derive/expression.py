"""Text → expression: arithmetic and named functions, read through Python's grammar and never evaluated.

Numbers are exact: 1.702 is 851/500. What a quotient, a root, a logarithm or a power needs of its argument is
kept beside the expression, since SymPy simplifies as it goes: z/z is 1, and yet undefined at 0.
"""

import ast
import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

import sympy as sp

from derive.model import BadInput, Interval, Z

LONGEST: Final = 500  # characters
DEEPEST: Final = 25  # parts inside one another; a sum or product of many is not deep
MOST: Final = 150  # names, numbers, operations and calls
DIGITS: Final = 30  # of a number as it is written, and of its exponent of ten
BITS: Final = 400  # of a number that comes out of arithmetic
POWER: Final = 64  # the degree of an expression as a polynomial in its letters
LARGE: Final = 10**4  # of a number beside the logarithm of one: e to their product is a power
SHOWN: Final = 60  # characters of a text that a message repeats

NUMBER = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(?:[eE]([+-]?\d+))?")
ADVICE: Final = (("^", "**"), ("−", "-"), ("×", "*"), ("·", "*"), ("÷", "/"), ("²", "**2"), ("³", "**3"))


@dataclass(frozen=True, kw_only=True)
class Need:
    """What an expression needs where it is to be defined: that `expr` is nonzero, ≥ 0 or > 0."""

    kind: Literal["nonzero", "nonnegative", "positive"]
    expr: sp.Expr
    says: str


@dataclass(frozen=True, kw_only=True)
class Read:
    """An expression with the text it was read from, and all it needs."""

    text: str
    expr: sp.Expr
    needs: tuple[Need, ...]


def _sigmoid(w: sp.Expr) -> sp.Expr:
    return 1 / (1 + sp.exp(-w))


def _normal(w: sp.Expr) -> sp.Expr:
    return (1 + sp.erf(w / sp.sqrt(2))) / 2


One = Callable[[sp.Expr], sp.Expr]
ONE: Final[dict[str, One]] = {
    "exp": sp.exp,
    "expm1": lambda w: sp.exp(w) - 1,
    "log": sp.log,
    "log1p": lambda w: sp.log(1 + w),
    "sqrt": sp.sqrt,
    "sin": sp.sin,
    "cos": sp.cos,
    "atan": sp.atan,
    "sinh": sp.sinh,
    "cosh": sp.cosh,
    "tanh": sp.tanh,
    "sigmoid": _sigmoid,
    "softplus": lambda w: sp.log(1 + sp.exp(w)),
    "erf": sp.erf,
    "erfc": lambda w: 1 - sp.erf(w),
    "Phi": _normal,
    "relu": lambda w: sp.Max(w, 0),
    "abs": sp.Abs,
    "sign": sp.sign,
}
TWO: Final[dict[str, Callable[[sp.Expr, sp.Expr], sp.Expr]]] = {
    "max": sp.Max,
    "min": sp.Min,
}
OTHER_NAMES: Final = {
    "ln": "log",
    "arctan": "atan",
    "expit": "sigmoid",
    "ndtr": "Phi",
    "fabs": "abs",
    "sgn": "sign",
    "maximum": "max",
    "minimum": "min",
}
CONSTANTS: Final = {"pi": sp.pi, "e": sp.E}
# What functions need of their argument w.
NEEDS: Final[dict[str, tuple[Literal["nonnegative", "positive"], One]]] = {
    "log": ("positive", lambda w: w),
    "log1p": ("positive", lambda w: 1 + w),
    "sqrt": ("nonnegative", lambda w: w),
}


def read(text: str, letters: Mapping[str, sp.Symbol] | None = None) -> Read:
    """The expression that a text means, in z or in the `letters` given; BadInput says what is wrong."""
    return _Reader(text, {"z": Z} if letters is None else letters).whole()


def read_interval(text: str) -> Interval:
    """The values of z of a condition such as `z > 0` or `-1 < z < 1`; BadInput where it is none."""
    return _Reader(text, {"z": Z}).interval()


class _Reader:
    """One text, the letters it may use, and what has been met so far."""

    def __init__(self, text: str, letters: Mapping[str, sp.Symbol]):
        self.text, self.letters = text, letters
        self.needs: list[Need] = []
        self.seen = 0

    def whole(self) -> Read:
        expr, _ = self.node(self.tree(), 0)
        return Read(text=self.text.strip(), expr=expr, needs=tuple(dict.fromkeys(self.needs)))

    def fault(self, what: str, tries: str = "") -> BadInput:
        """The error that shows the text."""
        given = self.text if len(self.text) <= SHOWN else f"{self.text[: SHOWN - 1]}…"
        return BadInput(f"expression {given!r}: {what}" + (f". Try: {tries}" if tries else ""))

    def tree(self) -> ast.expr:
        """The syntax of the text."""
        if len(self.text) > LONGEST:
            raise self.fault(f"it has {len(self.text)} characters; at most {LONGEST} are read")
        for sign, better in ADVICE:
            if sign in self.text:
                raise self.fault(f"{sign!r} is not read", f"{better!r} for it")
        if not (self.text.isascii() and self.text.isprintable()) or "#" in self.text:
            raise self.fault("it has a character that is not read", self.allowed())
        if not self.text.strip():
            raise self.fault("it is empty", "z/(1 + exp(-z))")
        try:
            with warnings.catch_warnings(action="ignore"):
                return ast.parse(self.text.strip(), mode="eval").body
        except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
            raise self.fault("its brackets and signs do not fit together", "z/(1 + exp(-z))") from error

    def node(self, node: ast.expr, depth: int) -> tuple[sp.Expr, int]:
        """The expression of a part, and its degree."""
        self.seen += 1
        if depth > DEEPEST:
            raise self.fault(f"it is nested deeper than {DEEPEST}")
        if self.seen > MOST:
            raise self.fault(f"it has more than {MOST} parts")
        if isinstance(node, ast.Constant):
            return self.number(node), 0
        if isinstance(node, ast.Name):
            return self.name(node.id)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.UAdd | ast.USub):
            inner, degree = self.node(node.operand, depth + 1)
            return (-inner if isinstance(node.op, ast.USub) else inner), degree
        if isinstance(node, ast.BinOp):
            return self.operation(node, depth + 1)
        if isinstance(node, ast.Call):
            return self.call(node, depth + 1)
        raise self.fault(f"{self.piece(node)} is not read", "numbers, names, + - * / ** and functions")

    def piece(self, node: ast.AST) -> str:
        """The text of a part, shortened."""
        found = ast.get_source_segment(self.text.strip(), node) or "a part of it"
        return repr(found if len(found) <= SHOWN else f"{found[: SHOWN - 1]}…")

    def number(self, node: ast.Constant) -> sp.Expr:
        """The exact value of a number as it is written."""
        written = ast.get_source_segment(self.text.strip(), node) or ""
        found = NUMBER.fullmatch(written)
        if isinstance(node.value, bool) or not found:
            raise self.fault(f"{self.piece(node)} is no decimal number", "0.5, 2 or 1e-3")
        if len(found[1]) > DIGITS or abs(int((found[2] or "0")[:9])) > DIGITS:
            raise self.fault(f"the number {self.piece(node)} has more than {DIGITS} digits")
        return sp.Rational(written)

    def name(self, name: str) -> tuple[sp.Expr, int]:
        """A letter or a constant."""
        if name in self.letters:
            return self.letters[name], 1
        if name in CONSTANTS:
            return CONSTANTS[name], 0
        if self.function(name):
            raise self.fault(f"{name!r} is a function", f"{name}(z)")
        raise self.fault(f"unknown name {name!r}", self.allowed())

    def allowed(self) -> str:
        """All names that may stand in it."""
        return f"{', '.join((*self.letters, *CONSTANTS))}, and {', '.join((*ONE, *TWO))}"

    @staticmethod
    def function(name: str) -> str:
        """The name of the function meant, or ''."""
        known = OTHER_NAMES.get(name, name)
        return known if known in ONE or known in TWO else ""

    def call(self, node: ast.Call, depth: int) -> tuple[sp.Expr, int]:
        """A function of its arguments."""
        name = self.function(node.func.id) if isinstance(node.func, ast.Name) else ""
        if not name:
            raise self.fault(f"unknown function {self.piece(node.func)}", ", ".join((*ONE, *TWO)))
        wanted = 1 if name in ONE else 2
        if node.keywords or any(isinstance(a, ast.Starred) for a in node.args) or len(node.args) != wanted:
            raise self.fault(f"{name} takes {('one argument', 'two arguments')[wanted - 1]}")
        parts = [self.node(argument, depth) for argument in node.args]
        values, degree = [value for value, _ in parts], max(d for _, d in parts)
        self.moderate(values, node)
        if name in NEEDS:
            kind, of = NEEDS[name]
            self.need(kind, of(values[0]), node)
        made = ONE[name](values[0]) if wanted == 1 else TWO[name](*values)
        return self.sound(made, node), max(degree, 1)

    def moderate(self, values: list[sp.Expr], node: ast.AST) -> None:
        """Refuse large multiples of logarithms of numbers, of which e to them would make huge numbers."""
        for value in values:
            logs = any(e.args[0].is_number for e in value.atoms(sp.log))
            if logs and any(abs(n) > LARGE for n in value.atoms(sp.Rational)):
                raise self.fault(f"{self.piece(node)} has a number above {LARGE} beside a logarithm of one")

    def need(self, kind: Literal["nonzero", "nonnegative", "positive"], expr: sp.Expr, node: ast.AST) -> None:
        """Note what a part needs; numbers are looked at now."""
        fails = {"nonzero": expr.is_zero, "nonnegative": expr.is_negative, "positive": expr.is_nonpositive}
        if fails[kind]:
            raise self.fault(f"{self.piece(node)} is not defined")
        if not expr.is_number:
            self.needs.append(Need(kind=kind, expr=expr, says=self.piece(node).strip("'\"")))

    def sound(self, expr: sp.Expr, node: ast.AST) -> sp.Expr:
        """The expression, after a look at what came out."""
        if expr.has(sp.nan, sp.zoo, sp.oo, -sp.oo, sp.I):
            raise self.fault(f"{self.piece(node)} is not a real number")
        if any(max(n.p.bit_length(), n.q.bit_length()) > BITS for n in expr.atoms(sp.Rational)):
            raise self.fault(f"{self.piece(node)} makes a number of more than {BITS} bits")
        return expr

    def operation(self, node: ast.BinOp, depth: int) -> tuple[sp.Expr, int]:
        """A sum, a difference, a product, a quotient or a power."""
        left, n = self.node(node.left, depth - 1)  # many terms are no deep nesting
        right, m = self.node(node.right, depth)
        if isinstance(node.op, ast.Pow):
            return self.power(node, (left, n), (right, m))
        if isinstance(node.op, ast.Add | ast.Sub):
            made, degree = (left + right if isinstance(node.op, ast.Add) else left - right), max(n, m)
        elif isinstance(node.op, ast.Mult):
            made, degree = left * right, n + m
        elif isinstance(node.op, ast.Div):
            self.need("nonzero", right, node)
            made, degree = left / right, n + m
        else:
            raise self.fault(f"the operation in {self.piece(node)} is not read", "+ - * / **")
        return self.sound(made, node), self.low(degree, node)

    def low(self, degree: int, node: ast.AST) -> int:
        """The degree, if it is not too high."""
        if degree > POWER:
            raise self.fault(f"the degree of {self.piece(node)} is above {POWER}")
        return degree

    def power(self, node: ast.BinOp, base: tuple[sp.Expr, int], exponent: tuple[sp.Expr, int]):
        """A power; of anything but a whole number it needs a positive base."""
        (b, n), (w, m) = base, exponent
        if not w.is_Rational:
            self.need("positive", b, node)
            self.moderate([w * sp.log(b)], node)
            return self.sound(sp.exp(w * sp.log(b)), node), max(n, m, 1)
        if abs(w.p) > POWER or w.q > POWER:
            raise self.fault(f"the exponent of {self.piece(node)} is not between -{POWER} and {POWER}")
        degree = self.low(n * max(abs(int(w.p)), 1), node)
        if w.is_Integer and w < 0:
            self.need("nonzero", b, node)
        elif not w.is_Integer:
            self.need("positive" if w < 0 else "nonnegative", b, node)
        return self.sound(b**w, node), degree

    def interval(self) -> Interval:
        """The values of z that satisfy a chain of comparisons."""
        tree = self.tree()
        if not isinstance(tree, ast.Compare):
            raise self.fault("it is no condition on z", "z>0 or -1<z<1")
        parts = [self.node(part, 0)[0] for part in (tree.left, *tree.comparators)]
        found = Interval()
        for left, sign, right in zip(parts, tree.ops, parts[1:], strict=False):
            found = self.narrowed(found, left, sign, right)
        if not (found.hi - found.lo).is_extended_positive:
            raise self.fault("no z satisfies it")
        return found

    def narrowed(self, domain: Interval, left: sp.Expr, sign: ast.cmpop, right: sp.Expr) -> Interval:
        """The part of a domain where a comparison of z with a number holds."""
        if not isinstance(sign, ast.Lt | ast.LtE | ast.Gt | ast.GtE):
            raise self.fault("a condition on z is made with <, <=, > or >=", "z>0 or -1<z<1")
        if {left == Z and right.is_number, right == Z and left.is_number} != {True, False}:
            raise self.fault("it is no comparison of z with a number", "z>0 or -1<z<1")
        number, closed = (right if left == Z else left), isinstance(sign, ast.LtE | ast.GtE)
        if isinstance(sign, ast.Lt | ast.LtE) == (left == Z):
            return replace(domain, hi=sp.Min(number, domain.hi), closed_hi=closed)
        return replace(domain, lo=sp.Max(number, domain.lo), closed_lo=closed)
