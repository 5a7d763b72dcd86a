"""Every step of a vector derivation is proved for every K, and equals its quantity in balls at some K."""

from collections.abc import Iterator
from itertools import product

from sympy import Expr

from derive.accuracy.vectors.steps import contradictions
from derive.checks.table import Check, Material, counted
from derive.model import Activation, Derivation, Step, Subject, Verdict, entries
from derive.rules.vectors import VectorForm, component

SIZES = (1, 2, 3, 7)
TWO = "K = 2"  # the end of the name of a quantity that is about two classes


def check(material: Material) -> Verdict:
    """How many steps are unproved, or miss their quantity in balls at one of the sizes."""
    subject, derivation = material.subject, material.derivation
    wrong = [f"{s.quantity.text}, {s.rule}: not proved" for s in derivation.steps if not _is_known(s)]
    proofs = material.program.proofs if material.program else ()
    wrong += [f"{name}: not proved" for name, proof in proofs if not proof.proved]
    claims = [(s.quantity.name, _written(s.expr)) for s in derivation.steps]
    for name, expr in (*claims, *ends(derivation)):
        for classes in (2,) if name.endswith(TWO) else SIZES:
            wrong += contradictions(subject, name, expr, classes)
    return counted(material, "steps", wrong)


def _is_known(step: Step) -> bool:
    """Whether a step is proved; a definition needs no proof, and nothing else may call itself one."""
    return step.proof.proved or step.rule == step.proof.method == "definition"


def _written(expr: Expr | VectorForm) -> Expr:
    """A component, where a step is in vector notation."""
    return component(expr) if isinstance(expr, VectorForm) else expr


def ends(derivation: Derivation) -> Iterator[tuple[str, Expr]]:
    """The first and second derivatives that a derivation ends in, by the names of the quantities."""
    subject, letters = derivation.subject, inputs(derivation.subject)
    of = "a" if isinstance(subject, Activation) else "L"
    if len(letters) == 1:
        yield f"d{of}/d{letters[0]}", derivation.gradient
        yield f"d2{of}/d{letters[0]}2", derivation.hessian
        return
    for letter, expr in zip(letters, derivation.gradient, strict=True):
        yield f"d{of}/d{letter}", expr
    second = [expr for row in derivation.hessian for expr in row]
    for (one, other), expr in zip(product(letters, repeat=2), second, strict=True):
        yield f"d2{of}/d{one}2" if one == other else f"d2{of}/d{one}d{other}", expr


def inputs(subject: Subject) -> tuple[str, ...]:
    """The letters of what a subject is differentiated by."""
    act, loss = entries(subject)
    first = next(entry for entry in (act, loss) if entry is not None)
    stacked = tuple(str(given.base) for given in first.inputs)
    return stacked or ("z" if act else "a",)


STEPS = Check(
    name="steps",
    says="each step is proved for every K, and equals derivatives of the plain formulas at K = 1, 2, 3, 7",
    run=check,
)
