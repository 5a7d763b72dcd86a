"""The catalogue: entries by name, and which of them make a pair.

A pair is legal when the activation's range lies in the loss's prediction domain for every admissible
parameter: computed from the two sets, never listed.
"""

from functools import cache

import sympy as sp

from derive.catalogue.activations import ACTIVATIONS
from derive.catalogue.losses import LOSSES
from derive.catalogue.reference import REFERENCE
from derive.model import Activation, BadInput, Finite, Interval, Loss, Pair, Set, Simplex, Subject

__all__ = ["ACTIVATIONS", "LOSSES", "REFERENCE", "activation", "legal_pairs", "loss", "pair", "subject"]

TWICE = "link applied twice: did you mean identity + {0}?"


def contains(outer: Set, inner: Set) -> bool:
    """Whether every element of `inner` lies in `outer`, for all admissible parameters."""
    if isinstance(outer, Simplex) and isinstance(inner, Simplex):
        return outer.closed or not inner.closed
    if not isinstance(outer, Interval):
        return outer == inner
    if isinstance(inner, Finite):
        return all(
            contains(outer, Interval(lo=v, hi=v, closed_lo=True, closed_hi=True)) for v in _numbers(inner)
        )
    if not isinstance(inner, Interval):
        return False
    low = _inside(inner.lo - outer.lo, inner.closed_lo and not outer.closed_lo)
    high = _inside(outer.hi - inner.hi, inner.closed_hi and not outer.closed_hi)
    return low and high


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
    for row in rows:
        if name == row.name or name in row.aliases:
            return row
    raise BadInput(f"unknown {noun} {name!r}. {_suggest(name, rows)}")


def _suggest(name: str, rows) -> str:
    from difflib import get_close_matches  # only a misspelt name needs it

    spellings = {spelling: row.name for row in rows for spelling in (row.name, *row.aliases)}
    near = dict.fromkeys(spellings[s] for s in get_close_matches(name.lower(), spellings, cutoff=0.5))
    return f"Try: {', '.join(near or [row.name for row in rows])}"


def fits(act: Activation, los: Loss) -> bool:
    """Whether the pair is legal."""
    return act.kind == los.kind and contains(los.prediction, act.range)


def pair(act_name: str, loss_name: str) -> Pair:
    """The legal pair of two names; BadInput names both sets and what to try."""
    act, los = activation(act_name), loss(loss_name)
    if not fits(act, los):
        fitting = ", ".join(a.name for a in ACTIVATIONS if fits(a, los))
        needs = f"loss {los.name!r} needs predictions in {los.prediction}"
        raise BadInput(f"{needs}; activation {act.name!r} gives {act.range}. Try: {fitting}")
    twice = act.squashes and los.reads == "raw score"
    return Pair(activation=act, loss=los, warning=TWICE.format(los.name) if twice else "")


def subject(*names: str) -> Subject:
    """What the names mean: two a pair; one an activation or a loss, `loss:NAME` where both have it."""
    if len(names) == 2:
        return pair(*names)
    kind, colon, name = names[0].rpartition(":")
    if colon and kind not in ("activation", "loss"):
        raise BadInput(f"unknown kind {kind!r} in {names[0]!r}. Try: activation:{name} or loss:{name}")
    if colon:
        return activation(name) if kind == "activation" else loss(name)
    rows: tuple[Activation | Loss, ...] = (*ACTIVATIONS, *LOSSES)
    found = [row for row in rows if name == row.name or name in row.aliases]
    if len(found) > 1:
        raise BadInput(f"{name!r} is an activation and a loss. Try: activation:{name} or loss:{name}")
    return found[0] if found else _find(name, rows, "name")


@cache
def legal_pairs() -> tuple[tuple[str, str], ...]:
    """The names of every legal pair, in the order of the catalogue."""
    return tuple((a.name, los.name) for a in ACTIVATIONS for los in LOSSES if fits(a, los))
