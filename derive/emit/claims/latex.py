"""Answers as LaTeX: a block for any article that loads amsmath and amssymb, and a document of its own."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from derive.emit import latex
from derive.emit.claims.page import FIGURE, Markup, chained, given, given_of, section, sections, word
from derive.emit.claims.tabular import table
from derive.emit.display import NARROW, WIDE, Numbered, display
from derive.emit.latex import FORMULA, LEGEND, PREAMBLE, VECTOR_LEGEND, items, reasons, source, unsaid
from derive.emit.prose import as_sentence, escape, latex_of_prose
from derive.emit.words import titled
from derive.model import VECTOR, Answer, Pair, Subject, entries

HEAD = ("Question", "Verdict", "In a sentence")
# A figure is set where it was written as PDF beside the document, and else named.
PICTURE = r"""\IfFileExists{%(stem)s.pdf}
  {\begin{center}\includegraphics[scale=0.75]{%(stem)s.pdf}\end{center}}
  {Figure: \texttt{%(name)s}.\par}"""


def block(subject: Subject | None, answers: Sequence[Answer]) -> str:
    """The answers for any article: what is given, then a paragraph a claim."""
    parts = [*given(subject, answers, BLOCK), *sections(answers, BLOCK), r"\par"]
    return "\n".join(parts) + "\n"


def document(subject: Subject | None, answers: Sequence[Answer], folder: str = "") -> str:
    """The complete document: what is given, the table of verdicts, every claim, proofs and sources."""
    title = escape(f"{titled(subject)}: why" if subject else answers[0].title)
    legend = VECTOR_LEGEND if subject and subject.kind == VECTOR else LEGEND
    markup = _with_figures(folder)
    body = given(subject, answers, markup)
    body += [verdicts(answers)] if len(answers) > 1 else []
    body += [legend, *sections(answers, markup), *_remarks(subject, answers)]
    return _whole(title, body)


def comparison(pairs: Sequence[Pair], answer: Answer, standalone: bool, folder: str = "") -> str:
    """A comparison as a document, or for any article."""
    markup = _with_figures(folder) if standalone else BLOCK
    parts = [*given_of(pairs, (answer,), markup), *section(answer, markup)]
    if not standalone:
        return "\n".join([*parts, r"\par"]) + "\n"
    return _whole(escape(answer.title), [LEGEND, *parts, *_remarks(None, (answer,))])


def _whole(title: str, body: Sequence[str]) -> str:
    """A document from its parts."""
    top = [PREAMBLE + "\\usepackage{graphicx}\n", r"\begin{document}"]
    top.append(rf"\begin{{center}}\LARGE {title}\end{{center}}")
    return "\n".join([*top, *body, r"\end{document}"]) + "\n"


def summary(answers: Sequence[Answer]) -> list[str]:
    """The verdicts as remarks, for the document of a derivation."""
    rows = [rf"\emph{{{word(a.findings[0])}}} {_sentence(a)}" for a in answers]
    return [r"\section*{Why this loss}", *items(rows)] if rows else []


def verdicts(answers: Sequence[Answer]) -> str:
    """The table of verdicts, one line a claim."""
    return table(HEAD, [[escape(a.title), a.outcome, _sentence(a)] for a in answers], WIDE)


def _sentence(answer: Answer) -> str:
    return latex_of_prose(as_sentence(answer.findings[0].says))


def _remarks(subject: Subject | None, answers: Sequence[Answer]) -> list[str]:
    proofs = [step.proof for a in answers for finding in a.findings for step in finding.steps]
    parts = [
        ("Proofs", latex.proofs_of(proofs, bool(subject and subject.kind == VECTOR)) if proofs else []),
        ("Sources", [source(row) for row in entries(subject) if row is not None] if subject else []),
    ]
    return [text for heading, rows in parts if rows for text in (rf"\section*{{{heading}}}", *items(rows))]


def _document_steps(group: list[Numbered]) -> list[str]:
    return [display(chained(group, WIDE)), reasons(group)]


def _picture(name: str, heading: str, folder: str = "") -> list[str]:
    file = folder + FIGURE.format(name)
    return [PICTURE % {"stem": file.removesuffix(".svg"), "name": escape(file)}]


def _with_figures(folder: str) -> Markup:
    """How a document is written whose figures are in a folder: '' beside it, else with a slash at the end."""
    return replace(DOCUMENT, figure=partial(_picture, folder=folder))


BLOCK = Markup(
    line=NARROW,
    heading=lambda text: rf"\paragraph{{{escape(text)}.}}",
    prose=latex_of_prose,
    formula=FORMULA,
    strong=r"\textbf{{{}}}".format,
    emphasis=r"\emph{{{}}}".format,
    paragraph=r"\par\smallskip\noindent {}".format,
    display=display,
    steps=lambda group: [display(chained(group, NARROW)), *unsaid(group)],
    table=partial(table, line=NARROW),
    figure=lambda name, heading: [],
)
DOCUMENT = replace(
    BLOCK,
    line=WIDE,
    heading=lambda text: rf"\section*{{{escape(text)}}}",
    paragraph=r"\par\medskip {}".format,
    steps=_document_steps,
    table=partial(table, line=WIDE),
    figure=_picture,
)
