"""The stable forms of a subject: value, gradient and second derivative in heads."""

import sympy as sp

from derive.derivation.kinks import slope, with_kinks
from derive.model import A, Activation, Interval, Loss, Parameter, Set, Subject, Z, domain_of
from derive.proof import prove
from derive.rules.stable import lowered, recognise, tidy

Row = tuple[sp.Expr, sp.Basic]


def parts(subject: Subject) -> tuple[sp.Expr, sp.Expr, Set]:
    """Activation, loss and target domain; one alone is paired with the identity."""
    if isinstance(subject, Activation):
        return subject.expr, A, Interval()
    if isinstance(subject, Loss):
        return Z, subject.expr, subject.target
    return subject.activation.expr, subject.loss.expr, subject.loss.target


def hard_targets(subject: Subject) -> tuple[int, ...]:
    """The targets at which no digit may be lost."""
    if isinstance(subject, Activation):
        return (0,)
    return subject.hard if isinstance(subject, Loss) else subject.loss.hard


def forms(subject: Subject) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
    """Value, gradient and second derivative in heads, by pieces, with the values at kinks."""
    f, los, target = parts(subject)
    pieces = f.args if isinstance(f, sp.Piecewise) else ((f, sp.true),)
    values = [(recognise(los.subs(A, recognise(piece))), where) for piece, where in pieces]
    orders = [[(v.diff(Z, n) if n else v, c) for v, c in values] for n in range(3)]
    extra = _kink_rows(subject, orders)
    value, gradient, hessian = (
        lowered(tidy(_joined(rows, kinks), target)) for rows, kinks in zip(orders, extra, strict=True)
    )
    return value, gradient, hessian


def _joined(rows: list[Row], kinks: list[Row]) -> sp.Expr:
    return sp.Piecewise(*with_kinks(rows, kinks)) if len(rows) > 1 else rows[0][0]


def _kink_rows(subject: Subject, orders: list[list[Row]]) -> list[list[Row]]:
    """Per order, the branches (value, z = kink) that the pieces themselves do not give."""
    f, los, target = parts(subject)
    rows: list[list[Row]] = [[], [], []]
    for at in dict.fromkeys(kink.at for n in (1, 2) for kink in slope(f, n, subject.parameters)[1]):
        for n, wanted in enumerate(_at_kink(f, los, at, subject.parameters), 1):
            natural = next(e for e, c in orders[n] if c.subs(Z, at) == sp.true).subs(Z, at)
            domain = domain_of(subject)
            if not prove(natural, wanted, target, subject.parameters, domain=domain).proved:
                rows[n].append((wanted, sp.Eq(Z, at)))
    return rows


def _at_kink(
    f: sp.Expr, los: sp.Expr, at: sp.Expr, parameters: tuple[Parameter, ...]
) -> tuple[sp.Expr, sp.Expr]:
    """Gradient and second derivative at a kink: the chain rule with the activation's own values."""
    first, second = (slope(f, n, parameters)[0].subs(Z, at) for n in (1, 2))
    named = recognise(los)
    there = {A: f.subs(Z, at)}
    one, two = named.diff(A).subs(there), named.diff(A, 2).subs(there)
    return one * first, two * first**2 + one * second
