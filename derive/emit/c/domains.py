"""Whether a number lies in a set, as C text."""

import sympy as sp

from derive.emit.c.statements import constant
from derive.model import Finite, Interval, Punctured, Set


def inside(name: str, domain: Set) -> str:
    """The condition that a number is finite and lies in a set."""
    if isinstance(domain, Finite):
        return " || ".join(f"{name} == {_c(v)}" for v in domain.values)
    if isinstance(domain, Punctured):
        return f"isfinite({name}) && {name} != 0.0"
    ends = _interval(domain)
    if ends.lo.is_infinite and ends.hi.is_infinite:
        return f"isfinite({name})"
    left = f"{name} >= -DBL_MAX" if ends.lo.is_infinite else f"{name} >{'=' * ends.closed_lo} {_c(ends.lo)}"
    right = f"{name} <= DBL_MAX" if ends.hi.is_infinite else f"{name} <{'=' * ends.closed_hi} {_c(ends.hi)}"
    return f"{left} && {right}"


def outside(name: str, domain: Set) -> str:
    """An int that is not 0 where a number lies outside a set or is infinite, without branches; NaN passes."""
    if isinstance(domain, Finite):
        return " & ".join([*(f"({name} != {_c(v)})" for v in domain.values), f"({name} == {name})"])
    if isinstance(domain, Punctured):
        return f"({name} == 0.0) | ({name} < -DBL_MAX) | ({name} > DBL_MAX)"
    ends = _interval(domain)
    left = "< -DBL_MAX" if ends.lo.is_infinite else f"<{'=' * (not ends.closed_lo)} {_c(ends.lo)}"
    right = "> DBL_MAX" if ends.hi.is_infinite else f">{'=' * (not ends.closed_hi)} {_c(ends.hi)}"
    return f"({name} {left}) | ({name} {right})"


def beyond(name: str, domain: Set) -> list[str]:
    """The conditions that a number lies beyond a finite end of an interval; an infinite end is no matter."""
    ends = _interval(domain)
    low = f"{name} <{'=' * (not ends.closed_lo)} {_c(ends.lo)}"
    high = f"{name} >{'=' * (not ends.closed_hi)} {_c(ends.hi)}"
    return [text for text, end in ((low, ends.lo), (high, ends.hi)) if end.is_finite]


def _interval(domain: Set) -> Interval:
    if not isinstance(domain, Interval):
        raise TypeError(f"{domain} is no set of numbers")
    return domain


def _c(value: sp.Expr | int) -> str:
    return constant(float(value)).c
