"""Targets at the ends of where a loss is defined: y log y is 0 at y = 0, as it is its limit."""

from dataclasses import dataclass, replace

import sympy as sp

from derive.model import POSITIVE, UNIT_OPEN, A, Interval, Set, Y


@dataclass(frozen=True, kw_only=True)
class Placed:
    """Where predictions and targets lie, and what is said of it."""

    prediction: Interval
    target: Set
    said: tuple[str, ...]


def closed(expr: sp.Expr, found: Placed) -> tuple[sp.Expr, Placed]:
    """The loss and its places with the targets 0 and 1 taken in where every term has a limit there."""
    if found.target not in (POSITIVE, UNIT_OPEN) or expr.has(sp.Piecewise, sp.Max, sp.Min):
        return expr, found
    assert isinstance(found.target, Interval)
    ends = [sp.S.Zero] if found.target == POSITIVE else [sp.S.Zero, sp.S.One]
    values = [_at(expr, end) for end in ends]
    if any(value is None for value in values):
        return expr, found
    rows = [(value, Y <= 0 if end == 0 else Y >= 1) for value, end in zip(values, ends, strict=True)]
    if found.target == POSITIVE:
        made = sp.Piecewise((expr, Y > 0), (values[0], True))
    else:
        made = sp.Piecewise(*rows, (expr, True))
    target = replace(found.target, closed_lo=True, closed_hi=len(ends) > 1)
    said = [line for line in found.said if not line.startswith("y in")]
    about = (
        f"y in {target}: where y is {' or '.join(map(str, ends))}, a vanishing factor times a logarithm is 0"
    )
    return made, replace(found, target=target, said=(*said, about))


def _at(expr: sp.Expr, end: sp.Expr) -> sp.Expr | None:
    """The limit, term by term: what vanishes times a logarithm is 0; None where it is not so."""
    total: list[sp.Expr] = []
    for term in sp.Add.make_args(expr):
        logs = [f for f in sp.Mul.make_args(term) if isinstance(f, sp.log) and f.args[0].subs(Y, end) == 0]
        factors = [f for f in sp.Mul.make_args(term) if f not in logs]
        rest = sp.Mul(*factors).subs(Y, end)
        if logs and rest == 0:
            continue
        value = term.subs(Y, end)
        if logs or value.has(sp.nan, sp.zoo, sp.oo, -sp.oo):
            return None
        total.append(value)
    return sp.Add(*total) if sp.Add(*total).free_symbols <= expr.free_symbols | {A} else None
