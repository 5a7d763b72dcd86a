"""F with F′ = f, from the table of rows, piece by piece, continuous where pieces meet; every one is proved.

A term of f is brought to the letter w of a row by a linear w = k z + c that stands in it.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

import sympy as sp

from derive.claims.matching.rows import ROWS
from derive.claims.places import proof_of
from derive.model import REALS, Proof, Set, Z
from derive.proof.pieces import Piece, joined, pieces
from derive.rules import W
from derive.rules.stable import recognise


@dataclass(frozen=True, kw_only=True)
class Antiderivative:
    """F and how F′ = f is known."""

    expr: sp.Expr
    proof: Proof


@lru_cache(maxsize=256)
def antiderivative(f: sp.Expr, domain: Set = REALS) -> Antiderivative | None:
    """An antiderivative of f on a domain; None where the table leads to none."""
    try:
        found = [(piece, _of_piece(piece)) for piece in pieces(f, domain)]
    except TypeError:  # a condition that is not linear in z
        return None
    if any(big is None for _, big in found):
        return None
    return combined([(piece, big) for piece, big in found if big is not None])


def combined(found: list[tuple[Piece, sp.Expr]]) -> Antiderivative | None:
    """The antiderivatives of the pieces as one, if each is proved to be one."""
    proofs = [proof_of(big.diff(Z), piece.expr, piece.domain) for piece, big in found]
    if not all(proof.proved for proof in proofs):
        return None
    done = _continuous([replace(piece, expr=big) for piece, big in found])
    return Antiderivative(expr=joined(done), proof=proofs[0])


def _continuous(found: list[Piece]) -> tuple[Piece, ...]:
    """The pieces with constants added from right to left, so that neighbours agree where they meet."""
    done = [found[-1]]
    for piece in reversed(found[:-1]):
        jump = (done[0].expr - piece.expr).subs(Z, piece.high)
        done.insert(0, replace(piece, expr=piece.expr + sp.simplify(jump)))
    return tuple(done)


def _of_piece(piece: Piece) -> sp.Expr | None:
    """The antiderivative of a formula without cases, term by term."""
    apart = sp.Add(*map(recognise, sp.Add.make_args(piece.expr)))
    for written in dict.fromkeys((recognise(piece.expr), piece.expr, apart)):
        terms = [_of_term(term, piece) for term in sp.Add.make_args(sp.expand(written))]
        if all(term is not None for term in terms):
            return sp.Add(*(term for term in terms if term is not None))
    return None


def _of_term(term: sp.Expr, piece: Piece) -> sp.Expr | None:
    """The antiderivative of a product, through the first linear argument that leads to rows."""
    front, core = term.as_independent(Z, as_Add=False)
    if not core.has(Z):
        return front * Z
    for w in _arguments(core):
        slope = w.diff(Z)
        in_w = sp.expand(core.subs(Z, (W - w.subs(Z, 0)) / slope))
        parts = [_of_core(part, w, piece) for part in sp.Add.make_args(in_w)]
        if all(part is not None for part in parts):
            return front / slope * sp.Add(*(part for part in parts if part is not None))
    return None


def _arguments(core: sp.Expr) -> list[sp.Expr]:
    """The linear expressions in z that stand in a term as arguments or as bases, then z itself."""
    inside = [part for e in core.atoms(sp.Function, sp.Pow) for part in e.args if part.has(Z)]
    linear = {w for w in inside if not w.diff(Z).has(Z) and w.diff(Z) != 0}
    return [*sorted(linear - {Z}, key=sp.default_sort_key), Z]


def _of_core(part: sp.Expr, w: sp.Expr, piece: Piece) -> sp.Expr | None:
    """The antiderivative in w of a term in the letter W, with w put in."""
    number, core = part.as_independent(W, as_Add=False)
    if core.has(Z):
        return None
    if core == W or (core.is_Pow and core.base == W and core.exp.is_Rational):
        return number * _of_power(core.as_base_exp()[1], w, piece)
    if core == 1:
        return number * w
    found = next((row.gives for row in ROWS if row.of == core), None)
    return None if found is None else number * found.subs(W, w)


def _of_power(n: sp.Rational, w: sp.Expr, piece: Piece) -> sp.Expr:
    """w^(n + 1)/(n + 1), or the logarithm of |w|, which keeps its sign on the piece."""
    if n != -1:
        return w ** (n + 1) / (n + 1)
    return sp.log(-w if w.subs(Z, piece.inner).is_negative else w)
