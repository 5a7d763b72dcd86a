"""Proofs of equalities in a, z and y where a = f(z) has cases: one interval of z at a time."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, TypeAlias

import sympy as sp

from derive.model import A, Interval, Parameter, Proof, Unproved, Z
from derive.proof import Ground, prove, weakest
from derive.proof.cases import places_kinks
from derive.proof.ends import certain
from derive.proof.split import Cell, Undecided, cells, has_cases, in_cell

Side: TypeAlias = Any  # an expression in a and z, or what it is for a formula of a


def prove_composed(left: Side, right: Side, f: sp.Expr, ground: Ground) -> Proof:
    """How left = right is known for a = f(z), with what else there is to know of `prove`."""
    if not has_cases(f):
        return _proved(left, right, f, ground)
    try:
        found = cells((f,), ground.parameters, ground.domain, strict=False)
    except Unproved:
        found = []
    ends = [cell.low for cell in found if cell.at is not None]
    if not ends or not certain(ends, ground.parameters, ground.domain):
        return _proved(left, right, f, ground)
    proofs = []
    for proof in _in_cells(left, right, f, found, ground):
        if not proof.holds:
            return proof
        proofs.append(proof)
    return weakest(proofs)


def _in_cells(left: Side, right: Side, f: sp.Expr, found: list[Cell], ground: Ground) -> Iterator[Proof]:
    for cell in found:
        if cell.at is not None and not ground.at_points:
            continue
        branch = in_cell(f, cell, strict=False)
        one, other = (_in_cell(side, branch, cell) for side in (left, right))
        yield _proved(one, other, branch, replace(ground, domain=_domain(cell)))
    for p in ground.parameters:
        if ground.at_points and p.domain.closed_lo and places_kinks(p.symbol, (f, f)):
            # Kinks may coincide there whose order is strict elsewhere.
            one, other = (_at_end(side, p) for side in (left, right))
            yield prove_composed(one, other, f.subs(p.symbol, p.domain.lo), ground)


def _at_end(side: Side, p: Parameter) -> Side:
    """A side with a parameter at the closed end of its domain."""
    if callable(side):
        return lambda branch: side(branch).subs(p.symbol, p.domain.lo)
    return side.subs(p.symbol, p.domain.lo)


def _domain(cell: Cell) -> Interval:
    return Interval() if cell.at is not None else Interval(lo=cell.low, hi=cell.high)


def _in_cell(side: Side, branch: sp.Expr, cell: Cell) -> sp.Expr:
    """A side for the branch of f that a cell has, its own cases decided where they are those of f."""
    if callable(side):
        return side(branch)
    try:
        return in_cell(side, cell, strict=False)
    except (Undecided, Unproved):
        return side.subs(Z, cell.at) if cell.at is not None else side


def _side(side: Side, f: sp.Expr) -> sp.Expr:
    return side(f) if callable(side) else side.subs(A, f)


def _proved(left: Side, right: Side, f: sp.Expr, ground: Ground) -> Proof:
    return prove(
        _side(left, f),
        _side(right, f),
        ground.target,
        ground.parameters,
        at_points=ground.at_points,
        domain=ground.domain,
    )
