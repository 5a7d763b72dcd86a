"""The checks of a network: its steps, its gradients against differences and truth in balls, its own check."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import flint
import numpy as np
import sympy as sp
from flint import arb

from derive.accuracy.layers import EPS
from derive.accuracy.networks import Given, gradients, loss
from derive.bounds import LAYER
from derive.checks.selfcheck import executed
from derive.checks.table import CheckOf, guarded, verdict
from derive.derivation.layers.network import NetworkDerivation
from derive.emit.layers.lowering import name_of
from derive.model import Activation, Finite, Interval, Network, OneHot, Set, Simplex, Verdict
from derive.rules.indexed import SIZES
from derive.rules.layers import base_of, indices_of

ROWS = (1, 2, 3, 7)
LARGE = 2000  # weights beyond which two rows will do
BATCH = "batch_norm"  # of one row there is no variance
DRAWS, MOVE = 2, 2.0**-30  # how often, and by how much of itself, what is read is moved
LIMIT = 1e-12  # of the largest sum of absolute slopes in one array
STEP = arb(2) ** -80
BITS = 320
LEAST = np.finfo(float).tiny


@dataclass(frozen=True, kw_only=True)
class Material:
    """What a check of a network may look at."""

    derivation: NetworkDerivation
    code: str
    module: Mapping[str, Any]

    @property
    def subject(self) -> Network:
        """The network."""
        return self.derivation.subject


def _steps(material: Material) -> Verdict:
    """How many steps are not proved."""
    derivation = material.derivation
    links = [step for link in derivation.links for step in (*link.forward, *link.backward)]
    every = [*links, *derivation.ahead, *derivation.behind, *derivation.pair.steps]
    open_ = [s for s in every if s.proof.method != "definition" and not s.proof.proved]
    return verdict(material, "steps", len(open_), 0, "; ".join(s.quantity.text for s in open_[:3]))


# Samples.


def samples(network: Network, dtype: str) -> Iterator[Given]:
    """Moderate inputs and weights, with targets in the domain of the loss."""
    widths = dict(network.sizes)
    size = sum(int(np.prod([widths[SIZES[i]] for i in indices_of(a.at)])) for a in network.weights)
    least = 2 if any(s.entry.name == BATCH for s in network.stages) else 1
    for rows in [n for n in ROWS if n >= least] if size <= LARGE else (2,):
        yield _sample(network, rows, dtype)


def _sample(network: Network, rows: int, dtype: str) -> Given:
    rng, widths = np.random.default_rng(rows), dict(network.sizes)
    arrays: dict[sp.Basic, np.ndarray] = {}
    first = network.stages[0].input
    arrays[base_of(first)] = rng.normal(size=(rows, network.sizes[0][1])).astype(dtype)
    for stage in network.stages:
        if isinstance(stage.entry, Activation):
            continue
        for array in stage.layer.weights:
            shape = [widths[SIZES[i]] for i in indices_of(array.at)]
            centre = 1.0 if stage.layer.variables and array.says == "the gain" else 0.0
            arrays[base_of(array.at)] = (centre + 0.5 * rng.normal(size=shape)).astype(dtype)
        for constant in stage.layer.constants:  # without a generator nothing is dropped
            (rate,) = stage.layer.parameters
            shape = [rows, *(widths[SIZES[i]] for i in indices_of(constant.at)[1:])]
            arrays[base_of(constant.at)] = np.full(shape, 1 - float(rate.default))
    width = widths[SIZES[indices_of(network.scores)[-1]]]
    return Given(network=network, arrays=arrays, y=_targets(network.pair.loss.target, rng, (rows, width)))


def _targets(domain: Set, rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    if isinstance(domain, Simplex | OneHot):
        return np.eye(shape[1])[rng.integers(shape[1], size=shape[0])]
    if isinstance(domain, Finite):
        return rng.choice([float(v) for v in domain.values], size=shape)
    if isinstance(domain, Interval) and domain.lo.is_finite:
        high = float(domain.hi) if domain.hi.is_finite else float(domain.lo) + 2
        return float(domain.lo) + (0.1 + 0.8 * rng.random(shape)) * (high - float(domain.lo))
    return rng.normal(size=shape)


def _computed(material: Material, given: Given) -> dict[str, np.ndarray]:
    """The emitted gradients by their names."""
    first = base_of(material.subject.stages[0].input)
    names = {name_of(letter): v for letter, v in given.arrays.items()}
    parameters = {name: names[name] for name in material.module["SHAPES"]}
    _, slopes = material.module["loss_and_grad"](parameters, given.arrays[first], given.y)
    return slopes


# The checks.


def _truth(material: Material, dtype: str) -> Verdict:
    """The largest error of a gradient, in ulp of its largest component and of how far it moves."""
    worst, where = 0.0, ""
    for given in samples(material.subject, dtype):
        slopes, true = _computed(material, given), _floats(gradients(given))
        moves = _moves(given, true)
        for letter, values in true.items():
            off = np.abs(slopes[name_of(letter)].astype(float) - values).max(initial=0.0)
            error = off / EPS[dtype] / (np.abs(values).max(initial=0.0) + moves[letter])
            if not error <= worst:
                worst, where = error, f"{name_of(letter)}, {len(given.y)} rows"
    return verdict(material, f"truth{dtype[5:]}", worst, LAYER, where)


def _floats(found: Mapping[sp.Basic, Any]) -> dict[sp.Basic, np.ndarray]:
    return {a: np.array([float(b.mid()) for b in np.ravel(v)]).reshape(v.shape) for a, v in found.items()}


def _moves(given: Given, true: Mapping[sp.Basic, np.ndarray]) -> dict[sp.Basic, float]:
    """By how much each gradient moves where all that is read, or each of its terms, moves by 1 part."""
    found = {a: v.max(initial=LEAST) for a, v in _floats(gradients(given, terms=True)).items()}
    for seed in range(DRAWS):
        rng = np.random.default_rng(seed)
        signs = {a: rng.choice((-1.0, 1.0), v.shape) for a, v in given.arrays.items()}
        arrays = {a: v.astype(float) * (1 + MOVE * signs[a]) for a, v in given.arrays.items()}
        moved = _floats(gradients(replace(given, arrays=arrays)))
        found = {a: max(found[a], np.abs(moved[a] - true[a]).max(initial=0.0) / MOVE) for a in true}
    return found


def _differences(material: Material) -> Verdict:
    """The largest deviation of slopes along directions from differences of the stages' formulas."""
    worst, where = 0.0, ""
    for given in samples(material.subject, "float64"):
        slopes, rng = _computed(material, given), np.random.default_rng(1)
        scale = max(float(np.abs(v).sum()) for v in slopes.values())
        for letter in [a for a in given.arrays if name_of(a) in slopes]:
            way = rng.integers(-2, 3, given.arrays[letter].shape)
            along = float((slopes[name_of(letter)] * way).sum())
            rate = _rate(given, letter, way)
            error = abs(along - rate) / max(scale, LEAST)
            if not error <= worst:
                worst, where = error, f"{name_of(letter)}, {len(given.y)} rows"
    return verdict(material, "differences", worst, LIMIT, where)


def _rate(given: Given, letter: sp.Basic, way: np.ndarray) -> float:
    """The central difference of the loss along a direction in one array."""
    with flint.ctx.workprec(BITS):
        ends = []
        for sign in (1, -1):
            moved = np.frompyfunc(arb, 1, 1)(given.arrays[letter].astype(float)) + sign * STEP * way.astype(
                object
            )
            ends.append(loss(replace(given, arrays={**given.arrays, letter: moved})))
        return float(((ends[0] - ends[1]) / (2 * STEP)).mid())


def _selfcheck(material: Material) -> Verdict:
    """The exit code of the emitted file; warnings are errors."""
    return verdict(material, "selfcheck", *executed(material.code))


CHECKS: tuple[CheckOf[Material], ...] = (
    CheckOf(name="steps", says="every step is proved", run=_steps),
    CheckOf(name="differences", says="gradients agree with differences of the formulas", run=_differences),
    CheckOf(name="truth64", says="gradients agree with balls", run=partial(_truth, dtype="float64")),
    CheckOf(name="truth32", says="the same in float32", run=partial(_truth, dtype="float32")),
    CheckOf(name="selfcheck", says="the file finds itself right", run=_selfcheck),
)


def run(derivation: NetworkDerivation, code: str, module: Mapping[str, Any]) -> tuple[Verdict, ...]:
    """The verdict of every check; a check that raises has failed."""
    material = Material(derivation=derivation, code=code, module=module)
    return tuple(guarded(check, material) for check in CHECKS)
