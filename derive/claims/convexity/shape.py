"""A subject as a function of one variable, cut into pieces without cases: L(f(z), y) on cells, and its kinks.

A loss alone is read as behind the identity on its prediction domain, an activation alone as in front of
L = a; both then say the same as a pair. A finite set of targets is taken one target at a time.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise, product

import sympy as sp
from sympy.core.relational import Relational

from derive.heads.extremes import as_cases
from derive.model import (
    POSITIVE,
    REALS,
    A,
    Activation,
    Finite,
    Interval,
    Loss,
    Pair,
    Parameter,
    Punctured,
    Set,
    Subject,
    Y,
    Z,
)

NEGATIVE = Interval(hi=sp.S.Zero)
JUMPING = (sp.Abs, sp.sign)
GENERIC = sp.Rational(311, 1000)  # a target at which nothing coincides


class Uncut(Exception):
    """The cases of a formula do not meet at points that can be solved for."""


@dataclass(frozen=True, kw_only=True)
class Curve:
    """L(f(z), y): z in `domain`, y in `target`, where both entries may have cases."""

    subject: Subject
    act: Activation
    los: Loss
    letter: sp.Symbol = Z

    @property
    def domain(self) -> Set:
        """Where z lies."""
        return self.act.domain

    @property
    def target(self) -> Set:
        """Where y lies."""
        return self.los.target

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Those of both entries."""
        return self.act.parameters + self.los.parameters


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A cell where both formulas have no cases: z in `act.domain`, the output between `low` and `high`.

    `y` is the target, where the set of targets is finite.
    """

    act: Activation
    los: Loss
    low: sp.Expr = -sp.oo
    high: sp.Expr = sp.oo
    y: sp.Expr | None = None

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Those of both entries."""
        return self.act.parameters + self.los.parameters


@dataclass(frozen=True, kw_only=True)
class Bend:
    """A kink: formulas on its left and right; of the activation at z = `at`, or of the loss at a = `at`."""

    left: Piece
    right: Piece
    at: sp.Expr
    of_loss: bool


def curve(subject: Subject) -> Curve:
    """An elementwise subject as a function of one variable."""
    if isinstance(subject, Pair):
        return Curve(subject=subject, act=subject.activation, los=subject.loss)
    if isinstance(subject, Activation):
        return Curve(subject=subject, act=subject, los=_itself(subject))
    return Curve(subject=subject, act=_unchanged(subject), los=subject, letter=A)


def _itself(act: Activation) -> Loss:
    return Loss(
        name="", title="", expr=A, prediction=REALS, target=REALS, reads="mean", hard=(), known=(), source=""
    )


def _unchanged(los: Loss) -> Activation:
    place = los.prediction
    return Activation(name="", title="", expr=Z, range=place, domain=place, known=(), source="")


@cache
def pieces(curve: Curve) -> tuple[Piece, ...]:
    """The pieces of a curve, for every target; Uncut where its cases cannot be told apart."""
    return tuple(
        Piece(act=act, los=los, low=low, high=high, y=y)
        for y, target in _targets(curve.los)
        for act, (los, low, high) in product(_activations(curve.act), _losses(target))
        if _reached(act, low, high)
    )


@cache
def bends(curve: Curve) -> tuple[Bend, ...]:
    """The points where pieces meet."""
    return tuple(_bends(curve))


def _bends(curve: Curve) -> Iterator[Bend]:
    for y, target in _targets(curve.los):
        losses = _losses(target)
        acts = _activations(curve.act)
        for (one, act), (los, low, high) in product(pairwise(acts), losses):
            if _reached(act, low, high):
                left, right = (Piece(act=a, los=los, low=low, high=high, y=y) for a in (one, act))
                yield Bend(left=left, right=right, at=one.domain.hi, of_loss=False)
        for act, (before, after) in product(acts, pairwise(losses)):
            left, right = (Piece(act=act, los=s, low=lo, high=hi, y=y) for s, lo, hi in (before, after))
            if _reached(act, before[2], before[2]):
                yield Bend(left=left, right=right, at=before[2], of_loss=True)


def _targets(los: Loss) -> list[tuple[sp.Expr | None, Loss]]:
    """The loss as it is, on both sides of a hole, or at each target of a finite set."""
    if isinstance(los.target, Punctured):
        return [(None, replace(los, target=half)) for half in (POSITIVE, NEGATIVE)]
    if not isinstance(los.target, Finite):
        return [(None, los)]
    values = [sp.Integer(v) for v in sorted(los.target.values, reverse=True)]
    return [(v, replace(los, expr=los.expr.subs(Y, v))) for v in values]


def _activations(act: Activation) -> list[Activation]:
    """The activation on each interval between its cases; what is the same on both sides is one."""
    assert isinstance(act.domain, Interval)
    ends = [e for e in _switches(act.expr, Z) if act.domain.lo < e < act.domain.hi]
    sample = _defaults(act.parameters)
    marks = [act.domain.lo, *sorted(ends, key=lambda e: e.subs(sample)), act.domain.hi]
    rows: list[Activation] = []
    for low, high in pairwise(marks):
        expr = branch(act.expr, {Z: between(low.subs(sample), high.subs(sample))}, act.parameters)
        if rows and rows[-1].expr == expr:
            low = rows.pop().domain.lo  # type: ignore[union-attr]
        rows.append(replace(act, expr=expr, kinks=(), domain=_interval(act.domain, low, high)))
    return rows


def _interval(whole: Interval, low: sp.Expr, high: sp.Expr) -> Interval:
    """A part of an interval, with an end of its own as it is."""
    closed_lo, closed_hi = low == whole.lo and whole.closed_lo, high == whole.hi and whole.closed_hi
    return Interval(lo=low, hi=high, closed_lo=closed_lo, closed_hi=closed_hi)


def _losses(los: Loss) -> list[tuple[Loss, sp.Expr, sp.Expr]]:
    """The loss between each two of its switching points in a, with these."""
    generic = -GENERIC if los.target == NEGATIVE else GENERIC
    sample = {Y: generic, **_defaults(los.parameters)}
    points = sorted(_switches(los.expr, A), key=lambda p: p.subs(sample))
    if any(not (q - p).is_positive for p, q in pairwise(points)):
        raise Uncut(f"the order of {points} is not known")
    rows: list[tuple[Loss, sp.Expr, sp.Expr]] = []
    for low, high in pairwise([-sp.oo, *points, sp.oo]):
        at = between(*(e.subs(sample) for e in (low, high)))
        expr = branch(los.expr, {A: at, Y: generic}, los.parameters)
        if rows and sp.expand(rows[-1][0].expr - expr) == 0:
            expr, low = rows[-1][0].expr, rows.pop()[1]
        rows.append((replace(los, expr=expr, kinks=()), low, high))
    return rows


def _defaults(parameters: tuple[Parameter, ...]) -> dict[sp.Basic, sp.Expr]:
    return {p.symbol: p.default for p in parameters}


def _reached(act: Activation, low: sp.Expr, high: sp.Expr) -> bool:
    """Whether the output can lie between two bounds; bounds that depend on y are met by some y."""
    inside = act.range
    if not isinstance(inside, Interval) or low.free_symbols | high.free_symbols:
        return True
    return not (sp.ask(sp.Q.nonnegative(low - inside.hi)) or sp.ask(sp.Q.nonpositive(high - inside.lo)))


def _switches(expr: sp.Expr, variable: sp.Symbol) -> list[sp.Expr]:
    """The values of a variable at which the cases of an expression can change."""
    expr = expr.replace(lambda e: isinstance(e, sp.Min | sp.Max), as_cases)
    differences = {f.args[0] for f in expr.atoms(*JUMPING)}
    for cases in expr.atoms(sp.Piecewise):
        differences |= {r.lhs - r.rhs for r in cases.atoms(Relational)}
    found = {root for d in differences for e in _resolved(d) if (root := _root(e, variable)) is not None}
    return sorted(found, key=str)


def _resolved(difference: sp.Expr) -> list[sp.Expr]:
    """A difference with each absolute value taken as it is, and with the opposite sign."""
    inner = sorted(difference.atoms(sp.Abs), key=str)
    signs = product((1, -1), repeat=len(inner))
    return [difference.xreplace({e: s * e.args[0] for e, s in zip(inner, way, strict=True)}) for way in signs]


def _root(expr: sp.Expr, variable: sp.Symbol) -> sp.Expr | None:
    if not expr.has(variable):
        return None
    if not expr.is_polynomial(variable) or sp.degree(expr, variable) != 1:
        raise Uncut(f"{expr} is not linear in {variable}")
    poly = sp.Poly(expr, variable)
    return sp.factor(-poly.nth(0) / poly.nth(1))


def branch(expr: sp.Expr, at: dict, parameters: tuple[Parameter, ...]) -> sp.Expr:
    """The expression without cases that holds around a point."""
    sample = {**at, **_defaults(parameters)}
    if isinstance(expr, sp.Min | sp.Max):
        expr = expr.rewrite(sp.Piecewise)
    if isinstance(expr, sp.Piecewise):
        chosen = next(e for e, c in expr.args if c.subs(sample) == sp.true)
        return branch(chosen, at, parameters)
    if not expr.args:
        return expr
    args = [branch(a, at, parameters) for a in expr.args]
    if isinstance(expr, sp.Abs | sp.sign):
        negative = bool(args[0].subs(sample) < 0)
        if isinstance(expr, sp.sign):
            return sp.S.NegativeOne if negative else sp.S.One
        return -args[0] if negative else args[0]
    return expr.func(*args)


def between(low: sp.Expr, high: sp.Expr) -> sp.Expr:
    """A number between two."""
    if low == -sp.oo:
        return sp.S.Zero if high == sp.oo else high - 1
    return low + 1 if high == sp.oo else (low + high) / 2
