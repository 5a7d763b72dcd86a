"""The first steps: what the letters of a subject mean."""

import sympy as sp
from sympy import Expr, Function

from derive.derivation.vectors import quantities as q
from derive.derivation.vectors.letters import BEND, BENDS, SLOPE, Letters, length_of
from derive.derivation.vectors.spoken import letter, spoken
from derive.derivation.vectors.steps import Work, definition
from derive.model import YS, J, N, Name, Selection, Step, Y, entries
from derive.rules.indexed import over, substitute

ARGMAX = Function("argmax")  # the index of the largest component


def given(work: Work) -> list[Step]:
    """The definitions of the output, of the loss, and of all letters, names and selections in them."""
    act, los = entries(work.subject)
    found, behind = work.found, work.found.output is not None
    steps: list[Step] = []
    if behind and act is not None:
        own = found.letters[0]
        steps.append(definition(q.output(own.base), own.says, own.component))
        steps += _named(found, act.names, act.selections)
    if los is not None:
        before = (act.names, act.selections) if behind and act is not None else ((), ())
        names = [n for n in found.names if n not in before[0]]
        chosen = [s for s in found.selections if s not in before[1]]
        steps.append(definition(q.LOSS, _of_what(los.title, found), found.loss))
        steps += _named(found, names, chosen)
    return [
        *steps,
        *(
            definition(q.component(m), m.says, m.component)
            for m in found.letters[behind:]
            if m.base not in (SLOPE, BEND, BENDS)
        ),
    ]


def _of_what(title: str, found: Letters) -> str:
    """The title of a loss and what it reads."""
    target = ["y"] if found.loss.has(YS, Y) or any(m.component.has(YS) for m in found.letters) else []
    read = [letter(base) for base in found.read] + target
    return f"{title} of {', '.join(read[:-1])} and {read[-1]}" if len(read) > 1 else f"{title} of {read[0]}"


def _named(found: Letters, names, selections) -> list[Step]:
    return [
        *(definition(q.named(n), _says(n), n.meaning) for n in names),
        *(definition(q.selected(s), s.says, _meaning(s, found)) for s in selections),
    ]


def _says(name: Name) -> str:
    return f"{name.says}: {relation(name)}" if name.relation is not None else name.says


def relation(name: Name) -> str:
    """The equation that determines a name, in words of a sentence."""
    if (of := length_of(name)) is not None:
        return f"{spoken(name.symbol)}² = {spoken(over(substitute(of, J, N) ** 2))}"
    held = name.relation or sp.S.Zero
    constant = sum((t for t in held.args if t.is_Number), sp.S.Zero)
    return f"{spoken(held - constant)} = {spoken(-constant)}"


def _meaning(selection: Selection, found: Letters) -> Expr:
    """A selection as a formula: 1 where a term is positive or above the threshold, or the largest one."""
    if selection.rule == "largest":
        return ARGMAX(selection.of)
    above = sp.S.Zero
    if selection.rule == "support":
        above = next(
            n.symbol for n in found.names if n.relation is not None and n.relation.has(selection.symbol)
        )
    return sp.Piecewise((sp.S.One, selection.of > above), (sp.S.Zero, True))
