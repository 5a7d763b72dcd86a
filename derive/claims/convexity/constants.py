"""Constants of a curve: of strong convexity, Lipschitz and of smoothness, exact where they exist."""

import math
from dataclasses import replace

import sympy as sp

from derive.claims.convexity.extremes import CONTINUOUS, Extreme, bounded, derivative, largest
from derive.claims.convexity.leaps import leap, quantity
from derive.claims.convexity.shape import Curve, Piece, Uncut, bends, pieces
from derive.claims.convexity.steps import jump_steps
from derive.claims.convexity.witness import Low, admits, jump, jumps
from derive.claims.convexity.words import letter, number, quantified, words
from derive.claims.working import Relation, equality, relation
from derive.model import (
    PROVED,
    REALS,
    REFUTED,
    UNDECIDED,
    Activation,
    Finding,
    Interval,
    Quantity,
    Step,
    Unproved,
    Witness,
    Y,
    Z,
)
from derive.proof.signs import Decision

STRONG, LIPSCHITZ, SMOOTH = "strongly convex", "Lipschitz", "smooth"
UNBOUNDED = "it is not bounded"
DISCONTINUOUS = "its value jumps"
NOT_FOUND = "neither limits nor stationary points gave the largest value"
UNSETTLED = "whether the slope jumps at a kink is not known"
NOT_CONVEX = "it is not even convex: the same point refutes it"
Bound = tuple[Quantity, Relation, sp.Expr]
Rows = list[tuple[Piece, int, int]]  # of each piece the order of a derivative, and a sign


def constants(curve: Curve, first: Finding) -> list[Finding]:
    """The findings about constants; for a bounded range also for targets inside it."""
    if isinstance(curve.subject, Activation):
        return []
    try:
        if jump_of_value := leap(curve):
            return [_strong(curve, first), *_not_continuous(curve, jump_of_value)]
        found = [_strong(curve, first), _lipschitz(curve), _smooth(curve)]
    except Uncut:
        return []
    return [*found, *_inside_range(curve, found)]


def _inside_range(curve: Curve, found: list[Finding]) -> list[Finding]:
    """Lipschitz and smooth for targets that the activation can come to, where other targets spoil it."""
    reach = curve.act.range
    if (
        curve.target != REALS
        or not isinstance(reach, Interval)
        or not (reach.lo.is_finite and reach.hi.is_finite)
    ):
        return []
    place = Interval(lo=reach.lo, hi=reach.hi, closed_lo=True, closed_hi=True)
    inner = replace(curve, los=replace(curve.los, target=place))
    spoiled = [f.name for f in found if f.outcome == REFUTED and f.name != STRONG]
    again = [(LIPSCHITZ, _lipschitz), (SMOOTH, _smooth)]
    named = [
        replace(f(inner), name=f"{name} for targets in the range") for name, f in again if name in spoiled
    ]
    return [f for f in named if f.outcome == PROVED]


def _not_continuous(curve: Curve, low: Low) -> list[Finding]:
    """Lipschitz and smooth, refuted by a jump."""
    named = words(curve)
    at = tuple((str(s), v) for s, v in low.at if named.by == "z" or str(s) != "z")
    point = Witness(at=at, quantity=quantity(named.of), value=low.value)
    both = ((LIPSCHITZ, "is Lipschitz"), (SMOOTH, "is smooth"))
    return [
        Finding(
            name=name,
            says=f"{named.of} {says} in {named.by}{quantified(curve)}",
            outcome=REFUTED,
            how=DISCONTINUOUS,
            witness=point,
        )
        for name, says in both
    ]


def _strong(curve: Curve, first: Finding) -> Finding:
    """Whether the second derivative stays above a number m > 0."""
    named = words(curve)
    says = f"{named.of} is strongly convex in {named.by}"
    if first.outcome == REFUTED:
        return Finding(
            name=STRONG, says=says + quantified(curve), outcome=REFUTED, how=NOT_CONVEX, witness=first.witness
        )
    rows = [(p, 2, -1) for p in pieces(curve)]
    best = _best(rows)
    if best is None or first.outcome != PROVED:
        how = NOT_FOUND if best is None else first.how
        return Finding(name=STRONG, says=says + quantified(curve), outcome=UNDECIDED, how=how)
    least = -best.value
    try:
        steps = [_taken(curve, best, named.second, -1)]
    except Unproved as fault:
        return Finding(name=STRONG, says=says + quantified(curve), outcome=UNDECIDED, how=str(fault))
    if least == 0:
        how = "the second derivative has no lower bound above 0"
        return Finding(
            name=STRONG,
            says=says + quantified(curve),
            outcome=REFUTED,
            how=how,
            steps=tuple(steps),
            value=least,
        )
    proofs = _bounds(rows, -least)
    return _decided(
        STRONG,
        f"{says}, with the constant {number(least)},{quantified(curve)}",
        steps,
        proofs,
        (named.second, "≥", least),
    )


def _lipschitz(curve: Curve) -> Finding:
    """The largest |∂L/∂z|."""
    named = words(curve)
    rows = [(p, 1, sign) for p in pieces(curve) for sign in (1, -1)]
    absolute = Quantity(
        name=f"|{named.first.name}|", latex=rf"\left|{named.first.latex}\right|", text=f"|{named.first.text}|"
    )
    return _bounded_by(curve, LIPSCHITZ, f"{named.of} is Lipschitz in {named.by}", rows, absolute)


def _smooth(curve: Curve) -> Finding:
    """The largest |∂²L/∂z²|; a kink spoils it."""
    named = words(curve)
    says = f"∂{named.of}/∂{named.by} is Lipschitz ({named.of} is smooth)"
    blank = Finding(name=SMOOTH, says=says + quantified(curve), outcome=UNDECIDED, how=UNSETTLED)
    for bend in bends(curve):
        try:
            steps = tuple(jump_steps(curve, bend))
        except Unproved as fault:
            return replace(blank, how=str(fault))
        if jumps(bend):
            return replace(blank, outcome=REFUTED, how="the slope jumps at a kink", steps=steps)
        if jump(bend) != 0:
            return blank
    rows = [(p, 2, sign) for p in pieces(curve) for sign in (1, -1)]
    absolute = Quantity(
        name=f"|{named.second.name}|",
        latex=rf"\left|{named.second.latex}\right|",
        text=f"|{named.second.text}|",
    )
    return _bounded_by(curve, SMOOTH, says, rows, absolute)


def _bounded_by(curve: Curve, name: str, says: str, rows: Rows, quantity: Quantity) -> Finding:
    """The finding that a quantity has a largest value, or none."""
    best = _best(rows)
    if best is None:
        return Finding(name=name, says=says + quantified(curve), outcome=UNDECIDED, how=NOT_FOUND)
    value = best.value
    try:
        steps = [_taken(curve, best, quantity)]
    except Unproved as fault:
        return Finding(name=name, says=says + quantified(curve), outcome=UNDECIDED, how=str(fault))
    if value == sp.oo:
        return Finding(
            name=name,
            says=says + quantified(curve),
            outcome=REFUTED,
            how=UNBOUNDED,
            steps=tuple(steps),
            value=value,
        )
    proofs = _bounds(rows, value)
    return _decided(
        name,
        f"{says}, with the constant {number(value)},{quantified(curve)}",
        steps,
        proofs,
        (quantity, "≤", value),
    )


def _bounds(rows: Rows, value: sp.Expr) -> list[Decision]:
    """Whether a number is an upper bound, on each piece."""
    return [bounded(sign * derivative(piece, order), value, piece) for piece, order, sign in rows]


def _best(rows: Rows) -> Extreme | None:
    """The largest of the extremes of all pieces; None where one was not found and none is infinite."""
    found = [(largest(*row), row[0]) for row in rows]
    known = [(e, piece) for e, piece in found if e is not None and not e.value.has(sp.zoo, sp.nan)]
    unbounded = [extreme for extreme, _ in known if extreme.value == sp.oo]
    if unbounded:
        return unbounded[0]
    if len(known) < len(found):
        return None
    return max(known, key=lambda row: _size(row[0].value, row[1]))[0]


def _size(value: sp.Expr, piece: Piece) -> float:
    here = value.subs({p.symbol: p.default for p in piece.parameters})
    return float(here) if here.is_extended_real and here.is_number else -math.inf


def _taken(curve: Curve, extreme: Extreme, quantity: Quantity, sign: int = 1) -> Step:
    """Where the extreme, times a sign, is taken, which is proved, or approached: by a limit or a rule."""
    still = [(s, v) for s, v in extreme.at if s != Y or admits(curve.target, v)]
    moving = [*[pair for pair in extreme.at if pair not in still], *extreme.to]
    parts = [f"{_name(s, curve)} = {number(v)}" for s, v in still]
    rule = f"at {' and '.join(parts)}" if parts else ""
    if moving:
        rule += ", as " if rule else "as "
        rule += " and ".join(f"{_name(s, curve)} → {number(v)}" for s, v in moving)
    t = ", with t = a − y" if any(str(s) == "t" for s, _ in (*still, *moving)) else ""
    says = f"{'approached' if moving else 'taken'} there{t}" if rule else "it is this number there"
    if not rule and extreme.cell:
        rule = f"where {extreme.cell}"
    if moving:
        why = extreme.rule or (CONTINUOUS if len(moving) > len(extreme.to) else "")
        line = (rule, f"{says}: {why}" if why else says, sign * extreme.value)
        return relation(quantity, "→", line, "rule" if why else "leading terms")
    assert extreme.own is not None  # nothing tends
    return _proved(curve, quantity, (rule or "constant", says, sign * extreme.value), sign * extreme.own)


def _proved(curve: Curve, quantity: Quantity, line: tuple[str, str, sp.Expr], own: sp.Expr) -> Step:
    """A step of an extreme; with parameters as squares, so that their roots are letters."""
    rule, says, value = line
    rooted = {e.base for e in value.atoms(sp.Pow) if not e.exp.is_Integer}
    positive = [p.symbol for p in curve.parameters if p.symbol in rooted and p.symbol.is_positive]
    squares = {s: sp.Symbol(f"root {s}", positive=True) ** 2 for s in positive}
    left = [p for p in curve.parameters if p.symbol not in squares]
    step = equality(quantity, (rule, says, value.subs(squares)), own.subs(squares), parameters=tuple(left))
    if not step.proof.proved:
        raise Unproved(f"the value of {quantity.text} {rule} was only sampled")
    return replace(step, expr=value)


def _name(symbol: sp.Symbol, curve: Curve) -> str:
    """A letter; of a loss alone z is its prediction."""
    return "a" if symbol == Z and words(curve).by == "a" else letter(symbol)


def _decided(name: str, says: str, steps: list[Step], proofs: list[Decision], bound: Bound) -> Finding:
    """Proved where every piece keeps the bound."""
    quantity, sign, value = bound
    weakest = next(
        (d for d in proofs if d.outcome != PROVED), max(proofs, key=lambda d: d.method != "normal form")
    )
    if weakest.outcome != PROVED:
        return Finding(name=name, says=says.partition(", with")[0], outcome=UNDECIDED, how=NOT_FOUND)
    steps.append(relation(quantity, sign, ("bound", weakest.how, value), weakest.method, result=True))
    return Finding(name=name, says=says, outcome=PROVED, how=weakest.how, steps=tuple(steps), value=value)
