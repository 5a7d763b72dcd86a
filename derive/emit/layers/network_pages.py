"""A network's derivation as one note: forwards, then back from the loss, stage by stage, then the pair."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import count

from derive.derivation.layers.network import Link, NetworkDerivation
from derive.derivation.layers.quantities import latex as entry_latex
from derive.emit import latex as tex
from derive.emit import markdown as md
from derive.emit import text as terminal
from derive.emit.display import NARROW, WIDE, Numbered, chain, display, grouped
from derive.emit.layers.network_words import loss_of, titled
from derive.emit.layers.words import DEFINITION, LEGEND
from derive.emit.letters import letters_of
from derive.emit.printer import latex_of
from derive.emit.prose import escape, latex_of_prose
from derive.emit.signs import notation_of
from derive.model import Step, entries
from derive.rules.layers import base_of, cotangent, indices_of

FORWARD, LOSS, PAIR = "Forward", "The loss, and what it hands back", "Output and loss of one row"
UPDATE = (
    "One step of gradient descent with the rate η subtracts η times these derivatives from the parameters"
)


def sections(derivation: NetworkDerivation) -> list[tuple[str, tuple[Step, ...]]]:
    """The headings of a note with their steps, in the order of reading."""
    ahead = tuple(step for link in derivation.links for step in link.forward)
    back = [(_title(link), link.backward) for link in reversed(derivation.links) if link.backward]
    return [(FORWARD, (*ahead, *derivation.ahead)), (LOSS, derivation.behind), *back]


def _title(link: Link) -> str:
    """The heading of a stage on the way back."""
    title = link.stage.entry.title
    return f"Back through {title}: {link.stage.text}"


def steps(derivation: NetworkDerivation) -> tuple[Step, ...]:
    """All steps of a network in the order of reading, without those of the pair."""
    return tuple(step for _, found in sections(derivation) for step in found)


def _displays(found: tuple[Step, ...], numbers) -> list[list[Numbered]]:
    """The numbered steps of a section by their displays; what is defined stands in one, with its sentence."""
    numbered = [n.step for group in grouped(found) for n in group]
    groups: list[list[Numbered]] = []
    for group in grouped(numbered):
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
    return replace(step, rule=step.says) if _defines(step) else step


def given(derivation: NetworkDerivation, formula) -> list[str]:
    """What the letters of a network mean."""
    network = derivation.subject
    sizes = ", ".join(f"{formula(f'{latex_of(size)} = {width}')}" for size, width in network.sizes)
    first = entry_latex(network.stages[0].input)
    target = "y_{" + "".join(latex_of(i) for i in indices_of(network.scores)) + "}"
    bar = entry_latex(cotangent(base_of(network.scores))[indices_of(network.scores)])
    slope = rf"\frac{{\partial L}}{{\partial {entry_latex(network.scores)}}}"
    return [
        f"{formula(first)}: the inputs, one row for each of {formula('N')} samples",
        f"{formula(target)}: the targets",
        f"{formula('L')}: the loss, the mean over the rows of {loss_of(network)}",
        f"{formula(bar)} is short for {formula(slope)}, and so for other letters",
        f"Sizes: {formula('N')} rows, {sizes}",
    ]


def conventions(derivation: NetworkDerivation) -> list[str]:
    """Conventions at kinks, assumptions, notes; each once."""
    found = [text for link in derivation.links for text in link.conventions]
    pair = [
        *derivation.pair.conventions,
        *(f"{a} is assumed of the targets" for a in derivation.pair.assumptions),
    ]
    return list(dict.fromkeys([*found, *pair, *notation_of(steps(derivation))]))


def document(derivation: NetworkDerivation) -> str:
    """The complete LaTeX document of a network."""
    body = [rf"\begin{{center}}\LARGE {escape(titled(derivation.subject).split(': ')[0])}\end{{center}}"]
    body += [escape(titled(derivation.subject)) + ".", LEGEND, *tex.items(given(derivation, tex.FORMULA))]
    numbers = count(1)
    for heading, found in sections(derivation):
        body.append(rf"\section*{{{escape(heading)}}}")
        body += [part for group in _displays(found, numbers) for part in _latex(group)]
    body += [latex_of_prose(UPDATE) + ".", rf"\section*{{{PAIR}}}", tex.block(derivation.pair)]
    body += _remarks(derivation)
    return "\n".join([tex.PREAMBLE, r"\begin{document}", *body, r"\end{document}"]) + "\n"


def _latex(group: list[Numbered]) -> list[str]:
    shown = display(chain(group, WIDE))
    return [shown] if _defines_all(group) else [shown, tex.reasons(group)]


def _remarks(derivation: NetworkDerivation) -> list[str]:
    notes = [tex.sentence(text) for text in conventions(derivation)]
    proofs = [s.proof for s in (*steps(derivation), *derivation.pair.steps)]
    found = [
        ("Notation and conventions", notes),
        ("Proofs", tex.proofs_of(proofs, True)),
        ("Sources", _sources(derivation)),
    ]
    return [t for head, rows in found if rows for t in (rf"\section*{{{head}}}", *tex.items(rows))]


def _sources(derivation: NetworkDerivation) -> list[str]:
    return [latex_of_prose(f"{title}: {source}") for title, source in sources(derivation).items()]


def sources(derivation: NetworkDerivation) -> dict[str, str]:
    """Where the entries of a network are from, by their titles."""
    network = derivation.subject
    rows = [stage.entry for stage in network.stages] + [row for row in entries(network.pair) if row]
    return {row.title: row.source for row in rows}


def block(derivation: NetworkDerivation) -> str:
    """The derivation for any article that loads amsmath: displays with a line in front of each section."""
    numbers = count(1)
    body = [escape(titled(derivation.subject)) + "."]
    for heading, found in sections(derivation):
        body.append(rf"\paragraph{{{escape(heading)}.}}")
        body += [display(chain(group, NARROW)) for group in _displays(found, numbers)]
    return "\n".join([*body, r"\par"]) + "\n"


def page(derivation: NetworkDerivation) -> str:
    """The page of a network, for GitHub."""
    numbers = count(1)
    body = [f"# {md.markdown_of_prose(titled(derivation.subject))}"]
    body.append("\n".join(f"- {row}" for row in given(derivation, md.CODE.format)))
    for heading, found in sections(derivation):
        body.append(f"## {md.markdown_of_prose(heading)}")
        for group in _displays(found, numbers):
            body += [md.fence(chain(group, WIDE))] + ([] if _defines_all(group) else [md.says(group)])
    body += [md.markdown_of_prose(UPDATE) + ".", f"## {PAIR}"]
    body += [
        part
        for group in grouped(derivation.pair.steps)
        for part in (md.fence(chain(group, WIDE)), md.says(group))
    ]
    body += (
        ["## Notation and conventions", _listed(conventions(derivation))] if conventions(derivation) else []
    )
    body += ["## Sources", _listed([f"{title}: {source}" for title, source in sources(derivation).items()])]
    return "\n\n".join(body) + "\n"


def _listed(rows: Sequence[str]) -> str:
    return "\n".join(f"- {md.markdown_of_prose(row)}" for row in rows)


def lines(derivation: NetworkDerivation) -> list[str]:
    """The numbered steps for a terminal."""
    found, number = [titled(derivation.subject)], 1
    for heading, part in sections(derivation):
        found += ["", heading]
        found += terminal.numbered(part, number)
        number += len(part)
    named = letters_of(steps(derivation), vector=True)
    found += ["", terminal.where(named)] if named else []
    return found + [f"convention: {text}" for text in conventions(derivation)]
