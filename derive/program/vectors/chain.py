"""Subject → chain of links: the maps that its entries are made of, and the loss in the faces of the last."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import sympy as sp
from sympy import Expr, Indexed, Sum, exp, log

from derive.model import (
    AS,
    HS,
    TS,
    VECTOR,
    YS,
    ZS,
    A,
    Activation,
    J,
    Loss,
    Name,
    Selection,
    Subject,
    Y,
    entries,
)
from derive.program.vectors.lines import GIVEN, Line, fresh, vector
from derive.program.vectors.maps import HALF, PART, Faces, Found, link, recognised
from derive.program.vectors.rays import directed, is_length
from derive.program.vectors.slopes import Chart, adjoint, along, gradient
from derive.program.vectors.stages import Lines, Stage, formula, moving, named_rates, over
from derive.rules.indexed import substitute
from derive.rules.stable import recognise

WEIGHTS = vector("g")  # the cotangent of an activation alone


@dataclass(frozen=True, kw_only=True)
class Outer:
    """The loss at the end of a chain: its value, its slope, and the rate of its slope in a direction."""

    value: Expr
    slopes: Callable[[Lines], tuple[Expr, ...]]
    rates: Callable[[Lines, tuple[Expr, ...]], tuple[Expr, ...]]


@dataclass(frozen=True, kw_only=True)
class Chain:
    """What a subject computes: inputs, the lines that lead to the last faces, the links, the loss."""

    inputs: tuple[sp.IndexedBase, ...]
    forward: tuple[Line, ...]
    stages: tuple[Stage, ...]
    outer: Outer
    output: Expr


def chain(subject: Subject) -> Chain:
    """The chain of a vector subject; the loss of an activation alone is Σ_k g_k a_k."""
    act, los = entries(subject)
    inputs = _inputs(act, los)
    lines: Lines = [given(inputs, () if los else (WEIGHTS,))]
    stages: list[Stage] = []
    charts: tuple[Chart, ...] = tuple({base: sp.S.One} for base in inputs)
    output, faces = inputs[0][J], Faces(part=inputs[0])
    if act is not None and act.kind == VECTOR:
        stage, output, faces = _first(act, lines, charts)
        stages.append(stage)
        charts = (stage.chart,)
    if los is None:
        outer = _smooth(over(WEIGHTS[J] * output), (), charts, None)
        return Chain(inputs=inputs, forward=tuple(lines), stages=tuple(stages), outer=outer, output=output)
    return _finished(summed(los), inputs, lines, stages, charts, output, faces)


def target_shape(subject: Subject) -> Literal["vector", "scalar", "none"]:
    """Whether a row's target is a vector, a number, or there is none."""
    _, los = entries(subject)
    if los is None:
        return "none"
    if los.kind != VECTOR or any(e.base == YS for e in los.expr.atoms(Indexed)):
        return "vector"
    plain = los.expr.xreplace({e: sp.Dummy() for e in los.expr.atoms(Indexed)})
    return "scalar" if Y in plain.free_symbols else "none"


def directions(inputs: tuple[sp.IndexedBase, ...]) -> tuple[sp.IndexedBase, ...]:
    """The direction t, or its parts, one for each input."""
    return (TS,) if len(inputs) == 1 else tuple(vector(f"t_{base.label}") for base in inputs)


def given(inputs: tuple[sp.IndexedBase, ...], more: tuple[sp.IndexedBase, ...]) -> Line:
    """The letters that a program is handed: inputs, directions, targets, and more."""
    targets = (*inputs, *directions(inputs), YS, *more)
    return Line(targets=targets, meanings=(None,) * len(targets), block=GIVEN)


def _inputs(act: Activation | None, los: Loss | None) -> tuple[sp.IndexedBase, ...]:
    entry = next(e for e in (act, los) if e is not None)
    return tuple(i.base for i in entry.inputs) or ((ZS,) if act is not None else (AS,))


def _first(act: Activation, lines: Lines, charts: tuple[Chart, ...]) -> tuple[Stage, Expr, Faces]:
    """The link of an activation, its output in faces, and the faces."""
    found = recognised(act.expr, act.names, act.selections)
    if found:
        stage, faces = link(found, lines, found.base)
        lines.extend(stage.forward)
        return stage, _in(found.output, faces), faces
    _letters(act.names, act.selections, lines, lambda e: e)
    base = vector(fresh(lines, "a"))
    stage = formula([], base, recognise(act.expr), charts, act.names)
    lines.extend(stage.forward)
    return stage, base[J], Faces(part=base)


def _in(output: Expr, faces: Faces) -> Expr:
    """The output of a map in its own faces."""
    names = {PART[J]: faces.part[J]} | ({HALF[J]: faces.half[J]} if faces.half else {})
    return output.xreplace(names)


def _letters(names: tuple[Name, ...], selections: tuple[Selection, ...], lines: Lines, write) -> None:
    """Lines for the names and selections of a row, each after those it uses."""
    waiting: list[Name | Selection] = [*selections, *names]
    while waiting:
        symbols = {_symbol(row) for row in waiting}
        ready = next(r for r in waiting if not _content(r).free_symbols & (symbols - {_symbol(r)}))
        waiting.remove(ready)
        lines.append(_letter(ready, write))


def _symbol(row: Name | Selection) -> sp.Symbol:
    return row.symbol.label if isinstance(row.symbol, sp.IndexedBase) else row.symbol


def _content(row: Name | Selection) -> Expr:
    return row.of if isinstance(row, Selection) else row.meaning


def _letter(row: Name | Selection, write) -> Line:
    """The line that computes a name or a selection."""
    if isinstance(row, Name):
        return Line(targets=(row.symbol,), meanings=(None,), arguments=(write(row.meaning),))
    arguments: tuple[Expr, ...] = (write(row.of),)
    if row.rule == "support":
        arguments = (*arguments, sp.Integer(row.power))
    if row.rule == "largest" and row.of.is_Add:
        data = next(e for e in row.of.args if isinstance(e, Indexed) and e.base != YS)
        arguments = write(data), write(row.of - data)
    return Line(targets=(row.symbol,), meanings=(None,), block=f"_{row.rule}", arguments=arguments)


def summed(los: Loss) -> Loss:
    """The loss over vectors: an elementwise one as the sum over the components."""
    if los.kind == VECTOR:
        return los
    expr = over(los.expr.xreplace({A: AS[J], Y: YS[J]}))
    return replace(los, kind=VECTOR, expr=expr)


def _finished(
    los: Loss, inputs, lines: Lines, stages: list[Stage], charts, output: Expr, faces: Faces
) -> Chain:
    """The chain with its loss: the maps inside the loss become links of their own."""
    inner, pairs = _inside(los), any(s.symbol == HS for s in los.selections)
    lengths = any(is_length(name) for name in los.names)
    coordinate = isinstance(output, Indexed) and charts[0].get(output.base) == 1
    if (inner is not None or pairs or lengths) and not coordinate:
        base = vector(fresh(lines, "a"))
        stage = formula([], base, output, charts)
        lines.extend(stage.forward)
        stages, charts, output, faces = [*stages, stage], (stage.chart,), base[J], Faces(part=base)
    if pairs:
        outer = _pairs(los, lines, output)
    elif inner is not None and inner.row == "support":
        outer = _fenchel_young(inner, lines, output, los)
    elif lengths:
        found = directed(los, lines, charts, output)
        outer = Outer(value=found.value(lines), slopes=found.slopes, rates=found.rates)
    else:
        if inner is not None:
            stage, faces = link(inner, lines, output.base)
            lines.extend(stage.forward)
            value = _in_logs(los.expr, inner, faces)
            stages, charts = [*stages, stage], (stage.chart,)
            outer = _smooth(value, (), charts, stage.kernel)
        else:
            outer = _plain(los, lines, stages, charts, output, faces)
    return Chain(inputs=inputs, forward=tuple(lines), stages=tuple(stages), outer=outer, output=output)


def _inside(los: Loss) -> Found | None:
    """The map inside a loss: the softmax of its log-sum-exp, or its support projection."""
    if los.kind != VECTOR:
        return None
    sums = [e for e in los.expr.atoms(log) if isinstance(e.args[0], Sum) and e.args[0].has(exp)]
    if len(sums) == 1:
        ((index, _, _),) = sums[0].args[0].limits
        body = substitute(sums[0].args[0].function, index, J)
        return recognised(body.exp - sums[0]) if isinstance(body, exp) else None
    for row in los.selections:
        if row.rule == "support":
            (tau,) = los.names
            inside = row.symbol[J] * (row.of - tau.symbol) ** row.power
            return recognised(inside, los.names, los.selections)
    return None


def _in_logs(expr: Expr, inner: Found, faces: Faces) -> Expr:
    """The loss in ℓ: every c a_k − log Σ e^(c a) is ℓ_k = 2 half_k."""
    (whole,) = [e for e in expr.atoms(log) if isinstance(e.args[0], Sum) and e.args[0].has(exp)]
    level = sp.Dummy(real=True)
    expr = expr.xreplace({whole: level})
    found = {
        e: (2 * faces.half[e.indices[0]] + level) / inner.scale for e in expr.atoms(Indexed) if e.base == AS
    }
    expr = expr.xreplace(found)
    if level in expr.free_symbols:
        expr = sp.simplify(expr)
    return expr


def _plain(los: Loss, lines: Lines, stages: list[Stage], charts, output: Expr, faces: Faces) -> Outer:
    """The loss without a map inside, in the faces of the last link."""
    residual = vector(fresh(lines, "r"))
    distance = _distance(output, faces)

    def write(expr: Expr) -> Expr:
        return in_faces(expr, output, faces, residual)

    found = write(los.expr)
    if residual in {e.base for e in found.atoms(Indexed)}:
        lines.append(Line(targets=(residual,), meanings=(distance,)))
        charts = tuple({**chart, residual: along(output, moving((chart,), (sp.S.One,)))} for chart in charts)
    _letters(los.names, los.selections, lines, write)
    names = tuple(
        replace(n, meaning=write(n.meaning), relation=None if n.relation is None else write(n.relation))
        for n in los.names
    )
    kernel = stages[-1].kernel if stages else None
    return _smooth(recognise(found), names, charts, kernel, (residual, distance))


def _complement(output: Expr, faces: Faces) -> Expr | None:
    """1 − a in faces, where a is a probability."""
    return faces.rest[J] if faces.rest is not None and output == faces.part[J] else None


def _distance(output: Expr, faces: Faces) -> Expr:
    """a − y, which is a (1 − y) − y (1 − a) where a is a probability."""
    rest = _complement(output, faces)
    return output - YS[J] if rest is None else output * (1 - YS[J]) - YS[J] * rest


def in_faces(expr: Expr, output: Expr, faces: Faces, residual: sp.IndexedBase) -> Expr:
    """An expression in a_k written in faces: log a_k, 1 − a_k and a_k − y_k without cancellation."""
    if isinstance(expr, log) and _is_a(expr.args[0]) and faces.half is not None:
        return 2 * faces.half[expr.args[0].indices[0]]
    if _is_a(expr):
        return substitute(output, J, expr.indices[0])
    if isinstance(expr, sp.Add) and len(expr.args) == 2:
        for a in (e for e in expr.args if _is_a(e) or _is_a(-e)):
            index, rest = (a if _is_a(a) else -a).indices[0], _complement(output, faces)
            if expr == 1 + a and not _is_a(a) and rest is not None:
                return substitute(rest, J, index)
            if expr in (a - YS[index], a + YS[index]) and expr.coeff(YS[index]) == -expr.coeff(AS[index]):
                return expr.coeff(AS[index]) * residual[index]
    if not expr.args or isinstance(expr, Indexed):
        return expr
    return expr.func(*[in_faces(a, output, faces, residual) for a in expr.args])


def _is_a(e: Expr) -> bool:
    return isinstance(e, Indexed) and e.base == AS


def _smooth(
    value: Expr, names: tuple[Name, ...], charts: tuple[Chart, ...], kernel: Expr | None, known=None
) -> Outer:
    """The loss by the calculus: its slopes in each coordinate, less what the last pull takes to 0.

    `known` is the letter of the residual a − y and its meaning, in which a part along the kernel may hide.
    """
    found = tuple(tidied(_without(gradient(value, chart, names), kernel, known)) for chart in charts)

    def rates(lines: Lines, directions: tuple[Expr, ...]) -> tuple[Expr, ...]:
        known = named_rates(lines, names, moving(charts, directions))
        return tuple(tidied(along(slope, known)) for slope in found)

    return Outer(value=value, slopes=lambda lines: found, rates=rates)


def tidied(expr: Expr) -> Expr:
    """An expression with its powers joined and common factors in front."""
    return sp.factor_terms(sp.powsimp(expr, combine="exp"))


def _without(slope: Expr, kernel: Expr | None, known: tuple[sp.IndexedBase, Expr] | None = None) -> Expr:
    """The slope without its terms along the kernel."""
    if kernel is None:
        return slope
    plain = sp.expand(slope.xreplace({known[0][J]: known[1]})) if known else slope
    kept = [t for t in sp.Add.make_args(plain) if J in (t / kernel).free_symbols]
    if len(kept) < len(sp.Add.make_args(plain)):
        return sp.Add(*kept)
    return slope


def _pairs(los: Loss, lines: Lines, output: Indexed) -> Outer:
    """The multi-label margin: a block gives the sum over the pairs and its slope, locally constant."""
    value = los.expr.xreplace({e: output.base[e.indices[0]] for e in los.expr.atoms(Indexed) if e.base == AS})
    meanings = (value, adjoint(value, {output.base: sp.S.One}))
    cost, slope = sp.Symbol(fresh(lines, "cost"), real=True), vector(fresh(lines, "slope"))
    lines.append(Line(targets=(cost, slope), meanings=meanings, block="_pairs", arguments=(output, YS[J])))
    zero = (sp.S.Zero,)
    return Outer(value=cost, slopes=lambda lines: (slope[J],), rates=lambda lines, directions: zero)


def _fenchel_young(inner: Found, lines: Lines, output: Expr, los: Loss) -> Outer:
    """The sparsemax loss: its slope is p − y, the rate of that is the projection's."""
    stage, faces = link(inner, lines, output.base)
    lines.extend(stage.forward)
    p, q = faces.part[J], faces.rest[J]
    slope = p * (1 - YS[J]) - YS[J] * q
    tau, short = los.names[0].symbol, sp.Symbol(fresh(lines, "short"), real=True)
    below = (1 - inner.selections[0].symbol[J]) * (tau - output)
    meaning = (over(YS[J] * below) + tau * (1 - over(YS[J]))) / 2
    call_line = Line(targets=(short,), meanings=(meaning,), block="_shortfall", arguments=(output, YS[J], p))
    lines.append(call_line)
    value = over(slope**2) / 2 + 2 * short
    return Outer(
        value=value,
        slopes=lambda lines: (slope,),
        rates=lambda lines, directions: (stage.push(lines, directions),),
    )
