"""Ball arithmetic for indexed expressions at a given size, and derivatives of the entries' own formulas.

Derivatives come from power series through the formula itself, so that nothing here shares a rule with
the calculus of indexed sums.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product
from math import prod
from typing import Any

import flint
import numpy as np
import sympy as sp
from flint import arb, arb_series
from sympy import Expr, Indexed, KroneckerDelta, Sum

from derive.model import AS, BS, DIM, I_, PS, WS, XS, YS, ZS, D, J, K, Loss, M, N, Pair, Subject

Values = Mapping[sp.IndexedBase, list]  # balls or power series; a matrix as a list of rows
Indices = Mapping[sp.Basic, int]  # sizes and free indices

BITS = 200
TIGHT = 2.0**-150  # the radius within which two numbers of order 1 must agree
MOST = 40  # places at which one step is compared
SIZE_OF = {I_: K, J: K, N: K, M: K, D: DIM}
AFFINE = Sum(WS[J, D] * XS[D], (D, 1, DIM)) + BS[J]


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """A quantity: `of` (a component of p, or the loss where None) differentiated by components of `wrt`.

    `source` is what everything is computed from.
    """

    source: sp.IndexedBase
    of: Indexed | None = None
    wrt: tuple[Indexed, ...] = ()


MEANINGS = {
    "p": Meaning(source=ZS, of=PS[J]),
    "L": Meaning(source=ZS),
    "dL/dp": Meaning(source=PS, wrt=(PS[N],)),
    "dp/dz": Meaning(source=ZS, of=PS[N], wrt=(ZS[J],)),
    "dp/dz matrix": Meaning(source=ZS, of=PS[I_], wrt=(ZS[J],)),
    "d2p/dz2": Meaning(source=ZS, of=PS[N], wrt=(ZS[I_], ZS[J])),
    "dL/dz": Meaning(source=ZS, wrt=(ZS[J],)),
    "dL/dz vector": Meaning(source=ZS, wrt=(ZS[J],)),
    "d2L/dz2": Meaning(source=ZS, wrt=(ZS[I_], ZS[J])),
    "d2L/dz2 matrix": Meaning(source=ZS, wrt=(ZS[I_], ZS[J])),
    "dL/dw": Meaning(source=WS, wrt=(WS[J, D],)),
    "dL/dW matrix": Meaning(source=WS, wrt=(WS[J, D],)),
    "dL/db": Meaning(source=WS, wrt=(BS[J],)),
    "dL/da": Meaning(source=AS, wrt=(AS[N],)),
    "d2L/da2": Meaning(source=AS, wrt=(AS[J], AS[N])),
}


def evaluate(expr: Expr, values: Values, at: Indices):
    """The ball (or power series) of an indexed expression, by its definition."""
    if expr.is_Rational:
        return arb(int(expr.p)) / int(expr.q)
    if isinstance(expr, Indexed):
        found = values[expr.base]
        for index in expr.indices:
            found = found[(int(index) if index.is_Integer else at[index]) - 1]
        return found
    if expr.is_Symbol:
        return arb(at[expr])
    if isinstance(expr, Sum):
        return _sum(expr, values, at)
    if isinstance(expr, KroneckerDelta):
        return arb(int(at[expr.args[0]] == at[expr.args[1]]))
    if isinstance(expr, sp.Piecewise):
        return next(evaluate(e, values, at) for e, condition in expr.args if _holds(condition, at))
    if isinstance(expr, sp.exp | sp.log):
        inner = evaluate(expr.args[0], values, at)
        return inner.exp() if isinstance(expr, sp.exp) else inner.log()
    if expr.is_Pow and expr.exp.is_Integer:
        power = evaluate(expr.base, values, at) ** abs(int(expr.exp))
        return power if expr.exp > 0 else 1 / power
    if not (expr.is_Add or expr.is_Mul):
        raise TypeError(f"no ball evaluation for {expr.func.__name__}")
    total, *rest = (evaluate(a, values, at) for a in expr.args)
    for part in rest:
        total = total + part if expr.is_Add else total * part
    return total


def _sum(expr: Sum, values: Values, at: Indices):
    total = arb(0)
    ranges = [range(1, at[size] + 1) for _, _, size in expr.limits]
    for indices in product(*ranges):
        total = total + evaluate(
            expr.function, values, {**at, **dict(zip(expr.bound_symbols, indices, strict=True))}
        )
    return total


def _holds(condition: sp.Basic, at: Indices) -> bool:
    return condition == sp.true or at[condition.args[0]] == at[condition.args[1]]


def forward(subject: Subject, source: sp.IndexedBase, values: Values, at: Indices) -> dict:
    """All values that follow from the weights, the logits, the probabilities or the predictions given."""
    known, each = dict(values), range(1, at[K] + 1)
    if source == WS:
        known[ZS] = [evaluate(AFFINE, known, {**at, J: j}) for j in each]
    if source in (WS, ZS) and not isinstance(subject, Loss):
        formula = subject.activation.expr if isinstance(subject, Pair) else subject.expr
        known[PS] = [evaluate(formula, known, {**at, J: j}) for j in each]
    if source != AS and PS in known:
        known[AS] = known[PS]
    return known


def meaning_of(subject: Subject, name: str) -> Meaning:
    """What a quantity means; a loss alone is computed from its predictions."""
    found = MEANINGS[name]
    return replace(found, source=AS) if isinstance(subject, Loss) else found


def loss_of(subject: Subject, known: Values, at: Indices):
    """The loss from the values of `forward`."""
    loss = subject.loss if isinstance(subject, Pair) else subject
    return evaluate(loss.expr, known, at)


def derivative(subject: Subject, name: str, values: Values, at: Indices) -> arb:
    """The ball of a quantity at free indices `at`: the entries' own formulas in power series."""
    wrt = meaning_of(subject, name).wrt
    if not wrt:
        return moved(subject, name, values, at, ())
    old, flint.ctx.cap = flint.ctx.cap, 3
    try:
        epsilon = arb_series([0, 1])
        whole = moved(subject, name, values, at, [(w, epsilon) for w in wrt])
        if len(wrt) == 1:
            return whole[1]
        # f_ij = (D²_{i+j} − D²_i − D²_j) / 2, and D² is twice the coefficient of ε².
        parts = [moved(subject, name, values, at, [(w, epsilon)]) for w in wrt]
        return whole[2] - parts[0][2] - parts[1][2]
    finally:
        flint.ctx.cap = old


def difference(subject: Subject, name: str, values: Values, at: Indices, step: arb) -> arb:
    """The central difference of the entries' own formulas for a quantity that is a derivative."""
    wrt = meaning_of(subject, name).wrt
    total = arb(0)
    for signs in product((1, -1), repeat=len(wrt)):
        moves = [(w, sign * step) for w, sign in zip(wrt, signs, strict=True)]
        total += prod(signs) * moved(subject, name, values, at, moves)
    return total / (2 * step) ** len(wrt)


def moved(subject: Subject, name: str, values: Values, at: Indices, moves: Iterable[tuple[Indexed, Any]]):
    """What a quantity is the derivative of, with components of its inputs moved by balls or series."""
    meaning = meaning_of(subject, name)
    given = {base: _copied(found) for base, found in values.items()}
    for component, move in moves:
        *rows, last = (at[index] - 1 for index in component.indices)
        place = given[component.base]
        for row in rows:
            place = place[row]
        place[last] = place[last] + move
    known = forward(subject, meaning.source, given, at)
    return loss_of(subject, known, at) if meaning.of is None else evaluate(meaning.of, known, at)


def _copied(found: list) -> list:
    return [_copied(row) if isinstance(row, list) else row for row in found]


def sample(subject: Subject, classes: int, seed: int = 0) -> tuple[dict, dict]:
    """Random values for every base at a size, with Σy = 1 up to the balls' own radius, and the sizes."""
    rng, features = np.random.default_rng(seed), 2
    parts = [int(n) for n in rng.integers(1, 64, classes)]
    numbers = {WS: (classes, features), XS: (features,), BS: (classes,)}
    values = {base: _balls(rng.normal(size=shape)) for base, shape in numbers.items()}
    values[YS] = [arb(n) / sum(parts) for n in parts]
    if isinstance(subject, Loss):
        values[AS] = _balls(rng.uniform(0.1, 0.9, classes))
    at = {K: classes, DIM: features}
    return forward(subject, AS if isinstance(subject, Loss) else WS, values, at), at


def _balls(numbers: np.ndarray) -> list:
    return [arb(float(n)) if n.ndim == 0 else _balls(n) for n in numbers]


def places(meaning: Meaning, sizes: Indices, *more: Expr) -> list[dict]:
    """Values for the free indices of a quantity and more: all of them, or some where there are many."""
    indexed = (*meaning.wrt, *([meaning.of] if meaning.of is not None else []), *more)
    every = places_of({i for e in indexed for i in e.free_symbols}, sizes)
    if len(every) <= MOST:
        return every
    return [every[n] for n in np.random.default_rng(0).choice(len(every), MOST, replace=False)]


def places_of(symbols: Iterable[sp.Basic], sizes: Indices) -> list[dict]:
    """All values of the indices among some symbols, each with the sizes."""
    free = sorted(set(symbols) & SIZE_OF.keys(), key=str)
    every = product(*(range(1, sizes[SIZE_OF[i]] + 1) for i in free))
    return [{**sizes, **dict(zip(free, indices, strict=True))} for indices in every]


@lru_cache(maxsize=1024)
def contradictions(subject: Subject, name: str, expr: Expr, classes: int) -> tuple[str, ...]:
    """Places where `expr` in balls misses the quantity of that name at a size; empty where it holds."""
    meaning = meaning_of(subject, name)
    needed = (WS, XS, BS, YS) if meaning.source == WS else (meaning.source, YS)
    found = []
    with flint.ctx.workprec(BITS):
        values, sizes = sample(subject, classes)
        given = {base: numbers for base, numbers in values.items() if base in needed}
        for at in places(meaning, sizes, expr):
            off = derivative(subject, name, given, at) - evaluate(expr, values, at)
            if not (off.contains(0) and off.rad() < TIGHT):
                found.append(f"{name} at {', '.join(f'{i}={n}' for i, n in at.items())}")
    return tuple(found)
