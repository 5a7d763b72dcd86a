"""How a subject is spoken of: what is convex in what, and for which targets and parameters."""

from dataclasses import dataclass

import sympy as sp

from derive.claims.convexity.shape import Curve, Piece
from derive.derivation import quantities as q
from derive.model import REALS, Activation, Finite, Interval, Loss, Quantity, Set, Simplex

POWERS = {"**2": "²", "**3": "³", "**": "^", "*": " ", "-": "−", "oo": "∞"}
NAMES = {
    "alpha": "α",
    "beta": "β",
    "delta": "δ",
    "nu": "ν",
    "gamma": "γ",
    "rho": "ρ",
    "epsilon": "ε",
    "negative_slope": "s",
    "pi": "π",
}


@dataclass(frozen=True, kw_only=True)
class Words:
    """What is differentiated (L or a) by which letter (z or a), with both derivatives."""

    of: str
    by: str
    first: Quantity
    second: Quantity


def words(curve: Curve) -> Words:
    """The words for a pair, a loss alone or an activation alone."""
    if isinstance(curve.subject, Activation):
        return Words(of="a", by="z", first=q.OUTPUT_SLOPE, second=q.OUTPUT_CURVATURE)
    if isinstance(curve.subject, Loss):
        return Words(of="L", by="a", first=q.LOSS_SLOPE, second=q.LOSS_CURVATURE)
    return Words(of="L", by="z", first=q.GRADIENT, second=q.SECOND)


def quantified(curve: Curve, within: Set | None = None) -> str:
    """The words for all targets, and all admissible parameters."""
    parts = [] if isinstance(curve.subject, Activation) else [f"every y {belongs(within or curve.target)}"]
    parts += [f"every {letter(p.symbol)} ∈ {spoken(p.domain)}" for p in curve.parameters]
    return (" for " + " and ".join(dict.fromkeys(parts))) if parts else ""  # both may have one letter


def belongs(place: Set) -> str:
    """∈ an interval, or in a set that has a name."""
    return f"∈ {spoken(place)}" if isinstance(place, Interval | Finite) else f"in {spoken(place)}"


def spoken(place: Set) -> str:
    """A set in a sentence."""
    if isinstance(place, Finite):
        return "{" + ", ".join(number(sp.Integer(v)) for v in place.values) + "}"
    if not isinstance(place, Interval):
        return str(place) if not isinstance(place, Simplex) or place.closed else "the open simplex"
    if place == REALS:
        return "ℝ"
    low, high = "[" if place.closed_lo else "(", "]" if place.closed_hi else ")"
    return f"{low}{number(place.lo)}, {number(place.hi)}{high}"


def letter(symbol: sp.Basic) -> str:
    """A letter as a person writes it."""
    return NAMES.get(str(symbol), str(symbol))


def number(value: sp.Expr) -> str:
    """A short expression in a sentence."""
    text = sp.sstr(value, order="none")
    for name, shown in {**NAMES, **POWERS}.items():
        text = text.replace(name, shown)
    return text.replace(" ", "") if len(text) < 4 else text


def where(piece: Piece) -> str:
    """The cell of a piece in words; '' where it is everywhere."""
    place = piece.act.domain
    assert isinstance(place, Interval)
    parts = [f"y = {number(piece.y)}"] if piece.y is not None else []
    parts += _between("z", place.lo, place.hi)
    parts += _between("a", piece.low, piece.high)
    return " and ".join(parts)


def _between(name: str, low: sp.Expr, high: sp.Expr) -> list[str]:
    if low == -sp.oo:
        return [] if high == sp.oo else [f"{name} < {number(high)}"]
    return [f"{name} > {number(low)}"] if high == sp.oo else [f"{number(low)} < {name} < {number(high)}"]
