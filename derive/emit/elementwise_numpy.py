"""NumPy code of elementwise subjects: one self-contained file, readable as if written by hand."""

import inspect
import re
from types import ModuleType

from derive.emit import blocks
from derive.emit import elementwise_text as text
from derive.emit.docstrings import argument, ascii_only, details, header, keywords_of, returns
from derive.emit.joint import joint_parts
from derive.emit.layout import statements
from derive.emit.membership import ends, outside
from derive.emit.plain_numpy import plain_parts
from derive.model import (
    A,
    Activation,
    Body,
    Derivation,
    Interval,
    Loss,
    Parameter,
    Program,
    Subject,
    Z,
    entries,
)


def code(derivation: Derivation, program: Program) -> str:
    """A Python file with the value, its derivatives and a self-check."""
    subject = derivation.subject
    formulas = _formulas(subject, program)
    joint = [] if isinstance(subject, Activation) else joint_parts(subject, "\n".join(formulas))
    public = [_function(name, subject) for name in _names(subject)]
    parts = [*public, *joint[:1], *formulas, *joint[1:], *_wrappers(subject), *plain_parts(subject)]
    body = "\n\n\n".join(part.strip("\n") for part in parts)
    scipy = "from scipy import special\n" if "special." in body else ""
    return f'"""{header(derivation)}"""\n\nimport sys\n\nimport numpy as np\n{scipy}\n\n{body}\n'


def _names(subject: Subject) -> tuple[str, str, str]:
    return ("value" if isinstance(subject, Activation) else "loss", "grad", "hess")


def _arguments(subject: Subject) -> str:
    return "z" if isinstance(subject, Activation) else f"{argument(subject)}, y"


def _function(name: str, subject: Subject) -> str:
    """A public function: signature, docstring and the call of the formula behind it."""
    keywords = ["*", *keywords_of(subject)] if subject.parameters else []
    given = [_arguments(subject), *(f"_{p.name}({p.name})" for p in subject.parameters)]
    lines = [
        f"def {name}({', '.join([_arguments(subject), *keywords])}):",
        f'    """Return {returns(name, subject)}.',
        "",
        *details(name, subject),
        '    """',
        f"    return _apply(_{name}, {', '.join(given)})",
    ]
    return "\n".join(lines)


def _formulas(subject: Subject, program: Program) -> list[str]:
    """The formulas and the stable blocks that they use."""
    constants = frozenset(p.symbol for p in subject.parameters)
    parameters = "".join(f", {p.name}" for p in subject.parameters)
    formulas = []
    for name, body in zip(_names(subject), program.bodies, strict=True):
        lines = statements(_in_a(body) if isinstance(subject, Loss) else body, constants)
        formulas.append("\n".join([f"def _{name}({_arguments(subject)}{parameters}):", *lines]))
    return [*formulas, *used_blocks("\n".join(formulas))]


def _in_a(body: Body) -> Body:
    """The body with z called a, as in a loss alone."""
    names = tuple((name, meaning.xreplace({Z: A})) for name, meaning in body.names)
    return Body(names=names, value=body.value.xreplace({Z: A}))


def used_blocks(source: str, rooms: tuple[ModuleType, ...] = (blocks,)) -> list[str]:
    """The source of every block that a text calls, directly or through another, in the order of the rooms."""
    found_in = {name: f for room in rooms for name, f in vars(room).items() if inspect.isfunction(f)}
    available = {name: inspect.getsource(f) for name, f in found_in.items()}
    needed: set[str] = set()
    found = {source}
    while found:
        calls = {name for part in found for name in re.findall(r"\b_\w+\b", part) if name in available}
        found = {available[name] for name in calls - needed}
        needed |= calls
    return [available[name] for name in available if name in needed]


def _wrappers(subject: Subject) -> list[str]:
    """The handling of dtypes, infinities, NaN, targets and parameters."""
    checks = [_parameter(p) for p in subject.parameters]
    _, los = entries(subject)
    if los is None:
        return [text.SINGLE_APPLY, text.LIMIT, text.FLOAT64, *checks]
    undefined = "np.isnan(z) | np.isnan(y)"
    if isinstance(subject, Loss) and subject.prediction != Interval():
        undefined = f"np.isnan(z + y) | {outside('z', subject.prediction)}"
    domain = ascii_only(str(los.target))
    targets = text.TARGETS.format(outside=outside("y", los.target), domain=domain)
    return [text.PAIR_APPLY.format(undefined=undefined), text.LIMIT, text.FLOAT64, targets, *checks]


def _parameter(parameter: Parameter) -> str:
    """A check that a parameter is a finite number of its domain."""
    domain, name = parameter.domain, parameter.name
    low, high = ends(domain)
    left = f"{low} {'<=' if domain.closed_lo else '<'}" if low else "-np.inf <"
    right = f"{'<=' if domain.closed_hi else '<'} {high}" if high else "< np.inf"
    return text.PARAMETER.format(name=name, inside=f"{left} {name} {right}", domain=ascii_only(str(domain)))
