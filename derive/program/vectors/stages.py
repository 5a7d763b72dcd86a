"""The links of a chain z → … → L: how a map computes its faces, and how slopes pass through it.

Each link has a coordinate in which the next one is differentiated, and a chart with the slopes of its
faces in it. `pull` is the transposed Jacobian times w, `push` the Jacobian times a direction, and `bend`
the second derivative of w · map in a direction: the Hessian of a chain is pull(H push(t)) + bend(w, t).
"""

from collections.abc import Callable
from dataclasses import dataclass

import sympy as sp
from sympy import Expr, Sum

from derive.model import J, K, N, Name
from derive.program.vectors.lines import Line, call, put
from derive.program.vectors.slopes import Chart, along, gradient, rates_of_names
from derive.rules.indexed import substitute

Lines = list[Line]
Many = tuple[Expr, ...]


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A link: its chart for the next one, and its pull, push and bend as makers of lines.

    `kernel`, at J, is what pull takes to 0, times anything without an index. `curve` is the pull of the
    rates and the bend in one, where a link has a better form of their sum; None where it has not.
    """

    forward: tuple[Line, ...]
    chart: Chart
    pull: Callable[[Lines, Expr], Many]
    push: Callable[[Lines, Many], Expr]
    bend: Callable[[Lines, Expr, Many, Expr], Many]
    kernel: Expr | None = None
    curve: Callable[[Lines, Expr, Expr, Expr], Many | None] = lambda lines, w, rate, pushed: None


def over(body: Expr) -> Expr:
    """The sum of the components."""
    return Sum(substitute(body, J, N), (N, 1, K))


def moving(charts: tuple[Chart, ...], directions: Many) -> dict:
    """The rates of all bases of some charts, along directions in their coordinates."""
    rates: dict = {}
    for chart, direction in zip(charts, directions, strict=True):
        for base, slope in chart.items():
            rates[base] = rates.get(base, 0) + slope * direction
    return rates


def named_rates(lines: Lines, names: tuple[Name, ...], rates: dict) -> dict:
    """The rates with those of the names, each named by a line."""
    for name in names:
        (rate,) = rates_of_names((name,), rates).values()
        rates = {**rates, name.symbol: put(lines, f"d{name.symbol}", rate)}
    return rates


def formula(forward: Lines, output: sp.IndexedBase, expr: Expr, charts: tuple[Chart, ...], names=()) -> Stage:
    """The link a_j = expr, by the calculus alone: right for every row, stable where the formula is."""
    names = tuple(names)

    def slopes(w: Expr) -> list[Expr]:
        return [gradient(over(w * expr), chart, names) for chart in charts]

    def pull(lines: Lines, w: Expr) -> Many:
        if w == 0:
            return (sp.S.Zero,) * len(charts)
        return tuple(slopes(w))

    def push(lines: Lines, directions: Many) -> Expr:
        rates = named_rates(lines, names, moving(charts, directions))
        return put(lines, "da", along(expr, rates))

    def bend(lines: Lines, w: Expr, directions: Many, pushed: Expr) -> Many:
        held = w.xreplace({}) if isinstance(w, sp.Indexed) else put(lines, "w", w)
        rates = named_rates(lines, names, moving(charts, directions))
        return tuple(along(slope, rates) for slope in slopes(held))

    made = (*forward, Line(targets=(output,), meanings=(expr,)))
    return Stage(forward=made, chart={output: sp.S.One}, pull=pull, push=push, bend=bend)


def spread(lines: Lines, p: Expr, q: Expr, v: Expr) -> Expr:
    """v less its mean in the weights p."""
    return call(lines, "_push", (p, q, v), {"u": v - over(p * v)})[0]
