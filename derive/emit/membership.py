"""Whether numbers lie in a set, as NumPy text."""

from math import isinf

import sympy as sp

from derive.model import UNIT_OPEN, Finite, Interval, Loss, Punctured, Set, Subject, Z, domain_of, entries

USUAL = 3.0  # numbers of moderate size
_NEAREST = 1e-4
_SHORTEST = 0.25  # an end that is halved no more: an output may be near 1 everywhere


def outside(name: str, domain: Set) -> str:
    """The condition that a number other than NaN lies outside a set, for each element of an array."""
    if isinstance(domain, Finite):
        return " & ".join(f"({name} != {v})" for v in domain.values) + f" & ({name} == {name})"
    if isinstance(domain, Punctured):
        return f"({name} == 0) | np.isinf({name})"
    parts = beyond(name, domain)
    return " | ".join(parts + ([] if all(ends(_interval(domain))) else [f"np.isinf({name})"]))


def beyond(name: str, domain: Set) -> list[str]:
    """The conditions that a number lies beyond a finite end of an interval; an infinite end is no matter."""
    (low, high), closed = ends(_interval(domain)), _interval(domain)
    parts = [f"({name} {'<' if closed.closed_lo else '<='} {low})"] if low else []
    return parts + ([f"({name} {'>' if closed.closed_hi else '>='} {high})"] if high else [])


def all_inside(name: str, domain: Set) -> list[str]:
    """The conditions that together say: all elements of an array are finite numbers of a set.

    A sum is finite only where all its terms are, and costs less than to look at each; one that overflows
    fails the condition though its terms are finite.
    """
    if isinstance(domain, Finite):
        most = max(domain.values)
        if domain.values == (-most, most):
            return [f"(np.abs({name}) == {most}).all()"]
        return [f"({' | '.join(f'({name} == {v})' for v in domain.values)}).all()"]
    if isinstance(domain, Punctured):
        return [f"math.isfinite({name}.sum())", f"{name}.all()"]
    low, high = ends(_interval(domain))
    parts = [] if low and high else [f"math.isfinite({name}.sum())"]
    parts += [f"{name}.min() {'>=' if _interval(domain).closed_lo else '>'} {low}"] if low else []
    parts += [f"{name}.max() {'<=' if _interval(domain).closed_hi else '<'} {high}"] if high else []
    return parts


def ends(domain: Interval) -> tuple[str, str]:
    """The finite ends of an interval as text, '' for an infinite one."""
    return _end(domain.lo), _end(domain.hi)


def middle(subject: Subject) -> tuple[float, float]:
    """Where plain formulas and their differences are good: of moderate size, inside the domain, off poles."""
    domain = _interval(domain_of(subject))
    (low, high), near = (float(domain.lo), float(domain.hi)), 0.01 if isinstance(subject, Loss) else 0.25
    if isinf(low) and isinf(high):
        left, right = (_unsaturated(subject, end) for end in (-USUAL, USUAL))
        return left, right
    if isinf(low):
        return high - 4.0, high - near
    return low + near, low + 4.0 if isinf(high) else high - near * (high - low)


def _unsaturated(subject: Subject, end: float) -> float:
    """An end of the usual points, halved where the output is so near to 1 that 1 - a has lost its digits."""
    act, _ = entries(subject)
    if act is None or act.range != UNIT_OPEN:
        return end
    values = {p.symbol: p.default for p in act.parameters}
    left = 1 - float(act.expr.subs({Z: sp.Rational(end), **values}).evalf(30))
    return end if left > _NEAREST or abs(end) < _SHORTEST else _unsaturated(subject, end / 2)


def _interval(domain: Set) -> Interval:
    if not isinstance(domain, Interval):
        raise TypeError(f"{domain} is no set of numbers")
    return domain


def _end(value: sp.Expr) -> str:
    return f"{float(value):g}" if value.is_finite else ""
