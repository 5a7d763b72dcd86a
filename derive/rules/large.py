"""Large outputs: a loss that grows like log a, or less, written in q = 1/a, where a or its square overflows.

With u = log a its slopes are L′ = u′E and L″ = u′²D + u″E for E = ∂L/∂u and D = ∂E/∂u. Both stay of the size
of log a in q, and u′ = f′/f overflows later than f′ does.
"""

from dataclasses import dataclass
from typing import Final

import sympy as sp
from sympy import exp, log

from derive.heads import absolute, bose, expm1, log1p, log_bose
from derive.model import A, Y, Z

_Q, _R = sp.Symbol("q", positive=True), sp.Symbol("r", real=True)  # 1/a, and (a − y)/a = 1 − yq
LARGE: Final = 70  # of outputs beyond 10^70 no form takes a power that overflows before this form is used

Slopes = tuple[sp.Expr, sp.Expr, sp.Expr]


@dataclass(frozen=True, kw_only=True)
class Large:
    """An output that grows beyond all bounds: log f, 1/f, its power of ±z (0 for e^z) and that ±z.

    Beside a pole of 1/(c(e^(−z) − 1)), the power of which is −1 there, `pole` is −q′ = ce^(−z).
    """

    height: sp.Expr
    reciprocal: sp.Expr
    power: sp.Expr
    size: sp.Expr
    pole: sp.Expr | None = None

    def where(self, rooted: bool) -> tuple[sp.Basic, ...]:
        """Where value, gradient and second derivative need this form; `rooted` where L is 0 at a = y."""
        if self.power == 0:  # the terms of the second derivative cancel for all but small outputs
            return Z > 2 * LARGE, Z > 2 * LARGE, Z > 1
        end = sp.Integer(10) ** (LARGE if self.power > 0 or not rooted else -LARGE)
        if self.pole is not None and not rooted:
            end = sp.S.One  # where 1/f does not overflow
        if self.power > 0:
            return (self.size > end,) * 3
        return (sp.Lt(Z, end) if self.size == Z else sp.Gt(Z, -end),) * 3


def large(los: sp.Expr, f: sp.Expr) -> tuple[Slopes, tuple[sp.Basic, ...]] | None:
    """Value and both derivatives of L(f(z), y) where f is large, and where that is; None where not needed."""
    found = _output(f)
    if found is None or los.has(exp, sp.cosh) or any(p.exp.free_symbols for p in los.atoms(sp.Pow)):
        return None
    if found.power == 0 and los.has(log(1 + A)):
        return None  # that is softplus(z)
    if not isinstance(los, sp.Piecewise):
        slopes = _written(los, found)
        return None if slopes is None else (slopes, found.where(rooted=True))
    rows = [(_written(e, found), _at(c, f)) for e, c in los.args]
    if any(slopes is None for slopes, _ in rows):
        return None
    value, first, second = (sp.Piecewise(*((s[n], c) for s, c in rows if s)) for n in range(3))
    return (value, first, second), found.where(rooted=False)


def _at(condition: sp.Basic, f: sp.Expr) -> sp.Basic:
    """A condition on a as one on f(z)."""
    return condition.subs(A, f).replace(sp.Abs, absolute)


def _output(f: sp.Expr) -> Large | None:
    """f as a multiple of a power of ±z, or as e^z; None where it is neither, or z itself."""
    if not (c := bose(-Z) / f).has(Z):
        height = log_bose(-Z) - log(c)
        return Large(height=height, reciprocal=c * expm1(-Z), power=-sp.S.One, size=-Z, pole=c * exp(-Z))
    if f == exp(Z):
        return Large(height=Z, reciprocal=exp(-Z), power=sp.S.Zero, size=Z)
    size = -Z if f.has(-Z) or f.as_coeff_Mul()[0].is_negative else Z
    free = sp.Symbol("z", positive=True)
    height = sp.expand_log(log(f.subs(Z, free if size == Z else -free)))
    power = height.coeff(log(free))
    if sp.expand(height - power * log(free)).has(free) or not power.is_number or power == 0 or f == Z:
        return None
    if f.as_independent(Z, as_Add=False)[0].is_irrational:
        return None  # no proof is known where logarithms hold its root
    return Large(height=height.subs(free, size), reciprocal=1 / f, power=power, size=size)


def _written(los: sp.Expr, output: Large) -> Slopes | None:
    """The slopes of one branch of a loss; None where it grows faster than log a."""
    if not los.has(A):
        return los, sp.S.Zero, sp.S.Zero
    if los.has(sp.Piecewise):  # cases within a branch, whose conditions have no value at 1/a = 0
        return None
    value = _logs(los.subs(A - Y, _R / _Q).subs(A, 1 / _Q))
    value = value if value.has(log) else sp.factor(value)
    first = sp.factor(_along(value))
    second = _along(first)
    if output.power != 0 and output.pole is None:  # u″ = −u′/z
        second = output.power * second - first
    second = _gathered(second) if second.has(log) else sp.factor(second)
    if not all(sp.fraction(sp.together(e))[1].subs({_Q: 0, _R: 1}) != 0 for e in (first, second)):
        return None
    slope = output.height.diff(Z)
    if output.pole is not None:
        first, second = _beside(first, second, slope, output.pole)
    value, first, second = (_back(e, output) for e in (value, first, second))
    if output.pole is not None:
        return value, first, second
    return value, slope * first, (slope / Z if output.power != 0 else 1) * second


def _beside(first: sp.Expr, second: sp.Expr, slope: sp.Expr, pole: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """u′E and u′²(D + E) − u′E, that is u′²D + u″E; u′q is −q′, which has no pole."""
    total = sp.factor(second + first)
    one = pole * (first / _Q) if _divides(first, 1) else slope * first
    if not _divides(first, 1):
        return one, slope * (slope * total - first)
    rest = pole * (total / _Q**2) if _divides(total, 2) else slope * (total / _Q)
    return one, pole * (rest - first / _Q)


def _divides(expr: sp.Expr, power: int) -> bool:
    """Whether a factored expression holds that power of q."""
    return bool(sp.S.Zero + expr.as_powers_dict().get(_Q, 0) >= power)


def _gathered(expr: sp.Expr) -> sp.Expr:
    """A sum of logarithms, what multiplies each in lowest terms: no falling power of q is left to cancel."""
    heads = {e: sp.Dummy(real=True) for e in expr.atoms(log)}
    total, names = expr.xreplace(heads), tuple(heads.values())
    shares = {e: sp.factor(total.diff(name)) for e, name in heads.items()}
    if any(share.has(*names) for share in shares.values()):
        return expr
    rest = sp.factor(total.xreplace(dict.fromkeys(names, sp.S.Zero)))
    return sp.Add(rest, *(share * e for e, share in shares.items()))


def _logs(expr: sp.Expr) -> sp.Expr:
    """The logarithms of quotients in q as differences."""

    def opened(head: sp.Expr) -> sp.Expr:
        top, below = sp.fraction(sp.together(head.args[0]))
        return log(top) - sp.expand_log(log(below))

    return expr.replace(lambda e: isinstance(e, log) and e.has(_Q), opened)


def _along(expr: sp.Expr) -> sp.Expr:
    """The derivative in u = −log q; that of r = 1 − yq is yq."""
    return -_Q * expr.diff(_Q) + Y * _Q * expr.diff(_R)


def _back(expr: sp.Expr, output: Large) -> sp.Expr:
    """An expression with log a for −log q, log(1 + q) kept whole, and what q and r stand for."""
    expr = expr.xreplace({log(_Q): -output.height, log(1 + _Q): log1p(_Q), log(1 + Y): log1p(Y)})
    return expr.xreplace({_R: 1 - Y * output.reciprocal, _Q: output.reciprocal})
