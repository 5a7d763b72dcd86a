"""Rows of layers in the letters of a network: numbered arrays, and the axes that the network gives them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

import sympy as sp
from sympy import Expr, IndexedBase

from derive.model import A, Activation, Array, At, Axis, Identity, Layer, Variable, Z
from derive.rules.indexed import SIZES
from derive.rules.layers import base_of, cotangent, indices_of, numbered, of_output

Changes = dict[sp.Basic, sp.Basic]
Kind = TypeVar("Kind", Array, Variable)


def renamed(layer: Layer, number: int, reads: At, axes: Mapping[Axis, Axis]) -> Layer:
    """A row as the stage of that number, which reads an entry of the stage before it."""
    changes = _indices(axes)
    rows: list[Array | Variable] = [*layer.inputs, *layer.weights, *layer.constants, *layer.variables]
    letters = [row.at for row in rows]
    letters += [identity.at for identity in layer.identities if identity.at is not None]
    for at in letters:
        base = base_of(at)
        shape = tuple(changes.get(SIZES[i], SIZES[i]) for i in indices_of(at))
        new = base_of(reads) if at == layer.inputs[0].at else numbered(base, number, shape)
        changes |= {base: new, cotangent(base): cotangent(new)}
        if at == layer.output.at:
            changes[of_output(base)] = of_output(new)
    return _changed(layer, changes)


def _indices(axes: Mapping[Axis, Axis]) -> Changes:
    changes: Changes = {}
    for old, new in axes.items():
        changes |= {old.size: new.size} | dict(zip(old.indices, new.indices, strict=False))
    return changes


def elementwise(activation: Activation, number: int, reads: At) -> Layer:
    """An activation of numbers as a row: its formula in each entry of what it reads."""
    base = base_of(reads)
    output = numbered(IndexedBase(A, shape=base.shape), number)[indices_of(reads)]
    meaning = activation.expr.xreplace({Z: reads})
    return Layer(
        name=activation.name,
        title=activation.title,
        inputs=(Array(at=reads, says="the inputs"),),
        variables=(Variable(at=output, meaning=meaning, says=activation.title),),
        parameters=activation.parameters,
        source=activation.source,
        known=(),
    )


def _changed(layer: Layer, changes: Changes) -> Layer:
    def new(expr: Expr) -> Expr:
        return expr.xreplace(changes)

    def all_new(rows: tuple[Kind, ...]) -> tuple[Kind, ...]:
        return tuple(replace(row, at=new(row.at)) for row in rows)

    return replace(
        layer,
        inputs=all_new(layer.inputs),
        weights=all_new(layer.weights),
        constants=all_new(layer.constants),
        variables=tuple(replace(v, at=new(v.at), meaning=new(v.meaning)) for v in layer.variables),
        identities=tuple(_identity(i, changes) for i in layer.identities),
    )


def _identity(identity: Identity, changes: Changes) -> Identity:
    at = identity.at and identity.at.xreplace(changes)
    return replace(
        identity, at=at, before=identity.before.xreplace(changes), after=identity.after.xreplace(changes)
    )
