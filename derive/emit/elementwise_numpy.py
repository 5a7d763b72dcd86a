"""NumPy code of elementwise subjects: one self-contained file, readable as if written by hand."""

from derive.emit import elementwise_text as text
from derive.emit.docstrings import ascii_only, details, header, keywords_of, returns
from derive.emit.formulas import arguments, formulas, names
from derive.emit.guards import checked, own_domain, together
from derive.emit.joint import joint_parts
from derive.emit.membership import beyond, ends, outside
from derive.emit.plain_numpy import plain_parts
from derive.model import (
    REALS,
    Activation,
    Derivation,
    Loss,
    Parameter,
    Program,
    Subject,
    domain_of,
    entries,
)


def code(derivation: Derivation, program: Program) -> str:
    """A Python file with the value, its derivatives and a self-check."""
    subject = derivation.subject
    own = formulas(subject, program)
    joint = [] if isinstance(subject, Activation) else joint_parts(subject, "\n".join(own))
    public = [_function(name, subject) for name in names(subject)]
    parts = [*public, *joint[:1], *own, *joint[1:], *_wrappers(subject), *plain_parts(subject)]
    body = "\n\n\n".join(part.strip("\n") for part in parts)
    math = "import math\n" if "math." in body else ""
    scipy = "from scipy import special\n" if "special." in body else ""
    return f'"""{header(derivation)}"""\n\n{math}import sys\n\nimport numpy as np\n{scipy}\n\n{body}\n'


def _function(name: str, subject: Subject) -> str:
    """A public function: signature, docstring and the call of the formula behind it."""
    keywords = ["*", *keywords_of(subject)] if subject.parameters else []
    given = [arguments(subject), *([checked(subject)] if subject.parameters else [])]
    lines = [
        f"def {name}({', '.join([arguments(subject), *keywords])}):",
        f'    """Return {returns(name, subject)}.',
        "",
        *details(name, subject),
        '    """',
        f"    return _apply(_{name}, {', '.join(given)})",
    ]
    return "\n".join(lines)


def _wrappers(subject: Subject) -> list[str]:
    """The handling of dtypes, infinities, NaN, targets and parameters."""
    checks = [*(parameter_check(p) for p in subject.parameters), *together(subject)]
    _, los = entries(subject)
    if los is None:
        apply = text.SINGLE_APPLY.format(undefined=undefined(subject))
        return [apply, text.limit(subject), text.FLOAT64, *checks]
    domain = ascii_only(str(los.target))
    targets = text.TARGETS.format(outside=outside("y", los.target), domain=domain)
    apply = text.PAIR_APPLY.format(undefined=undefined(subject))
    return [apply, text.limit(subject), text.FLOAT64, targets, *checks]


def undefined(subject: Subject) -> str:
    """The condition that a result is NaN: an argument is, or lies outside its domain."""
    domain = domain_of(subject)
    if isinstance(subject, Loss) and domain != REALS:
        return f"np.isnan(z + y) | {outside('z', domain)}"
    given = ("z",) if isinstance(subject, Activation) else ("z", "y")
    return " | ".join([*(f"np.isnan({name})" for name in given), *beyond("z", domain)])


def parameter_check(parameter: Parameter) -> str:
    """A check that a parameter is a finite number of its domain."""
    domain, name = own_domain(parameter), parameter.name
    low, high = ends(domain)
    left = f"{low} {'<=' if domain.closed_lo else '<'}" if low else "-np.inf <"
    right = f"{'<=' if domain.closed_hi else '<'} {high}" if high else "< np.inf"
    return text.PARAMETER.format(name=name, inside=f"{left} {name} {right}", domain=ascii_only(str(domain)))
