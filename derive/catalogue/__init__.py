"""The catalogue: what is known, which pairs are legal, and the look-up of names.

Elementwise and vector rows stand in the same two tables. Before a loss of vectors the identity acts on
each component, and an elementwise loss that `sums` is the sum over the components.
"""

from collections.abc import Sequence
from functools import cache

from derive.catalogue.activations import ACTIVATIONS as ELEMENTWISE_ACTIVATIONS
from derive.catalogue.deviances import DEVIANCES
from derive.catalogue.layers import LAYERS
from derive.catalogue.legality import Rows, condition, fits, joined, said, twice, undeclared
from derive.catalogue.links import LINKS
from derive.catalogue.losses import LOSSES as REGRESSION
from derive.catalogue.margins import MARGINS
from derive.catalogue.names import fault, halves, parts, seek, shortened
from derive.catalogue.probabilities import PROBABILITIES
from derive.catalogue.rectifiers import RECTIFIERS
from derive.catalogue.reference import MEASURED, REFERENCE
from derive.catalogue.sets import contains
from derive.catalogue.vector_activations import VECTOR_ACTIVATIONS
from derive.catalogue.vector_losses import VECTOR_LOSSES
from derive.model import Activation, BadInput, Layer, Loss, Pair, Subject

__all__ = [
    "ACTIVATIONS",
    "DEVIANCES",
    "LAYERS",
    "LINKS",
    "LOSSES",
    "MEASURED",
    "REFERENCE",
    "ROWS",
    "activation",
    "both",
    "compose",
    "condition",
    "contains",
    "fits",
    "layer",
    "legal_pairs",
    "loss",
    "pair",
    "said",
    "subject",
    "twice",
    "undeclared",
]

ACTIVATIONS: tuple[Activation, ...] = (*ELEMENTWISE_ACTIVATIONS, *RECTIFIERS, *LINKS, *VECTOR_ACTIVATIONS)
LOSSES: tuple[Loss, ...] = (*REGRESSION, *MARGINS, *PROBABILITIES, *DEVIANCES, *VECTOR_LOSSES)
ROWS: Rows = (ACTIVATIONS, LOSSES)

EXAMPLE = "Try: 'sigmoid', 'bce'"


def activation(name: str) -> Activation:
    """The activation of that name or alias; BadInput with the nearest names otherwise."""
    row = seek(name, ACTIVATIONS, "activation")
    if row is None:
        raise BadInput(unknown_activation(name))
    return row


def loss(name: str) -> Loss:
    """The loss of that name or alias; BadInput with the nearest names otherwise."""
    row = seek(name, LOSSES, "loss")
    if row is None:
        raise BadInput(fault(name, "loss", ROWS))
    return row


def pair(act_name: str, loss_name: str, rows: Rows = ROWS) -> Pair:
    """The legal pair of two names; BadInput names both sets and what to try."""
    return joined(*both(act_name, loss_name, rows), rows)


def compose(act: Activation, los: Loss, rows: Rows = ROWS) -> Pair:
    """The legal pair of two entries; BadInput names both sets and what to try."""
    return joined(act, los, rows)


def unknown_activation(name: str) -> str:
    """What is wrong with a name that leads to no activation, and which names are near."""
    return fault(name, "activation", ROWS)


def both(act_name: str, loss_name: str, rows: Rows) -> tuple[Activation, Loss]:
    """The two entries; BadInput says all that is wrong with their names."""
    activations, losses = rows
    act, los = seek(act_name, activations, "activation"), seek(loss_name, losses, "loss")
    if act and los:
        return act, los
    first, second = seek(loss_name, activations, "activation"), seek(act_name, losses, "loss")
    if first and second:
        raise BadInput(f"the activation comes first. Try: {first.name} {second.name}")
    faults = [] if act else [fault(act_name, "activation", rows)]
    raise BadInput("; ".join(faults if los else [*faults, fault(loss_name, "loss", rows)]))


def subject(*names: str, rows: Rows = ROWS) -> Subject:
    """What the names mean: two a pair, as does `sigmoid+bce`; one an activation or a loss.

    `activation:NAME` or `loss:NAME` where both have it.
    """
    for name in names:
        if not isinstance(name, str):
            raise BadInput(f"a name is a string, not {shortened(repr(name))}. {EXAMPLE}")
    if len(names) not in (1, 2):
        raise BadInput(f"one name or two are needed, not {len(names)}. {EXAMPLE}")
    return pair(names[0], names[1], rows) if len(names) == 2 else _one_word(names[0], rows)


def _one_word(name: str, rows: Rows) -> Subject:
    activations, losses = rows
    act, los = seek(name, activations, "activation"), seek(name, losses, "loss")
    if act and los:
        raise BadInput(f"{name!r} is an activation and a loss. Try: activation:{name} or loss:{name}")
    if found := act or los:
        return found
    if two := halves(name, activations, losses):
        return pair(two[0], two[1], rows)
    if layer(name):
        raise BadInput(f"{name!r} is a layer, which show, latex, export and check take by its name alone")
    raise BadInput(fault(name, parts(name)[0] or "name", rows, [row.name for row in LAYERS]))


def layer(name: str) -> Layer | None:
    """The layer of that name or alias, if there is one."""
    return next((row for row in LAYERS if name.lower() in (row.name, *row.aliases)), None)


@cache
def legal_pairs() -> tuple[tuple[str, str], ...]:
    """The names of every pair that is legal for the parameters' defaults, in the order of the catalogue.

    Vector pairs without a declared accuracy are left out: they can be asked for, but are not checked.
    """
    every: Sequence[tuple[Activation, Loss]] = [
        (a, los) for a in ACTIVATIONS for los in LOSSES if fits(a, los)
    ]
    return tuple((a.name, los.name) for a, los in every if not undeclared(a, los))
