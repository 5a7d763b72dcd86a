"""NumPy code of elementwise subjects: one self-contained file, readable as if written by hand."""

import inspect
import re
from types import ModuleType

import sympy as sp

from derive.emit import blocks
from derive.emit import elementwise_text as text
from derive.emit.docstrings import argument, ascii_only, details, header, returns
from derive.emit.layout import statements
from derive.emit.plain_numpy import plain_parts
from derive.model import (
    A,
    Activation,
    Body,
    Derivation,
    Finite,
    Interval,
    Loss,
    Parameter,
    Program,
    Set,
    Subject,
    Z,
    entries,
)


def code(derivation: Derivation, program: Program) -> str:
    """A Python file with the value, its derivatives and a self-check."""
    subject = derivation.subject
    parts = [*_public(subject), *_private(subject, program), *plain_parts(subject)]
    body = "\n\n\n".join(part.strip("\n") for part in parts)
    scipy = "from scipy import special\n" if "special." in body else ""
    return f'"""{header(derivation)}"""\n\nimport sys\n\nimport numpy as np\n{scipy}\n\n{body}\n'


def _names(subject: Subject) -> tuple[str, str, str]:
    return ("value" if isinstance(subject, Activation) else "loss", "grad", "hess")


def _arguments(subject: Subject) -> str:
    return "z" if isinstance(subject, Activation) else f"{argument(subject)}, y"


def _keywords(subject: Subject) -> list[str]:
    return [f"{p.name}={float(p.default)}" for p in subject.parameters]


def _public(subject: Subject) -> list[str]:
    found = [_function(name, subject) for name in _names(subject)]
    if isinstance(subject, Activation):
        return found
    call = ", ".join([_arguments(subject), *(f"{p.name}={p.name}" for p in subject.parameters)])
    keywords = "".join(f", {word}" for word in _keywords(subject))
    return [*found, text.LOSS_AND_GRAD.format(x=argument(subject), keywords=keywords, call=call)]


def _function(name: str, subject: Subject) -> str:
    """A public function: signature, docstring and the call of the formula behind it."""
    keywords = ["*", *_keywords(subject)] if subject.parameters else []
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


def _private(subject: Subject, program: Program) -> list[str]:
    """The formulas, the stable blocks that they use, and what stands around them."""
    constants = frozenset(p.symbol for p in subject.parameters)
    parameters = "".join(f", {p.name}" for p in subject.parameters)
    formulas = []
    for name, body in zip(_names(subject), program.bodies, strict=True):
        lines = statements(_in_a(body) if isinstance(subject, Loss) else body, constants)
        formulas.append("\n".join([f"def _{name}({_arguments(subject)}{parameters}):", *lines]))
    return [*formulas, *used_blocks("\n".join(formulas)), *_wrappers(subject)]


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


def outside(name: str, domain: Set) -> str:
    """The condition that a number other than NaN lies outside a set."""
    if isinstance(domain, Finite):
        return " & ".join(f"({name} != {v})" for v in domain.values) + f" & ({name} == {name})"
    if not isinstance(domain, Interval):
        raise TypeError(f"{domain} is no set of numbers")
    low, high = ends(domain)
    parts = [f"({name} {'<' if domain.closed_lo else '<='} {low})"] if low else []
    parts += [f"({name} {'>' if domain.closed_hi else '>='} {high})"] if high else []
    return " | ".join(parts + ([] if low and high else [f"np.isinf({name})"]))


def ends(domain: Interval) -> tuple[str, str]:
    """The finite ends of an interval as text, '' for an infinite one."""
    return _end(domain.lo), _end(domain.hi)


def _end(value: sp.Expr) -> str:
    return f"{float(value):g}" if value.is_finite else ""


def _parameter(parameter: Parameter) -> str:
    """A check that a parameter is a finite number of its domain."""
    domain, name = parameter.domain, parameter.name
    low, high = ends(domain)
    left = f"{low} {'<=' if domain.closed_lo else '<'}" if low else "-np.inf <"
    right = f"{'<=' if domain.closed_hi else '<'} {high}" if high else "< np.inf"
    return text.PARAMETER.format(name=name, inside=f"{left} {name} {right}", domain=ascii_only(str(domain)))
