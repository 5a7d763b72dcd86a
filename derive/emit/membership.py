"""Whether numbers lie in a set, as NumPy text."""

import sympy as sp

from derive.model import Finite, Interval, Set


def outside(name: str, domain: Set) -> str:
    """The condition that a number other than NaN lies outside a set, for each element of an array."""
    if isinstance(domain, Finite):
        return " & ".join(f"({name} != {v})" for v in domain.values) + f" & ({name} == {name})"
    low, high = ends(_interval(domain))
    parts = [f"({name} {'<' if _interval(domain).closed_lo else '<='} {low})"] if low else []
    parts += [f"({name} {'>' if _interval(domain).closed_hi else '>='} {high})"] if high else []
    return " | ".join(parts + ([] if low and high else [f"np.isinf({name})"]))


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
    low, high = ends(_interval(domain))
    parts = [] if low and high else [f"math.isfinite({name}.sum())"]
    parts += [f"{name}.min() {'>=' if _interval(domain).closed_lo else '>'} {low}"] if low else []
    parts += [f"{name}.max() {'<=' if _interval(domain).closed_hi else '<'} {high}"] if high else []
    return parts


def ends(domain: Interval) -> tuple[str, str]:
    """The finite ends of an interval as text, '' for an infinite one."""
    return _end(domain.lo), _end(domain.hi)


def _interval(domain: Set) -> Interval:
    if not isinstance(domain, Interval):
        raise TypeError(f"{domain} is no set of numbers")
    return domain


def _end(value: sp.Expr) -> str:
    return f"{float(value):g}" if value.is_finite else ""
