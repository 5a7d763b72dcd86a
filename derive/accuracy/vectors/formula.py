"""The plain formula of a vector subject as a tape: what it reads, what it means, how it is differentiated."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import flint
import numpy as np
import sympy as sp
from flint import arb, arb_series
from sympy import Expr, Sum

from derive.accuracy.vectors.balls import ONE, ZERO, Array, balls, filled
from derive.accuracy.vectors.run import Given, Run, backward
from derive.accuracy.vectors.tape import Letter, Meanings, Tape, native, tape
from derive.model import (
    AS,
    ELEMENTWISE,
    YS,
    ZS,
    A,
    Activation,
    J,
    K,
    N,
    Parameter,
    Subject,
    Y,
    entries,
)

Values = Mapping[Letter, object]


@dataclass(frozen=True, kw_only=True)
class Formula:
    """A subject's value as a tape over its stacked blocks; of an activation it is the component j."""

    subject: Subject
    tape: Tape
    blocks: tuple[sp.IndexedBase, ...]
    target: Letter | None  # YS, the scalar Y, or nothing

    @property
    def is_vector(self) -> bool:
        return isinstance(self.subject, Activation)


def blocks_of(subject: Subject) -> tuple[sp.IndexedBase, ...]:
    """The letters of the vectors a subject reads, stacked in this order."""
    act, loss = entries(subject)
    stacked_inputs = [i.base for e in (act or loss,) if e for i in e.inputs]
    return tuple(stacked_inputs) or ((ZS,) if act else (AS,))


@lru_cache(maxsize=512)
def formula(subject: Subject) -> Formula:
    """The formula of a subject, from its entries as they stand."""
    of, letters = expression(subject), meanings(subject)
    return Formula(
        subject=subject,
        tape=tape(of, letters),
        blocks=blocks_of(subject),
        target=target_letter(subject),
    )


def expression(subject: Subject) -> Expr:
    """The loss of a subject in a and y, or the component j of an activation."""
    act, loss = entries(subject)
    if act and loss is None:
        return component(act)
    assert loss is not None
    if loss.kind == ELEMENTWISE:
        return Sum(loss.expr.xreplace({A: AS[N], Y: YS[N]}), (N, 1, K))
    return loss.expr


def component(activation: Activation) -> Expr:
    """The component j of an activation; an elementwise one is the identity."""
    return ZS[J] if activation.kind == ELEMENTWISE else activation.expr


def meanings(subject: Subject) -> Meanings:
    """What the letters of a subject's entries stand for."""
    act, loss = entries(subject)
    rows = [e for e in (act, loss) if e is not None]
    return Meanings(
        vectors=((AS, component(act)),) if act and loss else (),
        scalars=tuple((n.symbol, n.meaning) for e in rows for n in e.names),
        selections=tuple(s for e in rows for s in e.selections),
    )


def target_letter(subject: Subject) -> Letter | None:
    """The letter of the target: a vector, a scalar, or None where there is none."""
    _, loss = entries(subject)
    if loss is None:
        return None
    found = {n.data for n in tape(expression(subject), meanings(subject)).nodes if n.op == "given"}
    return next((letter for letter in (YS, Y) if letter in found), None)


def given_at(about: Formula, x: Array, y: Array, parameters: Mapping[str, object] | None = None) -> dict:
    """Exact balls for all that a formula reads, from rows (points, m·K) of inputs, targets and parameters."""
    x = np.atleast_2d(np.asarray(x, dtype=object))
    parts = np.split(balls(x), len(about.blocks), axis=1)
    found: dict[Letter, Array] = dict(zip(about.blocks, parts, strict=True))
    classes = x.shape[1] // len(about.blocks)
    if about.target is not None:
        found[about.target] = np.asarray(balls(y), dtype=object).reshape(
            1, *([classes] if about.target == YS else [])
        )
    for p in about.subject.parameters:
        found[p.symbol] = parameter_at(p, (parameters or {}).get(p.name), classes)
    return found


def parameter_at(parameter: Parameter, value: object, classes: int) -> Array:
    """The ball of a parameter as the float that emitted code has, or one for each class."""
    numbers = np.asarray(float(parameter.default) if value is None else value, dtype=float)
    shape = (1, classes) if parameter.per_class else (1,)
    return np.broadcast_to(np.asarray(balls(numbers), dtype=object), shape)


def stacked(about: Formula, slopes: Mapping[Letter, Array], points: int, classes: int) -> Array:
    """The slopes in all blocks one after the other, as (points, m·K); 0 where nothing depends on a block."""
    nothing = filled((points, classes))
    parts = [np.broadcast_to(slopes.get(b, nothing), (points, classes)) for b in about.blocks]
    return np.concatenate(parts, axis=1)


def moving(given: Given, letters: Sequence[Letter], directions: Array) -> dict[Letter, Array]:
    """What is given, with rows (directions, m·K) of ε added to the blocks: power series of one order."""
    moves = np.split(directions, len(letters), axis=1)
    series = np.frompyfunc(lambda v, d: arb_series([v, d]), 2, 1)
    return {
        **given,
        **{b: series(given[b], d) for b, d in zip(letters, moves, strict=True)},
    }


def unit_rows(size: int, places: Sequence[int]) -> Array:
    """The unit vectors of these places, as rows."""
    rows = filled((len(places), size))
    for n, place in enumerate(places):
        rows[n, place] = ONE
    return rows


@contextmanager
def series(order: int = 1) -> Iterator[None]:
    """Within it power series keep `order` coefficients beyond the first."""
    old, flint.ctx.cap = flint.ctx.cap, order + 1
    try:
        yield
    finally:
        flint.ctx.cap = old


def coefficient(values: Array, order: int) -> Array:
    """A coefficient of every element; of a ball, which does not move, only the first is not 0."""

    def part(v: Any) -> arb:
        return v[order] if isinstance(v, arb_series) else v if order == 0 else ZERO

    return np.frompyfunc(part, 1, 1)(values)


def output(about: Formula, run: Run) -> Array:
    """The value of a run: (points,) for a loss, (points, K) for an activation."""
    if not about.is_vector:
        return run.value.reshape(-1)
    return native(run.value, (run.tape.axis(J),))


def seed_loss(run: Run) -> Array:
    """The slope of a scalar value in itself."""
    return filled([1] * run.rank, ONE)


def seeds(about: Formula, run: Run, classes: int) -> Array:
    """For each component of an activation, the slope of that component in the value."""
    shape = [classes] + [1] * (run.rank - 1)
    shape[run.tape.axis(J)] = classes
    return unit_rows(classes, range(classes)).reshape(shape)


def slopes(about: Formula, run: Run, classes: int) -> Array:
    """The gradient of a loss (points, m·K), or the Jacobian of an activation (K, m·K)."""
    seed = seeds(about, run, classes) if about.is_vector else seed_loss(run)
    found = backward(run, seed, about.blocks)
    points = classes if about.is_vector else max(run.value.shape[0], 1)
    return stacked(about, found, points, classes)
