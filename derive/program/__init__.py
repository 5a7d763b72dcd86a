"""Derivation → Program: the value made of stable blocks first, differentiated second.

The blocks' slopes are made of blocks, so gradient and Hessian are stable from birth; each form is
proved equal to the reader's, and so is the straight-line program that computes it.
"""

import sympy as sp

from derive.model import A, Derivation, Program, Proof, Unproved
from derive.program.body import body, closed
from derive.program.forms import forms, hard_targets, parts
from derive.proof import prove

__all__ = ["forms", "parts", "program"]

QUANTITIES = ("loss", "gradient", "hessian")


def program(derivation: Derivation) -> Program:
    """The stable forms of value, gradient and second derivative, and how they are known to be right."""
    subject = derivation.subject
    f, los, target = parts(subject)
    found = forms(subject)
    hard = hard_targets(subject)
    value, gradient, hessian = (body(form, subject.parameters, target, hard) for form in found)
    bodies = (value, gradient, hessian)
    readers = (los, derivation.gradient, derivation.hessian)
    proofs: list[tuple[str, Proof]] = []
    for name, form, reader, straight in zip(QUANTITIES, found, readers, bodies, strict=True):
        claims = [
            (f"{name}, code form", form, reader.subs(A, f)),
            (f"{name}, straight line", closed(straight), form),
        ]
        proofs += [(claim, _prove(left, right, subject, target, claim)) for claim, left, right in claims]
    return Program(
        subject=subject,
        loss=found[0],
        gradient=found[1],
        hessian=found[2],
        bodies=bodies,
        proofs=tuple(proofs),
    )


def _prove(left: sp.Expr, right: sp.Expr, subject, target, claim: str) -> Proof:
    proof = prove(left, right, target, subject.parameters)
    if not proof.holds:
        raise Unproved(f"{subject.name}: {claim} could not be proved")
    return proof
