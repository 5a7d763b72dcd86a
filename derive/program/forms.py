"""The stable forms of a subject: value, gradient and second derivative in heads."""

import sympy as sp
from sympy import exp

from derive.derivation.kinks import holding_at, slope, with_kinks
from derive.derivation.slopes import cased
from derive.heads import HeadFunction, bose, expm1
from derive.model import A, Activation, Interval, Loss, Parameter, Set, Subject, Y, Z, domain_of, entries
from derive.proof import prove
from derive.proof.split import in_cell, point
from derive.rules import poles
from derive.rules.branchless import Kept
from derive.rules.complements import by_target, holds_complements
from derive.rules.constants import constants_apart
from derive.rules.deviances import Mean, is_mean, mean_forms
from derive.rules.divergences import divergence_forms, is_divergence
from derive.rules.grown import grown
from derive.rules.hyperbolas import whole
from derive.rules.large import Slopes, large
from derive.rules.lifted import lifted
from derive.rules.logarithms import argument, as_mean, logarithmic
from derive.rules.powers import collected, merged
from derive.rules.raised import raised
from derive.rules.rooted import bend, exponentials, is_rooted, levelled
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
    if (mean := _mean(subject)) is not None:
        value, gradient, hessian = (merged(lowered(e)) for e in mean_forms(los, mean, target))
        return value, gradient, hessian
    if (known := _of_logarithm(subject)) is not None:
        return known
    if is_divergence(los) and not f.has(sp.Piecewise):
        value, gradient, hessian = map(lowered, divergence_forms(los, recognise(f), target))
        return value, gradient, hessian
    f = _cased(subject)
    pieces = f.args if isinstance(f, sp.Piecewise) else ((f, sp.true),)
    found = [row for piece, where in pieces for row in _rows(los, _output(piece, subject), where)]
    orders = [[(slopes[n], where[n]) for slopes, where in found] for n in range(3)]
    extra = _kink_rows(subject, orders)
    joined = [_joined(rows, kinks, subject.parameters) for rows, kinks in zip(orders, extra, strict=True)]
    if holds_complements(recognise(f), los):
        joined[1:] = (by_target(e, target) for e in joined[1:])
    value, gradient, hessian = (lowered(collected(tidy(e, target))) for e in joined)
    hessian = constants_apart(hessian, subject.parameters, hard_targets(subject))
    if los != A and is_rooted(f) and (bent := bend(los, f, target)) is not None:
        gradient, hessian = levelled(gradient, f), lowered(bent)
    if (known_slopes := poles.behind_exponential(los, f)) is not None:
        gradient, hessian = map(lowered, known_slopes)
    if (beside := poles.beside(los, _output(f, subject))) is not None:
        near = map(lowered, beside)
        gradient, hessian = (
            sp.Piecewise((e, poles.BESIDE), (rest, True))
            for e, rest in zip(near, (gradient, hessian), strict=True)
        )
    return value, gradient, hessian


def _of_logarithm(subject: Subject) -> tuple[sp.Expr, sp.Expr, sp.Expr] | None:
    """The forms where the output is a logarithm, log p, and the loss may be one of p; else None."""
    act, loss = entries(subject)
    if act is None or loss is None or (p := argument(act)) is None:
        return None
    found: tuple[sp.Expr, sp.Expr, sp.Expr] | None
    if not p.is_rational_function(Z) and (los := as_mean(loss.expr, loss.target)) is not None:
        mean = Mean(
            f=_output(p, subject), domain=domain_of(subject), bounded=True, parameters=subject.parameters
        )
        found = mean_forms(los, mean, loss.target)
    else:
        found = logarithmic(loss.expr, act.expr, loss.target)
    if found is None:
        return None
    value, gradient, hessian = map(lowered, found)
    return value, gradient, hessian


def _output(f: sp.Expr, subject: Subject) -> sp.Expr:
    """An output in stable blocks; for z < 0 also with 1/(e^(−z) − 1), which is positive there."""
    domain, named = domain_of(subject), whole(recognise(f))
    below = isinstance(domain, Interval) and domain.hi == 0
    return named.subs(1 / expm1(-Z), bose(-Z)) if below else named


def _rows(los: sp.Expr, f: sp.Expr, where: sp.Basic) -> list[tuple[Slopes, tuple[sp.Basic, ...]]]:
    """The slopes of L(f) under a condition, before them those for an f so large that its powers overflow."""
    rows = [(lifted(los, f) or _slopes(los, f), (where,) * 3)]
    if (far := large(los, f) or grown(los, f, where)) is not None:
        slopes, there = far
        rows.insert(0, (slopes, tuple(_both(c, where) for c in there)))
    return rows


def _both(far: sp.Basic, where: sp.Basic) -> sp.Basic:
    """Where an output is large, or anywhere, under a condition."""
    return far if where in (sp.true, Z > 0) and far != sp.true else sp.And(far, where)


def _slopes(los: sp.Expr, f: sp.Expr) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
    """L(f) and its derivatives, those of e^f in the order of products that keeps sums such as e^f − y."""
    value, named = (raised(whole(recognise(e))) for e in (los.subs(A, f), los))
    first, slope = value.diff(Z), f.diff(Z)
    if f.is_rational_function(Z) and _is_root(los):
        again = first.diff(Z)
        one, two = (named.diff(A, n).subs(A, f) for n in (1, 2))
        near = Kept(one) * slope.diff(Z) + two * slope**2
        return value, first, sp.Piecewise((near, f < sp.S.Half), (again, True)) if f != Z else again
    if named.has(sp.exp) and (_is_sum(slope) or _has_root(f)):
        one, two = (recognise(named.diff(A, n).subs(A, f)) for n in (1, 2))  # e^f and y stay in one sum
        again = first.diff(Z) if _is_sum(slope) else two * slope**2 + one * slope.diff(Z)
        return value, one * sp.factor(slope), again
    if not (named.has(sp.exp) and f.has(HeadFunction)):
        return value, first, first.diff(Z)
    if not slope.is_Add:
        return value, first, sp.factor_terms(first).diff(Z)
    one, two = (recognise(sp.factor_terms(named.diff(A, n)).subs(A, f)) for n in (1, 2))
    return value, one * slope, two * slope**2 + one * slope.diff(Z)


def _is_root(los: sp.Expr) -> bool:
    """Whether the slope of a loss is a sum of several e^(ka) that is 0 at a = 0 for y = 1."""
    found = exponentials(los.diff(A)) if los.has(exp) and not los.has(sp.Piecewise) else None
    if found is None or len(found) < 2 or 0 in found:
        return False
    return bool(sp.Add(*found.values()).subs(Y, 1) == 0)


def _is_sum(slope: sp.Expr) -> bool:
    """Whether a slope is a polynomial of several terms in z alone."""
    return slope.is_Add and slope.free_symbols == {Z} and slope.is_polynomial(Z)


def _has_root(f: sp.Expr) -> bool:
    """Whether an output is a root of z times a number."""
    return f.free_symbols == {Z} and f.as_independent(Z)[1].is_Pow and (2 * f.as_independent(Z)[1].exp).is_odd


def _mean(subject: Subject) -> Mean | None:
    """The output of a subject whose loss is one of positive means."""
    act, loss = entries(subject)
    if loss is None or not is_mean(loss.prediction, loss.target):
        return None
    bounded = act is not None and isinstance(act.range, Interval) and act.range.hi.is_finite
    f = _output(parts(subject)[0], subject)
    return Mean(f=f, domain=domain_of(subject), bounded=bool(bounded), parameters=subject.parameters)


def _cased(subject: Subject) -> sp.Expr:
    """The activation with its kinks and jumps as the cases of one Piecewise; z where there is none."""
    act, _ = entries(subject)
    return Z if act is None else cased(act)


def _joined(rows: list[Row], kinks: list[Row], parameters: tuple[Parameter, ...]) -> sp.Expr:
    if len(rows) == 1 and not kinks:
        return rows[0][0]
    return sp.Piecewise(*with_kinks(rows, kinks, parameters))


def _kink_rows(subject: Subject, orders: list[list[Row]]) -> list[list[Row]]:
    """Per order, the branches (value, z = kink) that the pieces themselves do not give."""
    f, (_, los, target), domain = _cased(subject), parts(subject), domain_of(subject)
    parameters, rows = subject.parameters, list[list[Row]]([[], [], []])
    given = act.at_kinks if (act := entries(subject)[0]) else ()
    found = [kink.at for n in range(3) for kink in slope(f, n, parameters, domain)[1]]
    for at in dict.fromkeys(found):
        for n, wanted in enumerate(_at_kink(f, los, at, parameters, domain, given), 1):
            holding = holding_at([c for _, c in orders[n]], at, parameters)
            natural = orders[n][holding][0].subs(Z, at)
            if not prove(natural, wanted, target, parameters, domain=domain).proved:
                rows[n].append((wanted, sp.Eq(Z, at, evaluate=False)))
    return rows


def _at_kink(
    f: sp.Expr,
    los: sp.Expr,
    at: sp.Expr,
    parameters: tuple[Parameter, ...],
    domain: Set,
    given: tuple[tuple[sp.Expr, sp.Expr], ...],
) -> tuple[sp.Expr, sp.Expr]:
    """Gradient and second derivative at a kink: the chain rule with the activation's own values."""
    slopes = [slope(f, n, parameters, domain, given)[0] for n in range(3)]
    value, first, second = (in_cell(e, point(at, (e,), parameters)) for e in slopes)
    named = recognise(los)
    one, two = named.diff(A).subs(A, value), named.diff(A, 2).subs(A, value)
    return one * first, two * first**2 + one * second
