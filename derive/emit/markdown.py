"""A derivation as a Markdown page for GitHub, formulas in `math` fences."""

import re
from collections.abc import Sequence

from derive.emit.display import WIDE, Numbered, chain, definitions, entries, parted
from derive.emit.guards import condition_latex
from derive.emit.places import legend, parameter, parameters, places
from derive.emit.prose import as_sentence, typeset
from derive.emit.signs import notation
from derive.emit.words import inferred, titled
from derive.model import Derivation, Pair

CODE = "$`{}`$"  # between $` and `$ GitHub loses no backslash
SPECIAL = re.compile(r"([\\`*_<>|~\[\]])")


def page(
    derivation: Derivation,
    *,
    figure: str | None = None,
    extra: Sequence[str] = (),
    beside: Sequence[str] = (),
) -> str:
    """The page of a subject: what comes out, every step with its sentence and proof, conventions, files.

    `figure` is the path of its figure; `extra` are paragraphs of Markdown that follow the steps, `beside`
    lines about more files.
    """
    picture = [f"![Loss and gradient over z]({figure})"] if figure else []
    parts = [f"# {title(derivation)}", *_given(derivation), *picture, *_derivation(derivation), *extra]
    return "\n\n".join([*parts, *_facts(derivation), *_sources(derivation), *_files(figure, beside)]) + "\n"


def title(derivation: Derivation) -> str:
    """The name of the subject in words."""
    return titled(derivation.subject)


def fence(latex: str) -> str:
    """A display that GitHub leaves unescaped."""
    return f"```math\n{latex}\n```"


def markdown_of_prose(text: str) -> str:
    """A sentence as Markdown, its formulas as mathematics."""
    return typeset(text, lambda words: SPECIAL.sub(r"\\\1", words), CODE.format)


def _given(derivation: Derivation) -> list[str]:
    """What is given and what steps define, in front of the derivation."""
    given = definitions(derivation)
    return [*_displays(parted(derivation)[0]), *([fence(given)] if given else [])]


def _derivation(derivation: Derivation) -> list[str]:
    return ["## Derivation", *_displays(parted(derivation)[1])]


def _displays(groups: list[list[Numbered]]) -> list[str]:
    """The displays of some chains, each with its sentences."""
    return [part for group in groups for part in (fence(chain(group, WIDE)), says(group))]


def says(group: list[Numbered]) -> str:
    """The sentence of every step, with its proof."""
    rows = [f"({n.number}) {markdown_of_prose(as_sentence(n.step.says))} *{n.step.proof}*" for n in group]
    return "  \n".join(rows)


def _facts(derivation: Derivation) -> list[str]:
    """The table of domains, parameters, conventions and assumptions."""
    subject = derivation.subject
    warning = subject.warning if isinstance(subject, Pair) else ""
    rows = [place for _, found in places(subject, CODE.format) for place in found]
    rows += [("signs", text) for text in legend(subject, CODE.format)]
    rows += [("signs", markdown_of_prose(text)) for text in notation(derivation)]
    rows += [(f"parameter `{p.name}`", parameter(p, CODE.format)) for p in parameters(subject)]
    rows += [("condition", only)] if (only := condition_latex(subject, CODE.format)) else []
    rows += [("convention", markdown_of_prose(text)) for text in derivation.conventions]
    rows += [("assumption", markdown_of_prose(text)) for text in derivation.assumptions]
    rows += [("inferred", markdown_of_prose(text)) for text in inferred(subject)]
    rows += [("warning", markdown_of_prose(warning))] if warning else []
    table = ["| what | which |", "|---|---|", *(f"| {name} | {text} |" for name, text in rows)]
    return ["## Domains and conventions", "\n".join(table)]


def _sources(derivation: Derivation) -> list[str]:
    rows = [f"- {row.title}: {row.source}" for row in entries(derivation.subject)]
    return ["## Sources", "\n".join(rows)]


def _files(figure: str | None, beside: Sequence[str]) -> list[str]:
    rows = ["- [derivation.tex](derivation.tex): the derivation as a LaTeX document"]
    rows += ["- [gradient.py](gradient.py): the code, NumPy; run as a script it checks itself"]
    rows += [f"- [{figure}]({figure}): loss and gradient over z"] if figure else []
    return ["## Files", "\n".join([*rows, *beside])]
