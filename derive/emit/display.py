"""The displays of a derivation: what is given, and chains of numbered steps, one for each quantity."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, takewhile

from derive.emit.letters import Letter, letters
from derive.emit.measure import brackets, terms, width
from derive.emit.printer import TALL, latex_of
from derive.emit.prose import escape, typeset
from derive.model import Activation, Derivation, Loss, Pair, Step, Subject

# Lines in em: of LaTeX's article (345 pt of 10 pt type), and of our document and a page on GitHub.
NARROW, WIDE = 34.0, 41.0
CONDITION = re.compile(r"& (?=\\text\{(?:if |otherwise))")
# A fraction with what stands before and behind it; its parts hold braces three deep.
_GROUP = r"\{((?:[^{}]|\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\})*)\}"
CASES = re.compile(r"(.*)\\begin\{cases\}(.*)\\end\{cases\}(.*)")
ROW_END = re.compile(r"( \\\\(?:\[\d+pt\])? )")
BRACKET = re.compile(r"(\\left\(|\\right\))")
FRACTION = re.compile(rf"([-+]? ?)\\frac{_GROUP}{_GROUP}(.*)")
TOGETHER = ("definition", "vector notation")
LAYER = "weights"
# What stands between the two sides of a step; of an inequality and of what is like, nothing is boxed.
RELATIONS = {"=": "=", "≤": r"\le", "≥": r"\ge", "<": "<", ">": ">", "→": r"\to", "∼": r"\sim"}
BOXED = ("=", "→")
GAP = 1.4  # em; what `aligned` puts in front of a reason


@dataclass(frozen=True, kw_only=True)
class Numbered:
    """A step with its number."""

    number: int
    step: Step


# Displays.


def blocks(derivation: Derivation) -> tuple[str, ...]:
    """The displays of a derivation, without delimiters: what is given, then a chain for each quantity."""
    given = definitions(derivation)
    return (*([given] if given else []), *(chain(group, WIDE) for group in chains(derivation)))


def chains(derivation: Derivation) -> list[list[Numbered]]:
    """The numbered steps, those that stand in one display together."""
    return grouped(derivation.steps)


def grouped(steps: Sequence[Step]) -> list[list[Numbered]]:
    """Steps with their numbers, those that stand in one display together."""
    numbered = [Numbered(number=n, step=s) for n, s in enumerate(steps, 1)]
    return [list(group) for _, group in groupby(numbered, key=lambda n: _shared(n.step))]


def _shared(step: Step) -> str:
    """What the steps of one display share: their quantity, or for short ones the kind of step."""
    if step.rule in TOGETHER:
        return step.rule
    return LAYER if step.quantity.name in ("dL/dw", "dL/db") else step.quantity.name


def parted(derivation: Derivation) -> tuple[list[list[Numbered]], list[list[Numbered]]]:
    """The displays that state what is given, and the others, in which a letter may be defined on the way."""
    groups = chains(derivation)
    given = list(takewhile(lambda group: group[0].step.rule == "definition", groups))
    return given, groups[len(given) :]


def chain(group: list[Numbered], line: float) -> str:
    """The steps of one display, each quantity with its left side once, on such lines."""
    said = has_room(group, line)
    rows = []
    before = None
    for n in group:
        left = n.step.quantity.latex if n.step.quantity != before else ""
        before = n.step.quantity
        why = reason(f"({n.number}) {n.step.rule}" if said else f"({n.number})")
        lines = broken(right_side(n.step), room(group, line) - width(why))
        rows += _row(f"{left} &{RELATIONS[n.step.relation]}", lines, why)
    return aligned(rows)


def room(group: list[Numbered], line: float) -> float:
    """The em that a line leaves for a right side and its reason."""
    return line - GAP - max(width(relating(n.step)) for n in group)


def relating(step: Step) -> str:
    """The left side of a step and its relation to the right one."""
    return f"{step.quantity.latex} {RELATIONS[step.relation]}"


def has_room(group: list[Numbered], line: float) -> bool:
    """Whether the reasons fit beside the steps."""
    reasons = max(width(reason(f"({n.number}) {n.step.rule}")) for n in group)
    return max(width(right_side(n.step)) for n in group) + reasons <= room(group, line)


def _row(left: str, lines: list[str], why: str) -> list[str]:
    first, *rest = [f"{left} {lines[0]}".strip(), *(rf"&\quad {{}} {line}" for line in lines[1:])]
    return [f"{first} && {why}", *rest]


def reason(words: str) -> str:
    """The words of a reason within a display, their formulas as such."""
    return typeset(words, lambda w: rf"\text{{{escape(w)}}}", " {} ".format).strip()


def aligned(rows: list[str]) -> str:
    """The rows as one `aligned` environment."""
    return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"


def right_side(step: Step) -> str:
    """The right side of a step, boxed where it is a result."""
    text = step.shown or latex_of(step.expr)
    return rf"\boxed{{{text}}}" if step.result and step.relation in BOXED else text


def broken(text: str, wide: float) -> list[str]:
    """The right side in lines no wider than `wide`: broken before a sign outside of all brackets.

    Where cases are too wide, their conditions move below them.
    """
    if width(text) <= wide:
        return [text]
    if text.startswith(r"\boxed{"):
        lines = broken(text[len(r"\boxed{") : -1], wide - 1)
        return [rf"\boxed{{{lines[0]}}}"] if len(lines) == 1 else [_boxed(lines)]
    lines = [line for row in _filled(terms(text), wide - 1) for line in _within(row, wide - 1)]
    return [line if width(line) <= wide else _cases(line, wide) for line in lines]


def _cases(line: str, wide: float) -> str:
    """A line with its conditions below their cases, and those that are still too wide broken themselves."""
    line = CONDITION.sub(r"\\\\ \\quad ", line)
    table = CASES.fullmatch(line)
    if width(line) <= wide or not table:
        return line
    before, rows, behind = table.groups()
    room = wide - width(f"{before}{behind}") - 2
    cases = [row if row.startswith(r"\quad") else _deep(row, room) for row in ROW_END.split(rows.strip())]
    return before + r"\begin{cases} " + "".join(cases) + r" \end{cases}" + behind


def _deep(row: str, wide: float) -> str:
    """A row of a table on as many lines as it needs; the end of a row as it is."""
    return row if ROW_END.fullmatch(row) else r" \\ \quad {} ".join(broken(row, wide))


def _filled(parts: list[str], wide: float) -> list[str]:
    """The parts on as few lines as hold them."""
    lines = [""]
    for part in parts:
        longer = f"{lines[-1]} {part}".strip()
        if lines[-1] and width(longer) > wide:
            lines.append(part)
        else:
            lines[-1] = longer
    return lines


def _within(line: str, wide: float) -> list[str]:
    """A line that is too wide broken within its widest brackets, which then have a size of their own."""
    if width(line) <= wide:
        return [line]
    if (fraction := FRACTION.fullmatch(line)) and fraction[2] != "1":
        sign, above, below, rest = fraction.groups()
        inner = f"({above})" if len(terms(above)) > 1 else above
        line = rf"{sign}\frac{{1}}{{{below}}}{inner}{rest}"
    choices = list(_choices(line))
    if not choices:
        return [line]
    before, inner, behind = max(choices, key=lambda group: width(group[1]))
    first, *rest = [part for term in terms(inner) for part in _within(term, wide)]
    size = "bigg" if TALL.search(inner) else "Big"
    parts = [rf"{before}\{size}l({first}", *rest]
    if width(parts[0]) > wide and before:  # a product is broken between its brackets
        parts[:1] = [*_factors(before), rf"\cdot \{size}l({first}"]
    parts[-1] += rf"\{size}r){behind}"
    return _filled(parts, wide)


def _factors(product: str) -> list[str]:
    """A product in parts that each end with an outermost bracket, all but the first with a dot in front."""
    parts, depth = [""], 0
    for piece in BRACKET.split(product):
        if piece == r"\left(" and depth == 0 and parts[-1].endswith(r"\right)"):
            parts.append(r"\cdot ")
        depth += (piece == r"\left(") - (piece == r"\right)")
        parts[-1] += piece
    return parts


def _choices(line: str) -> Iterator[tuple[str, str, str]]:
    """The brackets around sums, with what stands before and behind them; also those within a product."""
    for before, inner, behind in brackets(line):
        if len(terms(inner)) > 1:
            yield before, inner, behind
            continue
        for left, sum_, right in _choices(inner):
            yield rf"{before}\biggl({left}", sum_, rf"{right}\biggr){behind}"


def _boxed(lines: list[str]) -> str:
    rows = [f"& {lines[0]}", *(rf"& \quad {{}} {line}" for line in lines[1:])]
    return r"\boxed{\begin{aligned} " + r" \\ ".join(rows) + r" \end{aligned}}"


# What is given.


def entries(subject: Subject) -> tuple[Activation | Loss, ...]:
    """The activation and the loss of a pair, or the one entry that stands alone."""
    return (subject.activation, subject.loss) if isinstance(subject, Pair) else (subject,)


def definitions(derivation: Derivation) -> str:
    """The display of the formulas that are given and of the letters in them; '' where steps state them."""
    stated = any(step.rule == "definition" for step in derivation.steps)
    rows = [] if stated else [formula(row) for row in entries(derivation.subject)]
    rows += [meaning(letter) for letter in letters(derivation)]
    return aligned(rows) if rows else ""


def meaning(letter: Letter) -> str:
    """What a letter means, aligned at its equality sign: φ(z) &= e^(-z^2/2)/√(2π) = Φ'(z)."""
    slope = " = " + latex_of(letter.slope_of).replace("(", "'(", 1) if letter.slope_of else ""
    return f"{latex_of(letter.function)} &= {latex_of(letter.meaning)}{slope}"


def formula(row: Activation | Loss) -> str:
    """The formula of an entry, aligned at its equality sign: a &= σ(z) = 1/(1 + e^-z)."""
    right = latex_of(row.expr)
    if isinstance(row, Loss):
        return f"L &= {right}"
    name = f"{row.latex}(z)" if row.latex else ""
    return "a &= " + (f"{name} = {right}" if name and name != right else right)


def display(body: str) -> str:
    """A formula between the delimiters of a display."""
    return f"\\[\n{body}\n\\]"
