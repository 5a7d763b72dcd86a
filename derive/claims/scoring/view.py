"""A loss as a score: where its predictions lie, and between which two hard targets."""

from dataclasses import dataclass

import sympy as sp

from derive.catalogue import ACTIVATIONS, LOSSES
from derive.model import ELEMENTWISE, Activation, Finite, Interval, Loss, Pair, Parameter, Subject, entries

# What is said where nothing is asked of a loss with its link inside.
WITHIN = "the prediction is a raw score or a logarithm: the link to what it means stands within the loss"


@dataclass(frozen=True, kw_only=True)
class View:
    """A loss of numbers, the interval of the predictions that reach it, and the parameters.

    `labels` are the two hard targets, the lower first, where there are just two: the labels of a raw
    score, or the ends of the interval of the predictions.
    """

    loss: Loss
    prediction: Interval
    parameters: tuple[Parameter, ...]
    labels: tuple[int, int] | None

    @property
    def raw(self) -> bool:
        """Whether the prediction is a score of any size, and the targets are labels."""
        return self.loss.reads == "raw score" and isinstance(self.loss.target, Finite)

    @property
    def linked(self) -> bool:
        """Whether a link stands within the loss, so that no prediction is compared with a target as it is."""
        scored = self.loss.reads in ("raw score", "log-probability")
        return scored and not isinstance(self.loss.target, Finite)


def view(subject: Subject) -> View | None:
    """The loss of a subject as a score of numbers; None where there is none, or where it reads vectors."""
    act, los = entries(subject)
    if los is None or los.kind != ELEMENTWISE or (isinstance(subject, Pair) and subject.kind != ELEMENTWISE):
        return None
    place = act.range if act is not None and _numeric(act) else los.prediction
    if not isinstance(place, Interval):
        return None
    return View(loss=los, prediction=place, parameters=los.parameters, labels=_labels(los, place))


def _numeric(act: Activation) -> bool:
    """Whether the range is known, and its ends are numbers whatever the parameters."""
    place = act.range
    known = isinstance(place, Interval) and not act.range_is_enclosure
    return known and not (place.lo.free_symbols | place.hi.free_symbols)  # type: ignore[union-attr]


def _labels(los: Loss, place: Interval) -> tuple[int, int] | None:
    if isinstance(los.target, Finite):
        return los.target.values if len(los.target.values) == 2 else None  # type: ignore[return-value]
    ends = [v for v in los.hard if sp.Integer(v) in (place.lo, place.hi)]
    return (min(ends), max(ends)) if len(ends) == 2 else None


def drawable(subject: Subject) -> bool:
    """Whether a figure of a score can be drawn: code is emitted, of numbers."""
    if not isinstance(subject, Pair) or subject.kind != ELEMENTWISE:
        return False
    names = ({a.name for a in ACTIVATIONS}, {los.name for los in LOSSES})
    return subject.activation.name in names[0] and subject.loss.name in names[1]
