"""The textbook form over vectors: the reader's gradient in index notation as NumPy over the last axis."""

import sympy as sp
from sympy import Expr, Indexed, IndexedBase, Sum

from derive.derivation.vectors.letters import Letters, letters
from derive.emit.spelling import spell
from derive.heads import plain
from derive.model import YS, Derivation, K, Pair, Subject

Values = dict[Expr | IndexedBase, Expr]


def text(derivation: Derivation) -> str | None:
    """NumPy text of a function loss_and_grad(z, y), the letters of the derivation named first.

    None where a letter has no formula of its own over one index, such as a support.
    """
    subject = derivation.subject
    assert isinstance(subject, Pair)
    found = letters(subject)
    known = {*found.inputs, YS, *found.definitions}
    if len(found.inputs) > 1 or found.selections or found.names:
        return None
    if not {e.base for e in derivation.gradient.atoms(Indexed)} <= known:
        return None
    return _written(found, derivation.gradient, defaults(subject))


def defaults(subject: Subject) -> Values:
    """The default of each parameter, of one for each class that of all."""
    return {p.symbol: p.default for p in subject.parameters}


def _written(found: Letters, gradient: Expr, values: Values) -> str:
    lines = ["def loss_and_grad(z, y):"]
    for letter in found.letters:
        lines.append(f"    {_name(letter.base)} = {_spelled(letter.component, values)}")
    loss = _spelled(found.loss, values)
    return "\n".join([*lines, f"    return ({loss})[..., 0], {_spelled(gradient, values)}"]) + "\n"


def _spelled(expr: Expr, values: Values) -> str:
    numbers = {e: values[e.base] for e in expr.atoms(Indexed) if e.base in values}
    return spell(_flat(plain(expr).xreplace({**values, **numbers})))


def _flat(expr: Expr) -> Expr:
    """Components as the arrays that hold them, sums over the last axis as their text."""
    if isinstance(expr, Sum):
        return _symbol(f"np.sum({spell(_flat(expr.function))}, axis=-1, keepdims=True)")
    if isinstance(expr, Indexed):
        return _symbol(_name(expr.base))
    if expr == K:
        return _symbol("z.shape[-1]")
    return expr.func(*[_flat(a) for a in expr.args]) if expr.args else expr


def _name(base: IndexedBase) -> str:
    return str(base.label).replace("'", "t")


def _symbol(name: str) -> Expr:
    return sp.Symbol(name, real=True)
