"""A layer's derivation as LaTeX, as a Markdown page, and for a terminal."""

from collections.abc import Sequence
from dataclasses import replace

from derive.emit import latex as tex
from derive.emit import markdown as md
from derive.emit import text as terminal
from derive.emit.display import NARROW, WIDE, Numbered, aligned, chain, display, grouped, meaning
from derive.emit.layers.words import (
    DEFINITION,
    MARKDOWN,
    MATRIX,
    TEX,
    Ink,
    arrays,
    bars,
    counted,
    legend,
    parameter,
    remarks,
    titled,
    upstream,
)
from derive.emit.letters import letters_of
from derive.emit.prose import escape, latex_of_prose
from derive.emit.signs import notation_of
from derive.model import LayerDerivation, Step

FORWARD, BACKWARD = "Forward", "Backward"
MEANS = {
    "normal form": r"both sides become the same sums of products for all sizes, with bound indices renamed, "
    r"$\delta$ contracted and all letters written out"
}


def parts(derivation: LayerDerivation) -> tuple[list[Numbered], list[list[Numbered]]]:
    """The steps on the way to the output, each with its sentence as its reason, and the displays back."""
    groups = grouped(derivation.steps)
    start = next(n for n, g in enumerate(groups) if g[0].step.rule != DEFINITION and not _matrix(g))
    forward = [n for group in groups[:start] for n in group]
    return [replace(n, step=_reasoned(n.step)) for n in forward], groups[start:]


def _matrix(group: list[Numbered]) -> bool:
    return group[0].step.rule == MATRIX


def _reasoned(step: Step) -> Step:
    return replace(step, rule=step.says) if step.rule == DEFINITION else step


# LaTeX.


def block(derivation: LayerDerivation) -> str:
    """The derivation for any article that loads amsmath."""
    forward, backward = parts(derivation)
    found = [display(chain(group, NARROW)) for group in (forward, *backward)]
    notes = [tex.sentence(note) for note in (*_notes(derivation), *derivation.conventions)]
    return "\n".join([_introduction(derivation), *found, *notes, r"\par"]) + "\n"


def _introduction(derivation: LayerDerivation) -> str:
    layer, formula = derivation.subject, tex.FORMULA
    given = ", ".join(f"{says} {where}" for says, where in arrays(layer, TEX))
    bar = bars(derivation, formula)
    return f"{escape(titled(layer))}: {given}; {upstream(layer, formula)}{bar and '; ' + bar}."


def document(derivation: LayerDerivation) -> str:
    """The complete document: what is given, every step with its sentence and proof, sources."""
    body = [
        rf"\begin{{center}}\LARGE {escape(titled(derivation.subject))}\end{{center}}",
        legend(derivation.steps),
        *_sections(derivation),
        *_remarks(derivation),
    ]
    return "\n".join([tex.PREAMBLE, r"\begin{document}", *body, r"\end{document}"]) + "\n"


def _sections(derivation: LayerDerivation) -> list[str]:
    forward, backward = parts(derivation)
    given = [rf"\section*{{{FORWARD}}}", *tex.items(_given(derivation, TEX)), *_named(derivation)]
    found = [*given, display(chain(forward, WIDE)), rf"\section*{{{BACKWARD}}}"]
    return [*found, *(text for g in backward for text in (display(chain(g, WIDE)), tex.reasons(g)))]


def _given(derivation: LayerDerivation, ink: Ink) -> list[str]:
    layer, formula = derivation.subject, ink.formula
    rows = [f"{where}: {says}" for says, where in arrays(layer, ink)]
    rows += [upstream(layer, formula)]
    rows += [bars(derivation, formula)] if bars(derivation, formula) else []
    rows += [f"Sizes: {counted(layer, formula)}"]
    return rows + [parameter(p, formula) for p in layer.parameters]


def _named(derivation: LayerDerivation) -> list[str]:
    """What functions such as σ mean."""
    named = letters_of(derivation.steps, vector=True)
    return [display(aligned([meaning(letter) for letter in named]))] if named else []


def _notes(derivation: LayerDerivation) -> Sequence[str]:
    return [*notation_of(derivation.steps), *remarks(derivation.steps)]


def _remarks(derivation: LayerDerivation) -> list[str]:
    notes = [tex.sentence(note) for note in (*_notes(derivation), *derivation.conventions)]
    proofs = tex.proofs_of([step.proof for step in derivation.steps])[:1]
    proofs += [rf"\emph{{{method}}}: {says}" for method, says in MEANS.items()]
    found = [("Notation and conventions", notes), ("Proofs", proofs), ("Source", [_source(derivation)])]
    return [t for head, rows in found if rows for t in (rf"\section*{{{head}}}", *tex.items(rows))]


def _source(derivation: LayerDerivation) -> str:
    return latex_of_prose(f"{derivation.subject.title}: {derivation.subject.source}")


# Markdown.


def page(derivation: LayerDerivation) -> str:
    """The page of a layer, for GitHub."""
    forward, backward = parts(derivation)
    layer = derivation.subject
    given = "\n".join(f"- {row}" for row in _given(derivation, MARKDOWN))
    named = letters_of(derivation.steps, vector=True)
    words = [md.fence(aligned([meaning(letter) for letter in named]))] if named else []
    found = [f"# {titled(layer)}", given, f"## {FORWARD}", *words, md.fence(chain(forward, WIDE))]
    found += [f"## {BACKWARD}", *_shown(backward)]
    notes = [f"- {md.markdown_of_prose(n)}" for n in (*_notes(derivation), *derivation.conventions)]
    found += ["## Notation and conventions", "\n".join(notes)] if notes else []
    return "\n\n".join([*found, "## Source", f"{layer.title}: {layer.source}"]) + "\n"


def _shown(groups: list[list[Numbered]]) -> list[str]:
    return [part for group in groups for part in (md.fence(chain(group, WIDE)), md.says(group))]


# Terminal.


def lines(derivation: LayerDerivation) -> list[str]:
    """The numbered steps, and what signs mean."""
    found = terminal.numbered(derivation.steps)
    named = letters_of(derivation.steps, vector=True)
    found += [terminal.where(named)] if named else []
    notes = [("notation", n) for n in _notes(derivation)]
    notes += [("convention", c) for c in derivation.conventions]
    return found + [f"{head}: {text.replace('𝟏', '1')}" for head, text in notes]
