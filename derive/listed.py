"""Which pair is legal, canonical, measured: the page of all pairs, by the catalogue."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import sympy as sp

from derive import catalogue
from derive.catalogue.measured import lost, met, unproved
from derive.catalogue.reference import CANONICAL
from derive.emit.claims.markdown import table
from derive.emit.guards import condition_said
from derive.model import ELEMENTWISE, VECTOR, Kind

MET, LOST, OPEN, UNPROVED = "meets the bar", "loses digits", "not shown", "unproved"
MARKS = {MET: "✓", LOST: "◐", OPEN: "–", UNPROVED: "✗"}
PICTURE = "pairs.svg"
INTRODUCTION = """\
# All pairs

Every activation with every loss whose predictions its outputs are, for the parameters' defaults. Made by
`derive list pairs --table` from what `derive declare` has measured; edits are lost.

![A cell for each legal pair: its colour says what is known of its accuracy](pairs.svg)
"""
MEANING = """\
✓ measured to meet the bar: 64 ulp · (1 + κ) or better over the whole float range, nothing wrong in kind;
◐ digits are lost in places that its docstring names; – not shown to meet it: the docstring of a pair of
numbers declares no accuracy (those of vectors are held to their bounds by `derive check`); ✗ a form could
not be proved, so that no code is emitted. **Bold** is the loss that an exponential family has behind its
canonical link. In the last column a link is applied twice: did you mean
the identity?"""
NAMES = {ELEMENTWISE: "numbers", VECTOR: "vectors"}


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A legal pair, and what is known of the accuracy of its code."""

    activation: str
    loss: str
    kind: Kind
    canonical: bool
    reference: bool
    twice: bool
    condition: str
    state: str


def pairs() -> tuple[Listed, ...]:
    """Every legal pair in the order of the catalogue."""
    return tuple(_listed(names) for names in catalogue.legal_pairs())


def _listed(names: tuple[str, str]) -> Listed:
    pair = catalogue.pair(*names)
    return Listed(
        activation=names[0],
        loss=names[1],
        kind=pair.kind,
        canonical=names in CANONICAL,
        reference=names in catalogue.REFERENCE,
        twice=bool(pair.warning),
        condition=condition_said(pair),
        state=_state(pair.name),
    )


def _state(name: str) -> str:
    states = {LOST: lost(), MET: met(), UNPROVED: unproved()}
    return next((state for state, names in states.items() if name in names), OPEN)


def page(rows: Sequence[Listed]) -> str:
    """The page for GitHub: how many, those under a condition, and the losses of every activation."""
    parts = [INTRODUCTION, counts(rows)]
    if only := conditional():
        parts.append(
            "## Legal under a condition\n\n"
            + table(("pair", "only for", "the defaults are among these"), only)
        )
    parts.append(f"## Activation by activation\n\n{MEANING}")
    for kind in dict.fromkeys(row.kind for row in rows):
        some = [row for row in rows if row.kind == kind]
        parts += [f"### Pairs of {NAMES[kind]}", table(*by_activation(some))]
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def by_activation(rows: Sequence[Listed]) -> tuple[Sequence[str], list[list[str]]]:
    """A line an activation: its losses, those apart behind which its link is applied twice."""
    lines: dict[str, dict[bool, list[str]]] = {}
    for row in rows:
        lines.setdefault(row.activation, {False: [], True: []})[row.twice].append(_cell(row))
    head = ("activation", "losses", "link applied twice")
    cells = [[act, ", ".join(found[False]), ", ".join(found[True])] for act, found in lines.items()]
    if not any(row.twice for row in rows):
        return head[:2], [line[:2] for line in cells]
    return head, cells


def conditional() -> list[list[str]]:
    """The pairs that are legal for some parameters only, and whether for the defaults."""
    rows = []
    for act in catalogue.ACTIVATIONS:
        for los in catalogue.LOSSES:
            relation = catalogue.condition(act, los)
            if relation not in (sp.true, sp.false):
                among = "yes" if catalogue.fits(act, los) else "no"
                rows.append([f"{act.name}+{los.name}", f"`{catalogue.said(relation)}`", among])
    return rows


def _cell(row: Listed) -> str:
    name = f"**{row.loss}**" if row.canonical else row.loss
    if row.reference:
        name = f"[{name}]({row.activation}_{row.loss}/README.md)"
    return f"{name}\N{NO-BREAK SPACE}{MARKS[row.state]}"


def counts(rows: Sequence[Listed]) -> str:
    """A line for numbers and one for vectors: how many pairs there are of every sort."""
    heads = ("pairs of", "legal", "canonical", "reference", "under a condition", "link twice")
    lines = []
    for kind in dict.fromkeys(row.kind for row in rows):
        some = [row for row in rows if row.kind == kind]
        states = Counter(row.state for row in some)
        sorts = [sum(map(bool, found)) for found in zip(*map(_sorts, some), strict=True)]
        lines.append(
            [NAMES[kind], str(len(some)), *map(str, sorts), *(str(states[state]) for state in MARKS)]
        )
    return table((*heads, *MARKS), lines)


def _sorts(row: Listed) -> tuple[bool, ...]:
    return row.canonical, row.reference, bool(row.condition), row.twice
