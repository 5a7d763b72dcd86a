"""The page of some answers, once for every markup: what is given, the verdicts, then claim by claim."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import sympy as sp

from derive import heads
from derive.emit.display import (
    WIDE,
    Numbered,
    aligned,
    broken,
    chain,
    formula,
    grouped,
    has_room,
    meaning,
    right_side,
    room,
)
from derive.emit.letters import letters_of
from derive.emit.places import legend, parameter, parameters, places
from derive.emit.printer import latex_of
from derive.emit.prose import Write, as_sentence, math
from derive.emit.signs import notation_of
from derive.model import VECTOR, Answer, Finding, Pair, Step, Subject, Table, Witness, entries

FIGURE = "why_{}.svg"  # the file of a figure beside the page
TALL_LEFT = re.compile(r" \\\\\n(?=[^&\n]*\\frac[^&\n]*&)")  # the end of a row above a fraction at the left
MOST = 8  # lines of a display that is made of several quantities
DIGITS = 4  # of what an exact number is about


@dataclass(frozen=True, kw_only=True)
class Markup:
    """How a language writes the parts of a page, its lines `line` em wide.

    `prose` takes sentences with formulas in Unicode.
    """

    line: float
    heading: Write
    prose: Write
    formula: Write
    strong: Write
    emphasis: Write
    paragraph: Write
    display: Write
    steps: Callable[[list[Numbered]], list[str]]
    table: Callable[[tuple[str, ...], list[list[str]]], str]
    figure: Callable[[str, str], list[str]]


def sections(answers: Sequence[Answer], markup: Markup) -> list[str]:
    """The paragraphs of every answer, each below its heading."""
    return [part for answer in answers for part in (markup.heading(answer.title), *section(answer, markup))]


def section(answer: Answer, markup: Markup) -> list[str]:
    """The question, the findings with their steps, the tables and the figures of an answer."""
    return [
        markup.paragraph(markup.emphasis(markup.prose(answer.question))),
        *(part for finding in answer.findings for part in _finding(finding, markup)),
        *(part for table in answer.tables for part in _table(table, markup)),
        *(part for name in answer.figures for part in markup.figure(name, answer.title)),
    ]


def _finding(finding: Finding, markup: Markup) -> list[str]:
    groups = joined(grouped(finding.steps), markup.line)
    steps = [part for group in groups for part in markup.steps(group)]
    return [markup.paragraph(verdict(finding, markup)), *steps]


def joined(groups: Sequence[list[Numbered]], line: float) -> list[list[Numbered]]:
    """Groups that follow one another as one, as long as all steps fit beside their reasons."""
    found: list[list[Numbered]] = []
    for group in groups:
        if found and len(found[-1]) + len(group) <= MOST and has_room([*found[-1], *group], line):
            found[-1] = [*found[-1], *group]
        else:
            found.append(list(group))
    return found


def chained(group: list[Numbered], line: float) -> str:
    """The display of a group, its fractions at the left apart from what stands above them."""
    return TALL_LEFT.sub(r" \\\\[6pt]\n", chain(group, line))


def verdict(finding: Finding, markup: Markup) -> str:
    """One paragraph: the verdict in a word, the sentence, the number or the witness, and how it is known."""
    parts = [f"{markup.strong(word(finding))} {markup.prose(as_sentence(finding.says))}"]
    if finding.witness is not None:
        parts.append(witness(finding.witness, markup.formula))
    parts.append(markup.emphasis(markup.prose(as_sentence(finding.how))))
    return " ".join(parts)


def word(finding: Finding) -> str:
    """The verdict in a word, as a sentence begins."""
    return f"{finding.outcome.capitalize()}:"


def witness(found: Witness, formula: Write) -> str:
    """The sentence of a witness: where it lies, and what the quantity is there."""
    places = [formula(f"{name_of(name)} = {flat(value)}") for name, value in found.at]
    where = f"At {', '.join(places)}: " if places else ""
    return f"{where}{formula(f'{found.quantity.latex} = {number(found.value)}')}."


def name_of(letter: str) -> str:
    """A letter of a witness in LaTeX, as the printer writes the symbol of that name."""
    return latex_of(sp.Symbol(letter, real=True)) if letter.isascii() else math(letter)


def number(value: sp.Expr) -> str:
    """An exact number in LaTeX, about what it is where that is not plain, and that it is negative."""
    exact = flat(value)
    about = "" if plain(value) else rf" \approx {latex_of(approximate(value))}"
    return exact + about + (" < 0" if negative(value) else "")


def flat(value: sp.Expr) -> str:
    """An expression in LaTeX for a line of words, a fraction of numbers on that line."""
    return f"{value.p}/{value.q}" if value.is_Rational and value.q > 1 else latex_of(value)


def plain(value: sp.Expr) -> bool:
    """Whether a reader sees how large an exact value is."""
    return not value.is_number or value.is_infinite is True or bool(value.is_Rational and value.q < 10_000)


def negative(value: sp.Expr) -> bool:
    """Whether an exact number is below 0."""
    return bool(value.is_number and heads.plain(value).is_negative)


def approximate(value: sp.Expr) -> sp.Float:
    """A few digits of an exact number."""
    return sp.Float(sp.N(heads.plain(value), DIGITS + 4), DIGITS)


def _table(table: Table, markup: Markup) -> list[str]:
    head = tuple(markup.prose(title) for title in table.head)
    rows = [[cell(value, markup) for value in row] for row in table.rows]
    return [markup.paragraph(markup.prose(as_sentence(table.title))), markup.table(head, rows)]


def cell(value: sp.Expr | str, markup: Markup) -> str:
    """A cell: an expression as a formula, or prose."""
    return markup.prose(value) if isinstance(value, str) else markup.formula(flat(value))


# What is given.


def with_capital(text: str) -> str:
    """A sentence that begins as one."""
    return text[0].upper() + text[1:]


def given(subject: Subject | None, answers: Sequence[Answer], markup: Markup) -> list[str]:
    """The display of the entries' formulas and of the letters in all steps, and where everything lies."""
    if subject is None:
        return []
    steps = _steps(answers)
    act, _ = entries(subject)
    vector = subject.kind == VECTOR
    own = act.latex if act else ""
    rows = [*_formulas(subject), *map(meaning, letters_of(steps, own=own, vector=vector))]
    return [markup.display(aligned(rows)), f"{with_capital('; '.join(_places(subject, steps, markup)))}."]


def given_of(pairs: Sequence[Pair], answers: Sequence[Answer], markup: Markup) -> list[str]:
    """The display of an activation, of several losses behind it, and of the letters in all steps."""
    act = pairs[0].activation
    rows = [formula(act), *(rf"{formula(p.loss)} && \text{{{p.loss.title}}}" for p in pairs)]
    rows += map(meaning, letters_of(_steps(answers), own=act.latex))
    return [markup.display(aligned(rows))]


def _steps(answers: Sequence[Answer]) -> list[Step]:
    return [step for answer in answers for finding in answer.findings for step in finding.steps]


def _places(subject: Subject, steps: Sequence[Step], markup: Markup) -> list[str]:
    """Where the letters lie, what the signs mean, the parameters."""
    rows = [f"{name} {where}" for _, found in places(subject, markup.formula) for name, where in found]
    rows += [*legend(subject, markup.formula), *map(markup.prose, notation_of(steps))]
    return rows + [parameter(p, markup.formula) for p in parameters(subject)]


def _formulas(subject: Subject) -> list[str]:
    if subject.kind != VECTOR:
        return [formula(row) for row in entries(subject) if row is not None]
    from derive.derivation.vectors.given import given as stated
    from derive.derivation.vectors.steps import work

    return [row for group in grouped(stated(work(subject))) for n in group for row in _stated(n, group)]


def _stated(n: Numbered, group: list[Numbered]) -> list[str]:
    """A definition on as many lines as it needs."""
    first, *rest = broken(right_side(n.step), room(group, WIDE))
    return [f"{n.step.quantity.latex} &= {first}", *(rf"&\quad {{}} {line}" for line in rest)]
