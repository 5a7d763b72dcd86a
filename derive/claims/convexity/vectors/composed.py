"""A vector subject as rules of composition read it: in its inputs, logarithms of quotients undone."""

from dataclasses import dataclass, replace

import sympy as sp
from sympy import Expr, Indexed, Sum

from derive.claims.convexity.vectors.rules import Frame
from derive.model import (
    AS,
    REALS,
    VECTOR,
    YS,
    ZS,
    A,
    J,
    LogSimplex,
    Loss,
    N,
    OneHot,
    Selection,
    Simplex,
    Subject,
    Y,
    Z,
    entries,
)
from derive.proof.indexed import vanishes
from derive.rules.indexed import over, substitute

SHIFT = sp.Symbol("c", real=True)


@dataclass(frozen=True, kw_only=True)
class Composed:
    """L in the inputs, with what letters are, and what was done to get there."""

    expr: Expr
    frame: Frame
    says: tuple[str, ...] = ()


def composed(subject: Subject) -> Composed | None:
    """The loss in z (or in a, of a loss alone); None where it takes no form that rules read."""
    act, los = entries(subject)
    assert los is not None
    alone = _frame(los, los.prediction if act is None else REALS)
    if act is None:
        inputs = frozenset(i.base for i in los.inputs) or frozenset({AS})
        return Composed(expr=los.expr, frame=replace(alone, inputs=inputs))
    parameters = act.parameters + los.parameters
    frame = replace(alone, inputs=frozenset({ZS}), parameters=parameters)
    if act.expr == Z:
        return Composed(expr=_in(los, ZS), frame=_moved(frame))
    if act.inputs or act.selections or act.names or los.kind != VECTOR:
        return None
    return _through(act.expr, act.range, los, frame)


def _frame(los: Loss, place) -> Frame:
    return Frame(
        inputs=frozenset({AS}),
        place=place,
        target=los.target,
        parameters=los.parameters,
        selections=los.selections,
        names=frozenset(n.symbol for n in los.names),
    )


def _moved(frame: Frame) -> Frame:
    """Selections that ask z instead of a."""
    chosen = tuple(replace(s, of=_renamed(s.of)) for s in frame.selections)
    return replace(frame, selections=chosen)


def _renamed(expr: Expr) -> Expr:
    return expr.xreplace({e: ZS[e.indices] for e in expr.atoms(Indexed) if e.base == AS})


def _in(los: Loss, base) -> Expr:
    if los.kind != VECTOR:
        return over(los.expr.subs({A: base[N], Y: YS[N]}))
    return _renamed(los.expr)


def _through(component: Expr, place, los: Loss, frame: Frame) -> Composed | None:
    """A loss of probabilities or of their logarithms behind a softmax."""
    logarithm = component if isinstance(place, LogSimplex) else _log_of_quotient(component)
    if logarithm is None:
        return None
    if isinstance(place, LogSimplex) and los.reads == "raw score":
        return _unshifted(los, frame)
    expr = _with_logarithm(los.expr, logarithm, isinstance(place, LogSimplex))
    if any(e.base == AS for e in expr.atoms(Indexed)):
        return None
    says = () if isinstance(place, LogSimplex) else ("log(e^u / v) = u − log v",)
    return Composed(expr=expr, frame=frame, says=says)


def _log_of_quotient(component: Expr) -> Expr | None:
    """log(e^u / Σ) as u − log Σ."""
    top = [f for f in sp.Mul.make_args(component) if isinstance(f, sp.exp)]
    bottom = [f for f in sp.Mul.make_args(component) if f.is_Pow and f.exp == -1 and isinstance(f.base, Sum)]
    if len(top) != 1 or len(bottom) != 1 or sp.Mul(*top, *bottom) != component:
        return None
    return top[0].exp - sp.log(bottom[0].base)


def _with_logarithm(expr: Expr, logarithm: Expr, itself: bool) -> Expr:
    """The loss with a_k, or log a_k, written out."""
    if itself:
        return expr.replace(
            lambda e: isinstance(e, Indexed) and e.base == AS, lambda e: _at(logarithm, e.indices[0])
        )
    return expr.replace(
        lambda e: isinstance(e, sp.log) and isinstance(e.args[0], Indexed) and e.args[0].base == AS,
        lambda e: _at(logarithm, e.args[0].indices[0]),
    )


def _at(component: Expr, index: Expr) -> Expr:
    """A component at an index, its bound index out of the way."""
    fresh = sp.Dummy("m", integer=True)
    renamed = component.replace(
        lambda e: isinstance(e, Sum),
        lambda e: Sum(e.function.xreplace({N: fresh}), (fresh, 1, e.limits[0][2])),
    )
    return substitute(renamed, J, index)


def _unshifted(los: Loss, frame: Frame) -> Composed | None:
    """A loss that a constant added to every score does not change: behind log softmax it is that of z."""
    facts = {over(YS[N]): sp.S.One} if isinstance(los.target, Simplex | OneHot) else {}
    names = {n.symbol: n.symbol + SHIFT for n in los.names}
    exprs = [los.expr, *(s.of for s in los.selections if s.rule == "positive")]
    exprs += [n.relation for n in los.names if n.relation is not None]
    for expr in exprs:
        if not vanishes(_shifted(expr, names) - expr, facts, names=los.names, selections=los.selections):
            return None
    frame = _moved(frame)
    says = "a constant added to every score changes nothing here, and log softmax(z) is z less a constant"
    return Composed(expr=_renamed(los.expr), frame=frame, says=(says,))


def _shifted(expr: Expr, names: dict) -> Expr:
    moved = expr.replace(lambda e: isinstance(e, Indexed) and e.base == AS, lambda e: e + SHIFT)
    return moved.xreplace(names)


def selection_of(selections: tuple[Selection, ...], rule: str) -> Selection | None:
    """The selection by a rule, if there is one."""
    return next((s for s in selections if s.rule == rule), None)
