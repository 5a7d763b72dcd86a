"""What is shown of an expression on an interval: its sign, and the exact ends of its values."""

from collections.abc import Mapping

import sympy as sp

from derive.expression import sign_of
from derive.heads import plain
from derive.model import PROVED, REALS, Interval, Set, Z
from derive.proof.signs import nonnegative

Places = Mapping[sp.Symbol, Set]
_QUARTERS = (4, 1, 2, 6, 8, 12, 20, 40, 160)
_ROOT = sp.Dummy("root", positive=True)
_ROOTS = 2


def positive(expr: sp.Expr, places: Places, *, strictly: bool = True, roots: int = _ROOTS) -> str:
    """How it is shown that `expr` is > 0 (≥ 0) wherever its letters lie; '' where it is not shown.

    So many square roots, one in the other, are squared away.
    """
    expr = plain(expr)
    if expr.is_positive or (not strictly and expr.is_nonnegative):
        return "normal form"
    if not expr.free_symbols:
        sign = sign_of(expr)
        return "ball arithmetic" if sign is not None and sign >= int(strictly) else ""
    return _refuted_not(expr, places) and (
        _by_range(expr, places, strictly)
        or _by_signs(expr, places, strictly)
        or _by_square(expr, places, roots)
    )


def _refuted_not(expr: sp.Expr, places: Places) -> str:
    """'' where the expression is negative at a simple point."""
    for point in samples(places):
        value = sign_at(expr, point)
        if value is not None and value < 0:
            return ""
    return "open"


def samples(places: Places) -> list[dict[sp.Symbol, sp.Expr]]:
    """A few simple points of the places."""
    rows: list[dict[sp.Symbol, sp.Expr]] = []
    values = {letter: _numbers(place) for letter, place in places.items()}
    longest = max((len(v) for v in values.values()), default=0)
    for shift in (0, 1, 3):
        for n in range(longest):
            row: dict[sp.Symbol, sp.Expr] = {}
            for order, (letter, numbers) in enumerate(values.items()):
                row[letter] = numbers[(n + shift * order) % len(numbers)].xreplace(row)
            rows.append(row)
    return rows


def _numbers(place: Set) -> list[sp.Expr]:
    if not isinstance(place, Interval):
        return [sp.Integer(v) for v in getattr(place, "values", (0,))]
    every = [sp.Rational(n, 4) * sign for n in _QUARTERS for sign in (1, -1)]
    low, high = place.lo, place.hi
    ends = [end for end, taken in ((low, place.closed_lo), (high, place.closed_hi)) if taken]
    if low.is_finite and high.is_finite:
        return [*(low + (high - low) * sp.Rational(n, 8) for n in (4, 1, 7, 2, 6, 3, 5)), *ends]
    if low.is_finite:
        return [*(low + n for n in every if n > 0), low + sp.Rational(1, 1000), *ends]
    if high.is_finite:
        return [*(high - n for n in every if n > 0), high - sp.Rational(1, 1000), *ends]
    return [sp.S.Zero, *every]


def sign_at(expr: sp.Expr, point: Mapping[sp.Symbol, sp.Expr]) -> int | None:
    """The sign at a point, in balls; None where it is not defined there or not found."""
    try:
        return sign_of(expr.xreplace(dict(point)))
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None


def _by_signs(expr: sp.Expr, places: Places, strictly: bool) -> str:
    """By the engine of signs, z in units in which rates are whole numbers."""
    unit = rate(expr) if places.get(Z) == REALS else sp.S.One
    needed = {s: p for s, p in places.items() if s in expr.free_symbols}
    try:
        found = nonnegative(expr.subs(Z, Z / unit), needed, strictly=strictly, refutable=False)
    except (TypeError, ValueError, KeyError, AssertionError, RecursionError, sp.PolynomialError):
        return ""
    return found.method if found.outcome == PROVED else ""


def rate(expr: sp.Expr) -> sp.Rational:
    """The greatest number of which all rational rates in arguments of functions are multiples."""
    inside = [w.diff(Z) for e in expr.atoms(sp.Function) for w in e.args if isinstance(w, sp.Expr)]
    rates = [abs(rate) for rate in inside if rate.is_Rational and rate != 0]
    return sp.gcd_list(rates) if rates else sp.S.One


def _by_square(expr: sp.Expr, places: Places, roots: int) -> str:
    """Of p + q√B: q > 0 and q²B > p², or p > 0 and p² > q²B."""
    bases = {e.base for e in expr.atoms(sp.Pow) if e.exp.is_Rational and e.exp.q == 2 and e.base.free_symbols}
    if len(bases) != 1 or not roots:
        return ""
    (base,) = bases
    flat = expr.replace(
        lambda e: e.is_Pow and e.base == base and e.exp.is_Rational and e.exp.q == 2,
        lambda e: _ROOT * base ** (e.exp - sp.Rational(1, 2)),
    )
    if not flat.is_polynomial(_ROOT):
        return ""
    flat = sp.expand(flat).subs(_ROOT**2, base)
    p, q = flat.coeff(_ROOT, 0), flat.coeff(_ROOT, 1)
    if p.has(_ROOT) or q.has(_ROOT) or sp.expand(flat - p - q * _ROOT) != 0:
        return ""
    gap = sp.factor(sp.cancel(sp.together(q**2 * base - p**2)))
    for front, rest in ((q, gap), (p, -gap)):
        if positive(front, places, roots=roots - 1) and positive(rest, places, roots=roots - 1):
            return "real arithmetic"
    return ""


def _by_range(expr: sp.Expr, places: Places, strictly: bool) -> str:
    """By the intervals of its parts."""
    from derive.own.intervals import enclosed

    found = enclosed(expr, places)
    if found is None:
        return ""
    low = found.lo
    if low == -sp.oo:
        return ""
    sign = 1 if low == sp.oo else sign_of(low)
    if sign is None or sign < 0:
        return ""
    return "interval arithmetic" if sign > 0 or not strictly or not found.closed_lo else ""
