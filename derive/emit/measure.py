"""How wide a formula will be, in em, well enough to decide where it must be broken."""

import re
from math import ceil

TOKEN = re.compile(r"\\[A-Za-z]+|\\.|[{}^_&]|\d|[A-Za-z]|[^\s]")
# Widths in Computer Modern, rounded up.
WIDTHS = {
    r"\,": 0.17, r"\quad": 1.0, r"\qquad": 2.0, r"\cdot": 0.8, r"\sum": 1.5, r"\left": 0.1, r"\right": 0.1,
    r"\le": 1.4, r"\ge": 1.4, r"\ne": 1.4, r"\lvert": 0.3, r"\rvert": 0.3, r"\partial": 0.6, r"\bigl": 0.1,
    r"\bigr": 0.1, "=": 1.4, "<": 1.4, ">": 1.4, "+": 1.3, "-": 1.3, "(": 0.4, ")": 0.4, ",": 0.45,
    "\\\\": 0.0, "&": 1.0,
}  # fmt: skip
# A table that holds no other.
TABLE = re.compile(r"\\begin\{(cases|aligned)\}((?:(?!\\begin).)*?)\\end\{\1\}", re.DOTALL)
SPELLED = ("log", "exp", "sin", "cos", "tanh", "cosh", "sinh", "arctan", "max", "min")  # commands for words
LETTER, NAME_LETTER, SCRIPT = 0.58, 0.53, 0.72
STRUT = 0.24  # what the bar of a fraction sticks out, and the gap around it


def width(latex: str) -> float:
    """The width of a formula in em; a table of cases is as wide as its widest row."""
    while table := TABLE.search(latex):
        rows = max(width(row) for row in table[2].split(r"\\"))
        latex = latex[: table.start()] + r"\quad" * ceil(rows + 1) + latex[table.end() :]
    tokens = TOKEN.findall(latex)
    total = 0.0
    while tokens:
        total += _next(tokens)
    return total


def _next(tokens: list[str]) -> float:
    """The width of the first token with its arguments, which it takes off the list."""
    token = tokens.pop(0)
    if token == "{":
        return _group(tokens)
    if token == r"\frac":
        return STRUT + max(_next(tokens), _next(tokens))
    if token in "^_":
        return SCRIPT * _next(tokens) if tokens else 0.0
    if token in (r"\text", r"\mathrm"):
        return _words(tokens)
    if token == r"\boxed":
        return 0.8 + _next(tokens)
    if token == r"\sqrt":
        return 0.9 + _next(tokens)
    return WIDTHS.get(token, NAME_LETTER * len(token) if token[1:] in SPELLED else LETTER)


def _group(tokens: list[str]) -> float:
    total = 0.0
    while tokens and tokens[0] != "}":
        total += _next(tokens)
    if tokens:
        tokens.pop(0)
    return total


def _words(tokens: list[str]) -> float:
    """The width of a group of upright letters; the blanks of the text are counted as a tenth."""
    letters = 0
    while tokens and tokens[0] != "}":
        letters += 1
        tokens.pop(0)
    if tokens:
        tokens.pop(0)
    return NAME_LETTER * letters * 1.1


MARKS = re.compile(r"\\begin|\\end|\\[A-Za-z]+|\\.|[{}()]| [+-] ")
OPENING = re.compile(r"(\\left|\\bigl)$")
CLOSING = re.compile(r"(\\right|\\bigr)$")


def terms(latex: str) -> list[str]:
    """The terms of a sum, each but the first with its sign, split outside of all brackets."""
    found, depth, start = [], 0, 0
    for match in MARKS.finditer(latex):
        text = match[0]
        depth += (text in ("{", "(", r"\begin")) - (text in ("}", ")", r"\end"))
        if depth == 0 and text in (" + ", " - "):
            found.append(latex[start : match.start()])
            start = match.start() + 1
    return [*found, latex[start:]]


def brackets(latex: str) -> list[tuple[str, str, str]]:
    """For each outermost pair of round brackets what stands before, between and behind it."""
    found, depth, start = [], 0, 0
    for match in MARKS.finditer(latex):
        text = match[0]
        if depth == 0 and text == "(":
            start = match.end()
        depth += (text in ("{", "(", r"\begin")) - (text in ("}", ")", r"\end"))
        if depth == 0 and text == ")":
            before, inner = latex[: start - 1], latex[start : match.start()]
            found.append((OPENING.sub("", before), CLOSING.sub("", inner), latex[match.end() :]))
    return found
