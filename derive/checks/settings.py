"""The values of parameters at which a subject is checked."""

from derive.model import Parameter, Subject

Setting = tuple[tuple[str, float], ...]


def off_default(parameter: Parameter) -> float:
    """An admissible value of a parameter that is not its default: 2.5 times it, or midway to its bound."""
    value, high = 2.5 * float(parameter.default), float(parameter.domain.hi)
    return value if value < high else (float(parameter.default) + high) / 2


def settings(subject: Subject) -> tuple[Setting, ...]:
    """The parameter sets that are checked: the defaults, and one other where there are any."""
    if not subject.parameters:
        return ((),)
    return (), tuple((p.name, off_default(p)) for p in subject.parameters)
