"""The choice among candidates: of those that keep to their bounds the cheapest, by a fixed table of costs."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from derive.accuracy.points import QUICK, SEED
from derive.emit.docstrings import argument
from derive.emit.formulas import formulas, names
from derive.emit.fused import graph_of
from derive.kernel import cost
from derive.model import Activation, Derivation, Subject
from derive.program import QUANTITIES, candidates, unproved
from derive.program.candidates import DEFAULT
from derive.search.candidate import Candidate, Ground, ground, measured

NEAR: Final = 1.05  # costs within this factor are alike: then accuracy decides
SEVERAL: Final = 4  # times as many points confirm what was chosen


@dataclass(frozen=True, kw_only=True)
class Scored:
    """Candidates that are computed together, with the cost of both in nanoseconds an element by the table."""

    parts: tuple[Candidate, ...]
    cost: float
    refused: bool = False

    @property
    def fits(self) -> bool:
        """Whether each of them does, and more points did not refuse them."""
        return all(part.fits for part in self.parts) and not self.refused

    @property
    def lost(self) -> int:
        """At how many points near 0 hardly a bit is right."""
        return sum(part.lost for part in self.parts)

    @property
    def share(self) -> float:
        """The largest share that an error has of its bound."""
        return max(part.share for part in self.parts)


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a search has found of a subject: all that was scored, and what was chosen."""

    subject: str
    size: int
    seed: int
    scored: tuple[Scored, ...]
    chosen: tuple[Scored, ...]


def search(derivation: Derivation, size: int = QUICK, seed: int = SEED) -> Found:
    """The best candidates of a subject: loss and gradient, which share steps, and the second derivative.

    What was chosen at `size` points is measured again at several times as many; where it does not keep to
    its bounds there, the next best is.
    """
    subject = derivation.subject
    rows = measured(derivation, ground(subject, size, seed), candidates(subject))
    groups = [_scored(subject, rows, group) for group in groups_of(subject)]
    closer = ground(subject, SEVERAL * size, seed)
    return Found(
        subject=subject.name,
        size=SEVERAL * size,
        seed=seed,
        scored=tuple(itertools.chain(*groups)),
        chosen=tuple(_confirmed(derivation, group, closer) for group in groups),
    )


def _confirmed(derivation: Derivation, group: Sequence[Scored], closer: Ground) -> Scored:
    """The best of a group that keeps to its bounds at more points, with what was measured there."""
    while True:
        chosen = best(group)
        forms = {part.quantity: (part.form,) for part in chosen.parts}
        again = replace(chosen, parts=tuple(measured(derivation, closer, forms)))
        if again.fits or not chosen.fits:
            return again
        group = [replace(one, refused=True) if one is chosen else one for one in group]


def groups_of(subject: Subject) -> tuple[tuple[str, ...], ...]:
    """The quantities that are computed together."""
    if isinstance(subject, Activation):
        return tuple((quantity,) for quantity in QUANTITIES)
    return QUANTITIES[:2], QUANTITIES[2:]


def best(group: Sequence[Scored]) -> Scored:
    """The one to choose: least is lost, then it is cheap, then exact; the default where none fits."""
    fitting = [one for one in group if one.fits]
    if not fitting:
        return next(one for one in group if all(part.form == DEFAULT for part in one.parts))
    least = min(one.lost for one in fitting)
    careful = [one for one in fitting if one.lost == least]
    cheap = min(one.cost for one in careful)
    return min((one for one in careful if one.cost <= NEAR * cheap), key=lambda one: (one.share, one.cost))


def _scored(subject: Subject, rows: Sequence[Candidate], group: tuple[str, ...]) -> list[Scored]:
    choices = itertools.product(*([row for row in rows if row.quantity == quantity] for quantity in group))
    return [Scored(parts=parts, cost=cost_of(subject, parts)) for parts in choices]


def cost_of(subject: Subject, parts: tuple[Candidate, ...]) -> float:
    """Nanoseconds an element, by the table, of candidates that are computed together."""
    choice = {part.quantity: part.form for part in parts}
    text = "\n\n\n".join(formulas(subject, unproved(subject, choice)))
    functions = dict(zip(QUANTITIES, names(subject), strict=True))
    wanted = {f"_{functions[quantity]}": f"_{functions[quantity]}" for quantity in choice}
    inputs = ("z",) if isinstance(subject, Activation) else (argument(subject), "y")
    return cost(graph_of(text, wanted, inputs, tuple(p.name for p in subject.parameters)))
