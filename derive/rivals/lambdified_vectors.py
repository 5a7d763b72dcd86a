"""SymPy's own route over vectors: as many symbols as components, since lambdify knows no axes."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import sympy as sp
from sympy import Expr, Indexed, IndexedBase, Sum

from derive.derivation.vectors.letters import Letters, letters
from derive.model import YS, ZS, J, K, Pair
from derive.rivals.rival import Array, quiet
from derive.rivals.textbook_vectors import defaults
from derive.rules.indexed import substitute


def loss_and_grad(pair: Pair) -> Callable[..., Any] | None:
    """Losses and gradients of rows (…, K); None where a letter is a selection."""
    found = letters(pair)
    if found.inputs != (ZS,) or found.selections or found.names:
        return None

    @cache
    def of(classes: int) -> Callable[..., Any]:
        return _lambdified(found, pair, classes)

    def run(z: Array, y: Array) -> tuple[Array, Array]:
        loss, *slopes = of(z.shape[-1])(*np.moveaxis(z, -1, 0), *np.moveaxis(y, -1, 0))
        whole = [np.broadcast_to(part, z.shape[:-1]) for part in (loss, *slopes)]  # some are constants
        return whole[0], np.stack(whole[1:], axis=-1)

    return run


def _lambdified(found: Letters, pair: Pair, classes: int) -> Callable[..., Any]:
    """A function of z_1, …, z_K, y_1, …, y_K: the loss and its slopes."""
    z, y = (sp.symbols(f"{name}1:{classes + 1}", real=True) for name in "zy")
    loss = written_out(found, pair, z, y)
    return quiet(sp.lambdify((*z, *y), [loss, *(sp.diff(loss, at) for at in z)], cse=True))


def written_out(found: Letters, pair: Pair, z: tuple[sp.Symbol, ...], y: tuple[sp.Symbol, ...]) -> Expr:
    """The loss with every sum written out and every letter but z and y replaced by its meaning."""
    meanings = {base.label: component for base, component in found.definitions.items()}
    given = {base.label: value for base, value in defaults(pair).items() if isinstance(base, IndexedBase)}
    rows = {ZS.label: z, YS.label: y}

    def meaning(e: Indexed) -> Expr:
        label, index = e.base.label, e.indices[0]
        if label in rows:
            return rows[label][index - 1]
        return given[label] if label in given else substitute(meanings[label], J, index)

    expr = found.loss
    while expr.has(Indexed, Sum):  # with K a number, the bases are others, but not their labels
        expr = expr.xreplace({K: sp.Integer(len(z))}).doit()
        expr = expr.xreplace({e: meaning(e) for e in expr.atoms(Indexed)})
    return expr.xreplace(defaults(pair))
