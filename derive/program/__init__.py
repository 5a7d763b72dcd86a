"""Derivation → Program: the value made of stable blocks first, differentiated second.

The blocks' slopes are made of blocks, so gradient and Hessian are stable from birth; each form is
proved equal to the reader's, and so is the straight-line program that computes it. Of the ways to write
sums (candidates.py) each quantity has the one that the search has chosen (choices.py).
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache

import sympy as sp

from derive.heads import plain
from derive.model import Body, Derivation, Program, Proof, Subject, Unproved, domain_of
from derive.program.body import body, closed
from derive.program.candidates import BY_NAME, DEFAULT, TREATMENTS, Setting
from derive.program.choices import chosen
from derive.program.forms import forms, hard_targets, parts
from derive.proof import Ground, equal, prove
from derive.proof.composed import prove_composed
from derive.rules.branchless import by_side
from derive.rules.floats import exact

__all__ = ["QUANTITIES", "candidates", "established", "forms", "parts", "program", "unproved"]

QUANTITIES = ("loss", "gradient", "hessian")


def program(derivation: Derivation, choice: Mapping[str, str] | None = None) -> Program:
    """The stable forms of value, gradient and second derivative, and how they are known to be right.

    `choice` names the candidate of each quantity; what is not given is the committed one.
    """
    made = unproved(derivation.subject, {**chosen(derivation.subject.name), **(choice or {})})
    return replace(made, proofs=tuple(_proofs(derivation, made)))


def unproved(subject: Subject, choice: Mapping[str, str]) -> Program:
    """The program of the candidates named, the default where none is, before anything is proved of it."""
    found = _forms(subject)
    rows = zip(QUANTITIES, found, strict=True)
    value, gradient, hessian = (_body(subject, form, choice.get(name, DEFAULT)) for name, form in rows)
    return Program(
        subject=subject,
        loss=_meant(found[0]),
        gradient=_meant(found[1]),
        hessian=_meant(found[2]),
        bodies=(value, gradient, hessian),
    )


def _proofs(derivation: Derivation, made: Program) -> Iterator[tuple[str, Proof]]:
    """Each form proved equal to the reader's, each straight line to its form; Unproved where one is not."""
    subject = made.subject
    f, los, _ = parts(subject)
    found = (made.loss, made.gradient, made.hessian)
    readers = (los, derivation.gradient, derivation.hessian)
    for name, form, reader, straight in zip(QUANTITIES, found, readers, made.bodies, strict=True):
        proofs = {
            "code form": prove_composed(form, reader, f, _ground(subject)),
            "straight line": _proof(subject, closed(straight), form),
        }
        for claim, proof in proofs.items():
            if not proof.holds:
                raise Unproved(f"{subject.name}: {name}, {claim} could not be proved")
            yield f"{name}, {claim}", proof


def established(subject: Subject, quantity: str, straight: Body) -> Proof:
    """How a straight line is known to compute a quantity's form."""
    return _proof(subject, closed(straight), _meant(_forms(subject)[QUANTITIES.index(quantity)]))


def _meant(form: sp.Expr) -> sp.Expr:
    """A form without what it says of the order of operations."""
    return by_side(exact(form))


def _ground(subject: Subject) -> Ground:
    """What the letters of a subject may be."""
    target, given = parts(subject)[2], subject.parameters
    return Ground(target=target, parameters=given, domain=domain_of(subject), at_points=True)


def _proof(subject: Subject, left: sp.Expr, right: sp.Expr) -> Proof:
    given = parts(subject)[2], subject.parameters
    found = prove(left, right, *given, domain=domain_of(subject))
    if not found.holds and (joined := _joined(left)) != left:
        return prove(joined, right, *given, domain=domain_of(subject))
    return found


def _joined(expr: sp.Expr) -> sp.Expr:
    """An expression with cases that are one function, whatever their conditions, as the last of them."""
    return expr.replace(lambda e: isinstance(e, sp.Piecewise) and _one(e), lambda e: e.args[-1][0])


def _one(cases: sp.Piecewise) -> bool:
    *values, last = (plain(value) for value, _ in cases.args)
    try:
        return not last.has(sp.Piecewise) and all(equal(value, last) for value in values)
    except TypeError:  # no normal form
        return False


def candidates(subject: Subject) -> dict[str, dict[str, Body]]:
    """The candidates of each quantity by name, equal ones once."""
    rows: dict[str, dict[str, Body]] = {}
    for quantity, form in zip(QUANTITIES, _forms(subject), strict=True):
        made = {row.name: _body(subject, form, row.name) for row in TREATMENTS}
        values = list(made.values())
        rows[quantity] = {name: b for n, (name, b) in enumerate(made.items()) if b not in values[:n]}
    return rows


def _body(subject: Subject, form: sp.Expr, candidate: str) -> Body:
    _, _, target = parts(subject)
    setting = Setting(parameters=subject.parameters, target=target, hard=hard_targets(subject))
    if candidate not in BY_NAME:
        raise Unproved(f"{subject.name}: no form is called {candidate!r}")
    treat = BY_NAME[candidate].apply
    return body(form, subject.parameters, target, lambda part: treat(part, setting))


_forms = lru_cache(maxsize=4)(forms)
