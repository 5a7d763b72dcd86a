"""Saturation over vectors: one component of three goes to an end, the others stay.

The output is saturated where every component settles and every slope ∂a_i/∂z_j tends to 0. The gradient
survives where one of its components does not tend to 0.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

import sympy as sp

from derive.claims.saturation.components import (
    LOGITS,
    NUMBERS,
    OUTPUTS,
    Unfollowed,
    loss_of,
    outputs,
    summed,
)
from derive.claims.saturation.findings import NAME
from derive.claims.saturation.words import number
from derive.claims.working import relation
from derive.heads import plain
from derive.model import (
    ELEMENTWISE,
    NOT_APPLICABLE,
    PROVED,
    REFUTED,
    UNDECIDED,
    Activation,
    Finding,
    Interval,
    OneHot,
    Pair,
    Quantity,
    Simplex,
    Step,
    Subject,
    Witness,
    Z,
)
from derive.proof.limits import leading, limit

SAYS = "Of three classes, where the output saturates at a wrong one, some ∂L/∂z_j does not tend to 0."
_FIRST = sp.Symbol("z_1", real=True)  # how the letter that varies is shown
ENDS = ((sp.oo, "z_1 → ∞"), (-sp.oo, "z_1 → −∞"))
_S, _T = sp.symbols("s t", positive=True)


@dataclass(frozen=True, kw_only=True)
class Settled:
    """An end at which the outputs settle at `at`, their slopes all 0 in the limit; in words."""

    end: sp.Expr
    says: str
    outputs: tuple[sp.Expr, ...]
    at: tuple[sp.Expr, ...]

    @property
    def winner(self) -> int | None:
        """The class that the output tends to, if it tends to one alone."""
        return self.at.index(1) + 1 if sorted(self.at) == [0, 0, 1] else None


def vector_findings(subject: Subject) -> list[Finding]:
    """The claim about a vector pair, or about a vector activation alone."""
    act = subject.activation if isinstance(subject, Pair) else subject
    assert isinstance(act, Activation)  # a loss alone has no output that saturates
    blank = Finding(name=NAME, says=SAYS, outcome=NOT_APPLICABLE, how="")
    if act.inputs:
        return [replace(blank, how="the activation reads two vectors, of which one alone saturates nothing")]
    if act.kind == ELEMENTWISE:
        return [replace(blank, how="the activation does not saturate: a′ is 1")]
    ends, open_ = settled_ends(act)
    if not isinstance(subject, Pair):
        return [_alone(ends, open_)]
    if not ends:
        how = open_ or "no output settles at an end with all its slopes: the activation does not saturate"
        return [replace(blank, outcome=UNDECIDED if open_ else NOT_APPLICABLE, how=how)]
    return [_of_pair(blank, subject, ends)]


@lru_cache(maxsize=64)
def settled_ends(act: Activation) -> tuple[tuple[Settled, ...], str]:
    """The saturated ends of a vector activation, and what was not followed."""
    found, open_ = [], ""
    for end, says in ENDS:
        try:
            values = outputs(act, end)
        except Unfollowed as fault:
            open_ = f"for {says} {fault}"
            continue
        at = tuple(limit(a, Z, end) for a in values)
        slopes = [limit(a.diff(z), Z, end) for a in values for z in LOGITS]
        if all(a is not None and a.is_finite for a in at) and not any(slopes):
            found.append(Settled(end=end, says=says, outputs=values, at=at))  # type: ignore[arg-type]
    return tuple(found), open_


def _alone(ends: tuple[Settled, ...], open_: str) -> Finding:
    says = "The output settles at an end of one component, and all its slopes tend to 0."
    blank = Finding(name="saturates", says=says, outcome=UNDECIDED if open_ else REFUTED, how=open_)
    if not ends:
        return replace(blank, how=open_ or "no end of one component settles the whole output")
    how = "; ".join(f"for {e.says} the output tends to ({', '.join(map(number, e.at))})" for e in ends)
    return replace(blank, outcome=PROVED, how=how, steps=tuple(s for e in ends for s in _slopes(e)))


def _slopes(end: Settled) -> list[Step]:
    """The limits of the outputs and of the slopes in z_1."""
    found = []
    for n, (a, at) in enumerate(zip(end.outputs, end.at, strict=True), 1):
        says = f"For {end.says} the output tends to its limit."
        found.append(_step(f"a_{n}", rf"a_{{{n}}}", "→", says, at))
        like = leading(a.diff(Z), Z, end.end)
        if like:
            latex = rf"\frac{{\partial a_{{{n}}}}}{{\partial z_{{1}}}}"
            says = f"For {end.says} the slope behaves as its leading term."
            found.append(_step(f"∂a_{n}/∂z_1", latex, "∼", says, like))
    return found


def _step(text: str, latex: str, sign, says: str, expr: sp.Expr) -> Step:
    rule = "limit" if sign == "→" else "leading term"
    return relation(
        Quantity(name=text, latex=latex, text=text), sign, (rule, says, expr.subs(Z, _FIRST)), "leading terms"
    )


def _of_pair(blank: Finding, pair: Pair, ends: tuple[Settled, ...]) -> Finding:
    target = pair.loss.target
    if pair.loss.inputs or not _hot(target, pair):
        return replace(blank, how="no hard target of the loss names one class")
    if not any(e.winner for e in ends):
        return replace(blank, outcome=UNDECIDED, how="the output tends to no class alone")
    verdicts = []
    for end, truth in ((e, t) for t in (2, 1) for e in ends):  # one class is wrong, the other perhaps right
        verdicts.append(_at(blank, pair, end, truth))
        if verdicts[-1].outcome == REFUTED:
            break
    order = (REFUTED, UNDECIDED, PROVED, NOT_APPLICABLE)
    return min(verdicts, key=lambda v: order.index(v.outcome))


def _hot(target: object, pair: Pair) -> bool:
    """Whether the targets that name one class are among those of the loss."""
    if isinstance(target, Interval):
        return {0, 1} <= set(pair.loss.hard)
    return isinstance(target, OneHot) or (isinstance(target, Simplex) and target.closed)


def _at(blank: Finding, pair: Pair, end: Settled, truth: int) -> Finding:
    """The verdict at one end for the target e_truth."""
    where, told = dict(zip(OUTPUTS, end.outputs, strict=True)), f"for y = e_{truth} and {end.says}"
    try:
        sums = pair.loss.kind == ELEMENTWISE
        loss = summed(pair.loss, truth) if sums else loss_of(pair.loss, truth, end.end, where)
    except Unfollowed as fault:
        return replace(blank, outcome=UNDECIDED, how=f"{told} {fault}")
    slopes = [_slope(loss, end, z) for z in LOGITS]
    limits = [limit(s, Z, end.end, where) for s in slopes]
    tuple_ = ", ".join("?" if g is None else number(g) for g in limits)
    if any(g is not None and (g.is_infinite or g.is_nonzero) for g in limits):
        how = f"{told} the gradient tends to ({tuple_})"
        return replace(blank, outcome=PROVED, how=how, steps=_steps(slopes, limits, end, where, truth))
    if any(limits) or None in limits:
        how = f"{told} the gradient tends to ({tuple_}): whether that is 0 is not known for all parameters"
        return replace(blank, outcome=UNDECIDED, how=how)
    if truth == end.winner and _least(loss):
        return replace(blank, how=f"{told} the loss is smallest")
    return _stalled(blank, pair, end, (truth, told), loss, slopes, limits)


def _slope(loss: sp.Expr, end: Settled, z: sp.Symbol) -> sp.Expr:
    """∂L/∂z_j = Σ_i ∂L/∂a_i · ∂a_i/∂z_j, in both letters."""
    return sp.Add(*(loss.diff(a) * f.diff(z) for a, f in zip(OUTPUTS, end.outputs, strict=True)))


def _least(loss: sp.Expr) -> bool:
    """Whether a loss that tends to 0 is nowhere negative on the simplex."""
    total = 1 + _S + _T
    inside = loss.subs(dict(zip(OUTPUTS, (1 / total, _S / total, _T / total), strict=True)))
    forms = (inside, sp.expand_log(sp.factor(inside)), sp.factor(sp.expand_log(inside)))
    return any(form.is_nonnegative for form in forms)


def _stalled(blank: Finding, pair: Pair, end: Settled, case, loss, slopes, limits) -> Finding:
    """The refutation where the loss is shown to be smaller elsewhere."""
    truth, told = case
    where = dict(zip(OUTPUTS, end.outputs, strict=True))
    given = [(p.symbol, p.default) for p in pair.parameters if isinstance(p.symbol, sp.Symbol)]
    given += [(s, sp.S.One) for s in sorted(loss.free_symbols - {*OUTPUTS}, key=str) if "_" in str(s)]
    far = limit(loss, Z, end.end, where)
    near = plain(
        loss.subs({a: sp.Integer(n == truth) for n, a in zip(NUMBERS, OUTPUTS, strict=True)}).subs(given)
    )
    there = None if far is None else far.subs(given)
    if there is None or not (there - near).is_positive:
        how = f"{told} the gradient tends to 0, and whether the loss is smallest there is not shown"
        return replace(blank, outcome=UNDECIDED, how=how)
    at = (("y", sp.Symbol(f"e_{truth}")), ("z_1", end.end))
    how = f"{told} the gradient tends to 0, but the loss tends to {number(there)}"
    return replace(
        blank,
        outcome=REFUTED,
        how=f"{how}; at a = y it is {number(near)}",
        steps=_steps(slopes, limits, end, where, truth),
        witness=Witness(
            at=at, quantity=Quantity(name="dL/dz", latex=r"\nabla_{z} L", text="∇_z L"), value=sp.S.Zero
        ),
    )


def _steps(slopes, limits, end: Settled, where: dict, truth: int) -> tuple[Step, ...]:
    """The leading term and the limit of every component of the gradient."""
    found = []
    for n, (slope, tends) in enumerate(zip(slopes, limits, strict=True), 1):
        text = f"∂L/∂z_{n} at y = e_{truth}"
        latex = rf"\left.\frac{{\partial L}}{{\partial z_{{{n}}}}}\right|_{{y = e_{{{truth}}}}}"
        like = leading(slope, Z, end.end, where)
        if like is not None and like.has(Z):
            says = f"For {end.says} this component behaves as its leading term."
            found.append(_step(text, latex, "∼", says, like))
        if tends is not None:
            found.append(_step(text, latex, "→", f"For {end.says} this component tends to its limit.", tends))
    return tuple(found)
