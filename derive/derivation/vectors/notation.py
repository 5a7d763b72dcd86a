"""The same results in vector notation."""

from dataclasses import replace

from derive.derivation.vectors.quantities import in_vector_notation
from derive.derivation.vectors.steps import ASSUMPTION, About, step
from derive.model import I_, D, J, Step
from derive.rules.vectors import in_vectors

INDICES = {"vector": (J,), "matrix": (I_, J), "weights": (J, D)}


def in_vector_step(about: About, kind: str, latex: str, text: str, result: Step) -> list[Step]:
    """A result in vector notation, where it has one; the assumption is named where the result needs it."""
    form = in_vectors(result.expr, INDICES[kind])
    if form is None:
        return []
    assumed = ASSUMPTION in result.says
    says = (
        f"component by component, under the assumption {ASSUMPTION}" if assumed else "component by component"
    )
    about = replace(
        about,
        quantity=in_vector_notation(about.quantity, latex, text, kind != "vector"),
    )
    return [
        step(
            about,
            "vector notation",
            says,
            form,
            assuming=assumed,
            result=True,
        )
    ]
