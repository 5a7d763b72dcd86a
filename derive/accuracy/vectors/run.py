"""Tapes run in balls: forwards for values, backwards for slopes (adjoints) of their own operations.

With power series in ε for balls, both runs give derivatives of one order more. The calculus of indexed
sums has no part in it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import sympy as sp
from flint import arb, arb_series

from derive.accuracy.vectors.balls import (
    ERF,
    EXP,
    FINITE,
    GATED,
    LOG,
    ONE,
    TIMES,
    ZERO,
    Array,
    balls,
    filled,
    is_zero,
    number,
    over,
    raised,
)
from derive.accuracy.vectors.selections import decide, widened
from derive.accuracy.vectors.tape import (
    Letter,
    Node,
    Tape,
    free_indices,
    native,
    size_of,
    spread,
    tape,
)

Given = Mapping[Letter, Any]  # arrays over axis 0 and the letter's own indices; an index is an int
ROUNDED = 8  # ulp by which an output or a name may be off


@dataclass(frozen=True, kw_only=True)
class Run:
    """A tape with the values of all its nodes, and the nodes with infinite or undefined elements."""

    tape: Tape
    given: Given
    sizes: Mapping[sp.Symbol, int]
    held: dict[Letter, Any] = field(default_factory=dict)  # selections that are decided
    last: bool = False
    widen: bool = False
    values: list[Any] = field(default_factory=list)
    hazards: set[int] = field(default_factory=set)

    @property
    def rank(self) -> int:
        return 1 + len(self.tape.axes)

    @property
    def value(self) -> Array:
        return self.values[-1]


def forward(
    of: Tape,
    given: Given,
    sizes: Mapping[sp.Symbol, int],
    *,
    held: Mapping[Letter, Any] | None = None,
    last: bool = False,
    widen: bool = False,
) -> Run:
    """The values of a tape; selections are decided, or held where they are given."""
    run = Run(tape=of, given=given, sizes=sizes, held=dict(held or {}), last=last, widen=widen)
    for n, node in enumerate(of.nodes):
        run.values.append(FORWARD[node.op](run, node, *(run.values[a] for a in node.args)))
        if _hazardous(run, node):
            run.hazards.add(n)
    return run


def _hazardous(run: Run, node: Node) -> bool:
    if node.op == "log":
        return not all(FINITE(run.values[-1]).ravel())
    return any(a in run.hazards for a in node.args)


def _axes(run: Run, indices: Iterable[Any]) -> tuple[int, ...]:
    return tuple(run.tape.axis(i) for i in indices if i in run.tape.axes)


def _places(run: Run, indices: tuple, fixed: tuple[int, ...]) -> list[Any]:
    """Each index as it is where it is free, else as a number: given, or selected."""
    selected = iter(fixed)
    return [
        int(i) if i.is_Integer else i if i in run.tape.axes else next(selected)
        for i in map(sp.sympify, indices)
    ]


def _pick(run: Run, node: Node, array: Array, *fixed: int) -> Array:
    places = _places(run, node.data, fixed)
    for axis in reversed(range(len(places))):
        if isinstance(places[axis], int):
            array = array.take(places[axis] - 1, axis=axis + 1)
    free = [p for p in places if not isinstance(p, int)]
    if len(free) == 2 and free[0] == free[1]:
        array, free = np.diagonal(array, axis1=1, axis2=2), free[:1]
    return spread(array, _axes(run, free), run.rank)


def _unpick(run: Run, node: Node, slope: Array, array: Array, *fixed: int) -> tuple[Array, ...]:
    places = _places(run, node.data, fixed)
    inner = native(slope, _axes(run, places))
    if not any(isinstance(p, int) for p in places):
        return (inner,)
    whole = filled((inner.shape[0], *array.shape[1:]))
    whole[(slice(None), *(p - 1 if isinstance(p, int) else slice(None) for p in places))] = inner
    return (whole,)


def _select(run: Run, node: Node, of: Array) -> Any:
    symbol = node.data.symbol
    if symbol not in run.held:
        axes = sorted((i for i in run.tape.nodes[node.args[0]].axes), key=str)  # i before j, as in h_ij
        run.held[symbol] = decide(node.data, native(of, _axes(run, axes)), last=run.last)
    found = run.held[symbol]
    return found if isinstance(found, int) or isinstance(symbol, sp.IndexedBase) else _scalar(run, found)


def _given(run: Run, node: Node) -> Any:
    letter = node.data
    if letter in run.given:
        found = run.given[letter]
        return found if isinstance(letter, sp.IndexedBase) or isinstance(found, int) else _scalar(run, found)
    return filled([1] * run.rank, arb(run.sizes[letter]))


def _scalar(run: Run, found: Any) -> Array:
    """A scalar over all axes."""
    return np.asarray(found, dtype=object).reshape(-1, *[1] * (run.rank - 1))


def _named(run: Run, node: Node, value: Array) -> Array:
    return over(lambda v: widened(v, ROUNDED), value) if run.widen else value


def _stacked(run: Run, indices: tuple[sp.Symbol, ...], array: Array) -> Array:
    """A vector (or matrix) by its components."""
    whole = native(array, _axes(run, indices))
    return np.broadcast_to(whole, [len(whole), *(size_of(i, run.sizes) for i in indices)])


def _delta(run: Run, node: Node, *fixed: int) -> Array:
    left, right = (_counted(run, p) for p in _places(run, node.data, fixed))
    return over(lambda same: ONE if same else ZERO, np.asarray(left == right))


def _counted(run: Run, place: Any) -> Array:
    if isinstance(place, int):
        return np.full([1] * run.rank, place)
    count = np.arange(1, 1 + size_of(place, run.sizes))
    return spread(count[None], _axes(run, [place]), run.rank)


def _cases(run: Run, node: Node, *args: Array) -> Array:
    half = len(args) // 2
    found = args[half - 1]
    for value, when in reversed(list(zip(args[: half - 1], args[half:-1], strict=True))):
        found = np.where(np.asarray(over(lambda v: not is_zero(v), when), dtype=bool), value, found)
    return found


def _product(run: Run, node: Node, *factors: Array) -> Array:
    return times(*factors, careful=any(a in run.hazards for a in node.args))


def times(one: Array, other: Array, *, careful: bool) -> Array:
    """A product; where a factor may be infinite or undefined, an exact 0 wins."""
    return np.asarray(TIMES(one, other) if careful else one * other, dtype=object)


def _power(run: Run, node: Node, base: Array, exponent: Array) -> Array:
    power = _plain(exponent)
    return base * base if power == 2 else over(lambda v: raised(v, power), base)


def _plain(exponent: Array) -> arb:
    """An exponent, which is one constant."""
    found = exponent.ravel()[0]
    return found[0] if isinstance(found, arb_series) else found


def _power_slope(run: Run, node: Node, slope: Array, base: Array, exponent: Array) -> tuple[Array, ...]:
    power = _plain(exponent)
    inner = over(lambda v: power * (v if power == 2 else raised(v, power - 1)), base)
    careful = bool(run.hazards) or not power.is_integer()
    return (GATED(slope, inner) if careful else slope * inner,)


def _erf_slope(run: Run, node: Node, slope: Array, x: Array) -> tuple[Array]:
    scale = 2 / arb.pi().sqrt()
    return (slope * over(lambda v: scale * (-v * v).exp(), x),)


def _log_slope(run: Run, node: Node, slope: Array, x: Array) -> tuple[Array]:
    return (np.frompyfunc(lambda g, v: ZERO if is_zero(g) else g / v, 2, 1)(slope, x),)


FORWARD: dict[str, Callable[..., Any]] = {
    "given": _given,
    "number": lambda run, node: filled([1] * run.rank, number(node.data)),
    "pick": _pick,
    "select": _select,
    "name": _named,
    "same": lambda run, node, x: x,
    "stack": lambda run, node, x: _stacked(run, node.data, x),
    "sum": lambda run, node, x: np.add.reduce(x, axis=run.tape.axis(node.data[0]), keepdims=True),
    "delta": _delta,
    "cases": _cases,
    "add": lambda run, node, x, y: x + y,
    "mul": _product,
    "pow": _power,
    "exp": lambda run, node, x: EXP(x),
    "log": lambda run, node, x: LOG(x),
    "erf": lambda run, node, x: ERF(x),
}

# The slopes in the arguments of an operation from that in its value; None for what counts as constant.
BACKWARD: dict[str, Callable[..., tuple]] = {
    "pick": _unpick,
    "name": lambda run, node, g, x: (g,),
    "same": lambda run, node, g, x: (g,),
    "stack": lambda run, node, g, x: (spread(g, _axes(run, node.data), run.rank),),
    "sum": lambda run, node, g, x: (np.broadcast_to(g, (g.shape[0], *x.shape[1:])),),
    "add": lambda run, node, g, x, y: (g, g),
    "mul": lambda run, node, g, x, y: tuple(GATED(g, f) if run.hazards else g * f for f in (y, x)),
    "pow": _power_slope,
    "exp": lambda run, node, g, x: (g * EXP(x),),
    "log": _log_slope,
    "erf": _erf_slope,
}


def backward(
    run: Run, seed: Array, leaves: tuple[Letter, ...], *, terms: bool = False
) -> dict[Letter, Array]:
    """The slopes of seed·value in the given letters, selections held; axis 0 is that of the seed.

    With `terms`, the sums of the absolute values of all terms that make up a slope.
    """
    nodes = run.tape.nodes
    active: set[int] = set()
    for n, node in enumerate(nodes):
        if (node.op == "given" and node.data in leaves) or (node.op in BACKWARD and active & {*node.args}):
            active.add(n)
    slopes: dict[int, Array] = {len(nodes) - 1: seed} if len(nodes) - 1 in active else {}
    found: dict[Letter, Array] = {}
    for n in reversed(range(len(nodes))):
        if n not in slopes:
            continue
        node, slope = nodes[n], slopes.pop(n)
        if node.op == "given":
            found[node.data] = slope
            continue
        inner = BACKWARD[node.op](run, node, slope, *(run.values[a] for a in node.args))
        for arg, part in zip(node.args, inner, strict=False):
            if arg in active:
                part = _fitted(over(abs, part) if terms else part, run.values[arg])
                slopes[arg] = slopes[arg] + part if arg in slopes else part
    return found


def _fitted(slope: Array, value: Array) -> Array:
    """A slope summed over the axes along which a value is constant."""
    axes = tuple(n for n in range(1, slope.ndim) if value.shape[n] == 1 and slope.shape[n] > 1)
    for axis in axes:
        slope = np.add.reduce(slope, axis=axis, keepdims=True)
    return slope


def evaluate(
    expr: sp.Expr,
    values: Given,
    sizes: Mapping[sp.Symbol, int],
    free: tuple[sp.Symbol, ...] | None = None,
) -> Array:
    """A formula in balls, one axis for each free index: in the order k, i, j, d, or that of `free`."""
    of = tape(expr)
    given = {letter: balls(found)[None] for letter, found in values.items()}
    run = forward(of, given, sizes)
    return evaluate_run(run, free_indices(expr) if free is None else free)


def evaluate_run(run: Run, free: tuple[sp.Symbol, ...], point: int = 0) -> Array:
    """The value of a run over these indices, in this order; constant along those it does not have."""
    have = tuple(i for i in free if i in run.tape.axes)
    found = native(run.value, _axes(run, have))[point, ...]
    for n, index in enumerate(free):
        if index not in have:
            found = np.expand_dims(found, n)
    return np.broadcast_to(found, [size_of(index, run.sizes) for index in free])
