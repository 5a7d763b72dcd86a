"""Losses of lengths and angles: every vector whose length has a name is a ray x = d·a, with d and a apart.

The loss is a function of the lengths d and the unit vectors a; neither squares of components nor products
of lengths are formed, and lengths are held over a common c, since a distance may exceed the largest float.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import sympy as sp
from sympy import Expr, Indexed, Sum

from derive.model import AS, J, Loss, Name
from derive.program.vectors.lines import Line, call, fresh, put, vector
from derive.program.vectors.slopes import Chart, adjoint, along, gradient, total
from derive.program.vectors.stages import Lines, Many, moving, named_rates, over
from derive.rules.indexed import substitute

COMMON = sp.Symbol("common", positive=True)  # 1, or a power of two where a length overflows


@dataclass(frozen=True, kw_only=True)
class Ray:
    """A vector body = d·a in the index J; x is `scale` times it (1, or 1/4 where it overflows).

    d = n·2^e, and `part` is d over the common c of all rays.
    """

    body: Expr
    d: sp.Symbol
    a: sp.IndexedBase
    x: sp.IndexedBase
    n: sp.Symbol
    e: sp.Symbol
    part: sp.Symbol
    scale: sp.Symbol

    def toward(self, lines: Lines, f: Expr) -> Expr:
        """f·a; 0 where f is 0, also where a has no direction."""
        if f == 0:
            return f
        return call(lines, "_mul", (self.a[J], *_apart(f)), {"g": f * self.a[J]})[0]

    def across(self, lines: Lines, w: Expr, *factors: Expr) -> Expr:
        """The Jacobian of a times w, times factors."""
        if w == 0 or 0 in factors:
            return sp.S.Zero
        meaning = sp.Mul(w - self.a[J] * over(self.a[J] * w), 1 / self.d, *factors)
        arguments = (self.x[J], w, *factors, self.scale)
        return call(lines, "_across", arguments, {"g": meaning})[0]

    def turned(self, lines: Lines, w: Expr, v: Expr) -> Expr:
        """The second derivative of w · a in the direction v."""
        if w == 0 or v == 0:
            return sp.S.Zero
        a = self.a[J]
        g, u = ((e - a * over(a * e)) / self.d for e in (w, v))
        meaning = -(u * over(a * w) + a * over(u * w) + g * over(a * v)) / self.d
        arguments = (self.x[J], w, v, self.scale, self.scale)
        return call(lines, "_turned", arguments, {"b": meaning})[0]


def _apart(f: Expr) -> tuple[Expr, ...]:
    """The factors f/c and c of an expression that has c as a factor; else the expression."""
    return (f / COMMON, COMMON) if COMMON in sp.Mul.make_args(f) else (f,)


def is_length(name: Name) -> bool:
    """Whether a name is the length of a vector."""
    inside = name.meaning.base if name.meaning.is_Pow and name.meaning.exp == sp.S.Half else None
    return isinstance(inside, Sum) and inside.function.is_Pow and inside.function.exp == 2


def found_rays(names: tuple[Name, ...], lines: Lines, write: Callable[[Expr], Expr]) -> list[Ray]:
    """The rays of the lengths among the names, computed by new lines."""
    rays = [_ray(name, lines, write) for name in names if is_length(name)]
    lines.append(
        Line(
            targets=(COMMON, *(ray.part for ray in rays)),
            meanings=(None, *(ray.d / COMMON for ray in rays)),
            block="_lengths",
            arguments=tuple(letter for ray in rays for letter in (ray.n, ray.e)),
        )
    )
    return rays


def _ray(name: Name, lines: Lines, write: Callable[[Expr], Expr]) -> Ray:
    squares = write(name.meaning).base
    body = substitute(squares.function.base, squares.limits[0][0], J)
    a, x = vector(fresh(lines, "a")), vector(fresh(lines, "x"))
    n, e, scale = (sp.Symbol(fresh(lines, letter), positive=True) for letter in "nes")
    lines.append(
        Line(
            targets=(x, a, n, e, scale),
            meanings=(None, body / name.symbol, None, None, None),
            block="_ray",
            arguments=tuple(
                sorted(
                    sp.Add.make_args(body),
                    key=lambda term: term.could_extract_minus_sign(),
                )
            ),
        )
    )
    part = sp.Symbol(f"part_{name.symbol}", positive=True)
    return Ray(body=body, d=name.symbol, a=a, x=x, n=n, e=e, part=part, scale=scale)


def in_rays(expr: Expr, rays: list[Ray]) -> Expr:
    """An expression with every vector that is a ray itself as d·a, scalars in front of their sums."""
    if isinstance(expr, Indexed):
        ray = next(
            (r for r in rays if isinstance(r.body, Indexed) and r.body.base == expr.base),
            None,
        )
        return expr if ray is None else ray.d * ray.a[expr.indices[0]]
    if isinstance(expr, Sum):
        return total(in_rays(expr.function, rays), expr.limits[0][0])
    return expr.func(*[in_rays(a, rays) for a in expr.args]) if expr.args else expr


def eased(lines: Lines, expr: Expr, rays: list[Ray]) -> Expr:
    """An expression in parts of the lengths, whose sums and squares overflow only where they must."""
    return _product(lines, _in_parts(lines, expr, {r.d: COMMON * r.part for r in rays}))


def _in_parts(lines: Lines, expr: Expr, lengths: dict[Expr, Expr]) -> Expr:
    if not expr.free_symbols & set(lengths):
        return expr
    parts = [_in_parts(lines, a, lengths) for a in expr.args]
    if not expr.is_Add:
        return expr.func(*parts) if parts else lengths[expr]
    terms = [_product(lines, part / COMMON) for part in parts]
    whole = sp.Add(*terms)
    return COMMON * (whole if len(terms) < 3 else call(lines, "_add", tuple(terms), {"d": whole})[0])


def _product(lines: Lines, expr: Expr) -> Expr:
    """A product with a square in it by the block in which a factor 0 makes it 0."""
    number, rest = expr.as_coeff_Mul()
    factors = [g for f in sp.Mul.make_args(rest) for g in _repeated(f)]
    if not rest.is_Mul or len(factors) == len(rest.args):
        return expr
    return number * call(lines, "_mul", tuple(factors), {"m": rest})[0]


def _repeated(factor: Expr) -> list[Expr]:
    base, power = factor.as_base_exp()
    return [base] * int(power) if power.is_Integer and power > 0 else [factor]


@dataclass(frozen=True, kw_only=True)
class Directed:
    """A loss in rays: its value, the names that are no lengths, and what moves with the inputs."""

    expr: Expr
    names: tuple[Name, ...]
    rays: list[Ray]
    charts: tuple[Chart, ...]

    def partials(self, lines: Lines) -> list[tuple[Ray, Expr, Expr]]:
        """Every ray that moves, with the slopes of the loss in its d and its a."""
        return [
            (ray, self._rate(ray.d), gradient(self.expr, {ray.a: sp.S.One}, self.names))
            for ray in self.rays
            if any(along(ray.body, chart) for chart in self.charts)
        ]

    def _rate(self, d: sp.Symbol) -> Expr:
        square = sp.Dummy()
        return sp.factor_terms(along(self.expr.xreplace({d**2: square}), {d: sp.S.One}))

    def value(self, lines: Lines) -> Expr:
        """The loss."""
        return eased(lines, self._beside(lines), self.rays)

    def _beside(self, lines: Lines) -> Expr:
        """The loss with 1 − c of a cosine c by the block that does not cancel where the vectors are near."""
        known = {}
        for name in self.names:
            if self.expr.has(1 - name.symbol) and _is_cosine(name):
                rays = [r for r in self.rays if name.meaning.has(r.a)]
                arguments = tuple(r.x[J] for r in rays)
                known[1 - name.symbol] = call(lines, "_unlike", arguments, {"rest": 1 - name.meaning})[0]
        return self.expr.xreplace(known)

    def joined(self, slopes: list[tuple[Ray, Expr]]) -> Many:
        """The slopes in the inputs, from those in the rays."""
        return tuple(
            sp.Add(*[along(ray.body, chart) * slope for ray, slope in slopes]) for chart in self.charts
        )

    def parted(self, lines: Lines) -> Many | None:
        """The slopes of f·(d − d') of two lengths: where both move alike, f times a − a' by its own block."""
        found = self.partials(lines)
        if len(found) != 2 or any(w != 0 for *_, w in found) or found[0][1] + found[1][1] != 0:
            return None
        (one, f, _), (other, _, _) = found
        gap = sp.expand(one.body - other.body)
        slopes = []
        for chart in self.charts:
            first, second = along(one.body, chart), along(other.body, chart)
            if first == second != 0:
                meaning = {"turn": one.a[J] - other.a[J]}
                turn = call(lines, "_parted", (one.a[J], other.a[J], other.x[J], other.scale * gap), meaning)
                slopes.append(first * call(lines, "_mul", (turn[0], f), {"g": f * turn[0]})[0])
            else:
                slopes.append(first * one.toward(lines, f) - second * other.toward(lines, f))
        return tuple(slopes)

    def squares(self) -> Many:
        """The slopes in the inputs through squares of lengths, whose own slopes need no direction."""
        apart = self.expr.xreplace({ray.d**2: over(ray.body**2) for ray in self.rays})
        return tuple(sp.factor_terms(adjoint(apart, chart)) for chart in self.charts)

    def slopes(self, lines: Lines) -> Many:
        """The slope of the loss in each input."""
        if (parted := self.parted(lines)) is not None:
            return parted
        found = [(ray, self._slope(lines, ray, f, w)) for ray, f, w in self.partials(lines)]
        return self._whole(lines, self.squares(), found)

    def _whole(self, lines: Lines, straight: Many, found: list[tuple[Ray, Expr]]) -> Many:
        terms = (_switched(lines, term) for term in straight)
        return tuple(a + b for a, b in zip(terms, self.joined(found), strict=True))

    def _slope(self, lines: Lines, ray: Ray, f: Expr, w: Expr) -> Expr:
        return ray.toward(lines, eased(lines, f, self.rays)) + ray.across(lines, w)

    def rates(self, lines: Lines, directions: Many) -> Many:
        """The rate of the slope in each input along directions."""
        known, moves = moving(self.charts, directions), {}
        for ray in self.rays:
            way = along(ray.body, known)
            if way != 0:
                way = moves[ray] = put(lines, "v", way)
                known[ray.d] = put(lines, f"d{ray.d}", over(ray.a[J] * way))
                known[ray.a] = ray.across(lines, way)
        known = named_rates(lines, self.names, known)
        straight = tuple(sp.factor_terms(along(slope, known)) for slope in self.squares())
        found = []
        for ray, f, w in self.partials(lines):
            pushed = ray.toward(lines, put(lines, "df", along(f, known)))
            bent = ray.across(lines, moves[ray], *_apart(eased(lines, f, self.rays)))
            turned = ray.across(lines, along(w, known)) + ray.turned(lines, w, moves[ray])
            found.append((ray, pushed + bent + turned))
        return self._whole(lines, straight, found)


def directed(los: Loss, lines: Lines, charts: tuple[Chart, ...], output: Indexed) -> Directed:
    """A loss with lengths in rays, its other names and selections computed by new lines."""

    def write(expr: Expr) -> Expr:
        at = {e: substitute(output, J, e.indices[0]) for e in expr.atoms(Indexed) if e.base == AS}
        return expr.xreplace(at)

    rays = found_rays(los.names, lines, write)
    names = tuple(
        replace(name, meaning=in_rays(write(name.meaning), rays), relation=None)
        for name in los.names
        if not is_length(name)
    )
    for name in names:
        lines.append(Line(targets=(name.symbol,), meanings=(name.meaning,)))
    for row in los.selections:
        of = _apart(eased(lines, in_rays(write(row.of), rays), rays))[0]
        lines.append(
            Line(
                targets=(row.symbol,),
                meanings=(None,),
                block="_positive",
                arguments=(of,),
            )
        )
    return Directed(expr=in_rays(write(los.expr), rays), names=names, rays=rays, charts=charts)


def _is_cosine(name: Name) -> bool:
    body = name.meaning.function if isinstance(name.meaning, Sum) else sp.S.One
    return body.is_Mul and len(body.args) == 2 and all(isinstance(f, Indexed) for f in body.args)


def _switched(lines: Lines, expr: Expr) -> Expr:
    """A product by the block in which a factor 0 makes it 0."""
    number, rest = expr.as_coeff_Mul()
    return number * call(lines, "_mul", rest.args, {"m": rest})[0] if rest.is_Mul else expr
