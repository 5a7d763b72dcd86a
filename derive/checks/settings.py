"""The values of parameters at which a subject is checked."""

from typing import Any

import sympy as sp

from derive.emit.guards import own_domain, relations
from derive.model import Parameter, Subject

Setting = tuple[tuple[str, Any], ...]  # a number, or a tuple of one for each class

_TIMES = (2.5, 0.4, 0.75, 1.25)  # so much of the default: the first that a condition allows
_BESIDE_ZERO = 0.375  # the other value where the default is 0, of which multiples are 0


def off_default(parameter: Parameter, times: float = _TIMES[0]) -> float:
    """An admissible value of a parameter that is not its default: 2.5 times it, or midway to its bound."""
    domain = own_domain(parameter)
    value, low, high = times * float(parameter.default) or _BESIDE_ZERO, float(domain.lo), float(domain.hi)
    if low < value < high:
        return value
    return (float(parameter.default) + (low if value <= low else high)) / 2


def another(parameter: Parameter, classes: int, times: float = _TIMES[0]) -> float | tuple[float, ...]:
    """The value off its default; for a parameter of each class, as many from the default to there."""
    first, last = float(parameter.default), off_default(parameter, times)
    if not parameter.per_class:
        return last
    return tuple(first + (last - first) * (n + 1) / classes for n in range(classes))


def settings(subject: Subject, classes: int = 1) -> tuple[Setting, ...]:
    """The parameter sets that are checked: the defaults, and one other where there are any that may be."""
    if not subject.parameters:
        return ((),)
    tried = [tuple((p.name, another(p, classes, times)) for p in subject.parameters) for times in _TIMES]
    return (), *[values for values in tried if _allowed(subject, values)][:1]


def _allowed(subject: Subject, values: Setting) -> bool:
    """Whether parameters satisfy what is demanded of them together."""
    at = {
        p.symbol: value for p, (_, value) in zip(subject.parameters, values, strict=True) if not p.per_class
    }
    return all(relation.subs(at) is sp.true for relation in relations(subject))
