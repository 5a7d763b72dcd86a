"""The steps of a finding, each proved or refused, as those of a derivation are."""

from typing import Literal

import sympy as sp

from derive.model import REALS, Parameter, Proof, Quantity, Set, Step, Unproved
from derive.proof import prove

Relation = Literal["=", "≤", "≥", "<", ">", "→", "∼"]


def equality(
    quantity: Quantity,
    line: tuple[str, str, sp.Expr],
    truth: sp.Expr,
    target: Set = REALS,
    parameters: tuple[Parameter, ...] = (),
    *,
    shown: str = "",
    result: bool = False,
    domain: Set = REALS,
) -> Step:
    """A step (rule, sentence, expression) whose equality with `truth` is proved, or sampled; else Unproved.

    Both are expressions in z, a, y and parameters; that a = f(z) is put in by the caller.
    """
    rule, says, expr = line
    proof = prove(expr, truth, target, parameters, domain=domain)
    if not proof.holds:
        raise Unproved(f"step {rule!r} of {quantity.text} could be neither proved nor sampled")
    return Step(quantity=quantity, rule=rule, says=says, expr=expr, proof=proof, shown=shown, result=result)


def definition(quantity: Quantity, says: str, expr: sp.Expr, *, shown: str = "") -> Step:
    """A step that says what its left side means."""
    proof = Proof(method="definition")
    return Step(quantity=quantity, rule="definition", says=says, expr=expr, proof=proof, shown=shown)


def relation(
    quantity: Quantity,
    sign: Relation,
    line: tuple[str, str, sp.Expr],
    method: str,
    *,
    shown: str = "",
    result: bool = False,
) -> Step:
    """An inequality or a limit that the caller has established by a method of `Proof`."""
    rule, says, expr = line
    proof = Proof(method=method)  # type: ignore[arg-type]
    return Step(
        quantity=quantity,
        rule=rule,
        says=says,
        expr=expr,
        proof=proof,
        shown=shown,
        result=result,
        relation=sign,
    )
