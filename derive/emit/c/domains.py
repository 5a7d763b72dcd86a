"""Whether a number lies in a set, as C text."""

import sympy as sp

from derive.emit.c.statements import constant
from derive.model import Finite, Interval, Set


def inside(name: str, domain: Set) -> str:
    """The condition that a number is finite and lies in a set."""
    if isinstance(domain, Finite):
        return " || ".join(f"{name} == {_c(v)}" for v in domain.values)
    low, high = _interval(domain)
    if low is None and high is None:
        return f"isfinite({name})"
    left = f"{name} {'>=' if domain.closed_lo else '>'} {_c(low)}" if low is not None else f"{name} >= -DBL_MAX"
    right = f"{name} {'<=' if domain.closed_hi else '<'} {_c(high)}" if high is not None else f"{name} <= DBL_MAX"
    return f"{left} && {right}"


def outside(name: str, domain: Set) -> str:
    """An int that is not 0 where a number lies outside a set or is infinite, without branches; NaN passes."""
    if isinstance(domain, Finite):
        return " & ".join([*(f"({name} != {_c(v)})" for v in domain.values), f"({name} == {name})"])
    low, high = _interval(domain)
    left = f"{name} {'<' if domain.closed_lo else '<='} {_c(low)}" if low is not None else f"{name} < -DBL_MAX"
    right = f"{name} {'>' if domain.closed_hi else '>='} {_c(high)}" if high is not None else f"{name} > DBL_MAX"
    return f"({left}) | ({right})"


def _interval(domain: Set) -> tuple[sp.Expr | None, sp.Expr | None]:
    if not isinstance(domain, Interval):
        raise TypeError(f"{domain} is no set of numbers")
    return tuple(end if end.is_finite else None for end in (domain.lo, domain.hi))


def _c(value: sp.Expr | int) -> str:
    return constant(float(value)).c
