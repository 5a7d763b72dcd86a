"""Which density a loss comes from: found by comparing slopes in a, for no name."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import sympy as sp
from sympy import Expr, Indexed, IndexedBase

from derive.catalogue.densities import DENSITIES
from derive.catalogue.sets import contains
from derive.claims.likelihood.logs import PREDICTED, Logarithm, has, negative_log
from derive.model import (
    AS,
    ELEMENTWISE,
    A,
    Density,
    Finite,
    Interval,
    J,
    Loss,
    OneHot,
    Parameter,
    Set,
    Simplex,
    Unproved,
    Y,
)
from derive.proof import indexed, prove
from derive.rules.indexed import slope

Point = tuple[sp.Rational, sp.Rational]
# How far within an interval, or from its end, predictions and targets lie that are tried.
PREDICTIONS, TRIED = (tuple(sp.Rational(n, 16) for n in row) for row in ((5, 11), (3, 14)))


@dataclass(frozen=True, kw_only=True)
class Match:
    """−log p = `scale` · L + terms without a, with the settings of parameters under which this holds."""

    density: Density
    loss: Loss
    mass: Expr
    logarithm: Logarithm
    expr: Expr
    scale: Expr
    settings: tuple[Parameter, ...] = ()


def match(los: Loss) -> Match | None:
    """The density whose −log has the slopes of the loss, up to a positive factor, at the fewest settings."""
    every = (found for density in DENSITIES if (found := fitted(density, los)))
    return min(every, key=lambda found: len(found.settings), default=None)


@lru_cache(maxsize=2048)
def fitted(density: Density, los: Loss) -> Match | None:
    """The match of the two, if there is one; with free parameters where possible, else at their defaults."""
    if not comparable(density, los):
        return None
    tried = (_matched(density, los, settings) for settings in _settings(density, los))
    return next((found for found in tried if found), None)


def comparable(density: Density, los: Loss) -> bool:
    """Whether density and loss speak of the same things: predictions and targets."""
    if density.kind != los.kind or not contains(density.prediction, los.prediction):
        return False
    return meets(los.target, density.support)


def meets(target: Set, support: Set) -> bool:
    """Whether one of both holds the other: one-hot vectors are in the simplex, counts in the numbers ≥ 0."""
    if isinstance(support, OneHot):  # nonnegative components are weights of classes
        return isinstance(target, OneHot | Simplex) or contains(target, OneHot())
    return contains(target, support) or contains(support, target)


def _settings(density: Density, los: Loss) -> Iterator[tuple[Parameter, ...]]:
    """Parameters that are put at their defaults: none; then those of one side alone; then all."""
    shared = {p.symbol for p in los.parameters}
    own = tuple(p for p in density.nuisance if p.symbol not in shared)
    yield from dict.fromkeys(((), own, los.parameters, (*own, *los.parameters)))


def at_defaults(expr: Expr, settings: tuple[Parameter, ...]) -> Expr:
    """An expression with parameters at their defaults."""
    for p in settings:
        if isinstance(p.symbol, IndexedBase):
            expr = expr.xreplace({e: p.default for e in expr.atoms(Indexed) if e.base == p.symbol})
        else:
            expr = expr.subs(p.symbol, p.default)
    return expr


def _matched(density: Density, los: Loss, settings: tuple[Parameter, ...]) -> Match | None:
    mass, expr = (at_defaults(e, settings) for e in (density.mass, los.expr))
    logarithm = negative_log(mass)
    find = _scale if density.kind == ELEMENTWISE else _vector_scale
    scale = find(logarithm.kept, expr, density, los)
    if scale is None or not scale.is_positive:
        return None
    return Match(
        density=density, loss=los, mass=mass, logarithm=logarithm, expr=expr, scale=scale, settings=settings
    )


# Elementwise: the factor is read off one point, and proved everywhere.


def _scale(kept: Expr, expr: Expr, density: Density, los: Loss) -> Expr | None:
    one, other = sp.diff(kept, A), sp.diff(expr, A)
    points = list(_points(los.prediction, density.support))
    if not _alike(one, other, (*density.nuisance, *los.parameters), points):
        return None
    at = next(dict(zip((A, Y), p, strict=True)) for p in points if other.subs(A, p[0]).subs(Y, p[1]) != 0)
    scale = sp.cancel(one.subs(at) / other.subs(at))
    if scale.atoms(sp.Function) or has(scale, PREDICTED):
        scale = sp.S.One
    target = density.support if isinstance(density.support, Finite) else los.target
    parameters = tuple(dict.fromkeys((*density.nuisance, *los.parameters)))
    return scale if prove(one, scale * other, target, parameters, at_points=False).proved else None


def _alike(one: Expr, other: Expr, parameters: tuple[Parameter, ...], points: list[Point]) -> bool:
    """Whether the ratio of two slopes is the same number at a few points; parameters at their defaults."""
    values = []
    for a, y in points:
        at = {A: a, Y: y} | {p.symbol: p.default for p in parameters}
        values.append([sp.re(side.subs(at).evalf(20)) for side in (one, other)])
    (first, second), *rest = values
    return all(abs(first * v - second * u) < 1e-9 * (1 + abs(first * v)) for u, v in rest)


def _points(prediction: Set, support: Set) -> Iterator[Point]:
    for a in inside(prediction, PREDICTIONS):
        for y in inside(support, TRIED):
            yield a, y


def inside(domain: Set, parts: tuple[sp.Rational, ...]) -> tuple[sp.Rational, ...]:
    """Rational numbers of a set: all of a finite one, some of an interval, at these parts of its width."""
    if isinstance(domain, Finite):
        return tuple(sp.Integer(v) for v in domain.values)
    assert isinstance(domain, Interval)
    low, high = domain.lo, domain.hi
    if low == -sp.oo:
        low, high = (-sp.S.One, sp.Integer(2)) if high == sp.oo else (high - 2, high)
    width = (high - low) if high != sp.oo else sp.Integer(4)
    return tuple(low + width * part for part in parts)


# Vectors: the ratio is read off the slopes as they are written.


def _vector_scale(kept: Expr, expr: Expr, density: Density, los: Loss) -> Expr | None:
    """The factor for every vector of inputs; rows with names or selections are no logarithms of densities."""
    bases = [i.base for i in los.inputs] or [AS]
    if los.names or los.selections or not all(has(kept, (b,)) for b in bases):
        return None
    slopes = [(slope(kept, b[J]), slope(expr, b[J])) for b in bases]
    for scale in dict.fromkeys((_ratio(*slopes[0]), sp.S.One)):
        if not has(scale, PREDICTED) and not scale.atoms(Indexed) and _same(slopes, scale):
            return scale
    return None


def _ratio(one: Expr, other: Expr) -> Expr:
    try:
        return sp.cancel(sp.together(one / other)) if other != 0 else sp.S.Zero
    except (sp.PolynomialError, NotImplementedError):
        return sp.S.One


def _same(slopes: list[tuple[Expr, Expr]], scale: Expr) -> bool:
    try:
        for one, other in slopes:
            indexed.prove(one, scale * other)
    except Unproved:
        return False
    return True
