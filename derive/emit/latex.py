"""A derivation as LaTeX: a block for any article that loads amsmath, and a document of its own."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from derive.emit.display import (
    NARROW,
    WIDE,
    Numbered,
    blocks,
    chain,
    definitions,
    display,
    entries,
    has_room,
    parted,
)
from derive.emit.guards import condition_latex
from derive.emit.places import Place, legend, parameter, parameters, places
from derive.emit.prose import as_sentence, escape, latex_of_prose
from derive.emit.signs import notation
from derive.emit.words import inferred, introduced, titled
from derive.model import VECTOR, Activation, Derivation, Loss, Pair, Proof, Subject

__all__ = ["block", "blocks", "document", "sentence", "title"]

PREAMBLE = r"""\documentclass[11pt]{article}
\usepackage{amsmath,amssymb}
\usepackage[a4paper,margin=2.4cm]{geometry}
\setlength{\parindent}{0pt}
\setlength{\emergencystretch}{4em}
\newcommand{\known}[1]{\nobreak\hfill\penalty50\hskip1em\hbox{}\nobreak\hfill\hbox{\small\itshape #1}%
  {\parfillskip=0pt\par}}
\newenvironment{remarks}{\begin{itemize}\setlength{\itemsep}{2pt}\setlength{\parsep}{0pt}}{\end{itemize}}
"""

# The layer z = w^T x + b in front of an elementwise pair, over n samples.
BATCH = r"""For $n$ samples with a loss $L_{i}$ each, let the rows of $X$ be the $x_{i}^{\top}$, and let
$g$ and $h$ hold the $\partial L_{i}/\partial z_{i}$ and $\partial^{2} L_{i}/\partial z_{i}^{2}$.
The mean loss $\bar{L} = \frac{1}{n} \sum_{i=1}^{n} L_{i}$ of the layer $z_{i} = w^{\top} x_{i} + b$ has
\[
\nabla_{w} \bar{L} = \frac{1}{n}\,X^{\top} g, \qquad
\frac{\partial \bar{L}}{\partial b} = \frac{1}{n} \sum_{i=1}^{n} g_{i}, \qquad
\nabla_{w}^{2} \bar{L} = \frac{1}{n}\,X^{\top}\,\mathrm{diag}(h)\,X.
\]
"""
# The layer z = W x + b in front of a vector pair.
VECTOR_BATCH = r"""For $n$ samples $x_{1}, \ldots, x_{n}$ with the gradients $g_{i} = \nabla_{z} L_{i}$,
the mean loss $\bar{L} = \frac{1}{n} \sum_{i=1}^{n} L_{i}$ of the layer $z_{i} = W x_{i} + b$ has
\[
\nabla_{W} \bar{L} = \frac{1}{n} \sum_{i=1}^{n} g_{i}\,x_{i}^{\top} = \frac{1}{n}\,G^{\top} X, \qquad
\nabla_{b} \bar{L} = \frac{1}{n} \sum_{i=1}^{n} g_{i},
\]
where the rows of $G$ and $X$ are $g_{i}^{\top}$ and $x_{i}^{\top}$.
"""
FORMULA = "${}$".format
BREAKABLE = r".\\allowbreak "
DOTTED = re.compile(r"(?<=[a-z])\.(?=[A-Za-z])")
JOINED = re.compile(r"(?:[A-Za-z]+\\_){2,}[A-Za-z]+")  # names of three words or more
USUAL = "normal form"
LEGEND = f"Every step is proved by {USUAL}, unless marked."
VECTOR_LEGEND = f"Every step is proved by {USUAL}, for all $K$ at once, unless marked."
METHODS = {
    "normal form": "both sides are the same rational expression in algebraically independent functions",
    "derivative and one point": "both sides have the same derivative, by normal form, and agree at one point",
    "sampled": "the two sides agreed, in certified ball arithmetic, at all points that were tried; no proof",
    "none": "not known to hold",
    "real arithmetic": "decided for all real numbers by the solver z3, once both sides are polynomials",
    "ball arithmetic": "certified enclosures on intervals, and a stated bound beyond them",
    "rule": "a theorem that the step names",
    "leading terms": "the limits of the terms that dominate, for functions built from exponentials, "
    "logarithms and powers",
}
OF_SUMS = (
    r"both sides become the same sums of products for every $K$, with bound indices renamed, $\delta$ "
    "contracted and the relations of all letters used"
)


@dataclass(frozen=True, kw_only=True)
class Section:
    """A heading, and which chains of steps stand under it, told by the rule or the quantity's name."""

    heading: str
    holds: Callable[[Numbered], bool]


def _named(*starts: str, ends: tuple[str, ...] = ("",)) -> Callable[[Numbered], bool]:
    """Whether a quantity's name begins and ends so."""

    def test(first: Numbered) -> bool:
        name = first.step.quantity.name
        return name.startswith(starts) and name.endswith(ends)

    return test


DEFINITIONS, WEIGHTS = "Definitions", "Weights"
# In the order of a page; a chain stands in the last that holds it.
SECTIONS = (
    Section(heading="First derivative", holds=lambda first: True),
    Section(heading="Second derivative", holds=_named("d2")),
    Section(heading="Products with a vector", holds=_named("Hv", "Jv", "vJ")),
    Section(heading=WEIGHTS, holds=_named("dL/dw", "dL/db", "dL/dW")),
    Section(heading="Two classes", holds=_named("", ends=("K = 2",))),
)


def _sections(derivation: Derivation) -> Iterator[tuple[str, list[list[Numbered]]]]:
    """Each heading with its chains; a letter that is defined on the way stands where it is needed."""
    given, others = parted(derivation)
    headings: list[str] = []
    for group in reversed(others):
        on_the_way = group[0].step.rule == "definition" and headings
        headings.append(headings[-1] if on_the_way else _section(group[0]))
    yield DEFINITIONS, given
    for section in SECTIONS:
        yield section.heading, [
            g for g, h in zip(others, reversed(headings), strict=True) if h == section.heading
        ]


def _section(first: Numbered) -> str:
    return next(section.heading for section in reversed(SECTIONS) if section.holds(first))


def block(derivation: Derivation) -> str:
    """The derivation for any article that loads amsmath: a sentence, the displays, the conventions."""
    given, others = ([_shown(group) for group in part] for part in parted(derivation))
    notes = _warned(derivation.subject)
    notes += [f"Assumption: {latex_of_prose(a)}." for a in derivation.assumptions]
    notes += [sentence(text) for text in (*notation(derivation), *derivation.conventions)]
    parts = [introduction(derivation), *given, *_given(derivation), *others, *notes]
    # Its paragraph ends here: the line end after \input would be a blank in front of what follows.
    return "\n".join([*parts, r"\par"]) + "\n"


def _warned(subject: Subject) -> list[str]:
    """What a reader should hear first: a link applied twice, a condition; nothing nearly always."""
    if not isinstance(subject, Pair):
        return []
    only = condition_latex(subject, FORMULA)
    found = [latex_of_prose(subject.warning), f"{only[:1].upper()}{only[1:]}." if only else ""]
    return [rf"\textbf{{Note:}} {words}" for words in found if words]


def _shown(group: list[Numbered]) -> str:
    """A display, and the reasons for which it had no room."""
    return "\n".join([display(chain(group, NARROW)), *unsaid(group)])


def unsaid(group: list[Numbered]) -> list[str]:
    """The reasons for which a display had no room."""
    reasons = "; ".join(f"({n.number}) {latex_of_prose(n.step.rule)}" for n in group)
    return [] if has_room(group, NARROW) else [f"Here {reasons}."]


def introduction(derivation: Derivation) -> str:
    """A sentence that says what is derived and what the letters mean."""
    return f"{title(derivation.subject)}, with {introduced(derivation.subject, FORMULA)}."


def title(subject: Subject) -> str:
    """The name of the subject in words, as LaTeX text."""
    return escape(titled(subject))


def sentence(text: str) -> str:
    """A remark as a sentence in LaTeX."""
    return latex_of_prose(as_sentence(text))


def document(derivation: Derivation, extra: Sequence[str] = ()) -> str:
    """The complete document: what is given, every step with its sentence and proof, conventions, sources.

    `extra` is LaTeX that follows the steps.
    """
    heading = rf"\begin{{center}}\LARGE {title(derivation.subject)}\end{{center}}"
    legend = VECTOR_LEGEND if derivation.subject.kind == VECTOR else LEGEND
    body = [
        heading,
        legend,
        *_warned(derivation.subject),
        *_derived(derivation),
        *extra,
        *_remarks(derivation),
    ]
    return "\n".join([PREAMBLE, r"\begin{document}", *body, r"\end{document}"]) + "\n"


def _derived(derivation: Derivation) -> list[str]:
    """The chains under their headings, with their sentences and the remarks that belong there."""
    parts: list[str] = []
    for heading, found in _sections(derivation):
        body = [text for group in found for text in (display(chain(group, WIDE)), reasons(group))]
        if heading == DEFINITIONS:
            body = [*body, *_given(derivation), *_symbols(derivation)]
        if heading == WEIGHTS and found:
            body.append(VECTOR_BATCH if derivation.subject.kind == VECTOR else BATCH)
        parts += [rf"\section*{{{heading}}}", *body] if body else []
    return parts


def _given(derivation: Derivation) -> list[str]:
    given = definitions(derivation)
    return [display(given)] if given else []


def _symbols(derivation: Derivation) -> list[str]:
    """Where the letters lie, what the signs mean, and the parameters with their defaults."""
    subject = derivation.subject
    rows = [f"{escape(title)}: {_said(found)}" for title, found in places(subject, FORMULA)]
    rows += [*legend(subject, FORMULA), *map(latex_of_prose, notation(derivation))]
    rows += [rf"{parameter(p, FORMULA)}; \texttt{{{escape(p.name)}}} in code" for p in parameters(subject)]
    return items(rows)


def _said(found: list[Place]) -> str:
    return ", ".join(f"{name} {where}" for name, where in found)


def reasons(group: list[Numbered]) -> str:
    """The sentence of every step, with its proof where that is not the usual one."""
    said = [n for n in group if n.step.says or n.step.proof.method != USUAL]
    items = [rf"\item[({n.number})] {sentence(n.step.says)}{_known(n.step.proof)}" for n in said]
    return "\n".join([r"\begin{remarks}", *items, r"\end{remarks}"]) if said else ""


def _known(proof: Proof) -> str:
    return "" if proof.method == USUAL else rf"\known{{{proof}}}"


def _proofs(derivation: Derivation) -> list[str]:
    """What was proved, and what the methods that were used mean."""
    return proofs_of([step.proof for step in derivation.steps], derivation.subject.kind == VECTOR)


def proofs_of(proofs: Sequence[Proof], vector: bool = False) -> list[str]:
    """How many steps are proved, and what the methods that were used mean."""
    stated = sum(proof.method == "definition" for proof in proofs)
    count = f"{sum(proof.proved for proof in proofs)} of {len(proofs) - stated} steps are proved"
    besides = f"; {stated} more {'is a definition' if stated == 1 else 'are definitions'}" if stated else ""
    methods = dict.fromkeys(proof.method for proof in proofs if proof.method in METHODS)
    meanings = METHODS | ({USUAL: OF_SUMS} if vector else {})
    return [count + besides, *(rf"\emph{{{m}}}: {meanings[m]}" for m in methods)]


def _remarks(derivation: Derivation) -> list[str]:
    parts = [
        ("Kinks and conventions", [sentence(c) for c in derivation.conventions]),
        ("Assumptions", [sentence(a) for a in derivation.assumptions]),
        ("Inferred", [sentence(found) for found in inferred(derivation.subject)]),
        ("Proofs", _proofs(derivation)),
        ("Sources", [source(row) for row in entries(derivation.subject)]),
    ]
    return [text for heading, rows in parts if rows for text in (rf"\section*{{{heading}}}", *items(rows))]


def source(row: Activation | Loss) -> str:
    """Where an entry is from; names of modules may break at their dots."""
    broken = JOINED.sub(lambda name: name[0].replace(r"\_", r"\_\allowbreak "), escape(row.source))
    return f"{escape(row.title)}: {DOTTED.sub(BREAKABLE, broken)}"


def items(rows: Sequence[str]) -> list[str]:
    """Remarks as a list."""
    return [r"\begin{remarks}", *(rf"\item {row.rstrip('.')}." for row in rows), r"\end{remarks}"]
