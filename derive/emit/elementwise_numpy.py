"""NumPy code of elementwise subjects: one self-contained file, readable as if written by hand."""

import inspect
import re
from textwrap import fill, indent

import sympy as sp

from derive.bounds import bound
from derive.emit import blocks
from derive.emit import elementwise_text as text
from derive.emit.layout import statements
from derive.emit.spelling import condition, spell
from derive.emit.text import readable
from derive.model import A, Activation, Body, Derivation, Finite, Interval, Known, Loss, Parameter, Program, Set, Subject, Y, Z

FUNCTIONS = ("loss", "grad", "hess")
RETURNS = {
    "loss": "the loss, elementwise",
    "grad": "the derivative of the loss in {x}, elementwise",
    "hess": "the second derivative of the loss in {x}, elementwise",
    "value": "the activation, elementwise",
    "grad of value": "the derivative of the activation, elementwise",
    "hess of value": "the second derivative of the activation, elementwise",
}
QUANTITY = {"loss": "loss", "value": "loss", "grad": "gradient", "hess": "hessian"}
WIDTH = 84
ASCII = {"σ": "sigmoid", "Φ": "Phi", "φ": "phi", "≤": "<=", "≥": ">=", "∞": "inf", "−": "-", "′": "'"}
ASCII |= {"α": "alpha", "β": "beta", "δ": "delta", "π": "pi", "√": "sqrt", "²": "**2", "·": "*"}


def code(derivation: Derivation, program: Program) -> str:
    """A Python file with the value, its derivatives and a self-check."""
    subject = derivation.subject
    parts = [*_public(derivation, program), *_private(subject, program), *_plain(subject), text.MAIN]
    body = "\n\n\n".join(part.strip("\n") for part in parts)
    imports = "import sys\n\nimport numpy as np\n" + ("from scipy import special\n" if "special." in body else "")
    return f'"""{_header(derivation)}"""\n\n{imports}\n\n{body}\n'


def _argument(subject: Subject) -> str:
    return "a" if isinstance(subject, Loss) else "z"


def _names(subject: Subject) -> tuple[str, ...]:
    return ("value", *FUNCTIONS[1:]) if isinstance(subject, Activation) else FUNCTIONS


def _arguments(subject: Subject) -> str:
    return "z" if isinstance(subject, Activation) else f"{_argument(subject)}, y"


def _defaults(subject: Subject) -> list[str]:
    return [f"{p.name}={float(p.default)}" for p in subject.parameters]


def ascii_text(expr: sp.Basic) -> str:
    """A formula as plain text for a docstring."""
    return _ascii(readable(expr))


def _header(derivation: Derivation) -> str:
    subject = derivation.subject
    title = subject.name.replace("+", " + ")
    lines = [f"{title}: value, gradient and second derivative in NumPy.", ""]
    if not isinstance(subject, Loss):
        act = subject if isinstance(subject, Activation) else subject.activation
        lines.append(_formula_line("a", act.expr))
    if not isinstance(subject, Activation):
        los = subject if isinstance(subject, Loss) else subject.loss
        lines.append(_formula_line("L", los.expr))
    whole = "da" if isinstance(subject, Activation) else "dL"
    second = "d2a" if isinstance(subject, Activation) else "d2L"
    x = _argument(subject)
    lines += [_formula_line(f"{whole}/d{x}", derivation.gradient), _formula_line(f"{second}/d{x}2", derivation.hessian), ""]
    if warning := getattr(subject, "warning", ""):
        lines += [fill(f"Note: {warning}", WIDTH), ""]
    return "\n".join([*lines, *_notes(derivation)]) + "\n"


def _formula_line(left: str, expr: sp.Expr) -> str:
    return fill(f"{left} = {ascii_text(expr)}", WIDTH, initial_indent="    ", subsequent_indent="        ")


def _notes(derivation: Derivation) -> list[str]:
    subject = derivation.subject
    notes = [f"Conventions: {'; '.join(derivation.conventions)}."] if derivation.conventions else []
    both = subject.activation.source + "; " + subject.loss.source if hasattr(subject, "loss") else subject.source
    notes.append("The work is done in float64 and rounded once to the result's dtype.")
    notes.append(f"Source: {both}.")
    return "\n\n".join(fill(_ascii(note), WIDTH) for note in notes).split("\n")


def _ascii(words: str) -> str:
    return "".join(ASCII.get(sign, sign) for sign in words)


def _public(derivation: Derivation, program: Program) -> list[str]:
    subject = derivation.subject
    found = [_function(name, subject) for name in _names(subject)]
    if isinstance(subject, Activation):
        return found
    call = ", ".join([_arguments(subject), *(f"{p.name}={p.name}" for p in subject.parameters)])
    keywords = "".join(f", {d}" for d in _defaults(subject))
    return [*found, text.LOSS_AND_GRAD.format(x=_argument(subject), keywords=keywords, call=call)]


def _function(name: str, subject: Subject) -> str:
    """A public function: signature, docstring and the call of the formula behind it."""
    keywords = ", ".join(["*", *_defaults(subject)]) if subject.parameters else ""
    signature = ", ".join(filter(None, [_arguments(subject), keywords]))
    key = name if not isinstance(subject, Activation) or name == "value" else f"{name} of value"
    given = ", ".join([_arguments(subject), *(f"_{p.name}({p.name})" for p in subject.parameters)])
    lines = [
        f"def {name}({signature}):",
        f'    """Return {RETURNS[key].format(x=_argument(subject))}.',
        "",
        *_details(name, subject),
        '    """',
        f"    return _apply(_{name}, {given})",
    ]
    return "\n".join(lines)


def _details(name: str, subject: Subject) -> list[str]:
    x = _argument(subject)
    what = "activation" if isinstance(subject, Activation) else "loss"
    words = [f"{x}: real numbers of any shape."]
    if isinstance(subject, Loss):
        words = [f"a: predictions in {_ascii(str(subject.prediction))}, of any shape; NaN outside."]
    if not isinstance(subject, Activation):
        words.append(f"y: targets in {_ascii(str(_target(subject)))}, broadcast with {x}; ValueError outside.")
    words += [f"{p.name}: a number in {_ascii(str(p.domain))}." for p in subject.parameters]
    words.append(f"The result has {x}'s dtype where that is float16, float32 or float64, else float64.")
    limit = bound(subject.name, QUANTITY[name])
    words.append(
        f"Declared accuracy: {limit} ulp * (1 + kappa) in float64, kappa the condition number near a root of the {what} "
        "or of its derivative and in a soft target."
        if not isinstance(subject, Activation)
        else f"Declared accuracy: {limit} ulp * (1 + kappa) in float64, kappa the condition number near a root."
    )
    return [indent(fill(w, WIDTH - 4, subsequent_indent="    "), "    ") for w in words]


def _target(subject: Subject) -> Set:
    return subject.target if isinstance(subject, Loss) else subject.loss.target


def _private(subject: Subject, program: Program) -> list[str]:
    """The formulas, the stable blocks that they use, and the wrappers."""
    constants = frozenset(p.symbol for p in subject.parameters)
    parameters = "".join(f", {p.name}" for p in subject.parameters)
    swap = {Z: A} if isinstance(subject, Loss) else {}
    formulas = []
    for name, body in zip(_names(subject), program.bodies, strict=True):
        lines = statements(_swapped(body, swap), constants)
        formulas.append("\n".join([f"def _{name}({_arguments(subject)}{parameters}):", *lines]))
    wrappers = _wrappers(subject)
    return [*formulas, *used_blocks("\n".join(formulas)), *wrappers]


def _swapped(body: Body, swap: dict) -> Body:
    names = tuple((name, meaning.xreplace(swap)) for name, meaning in body.names)
    return Body(names=names, value=body.value.xreplace(swap))


def used_blocks(source: str) -> list[str]:
    """The source of every stable block that a text calls, directly or through another, as they stand in blocks.py."""
    available = {name: inspect.getsource(f) for name, f in vars(blocks).items() if inspect.isfunction(f)}
    needed: set[str] = set()
    found = {source}
    while found:
        calls = {name for part in found for name in re.findall(r"\b(_\w+)\(", part) if name in available}
        found = {available[name] for name in calls - needed}
        needed |= calls
    return [available[name] for name in available if name in needed]


def _wrappers(subject: Subject) -> list[str]:
    checks = [_parameter(p) for p in subject.parameters]
    if isinstance(subject, Activation):
        return [text.SINGLE_APPLY.format(undefined="np.isnan(z)"), text.FLOAT64, *checks]
    undefined = "np.isnan(z) | np.isnan(y)"
    if isinstance(subject, Loss) and subject.prediction != Interval():
        undefined = f"np.isnan(z + y) | {outside('z', subject.prediction)}"
    target = _target(subject)
    targets = text.TARGETS.format(outside=outside("y", target), domain=_ascii(str(target)))
    return [text.PAIR_APPLY.format(undefined=undefined), text.FLOAT64, targets, *checks]


def outside(name: str, domain: Set) -> str:
    """The condition that a number, not NaN, is outside a set."""
    if isinstance(domain, Finite):
        return " & ".join(f"({name} != {v})" for v in domain.values) + f" & ({name} == {name})"
    assert isinstance(domain, Interval)
    low = f"({name} {'<' if domain.closed_lo else '<='} {float(domain.lo):g})" if domain.lo.is_finite else ""
    high = f"({name} {'>' if domain.closed_hi else '>='} {float(domain.hi):g})" if domain.hi.is_finite else ""
    infinite = f"np.isinf({name})" if not (low and high) else ""
    return " | ".join(filter(None, [low, high, infinite]))


def _parameter(parameter: Parameter) -> str:
    """A check that a parameter is one finite number of its domain."""
    domain, name = parameter.domain, parameter.name
    low = f"{float(domain.lo):g} {'<=' if domain.closed_lo else '<'} {name}" if domain.lo.is_finite else f"-np.inf < {name}"
    high = f"{'<=' if domain.closed_hi else '<'} {float(domain.hi):g}" if domain.hi.is_finite else "< np.inf"
    return text.PARAMETER.format(name=name, inside=f"{low} {high}", domain=_ascii(str(domain)))


def _plain(subject: Subject) -> list[str]:
    """The entries' formulas as they stand, and the check of the file by itself."""
    constants = frozenset(p.symbol for p in subject.parameters)
    found = []
    if not isinstance(subject, Loss):
        act = subject if isinstance(subject, Activation) else subject.activation
        found.append(_plain_function("_activation", "z", act.expr, act.parameters, constants))
    if not isinstance(subject, Activation):
        los = subject if isinstance(subject, Loss) else subject.loss
        found.append(_plain_function("_cost", "a, y", los.expr, los.parameters, constants))
    if hasattr(subject, "loss"):
        found.append(_composition(subject))
    elif isinstance(subject, Loss):
        keywords = "".join(f", {p.name}" for p in subject.parameters)
        found.append(
            f'def _formula(a, y{keywords}):\n    """Return the loss, plainly."""\n    return _cost(a, y{keywords})'
        )
    return [*found, _self_check(subject)]


def _plain_function(name: str, arguments: str, expr: sp.Expr, parameters, constants) -> str:
    words = "the activation" if name == "_activation" else "the loss"
    head = f"def {name}({arguments}{''.join(f', {p.name}' for p in parameters)}):"
    lines = statements(Body(names=(), value=expr), constants)
    return "\n".join([head, f'    """Return {words} as its source prints it, not stabilised."""', *lines])


def _composition(subject) -> str:
    every = "".join(f", {p.name}" for p in subject.parameters)
    of_act = "".join(f", {p.name}" for p in subject.activation.parameters)
    of_loss = "".join(f", {p.name}" for p in subject.loss.parameters)
    return (
        f'def _formula(z, y{every}):\n    """Return the loss of the activation, plainly."""\n'
        f"    return _cost(_activation(z{of_act}), y{of_loss})"
    )


def _self_check(subject: Subject) -> str:
    defaults = "".join(f", {float(p.default)}" for p in subject.parameters)
    known = "".join(_known_checks(subject))
    if isinstance(subject, Activation):
        return text.SINGLE_CHECK.format(points=_points(subject), defaults=defaults, known=known)
    return text.SELF_CHECK.format(
        x=_argument(subject), points=_points(subject), samples=_samples(subject), defaults=defaults, known=known
    )


def _points(subject: Subject) -> str:
    """Points of moderate size, off the kinks."""
    if isinstance(subject, Loss) and subject.prediction != Interval():
        high = 0.99 if subject.prediction.hi == 1 else 4.0
        return f"np.linspace(0.01, {high}, 50)"
    return "np.linspace(-3.0, 3.0, 50) + 0.0117"


def _samples(subject: Subject) -> str:
    target = _target(subject)
    hard = subject.hard if isinstance(subject, Loss) else subject.loss.hard
    soft = () if isinstance(target, Finite) else (0.25,)
    return f"({', '.join(str(float(y)) for y in (*hard, *soft))})"


def _known_checks(subject: Subject) -> list[str]:
    rows: list[tuple[str, str, Known]] = []
    if not isinstance(subject, Loss):
        act = subject if isinstance(subject, Activation) else subject.activation
        rows += [("_activation", act.name, k) for k in _first(act)]
    if not isinstance(subject, Activation):
        los = subject if isinstance(subject, Loss) else subject.loss
        rows += [("_cost", los.name, k) for k in _first(los)]
    return [_known_check(function, name, known, subject) for function, name, known in rows]


def _first(entry) -> list[Known]:
    """The entry's known value with default parameters that says most: not 0."""
    return [k for k in entry.known if not k.parameters and k.value != 0][:1]


def _known_check(function: str, name: str, known: Known, subject: Subject) -> str:
    entry = subject if not hasattr(subject, "loss") else (
        subject.activation if function == "_activation" else subject.loss
    )
    values = [*map(repr, map(float, known.at)), *(str(float(p.default)) for p in entry.parameters)]
    return text.KNOWN.format(call=f"{function}({', '.join(values)})", value=repr(float(known.value)), name=name)

