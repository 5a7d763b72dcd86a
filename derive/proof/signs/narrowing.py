"""Witnesses that no grid meets: narrowed down by boxes in one letter, by real arithmetic in several."""

from collections import deque
from collections.abc import Iterator

import sympy as sp
from flint import fmpq, fmpq_mpoly

from derive.model import Interval
from derive.proof.normal import _hyperbolic_out
from derive.proof.signs.arithmetic import negative_somewhere
from derive.proof.signs.boxes import Search, falls_below, settled, simplest_within
from derive.proof.signs.decision import Point
from derive.proof.signs.form import Form, form
from derive.proof.signs.places import numeric
from derive.proof.signs.split import Cell
from derive.proof.signs.tails import FAR_STARTS, far_sign

_FAR = sp.Integer(64)
_BOXES = 1200
_HALVINGS = 90
_LARGEST = fmpq(2) ** 40


def narrowed(cell: Cell, *, strictly: bool) -> Iterator[Point]:
    """Points of a cell at which its expression may be negative (or 0, if `strictly`), to be confirmed."""
    letters = sorted(cell.expr.free_symbols, key=str)
    if len(letters) == 1 and numeric(cell.places[letters[0]]):
        at = _by_boxes(cell.expr, letters[0], cell.places[letters[0]])
        points = [] if at is None else [at]
        for value in (*points, *_far_out(cell.expr, letters[0], cell.places[letters[0]])):
            yield ((letters[0], value),)
    try:
        found = form(cell.expr, cell.places)
    except TypeError:
        return
    if not found.meanings:
        yield from _by_arithmetic(found, strictly)


def _by_boxes(expr: sp.Expr, letter: sp.Symbol, place: Interval) -> sp.Rational | None:
    """A number at which a function of one letter is negative; boxes are halved, the largest first."""
    low, high = (max(-_FAR, place.lo), min(_FAR, place.hi))
    if not (low.is_Rational and high.is_Rational and low < high):
        return None
    try:
        search = Search(expr=expr, letter=letter, low=low, high=high, strictly=False)
    except (TypeError, KeyError):
        return None
    waiting = deque([(low, high)])
    for _ in range(_BOXES):
        if not waiting:
            return None
        box = waiting.popleft()
        if settled(search, *box):
            continue
        if falls_below(search, *box):
            return search.negative
        middle = (box[0] + box[1]) / 2
        waiting += [(box[0], middle), (middle, box[1])]
    return None


def _far_out(expr: sp.Expr, letter: sp.Symbol, place: Interval) -> Iterator[sp.Expr]:
    """Far numbers from which on a function of one letter is negative."""
    w, expr = sp.Symbol("w", positive=True), _hyperbolic_out(expr)
    for side, end in ((1, place.hi), (-1, place.lo)):
        found = far_sign(expr.subs(letter, side * w), w, FAR_STARTS) if end.is_infinite else None
        if found and found.sign < 0:
            yield sp.Integer(side * found.start)


def _by_arithmetic(found: Form, strictly: bool) -> Iterator[Point]:
    """The point that z3 leaves when every letter is halved into its simplest rational number in turn."""
    product: fmpq_mpoly | None = None
    for f in found.factors:
        product = f if product is None else product * f
    if product is None or not found.places:
        return
    product = product * found.sign
    if negative_somewhere(product, found, strictly=strictly) is not True:
        return
    at: dict[str, tuple[fmpq, fmpq]] = {}
    for symbol in sorted(found.places, key=str):
        value = _simplest(product, found, at, str(symbol), strictly)
        if value is None:
            return
        at[str(symbol)] = (value, value)
    values = {s: sp.Rational(int(at[str(s)][0].p), int(at[str(s)][0].q)) for s in found.places}
    yield tuple((s, e.subs(values)) for s, e in sorted(found.letters.items(), key=str))


def _simplest(product: fmpq_mpoly, found: Form, at: dict, name: str, strictly: bool) -> fmpq | None:
    """A simple value of one letter for which the others still have values."""
    low, high = (fmpq(0) if found.kind(name) else -_LARGEST), _LARGEST
    for _ in range(_HALVINGS):
        middle = _between(low, high)
        if negative_somewhere(product, found, strictly=strictly, at={**at, name: (middle, middle)}):
            return middle
        half = negative_somewhere(product, found, strictly=strictly, at={**at, name: (low, middle)})
        if half is None:
            return None
        low, high = (low, middle) if half else (middle, high)
    return None


def _between(low: fmpq, high: fmpq) -> fmpq:
    """The simplest number well inside an interval."""
    quarter = (high - low) / 4
    ends = [sp.Rational(int(e.p), int(e.q)) for e in (low + quarter, high - quarter)]
    simple = simplest_within(*ends)
    return fmpq(int(simple.p), int(simple.q))
