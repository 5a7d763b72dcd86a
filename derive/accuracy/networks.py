"""Certified truth of networks: the stages' own formulas in balls, one after the other, and their adjoints.

A layer is run as its formula stands, an activation and the pair at the end as their entries' formulas: no
step of a derivation has a part in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import flint
import numpy as np
import sympy as sp
from flint import arb

from derive.accuracy.layers import Place, found
from derive.accuracy.layers import run as run_layer
from derive.accuracy.vectors.balls import Array, balls
from derive.accuracy.vectors.formula import formula, given_at, slopes
from derive.accuracy.vectors.run import evaluate_run, forward
from derive.balls import compile_ball, taylor
from derive.model import ELEMENTWISE, ROWS, A, Activation, K, Network, Pair, Stage, Y, Z
from derive.rules.layers import base_of, indices_of

BITS = 256


@dataclass(frozen=True, kw_only=True)
class Given:
    """What a network reads: inputs, weights and masks by their letters, and targets."""

    network: Network
    arrays: Mapping[sp.Basic, np.ndarray]
    y: np.ndarray

    @property
    def sizes(self) -> dict[sp.Symbol, int]:
        """All sizes by their letters."""
        return {ROWS.size: len(self.y), **dict(self.network.sizes)}


@dataclass(frozen=True, kw_only=True)
class Passed:
    """The arrays of all stages and the slopes of activations in balls, and the losses and slopes of rows."""

    values: dict[sp.Basic, Array]
    slopes: dict[int, Array]
    losses: Array
    ends: Array


def passed(given: Given) -> Passed:
    """The way there."""
    values = {letter: balls(v) for letter, v in given.arrays.items()}
    rates: dict[int, Array] = {}
    for n, stage in enumerate(given.network.stages):
        if isinstance(stage.entry, Activation):
            value, rates[n] = _applied(stage.entry, values[base_of(stage.input)])
        else:
            output = stage.layer.output.at
            value = evaluate_run(run_layer(_place(given, stage, values)), indices_of(output))
        values[base_of(stage.output)] = np.asarray(value, dtype=object)
    losses, ends = _ended(given.network.pair, values[base_of(given.network.scores)], given.y)
    return Passed(values=values, slopes=rates, losses=losses, ends=ends)


def _place(given: Given, stage: Stage, values: Mapping[sp.Basic, Array], g: Array | None = None) -> Place:
    rows = (*stage.layer.moving, *stage.layer.constants)
    arrays = {base_of(row.at): values[base_of(row.at)] for row in rows}
    return Place(layer=stage.layer, arrays=arrays, g=np.zeros(0) if g is None else g, sizes=given.sizes)


def _applied(row: Activation, z: Array) -> tuple[Array, Array]:
    """The values and the slopes of an activation in each entry."""
    ball = compile_ball(row.expr)
    constants = {p.symbol: arb(float(p.default)) for p in row.parameters}
    pairs = [taylor(ball, {**constants, Z: v}, Z, 1, BITS) for v in z.ravel()]
    return _shaped([p[0] for p in pairs], z.shape), _shaped([p[1] for p in pairs], z.shape)


def _shaped(found_: list[arb], shape: tuple[int, ...]) -> Array:
    array = np.empty(len(found_), dtype=object)
    array[:] = found_
    return array.reshape(shape)


def _ended(pair: Pair, scores: Array, y: np.ndarray) -> tuple[Array, Array]:
    """The loss of each row, and its slopes by the scores."""
    if pair.kind != ELEMENTWISE:
        rows = [_of_vectors(pair, row, target) for row, target in zip(scores, y, strict=True)]
        return _shaped([loss for loss, _ in rows], (len(rows),)), np.stack([slope for _, slope in rows])
    values, rates = _of_numbers(pair, scores, balls(y))
    return np.add.reduce(values, axis=-1), rates


def _of_numbers(pair: Pair, scores: Array, y: Array) -> tuple[Array, Array]:
    ball = compile_ball(pair.loss.expr.xreplace({A: pair.activation.expr}))
    constants = {p.symbol: arb(float(p.default)) for p in pair.parameters}
    places = zip(scores.ravel(), y.ravel(), strict=True)
    pairs = [taylor(ball, {**constants, Z: v, Y: t}, Z, 1, BITS) for v, t in places]
    return _shaped([p[0] for p in pairs], scores.shape), _shaped([p[1] for p in pairs], scores.shape)


def _of_vectors(pair: Pair, row: Array, target: np.ndarray) -> tuple[arb, Array]:
    about = formula(pair)
    parameters = {p.name: float(p.default) for p in pair.parameters if not p.per_class}
    at = forward(about.tape, given_at(about, row[None], target[None], parameters), {K: len(row)})
    return at.value.ravel()[0], slopes(about, at, len(row))[0]


def loss(given: Given) -> arb:
    """The mean of the losses of all rows."""
    with flint.ctx.workprec(BITS):
        return sum(passed(given).losses, arb(0)) / len(given.y)


def gradients(given: Given, *, terms: bool = False) -> dict[sp.Basic, Array]:
    """The derivatives of the mean loss by all weights, or the sums of the absolute terms of each.

    The terms are those of the whole way back: what cancels in a stage counts in all that stand before it.
    """
    with flint.ctx.workprec(BITS):
        there = passed(given)
        g: Array = (np.abs(there.ends) if terms else there.ends) / len(given.y)
        slopes_: dict[sp.Basic, Array] = {}
        for n, stage in reversed(list(enumerate(given.network.stages))):
            if n in there.slopes:
                g = g * (np.abs(there.slopes[n]) if terms else there.slopes[n])
                continue
            place = _place(given, stage, there.values, g)
            slopes_ |= _by_letter(stage, found(place, terms=terms).slopes)
            g = slopes_[base_of(stage.input)]
        return {base_of(a.at): slopes_[base_of(a.at)] for a in given.network.weights}


def _by_letter(stage: Stage, slopes_: tuple[Array, ...]) -> dict[sp.Basic, Array]:
    return {base_of(a.at): s for a, s in zip(stage.layer.moving, slopes_, strict=True)}
