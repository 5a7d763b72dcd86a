"""Proofs that a vector program computes what the derivation ends in, for every K.

Each result, written out in inputs, targets, names and selections, equals the reader's form written out;
a block counts as the expression that its line says it computes.
"""

import sympy as sp
from sympy import Expr, Sum

from derive.derivation.vectors import letters
from derive.heads import plain
from derive.model import AS, I_, ZS, Activation, Derivation, J, K, N, Proof, entries
from derive.program.vectors.chain import WEIGHTS, directions, summed
from derive.program.vectors.lines import expanded
from derive.proof.indexed import prove
from derive.rules.indexed import substitute

Claim = tuple[str, Expr, Expr]


def proofs(derivation: Derivation, inputs, routines) -> tuple[tuple[str, Proof], ...]:
    """The proof of every result of every routine; Unproved where there is none."""
    found = letters(derivation.subject)

    def proved(left: Expr, right: Expr) -> Proof:
        known, rows = found.definitions, found.selections
        return prove(plain(left), plain(right), definitions=known, names=found.names, selections=rows)

    claims = _claims(derivation, inputs, routines)
    return tuple((what, proved(left, right)) for what, left, right in claims)


def _claims(derivation: Derivation, inputs, routines) -> list[Claim]:
    wanted = _wanted(derivation, inputs)
    claims = []
    for name, rights in wanted.items():
        routine = routines[name]
        says = {"grad": "gradient", "hvp": "Hessian times t"}.get(name, name)
        for base, left, right in zip(_blocks(inputs, rights), routine.results, rights, strict=True):
            where = f" in {base.label}" if base is not None else ""
            claims.append((f"{says}{where}, code form", expanded(left, routine.lines), right))
    return claims


def _blocks(inputs, rights) -> tuple:
    return inputs if len(rights) > 1 else (None,)


def _wanted(derivation: Derivation, inputs) -> dict[str, tuple[Expr, ...]]:
    """The reader's form of each result."""
    subject, moving = derivation.subject, directions(inputs)
    gradients = _many(derivation.gradient)
    if isinstance(subject, Activation):
        rate = sp.Add(*[_times(g, t) for g, t in zip(gradients, moving, strict=True)])
        back = tuple(_sum(WEIGHTS[N] * g, N) for g in gradients)
        return {"value": (subject.expr,), "vjp": back, "jvp": (rate,)}
    rows = [_many(row) for row in _many(derivation.hessian)]
    products = tuple(sp.Add(*[_product(h, t) for h, t in zip(row, moving, strict=True)]) for row in rows)
    return {"loss": (_loss(derivation),), "grad": gradients, "hvp": products}


def _many(exprs) -> tuple[Expr, ...]:
    return tuple(exprs) if isinstance(exprs, tuple | list) else (exprs,)


def _sum(body: Expr, index: Expr) -> Sum:
    return Sum(body, (index, 1, K))


def _times(jacobian: Expr, t: sp.IndexedBase) -> Expr:
    """Σ_k ∂a_j/∂z_k t_k, of the slopes ∂a_k/∂z_j."""
    slot = sp.Dummy(integer=True)
    turned = substitute(substitute(substitute(jacobian, J, slot), N, J), slot, N)
    return _sum(turned * t[N], N)


def _product(hessian: Expr, t: sp.IndexedBase) -> Expr:
    """Σ_k ∂²L/∂z_j∂z_k t_k, of the second derivatives in i and j."""
    turned = substitute(substitute(hessian, J, N), I_, J)
    return _sum(turned * t[N], N)


def _loss(derivation: Derivation) -> Expr:
    """The loss of the entry; where nothing is in front of it, in its own input."""
    subject = derivation.subject
    act, los = entries(subject)
    assert los is not None  # of an activation the value is asked for
    expr = summed(los).expr
    if act is None:
        return expr
    output = ZS[J] if act.kind != "vector" else act.expr
    found = {e: substitute(output, J, e.indices[0]) for e in expr.atoms(sp.Indexed) if e.base == AS}
    return expr.xreplace(found)
