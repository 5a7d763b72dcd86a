"""Points at which a vector loss is not convex: L(z + t) + L(z − t) < 2 L(z), sought among simple numbers.

The inequality is about three values of the loss, so it needs no derivative, and kinks are no trouble.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any

import numpy as np
import sympy as sp

from derive.claims.convexity.vectors.concrete import EXACT, FLOATS, loss, sign
from derive.claims.convexity.witness import size
from derive.model import (
    AS,
    NONNEGATIVE,
    REALS,
    UNIT_CLOSED,
    VECTOR,
    YS,
    ZS,
    Finite,
    LogSimplex,
    Nonzero,
    OneHot,
    Quantity,
    Set,
    Simplex,
    Subject,
    Y,
    entries,
)

SIZES = (1, 2, 3)
WIDE, NARROW = (0, 1, -1, 2, -2, 3, -3, 4, -4), (0, 1, -1, 2, -2)
MANY = 60_000  # points tried at once
_CLEAR = 1e-7
HALF = sp.Rational(1, 2)
TRIED: dict[Set, tuple[int, ...]] = {REALS: (0, 1, -1, 3, -3), NONNEGATIVE: (0, 1, 2), UNIT_CLOSED: (0, 1)}
ROWS = 25  # targets with numbers of their own to try


@dataclass(frozen=True, kw_only=True)
class Dip:
    """A point z, a direction t and targets y with L(z + t) + L(z − t) − 2 L(z) = `value` < 0."""

    point: dict[Any, list[sp.Expr]]
    step: dict[Any, list[sp.Expr]]
    targets: dict[Any, Any]
    value: sp.Expr

    def named(self) -> tuple[tuple[str, sp.Expr], ...]:
        """The numbers with their names."""
        t = "t" if len(self.step) == 1 else "t_{0}"
        rows = [(str(b.label), v) for b, v in self.point.items()]
        rows += [(t.format(b.label), v) for b, v in self.step.items()]
        rows += [(str(getattr(b, "label", b)), v) for b, v in self.targets.items()]
        return tuple((name, sp.Tuple(*v) if isinstance(v, list) else v) for name, v in rows)


def difference(dip: Dip) -> Quantity:
    """What the value of a dip is."""
    text = "L(z + t) + L(z − t) − 2 L(z)" if len(dip.step) == 1 else "the second difference of L along t"
    latex = r"L(z + t) + L(z - t) - 2\,L(z)" if len(dip.step) == 1 else r"\Delta^{2}_{t} L"
    return Quantity(name="second difference", latex=latex, text=text)


@cache
def deepest(subject: Subject) -> Dip | None:
    """The simplest point where the loss is certainly not convex; None where none was found."""
    for size_ in SIZES:
        for dip in _of_size(subject, size_):
            return dip
    return None


@cache
def flat(subject: Subject) -> Dip | None:
    """A point and a direction along which the loss does not bend: the second difference is exactly 0."""
    for size_ in SIZES[1:]:
        bases = blocks(subject)
        for step in _level_steps(len(bases), size_):
            for y in _targets(subject, size_)[:4]:
                point = [sp.S.Zero] * (len(bases) * size_)
                found = _second_difference(subject, bases, size_, (point, step), y)
                if found is not None and _is_zero(found.value):
                    return found
    return None


def _level_steps(count: int, size_: int) -> list[list[sp.Expr]]:
    """The same for every component, then each component alone."""
    whole = [sp.S.One] * (count * size_)
    return [whole, *([sp.Integer(i == k) for i in range(count * size_)] for k in range(count * size_))]


def blocks(subject: Subject) -> tuple[Any, ...]:
    """The letters of the vectors that a subject reads."""
    act, los = entries(subject)
    row = act if act is not None else los
    assert row is not None
    return tuple(i.base for i in row.inputs) or ((ZS,) if act is not None else (AS,))


def _of_size(subject: Subject, size_: int) -> Iterator[Dip]:
    """Points for K = size, the simplest first, each certified."""
    bases = blocks(subject)
    count = len(bases) * size_
    points, steps = _places(subject, count, size_)
    targets = _targets(subject, size_)
    if not len(points) or not targets:
        return
    z, t = points[:, None, :], steps[None, :, :]
    found = []
    for y in targets:
        found += _dips(subject, bases, size_, (z, t), y)
    for _, n, m, y in sorted(found, key=lambda hit: hit[:3])[:6]:
        if dip := _certified(subject, bases, size_, points[n], steps[m], y):
            yield dip


def _places(subject: Subject, count: int, size_: int) -> tuple[np.ndarray, np.ndarray]:
    """Points and directions to try."""
    numbers: tuple[int, ...] = WIDE if count <= 2 else NARROW
    while len(numbers) ** count > 700:
        numbers = numbers[:-1]
    points = np.array(list(product(numbers, repeat=count)), dtype=float)
    steps = np.array(list(product((0, 1, -1, 2, -2), repeat=count)), dtype=float)
    first = [next((v for v in row if v), 0) for row in steps]
    steps = steps[np.array(first) > 0][: MANY // max(1, len(points)) + 1]
    act, los = entries(subject)
    place = act.domain if act is not None else los.prediction  # type: ignore[union-attr]
    if isinstance(place, Simplex):
        points, steps = _in_simplex(size_)
    if isinstance(place, LogSimplex) or (size_ == 1 and isinstance(place, Simplex | Nonzero)):
        return points[:0], steps
    return points, steps


def _in_simplex(size_: int) -> tuple[np.ndarray, np.ndarray]:
    """Points inside the simplex, and directions of a fraction that keep the sum."""
    rows = [p for p in product((1, 2, 3, 4, 5, 6), repeat=size_) if sum(p) == 8]
    points = np.array(rows, dtype=float).reshape(-1, size_) / 8
    ways = [p for p in product((0, 1, -1), repeat=size_) if sum(p) == 0 and any(p)]
    return points, np.array(ways, dtype=float).reshape(-1, size_) / 16


def _dips(subject: Subject, bases, size_: int, places, y: dict) -> list[tuple]:
    """(how much there is to write, number of the point, of the direction, targets) of points with a dip."""
    z, t = places
    with np.errstate(all="ignore"):
        values = [loss(subject, {**_split(v, bases, size_), **y}, FLOATS) for v in (z + t, z - t, z)]
        gap = np.broadcast_to(values[0] + values[1] - 2 * values[2], (z.shape[0], t.shape[1]))
    good = np.isfinite(gap) & (gap < -_CLEAR) & _apart(subject, z, t)
    cost = np.abs(z).sum(-1) + np.abs(t).sum(-1) + sum(_costs(y))
    hits = np.argwhere(good)
    hits = hits[np.argsort(cost[good], kind="stable")][:6]
    return [(float(cost[n, m]), int(n), int(m), y) for n, m in hits]


def _costs(y: dict) -> list[float]:
    return [float(size(v)) for value in y.values() for v in (value if isinstance(value, list) else [value])]


def _apart(subject: Subject, z: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Whether the segment stays clear of 0, where that is left out of the domain."""
    act, los = entries(subject)
    place = act.domain if act is not None else los.prediction  # type: ignore[union-attr]
    if not isinstance(place, Nonzero):
        return np.ones(np.broadcast_shapes(z.shape[:-1], t.shape[:-1]), dtype=bool)
    size_ = z.shape[-1] // len(blocks(subject))
    parts = [slice(n, n + size_) for n in range(0, z.shape[-1], size_)]
    clear = [
        (z[..., p] ** 2).sum(-1) * (t[..., p] ** 2).sum(-1) > ((z[..., p] * t[..., p]).sum(-1)) ** 2 + 1e-9
        for p in parts
    ]
    still = [((t[..., p] ** 2).sum(-1) == 0) & ((z[..., p] ** 2).sum(-1) > 0) for p in parts]
    return np.logical_and.reduce([c | s for c, s in zip(clear, still, strict=True)])


def _split(values: Any, bases, size_: int) -> dict[Any, list]:
    """Stacked numbers as the components of each base."""
    parts = [
        values[..., n] if isinstance(values, np.ndarray) else values[n] for n in range(len(bases) * size_)
    ]
    return {base: parts[n * size_ : (n + 1) * size_] for n, base in enumerate(bases)}


def _certified(subject: Subject, bases, size_: int, z, t, y: dict) -> Dip | None:
    """The point with exact numbers, if the inequality certainly holds."""
    point, step = ([sp.nsimplify(v, rational=True) for v in row] for row in (z, t))
    try:
        found = _second_difference(subject, bases, size_, (point, step), y)
        return found if found is not None and sign(found.value) < 0 else None
    except ArithmeticError:
        return None


def _second_difference(subject: Subject, bases, size_: int, places, y: dict) -> Dip | None:
    """L(z + t) + L(z − t) − 2 L(z), exactly; None where the loss is not defined."""
    point, step = places
    ends = [[p + s * t for p, t in zip(point, step, strict=True)] for s in (1, -1, 0)]
    try:
        values = [loss(subject, {**_split(v, bases, size_), **y}, EXACT) for v in ends]
    except ArithmeticError:
        return None
    value = sp.expand(values[0] + values[1] - 2 * values[2])
    if value.has(sp.nan, sp.zoo, sp.oo, sp.I):
        return None
    return Dip(point=_split(point, bases, size_), step=_split(step, bases, size_), targets=y, value=value)


def _is_zero(value: sp.Expr) -> bool:
    """Whether a number is 0, with logarithms of powers of e undone."""
    if value == 0 or abs(sp.N(value)) > _CLEAR:
        return bool(value == 0)
    opened = value.replace(sp.log, lambda w: sp.log(sp.factor(w)))
    return bool(sp.expand(sp.expand_log(opened, force=True)) == 0)


def _targets(subject: Subject, size_: int) -> list[dict]:
    """Targets to try, hard ones first."""
    _, los = entries(subject)
    assert los is not None
    if los.kind == VECTOR and _one_target(los.expr):
        values = los.target.values if isinstance(los.target, Finite) else (0, 1, -1, HALF)
        return [{Y: sp.Rational(v)} for v in values]
    letters = {e.base for e in los.expr.atoms(sp.Indexed)} | {
        e.base for s in los.selections for e in s.of.atoms(sp.Indexed)
    }
    if los.kind == VECTOR and YS not in letters:
        return [{}]
    return [{YS: list(row)} for row in rows_of(los.target, size_)]


def _one_target(expr: sp.Expr) -> bool:
    """Whether the target is one number for all components; it has the name of a vector's."""
    return expr.xreplace({e: sp.Dummy() for e in expr.atoms(sp.Indexed)}).has(Y)


def rows_of(place: Set, size_: int) -> list[tuple[sp.Expr, ...]]:
    """Simple elements of a set of vectors."""
    units = [tuple(sp.Integer(j == k) for j in range(size_)) for k in range(size_)]
    uniform = tuple(sp.Rational(1, size_) for _ in range(size_))
    if isinstance(place, OneHot):
        return units
    if isinstance(place, Simplex):
        soft = [tuple((u + w) / 2 for u, w in zip(unit, uniform, strict=True)) for unit in units]
        return [*(units if place.closed else ()), *soft, uniform]
    if isinstance(place, Finite):
        return [tuple(map(sp.Integer, row)) for row in product(place.values, repeat=size_)]
    if isinstance(place, Nonzero):
        return [row for row in product(map(sp.Integer, (1, 0, -1)), repeat=size_) if any(row)]
    tried = TRIED.get(place, (1, 2))
    return [tuple(map(sp.Integer, row)) for row in product(tried, repeat=size_)][:ROWS]
