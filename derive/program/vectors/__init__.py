"""Derivation → VectorProgram: a chain of stable maps first, differentiated link by link second.

loss, gradient and Hessian times a direction are straight-line programs of the same lines; their
equality with the reader's forms is proved for every K.
"""

from dataclasses import dataclass

import sympy as sp
from sympy import Expr

from derive.model import Activation, Derivation, J, Proof, Subject
from derive.program.vectors.chain import Chain, chain
from derive.program.vectors.chain import directions as directions_of
from derive.program.vectors.lines import Line, put
from derive.program.vectors.proofs import proofs
from derive.program.vectors.slopes import along
from derive.program.vectors.stages import moving

__all__ = ["Routine", "VectorProgram", "program"]


@dataclass(frozen=True, kw_only=True)
class Routine:
    """Lines, and the results in their letters: one, or one for each input."""

    lines: tuple[Line, ...]
    results: tuple[Expr, ...]


@dataclass(frozen=True, kw_only=True)
class VectorProgram:
    """The computer's end of a vector subject: routines by name, and how they are known to be right.

    Of a loss: loss, grad and hvp (the Hessian times t). Of an activation: value, vjp (g times the
    Jacobian) and jvp (the Jacobian times t).
    """

    subject: Subject
    inputs: tuple[sp.IndexedBase, ...]
    routines: dict[str, Routine]
    proofs: tuple[tuple[str, Proof], ...] = ()


def program(derivation: Derivation) -> VectorProgram:
    """The stable program of a vector subject, with its proofs."""
    inputs, found = chain(derivation.subject).inputs, routines(derivation.subject)
    known = proofs(derivation, inputs, found)
    return VectorProgram(subject=derivation.subject, inputs=inputs, routines=found, proofs=known)


def routines(subject: Subject) -> dict[str, Routine]:
    """What the emitted file computes, by name."""
    links = chain(subject)
    directions = tuple(base[J] for base in directions_of(links.inputs))
    if isinstance(subject, Activation):
        return {
            "value": Routine(lines=links.forward, results=(links.output,)),
            "vjp": _gradient(links),
            "jvp": _rate(links, directions),
        }
    return {
        "loss": Routine(lines=links.forward, results=(links.outer.value,)),
        "grad": _gradient(links),
        "hvp": _product(links, directions),
    }


def _gradient(links: Chain) -> Routine:
    lines = list(links.forward)
    slopes = links.outer.slopes(lines)
    for stage in reversed(links.stages):
        slopes = stage.pull(lines, slopes[0])
    return Routine(lines=tuple(lines), results=slopes)


def _product(links: Chain, directions: tuple[Expr, ...]) -> Routine:
    """pull(H push(t)) + bend(w, t), through every link."""
    lines = list(links.forward)
    ways = [directions]
    for stage in links.stages:
        ways.append((stage.push(lines, ways[-1]),))
    slopes, rates = links.outer.slopes(lines), links.outer.rates(lines, ways[-1])
    for stage, way, pushed in reversed(list(zip(links.stages, ways, ways[1:], strict=False))):
        slope = put(lines, "w", slopes[0])
        curve = stage.curve(lines, slopes[0], rates[0], pushed[0])
        if curve is None:
            bent = stage.bend(lines, slope, way, pushed[0])
            curve = tuple(a + b for a, b in zip(stage.pull(lines, rates[0]), bent, strict=True))
        rates = curve
        slopes = stage.pull(lines, slope)
    return Routine(lines=tuple(lines), results=rates)


def _rate(links: Chain, directions: tuple[Expr, ...]) -> Routine:
    lines = list(links.forward)
    for stage in links.stages:
        directions = (stage.push(lines, directions),)
    last = links.stages[-1].chart
    return Routine(lines=tuple(lines), results=(along(links.output, moving((last,), directions)),))
