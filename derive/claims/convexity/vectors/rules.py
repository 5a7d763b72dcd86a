"""Convex by composition: nonnegative sums, maxima of affine functions, log Σ e^z, functions of one letter.

Each rule is named where it is used. A formula that no rule covers is of no known shape, which refutes
nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import reduce

import sympy as sp
from sympy import Expr, Indexed, Mul, Sum

from derive.catalogue.sets import components
from derive.claims.convexity.signs import AT_A_GLANCE
from derive.heads import plain
from derive.model import (
    CS,
    I_,
    LARGEST,
    NONNEGATIVE,
    PROVED,
    QS,
    REALS,
    YS,
    Finite,
    Interval,
    J,
    K,
    Parameter,
    Selection,
    Set,
    Y,
    Z,
)
from derive.proof.signs import Decision, nonnegative
from derive.rules.indexed import substitute

CONSTANT, AFFINE, CONVEX, CONCAVE, UNKNOWN = "constant", "affine", "convex", "concave", "unknown"
OPPOSITE = {CONVEX: CONCAVE, CONCAVE: CONVEX}
Bounds = tuple[Expr, Expr]

SUM_RULE = "a sum with nonnegative weights of convex functions, and of affine ones, is convex"
LOG_SUM_EXP = "log Σ_k e^(z_k) is convex"
MAXIMUM = "the largest of affine functions is convex"
POSITIVE_PART = "max(0, x) is convex, and so it is of an affine x"
SQUARED_PART = "max(0, x)² is convex, and so it is of an affine x"
SQUARE = "the square of an affine function is convex"
LOGARITHM = "the logarithm is concave"
ONE_LETTER = "a function of one component, whose second derivative is not negative, is convex"


@dataclass(frozen=True, kw_only=True)
class Frame:
    """What letters are: `inputs` those one differentiates by, in `place`; and the rules used so far."""

    inputs: frozenset
    place: Set
    target: Set
    parameters: tuple[Parameter, ...] = ()
    selections: tuple[Selection, ...] = ()
    names: frozenset = frozenset()  # scalars that depend on the inputs
    used: dict[str, Expr] = field(default_factory=dict)
    bent: list[tuple[Expr, Expr, Decision]] = field(default_factory=list)  # f, f″ of one letter, its sign

    def note(self, rule: str, expr: Expr) -> None:
        """Keep the rule, with the first thing it was used on."""
        self.used.setdefault(rule, expr)


def shape(expr: Expr, frame: Frame) -> str:
    """Constant, affine, convex or concave in the inputs, as far as rules tell."""
    if not depends(expr, frame):
        return CONSTANT
    if isinstance(expr, Indexed):
        return AFFINE
    if isinstance(expr, Sum):
        return _whole(shape(expr.function, frame), expr, frame)
    if expr.is_Add:
        return _added(expr, frame)
    if expr.is_Mul:
        return _product(expr, frame)
    return _function(expr, frame)


def depends(expr: Expr, frame: Frame) -> bool:
    """Whether an expression holds an input, or what is selected by one."""
    chosen = {s.symbol for s in frame.selections}
    bases = {e.base for e in expr.atoms(Indexed)}
    return bool(bases & (frame.inputs | chosen) or expr.free_symbols & (chosen | frame.names))


def _whole(found: str, expr: Expr, frame: Frame) -> str:
    """The shape found by parts; failing that, as a function of one component."""
    if found != UNKNOWN:
        return found
    known = dict(frame.used)
    kind = CONVEX if _of_one(expr, frame) else CONCAVE if _of_one(-expr, frame) else UNKNOWN
    for rule in [r for r, e in known.items() if kind != UNKNOWN and r != ONE_LETTER and expr.has(e)]:
        del frame.used[rule]  # it was tried on a part, and is not needed
    return kind


def _added(expr: Expr, frame: Frame) -> str:
    """A sum: the largest of affine functions is taken together, then term by term."""
    found = CONSTANT
    for selection in frame.selections:
        top = substitute(selection.of, J, LARGEST)
        rest = sp.expand(expr - top)
        if selection.rule == "largest" and expr.has(LARGEST) and not rest.has(LARGEST):
            if shape(selection.of, frame) not in (AFFINE, CONSTANT):
                return UNKNOWN
            frame.note(MAXIMUM, selection.of)
            expr, found = rest, CONVEX
    shapes = [found, *(shape(term, frame) for term in sp.Add.make_args(expr))]
    return _whole(_joined(shapes, expr, frame), expr, frame)


def _joined(shapes: Iterable[str], expr: Expr, frame: Frame) -> str:
    kinds = set(shapes) - {CONSTANT, AFFINE}
    if len(kinds) == 0:
        return AFFINE
    if len(kinds) > 1 or UNKNOWN in kinds:
        return UNKNOWN
    frame.note(SUM_RULE, expr)
    return kinds.pop()


def _product(expr: Expr, frame: Frame) -> str:
    """A factor of known sign times one of known shape."""
    factors = Mul.make_args(expr)
    front = Mul(*[f for f in factors if not depends(f, frame)])
    inner = [f for f in factors if depends(f, frame)]
    low, high = bounds(front, frame)
    kind = shape(inner[0], frame) if len(inner) == 1 else _several(inner, frame)
    if kind in (CONSTANT, AFFINE):
        return kind
    if kind != UNKNOWN and low >= 0:
        return kind
    if kind != UNKNOWN and high <= 0:
        return OPPOSITE[kind]
    return _whole(UNKNOWN, expr, frame)


def _several(inner: list[Expr], frame: Frame) -> str:
    """An indicator times what it is the indicator of; a sum with an indicator is multiplied out."""
    for selection in frame.selections:
        for factor in inner:
            if selection.rule != "positive" or not factor.has(_name(selection)):
                continue
            rest = Mul(*[f for f in inner if f is not factor])
            if factor.is_Add:
                return shape(sp.Add(*[Mul(term, rest) for term in factor.args]), frame)
            return _positive_part(selection, factor, rest, frame)
    return UNKNOWN


def _name(selection: Selection) -> Expr:
    return selection.symbol


def _positive_part(selection: Selection, indicator: Expr, rest: Expr, frame: Frame) -> str:
    """[x > 0] x or [x > 0] x² for an affine x."""
    of = selection.of
    if isinstance(indicator, Indexed):
        free = _indices(selection)
        for index, at in zip(free, indicator.indices, strict=True):
            of = substitute(of, index, at)
    for power, rule in ((1, POSITIVE_PART), (2, SQUARED_PART)):
        base = rest if power == 1 else rest.base if rest.is_Pow and rest.exp == 2 else None
        if base is not None and sp.expand(base - of) == 0 and shape(of, frame) in (AFFINE, CONSTANT):
            frame.note(rule, of)
            return CONVEX
    return UNKNOWN


def _indices(selection: Selection) -> tuple[Expr, ...]:
    return (I_, J) if len(selection.symbol.shape) == 2 else (J,)


def _function(expr: Expr, frame: Frame) -> str:
    """log Σ e^x, log x and x² of an affine x; anything else as a function of one component."""
    if isinstance(expr, sp.log):
        inner = expr.args[0]
        if isinstance(inner, Sum) and isinstance(inner.function, sp.exp):
            if shape(inner.function.exp, frame) in (AFFINE, CONSTANT):
                frame.note(LOG_SUM_EXP, expr)
                return CONVEX
        elif shape(inner, frame) == AFFINE:
            frame.note(LOGARITHM, expr)
            return CONCAVE
    if expr.is_Pow and expr.exp == 2 and shape(expr.base, frame) == AFFINE:
        frame.note(SQUARE, expr)
        return CONVEX
    return _whole(UNKNOWN, expr, frame)


def _of_one(expr: Expr, frame: Frame) -> bool:
    """Whether `expr` is a convex function of one affine combination of components."""
    body = expr
    while isinstance(body, Sum):
        body = body.function
    front, inner = body.as_independent(Sum, as_Add=False) if body.is_Mul else (sp.S.One, body)
    if isinstance(inner, Sum) and not depends(front, frame) and bounds(front, frame)[0] >= 0:
        return _of_one(inner, frame)
    components_ = sorted({e for e in body.atoms(Indexed) if e.base in frame.inputs}, key=str)
    if (
        not components_
        or body.has(Sum)
        or body.free_symbols & frame.names
        or any(depends(s, frame) for s in _chosen(body, frame))
    ):
        return False
    line, place = _line(body, components_, frame)
    if line is None or any(e in line.free_symbols for e in components_):
        return False
    return _bends_up(line, place, frame)


def _chosen(body: Expr, frame: Frame) -> list[Expr]:
    names = {s.symbol for s in frame.selections}
    return [e for e in body.atoms(Indexed) if e.base in names]


def _line(body: Expr, letters: list[Expr], frame: Frame) -> tuple[Expr | None, Interval]:
    """The function of one real number that a body is: of its one component, or of a difference of two."""
    place = components(frame.place)
    inside = place if isinstance(place, Interval) else REALS
    if len(letters) == 1:
        return body.xreplace({letters[0]: Z}), inside
    if len(letters) == 2 and frame.place == REALS:
        one, other = letters
        moved = sp.expand(body.xreplace({one: Z + other}))
        moved = moved.replace(sp.exp, lambda w: sp.exp(sp.expand(w)))
        return (None if moved.has(other) else moved), REALS
    return None, REALS


def _bends_up(line: Expr, place: Interval, frame: Frame) -> bool:
    """Whether the second derivative is not negative, wherever targets and parameters lie."""
    letters = {e: _stand_in(e) for e in line.atoms(Indexed)}
    curvature = plain(line.xreplace(letters)).diff(Z, 2)
    where: dict[sp.Symbol, Set] = {Z: place, Y: components(frame.target)}
    where |= {_stand_in(p.symbol[J]) if p.per_class else p.symbol: p.domain for p in frame.parameters}
    if place.lo >= 0:
        shown = curvature.subs(Z, sp.Symbol("z", positive=True))
        known = {s: sp.Symbol(s.name, nonnegative=True) for s, p in where.items() if _from_zero(p)}
        if shown.subs({s: n for s, n in known.items() if s != Z}).is_nonnegative:
            return _noted(line, curvature, AT_A_GLANCE, frame)
    reduced = _without_powers(curvature)
    asked = {s: p for s, p in where.items() if reduced.has(s)}
    decision = AT_A_GLANCE if curvature == 0 else nonnegative(reduced, asked)
    return decision.outcome == PROVED and _noted(line, curvature, decision, frame)


def _without_powers(expr: Expr) -> Expr:
    """The expression divided by what it has of b^γ in front, which is positive as b is."""
    powers: dict[Expr, Expr] = {}

    def named(power: Expr) -> Expr:
        number, rest = power.exp.as_coeff_Add()
        powers.setdefault(power.base**rest, sp.Dummy(positive=True))
        return power.base**number * powers[power.base**rest]

    written = expr.replace(lambda e: e.is_Pow and bool(e.exp.free_symbols) and e.base != sp.E, named)
    if not powers:
        return sp.factor_terms(expr)
    factors = Mul.make_args(sp.factor(written))
    known = {n: p for p, n in powers.items()}
    return Mul(*[f for f in factors if f not in known]).xreplace(known)


def _noted(line: Expr, curvature: Expr, decision: Decision, frame: Frame) -> bool:
    """Keep a function of one letter with its second derivative; of parts and wholes the last."""
    frame.used[ONE_LETTER] = line
    frame.bent[:] = [(line.xreplace({e: _stand_in(e) for e in line.atoms(Indexed)}), curvature, decision)]
    return True


def _from_zero(place: Set) -> bool:
    return isinstance(place, Interval) and place.lo >= 0


def _stand_in(component: Indexed) -> sp.Symbol:
    """The letter of a component where there is one index only."""
    return Y if component.base == YS else component.base.label


def bounds(expr: Expr, frame: Frame) -> Bounds:
    """Numbers between which a constant factor lies, whatever targets and parameters."""
    if expr.is_number:
        return expr, expr
    if expr == K:
        return sp.S.One, sp.oo
    if expr.is_Add:
        return reduce(lambda p, q: (p[0] + q[0], p[1] + q[1]), [bounds(a, frame) for a in expr.args])
    if expr.is_Mul:
        return reduce(_times, [bounds(a, frame) for a in expr.args])
    if expr.is_Pow and expr.exp.is_Integer and bounds(expr.base, frame)[0] >= 0:
        return sp.S.Zero, sp.oo
    if isinstance(expr, Sum):
        low, high = bounds(expr.function, frame)
        return (sp.S.Zero if low >= 0 else -sp.oo), (sp.S.Zero if high <= 0 else sp.oo)
    return _ends(_place(expr, frame))


def _ends(place: Set) -> Bounds:
    if isinstance(place, Finite):
        return sp.Integer(min(place.values)), sp.Integer(max(place.values))
    return (place.lo, place.hi) if isinstance(place, Interval) else (-sp.oo, sp.oo)


def _place(letter: Expr, frame: Frame) -> Set:
    """Where a letter lies."""
    if isinstance(letter, Indexed):
        if letter.base == YS:
            return components(frame.target)
        return NONNEGATIVE if letter.base in (CS, QS) or letter.base.label.is_nonnegative else REALS
    found = [p.domain for p in frame.parameters if p.symbol == letter]
    return found[0] if found else frame.target if letter == Y else REALS


def _times(p: Bounds, q: Bounds) -> Bounds:
    corners = [sp.S.Zero if 0 in (x, y) else x * y for x in p for y in q]
    return min(corners), max(corners)
