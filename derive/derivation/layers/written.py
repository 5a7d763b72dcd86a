"""What the letters of a layer mean: expressions with variables and derivatives written out, for proofs."""

from collections.abc import Sequence

from sympy import Expr

from derive.derivation.layers.forms import put_in
from derive.derivation.layers.sweep import Derivative, over_all
from derive.model import At, Layer
from derive.rules.indexed import slope
from derive.rules.layers import base_of, entry, indices_of, of_output


def spelled(expr: Expr, layer: Layer, since: At | None, found: Sequence[Derivative] = ()) -> Expr:
    """`expr` with derivatives, sums with a letter and variables written out, back to the entry `since`."""
    for derivative in reversed(found):
        expr = put_in(_without_sums(expr, layer), derivative.bar, derivative.expr)
    return _variables(_without_sums(expr, layer), layer, since)


def _without_sums(expr: Expr, layer: Layer) -> Expr:
    for identity in layer.identities:
        if identity.at is not None:
            expr = put_in(expr, identity.at, identity.before)
    return expr


def _variables(expr: Expr, layer: Layer, since: At | None) -> Expr:
    for variable in reversed(layer.variables):
        if variable.at == since:
            break
        expr = put_in(expr, variable.at, variable.meaning)
    return expr


def meaning(layer: Layer, at: At) -> Expr:
    """∂L/∂at of the layer's own formula, for a loss with the derivative g by the output."""
    output = layer.output.at
    loss = over_all(entry(of_output(base_of(output)), indices_of(output)) * output, output)
    return slope(_variables(loss, layer, at), at)
