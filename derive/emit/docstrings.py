"""The words of an emitted elementwise file: what it computes, for what arguments, how well, and whence."""

from textwrap import fill, indent

import sympy as sp

from derive.bounds import SINGLE, declared
from derive.emit.text import readable
from derive.model import Activation, Derivation, Finite, Loss, OneHot, Pair, Subject, entries

WIDTH = 84
ASCII = {"σ": "sigmoid", "Φ": "Phi", "φ": "phi", "≤": "<=", "≥": ">=", "∞": "inf", "−": "-", "′": "'"}
ASCII |= {"τ": "tau", "ρ": "rho", "γ": "gamma", "ε": "epsilon", "η": "eta", "ℓ": "l", "Σ": "sum ", "ŷ": "y^"}
ASCII |= {"α": "alpha", "β": "beta", "δ": "delta", "π": "pi", "√": "sqrt", "²": "**2", "·": "*"}
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
    """Words with mathematical signs spelled out."""
    return "".join(ASCII.get(sign, sign) for sign in words)


def argument(subject: Subject) -> str:
    """The name of the first argument: z, or a for a loss alone."""
    return "a" if isinstance(subject, Loss) else "z"


def keywords_of(subject: Subject) -> list[str]:
    """The parameters of a subject as keywords with their defaults."""
    return [f"{p.name}={float(p.default)}" for p in subject.parameters]


def header(derivation: Derivation) -> str:
    """The text of the module's docstring."""
    subject = derivation.subject
    act, los = entries(subject)
    value, x = ("a" if los is None else "L"), argument(subject)
    formulas = [("a", act.expr)] if act else []
    formulas += [("L", los.expr)] if los else []
    formulas += [(f"d{value}/d{x}", derivation.gradient), (f"d2{value}/d{x}2", derivation.hessian)]
    lines = [f"{subject.name.replace('+', ' + ')}: value, gradient and second derivative in NumPy.", ""]
    lines += [_formula(left, expr) for left, expr in formulas]
    return "\n".join([*lines, "", "\n\n".join(fill(ascii_only(n), WIDTH) for n in _notes(derivation))]) + "\n"


def _formula(left: str, expr: sp.Expr) -> str:
    text = f"{left} = {ascii_only(readable(expr))}"
    return fill(text, WIDTH, initial_indent="    ", subsequent_indent="        ")


def _notes(derivation: Derivation) -> list[str]:
    subject = derivation.subject
    notes = [f"Note: {subject.warning}"] if isinstance(subject, Pair) and subject.warning else []
    if derivation.conventions:
        notes.append(f"Conventions: {'; '.join(derivation.conventions)}.")
    sources = [entry.source for entry in entries(subject) if entry]
    return [*notes, WORK, f"Source: {'; '.join(sources)}."]


def details(name: str, subject: Subject) -> list[str]:
    """The lines of a function's docstring below its first."""
    lines = [fill(words, WIDTH - 4, subsequent_indent="    ") for words in _details(name, subject)]
    return [indent(line, "    ") for line in lines]


def _details(name: str, subject: Subject) -> list[str]:
    x, (_, los) = argument(subject), entries(subject)
    words = [f"{x}: real numbers of any shape."]
    if isinstance(subject, Loss):
        words = [f"a: predictions in {ascii_only(str(subject.prediction))}, of any shape; NaN outside."]
    if los:
        words.append(f"y: targets in {ascii_only(str(los.target))}, broadcast with {x}; ValueError outside.")
    words += [f"{p.name}: a number in {ascii_only(str(p.domain))}." for p in subject.parameters]
    return [*words, DTYPE.format(x=x), accuracy(subject, QUANTITY[name])]


def accuracy(subject: Subject, quantity: str, where: str = "") -> str:
    """The declared accuracy of a quantity, and where it is declared if not everywhere."""
    limits, los = declared(subject.name, quantity), entries(subject)[1]
    words = f"Declared accuracy: {limits.hard} ulp * (1 + kappa)"
    if los and limits.soft != limits.hard and not isinstance(los.target, Finite | OneHot):
        words += f" at the targets {', '.join(map(str, los.hard))} and {limits.soft} at others,"
    return f"{words} in float64, {SINGLE} in float32{where}; {KAPPA}."


def returns(name: str, subject: Subject) -> str:
    """What a function returns, for the first line of its docstring."""
    table = RETURNS_ALONE if isinstance(subject, Activation) else RETURNS
    return table[name].format(x=argument(subject))
