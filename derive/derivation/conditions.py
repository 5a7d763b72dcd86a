"""Conditions that hold together, in as few words as can be found at a glance."""

from collections.abc import Iterable
from dataclasses import dataclass

import sympy as sp
from sympy.core.relational import Relational

from derive.model import A, Y, Z

_NEGATED = {sp.StrictLessThan: sp.GreaterThan, sp.StrictGreaterThan: sp.LessThan}
_NEGATED |= {other: one for one, other in _NEGATED.items()}
_NEGATED |= {sp.Equality: sp.Unequality, sp.Unequality: sp.Equality}
_STRICT = (sp.StrictLessThan, sp.StrictGreaterThan)
_ORDERED = (*_STRICT, sp.LessThan, sp.GreaterThan)


@dataclass(frozen=True, kw_only=True)
class Bound:
    """A condition that an expression lies above a level, or below it where `way` is −1."""

    of: sp.Expr
    level: sp.Expr
    way: int
    strict: bool
    said: Relational


def disjoint(conditions: list) -> list[sp.Basic]:
    """The conditions of a list of cases, each without those before it."""
    return [together([c, *map(_not, conditions[:n])]) for n, c in enumerate(conditions)]


def _not(condition: sp.Basic) -> sp.Basic:
    """The negation; of a relation another relation with the same sides."""
    turned = _NEGATED.get(type(condition))
    return turned(*condition.args) if turned else sp.Not(condition)


def together(conditions: Iterable[sp.Basic]) -> sp.Basic:
    """All of the conditions at once, without those that follow from others."""
    parts = [p for c in conditions for p in (c.args if isinstance(c, sp.And) else (c,))]
    bounds = [_bound(p) for p in parts if isinstance(p, _ORDERED)]
    others = [p for p in parts if not isinstance(p, _ORDERED)]
    kept: list[Bound] = []
    for bound in bounds:
        if not any(_follows(bound, other) for other in kept):
            kept = [*(b for b in kept if not _follows(b, bound)), bound]
    if any(_exclude(one, other) for one in kept for other in kept if one.way > other.way):
        return sp.false
    equal = [b for b in kept for c in kept if b.way > c.way and (b.of, b.level) == (c.of, c.level)]
    known = [sp.Eq(b.said.lhs, b.said.rhs) for b in equal]
    said = [b.said for b in kept if not any((b.of, b.level) == (e.of, e.level) for e in equal)]
    return sp.And(*others, *known, *said)


def _bound(relation: Relational) -> Bound:
    """A relation with what varies on one side, turned so that equal conditions look alike."""
    level, of = (relation.lhs - relation.rhs).as_independent(A, Y, Z, as_Add=True)
    way = 1 if isinstance(relation, sp.StrictGreaterThan | sp.GreaterThan) else -1
    strict = isinstance(relation, _STRICT)
    if of.could_extract_minus_sign():
        return Bound(of=-of, level=level, way=-way, strict=strict, said=relation)
    return Bound(of=of, level=-level, way=way, strict=strict, said=relation)


def _follows(one: Bound, other: Bound) -> bool:
    """Whether a condition holds wherever the other does."""
    if one.of != other.of or one.way != other.way:
        return False
    if one.level == other.level:
        return other.strict or not one.strict
    return bool((one.way * (other.level - one.level)).is_positive)


def _exclude(above: Bound, below: Bound) -> bool:
    """Whether what is above a level cannot be below the other."""
    if above.of != below.of:
        return False
    if above.level == below.level:
        return above.strict or below.strict
    return bool((above.level - below.level).is_positive)
