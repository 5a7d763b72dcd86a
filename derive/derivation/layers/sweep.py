"""The derivatives of a layer, from the output back to what it is given: one for each array and variable.

x̄ = ∂L/∂x is the sum, over all that is computed from x directly, of its derivative times its slope in x.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import sympy as sp
from sympy import Dummy, Expr, KroneckerDelta, Sum

from derive.derivation.layers.forms import collected, folded, named, powers
from derive.model import AXES, Array, At, Layer, Variable
from derive.rules.indexed import SIZES, contracted, slope, substitute
from derive.rules.layers import base_of, cotangent, entry, indices_of, of_output


@dataclass(frozen=True, kw_only=True)
class Link:
    """One way on which the loss depends on an entry: through all entries of a variable."""

    variable: Variable
    at: At  # the entry of the variable, its indices named
    bar: At  # the derivative of the loss by it
    rate: Expr  # the slope of its meaning


@dataclass(frozen=True, kw_only=True)
class Derivative:
    """∂L/∂`of` with the links it comes from; `expr` holds the letters of derivatives found before it."""

    of: At
    bar: At
    links: tuple[Link, ...]
    expr: Expr
    through: bool = False

    @property
    def chain(self) -> Expr:
        """The sum over all links, with the slopes put in."""
        held = indices_of(self.of)
        return sp.Add(*[over_all(link.bar * link.rate, link.at, held) for link in self.links])


def derivatives(layer: Layer) -> tuple[Derivative, ...]:
    """The derivatives by all variables but the output, and by all arrays, each as soon as it is known."""
    found: list[Derivative] = []
    waiting: list[Array] = list(layer.moving)
    for n, variable in reversed(list(enumerate(layer.variables))):
        if variable is not layer.output:
            found.append(_derivative(layer, variable.at, found, variable.through))
        later = layer.variables[n:]
        for array in [a for a in waiting if not _used(layer.variables[:n], a)]:
            if _used(later, array):
                found.append(_derivative(layer, array.at, found))
                waiting.remove(array)
    return tuple(found)


def _used(variables: tuple[Variable, ...], array: Array) -> bool:
    return any(v.meaning.has(base_of(array.at)) for v in variables)


def _derivative(layer: Layer, at: At, before: list[Derivative], through: bool = False) -> Derivative:
    links = tuple(_links(layer, at))
    bar = entry(cotangent(base_of(at)), indices_of(at))
    raw = Derivative(of=at, bar=bar, links=links, expr=sp.S.Zero, through=through)
    expr = collected(contracted(raw.chain), layer)
    return Derivative(of=at, bar=bar, links=links, expr=expr, through=through)


def _links(layer: Layer, at: At) -> Iterator[Link]:
    for variable in layer.variables:
        if variable.meaning.has(base_of(at)) and variable.at != at:
            yield _link(layer, variable, at)


def _link(layer: Layer, variable: Variable, at: At) -> Link:
    """The link through a variable, whose indices make way for those of the entry, or are these."""
    base, meaning = base_of(variable.at), variable.meaning
    names = _free_names(indices_of(variable.at), set(indices_of(at)))
    slots = [Dummy(integer=True, positive=True) for _ in names]
    for index, slot in zip(indices_of(variable.at), slots, strict=True):
        meaning = substitute(meaning, index, slot)
    rate = powers(contracted(slope(meaning, at)), layer)
    for slot, name in zip(slots, names, strict=True):
        rate = substitute(rate, slot, name)
    rate, same = _joined(rate, names, indices_of(at))
    names = tuple(same.get(name, name) for name in names)
    rate = folded(rate, variable)
    letter = of_output(base) if variable is layer.output else cotangent(base)
    return Link(variable=variable, at=entry(base, names), bar=entry(letter, names), rate=named(rate, names))


def _free_names(indices: tuple, taken: set) -> tuple[sp.Symbol, ...]:
    """Names of the same axes for indices, without those that are taken."""
    names: list[sp.Symbol] = []
    for index in indices:
        axis = next(a for a in AXES if index in a.indices)
        names.append(next(c for c in axis.indices if c not in taken and c not in names))
    return tuple(names)


def _joined(rate: Expr, names: tuple, indices: tuple) -> tuple[Expr, dict[sp.Symbol, sp.Symbol]]:
    """The slope of an entry that depends on one of the same index alone, and which indices are the same."""
    same: dict[sp.Symbol, sp.Symbol] = {}
    for joint in sorted(rate.atoms(KroneckerDelta), key=str):
        if rate.xreplace({joint: sp.S.Zero}) == 0 and set(joint.args[:2]) <= {*names, *indices}:
            name, index = joint.args[:2] if joint.args[0] in names else reversed(joint.args[:2])
            rate, same = substitute(rate.xreplace({joint: sp.S.One}), name, index), same | {name: index}
    return rate, same


def over_all(body: Expr, at: At, held: tuple = ()) -> Expr:
    """The sum over all indices of an entry, but for those that are held."""
    for index in reversed(indices_of(at)):
        body = body if index in held else Sum(body, (index, 1, SIZES[index]))
    return body
