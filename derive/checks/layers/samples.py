"""Samples of a layer's arguments, as the code takes them and as the formula reads them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

import numpy as np
import sympy as sp

from derive.accuracy.layers import Found, Place
from derive.checks.layers.table import Material
from derive.emit.layers.lowering import name_of
from derive.model import AXES, PLACES, ROWS, STEPS, TAPS, Array, At, Layer
from derive.program.layers import selections, windows
from derive.rules.layers import base_of, indices_of

SIZES = (1, 2, 3, 7)
MIXED = {"N": 3, "D": 4, "K": 2, "H": 5, "T": 2, "S": 3, "F": 4, "V": 5, "C": 2, "U": 7, "R": 3}
WINDOWS: tuple[dict[str, int], ...] = ({}, {"stride": 2, "padding": 1, "dilation": 2})
LARGE = {"float64": 1e50, "float32": 1e5}  # products of five such numbers do not overflow

Draw = Callable[[np.random.Generator, tuple[int, ...], str], np.ndarray]


def _constant_rows(rng: np.random.Generator, shape: tuple[int, ...], dtype: str) -> np.ndarray:
    return np.broadcast_to(rng.normal(size=(*shape[:-1], 1)), shape)


def _equal_rows(rng: np.random.Generator, shape: tuple[int, ...], dtype: str) -> np.ndarray:
    return np.broadcast_to(rng.normal(size=(1, *shape[1:])), shape)


KINDS: dict[str, Draw] = {
    "moderate": lambda rng, shape, dtype: rng.normal(size=shape),
    "large": lambda rng, shape, dtype: LARGE[dtype] * rng.normal(size=shape),
    "tiny": lambda rng, shape, dtype: rng.normal(size=shape) / LARGE[dtype],
    "constant rows": _constant_rows,
    "equal rows": _equal_rows,
    "zeros": lambda rng, shape, dtype: np.zeros(shape),
    "ties": lambda rng, shape, dtype: rng.integers(-1, 2, shape) / 2,
}


@dataclass(frozen=True, kw_only=True)
class Sample:
    """Arguments and keywords of the emitted functions, a derivative g, and what the formula reads of them."""

    arguments: dict[str, np.ndarray]
    keywords: dict[str, Any]
    g: np.ndarray
    place: Place
    says: str = ""
    dtype: str = "float64"


@dataclass(kw_only=True)
class _Filling:
    """Where the arrays of a sample come from: numbers, tokens below a count, and masks."""

    numbers: Callable[[tuple[int, ...]], np.ndarray]
    tokens: Callable[[tuple[int, ...], int], np.ndarray]
    masks: Callable[[tuple[int, ...]], np.ndarray]
    counted: Iterator[int] = field(default_factory=count)


def samples(layer: Layer, dtype: str, kinds: tuple[str, ...] = tuple(KINDS)) -> Iterator[Sample]:
    """Samples of all kinds at all sizes; then other numbers for the parameters, and other windows."""
    for n in SIZES:
        for kind in kinds:
            yield drawn(layer, _all(n), kind, dtype, seed=n)
    for changed in _settings(layer):
        yield drawn(changed, MIXED, "moderate", dtype, seed=0)
    for keywords in WINDOWS if windows(layer) else ():
        yield drawn(layer, MIXED, "moderate", dtype, seed=1, keywords=keywords)


def _all(n: int) -> dict[str, int]:
    """All sizes alike; a signal has room for the taps."""
    return {str(axis.size): n for axis in AXES} | {"U": n + 2, "R": min(n, 3)}


def _settings(layer: Layer) -> list[Layer]:
    """The layer, and with parameters off their defaults."""
    other = tuple(replace(p, default=p.default / 4) for p in layer.parameters)
    return [layer, *([replace(layer, parameters=other)] if other else [])]


def held(layer: Layer, values: Mapping[str, float]) -> Layer:
    """The layer at these values of some of its parameters, by their names."""
    rows = ((p, sp.Rational(values.get(p.name, p.default))) for p in layer.parameters)
    return replace(layer, parameters=tuple(replace(p, default=value) for p, value in rows))


def drawn(
    layer: Layer, sizes: Mapping[str, int], kind: str, dtype: str, seed: int, keywords: Mapping[str, int] = {}
) -> Sample:
    """A random sample of a kind."""
    rng = np.random.default_rng(seed)
    filling = _Filling(
        numbers=lambda shape: KINDS[kind](rng, shape, dtype).astype(dtype),
        tokens=lambda shape, most: rng.integers(most, size=shape),
        masks=lambda shape: rng.random(shape) < 0.5,
    )
    found = _sample(layer, sizes, filling, keywords)
    g = rng.normal(size=found.g.shape).astype(dtype)
    place = replace(found.place, g=g)
    numbers = "".join(f", {p.name} = {float(p.default):g}" for p in layer.parameters)
    says = f"{kind}, sizes {_said(place)}{numbers}"
    return replace(found, g=g, place=place, says=says, dtype=dtype)


def _said(place: Place) -> str:
    return " ".join(f"{size}={n}" for size, n in place.sizes.items())


def patterned(layer: Layer, sizes: Mapping[str, int]) -> Sample:
    """The sample of an example: entry m of all arrays is ((7 m + 3) mod 11 − 5)/4, m mod V, or m mod 2."""
    places = count()

    def entries(shape: tuple[int, ...]) -> np.ndarray:
        return np.array([next(places) for _ in range(int(np.prod(shape)))]).reshape(shape)

    filling = _Filling(
        numbers=lambda shape: ((7 * entries(shape) + 3) % 11 - 5) / 4,
        tokens=lambda shape, most: entries(shape) % most,
        masks=lambda shape: entries(shape) % 2 == 1,
    )
    return _sample(layer, sizes, filling, {})


def _sample(layer: Layer, sizes: Mapping[str, int], filling: _Filling, keywords: Mapping[str, int]) -> Sample:
    """A sample whose g is 1 everywhere."""
    known = {axis.size: sizes[str(axis.size)] for axis in AXES if str(axis.size) in sizes}
    if windows(layer):
        known[STEPS.size] = _places(known, keywords)
    used = {s for row in (*layer.moving, *layer.constants) for s in base_of(row.at).shape}
    used |= set(base_of(layer.output.at).shape if indices_of(layer.output.at) else ())
    known = {size: n for size, n in known.items() if size in used}
    arguments, arrays = {}, {}
    for array in (*layer.moving, *layer.constants):
        given, read = _filled(layer, array, known, filling, keywords)
        arrays[base_of(array.at)] = read
        if given is not None:
            arguments[name_of(base_of(array.at))] = given
    g = np.ones([known[s] for s in _sizes(layer.output.at)])
    parameters = {p.name: float(p.default) for p in layer.parameters}
    place = Place(layer=layer, arrays=arrays, g=g, sizes=known)
    return Sample(arguments=arguments, keywords={**parameters, **keywords}, g=g, place=place)


def _filled(
    layer: Layer, array: Array, known: Mapping, filling: _Filling, keywords: Mapping[str, int]
) -> tuple[np.ndarray | None, np.ndarray]:
    """An array as it is handed over (None where it is not), and as the formula reads it."""
    shape = tuple(known[s] for s in _sizes(array.at))
    if array in layer.moving:
        given = filling.numbers(shape)
        return given, given
    if array.at in windows(layer):
        return None, _windows(shape, **keywords)
    if array.at in selections(layer):
        tokens = filling.tokens(shape[:-1], shape[-1])
        return tokens, (tokens[..., None] == np.arange(shape[-1])).astype(float)
    mask = filling.masks(shape)
    return mask, mask.astype(float)


def _sizes(at: At) -> tuple[sp.Symbol, ...]:
    return tuple(base_of(at).shape) if indices_of(at) else ()


def _places(known: Mapping, keywords: Mapping[str, int]) -> int:
    """How many windows a signal has."""
    reach = keywords.get("dilation", 1) * (known[TAPS.size] - 1) + 1
    return (known[PLACES.size] + 2 * keywords.get("padding", 0) - reach) // keywords.get("stride", 1) + 1


def _windows(shape: tuple[int, ...], stride: int = 1, padding: int = 0, dilation: int = 1) -> np.ndarray:
    """1 where tap s at place t meets place u."""
    t, s, u = np.indices(shape)
    return (u == stride * t + dilation * s - padding).astype(float)


def computed(material: Material, sample: Sample) -> Found:
    """What the emitted functions give at a sample."""
    arguments = [*sample.arguments.values()]
    output, saved = material.module["forward"](*arguments, **sample.keywords)
    slopes = material.module["backward"](sample.g, saved)
    slopes = slopes if isinstance(slopes, tuple) else (slopes,)
    return Found(output=np.asarray(output), slopes=tuple(np.asarray(s) for s in slopes))


def names(layer: Layer) -> tuple[str, ...]:
    """The names of the output and of the arrays that have a gradient."""
    return (name_of(base_of(layer.output.at)), *(f"dL/d{name_of(base_of(a.at))}" for a in layer.moving))


def has_rows(at: At) -> bool:
    """Whether the first index of an array counts rows."""
    return indices_of(at)[:1] != () and indices_of(at)[0] in ROWS.indices


def rowed(layer: Layer) -> bool:
    """Whether a layer reads rows."""
    return any(has_rows(array.at) for array in layer.moving) or has_rows(layer.output.at)


def by_rows(sample: Sample, rows: tuple[int, ...]) -> Sample:
    """The sample with its rows along axes of that shape."""
    layer = sample.place.layer
    named = {name_of(base_of(a.at)): a.at for a in (*layer.moving, *layer.constants)}
    arguments = {name: _in_rows(named[name], v, rows) for name, v in sample.arguments.items()}
    return replace(sample, arguments=arguments, g=_in_rows(layer.output.at, sample.g, rows))


def found_by_rows(layer: Layer, found: Found, rows: tuple[int, ...]) -> Found:
    """The same of results."""
    pairs = zip(layer.moving, found.slopes, strict=True)
    return Found(
        output=_in_rows(layer.output.at, found.output, rows),
        slopes=tuple(_in_rows(array.at, slope, rows) for array, slope in pairs),
    )


def _in_rows(at: At, v: np.ndarray, rows: tuple[int, ...]) -> np.ndarray:
    return v.reshape((*rows, *v.shape[1:])) if has_rows(at) else v
