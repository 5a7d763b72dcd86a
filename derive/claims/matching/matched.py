"""The matching loss of an activation: L = F(z) − y z with F′ = f, so that ∂L/∂z = a − y."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

import sympy as sp

from derive.claims.matching.antiderivative import Antiderivative, antiderivative
from derive.claims.matching.special import Special
from derive.model import (
    PROVED,
    REALS,
    REFUTED,
    UNDECIDED,
    Activation,
    Interval,
    Set,
    Y,
    Z,
)
from derive.proof.pieces import Piece, pieces
from derive.proof.signs import Decision, nonnegative

_T = sp.Symbol("t", real=True)


@dataclass(frozen=True, kw_only=True)
class Matching:
    """F, or None where no closed form was found: then F is the integral from `start` to z.

    `grows` says whether f never decreases, which is whether the loss is convex.
    """

    activation: Activation
    found: Antiderivative | None
    start: sp.Expr
    grows: Decision

    @property
    def closed(self) -> bool:
        """Whether F is made of elementary functions, erf among them."""
        return self.found is not None and not self.found.expr.has(Special)

    @property
    def potential(self) -> sp.Expr:
        """F, as an integral where there is no closed form."""
        if self.found is not None:
            return self.found.expr
        return sp.Integral(self.activation.expr.subs(Z, _T), (_T, self.start, Z))

    @property
    def loss(self) -> sp.Expr:
        """F(z) − y z."""
        return self.potential - Y * Z


@lru_cache(maxsize=128)
def matching(act: Activation, *, thorough: bool = False) -> Matching:
    """The matching loss of an elementwise activation; if `thorough`, SymPy is asked what the table lacks."""
    found = antiderivative(act.expr, act.domain)
    if found is None and thorough:
        from derive.claims.matching.searched import searched

        found = searched(act.expr, act.domain)
    start = sp.S.Zero if act.domain == REALS else _inside(act.domain)
    return Matching(activation=act, found=found, start=start, grows=_grows(act))


def _inside(domain: Set) -> sp.Expr:
    """A number of a half-line or an interval."""
    if not isinstance(domain, Interval):
        return sp.S.Zero
    if domain.lo.is_finite and domain.hi.is_finite:
        return (domain.lo + domain.hi) / 2
    return domain.lo + 1 if domain.lo.is_finite else domain.hi - 1


def _grows(act: Activation) -> Decision:
    """Whether f′ ≥ 0 on every piece and f jumps nowhere downwards."""
    try:
        found = pieces(act.expr, act.domain)
    except TypeError as error:
        return Decision(outcome=UNDECIDED, method="none", how=str(error))
    places = {p.symbol: p.domain for p in act.parameters if isinstance(p.symbol, sp.Symbol)}
    decisions = [_rises(piece, places) for piece in found]
    for left, right in pairwise(found):
        jump = (right.expr - left.expr).subs(Z, left.high)
        decisions.append(_decided(sp.expand(jump), {Z: REALS, **places}, left.high))
    worst = [d for wanted in (REFUTED, UNDECIDED, PROVED) for d in decisions if d.outcome == wanted]
    how = "on each piece f′ ≥ 0, and f jumps nowhere downwards"
    together = len(found) > 1 and worst[0].outcome == PROVED
    return replace(worst[-1], how=how) if together else worst[0]


def _rises(piece: Piece, places: Mapping[sp.Symbol, Set]) -> Decision:
    """Whether f′ ≥ 0 on a piece; on the whole line in units of z in which rates are whole numbers."""
    unit = rate(piece.expr) if piece.domain == REALS else sp.S.One
    slope = piece.expr.diff(Z).subs(Z, Z / unit)
    found = _decided(slope, {Z: piece.domain, **places}, piece.inner)
    witness = tuple((letter, value / unit if letter == Z else value) for letter, value in found.witness)
    return replace(found, witness=witness)


def _decided(expr: sp.Expr, places: Mapping[sp.Symbol, Set], inner: sp.Expr) -> Decision:
    """Whether an expression is ≥ 0; of a number one looks."""
    if expr.is_nonnegative:
        return Decision(outcome=PROVED, method="normal form", how="f′ is a number that is not negative")
    if expr.is_number and expr.is_negative:
        how, at = "f′ is a negative number", ((Z, inner),)
        return Decision(outcome=REFUTED, method="normal form", how=how, witness=at, value=expr)
    return nonnegative(expr, places)


def rate(expr: sp.Expr) -> sp.Rational:
    """The greatest number of which all rational rates in arguments of functions are multiples."""
    inside = [w.diff(Z) for e in expr.atoms(sp.Function) for w in e.args if isinstance(w, sp.Expr)]
    rates = [abs(rate) for rate in inside if rate.is_Rational and rate != 0]
    return sp.gcd_list(rates) if rates else sp.S.One
