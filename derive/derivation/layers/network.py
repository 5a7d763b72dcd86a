"""Network → NetworkDerivation: forwards, then from the loss back, stage by stage, each a row of its own.

That the derivative of a chain is the product of the derivatives of its links is the chain rule; every link
is derived and proved as the entry that it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import sympy as sp
from sympy import Expr, Indexed, IndexedBase

from derive.derivation import derive
from derive.derivation.layers import quantities as q
from derive.derivation.layers.forms import named
from derive.derivation.layers.matrices import array_step, slope_step
from derive.derivation.layers.steps import derive_layer
from derive.derivation.vectors.letters import output_letter
from derive.derivation.vectors.steps import definition
from derive.model import (
    AS,
    AXES,
    CS,
    ELEMENTWISE,
    QS,
    ROWS,
    ZS,
    A,
    Activation,
    At,
    Axis,
    Derivation,
    J,
    K,
    Network,
    Stage,
    Step,
    Y,
    Z,
    entries,
)
from derive.rules.layers import base_of, cotangent, entry, indices_of
from derive.rules.vectors import VectorForm

MEAN = "the loss is the mean over the rows"
BELOW = "the derivative of one row is derived below, without the index n"


@dataclass(frozen=True, kw_only=True)
class Link:
    """The derivation of one stage: the steps that define its variables, and those back from its output."""

    stage: Stage
    forward: tuple[Step, ...]
    backward: tuple[Step, ...]
    conventions: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class NetworkDerivation:
    """The reader's end of a network: its links in the order of the stages, and the pair behind them.

    `ahead` says what output and loss are, `behind` what the loss hands back: the derivative by the scores.
    """

    subject: Network
    links: tuple[Link, ...]
    pair: Derivation
    ahead: tuple[Step, ...]
    behind: tuple[Step, ...]


def derive_network(network: Network) -> NetworkDerivation:
    """The derivation of a network; Unproved where a step of a stage or of the pair is not."""
    pair = derive(network.pair)
    ahead, behind = _end(network, pair)
    links = tuple(_link(network, stage) for stage in network.stages)
    return NetworkDerivation(subject=network, links=links, pair=pair, ahead=ahead, behind=behind)


def _link(network: Network, stage: Stage) -> Link:
    """The derivation of a stage."""
    if isinstance(stage.entry, Activation):
        return _of_activation(stage)
    found = derive_layer(network.behind(stage))
    count = next(n for n, s in enumerate(found.steps) if s.quantity.name.startswith(q.SLOPE))
    return Link(
        stage=stage,
        forward=found.steps[:count],
        backward=found.steps[count:],
        conventions=found.conventions,
    )


def _of_activation(stage: Stage) -> Link:
    """An activation in each entry: its slope as the activation's own derivation ends."""
    assert isinstance(stage.entry, Activation)
    own = derive(stage.entry)
    reads, gives = stage.input, stage.output
    defined = _defined(gives, stage.layer.output.meaning, stage.layer.title)
    slope = own.gradient.xreplace({Z: reads, A: gives})
    bars = [entry(cotangent(base_of(at)), indices_of(at)) for at in (reads, gives)]
    quantity = q.slope(reads, bars[0])
    proof = next(s.proof for s in reversed(own.steps) if s.expr == own.gradient)
    shown = q.chained((), bars[1], gives, reads)
    says = f"{q.text(reads)} acts on the loss through {q.text(gives)} alone"
    rows = (("chain rule", says, shown), ("slopes", f"the slope of the {stage.layer.title}", ""))
    backward = tuple(
        Step(quantity=quantity, rule=rule, says=says, expr=bars[1] * slope, proof=proof, shown=shown)
        for rule, says, shown in rows
    )
    whole = tuple(slope_step(reads, bars[0], bars[1] * slope, result=False))
    forward = (defined, *array_step(gives, stage.layer.output.meaning))
    return Link(stage=stage, forward=forward, backward=(*backward, *whole), conventions=own.conventions)


def _defined(at: At, meaning: Expr, says: str) -> Step:
    return definition(q.entry(at), says, meaning)


# The pair at the end, row by row.


def _end(network: Network, pair: Derivation) -> tuple[tuple[Step, ...], tuple[Step, ...]]:
    """What output and loss are, and the derivative of the mean loss by the scores."""
    rows = Rows(network)
    act, los = entries(network.pair)
    assert act is not None and los is not None
    n, *_ = indices_of(network.scores)
    losses = IndexedBase(sp.Symbol("L", real=True), shape=(ROWS.size,))
    ahead = [_defined(rows.output, rows.of(act.expr), act.title)] if act.expr != Z and rows.plain else []
    if rows.plain:
        ahead.append(_defined(losses[n], rows.summed(los.expr), los.title))
    mean = sp.Sum(losses[n], (n, 1, ROWS.size)) / ROWS.size
    ahead.append(_defined(sp.Symbol("L", real=True), mean, "the mean over the rows"))
    return tuple(ahead), tuple(_behind(network, pair, rows))


def _behind(network: Network, pair: Derivation, rows: "Rows") -> Iterator[Step]:
    scores = network.scores
    bar = entry(cotangent(base_of(scores)), indices_of(scores))
    quantity = q.slope(scores, bar)
    found = [s for s in pair.steps if s.quantity.name == "dL/dz" and not isinstance(s.expr, VectorForm)]
    last = found[-1]
    size = ROWS.size
    shown = rf"\frac{{1}}{{{sp.latex(size)}}} \frac{{\partial L_{{n}}}}{{\partial {q.latex(scores)}}}"
    expr = rows.of(last.expr) / size
    yield Step(
        quantity=quantity, rule="chain rule", says=MEAN if rows.plain else f"{MEAN}; {BELOW}", expr=expr,
        proof=last.proof, shown=shown,
    )  # fmt: skip
    if not rows.plain:
        return
    yield Step(
        quantity=quantity, rule="output and loss", says=BELOW, expr=expr,
        proof=last.proof,
    )  # fmt: skip
    yield from slope_step(scores, bar, expr, result=True)


class Rows:
    """Formulas of a pair, of one row each, in the letters of a network."""

    def __init__(self, network: Network):
        self.scores = network.scores
        self.axis: Axis = next(a for a in AXES if indices_of(network.scores)[-1] in a.indices)
        self.kind = network.pair.kind
        act, los = network.pair.activation, network.pair.loss
        self.sums = los.kind == ELEMENTWISE
        # A row's own letters (a norm, a threshold) stand in the derivation of the pair.
        self.plain = not (act.names or act.selections or los.names or los.selections)
        name = "a" if self.kind == ELEMENTWISE else output_letter(act).label.name
        self.output = self.scores if act.expr == Z else self._base(name)[indices_of(self.scores)]

    def _base(self, name: str) -> IndexedBase:
        return IndexedBase(sp.Symbol(name, real=True), shape=(ROWS.size, self.axis.size))

    def summed(self, expr: Expr) -> Expr:
        """The loss of a row: one of numbers is summed over the outputs."""
        index = indices_of(self.scores)[-1]
        if not self.sums:
            return self.of(expr)
        terms = expr.xreplace({Z: self.scores, A: self.output, Y: self._base("y")[indices_of(self.scores)]})
        return sp.Sum(terms, (index, 1, self.axis.size))

    def of(self, expr: Expr) -> Expr:
        """A formula of one row as one of row n."""
        n, k = indices_of(self.scores)
        if self.kind == ELEMENTWISE:
            return expr.xreplace({Z: self.scores, A: self.output, Y: self._base("y")[n, k]})
        known = {ZS: base_of(self.scores), AS: base_of(self.output)}
        each = [e for e in expr.atoms(Indexed) if e.base not in (CS, QS)]  # these are the same for all rows
        found = {e: known.get(e.base) or self._base(e.base.label.name) for e in each}
        expr = expr.xreplace({e: base[n, e.indices[0]] for e, base in found.items()})
        return named(expr.xreplace({J: k, K: self.axis.size}), (n, k))
