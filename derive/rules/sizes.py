"""Magnitudes: what stays small, and what overflows although other factors of a product have decayed to 0."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import sympy as sp

from derive.heads import HeadFunction, raised, row_of
from derive.model import Z

_SUMS = (sp.Add, sp.Mul, sp.Piecewise)


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """What is known of magnitudes: symbols of moderate size, meanings of names, ends of the targets.

    `defaults` of the parameters say whether a power with one in its exponent grows: a^(1 − p) does for p > 1.
    """

    moderate: frozenset[sp.Symbol]
    ends: tuple[sp.Expr, ...] = ()
    meaning: dict[sp.Symbol, sp.Expr]
    defaults: Mapping[sp.Basic, sp.Basic] = field(default_factory=dict)

    def bounded(self, expr: sp.Expr) -> bool:
        """Whether |expr| stays below a small constant for all z (and y, where its domain is bounded)."""
        if expr.is_Symbol:
            return expr in self.moderate
        if row := row_of(expr):
            return row.bounded
        if expr.is_Pow:
            whole = expr.exp.is_Integer or expr.exp.free_symbols
            return bool(whole and expr.exp.is_positive and self.bounded(expr.base))
        parts = [e for e, _ in expr.args] if expr.is_Piecewise else expr.args
        return expr.is_number or (isinstance(expr, _SUMS) and all(self.bounded(a) for a in parts))

    def overflows_inside(self, expr: sp.Expr) -> bool:
        """Whether a head in `expr` has e^… in its argument."""
        return any(h.args[0].has(sp.exp) for h in expr.xreplace(self.meaning).atoms(HeadFunction))

    def climbs(self, expr: sp.Expr | None) -> bool:
        """Whether e^f stands in what a name means, or in a factor: it overflows where other factors are 0."""
        found = () if expr is None else expr.atoms(sp.exp)
        rising = [e for e in found if raised(e) is None or not self._falls(e.args[0])]
        letters = {e.args[0]: {h: sp.Dummy() for h in e.args[0].atoms(HeadFunction)} for e in rising}
        return any(
            h and (w.xreplace(h).has(Z) or not all(row and row.bounded for row in map(row_of, h)))
            for w, h in letters.items()
        )

    def _falls(self, height: sp.Expr) -> bool:
        """Whether a multiple of a logarithm, parameters at their defaults, is written as a negative one."""
        return bool(height.xreplace(self.defaults).could_extract_minus_sign())
