"""The words of an emitted elementwise file: what it computes, for what arguments, how well, and whence."""

import math
from textwrap import fill, indent

import sympy as sp

from derive.bounds import DEFAULT, declared, single
from derive.catalogue.measured import is_measured
from derive.emit.guards import condition_said, own_domain, relations, said
from derive.emit.text import readable
from derive.emit.words import inferred
from derive.model import (
    REALS,
    VECTOR,
    Accuracy,
    Activation,
    Derivation,
    Finite,
    Loss,
    OneHot,
    Pair,
    Subject,
    domain_of,
    entries,
)

WIDTH = 84
ASCII = {
    "σ": "sigma",
    "Φ": "Phi",
    "φ": "phi",
    "≤": "<=",
    "≥": ">=",
    "∞": "inf",
    "∪": "or",
    "−": "-",
    "′": "'",
}
ASCII |= {"τ": "tau", "ρ": "rho", "γ": "gamma", "ε": "epsilon", "η": "eta", "ℓ": "l", "Σ": "sum ", "ŷ": "y^"}
ASCII |= {"α": "alpha", "β": "beta", "δ": "delta", "π": "pi", "√": "sqrt", "²": "**2", "·": "*"}
ASCII |= {sign: str(n) for n, sign in enumerate("₀₁₂₃₄₅₆₇₈₉")}
ASCII |= {"λ": "lambda", "μ": "mu", "ν": "nu", "θ": "theta", "ω": "omega"}
RETURNS = {
    "loss": "the loss, elementwise",
    "grad": "the derivative of the loss in {x}, elementwise",
    "hess": "the second derivative of the loss in {x}, elementwise",
}
RETURNS_ALONE = {
    "value": "the activation, elementwise",
    "grad": "the derivative of the activation, elementwise",
    "hess": "the second derivative of the activation, elementwise",
}
QUANTITY = {"loss": "loss", "value": "loss", "grad": "gradient", "hess": "hessian"}
DTYPE = "The result has {x}'s dtype where that is float16, float32 or float64, else float64."
KAPPA = "kappa is the condition number near a root and in soft targets, 0 elsewhere"
WORK = "The work is done in float64 and rounded once to the dtype of the result."


def ascii_only(words: str) -> str:
    """Words with mathematical signs spelled out; σ is a function or a parameter."""
    return "".join(ASCII.get(sign, sign) for sign in words.replace("σ(", "sigmoid("))


def argument(subject: Subject) -> str:
    """The name of the first argument: z, or a for a loss alone."""
    return "a" if isinstance(subject, Loss) else "z"


def keywords_of(subject: Subject) -> list[str]:
    """The parameters of a subject as keywords with their defaults."""
    return [f"{p.name}={float(p.default)}" for p in subject.parameters]


def header(derivation: Derivation, room: str = "NumPy") -> str:
    """The text of the module's docstring."""
    title = f"{derivation.subject.name.replace('+', ' + ')}: value, gradient and second derivative in {room}."
    return "\n".join([title, "", *formula_lines(derivation), "", "\n\n".join(notes(derivation, WORK))]) + "\n"


def formula_lines(derivation: Derivation) -> list[str]:
    """The indented lines of the reader's formulas: the entries and the two derivatives."""
    act, los = entries(derivation.subject)
    value, x = ("a" if los is None else "L"), argument(derivation.subject)
    formulas = [("a", act.expr)] if act else []
    formulas += [("L", los.expr)] if los else []
    formulas += [(f"d{value}/d{x}", derivation.gradient), (f"d2{value}/d{x}2", derivation.hessian)]
    return [_formula(left, expr) for left, expr in formulas]


def _formula(left: str, expr: sp.Expr) -> str:
    text = f"{left} = {ascii_only(readable(expr))}"
    return fill(text, WIDTH, initial_indent="    ", subsequent_indent="        ")


def notes(derivation: Derivation, work: str) -> list[str]:
    """The paragraphs below the formulas: warning, conventions, how the work is done, sources."""
    subject = derivation.subject
    found = [f"Note: {subject.warning}"] if isinstance(subject, Pair) and subject.warning else []
    if only := condition_said(subject):
        found.append(f"Condition: {only}; elsewhere outputs are no predictions, and ValueError is raised.")
    if derivation.conventions:
        found.append(f"Conventions: {'; '.join(derivation.conventions)}.")
    if said := inferred(subject):
        found.append(f"Inferred: {'; '.join(said)}.")
    sources = [entry.source for entry in entries(subject) if entry]
    return [fill(ascii_only(words), WIDTH) for words in (*found, work, f"Source: {'; '.join(sources)}.")]


def details(name: str, subject: Subject) -> list[str]:
    """The lines of a function's docstring below its first."""
    lines = [fill(words, WIDTH - 4, subsequent_indent="    ") for words in _details(name, subject)]
    return [indent(line, "    ") for line in lines]


def _details(name: str, subject: Subject) -> list[str]:
    x, (_, los) = argument(subject), entries(subject)
    words = [f"{x}: real numbers of any shape."]
    if isinstance(subject, Activation | Pair) and (domain := domain_of(subject)) != REALS:
        words = [f"z: numbers in {ascii_only(str(domain))}, of any shape; NaN outside."]
    if isinstance(subject, Loss):
        words = [f"a: predictions in {ascii_only(str(subject.prediction))}, of any shape; NaN outside."]
    if los:
        words.append(f"y: targets in {ascii_only(str(los.target))}, broadcast with {x}; ValueError outside.")
    words += [f"{p.name}: a number in {ascii_only(str(own_domain(p)))}." for p in subject.parameters]
    words += [f"{said(relation)}: ValueError elsewhere." for relation in relations(subject)]
    return [*words, DTYPE.format(x=x), accuracy(subject, QUANTITY[name])]


def accuracy(subject: Subject, quantity: str, where: str = "") -> str:
    """The declared accuracy of a quantity, and where it is declared if not everywhere."""
    measured = next((row for row in subject.accuracy if row.quantity == quantity), None)
    if measured and measured.lost:
        return f"{lost(measured, subject)}; {KAPPA}."
    if not is_declared(subject):
        return f"No accuracy is declared: {DEFAULT} ulp * (1 + kappa) is not shown over all floats."
    limits, los = declared(subject, quantity), entries(subject)[1]
    words = f"Declared accuracy: {limits.hard} ulp * (1 + kappa)"
    if los and limits.soft != limits.hard and not isinstance(los.target, Finite | OneHot):
        words += f" at the targets {', '.join(map(str, los.hard))} and {limits.soft} at others,"
    return f"{words} in float64, {single(subject, quantity)} in float32{where}; {KAPPA}."


def is_declared(subject: Subject) -> bool:
    """Whether the accuracy of a subject is known: of pairs of the catalogue it is not of all."""
    if not isinstance(subject, Pair) or subject.kind == VECTOR or subject.accuracy:
        return True
    return subject.activation.own or subject.loss.own or is_measured(subject.name)


def lost(found: Accuracy, subject: Subject) -> str:
    """Where the code of a quantity loses digits, and how many."""
    where = " or ".join(f"[{low:.3g}, {high:.3g}]" for low, high in found.lost)
    words = f"Measured accuracy: digits are lost for {argument(subject)} in {where}"
    if found.targets:
        words += f" (seen for y in [{found.targets[0]:.3g}, {found.targets[-1]:.3g}])"
    most = f"up to {found.ulp:.2g} ulp * (1 + kappa) in float64"
    at = ", ".join(f"{letter} = {value:.6g}" for letter, value in found.at)
    kind = "at worst it is NaN, infinite or 0," if math.isinf(found.ulp) else most
    limit = declared(subject, found.quantity).largest
    return f"{words}: {kind} at {at}; {limit} ulp * (1 + kappa) elsewhere"


def returns(name: str, subject: Subject) -> str:
    """What a function returns, for the first line of its docstring."""
    table = RETURNS_ALONE if isinstance(subject, Activation) else RETURNS
    return table[name].format(x=argument(subject))
