"""Arithmetic with cases: products and sums of piecewise functions, folded where the cases agree."""

from collections.abc import Callable

import sympy as sp

from derive.derivation.conditions import disjoint, together
from derive.derivation.kinks import joined
from derive.model import A, Parameter, Unproved, Y
from derive.proof.split import Pieces, cells, in_cell


def fold(combine: Callable[..., sp.Expr], *parts: sp.Expr, parameters: tuple[Parameter, ...] = ()) -> sp.Expr:
    """combine(*parts) by cases.

    Cases in z alone are split at their boundary, others must be of one and the same form; where both
    kinds occur, every case of the one is split by those of the other.
    """
    in_z = [p for p in parts if isinstance(p, sp.Piecewise) and _only_z(p)]
    others = [p for p in parts if isinstance(p, sp.Piecewise) and p not in in_z]
    if len({tuple(c for _, c in p.args) for p in others}) > 1:
        finest = max(others, key=lambda p: len(p.args))
        in_common = {p: _by_cases_of(p, finest) for p in others}
        parts = tuple(in_common.get(p, p) for p in parts)
        others = list(in_common.values())
    if others and in_z:
        return _crossed(combine, parts, in_z, others, parameters)
    if in_z:
        return _over_z(combine, parts, in_z, parameters)
    if not others:
        return combine(*parts)
    return sp.Piecewise(*((combine(*_taken(parts, others, n)), c) for n, (_, c) in enumerate(others[0].args)))


def _only_z(expr: sp.Piecewise) -> bool:
    return not any(c.has(Y, A) for _, c in expr.args)


def _by_cases_of(p: sp.Piecewise, finest: sp.Piecewise) -> sp.Piecewise:
    """A function written in the cases of another: SymPy makes neighbours one that have the same value."""
    rows = []
    for _, condition in finest.args:
        held = [v for v, own in p.args if own == sp.true or condition in sp.Or.make_args(own)]
        if not held:
            raise Unproved(f"where {condition} holds the value of {p} is not known")
        rows.append((held[0], condition))
    return sp.Piecewise(*rows, evaluate=False)


def _taken(parts, cases: list, n: int) -> list[sp.Expr]:
    """The parts with those that have cases at their n-th."""
    return [p.args[n][0] if p in cases else p for p in parts]


def _crossed(combine, parts, in_z: list, others: list, parameters: tuple[Parameter, ...]) -> sp.Expr:
    """All pairs of cases; the value that most of them have comes last, as what holds otherwise."""
    rows: list[tuple[sp.Expr, sp.Basic]] = []
    conditions = disjoint([c for _, c in others[0].args])
    for n, inner in enumerate(conditions):
        by_z = _over_z(combine, _taken(parts, others, n), in_z, parameters)
        outer = by_z.args if isinstance(by_z, sp.Piecewise) else ((by_z, sp.true),)
        rows += [
            (value, together([c, inner]))
            for value, c in zip([v for v, _ in outer], disjoint([c for _, c in outer]), strict=True)
        ]
    values = [value for value, _ in rows]
    last = max(reversed(values), key=values.count)
    return sp.Piecewise(*((v, c) for v, c in rows if v != last), (last, True))


def _over_z(combine, parts, cases: list, parameters: tuple[Parameter, ...]) -> sp.Expr:
    """The values on the intervals between all boundaries and at these, neighbours that agree joined."""
    found = cells(tuple(cases), parameters)
    values = [combine(*(in_cell(p, cell) if p in cases else p for p in parts)) for cell in found]
    ends = tuple(cell.low for cell in found if cell.at is not None)
    return joined(Pieces(ends=ends, branches=tuple(values[::2]), values=tuple(values[1::2])))
