"""The letters a derivation is written in: outputs, names, selections, and what recurs in a loss.

A textbook gives a letter to what recurs: p to a softmax inside a loss, e to a vector divided by its
length, y' to a target as the loss weighs it. Letters of the loss that the activation has taken get a prime.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import sympy as sp
from sympy import Expr, Indexed, IndexedBase, Sum, Symbol, exp, log

from derive.derivation.vectors.spoken import letter
from derive.model import (
    AS,
    LS,
    PS,
    VECTOR,
    YS,
    ZS,
    A,
    Activation,
    J,
    K,
    LogSimplex,
    Loss,
    N,
    Name,
    Selection,
    Simplex,
    Sphere,
    Subject,
    Y,
    Z,
    entries,
)
from derive.rules.indexed import over, substitute

ES, FS, YT = (IndexedBase(Symbol(name, real=True), shape=(K,)) for name in ("e", "f", "y'"))
GS = IndexedBase(Symbol("g", nonnegative=True), shape=(K,))
SLOPE, BEND = (IndexedBase(Symbol(name, real=True), shape=(K,)) for name in "GB")
BENDS = IndexedBase(Symbol("B", real=True), shape=(K, K))

Bases = tuple[IndexedBase, ...]


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A base that stands for a vector: its component j, and what it is in words."""

    base: IndexedBase
    component: Expr
    says: str
    bend: IndexedBase | None = None  # the letter of its slope in the output of the activation


@dataclass(frozen=True, kw_only=True)
class Letters:
    """How a subject is written: formulas of activation and loss, and what each letter in them means.

    `inputs` are the vectors one differentiates by, `read` those that the loss reads. A later letter may be
    made of earlier ones; names and selections are those of the activation, then those of the loss.
    """

    inputs: Bases
    read: Bases = ()
    output: Any = None  # a base; none where the activation is the identity, or absent
    loss: Any = None  # an expression; none for an activation alone
    letters: tuple[Letter, ...] = ()
    names: tuple[Name, ...] = ()
    selections: tuple[Selection, ...] = ()
    facts: tuple[tuple[Expr, Expr], ...] = ()  # sums with a value
    behind: Any = None  # the loss alone, in the output of the activation

    @property
    def definitions(self) -> dict[IndexedBase, Expr]:
        """Each base with its component j; a later one may be made of earlier ones."""
        return {letter.base: letter.component for letter in self.letters}


@cache
def letters(subject: Subject) -> Letters:
    """The letters of a vector subject."""
    act, los = entries(subject)
    if act is None:
        assert los is not None
        blocks = tuple(i.base for i in los.inputs) or (AS,)
        return _with_loss(los, Letters(inputs=blocks, read=blocks))
    if act.expr == Z and los is not None:
        return _with_loss(_behind(los, ZS), Letters(inputs=(ZS,), read=(ZS,)))
    found = _of_activation(act)
    if los is None:
        return found
    alone = Letters(inputs=found.read, read=found.read, facts=found.facts, letters=found.letters)
    behind = _without(_with_loss(_behind(los, found.output), alone), found)
    return replace(_with_loss(_behind(los, found.output), found), behind=behind)


def _without(whole: Letters, act: Letters) -> Letters:
    """The letters of a loss without those of the activation: its prediction stands for itself."""
    return replace(whole, letters=whole.letters[len(act.letters) :])


def output_letter(activation: Activation) -> IndexedBase:
    """The letter of an output: p for probabilities, l for their logarithms, else a."""
    if isinstance(activation.range, Simplex):
        return PS
    return LS if isinstance(activation.range, LogSimplex) else AS


def _of_activation(act: Activation) -> Letters:
    base = output_letter(act)
    inputs = tuple(i.base for i in act.inputs) or (ZS,)
    own = Letter(base=base, component=act.expr, says=act.title)
    roots = [Letter(base=GS, component=root, says="the root of the output") for root in _roots(act)]
    more = (*_softmaxes(act.expr, inputs), *roots)
    return Letters(
        inputs=inputs,
        read=(base,),
        output=base,
        letters=(own, *more),
        names=act.names,
        selections=act.selections,
        facts=(*_sums_of_output(act, base), *(_fact(m.base) for m in more)),
    )


def _sums_of_output(act: Activation, base: IndexedBase) -> Iterator[tuple[Expr, Expr]]:
    if isinstance(act.range, Simplex):
        yield over(base[N]), sp.S.One
    if isinstance(act.range, Sphere):
        yield over(base[N] ** 2), sp.S.One


def _fact(base: IndexedBase) -> tuple[Expr, Expr]:
    """That probabilities sum to 1, and the squares of a unit vector and of a root."""
    power = 1 if base.label.name.startswith("p") else 2
    return over(base[N] ** power), sp.S.One


def _roots(act: Activation) -> Iterator[Expr]:
    """What is squared in an output over a support."""
    for selection in act.selections:
        for name in act.names:
            if selection.power == 2:
                yield selection.symbol[J] * (selection.of - name.symbol)


def _behind(los: Loss, base: IndexedBase) -> Loss:
    """A loss that reads the components of `base`; an elementwise one is summed over them."""
    if los.kind != VECTOR:
        return replace(los, expr=over(los.expr.subs({A: base[N], Y: YS[N]})), kind=VECTOR)
    names = [
        replace(n, meaning=_moved(n.meaning, base), relation=_moved(n.relation, base)) for n in los.names
    ]
    chosen = [replace(s, of=_moved(s.of, base)) for s in los.selections]
    return replace(los, expr=_moved(los.expr, base), names=tuple(names), selections=tuple(chosen))


def _moved(expr: Expr | None, base: IndexedBase) -> Expr | None:
    return expr and expr.xreplace({AS: base})


def primed(symbol: Symbol | IndexedBase) -> Symbol | IndexedBase:
    """The same letter with a prime."""
    if isinstance(symbol, IndexedBase):
        return IndexedBase(primed(symbol.label), shape=symbol.shape)
    return Symbol(f"{symbol.name}'", **symbol._assumptions_orig)


def _with_loss(los: Loss, found: Letters) -> Letters:
    """The letters of `found` and of a loss that is written in its output."""
    read = found.read
    more = [
        *_softmaxes(los.expr, read),
        *_projections(los, read),
        *_units(los),
        *_targets(los.expr, read),
    ]
    more = [replace(m, base=primed(m.base)) if m.base in found.definitions else m for m in more]
    valued = [m.base for m in more if not m.base.label.name.startswith(YT.label.name)]
    return replace(
        found,
        facts=(*found.facts, *map(_fact, valued), *_cosines(los)),
        loss=_weighed(los.expr, more),
        letters=(*found.letters, *more),
        names=(*found.names, *los.names),
        selections=(*found.selections, *los.selections),
    )


def _softmaxes(expr: Expr, inputs: Bases) -> Iterator[Letter]:
    """A softmax for each logarithm of a sum of exponentials of the inputs."""
    for inner in sorted({e.args[0] for e in expr.atoms(log)}, key=str):
        if isinstance(inner, Sum) and isinstance(inner.function, exp) and _bases(inner) & set(inputs):
            weight = substitute(inner.function, inner.variables[0], J)
            total = over(substitute(weight, J, N))
            yield Letter(base=PS, component=weight / total, says=f"the softmax of {_vector(_inner(weight))}")


def _projections(los: Loss, inputs: Bases) -> Iterator[Letter]:
    """The projection on the simplex for each support in a loss."""
    for s in los.selections:
        if s.rule == "support" and _bases(s.of) <= set(inputs):
            (threshold,) = los.names
            component = s.symbol[J] * (s.of - threshold.symbol) ** s.power
            yield Letter(
                base=PS, component=component, says=f"the projection of {_vector(s.of)} on the simplex"
            )


def _units(los: Loss) -> Iterator[Letter]:
    """A unit vector for each length in a loss."""
    bases = iter((ES, FS))
    for name in los.names:
        if (of := length_of(name)) is not None:
            yield Letter(base=next(bases), component=of / name.symbol, says=f"the direction of {_vector(of)}")


def _inner(weight: Expr) -> Expr:
    """What e is raised to, without numbers."""
    return sp.Mul(*[f for f in sp.Mul.make_args(weight.args[0]) if not f.is_number])


def _vector(of: Expr) -> str:
    """A vector in a sentence, by its component j: u − v."""
    bases = sorted(of.atoms(Indexed), key=lambda e: of.coeff(e).is_negative or False)
    signs = ["−" if of.coeff(e).is_negative else "+" for e in bases]
    parts = [f"{sign} {letter(e.base)}" for sign, e in zip(signs, bases, strict=True)]
    return " ".join(parts).removeprefix("+ ")


def length_of(name: Name) -> Expr | None:
    """The component j of the vector whose length a name is, if it is one."""
    sums = name.relation.atoms(Sum) if name.relation is not None else ()
    for total in sums:
        body = total.function
        if name.relation == name.symbol**2 - total and body.is_Pow and body.exp == 2:
            return substitute(body.base, total.variables[0], J)
    return None


def _cosines(los: Loss) -> Iterator[tuple[Expr, Expr]]:
    """The name of an inner product of unit vectors, where there is one."""
    lengths = sp.Mul(*[n.symbol for n in los.names if length_of(n) is not None])
    for name in los.names:
        if name.relation is None and sp.fraction(name.meaning)[1] == lengths:
            yield over(ES[N] * FS[N]), name.symbol


def _targets(expr: Expr, inputs: Bases) -> Iterator[Letter]:
    """The target as a loss weighs it, where that is more than a product."""
    for total in sorted(expr.atoms(Sum), key=str):
        weight = _weight(total, inputs)
        if weight.has(YS) and any(f.is_Add and _constants(f) for f in sp.Mul.make_args(weight)):
            component = substitute(weight, total.variables[0], J)
            yield Letter(base=YT, component=component, says="the target with its weight")


def _weight(total: Sum, inputs: Bases) -> Expr:
    """The factors in a sum that do not depend on what the loss reads."""
    return sp.Mul(*[f for f in sp.Mul.make_args(total.function) if not _bases(f) & set(inputs)])


def _constants(expr: Expr) -> set[Symbol]:
    """The symbols of an expression that are no components of vectors."""
    return expr.xreplace(dict.fromkeys(expr.atoms(Indexed), sp.S.Zero)).free_symbols


def _weighed(expr: Expr, more: list[Letter]) -> Expr:
    """The loss with the weighed target by its letter."""
    for target in more:
        if target.base.label.name.startswith(YT.label.name):
            for total in expr.atoms(Sum):
                at = substitute(target.component, J, total.variables[0])
                body = total.function / at
                if not body.has(YS):
                    expr = expr.xreplace({total: Sum(target.base[total.variables[0]] * body, *total.limits)})
    return expr


def _bases(expr: Expr) -> set[IndexedBase]:
    return {e.base for e in expr.atoms(Indexed)}
