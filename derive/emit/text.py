"""A derivation as text for a terminal, and formulas in Unicode that need no LaTeX."""

import re
from collections.abc import Sequence

import sympy as sp
from sympy import Expr
from sympy.printing.precedence import PRECEDENCE
from sympy.printing.str import StrPrinter

from derive.emit import shape
from derive.emit.guards import ONLY, condition_said
from derive.emit.letters import Letter, letters
from derive.emit.places import names_lambert
from derive.emit.prose import SYMBOLS, as_sentence
from derive.emit.signs import notation
from derive.emit.vectors.notation import Signs, VectorNotation, is_open_total, outside
from derive.emit.words import inferred
from derive.heads import HeadFunction
from derive.model import Activation, Derivation, Interval, Step
from derive.rules.layers import marks_of
from derive.rules.vectors.algebra import VectorForm, is_matrix, is_vector

FRACTION = re.compile(r"\\frac\{((?:[^{}]|\{[^{}]*\})*)\}\{((?:[^{}]|\{[^{}]*\})*)\}")
BARRED = re.compile(r"\\bar\{([^{}]*)\}")
OVERLINE = "\u0304"  # combined with the letter before it
RAISED = str.maketrans("()0123456789", "⁽⁾⁰¹²³⁴⁵⁶⁷⁸⁹")
NESTED = re.compile(r"_\{(?:[a-z]'*(?:_\{\d+\})?)+\}")  # indices such as n h_{2}
LOWERED = re.compile(r"(?<=[a-z])_\{(\d+)\}")
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
COMMAND = re.compile(r"\\([A-Za-z]+|,) ?")
UNICODE = {latex.strip("\\ "): sign for sign, latex in SYMBOLS.items() if latex.startswith("\\")}
UNICODE |= {",": " · ", "left": "", "right": "", "bigl": "", "bigr": "", "sum": "Σ", "prime": "′", "top": "ᵀ"}
# Greek parameters by their letter; others by their name in the code.
LETTERS = {str(p.symbol): UNICODE[p.latex[1:]] for p in shape.PARAMETERS if p.latex[1:] in UNICODE}
LETTERS |= {"l": "ℓ", "pi": "π", "mu": "μ", "tau": "τ", "theta": "θ", "sigma": "σ", "lambda": "λ", "nu": "ν"}
HEAD_NAMES = {"sgn": "sign", "absolute": "abs", "ndtr": "Φ", "npdf": "φ", "sigmoid": "σ", "LambertW": "W"}
HEAD_NAMES |= {"gamma": "Γ"}


def lines(derivation: Derivation) -> list[str]:
    """The numbered steps: the formula, the rule with its sentence, and the proof."""
    found = numbered(derivation.steps)
    if named := letters(derivation):
        found.append(where(named))
    notes = [
        ("condition", [ONLY.format(only)] if (only := condition_said(derivation.subject)) else []),
        ("notation", notation(derivation)),
        ("convention", derivation.conventions),
        ("assumption", derivation.assumptions),
        ("inferred", inferred(derivation.subject)),
    ]
    return found + [f"{name}: {text.replace('𝟏', '1')}" for name, texts in notes for text in texts]


def numbered(steps: Sequence[Step], first: int = 1) -> list[str]:
    """Two lines a step: the formula, then the rule with its sentence and the proof."""
    found: list[str] = []
    previous = None
    for number, step in enumerate(steps, first):
        left = step.quantity.text if step.quantity != previous else " " * len(step.quantity.text)
        previous = step.quantity
        mark = "  ∎" if step.result else ""
        found.append(f"({number:>2}) {left} {step.relation} {right_side(step)}{mark}")
        found.append(f"     {': '.join(filter(None, (step.rule, as_sentence(step.says))))} [{step.proof}]")
    return found


def where(named: Sequence[Letter]) -> str:
    """What letters mean, in one line."""
    *most, last = (_meaning(letter) for letter in named)
    return "where " + (f"{', '.join(most)} and {last}" if most else last)


def _meaning(letter: Letter) -> str:
    slope = f" = {readable(letter.slope_of)}".replace("(", "′(", 1) if letter.slope_of else ""
    return f"{readable(letter.function)} = {readable(letter.meaning)}{slope}"


def output(row: Activation) -> str:
    """The range of an activation, as far as it is known."""
    word, name = "within " * row.range_is_enclosure, ", W: Lambert W" * names_lambert(row.range)
    return f"{word}{_interval(row.range) if isinstance(row.range, Interval) else row.range}{name}"


def _interval(domain: Interval) -> str:
    opening, closing = "[" if domain.closed_lo else "(", ("]" if domain.closed_hi else ")")
    return f"{opening}{readable(domain.lo)}, {readable(domain.hi)}{closing}"


def right_side(step: Step) -> str:
    """The right side of a step in Unicode."""
    return plain(step.shown) if step.shown else readable(step.expr)


def readable(expr: sp.Basic | VectorForm) -> str:
    """SymPy's text of an expression, with its terms and factors in a reader's order: (a - y)*a*(1 - a)."""
    return Readable().doprint(expr)


def plain(latex: str) -> str:
    """LaTeX of the simple kind that steps show, in Unicode: ∂L/∂a · ∂a/∂z."""
    latex = NESTED.sub(lambda m: LOWERED.sub(lambda n: n[1].translate(SUBSCRIPTS), m[0]), latex)
    while match := FRACTION.search(latex):
        above, below = (_closed(part) for part in match.groups())
        latex = latex[: match.start()] + f"{above}/{below}" + latex[match.end() :]
    latex = BARRED.sub(lambda m: plain(m[1]) + OVERLINE, latex)
    latex = latex.replace(r"\left(", " (").replace("^2", "²")
    latex = re.sub(r"\\(?:text|mathrm|mathbf)\{([^{}]*)\}", r"\1", latex).replace("^{2}", "²")
    latex = COMMAND.sub(lambda m: UNICODE.get(m[1], m[1]), latex)
    latex = re.sub(r"\^\{\((\d+)\)\}", lambda m: raised(m[1]), latex)
    latex = re.sub(r"_\{(\w+)\}", r"_\1", latex).replace("∂² ", "∂²")
    return re.sub(r" +", " ", re.sub(r"\^\{([′ᵀ])\}", r"\1", latex)).strip()


def raised(number: str) -> str:
    """The number of a stage as a superscript: ⁽²⁾."""
    return f"({number})".translate(RAISED) if number else ""


def _closed(part: str) -> str:
    return f"({part})" if re.search(r" [+-] ", part) else part


VECTORS = Signs(
    ones="1",
    unit="e_{}",
    identity="I",
    diagonal="diag",
    top="{}ᵀ",
    square="‖{}‖²",
    norm="‖{}‖_F²",
    times=" ⊙ ",
    power="{}**{}",
    space=" ",
    tight=False,
)


class Readable(VectorNotation, StrPrinter):
    """SymPy text of formulas, with the signs of vector notation."""

    signs = VECTORS

    def _enclosed(self, text: str, expr: Expr) -> str:
        return f"({text})"

    def _multiple_text(self, scalar: str, vector: str) -> str:
        return super()._multiple_text(f"({scalar})" if "/" in outside(scalar) else scalar, vector)

    def _marked(self, text: str) -> str:
        return text

    def _fraction(self, above: str, below: str) -> str:
        return "/".join(f"({t})" if " " in outside(t) or "/" in outside(t) else t for t in (above, below))

    def _print(self, expr, **kwargs):
        # Indexed and its base bring their own text along, which would come before ours.
        if isinstance(expr, sp.IndexedBase):
            return self._print_IndexedBase(expr)
        return self._indexed(expr) if isinstance(expr, sp.Indexed) else super()._print(expr, **kwargs)

    def _print_Add(self, expr, order=None):
        first, *rest = shape.ordered_terms(expr)
        return self._term(first, "-", "") + "".join(self._term(t, " - ", " + ") for t in rest)

    def _term(self, term: Expr, minus: str, plus: str) -> str:
        sign = minus if shape.is_negative(term) else plus
        bare = shape.without_sign(term)
        return sign + self._closed(bare, bare.is_Add and sign != "")

    def _print_Mul(self, expr):
        if is_vector(expr) or is_matrix(expr):
            return self._vector_product(expr)
        whole = shape.quotient(expr)
        below = self._product(whole.q, whole.denominator, closed=True)
        above = self._product(whole.p, whole.numerator, closed=whole.negative or below != "1")
        many = len(whole.denominator) + (whole.q > 1) > 1
        sign = "-" if whole.negative else ""
        return f"{sign}{above}" + ("" if below == "1" else f"/({below})" if many else f"/{below}")

    def _product(self, number: int, found, *, closed: bool) -> str:
        front = [str(number)] if number != 1 or not found else []
        alone = not front and len(found) == 1 and not closed
        return "*".join(front + [self._closed(f, not alone, last=f is found[-1]) for f in found])

    def _closed(self, expr: Expr, closed: bool, *, last: bool = True) -> str:
        text = self._print(expr)
        opens = expr.is_Add or text.startswith("-") or _is_fraction(expr) or is_open_total(expr)
        opens |= expr.has(sp.Sum) and not last
        return f"({text})" if closed and opens else text

    def _print_Pow(self, expr, rational=False):
        if expr.exp.is_Rational and expr.exp.is_negative:
            return self._print_Mul(expr)
        if is_matrix(expr) and expr.exp.is_Integer:
            return self._matrix_power(expr)
        if expr.exp == sp.S.Half:
            return f"sqrt({self._print(expr.base)})"
        base, exponent = (self.parenthesize(part, PRECEDENCE["Pow"]) for part in (expr.base, expr.exp))
        return f"({base})**{exponent}" if isinstance(expr.base, sp.Sum) else f"{base}**{exponent}"

    def _print_AppliedUndef(self, expr):
        index = f"_{self._print(shape.index(expr))} " if shape.is_argmax(expr) else ""
        return f"{type(expr).__name__}{index}({self.stringify(expr.args, ', ')})"

    def _print_Function(self, expr):
        seen = shape.unfold(expr) if isinstance(expr, HeadFunction) else expr
        if seen is not expr:
            return self._print(seen)
        name = type(expr).__name__
        return f"{HEAD_NAMES.get(name, name)}({self.stringify(shape.arguments(expr), ', ')})"

    def _print_Infinity(self, expr):
        return "∞"

    def _print_NegativeInfinity(self, expr):
        return "-∞"

    def _print_Exp1(self, expr):
        return "e"

    def _print_exp(self, expr):
        return "1/e" if expr.args[0] == -1 else self._print_Function(expr)

    def _print_Symbol(self, expr):
        letter, number, barred = marks_of(expr.name)
        if letter != expr.name:
            return self._print(sp.Symbol(letter)) + OVERLINE * barred + raised(number)
        stem, below, rest = expr.name.partition("_")
        return LETTERS.get(expr.name) or LETTERS.get(stem, stem) + below + rest

    def _print_Piecewise(self, expr):
        rows = []
        for n, (value, condition) in enumerate(expr.args):
            seen = shape.completed(condition, [c for _, c in expr.args[:n]])
            words = "otherwise" if seen == sp.true else f"if {self._print(seen)}"
            rows.append(f"{self._print(value)} {words}")
        return "{ " + "; ".join(rows) + " }"

    def _print_Relational(self, expr):
        expr = shape.ahead(expr)
        seen = expr.reversed if shape.is_fixed(expr.lhs) and not shape.is_fixed(expr.rhs) else expr
        sign = {"==": "=", ">=": "≥", "<=": "≤", "!=": "≠"}.get(seen.rel_op, seen.rel_op)
        return f"{self._print(seen.lhs)} {sign} {self._print(seen.rhs)}"

    def _print_And(self, expr):
        return " and ".join(self._print(c) for c in sorted(expr.args, key=shape.size))

    def _print_Abs(self, expr):
        return f"|{self._print(*shape.arguments(expr))}|"

    def _indexed(self, expr: sp.Indexed) -> str:
        return f"{self._print(expr.base.label)}_{''.join(map(self._index, expr.indices))}"

    def _index(self, index: Expr) -> str:
        """An index, its number below it: h₂."""
        text = self._print(index)
        return text[0] + text[1:].translate(SUBSCRIPTS) if text[0].isalpha() and text[1:].isdigit() else text

    def _print_KroneckerDelta(self, expr):
        return f"δ_{''.join(self._print(i) for i in expr.args[:2])}"

    def _print_factorial(self, expr):
        text = self._print(expr.args[0])
        return f"{text}!" if expr.args[0].is_Atom or isinstance(expr.args[0], sp.Indexed) else f"({text})!"

    def _print_Product(self, expr):
        products = [f"∏_{self._print(index)}" for index, _, _ in reversed(expr.limits)]
        return " ".join([*products, self._closed(expr.function, True)])

    def _print_Sum(self, expr):
        if shape.is_negative(expr):
            return "-" + self._print(shape.without_sign(expr))
        sums = [f"Σ_{self._index(index)}" for index, _, _ in reversed(expr.limits)]
        return " ".join([*sums, self._closed(expr.function, True)])


def _is_fraction(expr: Expr) -> bool:
    return bool(expr.is_Mul and (shape.quotient(expr).denominator or shape.quotient(expr).q > 1))
