"""Proofs that two expressions are the same function: by normal form, by derivative and one point, or sampled.

Piecewise functions are split into all their cases first, each proved on its own. A finite set of targets
is taken one target at a time. Letters that lie in an interval with an end are written with a positive one,
so that the logarithm of a product of them is a sum.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations

import sympy as sp

from derive.balls import Unreachable, certified, compile_ball
from derive.heads import plain
from derive.model import PROVED, REALS, A, Finite, Interval, Parameter, Proof, Punctured, Set, Y, Z
from derive.proof.cases import (
    Case,
    cases,
    impossible,
    inside,
    places_kinks,
    turning_points,
    turning_somewhere,
)
from derive.proof.normal import equal, manifest_sign, zero_where
from derive.rules.deviances import positively

__all__ = ["equal", "prove"]

POINTS = 24  # of a sampled proof
_TRIES = 4000  # points drawn to find those of a case
_AGREE_BITS = 170  # a relative radius of 1e-50 takes 167
_MODERATE = 6.0
_TURNING = 3  # expressions whose zeros are not known, of which all sets are looked at
_NONE = Proof(method="none")
_ORDER = ("normal form", "derivative and one point", "sampled")
_INFINITE = (sp.nan, sp.zoo, sp.oo, -sp.oo)
Where = dict[sp.Symbol, Set]  # the domains of z, a and y
_JUMPING = (sp.sign, sp.Abs, sp.Heaviside, sp.Piecewise, sp.floor)


def prove(
    left: sp.Expr,
    right: sp.Expr,
    target: Set = REALS,
    parameters: tuple[Parameter, ...] = (),
    *,
    at_points: bool = True,
    domain: Set = REALS,
) -> Proof:
    """How left = right is known, for z and a in `domain`, y in `target` and admissible parameters.

    Where `at_points` is false, points at which a condition changes, such as kinks, are left out.
    """
    methods = []
    for one, other, region in _per_target(left, right, target):
        ground = Ground(target=region, parameters=parameters, domain=domain, at_points=at_points)
        for case in _cases(one, other, ground):
            if _never(case, ground.where(case)) or impossible(case, parameters):
                continue
            found = _prove_case(case, ground)
            if found.holds:
                methods.append(found)
            elif not _void(case, ground):
                return _NONE
    return weakest(methods)


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What the letters of two sides may be, and whether the points count between their cases."""

    target: Set
    parameters: tuple[Parameter, ...]
    domain: Set
    at_points: bool

    def where(self, case: Case) -> Where:
        """The domains of z, a and y in a case."""
        cell = Interval(lo=case.low, hi=case.high) if isinstance(self.domain, Interval) else self.domain
        return {Z: REALS if case.low == case.high else cell, A: self.domain, Y: self.target}


def weakest(methods: list[Proof]) -> Proof:
    """The proof of a whole: that of the part which is known least well."""
    return max(methods, key=lambda m: _ORDER.index(m.method), default=Proof(method="normal form"))


def _per_target(left, right, target: Set) -> Iterator[tuple[sp.Expr, sp.Expr, Set]]:
    if not isinstance(target, Finite):
        yield left, right, target
        return
    for value in target.values:
        yield left.subs(Y, value), right.subs(Y, value), target


def _cases(left: sp.Expr, right: sp.Expr, ground: Ground) -> Iterator[Case]:
    """All cases; and those of a parameter at the closed end of its domain, where kinks may coincide."""
    split = partial(cases, at_points=ground.at_points, parameters=ground.parameters, domain=ground.domain)
    yield from split(left, right)
    for p in ground.parameters:
        if ground.at_points and p.domain.closed_lo and places_kinks(p.symbol, (left, right)):
            yield from split(left.subs(p.symbol, p.domain.lo), right.subs(p.symbol, p.domain.lo))


def _prove_case(case: Case, ground: Ground) -> Proof:
    fixed = _fixed(case, ground.parameters)
    left, right = (plain(side).subs(fixed) for side in (case.left, case.right))
    where = ground.where(case)
    if left.has(*_INFINITE) or right.has(*_INFINITE):
        return _NONE
    try:
        if _same(left, right, where, tuple(d for d, sign in case.signs if sign == 0)):
            return _at_turns(case, ground, where)
        if isinstance(where[Z], Interval) and _by_derivative(left, right, inside(case.low, case.high), where):
            return Proof(method="derivative and one point")
    except TypeError:  # something in it has no normal form; points may still decide
        pass
    return _by_turns(case, ground) or _by_points(case, ground)


def _fixed(case: Case, parameters: tuple[Parameter, ...]) -> dict[sp.Symbol, sp.Expr]:
    """The values of parameters that a case names: c where c − 1 is 0."""
    zeros = [difference for difference, sign in case.signs if sign == 0]
    found = {p.symbol: p.symbol - d for p in parameters for d in zeros if d.free_symbols == {p.symbol}}
    return {symbol: value for symbol, value in found.items() if value.is_number}


def _never(case: Case, where: Where) -> bool:
    """Whether a case asks for a sign that letters with these domains do not give."""
    letters = {s: positively(s, domain) for s, domain in where.items() if s == Y}
    if letters[Y] == Y:
        return False
    return any(_sign(d.xreplace(letters)) == -sign != 0 for d, sign in case.signs)


def _void(case: Case, ground: Ground) -> bool:
    """Whether a case asks for a sign that is shown not to occur, which takes longer."""
    from derive.proof.signs import nonnegative

    letters = {**ground.where(case), **{p.symbol: p.domain for p in ground.parameters}}
    for difference, sign in case.signs:
        places = {s: letters[s] for s in difference.free_symbols if s in letters}
        goals = ((-sign * difference, False),) if sign else ((difference, True), (-difference, True))
        for goal, strictly in goals:
            try:
                found = nonnegative(goal, places, strictly=strictly, refutable=False)
            except (TypeError, ValueError, KeyError, AssertionError, RecursionError, sp.PolynomialError):
                continue
            if found.outcome == PROVED:
                return True
    return False


def _sign(expr: sp.Expr) -> int | None:
    try:
        return manifest_sign(expr)
    except TypeError:  # no normal form
        return None


def _at_turns(case: Case, ground: Ground, where: Where) -> Proof:
    """Normal form, where that holds too at the points at which sgn² = 1 does not."""
    if not ground.at_points:
        return Proof(method="normal form")
    sides = case.left, case.right
    points = {p for s in sides for p in turning_points(s)}
    left, right = (plain(s) for s in sides)
    same = all(_same(left.subs(Z, point), right.subs(Z, point), where) for point in points)
    somewhere = {w for s in sides for w in turning_somewhere(s)}
    return Proof(method="normal form") if same and _same_at_zeros(left, right, somewhere, where) else _NONE


def _same_at_zeros(left: sp.Expr, right: sp.Expr, turning: set[sp.Expr], where: Where) -> bool:
    """Whether both sides agree wherever some of what turns is 0, one expression of it or several at once."""
    if len(turning) > _TURNING:
        return False
    every = sorted(turning, key=sp.default_sort_key)
    for zero in (some for n in range(len(every)) for some in combinations(every, n + 1)):
        flat = {e: sp.S.Zero for s in (left, right) for e in s.atoms(sp.Abs, sp.sign) if e.args[0] in zero}
        one, other = left.xreplace(flat), right.xreplace(flat)
        if one.has(*_INFINITE) or other.has(*_INFINITE):
            return False
        if not (_same(one, other, where) or zero_where(one - other, zero[0])):
            return False
    return True


def _by_turns(case: Case, ground: Ground) -> Proof | None:
    """A proof by the signs of what turns in z alone; None where nothing does."""
    if not any(True for s in (case.left, case.right) for _ in turning_points(s)):
        return None
    room = Interval(lo=case.low, hi=case.high)
    split = partial(cases, at_points=ground.at_points, parameters=ground.parameters)
    found = list(split(case.left, case.right, domain=room, strict=True))
    proofs = [_prove_case(replace(one, signs=case.signs), ground) for one in found if one.cell != case.cell]
    return weakest(proofs) if proofs and all(p.holds for p in proofs) else _NONE


def _same(left: sp.Expr, right: sp.Expr, where: Where, zeros: tuple[sp.Expr, ...] = ()) -> bool:
    """Whether both sides are one function where `zeros` are 0, by normal form.

    At a closed end of y where a formula says 0 log 0 its limit is meant, which is that of the other side.
    """
    if equal(left, right) or any(zero_where(left - right, d) for d in zeros):
        return True
    letters = {s: written for s, domain in where.items() if (written := positively(s, domain)) != s}
    if not letters.keys() & (left.free_symbols | right.free_symbols):
        return False
    of_target = {s: written for s, written in letters.items() if s == Y}
    ways = (of_target, letters) if of_target and of_target != letters else (letters,)
    if not any(_same_in(way, left, right, zeros) for way in ways):
        return False
    ends = [(left.subs(Y, end), right.subs(Y, end)) for end in _closed_ends(where[Y])]
    open_ended = {**where, Y: REALS}
    return all(a.has(*_INFINITE) or b.has(*_INFINITE) or _same(a, b, open_ended) for a, b in ends)


def _same_in(letters: dict, left: sp.Expr, right: sp.Expr, zeros: tuple[sp.Expr, ...]) -> bool:
    """Whether both sides are one function by normal form in other letters."""
    one, other, *inner = (e.xreplace(letters) for e in (left, right, *zeros))
    return equal(one, other) or any(zero_where(one - other, d) for d in inner)


def _closed_ends(target: Set) -> tuple[sp.Expr, ...]:
    if not isinstance(target, Interval):
        return ()
    ends = ((target.lo, target.closed_lo), (target.hi, target.closed_hi))
    return tuple(end for end, closed in ends if closed)


def _by_derivative(left: sp.Expr, right: sp.Expr, point: sp.Expr, where: Where) -> bool:
    """Equal slopes, and equal values at a point of the case, of functions that are smooth and real there."""
    if not all(_smooth(side) for side in (left, right)):
        return False
    first, second = left.subs(Z, point), right.subs(Z, point)
    if first.has(*_INFINITE) or second.has(*_INFINITE):
        return False
    return _same(left.diff(Z), right.diff(Z), where) and _same(first, second, where)


def _smooth(side: sp.Expr) -> bool:
    """Whether no function in it jumps, and every logarithm is of something positive."""
    return not side.has(*_JUMPING) and all(e.args[0].is_positive for e in side.atoms(sp.log))


def _by_points(case: Case, ground: Ground) -> Proof:
    """Agreement in balls of relative radius below 1e-50 at seeded real points of the case."""
    symbols = (Z, A, Y, *(p.symbol for p in ground.parameters))
    if any(plain(side).has(*_JUMPING) for side in (case.left, case.right)):
        return _NONE  # a jump can hide between the points
    if any(sign == 0 for _, sign in case.signs):
        return _NONE  # no number drawn lies just there
    parts = (case.left, case.right, *(d for d, _ in case.signs))
    if {s for part in parts for s in part.free_symbols} - set(symbols):
        return _NONE  # of a letter whose place is not known there are no points
    try:
        sides = [compile_ball(case.left), compile_ball(case.right)]
        points = _points_of(case, ground)
        for point in points:
            env = dict(zip(symbols, point, strict=True))
            one, other = (certified(s, env, Z, 0, digits=_AGREE_BITS)[0] for s in sides)
            if not one.overlaps(other):
                return _NONE
    except (Unreachable, TypeError):
        return _NONE
    return Proof(method="sampled", points=len(points)) if len(points) == POINTS else _NONE


def _points_of(case: Case, ground: Ground) -> list[tuple[float, ...]]:
    """Seeded values of z, a, y and the parameters that belong to a case; a point of z counts as it is."""
    rng = random.Random(1)
    symbols = (Z, A, Y, *(p.symbol for p in ground.parameters))
    differences = sp.lambdify(symbols, [d for d, _ in case.signs], "math")
    signs = [sign for _, sign in case.signs]
    drawn = (_drawn(rng, case, ground) for _ in range(_TRIES))
    fitting = (p for p in drawn if [(d > 0) - (d < 0) for d in differences(*p)] == signs)
    return [point for point, _ in zip(fitting, range(POINTS), strict=False)]


def _drawn(rng: random.Random, case: Case, ground: Ground) -> tuple[float, ...]:
    """One value of z, a, y and of each parameter; the ends of an interval may hold parameters."""
    given: dict[sp.Symbol, float] = {}
    for p in ground.parameters:
        given[p.symbol] = _draw(rng, _at(p.domain, given))
    cell = Interval(lo=case.low, hi=case.high) if isinstance(ground.domain, Interval) else ground.domain
    z, a, y = (_draw(rng, domain) for domain in (_at(cell, given), ground.domain, ground.target))
    return (z, a, y, *given.values())


def _at(domain: Set, given: Mapping[sp.Symbol, float]) -> Set:
    """An interval with the parameters in its ends at their values."""
    if not isinstance(domain, Interval) or not (domain.lo.free_symbols or domain.hi.free_symbols):
        return domain
    return replace(domain, lo=sp.S(domain.lo).subs(given), hi=sp.S(domain.hi).subs(given))


def _draw(rng: random.Random, domain: Set) -> float:
    if isinstance(domain, Finite):
        return float(rng.choice(domain.values))
    if isinstance(domain, Punctured):
        return rng.choice((-1, 1)) * rng.uniform(1 / _MODERATE, _MODERATE)
    if not isinstance(domain, Interval):
        raise TypeError(f"no points in {domain}")
    low, high = float(domain.lo), float(domain.hi)
    if low == -float("inf"):
        low = min(-_MODERATE, high - _MODERATE)
    return rng.uniform(low, max(_MODERATE, low + _MODERATE) if high == float("inf") else high)
