"""Which activation may stand in front of which loss, under which condition, and what to try instead."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

import sympy as sp

from derive.catalogue.measured import measured
from derive.catalogue.reference import CANONICAL, REFERENCE
from derive.catalogue.sets import inclusion
from derive.model import (
    ELEMENTWISE,
    REALS,
    VECTOR,
    Activation,
    BadInput,
    Interval,
    Loss,
    Pair,
    Parameter,
    Set,
    Z,
)

TWICE = "link applied twice: did you mean identity + {0}?"
SHOWN = 8  # names that a message suggests at the most

Rows = tuple[tuple[Activation, ...], tuple[Loss, ...]]
AnySet = TypeVar("AnySet", bound=Set)


def condition(act: Activation, los: Loss) -> sp.Basic:
    """The relation in parameters for the pair to be legal: true nearly always, false where none will do."""
    if los.inputs or not _of_one_kind(act, los):
        return sp.false
    found = inclusion(los.prediction, act.range, act.parameters + los.parameters)
    return found if found is sp.true or act.kind == los.kind == ELEMENTWISE else sp.false


def fits(act: Activation, los: Loss) -> bool:
    """Whether the pair is legal, at least for the parameters' defaults."""
    return admits(condition(act, los), act.parameters + los.parameters)


def admits(relation: sp.Basic, parameters: Sequence[Parameter]) -> bool:
    """Whether the defaults satisfy a condition."""
    return relation.subs({p.symbol: p.default for p in parameters}) is sp.true


def joined(act: Activation, los: Loss, rows: Rows) -> Pair:
    """The legal pair of two entries; BadInput names both sets and what to try among the rows."""
    if not fits(act, los):
        raise BadInput(misfit(act, los, rows))
    warning = TWICE.format(los.name) if twice(act, los) else ""
    apart = renamed(act, los)
    found = Pair(activation=act, loss=apart, warning=warning, condition=condition(act, apart))
    return replace(found, accuracy=measured(found.name))


def renamed(act: Activation, los: Loss) -> Loss:
    """The loss with new names for those of its parameters whose name another one of the activation has.

    A parameter that both have, with its domain and its default, is the same number in both.
    """
    taken = {p.name: p for p in act.parameters}
    clash = [p for p in los.parameters if p.name in taken and p != taken[p.name]]
    if not clash:
        return los
    new = {p: of_loss(p) for p in clash}
    to = {p.symbol: q.symbol for p, q in new.items()}
    names = {p.name: q.name for p, q in new.items()}
    return replace(
        los,
        expr=los.expr.xreplace(to),
        kinks=tuple(kink.xreplace(to) for kink in los.kinks),
        prediction=_moved(los.prediction, to),
        target=_moved(los.target, to),
        parameters=tuple(replace(new.get(p, p), domain=_moved(p.domain, to)) for p in los.parameters),
        known=tuple(
            replace(k, parameters=tuple((names.get(n, n), v) for n, v in k.parameters)) for k in los.known
        ),
    )


def of_loss(parameter: Parameter) -> Parameter:
    """A parameter of a loss under a name that no activation has: loss_beta."""
    symbol = sp.Symbol(f"loss_{parameter.name}", **parameter.symbol.assumptions0)
    return replace(parameter, symbol=symbol, latex=f"{{{parameter.latex}}}_L", label="")


def _moved(domain: AnySet, to: dict[sp.Symbol, sp.Symbol]) -> AnySet:
    if not isinstance(domain, Interval):
        return domain
    return replace(domain, lo=domain.lo.xreplace(to), hi=domain.hi.xreplace(to))


def _of_one_kind(act: Activation, los: Loss) -> bool:
    if (act.kind, los.kind) == (VECTOR, ELEMENTWISE):
        return los.sums
    return act.kind == los.kind or (act.expr == Z and act.domain == REALS)


def twice(act: Activation, los: Loss) -> bool:
    """Whether a link is applied twice: by the activation, and again within the loss."""
    return act.squashes and los.reads == "raw score"


def undeclared(act: Activation, los: Loss) -> str:
    """Why no accuracy is declared for a vector pair; '' nearly always."""
    if act.kind != VECTOR or los.kind != VECTOR:
        return ""
    if twice(act, los):
        return "the link is applied twice"
    return "rounded outputs decide a condition of the loss" if act.inputs and los.selections else ""


def misfit(act: Activation, los: Loss, rows: Rows) -> str:
    """Why the two make no pair, and what to try."""
    if los.inputs:
        return f"loss {los.name!r} reads {len(los.inputs)} vectors, and stands alone. Try: {los.name}"
    found = inclusion(los.prediction, act.range, act.parameters + los.parameters)
    if not admits(found, act.parameters + los.parameters):
        return _of_sets(act, los, found, rows)
    other = next(row for row in rows[1] if fits(act, row)).name
    what = "reads vectors" if los.kind == VECTOR else "is not summed over vectors"
    given = "vectors" if act.kind == VECTOR else "numbers"
    return f"loss {los.name!r} {what}; activation {act.name!r} gives {given}. Try: {act.name}+{other}"


def _of_sets(act: Activation, los: Loss, found: sp.Basic, rows: Rows) -> str:
    """Why outputs are no predictions, or for which parameters only they are."""
    needs = f"loss {los.name!r} needs predictions in {los.prediction}"
    gives = f"activation {act.name!r} gives {act.range}{_on(act)}"
    tries = suggested(los, rows[0])
    if found is sp.false:
        return f"{needs}; {gives}. Try: {tries}"
    defaults = ", ".join(f"{p.name} = {p.default}" for p in act.parameters if found.has(p.symbol))
    only = f"they lie there for {said(found)} only, which the defaults {defaults} do not satisfy"
    return f"{needs}; {gives}; {only}. Try: other parameters, or {tries}"


def said(relation: sp.Basic) -> str:
    """A condition in words: alpha <= 1."""
    parts = relation.args if isinstance(relation, sp.And) else (relation,)
    return " and ".join(sorted(str(part) for part in parts))


def _on(act: Activation) -> str:
    return "" if act.domain == REALS else f" for z in {act.domain}"


def suggested(los: Loss, rows: Sequence[Activation]) -> str:
    """The names of some activations that fit a loss: the canonical one, then those of reference pairs.

    After these those that fill its domain from the whole line.
    """
    fitting = [act for act in rows if fits(act, los)]
    fitting.sort(key=lambda act: _rank(act, los))
    return ", ".join(act.name for act in fitting[:SHOWN])


def _rank(act: Activation, los: Loss) -> tuple[bool, ...]:
    """False comes first."""
    names = act.name, los.name
    usual = names not in CANONICAL, names not in REFERENCE
    return *usual, twice(act, los), act.range != los.prediction, act.domain != REALS
