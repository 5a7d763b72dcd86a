"""κ of one component of a quantity: how much the error of any intermediate grows near a root of it.

κ = κ_y + κ_z. κ_y is Σ_k |y_k ∂q/∂y_k / q| over the targets that are not hard. κ_z is the sum over the
inputs k of max(1, |z_k|) / |z_k − r_k|, where q has a root r_k along z_k within [z_k/2, 2 z_k], or within 1
of a z_k below 1; roots at 0 of a factor z_k do not count. One rounding of an intermediate, such as e^z, acts
like a change of z by the unit roundoff itself, not by its share of a small z: hence max(1, |z_k|). A root is
estimated by Newton's step and then certified by a change of sign in balls, farther out. κ is infinite where
rounding an output, or a name, by 8 ulp may change a selection that depends on it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import flint
import numpy as np
from flint import arb

from derive.accuracy.vectors.balls import ONE, ZERO, Array, Undecided, balls, filled
from derive.accuracy.vectors.formula import (
    Formula,
    coefficient,
    formula,
    moving,
    series,
    stacked,
    unit_rows,
)
from derive.accuracy.vectors.rows import Row, hard_targets
from derive.accuracy.vectors.run import Given, Run, backward, forward
from derive.accuracy.vectors.tape import Letter
from derive.accuracy.vectors.truth import NOTHING, TRIES, Balls, Certified, classes, plain_run, settle
from derive.model import J, K, Subject

INPUTS, FEW = 8, 2  # so many inputs with the nearest roots are looked at: FEW where inputs are many
_MANY = 100
OVERSHOOT = (1.125, 1.5, 2.5)  # times Newton's step: where the sign must have changed
_DIGITS = 20  # bits of a slope
_SIGNS = (256, 1536)  # bits for a sign
_VANISHED = arb(2) ** -60


@dataclass(frozen=True, kw_only=True)
class Component:
    """Component `output` of an activation (None for a loss), differentiated by the inputs `wrt`."""

    about: Formula
    row: Row
    output: int | None
    wrt: tuple[int, ...]


def component(subject: Subject, quantity: str, row: Row, place: int) -> Component:
    """The component at a flat place of a quantity."""
    about, wide = formula(subject), len(row.x)
    order = {"loss": 0, "gradient": 1, "hessian": 2}[quantity]
    first, *wrt = np.unravel_index(
        place, (*([classes(about, row)] if about.is_vector else [1]), *[wide] * order)
    )
    return Component(
        about=about, row=row, output=int(first) if about.is_vector else None, wrt=tuple(int(n) for n in wrt)
    )


def kappa(true: Certified, place: int) -> float:
    """κ_y + κ_z of one component; it is computed once."""
    if place not in true.kappas:
        true.kappas[place] = _kappa(true, place)
    return true.kappas[place]


def _kappa(true: Certified, place: int) -> float:
    if ambiguous(true.subject, true):
        return math.inf
    of = component(true.subject, true.quantity, true.row, place)
    value = arb(float(true.hi[place])) + arb(float(true.lo[place]))
    soft = soft_targets(of)
    inputs, targets = slopes_of(of, soft)
    return kappa_y(of, value, soft, targets) + kappa_z(of, value, inputs)


def soft_targets(of: Component) -> list[int]:
    """The places of the targets that are not hard."""
    hard = (0, *hard_targets(of.about.subject))
    return [n for n, target in enumerate(of.row.y.ravel().tolist()) if target not in hard]


def slopes_of(of: Component, soft: Sequence[int]) -> tuple[Balls, Balls]:
    """The slopes of a component in all inputs, stacked, and in the soft targets."""
    blocks, letter = of.about.blocks, of.about.target
    letters = blocks if letter is None else (*blocks, letter)

    def found(last: bool) -> Balls:
        slopes = _slopes(of, letters, last)
        inputs = stacked(of.about, slopes, 1, classes(of.about, of.row)).ravel()
        return [*inputs, *(slopes[letter].ravel()[list(soft)] if soft and letter is not None else [])]

    together = settle(found, f"slopes of {of}", _DIGITS)
    return together[: len(of.row.x)], together[len(of.row.x) :]


_ROW = -1  # where `kappas` keeps what holds for the row


def ambiguous(subject: Subject, true: Certified) -> bool:
    """Whether a selection that depends on rounded outputs or names may change with their last digits."""
    if _ROW not in true.kappas:
        true.kappas[_ROW] = math.inf if _near_boundary(formula(subject), true.row) else 0.0
    return true.kappas[_ROW] > 0


def _near_boundary(about: Formula, row: Row) -> bool:
    if not any(node.op == "select" for node in about.tape.nodes):
        return False
    for bits in TRIES[:-1]:
        try:
            with flint.ctx.workprec(bits):
                plain_run(about, row, widen=True)
        except (Undecided, ValueError, ZeroDivisionError):
            continue
        return False
    return True


def kappa_y(of: Component, value: arb, soft: Sequence[int], slopes: Balls) -> float:
    """Σ_k |y_k ∂q/∂y_k / q| over the soft targets, from the slopes in them."""
    y = of.row.y.ravel()
    with flint.ctx.workprec(TRIES[0]):
        moves = sum((abs(arb(float(y[n])) * s) for n, s in zip(soft, slopes, strict=True)), ZERO)
    return _ratio(moves, value)


def _ratio(moves: arb, value: arb) -> float:
    if moves < NOTHING:
        return 0.0
    return math.inf if value == 0 else float((moves / abs(value)).mid())


def kappa_z(of: Component, value: arb, slopes: Balls) -> float:
    """Σ_k max(1, |z_k|) / |z_k − r_k| over the certified roots, from the nearest on."""
    z = of.row.x.tolist()
    if value == 0:  # a root, unless the quantity is 0 all around, as in saturation
        moving_inputs = [n for n, slope in enumerate(slopes) if not abs(slope) < NOTHING]
        return math.inf if set(moving_inputs) - _factors(of, value, moving_inputs[:INPUTS]) else 0.0
    steps = {n: _step(value, slope) for n, slope in enumerate(slopes)}
    near = [n for n, step in steps.items() if abs(step) <= _reach(z[n], step)]
    near = sorted(near, key=lambda n: abs(steps[n]) / max(1.0, abs(z[n])))[
        : FEW if len(z) > _MANY else INPUTS
    ]
    factors = _factors(of, value, [n for n in near if abs(z[n]) < 1])
    tries = [
        (n, far)
        for n in sorted(near)
        for far in (steps[n] * f for f in OVERSHOOT)
        if abs(far) <= _reach(z[n], far) and not (n in factors and _crosses(z[n], far))
    ]
    found: dict[int, float] = {}
    for (n, far), there in zip(tries, _moved(of, tries), strict=True):
        if there * value <= 0:
            found.setdefault(n, max(1.0, abs(z[n])) / abs(far))
    return sum(found.values())


def _crosses(z: float, far: float) -> bool:
    """Whether a step from z leads to 0 or beyond: the root of a factor z lies there."""
    return z * (z + far) <= 0


def _step(value: arb, slope: arb) -> float:
    """Newton's step to the root, infinite where there is none."""
    with flint.ctx.workprec(TRIES[0]):
        step = float((-value / slope).mid()) if slope != 0 else math.inf
    return step if step == step and step != 0 else math.inf


def _reach(z: float, step: float) -> float:
    """How far a root may lie from z in the direction of a step."""
    if abs(z) < 1:
        return 1.0
    return abs(z) if (step > 0) == (z > 0) else abs(z) / 2


def _factors(of: Component, value: arb, inputs: Sequence[int]) -> set[int]:
    """The inputs that are factors: where such a z_k is 0, so is q, whatever the others are."""
    if not inputs:
        return set()
    points = np.tile(balls(of.row.x * 0.75 + np.linspace(0.125, 0.5, len(of.row.x))), (len(inputs), 1))
    points[range(len(inputs)), list(inputs)] = ZERO
    found = _values(of, points)
    small = abs(value) * _VANISHED + _VANISHED**4
    return {n for n, v in zip(inputs, found, strict=True) if v.contains(0) and abs(v) < small}


def _moved(of: Component, tries: Sequence[tuple[int, float]]) -> list[arb]:
    """The component with one input moved, for each try; NaN where its sign is not certain."""
    if not tries:
        return []
    points = np.tile(balls(of.row.x), (len(tries), 1))
    with flint.ctx.workprec(_SIGNS[-1]):
        for n, (place, far) in enumerate(tries):
            points[n, place] = points[n, place] + arb(far)
    for bits in _SIGNS:
        with flint.ctx.workprec(bits):
            found = _values(of, points)
        if all(v > 0 or v <= 0 for v in found):
            break
    return found


def _values(of: Component, points: Array) -> list[arb]:
    """The component at other points, selections held; NaN where the precision does not do."""
    try:
        return _at(of, points)
    except (ValueError, ZeroDivisionError):
        return [arb.nan()] * len(points)


def _plain(of: Component, last: bool) -> Run:
    return plain_run(of.about, of.row, last)


def _seed(of: Component, run: Run) -> Array:
    """The slope of the component (before it is differentiated) in the value of a run."""
    if of.output is None:
        return filled([1] * run.rank, ONE)
    shape, count = [1] * run.rank, run.sizes[K]
    shape[run.tape.axis(J)] = count
    return unit_rows(count, [of.output]).reshape(shape)


def _directions(of: Component) -> tuple[Array, list[int]]:
    """Rows of ε whose highest coefficients, with these signs, add up to the derivative."""
    wide = len(of.row.x)
    units = unit_rows(wide, of.wrt)
    if len(of.wrt) < 2:
        return units, [1] * len(of.wrt)
    return np.concatenate([units[:1] + units[1:], units]), [1, -1, -1]


def _slopes(of: Component, letters: tuple[Letter, ...], last: bool) -> dict[Letter, Array]:
    """The slopes of the component in all that the letters hold."""
    plain = _plain(of, last)
    if not of.wrt:
        found = backward(plain, _seed(of, plain), letters)
        return {letter: found.get(letter, _nothing(plain, letter)) for letter in letters}
    rows, signs = _directions(of)
    order = len(of.wrt)
    with series(order):
        run = forward(of.about.tape, moving(plain.given, of.about.blocks, rows), plain.sizes, held=plain.held)
        found = backward(run, _seed(of, run), letters)
        return {letter: _joined(run, found.get(letter), letter, signs, order) for letter in letters}


def _joined(run: Run, slope: Array | None, letter: Letter, signs: list[int], order: int) -> Array:
    shape = _nothing(run, letter).shape[1:]
    if slope is None:
        return filled((1, *shape))
    parts = coefficient(np.broadcast_to(slope.reshape(-1, *shape), (len(signs), *shape)), order)
    total = sum(sign * part for sign, part in zip(signs, parts, strict=True))
    return np.asarray(total, dtype=object)[None]  # of a scalar letter the sum is a bare ball


def _nothing(run: Run, letter: Letter) -> Array:
    return filled((1, *np.shape(run.given[letter])[1:]))


def _at(of: Component, points: Array) -> list[arb]:
    about, plain = of.about, _plain(of, True)
    given: Given = {
        **plain.given,
        **dict(zip(about.blocks, np.split(balls(points), len(about.blocks), axis=1), strict=True)),
    }
    count, size = len(points), plain.sizes[K]
    if not of.wrt:
        run = forward(about.tape, given, plain.sizes, held=plain.held)
        value = run.value.reshape(-1, size)[:, of.output] if about.is_vector else run.value.ravel()
        return list(np.broadcast_to(value, count))
    with series():
        if len(of.wrt) == 2:
            along = np.repeat(unit_rows(len(of.row.x), of.wrt[:1]), count, axis=0)
            given = moving(given, about.blocks, along)
        run = forward(about.tape, given, plain.sizes, held=plain.held)
        slopes = stacked(about, backward(run, _seed(of, run), about.blocks), count, size)
        return list(coefficient(slopes[:, of.wrt[-1]], len(of.wrt) - 1))
