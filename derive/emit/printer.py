"""Expressions as LaTeX, written as a mathematician would: `a - y`, `(a - y)\\,a(1 - a)`, cases with "if"."""

import re
from functools import lru_cache
from itertools import pairwise

import sympy as sp
from sympy import Expr
from sympy.logic.boolalg import Boolean
from sympy.printing.latex import LatexPrinter, greek_letters_set, tex_greek_dictionary
from sympy.printing.latex import accepted_latex_functions as NAMED_BY_LATEX

from derive.emit import shape
from derive.emit.vectors.notation import Signs, VectorNotation
from derive.heads import HeadFunction, tanh
from derive.model import A
from derive.rules.layers import is_entry, marks_of, subscript
from derive.rules.vectors.algebra import VectorForm, is_matrix, is_vector, total

# SymPy's functions whose name is not the command of the same name.
NAMES = {
    "erf": r"\mathrm{erf}",
    "erfc": r"\mathrm{erfc}",
    "sign": r"\mathrm{sgn}",
    "sech": r"\mathrm{sech}",
    "atan": r"\arctan",
    "asinh": r"\mathrm{arsinh}",
    "LambertW": "W",
    "Max": r"\max",
    "Min": r"\min",
}
# Their powers are written on the name: tanh^2(z), but σ(z)^2.
POWER_ON_NAME = (sp.sin, sp.cos, sp.tan, sp.sinh, sp.cosh, sp.tanh, sp.sech, tanh)
RELATIONS = {">": ">", "<": "<", ">=": r"\ge", "<=": r"\le", "==": "=", "!=": r"\ne"}
TALL = re.compile(r"\\(frac|sum|begin|left)(?![a-z])")
OPERATOR = re.compile(r"\\(log|exp|sum|max|min|a?r?c?(sin|cos|tan)h?|frac)(?![a-z])")
# A fraction, but not one that ends in a number below, such as z/2.
FRACTION = re.compile(r"\\frac\{.*\}\{(?!\d+\}$).*\}")
# A number and a size in front of a sum: 1/D.
MEAN = re.compile(r"\\frac\{\d+\}\{(\\sqrt\{)?[A-Z](_\{\d+\})?\}?\}")
# A function of something, or an absolute value.
APPLIED = re.compile(r"(\\mathrm\{[^}]*\}|\\[A-Za-z]+|[A-Z])(\^\{\d+\})?(\(|\\left\()|(\\left)?\\lvert")

# A letter with the number of its stage above it: a further superscript needs braces.
NUMBERED = re.compile(r"\^\{\(\d+\)\}(_\{[^{}]*\})?$")

VECTORS = Signs(
    ones=r"\mathbf{1}",
    unit="e_{{{}}}",
    identity="I",
    diagonal=r"\mathrm{diag}",
    top=r"{}^{{\top}}",
    square=r"\lVert {} \rVert^{{2}}",
    norm=r"\lVert {} \rVert_{{F}}^{{2}}",
    times=r" \odot ",
    power=r"{}^{{\odot {}}}",
    space=r"\,",
    tight=True,
)
# Letters that LaTeX has a command or a script for.
LETTERS = {"l": r"\ell", "k*": "k^{*}"}
NAMES_OF_ROWS = {name.symbol: name.latex for row in shape.ENTRIES for name in row.names if name.latex}
NAMED = NAMES_OF_ROWS | {p.symbol: p.latex for p in shape.PARAMETERS if not p.per_class}


@lru_cache(maxsize=4096)
def latex_of(expr: sp.Basic | VectorForm, *, a: str = "a") -> str:
    """The LaTeX of an expression or condition; `a` is what the output of the activation is called."""
    return _Printer(a).doprint(expr)


class _Printer(VectorNotation, LatexPrinter):
    signs = VECTORS

    def __init__(self, a: str):
        super().__init__({"symbol_names": NAMED | {A: a}})

    def _enclosed(self, text: str, expr: Expr) -> str:
        return brackets(text, expr)

    def _marked(self, text: str) -> str:
        if not NUMBERED.search(text):
            return text
        # TeX takes the braces off an accent that stands alone in them.
        return f"{{{{}}{text}}}" if text.startswith(r"\bar") else f"{{{text}}}"

    def _fraction(self, above: str, below: str) -> str:
        return rf"\frac{{{above}}}{{{below}}}"

    # Sums and products.

    def _print_Add(self, expr, order=None):
        first, *rest = shape.ordered_terms(expr)
        return self._term(first, "-", "") + "".join(self._term(t, " - ", " + ") for t in rest)

    def _term(self, term: Expr, minus: str, plus: str) -> str:
        bare, sign = shape.without_sign(term), (minus if shape.is_negative(term) else plus)
        text = self._print(bare)
        return sign + (brackets(text, bare) if bare.is_Add and sign else text)

    def _print_Mul(self, expr):
        if is_vector(expr) or is_matrix(expr):
            return self._vector_product(expr)
        whole = shape.quotient(expr)
        bare = shape.without_sign(expr)
        if whole.negative and bare.is_Add:
            return "-" + brackets(self._print(bare), bare)
        return ("-" if whole.negative else "") + self._unsigned(whole)

    def _unsigned(self, whole: shape.Quotient) -> str:
        if whole.denominator:
            return self._quotient(whole)
        return self._halves(whole) if whole.q > 1 else self._product(whole.p, whole.numerator)

    def _quotient(self, whole: shape.Quotient) -> str:
        """One fraction; sums over an index, cases and inner fractions stand behind it."""
        behind = [f for f in whole.numerator if f.has(sp.Sum, sp.Piecewise) or f.is_Mul]
        above = [f for f in whole.numerator if f not in behind]
        fraction = rf"\frac{{{self._product(whole.p, above)}}}{{{self._product(whole.q, whole.denominator)}}}"
        return join([fraction, *self._factors(behind, alone=False)])

    def _halves(self, whole: shape.Quotient) -> str:
        """A fraction of numbers: z/2, but (1/2)(a - y)."""
        plain = 0
        while plain < len(whole.numerator) and _is_simple(whole.numerator[plain]):
            plain += 1
        above, behind = whole.numerator[:plain], whole.numerator[plain:]
        fraction = rf"\frac{{{self._product(whole.p, above)}}}{{{whole.q}}}"
        return join([fraction, *self._factors(behind, alone=False)])

    def _product(self, number: int, found) -> str:
        front = [str(number)] if number != 1 or not found else []
        return join([*front, *self._factors(found, alone=not front and len(found) == 1)])

    def _factors(self, found, *, alone: bool) -> list[str]:
        if alone:
            return [self._print(f) for f in found]
        return [self._factor(f, last=n == len(found) - 1) for n, f in enumerate(found)]

    def _factor(self, factor: Expr, *, last: bool) -> str:
        text = self._print(factor)
        opens = isinstance(factor, sp.Sum | sp.log | total) and not last
        closed = factor.is_Add or factor.is_Piecewise or factor.is_Relational or text.startswith("-")
        return brackets(text, factor) if closed or opens else text

    # Powers and functions.

    def _print_Pow(self, expr):
        if shape.is_reciprocal(expr):
            return self._print_Mul(expr)
        if is_matrix(expr) and expr.exp.is_Integer:
            return self._matrix_power(expr)
        base, exponent = shape.unfold(expr.base), expr.exp
        if exponent == sp.S.Half:
            return rf"\sqrt{{{self._print(base)}}}"
        if isinstance(base, POWER_ON_NAME):
            return self._applied(base, power=f"^{{{self._inline(exponent)}}}")
        text = self._print(base)
        applied = isinstance(base, sp.Function | sp.Max | sp.Min) and not isinstance(base, sp.exp | sp.log)
        bare = applied or isinstance(base, sp.Symbol | sp.Indexed | sp.IndexedBase) or text.isdigit()
        return f"{self._marked(text) if bare else brackets(text, base)}^{{{self._inline(exponent)}}}"

    def _print_ExpBase(self, expr, exp=None):
        exponent = self._inline(expr.args[0])
        return rf"\exp{brackets(exponent)}" if is_matrix(expr) else f"e^{{{exponent}}}"

    _print_exp = _print_ExpBase

    def _print_log(self, expr, exp=None):
        inner = shape.unfold(expr.args[0])
        text = self._print(inner)
        applied = isinstance(inner, sp.Function) and not isinstance(inner, sp.exp | sp.log | sp.Abs)
        bare = (
            inner.is_Symbol
            or isinstance(inner, sp.Indexed | sp.IndexedBase)
            or applied
            or _is_whole_fraction(inner)
        )
        return rf"\log {text}" if bare else rf"\log{brackets(text)}"

    def _print_Abs(self, expr, exp=None):
        text = self._print(*shape.arguments(expr))
        return rf"\left\lvert {text} \right\rvert" if TALL.search(text) else rf"\lvert {text} \rvert"

    def _print_AppliedUndef(self, expr, exp=None):
        return self._argmax(expr) if shape.is_argmax(expr) else self._print_Function(expr)

    def _print_Function(self, expr, exp=None):
        seen = shape.unfold(expr)
        return self._applied(expr) if seen is expr else self._print(seen)

    _print_Max = _print_Min = _print_HyperbolicFunction = _print_LambertW = _print_Function

    def _applied(self, expr: Expr, power: str = "") -> str:
        arguments = ", ".join(self._inline(argument) for argument in shape.arguments(expr))
        return f"{_name(expr)}{power}{brackets(arguments)}"

    def _inline(self, expr: Expr) -> str:
        """An exponent or argument, its fraction written with a slash: -z^2/2."""
        whole = shape.quotient(expr)
        if expr.is_Add or (whole.q == 1 and not whole.denominator) or any(f.is_Mul for f in whole.numerator):
            return self._print(expr)
        above = self._product(whole.p, whole.numerator)
        alone = whole.p == 1 and len(whole.numerator) == 1 and whole.numerator[0].is_Add
        below = self._product(whole.q, whole.denominator)
        simple = len(whole.denominator) + (whole.q > 1) == 1 and not any(f.is_Add for f in whole.denominator)
        sign = "-" if whole.negative else ""
        return f"{sign}{brackets(above) if alone else above}/{below if simple else brackets(below)}"

    # Cases and conditions.

    def _print_Piecewise(self, expr):
        rows = [f"{self._print(shape.unfold(value))} & {condition}" for value, condition in self._rows(expr)]
        between = r", \\[8pt] " if any(TALL.search(row) for row in rows) else r", \\ "
        return rf"\begin{{cases}} {between.join(rows)} \end{{cases}}"

    def _rows(self, expr) -> list[tuple[Expr, str]]:
        """Values and their conditions in words; cases within cases become one list."""
        rows: list[tuple[Expr, str]] = []
        for n, (value, condition) in enumerate(expr.args):
            outer = self._condition(shape.completed(condition, [c for _, c in expr.args[:n]]))
            inner = self._rows(value) if isinstance(value, sp.Piecewise) else [(value, "")]
            rows += [(v, outer + c.replace(r"\text{if }", r" \text{ and }")) for v, c in inner]
        return rows

    def _condition(self, condition: Boolean) -> str:
        return r"\text{otherwise}" if condition == sp.true else rf"\text{{if }} {self._print(condition)}"

    def _print_And(self, expr):
        return r" \text{ and } ".join(self._print(c) for c in sorted(expr.args, key=shape.size))

    def _print_Or(self, expr):
        return r" \text{ or } ".join(self._print(c) for c in sorted(expr.args, key=shape.size))

    def _print_Relational(self, expr):
        expr = shape.ahead(expr)
        seen = expr.reversed if shape.is_fixed(expr.lhs) and not shape.is_fixed(expr.rhs) else expr
        return f"{self._print(seen.lhs)} {RELATIONS[seen.rel_op]} {self._print(seen.rhs)}"

    # Indices.

    def _print_Indexed(self, expr):
        letter = self._print(expr.base.label)
        if is_entry(expr):
            return f"{letter}_{{{subscript(expr.indices)}}}"
        indices = [self._print(i) for i in expr.indices]
        between = "" if all(len(i) == 1 for i in indices) else ", "
        return f"{letter}_{{{between.join(indices)}}}"

    def _argmax(self, expr) -> str:
        return rf"\mathrm{{arg}}\max_{{{self._print(shape.index(expr))}}} {brackets(self._print(*expr.args))}"

    def _print_KroneckerDelta(self, expr, exp=None):
        return rf"\delta_{{{''.join(self._print(i) for i in expr.args[:2])}}}"

    def _print_Sum(self, expr):
        body = shape.unfold(expr.function)
        if shape.is_negative(expr):
            return "-" + self._print(shape.without_sign(expr))
        ranges = [
            rf"\sum_{{{self._print(i)}={self._print(lo)}}}^{{{self._print(hi)}}}"
            for i, lo, hi in reversed(expr.limits)
        ]
        text = self._print(body)
        return " ".join([*ranges, brackets(text, body) if body.is_Add else text])

    # Atoms.

    def _print_Symbol(self, expr, style="plain"):
        if expr in self._settings["symbol_names"]:
            return self._settings["symbol_names"][expr]
        name = expr.name
        if name in LETTERS:
            return LETTERS[name]
        letter, number, barred = marks_of(name)
        if letter != name:
            text = self._print(sp.Symbol(letter))
            return (rf"\bar{{{text}}}" if barred else text) + (f"^{{({number})}}" if number else "")
        stem = name.partition("_")[0].rstrip("0123456789")
        word = len(name) > 1 and name.isidentifier() and not _is_greek(stem)
        return upright(name) if word else super()._print_Symbol(expr)

    def _print_Rational(self, expr):
        sign = "-" if expr.is_negative else ""
        return rf"{sign}\frac{{{abs(expr.p)}}}{{{expr.q}}}" if expr.q != 1 else str(expr.p)

    def _print_NegativeInfinity(self, expr):
        return r"-\infty"


def brackets(text: str, expr: Expr | None = None) -> str:
    """The text in round brackets as large as it needs."""
    if TALL.search(text):
        return rf"\left({text}\right)"
    larger = expr is not None and shape.needs_larger_brackets(expr)
    return rf"\bigl({text}\bigr)" if larger else f"({text})"


def upright(name: str) -> str:
    """A name of several letters, which is not a product."""
    escaped = name.replace("_", r"\_")
    return rf"\mathrm{{{escaped}}}"


def join(parts: list[str]) -> str:
    """The factors side by side, with the space that the eye wants between them."""
    spaces = [_space(before, after) for before, after in pairwise(parts)]
    return "".join(text for pair in zip(parts, [*spaces, ""], strict=True) for text in pair)


def _space(before: str, after: str) -> str:
    if after.startswith(("(", r"\left(", r"\bigl(")):
        return ""
    if MEAN.fullmatch(before) and after.startswith(r"\sum"):
        return " "
    if before == after or after[0].isdigit() or FRACTION.fullmatch(before):
        return r" \cdot "
    if after.startswith(r"\frac") and (before[-1].isdigit() or before.startswith(r"\frac")):
        return r" \cdot "
    if before[-1].isdigit():
        return ""
    if OPERATOR.match(after) or before.endswith(r"\right)"):
        return " "  # TeX itself sets a thin space here
    closed = before.endswith((")", r"\rvert")) or before.startswith(r"\frac")
    return r"\," if closed or APPLIED.match(after) else " "


def _name(expr: Expr) -> str:
    if isinstance(expr, HeadFunction) and isinstance(expr._row.latex, str):
        return expr._row.latex
    name = type(expr).__name__
    return NAMES.get(name) or (rf"\{name}" if name in NAMED_BY_LATEX else upright(name))


def _is_simple(factor: Expr) -> bool:
    base = factor.base if factor.is_Pow else factor
    return bool(base.is_Symbol or isinstance(base, sp.Indexed) or base.is_number)


def _is_whole_fraction(expr: Expr) -> bool:
    whole = shape.quotient(expr)
    return bool(whole.denominator) and not whole.negative and not any(f.is_Mul for f in whole.numerator)


def _is_greek(name: str) -> bool:
    return len(name) == 1 or name in tex_greek_dictionary or name.lower() in greek_letters_set
