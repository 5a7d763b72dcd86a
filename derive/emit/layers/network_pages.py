"""A network's derivation as one note: forwards, then back from the loss, stage by stage, then the pair."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count

from derive.derivation.layers.network import NetworkDerivation
from derive.derivation.layers.quantities import latex as entry_latex
from derive.emit import latex as tex
from derive.emit import markdown as md
from derive.emit import text as terminal
from derive.emit.display import (
    NARROW,
    WIDE,
    Numbered,
    aligned,
    chain,
    definitions,
    display,
    grouped,
    meaning,
)
from derive.emit.layers.network_words import loss_of, titled
from derive.emit.layers.words import DEFINITION, MARKDOWN, TEX, Ink, legend, remarks, value
from derive.emit.letters import letters_of
from derive.emit.places import parameters
from derive.emit.printer import latex_of
from derive.emit.prose import as_sentence, latex_of_prose
from derive.emit.signs import notation_of
from derive.emit.words import introduced
from derive.emit.words import titled as pair_titled
from derive.model import Derivation, Parameter, Stage, Step, entries
from derive.rules.layers import base_of, cotangent, indices_of, subscript

FORWARD, LOSS, PAIR = "Forward", "The loss, and what it hands back", "Output and loss of one row"
SLOPE, SECOND, ARROW = "dL/dz", "second derivative", r"\to"
UPDATE = (
    "One step of gradient descent with the rate η subtracts η times these derivatives from the parameters"
)


@dataclass(frozen=True, kw_only=True)
class Section:
    """A heading, with the stage that it is about as one wrote it, and its steps."""

    heading: str
    stage: str = ""
    steps: tuple[Step, ...]

    def titled(self, ink: Ink) -> str:
        """The heading with its stage as code."""
        return ink.prose(self.heading) + (f": {ink.code(self.stage)}" if self.stage else "")


def sections(derivation: NetworkDerivation) -> list[Section]:
    """The headings of a note with their steps, in the order of reading."""
    ahead = tuple(step for link in derivation.links for step in link.forward)
    found = [
        Section(heading=FORWARD, steps=(*ahead, *derivation.ahead)),
        Section(heading=LOSS, steps=derivation.behind),
    ]
    for link in reversed(derivation.links):
        if link.backward:
            heading = f"Back through stage {link.stage.number}, {link.stage.entry.title}"
            found.append(Section(heading=heading, stage=link.stage.text, steps=link.backward))
    return found


def steps(derivation: NetworkDerivation) -> tuple[Step, ...]:
    """All steps of a network in the order of reading, without those of the pair."""
    return tuple(step for section in sections(derivation) for step in section.steps)


def row(derivation: NetworkDerivation) -> Derivation:
    """The derivation of the pair as far as the network needs it: to the derivative by the scores."""
    found = derivation.pair.steps
    last = max(n for n, step in enumerate(found) if step.quantity.name == SLOPE)
    return replace(derivation.pair, steps=found[: last + 1])


def _displays(found: Sequence[Step], numbers: Iterator[int]) -> list[list[Numbered]]:
    """The numbered steps of a section by their displays; what is defined stands in one, with its sentence."""
    groups: list[list[Numbered]] = []
    for group in grouped(found):
        rows = [Numbered(number=next(numbers), step=_reasoned(n.step)) for n in group]
        if groups and _defines(group[0].step) and _defines_all(groups[-1]):
            groups[-1] += rows
        else:
            groups.append(rows)
    return groups


def _defines(step: Step) -> bool:
    return step.proof.method == DEFINITION


def _defines_all(group: list[Numbered]) -> bool:
    return all(_defines(n.step) for n in group)


def _reasoned(step: Step) -> Step:
    return replace(step, rule=step.says) if _defines(step) and step.says else step


# What the letters mean.


def given(derivation: NetworkDerivation, ink: Ink) -> list[str]:
    """What the letters of a network mean."""
    network, formula = derivation.subject, ink.formula
    sizes = ", ".join(f"{formula(f'{latex_of(size)} = {width}')}" for size, width in network.sizes)
    scores = network.scores
    first = entry_latex(network.stages[0].input)
    target = f"y_{{{subscript(indices_of(scores))}}}"
    bar = entry_latex(cotangent(base_of(scores))[indices_of(scores)])
    slope = rf"\frac{{\partial L}}{{\partial {entry_latex(scores)}}}"
    return [
        f"{formula(first)}: the inputs, one row for each of {formula('N')} samples",
        *_stages(derivation, ink),
        f"{formula(target)}: the targets",
        f"{formula('L')}: the loss, the mean over the rows of {ink.prose(loss_of(network))}"
        + "".join(f", {_bound(p, ink)}" for p in parameters(network.pair)),
        f"A raised number in brackets, as in {formula(entry_latex(scores))}, is that of a stage",
        f"{formula(bar)} is short for {formula(slope)}, and so for other letters",
        f"Sizes: {formula('N')} rows, {sizes}",
    ]


def _stages(derivation: NetworkDerivation, ink: Ink) -> Iterator[str]:
    """The arrays and the parameters of each stage that has any."""
    for stage in derivation.subject.stages:
        if found := [*_arrays(stage, ink), *(_bound(p, ink) for p in stage.layer.parameters)]:
            yield f"Stage {stage.number}, {ink.code(stage.text)}: {'; '.join(found)}"


def _arrays(stage: Stage, ink: Ink) -> list[str]:
    held = (*stage.layer.weights, *stage.layer.constants)
    return [f"{ink.formula(entry_latex(array.at))}, {ink.prose(array.says)}" for array in held]


def _bound(p: Parameter, ink: Ink) -> str:
    return ink.formula(f"{p.latex} = {value(p.default)}")


def conventions(derivation: NetworkDerivation) -> list[str]:
    """Conventions at kinks, assumptions, notes; each once."""
    found = [text for link in derivation.links for text in link.conventions]
    found += derivation.pair.conventions
    found += [f"{a} is assumed of the targets" for a in derivation.pair.assumptions]
    shown = steps(derivation)
    first = [text for text in found if SECOND not in text]  # a note ends with first derivatives
    return list(dict.fromkeys([*first, *notation_of(shown), *remarks(shown)]))


def _chain(derivation: NetworkDerivation, ink: Ink) -> str:
    """The names of all stages, as one wrote them."""
    names = titled(derivation.subject).partition(": ")[2].split(" → ")
    arrow = ink.formula(ARROW)
    return f" {arrow} ".join(map(ink.code, names))


def _of_row(derivation: NetworkDerivation, ink: Ink) -> str:
    """What the pair is about."""
    pair = derivation.pair.subject
    return f"{ink.prose(pair_titled(pair))}, with {introduced(pair, ink.formula)}."


# LaTeX.


def document(derivation: NetworkDerivation) -> str:
    """The complete LaTeX document of a network."""
    found = (*steps(derivation), *row(derivation).steps)
    body = [r"\begin{center}\LARGE Network\end{center}", _chain(derivation, TEX) + "."]
    body += [legend(found), *tex.items(given(derivation, TEX)), *_named(derivation, display)]
    numbers = count(1)
    for section in sections(derivation):
        body.append(rf"\section*{{{section.titled(TEX)}}}")
        body += [part for group in _displays(section.steps, numbers) for part in _latex(group)]
    body += [latex_of_prose(UPDATE) + ".", rf"\section*{{{PAIR}}}", _of_row(derivation, TEX)]
    body += _pair(derivation, numbers, display, _latex)
    body += _remarks(derivation, found)
    return "\n".join([tex.PREAMBLE, r"\begin{document}", *body, r"\end{document}"]) + "\n"


def _latex(group: list[Numbered]) -> list[str]:
    shown = display(chain(group, WIDE))
    why = "" if _defines_all(group) else tex.reasons(group)
    return [shown, why] if why else [shown]


def _named(derivation: NetworkDerivation, write: Callable[[str], str]) -> list[str]:
    """What functions such as σ mean, in a display."""
    named = letters_of(steps(derivation), vector=True)
    return [write(aligned([meaning(letter) for letter in named]))] if named else []


def _pair(
    derivation: NetworkDerivation,
    numbers: Iterator[int],
    write: Callable[[str], str],
    show: Callable[[list[Numbered]], list[str]],
) -> list[str]:
    """The pair, on whose steps the numbers go on."""
    given_here = definitions(row(derivation))
    shown = [part for group in _displays(row(derivation).steps, numbers) for part in show(group)]
    return [*([write(given_here)] if given_here else []), *shown]


def _remarks(derivation: NetworkDerivation, found: Sequence[Step]) -> list[str]:
    parts = [
        ("Notation and conventions", [tex.sentence(text) for text in conventions(derivation)]),
        ("Proofs", tex.proofs_of([step.proof for step in found], True)),
        ("Sources", [latex_of_prose(f"{title}: {source}") for title, source in sources(derivation).items()]),
    ]
    return [t for head, rows in parts if rows for t in (rf"\section*{{{head}}}", *tex.items(rows))]


def sources(derivation: NetworkDerivation) -> dict[str, str]:
    """Where the entries of a network are from, by their titles."""
    network = derivation.subject
    rows = [stage.entry for stage in network.stages] + [row for row in entries(network.pair) if row]
    return {row.title: row.source for row in rows}


def block(derivation: NetworkDerivation) -> str:
    """The derivation for any article that loads amsmath: displays with a line in front of each section."""
    numbers = count(1)
    said = [f"Network: {_chain(derivation, TEX)}.", *(f"{text}." for text in given(derivation, TEX))]
    body = [r"\begin{sloppypar}", *said, r"\end{sloppypar}"]
    body += _named(derivation, display)
    for section in sections(derivation):
        body.append(rf"\paragraph{{{section.titled(TEX)}.}}")
        body += [part for group in _displays(section.steps, numbers) for part in _narrow(group)]
    body += [rf"\paragraph{{{PAIR}.}}", _of_row(derivation, TEX)]
    body += _pair(derivation, numbers, display, _narrow)
    return "\n".join([*body, *map(tex.sentence, conventions(derivation)), r"\par"]) + "\n"


def _narrow(group: list[Numbered]) -> list[str]:
    return [display(chain(group, NARROW)), *tex.unsaid(group)]


# Markdown.


def page(derivation: NetworkDerivation) -> str:
    """The page of a network, for GitHub."""
    numbers = count(1)
    body = [f"# Network: {_chain(derivation, MARKDOWN)}", _listed(given(derivation, MARKDOWN))]
    body += _named(derivation, md.fence)
    for section in sections(derivation):
        body.append(f"## {section.titled(MARKDOWN)}")
        body += [part for group in _displays(section.steps, numbers) for part in _fenced(group)]
    body += [md.markdown_of_prose(UPDATE) + ".", f"## {PAIR}", _of_row(derivation, MARKDOWN)]
    body += _pair(derivation, numbers, md.fence, _fenced)
    notes = [md.markdown_of_prose(as_sentence(text)) for text in conventions(derivation)]
    body += ["## Notation and conventions", _listed(notes)] if notes else []
    cited = [md.markdown_of_prose(f"{title}: {source}") for title, source in sources(derivation).items()]
    return "\n\n".join([*body, "## Sources", _listed(cited)]) + "\n"


def _fenced(group: list[Numbered]) -> list[str]:
    return [md.fence(chain(group, WIDE))] + ([] if _defines_all(group) else [md.says(group)])


def _listed(rows: Sequence[str]) -> str:
    return "\n".join(f"- {row}" for row in rows)


# Terminal.


def lines(derivation: NetworkDerivation) -> list[str]:
    """The numbered steps for a terminal."""
    found, number = [titled(derivation.subject)], 1
    for section in sections(derivation):
        found += ["", ": ".join(filter(None, (section.heading, section.stage)))]
        found += terminal.numbered(section.steps, number)
        number += len(section.steps)
    named = letters_of(steps(derivation), vector=True)
    found += ["", terminal.where(named)] if named else []
    return found + [f"convention: {text.replace('𝟏', '1')}" for text in conventions(derivation)]
