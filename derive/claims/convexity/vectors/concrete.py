"""The loss of a vector subject at points with numbers: exactly, or in floats for many points at once.

The entries' own formulas are followed, term by term, for a size K that is a number. What is selected (a
support, a violated margin, the largest class) is found at the point itself.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.special
import sympy as sp
from sympy import Expr, Indexed, KroneckerDelta, Sum

from derive.balls import Unreachable, certified, compile_ball
from derive.model import AS, VECTOR, YS, ZS, A, J, K, Selection, Subject, Y, Z, entries
from derive.proof import equal

Env = dict[Any, Any]  # a base: the list of its components; a symbol: its value


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """An arithmetic: of exact numbers, or of arrays of floats."""

    number: Callable[[Expr], Any]
    functions: Mapping[str, Callable]
    above: Callable[[Any, Any], Any]  # the indicator of x > y
    choose: Callable[[Any, list], Any]  # the component at an index
    largest: Callable[[list], Any]  # the index of the largest, from 1
    support: Callable[[list, int], list]  # the indicators of a support


def _exactly_above(x: Expr, y: Expr) -> Expr:
    return sp.S.One if sign(x - y) > 0 else sp.S.Zero


def sign(value: Expr) -> int:
    """The sign of an exact number: of a ball that excludes 0, or 0 by normal form; else ArithmeticError."""
    if value.is_Rational or (value := sp.expand(value)).is_Rational:
        return int(sp.sign(value))
    try:
        ball = certified(compile_ball(value), {Z: 0.0}, Z, 0, digits=16)[0]
        if ball > 0 or ball < 0:
            return 1 if ball > 0 else -1
    except (Unreachable, TypeError):
        pass  # a number that is 0 has no digits to reach
    try:
        zero = equal(value, sp.S.Zero)
    except TypeError:  # no normal form
        zero = False
    if not zero:
        raise ArithmeticError(f"the sign of {value}")
    return 0


def _exact_support(values: list[Expr], power: int) -> list[Expr]:
    """The indicators found in floats, where the threshold of that support certainly parts the values."""
    found = _support_in_floats([np.array([float(v)]) for v in values], power)
    inside = [bool(i[0]) for i in found]
    level = _threshold([v for v, i in zip(values, inside, strict=True) if i], power)
    if any(sign(v - level) not in ((0, 1) if i else (0, -1)) for v, i in zip(values, inside, strict=True)):
        raise ArithmeticError(f"the support of {values}")
    return [sp.Integer(i) for i in inside]


def _threshold(members: list[Expr], power: int) -> Expr:
    """τ with Σ (x − τ)^power = 1 over a support, below all its members."""
    mean = sp.Add(*members) / len(members)
    if power == 1:
        return mean - sp.Rational(1, len(members))
    if power == 2:
        spread = sp.Add(*((x - mean) ** 2 for x in members))
        return mean - sp.sqrt((1 - spread) / len(members))
    raise ArithmeticError(f"the threshold of the power {power}")


def _support_in_floats(values: list, power: int) -> list:
    """The indicators of max(x − τ, 0)^power > 0 with sum 1, by bisection of τ."""
    x = np.stack(np.broadcast_arrays(*values))
    high = x.max(axis=0)
    low = high - 1
    for _ in range(80):
        middle = (low + high) / 2
        over = (np.maximum(x - middle, 0) ** power).sum(axis=0) > 1
        low, high = np.where(over, middle, low), np.where(over, high, middle)
    return list((x > high + 1e-12).astype(float))


def _first_largest(values: list[Expr]) -> int:
    best = 0
    for n, value in enumerate(values):
        if sign(value - values[best]) > 0:
            best = n
    return best + 1


EXACT = Numbers(
    number=lambda e: e,
    functions={"exp": sp.exp, "log": sp.log, "erf": sp.erf, "Abs": sp.Abs, "cosh": sp.cosh, "tanh": sp.tanh},
    above=_exactly_above,
    choose=lambda index, values: values[int(index) - 1],
    largest=_first_largest,
    support=_exact_support,
)
FLOATS = Numbers(
    number=float,
    functions={
        "exp": np.exp,
        "log": np.log,
        "erf": scipy.special.erf,
        "Abs": np.abs,
        "cosh": np.cosh,
        "tanh": np.tanh,
    },
    above=lambda x, y: (np.asarray(x) > y).astype(float),
    choose=lambda index, values: np.choose(np.asarray(index, dtype=int) - 1, np.broadcast_arrays(*values)),
    largest=lambda values: np.argmax(np.stack(np.broadcast_arrays(*values)), axis=0) + 1,
    support=_support_in_floats,
)


def output(subject: Subject, point: Mapping[Any, list], numbers: Numbers) -> list:
    """The components of the activation's output at a point; of the prediction of a loss alone."""
    act, _ = entries(subject)
    size = len(next(iter(point.values())))
    if act is None:
        return point[AS]
    if act.kind != VECTOR:
        return [at(act.expr, {Z: z, K: size}, numbers) for z in point[ZS]]
    env = with_names({**point, **_defaults(subject, size), K: size}, act, numbers)
    return [at(act.expr, {**env, J: j}, numbers) for j in range(1, size + 1)]


def loss(subject: Subject, point: Mapping[Any, Any], numbers: Numbers) -> Any:
    """The loss at a point: inputs and targets by their letters, parameters at their defaults."""
    _, los = entries(subject)
    assert los is not None
    size = len(next(v for v in point.values() if isinstance(v, list)))
    env: Env = {**point, **_defaults(subject, size), K: size}
    if not los.inputs:
        env[AS] = output(subject, {k: v for k, v in point.items() if k not in (YS, Y)}, numbers)
    if los.kind != VECTOR:
        terms = [at(los.expr, {**env, A: a, Y: y}, numbers) for a, y in zip(env[AS], env[YS], strict=True)]
        return sum(terms[1:], terms[0])
    return at(los.expr, with_names(env, los, numbers), numbers)


def _defaults(subject: Subject, size: int) -> Env:
    rows = [row for row in entries(subject) if row is not None]
    values: Env = {}
    for p in (p for row in rows for p in row.parameters):
        values[p.symbol] = [p.default] * size if p.per_class else p.default
    return values


def with_names(env: Env, row: Any, numbers: Numbers) -> Env:
    """The environment with names and selections, each after what it is made of."""
    left = [*row.names, *row.selections]
    while left:
        item = next(i for i in left if not _asked(i) & {o.symbol for o in left if o is not i})
        left.remove(item)
        env = {**env, item.symbol: _selected(item, env, numbers) if isinstance(item, Selection) else None}
        if not isinstance(item, Selection):
            env[item.symbol] = at(item.meaning, env, numbers)
    return env


def _asked(item: Any) -> set:
    expr = item.of if isinstance(item, Selection) else item.meaning
    return expr.free_symbols | {e.base for e in expr.atoms(Indexed)}


def _selected(item: Selection, env: Env, numbers: Numbers) -> Any:
    size = env[K]
    each = range(1, size + 1)
    if isinstance(item.symbol, sp.Symbol) and item.rule == "positive":
        return numbers.above(at(item.of, env, numbers), 0)
    if item.rule == "positive" and len(item.symbol.shape) == 2:
        i_ = next(s for s in item.of.free_symbols if str(s) == "i")
        return [[numbers.above(at(item.of, {**env, i_: i, J: j}, numbers), 0) for j in each] for i in each]
    values = [at(item.of, {**env, J: j}, numbers) for j in each]
    if item.rule == "positive":
        return [numbers.above(v, 0) for v in values]
    return numbers.largest(values) if item.rule == "largest" else numbers.support(values, item.power)


def at(expr: Expr, env: Env, numbers: Numbers) -> Any:
    """The value of an indexed expression."""
    if expr.is_Number or expr is sp.pi:
        return numbers.number(expr)
    if expr.is_Symbol:
        value = env[expr]
        return numbers.number(value) if isinstance(value, Expr) else value
    if isinstance(expr, Indexed):
        return _component(expr, env, numbers)
    if isinstance(expr, KroneckerDelta):
        one, other = (env[i] for i in expr.args[:2])
        return numbers.number(sp.Integer(one == other))
    if isinstance(expr, Sum):
        return _total(expr, env, numbers)
    if expr.is_Add or expr.is_Mul:
        return _folded(expr, [at(a, env, numbers) for a in expr.args])
    if isinstance(expr, sp.Pow) and not isinstance(expr, sp.exp):
        return at(expr.base, env, numbers) ** at(expr.exp, env, numbers)
    return numbers.functions[expr.func.__name__](at(expr.args[0], env, numbers))


def _folded(expr: Expr, values: list) -> Any:
    total = values[0]
    for value in values[1:]:
        total = total + value if expr.is_Add else total * value
    return total


def _component(expr: Indexed, env: Env, numbers: Numbers) -> Any:
    value = env[expr.base]
    for index in expr.indices:
        number = env[index] if index in env else int(index)
        if isinstance(number, int):
            value = value[number - 1]
        else:
            value = numbers.choose(number, [numbers.number(v) if isinstance(v, Expr) else v for v in value])
    return numbers.number(value) if isinstance(value, Expr) else value


def _total(expr: Sum, env: Env, numbers: Numbers) -> Any:
    (index, _, _), *more = expr.limits
    body = Sum(expr.function, *more) if more else expr.function
    values = [at(body, {**env, index: k}, numbers) for k in range(1, env[K] + 1)]
    return sum(values[1:], values[0])
