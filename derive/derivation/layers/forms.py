"""Index expressions of layers as a person writes them: indices named, quotients folded, factors in front."""

import sympy as sp
from sympy import Dummy, Expr, Indexed, Sum, Symbol

from derive.heads import logistic, sigmoid
from derive.model import AXES, At, Layer, Variable
from derive.rules.indexed import SIZES, defined, normal, substitute
from derive.rules.layers import base_of, indices_of

_SIZES = frozenset(axis.size for axis in AXES)


def collected(expr: Expr, layer: Layer) -> Expr:
    """The normal form in the letters of a layer, sums with another form replaced, factors in front."""
    form = normal(_apart(expr))
    for variable in layer.variables:
        form = folded(form, variable)
    form = normal(form).xreplace(_values(layer))
    return named(factored(form))


def _apart(expr: Expr) -> Expr:
    """`expr` with σ′ as σ(w) σ(−w), whose first factor is found elsewhere too."""
    return expr.replace(logistic, lambda w: sigmoid(w) * sigmoid(-w))


def _values(layer: Layer) -> dict[Expr, Expr]:
    """The sums that have a letter or a value."""
    return {normal(i.before): i.at if i.at is not None else i.after for i in layer.identities}


def folded(expr: Expr, variable: Variable) -> Expr:
    """Quotients g(j) / Σ_r g(r) by the letter of the variable that means them."""
    totals = [
        f.base
        for f in sp.Mul.make_args(variable.meaning)
        if f.is_Pow and f.exp == -1 and isinstance(f.base, Sum)
    ]
    if not totals:
        return expr
    (total,), whole = totals, Dummy(positive=True)
    weight = variable.meaning * total
    (inner,) = weight.atoms(Indexed)
    expr = expr.xreplace({s: whole for s in expr.atoms(Sum) if normal(s) == normal(total)})
    weights = {}
    for found in {e for e in expr.atoms(Indexed) if e.base == inner.base}:
        there = dict(zip(inner.indices, found.indices, strict=True))
        weights[weight.xreplace(there)] = variable.at.xreplace(there) * whole
    return normal(expr.xreplace(weights)).xreplace({whole: total})


def powers(expr: Expr, layer: Layer) -> Expr:
    """`expr` with powers of what a variable is a power of written in that variable: (v + ε)^(-3/2) is r³."""
    for variable in layer.variables:
        base, exponent = variable.meaning.as_base_exp()
        if base.is_Add and exponent.is_Rational:
            for found in expr.atoms(sp.Pow):
                there = _at_other_indices(variable, base, found.base)
                if there is not None:
                    expr = expr.xreplace({found: variable.at.xreplace(there) ** (found.exp / exponent)})
    return expr


def _at_other_indices(variable: Variable, base: Expr, found: Expr) -> dict[Expr, Expr] | None:
    """The indices at which a variable is made of `found`, by those at which it is made of `base`."""
    entries, others = base.atoms(Indexed), found.atoms(Indexed)
    if len(entries) != 1 or len(others) != 1 or {e.base for e in entries} != {e.base for e in others}:
        return None
    (entry,), (other,) = entries, others
    there = dict(zip(entry.indices, other.indices, strict=True))
    return there if base.xreplace(there) == found else None


def solved(layer: Layer) -> dict[At, Expr]:
    """Entries as quotients of later ones: x = u / r where u = x r, and the derivation goes through r."""
    through = {base_of(v.at) for v in layer.variables if v.through}
    found = {}
    for variable in layer.variables:
        whole, meaning = indices_of(variable.at), variable.meaning
        entries = [f for f in sp.Mul.make_args(meaning) if isinstance(f, Indexed)]
        scales = [f for f in entries if f.indices != whole and f.base in through]
        same = [f for f in entries if f.indices == whole]
        if len(scales) == len(same) == 1 and sp.Mul(*scales, *same) == meaning:
            found[same[0]] = variable.at / scales[0]
    return found


def put_in(expr: Expr, at: At, meaning: Expr) -> Expr:
    """`expr` with every entry of an array by its meaning, whose bound indices make way for free ones."""
    return named(expr.xreplace({at: meaning}) if isinstance(at, Symbol) else defined(expr, at, meaning))


def inserted(expr: Expr, layer: Layer, meanings: dict[At, Expr]) -> Expr:
    """`expr` with letters put in by their meanings, products that have a letter by theirs, and collected."""
    for at, meaning in meanings.items():
        expr = put_in(expr, at, meaning)
    for at, meaning in solved(layer).items():
        expr = put_in(expr, at, meaning)
    return collected(expr, layer)


def factored(expr: Expr) -> Expr:
    """A sum with what all its terms share in front, but for sizes."""
    terms = sp.Add.make_args(expr)
    if len(terms) == 1:
        return expr
    shared = _powers(terms[0])
    for term in terms[1:]:
        powers = _powers(term)
        shared = {b: min(n, powers[b]) for b, n in shared.items() if b in powers and n * powers[b] > 0}
    front = sp.Mul(*[b**n for b, n in shared.items()])
    return front * sp.Add(*[term / front for term in terms]) if front != 1 else expr


def _powers(term: Expr) -> dict[Expr, Expr]:
    """The factors of a term with their exponents, without numbers and sizes."""
    found = term.as_powers_dict().items()
    return {b: n for b, n in found if not b.is_number and n.is_number and not b.free_symbols <= _SIZES}


def named(expr: Expr, taken: tuple[Symbol, ...] = ()) -> Expr:
    """`expr` with its bound indices named as their axes say, from the outside in, where names are free."""
    return _named(expr, frozenset(taken) | {s for s in expr.free_symbols if s in SIZES})


def _named(expr: Expr, taken: frozenset) -> Expr:
    if isinstance(expr, Sum):
        body, limits = expr.function, []
        for old, first, size in reversed(expr.limits):
            axis = next(a for a in AXES if a.size == size)
            new = next(c for c in axis.indices if c not in taken)
            taken |= {new}
            slot = Dummy(integer=True)
            body = substitute(body.xreplace({old: slot}), slot, new)
            limits.append((new, first, size))
        return Sum(_named(body, taken), *reversed(limits))
    if not expr.args or isinstance(expr, Indexed):
        return expr
    return expr.func(*[_named(a, taken) for a in expr.args])
