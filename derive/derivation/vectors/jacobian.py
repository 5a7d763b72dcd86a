"""∂a_k/∂z_j: the names' slopes, the raw formula by cases, written in letters, joined by Kronecker's δ."""

import sympy as sp
from sympy import Expr, IndexedBase, KroneckerDelta

from derive.derivation.vectors import quantities as q
from derive.derivation.vectors.forms import named_anew
from derive.derivation.vectors.given import relation
from derive.derivation.vectors.rates import rates, total_slope
from derive.derivation.vectors.spoken import letter, spoken
from derive.derivation.vectors.steps import About, Work, by_cases, step
from derive.model import J, N, Name, Step
from derive.rules.indexed import normal, substitute


def name_steps(work: Work, names: tuple[Name, ...], by: IndexedBase) -> list[Step]:
    """The slopes of names that the formulas use, each from the relation that determines it."""
    shown, _ = rates(work.found, by)
    steps = []
    for name in names:
        if name.symbol in shown:
            about = work.about(q.slope_of_name(name, by), work.slope(name.symbol, by[J]))
            rule, says = "implicit differentiation", (
                f"differentiate {relation(name)}" if name.relation is not None else ""
            )
            if name.relation is None:
                rule, says = (
                    "derivative of the name",
                    f"differentiate {spoken(name.symbol)} by {letter(by)}_j",
                )
            steps.append(step(about, rule, says, shown[name.symbol]))
    return steps


def jacobian_steps(work: Work, by: IndexedBase, own: tuple[Name, ...]) -> list[Step]:
    """The steps to ∂a_k/∂by_j, the last one the result."""
    found = work.found
    base, component = found.output, found.letters[0].component
    shown, known = rates(found, by)
    jacobian = shown.get(base, sp.S.Zero)
    names = {n.symbol: known[n.symbol] for n in own if n.symbol in known}
    raw = total_slope(substitute(component, J, N), by[J], names)
    about = work.about(q.jacobian(base, by), work.slope(base[N], by[J]))
    before = name_steps(work, own, by)
    if not _couples(jacobian):
        return [*before, *_diagonal(about, raw, jacobian, base, by)]
    return [*before, *_coupled(about, work, raw, jacobian, by)]


def _couples(jacobian: Expr) -> bool:
    """Whether a component of the output depends on other components of the input."""
    return jacobian.xreplace({KroneckerDelta(J, N): sp.S.Zero, KroneckerDelta(N, J): sp.S.Zero}) != 0


def _diagonal(about: About, raw: Expr, jacobian: Expr, base: IndexedBase, by: IndexedBase) -> list[Step]:
    a, z = letter(base), letter(by)
    says = f"{a}_k depends on {z}_k alone, and ∂{z}_k/∂{z}_j = δ_jk: the matrix is diagonal"
    return [step(about, "derivative of a component", says, jacobian, result=True)]


def _coupled(about: About, work: Work, raw: Expr, jacobian: Expr, by: IndexedBase) -> list[Step]:
    """By cases, and joined: the two cases i = j and i ≠ j first in the entry's own formula."""
    z, written = letter(by), by_cases(jacobian, N, J)
    first = by_cases(named_anew(normal(raw)), N, J)
    letters = _in_words(work, jacobian)
    rule = _rule(work)
    steps = [step(about, rule, _both(work, z), first)]
    if written != first:
        steps.append(step(about, f"write in {letters}", f"the same in {letters}", written))
    return [
        *steps,
        step(
            about,
            "Kronecker delta",
            "δ_jk, 1 for j = k and 0 otherwise, joins the cases",
            jacobian,
            result=True,
        ),
    ]


def _rule(work: Work) -> str:
    component = work.found.letters[0].component
    bottoms = [f for f in sp.Mul.make_args(component) if f.is_Pow and f.exp.is_negative]
    if bottoms:
        return "quotient rule"
    return "slope of a logarithm" if component.has(sp.log) else "chain rule"


def _both(work: Work, z: str) -> str:
    """Why the two cases differ."""
    rule, names = _rule(work), [n for n in work.found.names if n.relation is not None]
    if names and rule != "quotient rule":
        through = spoken(names[0].symbol)
        return f"{z}_j acts on every component through {through}, and on component j directly too"
    if rule == "slope of a logarithm":
        return f"if k = j, {z}_j stands in front of the logarithm and in it; if not, in the logarithm alone"
    return f"if k = j, {z}_j stands in the numerator and in the denominator; if not, in the denominator alone"


def _in_words(work: Work, expr: Expr) -> str:
    """The letters in an expression, for a sentence: p, or s and τ."""
    seen = [letter(m.base) for m in work.found.letters if expr.has(m.base)]
    seen += [
        letter(s.symbol)
        for s in work.found.selections
        if isinstance(s.symbol, IndexedBase) and expr.has(s.symbol)
    ]
    seen += [spoken(n.symbol) for n in work.found.names if expr.has(n.symbol)]
    return " and ".join([", ".join(seen[:-1]), seen[-1]]) if len(seen) > 1 else "".join(seen)
