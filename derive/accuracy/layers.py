"""Certified truth of layers: their own formula at the floats given, in balls, and its adjoints.

The variables are taken as they stand: no step of a derivation has a part in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

import flint
import numpy as np
import sympy as sp
from flint import arb

from derive.accuracy.vectors.balls import Array, balls, filled
from derive.accuracy.vectors.run import Run, backward, evaluate_run, forward
from derive.accuracy.vectors.tape import Meanings, Tape, spread, tape
from derive.accuracy.vectors.truth import floats, settle
from derive.model import At, Layer
from derive.rules.layers import base_of, indices_of

Letter: TypeAlias = sp.IndexedBase | sp.Symbol
DRAWS = 3  # directions in which inputs are moved, for how far results follow
PRECISE = 1536  # bits, which hold the largest float beside 1
STEP = arb(2) ** -60  # relative; small beside anything that bends
EPS = {"float64": 2.0**-53, "float32": 2.0**-24}


@dataclass(frozen=True, kw_only=True)
class Place:
    """What a layer's formula reads: arrays by their letters, selections as 0s and 1s; g; sizes."""

    layer: Layer
    arrays: Mapping[Letter, np.ndarray]
    g: np.ndarray
    sizes: Mapping[sp.Symbol, int]


@dataclass(frozen=True, kw_only=True)
class Found:
    """The output and the gradients, in the order of inputs and weights, as balls or as floats."""

    output: Any
    slopes: tuple[Any, ...]

    @property
    def arrays(self) -> tuple[Any, ...]:
        return (self.output, *self.slopes)


@dataclass(frozen=True, kw_only=True)
class Certified:
    """The truth at a place as hi + lo, and how far each array moves where inputs or terms do by all of it."""

    hi: tuple[np.ndarray, ...]
    lo: tuple[np.ndarray, ...]
    moves: tuple[float, ...]


@lru_cache(maxsize=64)
def formula(layer: Layer) -> Tape:
    """The tape of a layer's output."""
    inner = layer.variables[:-1]
    arrays = tuple((v.at, v.meaning) for v in inner if isinstance(v.at, sp.Indexed))
    numbers = tuple((v.at, v.meaning) for v in inner if isinstance(v.at, sp.Symbol))
    return tape(layer.output.meaning, Meanings(vectors=arrays, scalars=numbers))


def run(place: Place, moved: int | None = None) -> Run:
    """The formula at a place; moved, every input is off by STEP of itself, up or down by that seed."""
    return forward(formula(place.layer), _given(place, moved), place.sizes)


def _given(place: Place, moved: int | None = None) -> dict[Letter, Array]:
    given = {letter: _moved(balls(v), moved)[None] for letter, v in place.arrays.items()}
    return given | {p.symbol: balls([float(p.default)]) for p in place.layer.parameters}


def valued(place: Place, base: Letter, steps: Array) -> list[arb]:
    """Σ g·output for each of some steps of one array, which lie along the first axis."""
    given = _given(place)
    given[base] = given[base] + steps
    at = forward(formula(place.layer), given, place.sizes)
    g = spread(balls(place.g)[None], _axes(at, indices_of(place.layer.output.at)), at.rank)
    products = np.broadcast_to(at.value * g, (len(steps), *(at.value * g).shape[1:]))
    return [sum(np.ravel(row), arb(0)) for row in products]


def _moved(v: Array, seed: int | None) -> Array:
    if seed is None:
        return v
    signs = np.random.default_rng([seed, v.size]).choice((-1, 1), v.shape)
    return v * (1 + STEP * signs.astype(object))


def found(place: Place, moved: int | None = None, terms: bool = False) -> Found:
    """Output and gradients at a place, in balls; with `terms` the sums of the absolute terms of gradients."""
    at, layer = run(place, moved), place.layer
    free = indices_of(layer.output.at)
    seed = _moved(balls(place.g), moved)
    seed = np.frompyfunc(abs, 1, 1)(seed) if terms else seed
    seed = spread(np.asarray(seed, dtype=object)[None], _axes(at, free), at.rank)
    leaves = tuple(base_of(array.at) for array in layer.moving)
    slopes = backward(at, seed, leaves, terms=terms)
    shapes = [[place.sizes[n] for n in _shape(array.at)] for array in layer.moving]
    arrays = [
        np.broadcast_to(slopes[b][0], shape) if b in slopes else filled(shape)
        for b, shape in zip(leaves, shapes, strict=True)
    ]
    return Found(output=np.asarray(evaluate_run(at, free), dtype=object), slopes=tuple(arrays))


def _axes(at: Run, indices: tuple) -> tuple[int, ...]:
    return tuple(at.tape.axis(i) for i in indices)


def _shape(at: At) -> tuple[sp.Symbol, ...]:
    return tuple(at.base.shape) if isinstance(at, sp.Indexed) else ()


def certified(place: Place) -> Certified:
    """The truth of output and gradients at a place, and how far they move."""

    def flat(last: bool) -> list[arb]:
        return [ball for array in found(place).arrays for ball in np.ravel(array)]

    shapes = [array.shape for array in found(place).arrays]
    hi, lo = floats(settle(flat, f"{place.layer.name} at sizes {dict(place.sizes)}"))
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])[:-1]
    parts = ([p.reshape(s) for p, s in zip(np.split(v, ends), shapes, strict=True)] for v in (hi, lo))
    high, low = (tuple(part) for part in parts)
    return Certified(hi=high, lo=low, moves=_moves(place))


def _moves(place: Place) -> tuple[float, ...]:
    """Bounds, for each array, of its change where inputs, or the terms of a gradient, change by one part."""
    with flint.ctx.workprec(PRECISE):
        plain = found(place)
        every = [found(place, moved=seed) for seed in range(DRAWS)]
        moves = [
            max(_most((other.arrays[n] - array) / STEP) for other in every)
            for n, array in enumerate(plain.arrays)
        ]
        terms = [0.0, *(_most(array) for array in found(place, terms=True).slopes)]
    return tuple(a + b for a, b in zip(moves, terms, strict=True))


def _most(array: Array) -> float:
    """A bound of all elements."""
    return max((float(abs(v).upper()) for v in np.ravel(array)), default=0.0)


def off(values: np.ndarray, true: Certified, which: int, dtype: str) -> float:
    """How far an array of results is off, in ulp of its largest component, by 1 + κ."""
    hi, lo = true.hi[which], true.lo[which]
    if values.shape != hi.shape or values.dtype != np.dtype(dtype):
        return float("inf")
    if not hi.size:
        return 0.0
    with np.errstate(over="ignore", invalid="ignore"):
        error = np.max(np.abs((values.astype(np.float64) - hi) - lo))
        ulp = float(np.spacing(np.abs(hi).max().astype(dtype)))
    allowed = ulp + EPS[dtype] * true.moves[which]
    return float(error / allowed) if error >= 0 else float("inf")
