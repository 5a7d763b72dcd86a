"""The forms a reader wants: in letters, shortened by their relations, with what is common in front."""

import sympy as sp
from sympy import Expr, Indexed, KroneckerDelta, Mul, Sum

from derive.derivation.vectors.facing import facing, in_front, in_reader_heads
from derive.derivation.vectors.folds import in_letters, shortened
from derive.derivation.vectors.letters import Letters
from derive.derivation.vectors.sums import by_powers, linear, pulled, spread
from derive.model import I_, N
from derive.rules.indexed import SIZES, readable, substitute

MOST = 40  # terms that are worth factoring


def shortest(*forms: Expr) -> Expr:
    """The form with the fewest operations, the first of equals."""
    return min(forms, key=lambda form: (form.count_ops(), len(str(form))))


def tidy(expr: Expr, found: Letters) -> Expr:
    """`expr` as a person writes it: in letters, with what is common in front."""
    named = pulled(in_letters(in_reader_heads(expr), found))
    reduced = shortened(named, found)
    forms = [
        gathered(named),
        gathered(reduced),
        regrouped(reduced),
        *_factored(reduced, found),
    ]
    return named_anew(facing(by_powers(shortest(*map(facing, forms)))))


def as_contracted(expr: Expr, found: Letters) -> Expr:
    """A sum with a direction in it, contracted; multiplied out only where that is shorter."""
    whole = pulled(linear(expr))
    return named_anew(facing(shortest(gathered(whole), gathered(spread(whole)))))


def named_anew(expr: Expr) -> Expr:
    """`expr` with readable bound indices, none of them free elsewhere in it."""
    return readable(expr, frozenset(expr.free_symbols & set(SIZES)))


def _factored(form: Expr, found: Letters) -> list[Expr]:
    """A normal form in factors, and by its indicators."""
    if len(sp.Add.make_args(form)) > MOST or not _polynomial(form):
        return []
    marks = [s.symbol for s in found.selections if isinstance(s.symbol, sp.Symbol)]
    marks += [e for e in form.atoms(Indexed) if e.base in [s.symbol for s in found.selections]]
    by_marks = sp.collect(form, marks, sp.factor) if marks else form
    return [sp.factor(form), gathered(by_marks)]


def _polynomial(form: Expr) -> bool:
    return all(power.exp.is_Integer for power in form.atoms(sp.Pow))


# What is common in front.


def gathered(expr: Expr) -> Expr:
    """`expr` by its δ, with what is common in front: p_k(δ_kj − p_j)."""
    deltas = [d for d in expr.atoms(KroneckerDelta) if not _bound(expr) & d.free_symbols]
    if len(deltas) != 1 or isinstance(expr, sp.Piecewise):
        return sp.factor_terms(expr)
    (joint,) = deltas
    slot = sp.Dummy()
    body = sp.expand(expr.xreplace({joint: slot})) if expr.is_Mul else expr.xreplace({joint: slot})
    on, off = body.diff(slot), body.xreplace({slot: sp.S.Zero})
    if on.has(slot):
        return sp.factor_terms(expr)
    row, column = sorted(joint.args[:2], key=lambda index: index not in (I_, N))
    sides = [substitute(on, column, row), substitute(on, row, column)]
    return shortest(
        *[sp.factor_terms(sp.factor_terms(side) * joint + sp.factor_terms(off)) for side in sides]
    )


def _bound(expr: Expr) -> set:
    return {i for s in expr.atoms(Sum) for i in s.bound_symbols}


def regrouped(form: Expr) -> Expr:
    """A normal form with sums that share their factors joined in one."""
    groups: dict[Expr, list] = {}
    for term in sp.Add.make_args(form):
        number, rest = term.as_coeff_Mul()
        sums = [f for f in Mul.make_args(rest) if isinstance(f, Sum) and len(f.limits) == 1]
        key, body = (rest / sums[0], sums[0]) if len(sums) == 1 else (rest, None)
        groups.setdefault(key, []).append((number, body))
    return gathered(sp.Add(*[key * _one_sum(parts) for key, parts in groups.items()]))


def _one_sum(parts: list) -> Expr:
    """Numbers times sums as a number and few sums, those together whose bodies have a factor in common."""
    slot = sp.Dummy(integer=True)
    number = sp.Add(*[n for n, body in parts if body is None])
    whole = sp.Add(
        *[n * substitute(body.function, body.variables[0], slot) for n, body in parts if body is not None]
    )
    factored = sp.factor_terms(whole)
    bodies = [factored] if not factored.is_Add else list(factored.args)
    limits = next((body.limits[0] for _, body in parts if body is not None), None)
    sums = [in_front(b, (slot, 1, limits[2])) for b in bodies if b != 0] if limits else []
    return sp.Add(number, *sums)
