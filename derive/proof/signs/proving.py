"""Arguments for an expression without cases being ≥ 0 (or > 0), tried one after the other; none guesses."""

from dataclasses import replace

import sympy as sp
from flint import fmpq_mpoly

from derive.proof.signs.arithmetic import negative_somewhere
from derive.proof.signs.enclosing import by_balls, critical
from derive.proof.signs.form import Form, at_a_glance, form, occurring, spelled
from derive.proof.signs.goals import Goal, Shown, together
from derive.proof.signs.sampling import negative_at_some
from derive.proof.signs.sloping import by_slope
from derive.proof.signs.wording import prose


def shown(goal: Goal) -> Shown | None:
    """How the goal is known to hold; None where no argument is found."""
    if goal.depth < 0:
        return None
    try:
        found = form(goal.expr, goal.places, goal.known)
    except TypeError:
        return None
    if found.sign == 0:
        return None if goal.strictly else Shown(method="normal form", how="it is 0")
    return _of_product(goal, found)


def _of_product(goal: Goal, found: Form) -> Shown | None:
    """The factors whose sign shows at a glance are divided out; the sign of the rest is argued."""
    sign, rest = found.sign, []
    for f in found.factors:
        glance = at_a_glance(f, found)
        if glance is None or (goal.strictly and not glance[1]):
            rest.append(f)
        else:
            sign *= glance[0]
    if goal.strictly and not all(_never_zero(f, found) for f in found.even):
        return None
    if not rest:
        says = (
            "all terms of its normal form have one sign" if found.factors else "it is a square or a constant"
        )
        return Shown(method="normal form", how=says) if sign > 0 else None
    if not goal.known and negative_at_some(sp.Mul(sign, *(spelled(f, found) for f in rest)), found.places):
        return None
    if len(rest) == 1:
        return of_polynomial(rest[0] * sign, found, goal)
    return _of_several(rest, sign, found, goal)


def _never_zero(poly: fmpq_mpoly, found: Form) -> bool:
    glance = at_a_glance(poly, found)
    return bool(glance and glance[1]) or any(
        negative_somewhere(s * poly, found, strictly=True) is False for s in (1, -1)
    )


def _of_several(rest: list[fmpq_mpoly], sign: int, found: Form, goal: Goal) -> Shown | None:
    """Several factors without a manifest sign: their product in real arithmetic, or each of one sign."""
    product = rest[0] * sign
    for f in rest[1:]:
        product = product * f
    if negative_somewhere(product, found, strictly=goal.strictly) is False:
        return Shown(method="real arithmetic", how=_ARITHMETIC)
    signs = sign
    said: list[Shown] = []
    for f in rest:
        for s in (1, -1):
            part = (
                None
                if not goal.known and negative_at_some(spelled(f * s, found), found.places)
                else of_polynomial(f * s, found, goal)
            )
            if part:
                signs, said = signs * s, [*said, part]
                break
        else:
            return None
    return together(said) if signs > 0 else None


_ARITHMETIC = "no values of its letters and generators make it negative (z3, real arithmetic)"


def of_polynomial(poly: fmpq_mpoly, found: Form, goal: Goal) -> Shown | None:
    """How a polynomial in letters and generators is known to be ≥ 0 (> 0)."""
    glance = at_a_glance(poly, found)
    if glance and glance[0] > 0 and (glance[1] or not goal.strictly):
        return Shown(method="normal form", how="all terms of its normal form have one sign")
    return (
        _by_ends(poly, found, goal, affine=True)
        or _by_arithmetic(poly, found, goal)
        or _by_ends(poly, found, goal, affine=False)
        or _by_others(poly, found, goal)
    )


def _by_arithmetic(poly: fmpq_mpoly, found: Form, goal: Goal) -> Shown | None:
    if negative_somewhere(poly, found, strictly=goal.strictly) is False:
        return Shown(method="real arithmetic", how=_ARITHMETIC)
    return None


def _by_ends(poly: fmpq_mpoly, found: Form, goal: Goal, *, affine: bool) -> Shown | None:
    """A polynomial in a letter of [0, ∞) whose coefficients are all ≥ 0; needed only if it is affine."""
    for name in occurring(poly):
        symbol = found.room.symbols[name]
        if symbol not in found.places or not symbol.is_nonnegative or _within(symbol, found):
            continue
        degree = poly.degrees()[poly.context().names().index(name)]
        if (degree == 1) != affine or degree == sum(poly.degrees()):
            continue
        parts = _coefficients(spelled(poly, found), symbol, degree)
        said = _each(parts, found, goal, strict_first=not symbol.is_positive)
        if said:
            return together(said, f"{_ends_of(symbol, found, affine)}: ")
    return None


def _within(symbol: sp.Symbol, found: Form) -> bool:
    """Whether a letter occurs inside a generator."""
    return any(m.has(symbol) for m in found.meanings.values())


def _coefficients(expr: sp.Expr, letter: sp.Symbol, degree: int) -> list[sp.Expr]:
    expanded = sp.expand(expr)
    return [expanded.coeff(letter, n) for n in range(degree + 1)]


def _each(parts: list[sp.Expr], found: Form, goal: Goal, *, strict_first: bool) -> list[Shown] | None:
    """All coefficients shown to be ≥ 0; one > 0 where that is wanted: the first, if the letter may be 0."""
    if goal.strictly and strict_first and parts[0] == 0:
        return None
    said, missing = [], goal.strictly
    for n, part in enumerate(parts):
        if part == 0:
            continue
        sub = replace(_below(goal, found), expr=part, strictly=missing)
        got = shown(sub)
        if got:
            missing = False
        elif missing and not (strict_first and n == 0):
            got = shown(replace(sub, strictly=False))
        if got is None:
            return None
        said.append(got)
    return said if said and not missing else None


def _below(goal: Goal, found: Form) -> Goal:
    """The goal one argument deeper, in the letters of the normal form."""
    origins = {s: e.subs(goal.origins) for s, e in found.origins.items()}
    zeros = _moved(goal.zeros, found)
    return replace(goal, places=found.places, depth=goal.depth - 1, origins=origins, zeros=zeros, known=())


def _moved(zeros: tuple[sp.Expr, ...], found: Form) -> tuple[sp.Expr, ...]:
    """The numbers in the letter of the normal form, where there is one."""
    if len(found.places) != 1 or len(found.letters) != 1:
        return ()
    (letter,), (old,) = found.places, found.letters
    return tuple(found.origins[letter].subs(old, zero) for zero in zeros)


def _ends_of(symbol: sp.Symbol, found: Form, affine: bool) -> str:
    """In words: at which values of the letter itself the coefficients are taken."""
    letter = next((s for s, e in found.letters.items() if e.has(symbol)), symbol)
    expr = found.letters.get(letter, symbol)
    if not affine:
        return f"as a polynomial in {prose(found.origins[symbol])} all its coefficients are ≥ 0"
    low, high = expr.subs(symbol, 0), sp.limit(expr, symbol, sp.oo)
    far = f"{letter} = {high}" if high.is_finite else f"{letter} → {'∞' if high == sp.oo else '-∞'}"
    return f"affine in {letter}, so it suffices at {letter} = {low} and {far}"


def _by_others(poly: fmpq_mpoly, found: Form, goal: Goal) -> Shown | None:
    sub = replace(_below(goal, found), expr=spelled(poly, found))
    ways = [sub, *(replace(sub, expr=e) for e in _divided(poly, found))]
    for way in ways:
        if said := by_slope(way, shown):
            return said
    zeros = [zero for way in ways for zero in critical(way)]
    return by_balls(replace(sub, zeros=tuple(dict.fromkeys((*sub.zeros, *zeros)))))


def _divided(poly: fmpq_mpoly, found: Form) -> list[sp.Expr]:
    """±(L + A/B) for a polynomial A + B·L, B of one sign: the slope of L is simpler than L itself."""
    names, ways = poly.context().names(), []
    for (kind, *_), symbol in found.room.names.items():
        if kind not in ("log", "erf", "atan") or str(symbol) not in occurring(poly):
            continue
        if poly.degrees()[names.index(str(symbol))] != 1:
            continue
        slope = poly.derivative(str(symbol))
        glance = at_a_glance(slope, found)
        if glance and glance[1]:
            rest = poly - slope * poly.context().gens()[names.index(str(symbol))]
            quotient = spelled(rest, found) / spelled(slope, found)
            ways.append(glance[0] * (found.meanings[symbol] + sp.expand(quotient)))
    return ways
