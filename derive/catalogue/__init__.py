"""The catalogue: entries by name, and which of them make a pair.

A pair is legal when the activation's range lies in the loss's prediction domain for every admissible
parameter: computed from the two sets, never listed. Over vectors the identity acts on each component,
and an elementwise loss that `sums` is the sum over the components.
"""

from collections.abc import Sequence
from functools import cache

import sympy as sp

from derive.catalogue.activations import ACTIVATIONS as ELEMENTWISE_ACTIVATIONS
from derive.catalogue.deviances import DEVIANCES
from derive.catalogue.links import LINKS
from derive.catalogue.losses import LOSSES as ELEMENTWISE_LOSSES
from derive.catalogue.names import fault, halves, parts, seek, shortened
from derive.catalogue.rectifiers import RECTIFIERS
from derive.catalogue.reference import REFERENCE
from derive.catalogue.vector_activations import VECTOR_ACTIVATIONS
from derive.catalogue.vector_losses import VECTOR_LOSSES
from derive.model import (
    ELEMENTWISE,
    REALS,
    VECTOR,
    Activation,
    BadInput,
    Finite,
    Interval,
    LogSimplex,
    Loss,
    Nonzero,
    OneHot,
    Pair,
    Set,
    Simplex,
    Sphere,
    Subject,
    Z,
)

__all__ = [
    "ACTIVATIONS",
    "DEVIANCES",
    "LINKS",
    "LOSSES",
    "REFERENCE",
    "activation",
    "explained",
    "legal_pairs",
    "loss",
    "pair",
    "subject",
]

ACTIVATIONS: tuple[Activation, ...] = (*ELEMENTWISE_ACTIVATIONS, *RECTIFIERS, *LINKS, *VECTOR_ACTIVATIONS)
LOSSES: tuple[Loss, ...] = (*ELEMENTWISE_LOSSES, *DEVIANCES, *VECTOR_LOSSES)

TWICE = "link applied twice: did you mean identity + {0}?"
Rows = tuple[tuple[Activation, ...], tuple[Loss, ...]]
EMITTED: Rows = (ACTIVATIONS, LOSSES)
EXPLAINED: Rows = EMITTED
EXAMPLE = "Try: 'sigmoid', 'bce'"


def contains(outer: Set, inner: Set) -> bool:
    """Whether every element of `inner` lies in `outer`, for all admissible parameters."""
    if isinstance(outer, Simplex):
        inside = inner == OneHot() or (isinstance(inner, Simplex) and inner.closed)
        return outer.closed if inside else isinstance(inner, Simplex)
    if isinstance(outer, Nonzero):
        return isinstance(inner, Nonzero | Sphere | Simplex | OneHot)
    if not isinstance(outer, Interval):
        return outer == inner
    inner = components(inner)
    if isinstance(inner, Finite):
        return all(
            contains(outer, Interval(lo=v, hi=v, closed_lo=True, closed_hi=True)) for v in _numbers(inner)
        )
    if not isinstance(inner, Interval):
        return False
    low = _inside(inner.lo - outer.lo, inner.closed_lo and not outer.closed_lo)
    high = _inside(outer.hi - inner.hi, inner.closed_hi and not outer.closed_hi)
    return low and high


def components(vectors: Set) -> Set:
    """The set of the components of all vectors of a set, for any number of them."""
    low, high = sp.S.Zero, sp.S.One
    if isinstance(vectors, Simplex):  # a single component is 1
        return Interval(lo=low, hi=high, closed_lo=vectors.closed, closed_hi=True)
    if isinstance(vectors, OneHot):
        return Finite(values=(0, 1))
    if isinstance(vectors, LogSimplex):
        return Interval(hi=low, closed_hi=True)
    if isinstance(vectors, Sphere):
        return Interval(lo=-high, hi=high, closed_lo=True, closed_hi=True)
    return REALS if isinstance(vectors, Nonzero) else vectors


def _numbers(finite: Finite) -> list[sp.Integer]:
    return [sp.Integer(v) for v in finite.values]


def _inside(distance: sp.Expr, strictly: bool) -> bool:
    if distance is sp.nan:  # ∞ − ∞: both ends are infinite, and an infinite end is open
        return True
    return bool(distance.is_extended_positive if strictly else distance.is_extended_nonnegative)


def activation(name: str) -> Activation:
    """The activation of that name or alias; BadInput with the nearest names otherwise."""
    return _find(name, ACTIVATIONS, "activation")


def loss(name: str) -> Loss:
    """The loss of that name or alias; BadInput with the nearest names otherwise."""
    return _find(name, LOSSES, "loss")


def _find(name: str, rows, noun: str):
    row = seek(name, rows, noun)
    if row is None:
        raise BadInput(fault(name, rows, noun))
    return row


def fits(act: Activation, los: Loss) -> bool:
    """Whether the pair is legal."""
    if los.inputs or not contains(los.prediction, act.range):
        return False
    if (act.kind, los.kind) == (VECTOR, ELEMENTWISE):
        return los.sums
    return act.kind == los.kind or (act.expr == Z and act.domain == REALS)


def pair(act_name: str, loss_name: str, rows: Rows = EMITTED) -> Pair:
    """The legal pair of two names; BadInput names both sets and what to try."""
    act, los = _both(act_name, loss_name, rows)
    if not fits(act, los):
        raise BadInput(_misfit(act, los, rows))
    return Pair(activation=act, loss=los, warning=TWICE.format(los.name) if twice(act, los) else "")


def unknown_activation(name: str) -> str:
    """What is wrong with a name that leads to no activation, and which names are near."""
    return fault(name, EXPLAINED[0], "activation")


def undeclared(act: Activation, los: Loss) -> str:
    """Why no accuracy is declared for a vector pair; '' nearly always."""
    if act.kind != VECTOR or los.kind != VECTOR:
        return ""
    if twice(act, los):
        return "the link is applied twice"
    return "rounded outputs decide a condition of the loss" if act.inputs and los.selections else ""


def _misfit(act: Activation, los: Loss, rows: Rows) -> str:
    """Why the two make no pair, and what to try."""
    if los.inputs:
        return f"loss {los.name!r} reads {len(los.inputs)} vectors, and stands alone. Try: {los.name}"
    if not contains(los.prediction, act.range):
        fitting = ", ".join(a.name for a in rows[0] if fits(a, los))
        needs = f"loss {los.name!r} needs predictions in {los.prediction}"
        return f"{needs}; activation {act.name!r} gives {act.range}. Try: {fitting}"
    other = next(row for row in rows[1] if fits(act, row)).name
    what = "reads vectors" if los.kind == VECTOR else "is not summed over vectors"
    return f"loss {los.name!r} {what}; activation {act.name!r} gives {_given(act)}. Try: {act.name}+{other}"


def _given(act: Activation) -> str:
    return "vectors" if act.kind == VECTOR else "numbers"


def twice(act: Activation, los: Loss) -> bool:
    """Whether a link is applied twice: by the activation, and again within the loss."""
    return act.squashes and los.reads == "raw score"


def _both(act_name: str, loss_name: str, rows: Rows) -> tuple[Activation, Loss]:
    """The two entries; BadInput says all that is wrong with their names."""
    activations, losses = rows
    act, los = seek(act_name, activations, "activation"), seek(loss_name, losses, "loss")
    if act and los:
        return act, los
    first, second = seek(loss_name, activations, "activation"), seek(act_name, losses, "loss")
    if first and second:
        raise BadInput(f"the activation comes first. Try: {first.name} {second.name}")
    faults = [] if act else [_unknown(act_name, activations, "activation")]
    raise BadInput("; ".join(faults if los else [*faults, _unknown(loss_name, losses, "loss")]))


def _by_noun(rows: Rows) -> dict[str, Sequence[Activation | Loss]]:
    return {"activation": rows[0], "loss": rows[1]}


def _unknown(name: str, rows: Sequence[Activation | Loss], noun: str) -> str:
    """What is wrong with a name that leads to none of the rows."""
    if row := seek(name, _by_noun(EXPLAINED)[noun], noun):
        says = f"{noun} {row.name!r} can be explained, its code is not emitted"
        return f"{says}. Try: derive explain {row.name}"
    return fault(name, rows, noun)


def explained(*names: str) -> Subject:
    """What the names mean, links and deviances included whose code is not emitted."""
    return subject(*names, rows=EXPLAINED)


def subject(*names: str, rows: Rows = EMITTED) -> Subject:
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
    kind, _ = parts(name)
    for noun, table in _by_noun(EXPLAINED).items():
        if kind in ("", noun) and seek(name, table, noun):
            raise BadInput(_unknown(name, (), noun))
    near = [row for noun, table in _by_noun(rows).items() if kind in ("", noun) for row in table]
    raise BadInput(fault(name, near, kind or "name"))


@cache
def legal_pairs() -> tuple[tuple[str, str], ...]:
    """The names of every legal pair, in the order of the catalogue.

    Vector pairs without a declared accuracy are left out: they can be asked for, but are not checked.
    """
    every = [(a, los) for a in ACTIVATIONS for los in LOSSES if fits(a, los)]
    return tuple((a.name, los.name) for a, los in every if not undeclared(a, los))
