"""The forms a reader wants: in letters, shortened by their relations, with what is common in front."""

from functools import lru_cache

import sympy as sp
from sympy import Expr, Indexed, IndexedBase, KroneckerDelta, Mul, Sum

from derive.derivation.vector.letters import Letters
from derive.heads import logistic, sigmoid
from derive.model import I_, LARGEST, YS, J, N, Y
from derive.rules.indexed import SIZES, contracted, normal, readable, substitute

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
    return named_anew(facing(shortest(gathered(whole), gathered(_spread(whole)))))


def linear(expr: Expr) -> Expr:
    """Σ_k f with what is linear in a δ of k taken out: f is off + δ_kj on, Σ_k f = Σ_k off + on at k = j."""
    if not expr.args or isinstance(expr, Indexed | KroneckerDelta):
        return expr
    expr = expr.func(*[linear(a) for a in expr.args])
    if not isinstance(expr, Sum) or not expr.has(KroneckerDelta):
        return expr
    return _without_deltas(expr) if len(expr.limits) == 1 else contracted(expr)


def _without_deltas(total: Sum) -> Expr:
    index, body = total.variables[0], total.function
    taken = []
    for joint in sorted((d for d in body.atoms(KroneckerDelta) if index in d.args[:2]), key=str):
        slot = sp.Dummy()
        free = body.xreplace({joint: slot})
        on, (other,) = free.diff(slot), (i for i in joint.args[:2] if i != index)
        if on.has(slot) or other in total.bound_symbols:
            return contracted(total)
        taken.append(linear(substitute(on, index, other)))
        body = free.xreplace({slot: sp.S.Zero})
    return sp.Add(*taken, Sum(body, *total.limits) if body != 0 else 0)


def pulled(expr: Expr) -> Expr:
    """`expr` with factors that do not depend on an index in front of its sum."""
    if not expr.args or isinstance(expr, Indexed | KroneckerDelta):
        return expr
    expr = expr.func(*[pulled(a) for a in expr.args])
    if not isinstance(expr, Sum):
        return expr
    outside, inside = sp.factor_terms(expr.function).as_independent(*expr.bound_symbols, as_Add=False)
    return outside * Sum(inside, *expr.limits)


def _spread(expr: Expr) -> Expr:
    """Sums of sums apart, and what does not depend on an index in front of its sum."""
    if not expr.args or isinstance(expr, Indexed | KroneckerDelta):
        return expr
    expr = expr.func(*[_spread(a) for a in expr.args])
    if not isinstance(expr, Sum):
        return expr
    index = expr.variables[0]
    parts = [t.as_independent(index, as_Add=False) for t in sp.Add.make_args(sp.expand_mul(expr.function))]
    return sp.Add(*[outside * Sum(inside, *expr.limits) for outside, inside in parts])


def joined(expr: Expr) -> Expr:
    """`expr` with (1 − p)^γ / (1 − p) as (1 − p)^(γ − 1), which holds at p = 1 too."""
    if not expr.args or isinstance(expr, Indexed | sp.Piecewise):
        return expr
    expr = expr.func(*[joined(a) for a in expr.args])
    if not expr.is_Mul or not _symbolic(expr):
        return expr
    return Mul(*[sp.Pow(base, power) for base, power in expr.as_powers_dict().items()])


def _symbolic(expr: Expr) -> bool:
    """Whether a power with a symbol in its exponent is in an expression."""
    return any(not power.exp.is_number for power in expr.atoms(sp.Pow))


def by_powers(expr: Expr) -> Expr:
    """A sum with powers of symbolic exponents in its terms, each such power at most once in a term."""
    if not _symbolic(expr) or expr.has(Sum):
        return expr
    terms = [joined(term) for term in sp.Add.make_args(sp.expand_mul(expr))]
    powers = {power for term in terms for power in term.atoms(sp.Pow) if not power.exp.is_number}
    slots = {power: sp.Dummy(positive=True) for power in powers}
    back = {slot: power for power, slot in slots.items()}
    whole = sp.factor_terms(sp.Add(*terms).xreplace(slots))
    logs = list(whole.atoms(sp.log))
    parts = [sp.collect(f, [*back, *logs], sp.factor) if f.is_Add else f for f in Mul.make_args(whole)]
    return Mul(*parts).xreplace(back)


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


def in_reader_heads(expr: Expr) -> Expr:
    """`expr` with the slope of σ as σ(1 − σ), and σ(−w) as 1 − σ(w)."""
    expr = expr.replace(
        lambda e: isinstance(e, logistic),
        lambda e: _sigmoid(e.args[0]) * (1 - _sigmoid(e.args[0])),
    )
    return expr.replace(lambda e: isinstance(e, sigmoid), lambda e: _oriented(e.args[0]))


def _sigmoid(argument: Expr) -> Expr:
    return sigmoid(-argument if argument.could_extract_minus_sign() else argument)


def _oriented(argument: Expr) -> Expr:
    if not argument.is_Add and argument.could_extract_minus_sign():
        return 1 - sigmoid(-argument)
    return sigmoid(argument)


def facing(expr: Expr) -> Expr:
    """`expr` with its sums as δ − p, 1 − y and a − y rather than their negatives, signs in front."""
    if not expr.args or isinstance(expr, Indexed | sp.Piecewise):
        return expr
    expr = expr.func(*[facing(a) for a in expr.args])
    if isinstance(expr, Sum):
        return _in_front(expr.function, *expr.limits)
    if not expr.is_Mul:
        return expr
    turned = [f for f in expr.args if f.is_Add and _backward(f)]
    rest = [f for f in expr.args if f not in turned]
    return _whole(Mul(*rest, *[sp.S.NegativeOne] * len(turned)), [-f for f in turned])


def _whole(front: Expr, sums: list[Expr]) -> Expr:
    """The product, a number not multiplied into a sum."""
    number, rest = front.as_coeff_Mul()
    product = Mul(rest, *sums)
    return Mul(number, product, evaluate=False) if product.is_Add and number != 1 else number * product


def _backward(total: Expr) -> bool:
    """Whether a sum reads better with opposite signs."""
    for kind in (KroneckerDelta, sp.Number):
        leads = [t for t in total.args if (t.has(kind) if kind is KroneckerDelta else t.is_Number)]
        if leads:
            return leads[0].as_coeff_Mul()[0].is_negative
    leads = [t for t in total.args if not t.has(YS, Y, Sum)]
    return bool(leads) and all(t.as_coeff_Mul()[0].is_negative for t in leads)


# Letters.


def in_letters(expr: Expr, found: Letters) -> Expr:
    """`expr` with quotients by their letters, as they stand."""
    for letter in found.letters:
        if parts := _quotient(letter.component):
            expr = _folded(expr, letter.base, *parts)
    return expr


def _quotient(component: Expr) -> tuple[Expr, Sum] | None:
    """Weight and total of a quotient g(j) / Σ_k g(k)."""
    for factor in Mul.make_args(component):
        if factor.is_Pow and factor.exp == -1 and isinstance(factor.base, Sum):
            return component / factor, factor.base
    return None


def _folded(expr: Expr, base: IndexedBase, weight: Expr, total: Sum) -> Expr:
    """g(m) / Σ_k g(k) as base[m], wherever g(m) or its powers stand beside a power of the sum."""
    whole, (inner,) = sp.Dummy(positive=True), weight.atoms(Indexed)
    sums = {s: whole for s in expr.atoms(Sum) if normal(s) == normal(total)}
    weights = {}
    for spot in {e.indices[0] for e in expr.atoms(Indexed) if e.base == inner.base}:
        at = substitute(weight, J, spot)
        weights |= {at**n: (base[spot] * whole) ** n for n in (1, 2, 3)}
    return expr.xreplace(sums).xreplace(weights).xreplace({whole: total})


def shortened(expr: Expr, found: Letters) -> Expr:
    """The normal form of `expr` in letters, after all that is known about them."""
    form = normal(expr.xreplace(_solved(expr, found)))
    form = in_letters(form, found)
    for _ in range(3):
        before, form = form, normal(_absorbed(form, found)).xreplace(facts(found))
        if form == before:
            break
    return form


def _solved(expr: Expr, found: Letters) -> dict[Expr, Expr]:
    """What each vector is in terms of its unit vector, for every index in `expr`."""
    solved = unit_vectors(found)
    atoms = [e for e in expr.atoms(Indexed) if e.base in solved]
    return {e: substitute(solved[e.base], J, e.indices[0]) for e in atoms}


@lru_cache(maxsize=256)
def unit_vectors(found: Letters) -> dict[IndexedBase, Expr]:
    """Component j of each vector in terms of its length and its unit vector: a_j = n e_j."""
    solved: dict[IndexedBase, Expr] = {}
    lengths = {n.symbol for n in found.names}
    for letter in found.letters:
        length = sp.fraction(letter.component)[1]
        if length in lengths:
            of = sp.expand(letter.component * length)
            last = max(of.atoms(Indexed), key=lambda e: _place(e.base, found))
            number, rest = of.coeff(last), of.xreplace({last: sp.S.Zero})
            solved[last.base] = (length * letter.base[J] - rest) / number
    return solved


def _place(base: IndexedBase, found: Letters) -> int:
    return found.inputs.index(base) if base in found.inputs else 0


def _absorbed(expr: Expr, found: Letters) -> Expr:
    """Products of an indicator s shortened: s² is s, and s_m x_m is what is left over the threshold."""
    if not expr.args or isinstance(expr, Indexed | KroneckerDelta):
        return expr
    expr = expr.func(*[_absorbed(a, found) for a in expr.args])
    if not (expr.is_Mul or expr.is_Pow):
        return expr
    for selection in found.selections:
        if isinstance(selection.symbol, IndexedBase):
            for at in {e for e in expr.atoms(Indexed) if e.base == selection.symbol}:
                expr = _single(expr, at)
        elif selection.symbol != LARGEST:
            expr = _single(expr, selection.symbol)
    for letter, indicator, of, threshold in supports(found):
        for at in {e for e in expr.atoms(Indexed) if e.base == indicator}:
            expr = _over_threshold(expr, letter, at, of, threshold)
    return expr


def _single(expr: Expr, indicator: Expr) -> Expr:
    """A product with an indicator at most once."""
    power = sp.sympify(expr.as_powers_dict().get(indicator, 0))
    return expr / indicator ** (power - 1) if power.is_Integer and power > 1 else expr


def supports(found: Letters) -> list[tuple[IndexedBase, IndexedBase, Expr, Expr]]:
    """Each letter that is s_j(x_j − τ), with s, x and τ."""
    rows = []
    for selection in found.selections:
        for letter in found.letters if selection.rule == "support" else ():
            for name in found.names:
                if letter.component == selection.symbol[J] * (selection.of - name.symbol):
                    rows.append((letter.base, selection.symbol, selection.of, name.symbol))
    return rows


def _over_threshold(expr: Expr, letter: IndexedBase, at: Indexed, of: Expr, threshold: Expr) -> Expr:
    """s_m x_m as p_m + τ s_m, and s_m p_m as p_m."""
    powers, spot = expr.as_powers_dict(), at.indices[-1]
    if powers.get(at, 0) < 1:
        return expr
    (inner,) = of.atoms(Indexed)
    x, scale = inner.base[spot], of.coeff(inner)
    if (power := powers.get(x, 0)) > 0:
        return expr / at / x**power * ((letter[spot] + threshold * at) / scale) ** power * at
    return expr / at if powers.get(letter[spot], 0) > 0 else expr


def facts(found: Letters) -> dict[Expr, Expr]:
    """Sums with a value: Σ_k p_k = 1, Σ_k e_k² = 1."""
    return {normal(total): value for total, value in found.facts}


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
    sums = [_in_front(b, (slot, 1, limits[2])) for b in bodies if b != 0] if limits else []
    return sp.Add(number, *sums)


def _in_front(body: Expr, *limits: tuple) -> Expr:
    number, rest = body.as_coeff_Mul()
    return number * Sum(rest, *limits)
