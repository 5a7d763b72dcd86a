"""Sums and powers as a person writes them: δ contracted, factors in front, equal bases joined."""

import sympy as sp
from sympy import Expr, Indexed, KroneckerDelta, Mul, Sum

from derive.rules.indexed import contracted, substitute


def linear(expr: Expr) -> Expr:
    """Σ_k f with what is linear in a δ of k taken out: f is off + δ_kj on, Σ_k f = Σ_k off + on at k = j."""
    if not expr.args or isinstance(expr, Indexed | KroneckerDelta):
        return expr
    expr = expr.func(*[linear(a) for a in expr.args])
    if not isinstance(expr, Sum) or not expr.has(KroneckerDelta):
        return expr
    return _without_deltas(expr) if len(expr.limits) == 1 else contracted(expr)


def _without_deltas(total: Sum) -> Expr:
    index, body = total.variables[0], total.function
    taken = []
    for joint in sorted((d for d in body.atoms(KroneckerDelta) if index in d.args[:2]), key=str):
        slot = sp.Dummy()
        free = body.xreplace({joint: slot})
        on, (other,) = free.diff(slot), (i for i in joint.args[:2] if i != index)
        if on.has(slot) or other in total.bound_symbols:
            return contracted(total)
        taken.append(linear(substitute(on, index, other)))
        body = free.xreplace({slot: sp.S.Zero})
    return sp.Add(*taken, Sum(body, *total.limits) if body != 0 else 0)


def pulled(expr: Expr) -> Expr:
    """`expr` with factors that do not depend on an index in front of its sum."""
    if not expr.args or isinstance(expr, Indexed | KroneckerDelta):
        return expr
    expr = expr.func(*[pulled(a) for a in expr.args])
    if not isinstance(expr, Sum):
        return expr
    outside, inside = sp.factor_terms(expr.function).as_independent(*expr.bound_symbols, as_Add=False)
    return outside * Sum(inside, *expr.limits)


def spread(expr: Expr) -> Expr:
    """Sums of sums apart, and what does not depend on an index in front of its sum."""
    if not expr.args or isinstance(expr, Indexed | KroneckerDelta):
        return expr
    expr = expr.func(*[spread(a) for a in expr.args])
    if not isinstance(expr, Sum):
        return expr
    index = expr.variables[0]
    parts = [t.as_independent(index, as_Add=False) for t in sp.Add.make_args(sp.expand_mul(expr.function))]
    return sp.Add(*[outside * Sum(inside, *expr.limits) for outside, inside in parts])


def joined(expr: Expr) -> Expr:
    """`expr` with (1 − p)^γ / (1 − p) as (1 − p)^(γ − 1), which holds at p = 1 too."""
    if not expr.args or isinstance(expr, Indexed | sp.Piecewise):
        return expr
    expr = expr.func(*[joined(a) for a in expr.args])
    if not expr.is_Mul or not _symbolic(expr):
        return expr
    return Mul(*[sp.Pow(base, power) for base, power in expr.as_powers_dict().items()])


def _symbolic(expr: Expr) -> bool:
    """Whether a power with a symbol in its exponent is in an expression."""
    return any(not power.exp.is_number for power in expr.atoms(sp.Pow))


def by_powers(expr: Expr) -> Expr:
    """A sum with powers of symbolic exponents in its terms, each such power at most once in a term."""
    if not _symbolic(expr) or expr.has(Sum):
        return expr
    terms = [joined(term) for term in sp.Add.make_args(sp.expand_mul(expr))]
    powers = {power for term in terms for power in term.atoms(sp.Pow) if not power.exp.is_number}
    slots = {power: sp.Dummy(positive=True) for power in powers}
    back = {slot: power for power, slot in slots.items()}
    whole = sp.factor_terms(sp.Add(*terms).xreplace(slots))
    logs = list(whole.atoms(sp.log))
    parts = [sp.collect(f, [*back, *logs], sp.factor) if f.is_Add else f for f in Mul.make_args(whole)]
    return Mul(*parts).xreplace(back)
