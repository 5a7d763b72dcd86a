"""Answers as Markdown for GitHub: a page of their own, and the table of verdicts for the page of a pair."""

import re
from collections.abc import Sequence
from dataclasses import replace

from derive.emit.claims.page import FIGURE, Markup, chained, given, given_of, section, sections
from derive.emit.display import WIDE, Numbered
from derive.emit.markdown import CODE, fence, markdown_of_prose, says
from derive.emit.prose import as_sentence
from derive.emit.words import titled
from derive.model import Answer, Pair, Subject

PAGE = "why.md"
HEAD = ("question", "verdict", "in a sentence")


def page(subject: Subject | None, answers: Sequence[Answer], folder: str | None = "") -> str:
    """The page of a subject's answers, its figures beside it or in a folder."""
    markup = _with_figures(folder)
    title = f"{titled(subject)}: why" if subject else answers[0].title
    parts = [f"# {title}", *given(subject, answers, markup)]
    parts += [verdicts(answers)] if len(answers) > 1 else []
    return "\n\n".join([*parts, *sections(answers, markup)]) + "\n"


def comparison(pairs: Sequence[Pair], answer: Answer, folder: str | None = "") -> str:
    """The page of a comparison: the losses, and what is found of them."""
    markup = _with_figures(folder)
    parts = [f"# {answer.title}", *given_of(pairs, (answer,), markup), *section(answer, markup)]
    return "\n\n".join(parts) + "\n"


def _with_figures(folder: str | None) -> Markup:
    """How a page is written whose figures are in a folder: '' beside it, else with a slash at the end.

    None where there are no figures.
    """
    if folder is None:
        return replace(MARKUP, figure=lambda name, title: [])
    place = folder.replace(" ", "%20")
    return replace(MARKUP, figure=lambda name, title: [f"![{title}]({place}{FIGURE.format(name)})"])


def verdicts(answers: Sequence[Answer], where: str = "") -> str:
    """The table of verdicts, one line a claim, linked to the sections of the page `where`."""
    return table(HEAD, [_verdict(answer, where) for answer in answers])


def summary(answers: Sequence[Answer]) -> list[str]:
    """The paragraphs for the page of a pair: the verdicts, linked to the page that explains them."""
    return ["## Why this loss", verdicts(answers, PAGE)] if answers else []


def files(answers: Sequence[Answer]) -> list[str]:
    """The lines about the files of a pair's answers."""
    pictures = [(FIGURE.format(name), answer.title) for answer in answers for name in answer.figures]
    rows = [f"- [{PAGE}]({PAGE}): the questions behind the pair, each with its verdict and its proof"]
    rows += ["- [why.tex](why.tex): the same as a LaTeX document", "- [why.json](why.json): and as data"]
    return rows + [f"- [{file}]({file}): {words[0].lower()}{words[1:]}" for file, words in pictures]


def _verdict(answer: Answer, where: str) -> list[str]:
    says = markdown_of_prose(as_sentence(answer.findings[0].says))
    return [f"[{answer.title}]({where}#{anchor(answer.title)})", f"**{answer.outcome}**", says]


def anchor(heading: str) -> str:
    """What GitHub calls a heading in an address."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table; a bar within a cell does not end it."""
    cells = [head, ["---"] * len(head), *rows]
    lines = [[text.replace("|", r"\|") for text in line] for line in cells]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _steps(group: list[Numbered]) -> list[str]:
    return [fence(chained(group, WIDE)), says(group)]


MARKUP = Markup(
    line=WIDE,
    heading="## {}".format,
    prose=markdown_of_prose,
    formula=CODE.format,
    strong="**{}**".format,
    emphasis="*{}*".format,
    paragraph="{}".format,
    display=fence,
    steps=_steps,
    table=table,
    figure=lambda name, heading: [f"![{heading}]({FIGURE.format(name)})"],
)
