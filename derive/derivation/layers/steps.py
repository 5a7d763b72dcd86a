"""Layer → Derivation: the variables, then the chain rule from the output back, each step proved."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from sympy import Expr, Sum

from derive.derivation.layers import quantities as q
from derive.derivation.layers import said as words
from derive.derivation.layers.forms import inserted, put_in
from derive.derivation.layers.matrices import array_step, slope_step
from derive.derivation.layers.sweep import Derivative, derivatives
from derive.derivation.layers.written import meaning, spelled
from derive.derivation.vectors.steps import definition
from derive.model import Layer, LayerDerivation, Proof, Step
from derive.proof.indexed import prove
from derive.rules.layers import base_of, indices_of, is_numbered


@dataclass(frozen=True, kw_only=True)
class Work:
    """A layer, and the derivatives that were found before the one at hand."""

    layer: Layer
    found: tuple[Derivative, ...]

    def proved(self, derivative: Derivative, expr: Expr) -> Proof:
        """The proof that an expression is the derivative, all letters written out."""
        means = meaning(self.layer, derivative.of)
        return prove(means, spelled(expr, self.layer, derivative.of, self.found))


def derive_layer(layer: Layer) -> LayerDerivation:
    """The derivation of a layer; `gradient` holds the derivatives by inputs and weights, in their order."""
    steps = [definition(q.entry(v.at), v.says, v.meaning) for v in layer.variables]
    steps += [step for v in layer.variables for step in array_step(v.at, v.meaning)]
    found = finished(layer)
    for n, derivative in enumerate(_linked(layer)):
        work = Work(layer=layer, found=found[:n])
        steps += [*_sums(work, derivative), *_derived(work, derivative, found[n])]
    by_array = {end.of: end.expr for end in found}
    gradient = tuple(by_array[array.at] for array in layer.moving)
    return LayerDerivation(subject=layer, steps=tuple(steps), gradient=gradient, conventions=layer.notes)


@lru_cache(maxsize=64)
def finished(layer: Layer) -> tuple[Derivative, ...]:
    """The derivatives as they end: those that the derivation only goes through are put in."""
    found: list[Derivative] = []
    for derivative in _linked(layer):
        through = {d.bar: d.expr for d in reversed(found) if d.through}
        if not derivative.through and any(derivative.expr.has(base_of(bar)) for bar in through):
            derivative = replace(derivative, expr=inserted(derivative.expr, layer, through))
        found.append(derivative)
    return tuple(found)


def _derived(work: Work, derivative: Derivative, end: Derivative) -> Iterator[Step]:
    """Chain rule, slopes put in, terms collected; then what the derivation went through put in."""
    is_result = _is_result(work.layer, derivative)
    bar = None if is_result else derivative.bar
    quantity = q.slope(derivative.of, bar)
    lines = [("chain rule", _through(derivative), derivative.chain, _shown(derivative))]
    lines += [(*line, "") for line in _with_slopes(derivative)]
    if end.expr != derivative.expr:
        last = next(d for d in reversed(work.found) if d.through and derivative.expr.has(base_of(d.bar)))
        yield from _facts(work.layer)
        partly = put_in(derivative.expr, last.bar, last.expr)
        lines.append(("insert", f"{q.text(last.bar)} from above", partly, ""))
        lines.append(("collect", _inserted(work.layer, end.expr), end.expr, ""))
    for rule, says, expr, shown in lines:
        proof = work.proved(derivative, expr)
        result = is_result and (rule, expr) == (lines[-1][0], lines[-1][2]) and not shown
        yield Step(
            quantity=quantity, rule=rule, says=says, expr=expr, proof=proof, shown=shown, result=result
        )
    if not derivative.through:
        yield from slope_step(derivative.of, bar, end.expr, result=is_result)


def _is_result(layer: Layer, derivative: Derivative) -> bool:
    """Whether a derivative is asked for: by an array, but not by what another stage of a network gives."""
    inner = is_numbered(base_of(derivative.of))
    return derivative.of in [a.at for a in (layer.weights if inner else layer.moving)]


def _facts(layer: Layer) -> Iterator[Step]:
    """The sums that have a value."""
    for identity in layer.identities:
        if identity.at is None:
            proof = prove(*(spelled(side, layer, None) for side in (identity.before, identity.after)))
            quantity = q.total(identity.before)
            yield Step(
                quantity=quantity, rule="identity", says=identity.says, expr=identity.after, proof=proof
            )


def _with_slopes(derivative: Derivative) -> Iterator[tuple[str, str, Expr]]:
    """The slopes put in, and what that comes to: on a line of its own where much is collected."""
    before = words.slopes(derivative)
    if derivative.expr == derivative.chain:
        yield "slopes", before, derivative.expr
        return
    if apart := derivative.chain.count_ops() > derivative.expr.count_ops() + 2:
        tidy = replace(
            derivative, links=tuple(replace(li, rate=words.tidied(li.rate)) for li in derivative.links)
        )
        yield "slopes", before, tidy.chain
    rule = "collect" if apart or words.is_factored(derivative.expr) else "slopes"
    yield rule, words.collected(derivative, "the sum carried out" if apart else before), derivative.expr


def _inserted(layer: Layer, expr: Expr) -> str:
    facts = [i.says for i in layer.identities if i.at is None]
    front = f", and {words.FRONT}" if words.is_factored(expr) else ""
    return "; ".join([f"everything from above put in{front}", *facts])


def _linked(layer: Layer) -> Iterator[Derivative]:
    """The derivatives of a layer, their sums in the order of the chain rule."""
    for derivative in derivatives(layer):
        same = _bare(derivative.expr) == _bare(derivative.chain)
        yield replace(derivative, expr=derivative.chain) if same else derivative


def _bare(expr: Expr) -> tuple[Expr, frozenset]:
    """What is summed, and over which indices."""
    limits: list = []
    while isinstance(expr, Sum):
        limits += expr.limits
        expr = expr.function
    return expr, frozenset(limits)


def _through(derivative: Derivative) -> str:
    """How the loss depends on an entry, in a sentence."""
    ways = [q.text(link.at) for link in derivative.links]
    sums = dict.fromkeys(i for link in derivative.links for i in _summed(link, derivative))
    every = f", for every {' and '.join(map(q.spoken, sums))}" if sums else ""
    return f"{q.text(derivative.of)} acts on the loss through {' and '.join(ways)}{every}"


def _summed(link, derivative: Derivative) -> tuple:
    held = indices_of(derivative.of)
    return tuple(i for i in indices_of(link.at) if i not in held)


def _shown(derivative: Derivative) -> str:
    return " + ".join(
        q.chained(_summed(link, derivative), link.bar, link.at, derivative.of) for link in derivative.links
    )


def _sums(work: Work, derivative: Derivative) -> Iterator[Step]:
    """The sums with a letter that a derivative is the first to use, in both of their forms."""
    layer = work.layer
    for identity in layer.identities:
        if identity.at is None or not derivative.expr.has(base_of(identity.at)):
            continue
        if any(d.expr.has(base_of(identity.at)) for d in work.found):
            continue
        quantity = q.entry(identity.at)
        yield definition(quantity, "we abbreviate", identity.before)
        both = (spelled(side, layer, None, work.found) for side in (identity.before, identity.after))
        yield Step(
            quantity=quantity, rule="identity", says=identity.says, expr=identity.after, proof=prove(*both)
        )
        for side in (identity.before, identity.after):
            yield from array_step(identity.at, side)
