"""The values of parameters at which a subject is checked."""

from typing import Any

from derive.model import Parameter, Subject

Setting = tuple[tuple[str, Any], ...]  # a number, or a tuple of one for each class

_BESIDE_ZERO = 0.375  # the other value where the default is 0, of which multiples are 0


def off_default(parameter: Parameter) -> float:
    """An admissible value of a parameter that is not its default: 2.5 times it, or midway to its bound."""
    value, high = 2.5 * float(parameter.default) or _BESIDE_ZERO, float(parameter.domain.hi)
    return value if value < high else (float(parameter.default) + high) / 2


def another(parameter: Parameter, classes: int) -> float | tuple[float, ...]:
    """The value off its default; for a parameter of each class, as many from the default to there."""
    first, last = float(parameter.default), off_default(parameter)
    if not parameter.per_class:
        return last
    return tuple(first + (last - first) * (n + 1) / classes for n in range(classes))


def settings(subject: Subject, classes: int = 1) -> tuple[Setting, ...]:
    """The parameter sets that are checked: the defaults, and one other where there are any."""
    if not subject.parameters:
        return ((),)
    return (), tuple((p.name, another(p, classes)) for p in subject.parameters)
