"""The order in which a mathematician writes terms and factors, whatever the alphabet they are printed in.

Nothing here evaluates: an unevaluated product keeps its factors, so that what cancels stays visible.
"""

from collections import Counter
from dataclasses import dataclass

import sympy as sp
from sympy import Expr
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean

from derive.catalogue import ACTIVATIONS, LOSSES
from derive.catalogue.legality import of_loss
from derive.heads import HeadFunction
from derive.model import I_, Activation, J, Loss, N, Parameter
from derive.rules.layers import base_of, is_derivative, is_entry, marks_of

ENTRIES: tuple[Activation | Loss, ...] = (*ACTIVATIONS, *LOSSES)
# Of a pair whose two entries have parameters of one name, that of the loss has another.
PARAMETERS: tuple[Parameter, ...] = (
    *(p for row in ENTRIES for p in row.parameters),
    *(of_loss(p) for row in LOSSES for p in row.parameters if not p.per_class),
)
_PARAMETER_NAMES = {str(p.symbol) for p in PARAMETERS}
# Of a layer: what multiplies stands in front of what is multiplied, and what is added comes last.
MULTIPLIERS, ADDED = ("gamma", "omega", "m", "w", "q", "u", "o"), ("b", "beta")


@dataclass(frozen=True, kw_only=True)
class Quotient:
    """±(p·numerator)/(q·denominator), as lists of ordered factors."""

    negative: bool
    p: int
    q: int
    numerator: tuple[Expr, ...]
    denominator: tuple[Expr, ...]


def unfold(expr: Expr) -> Expr:
    """`expr`, or what readers see in its place where it is a head without a name of its own."""
    while isinstance(expr, HeadFunction) and callable(expr._row.latex):
        expr = expr._row.latex(expr.args[0])
    if isinstance(expr, sp.Pow) and isinstance(expr.base, HeadFunction) and callable(expr.base._row.latex):
        return sp.Pow(unfold(expr.base), expr.exp)
    return expr


def is_argmax(function: Expr) -> bool:
    """Whether a function is the index of the largest component."""
    return type(function).__name__ == "argmax"


def index(expr: Expr) -> sp.Symbol:
    """The index of the components in an expression."""
    return next(i for i in (J, N, I_) if i in expr.free_symbols)


def product(*factors: Expr) -> Expr:
    """The product of the factors as they stand."""
    return factors[0] if len(factors) == 1 else sp.Mul(*factors, evaluate=False)


def is_negative(term: Expr) -> bool:
    """Whether a term is written with a minus in front; two minus signs in a product cancel."""
    if isinstance(term, sp.Sum):
        return is_negative(unfold(term.function))
    if term.is_Mul:
        return sum(is_negative(f) for f in term.args if f.is_Rational or f.is_Mul) % 2 == 1
    return bool(term.is_Rational and term.is_negative)


def without_sign(term: Expr) -> Expr:
    """The term without the minus signs of its factors."""
    if isinstance(term, sp.Sum):
        return sp.Sum(without_sign(unfold(term.function)), *term.limits)
    if term.is_Mul:
        bare = [without_sign(f) for f in term.args]
        return product(*([f for f in bare if f != 1] or [sp.S.One]))
    return -term if term.is_Rational and term.is_negative else term


def ordered_terms(expr: Expr) -> list[Expr]:
    """The terms of a sum: numbers, then what has no y, then y, then parameters; a positive one in front."""
    terms = sorted((unfold(t) for t in expr.args), key=lambda t: _term_key(without_sign(t)))
    lead = next((n for n, t in enumerate(terms) if not is_negative(t)), 0)
    return [terms[lead], *terms[:lead], *terms[lead + 1 :]]


def facing(expr: Expr) -> Expr:
    """`expr` or −`expr`, for an even function, whichever begins with what comes first: a − y, not y − a."""
    if expr.is_Add and is_negative(min(expr.args, key=lambda t: _term_key(without_sign(t)))):
        return -expr
    return without_sign(expr)


# SymPy turns their arguments round as it likes.
EVEN = (sp.cosh, sp.sech, sp.cos, sp.Abs)


def arguments(function: Expr) -> tuple[Expr, ...]:
    """The arguments of a function, turned round again where it is even."""
    return tuple(facing(a) for a in function.args) if isinstance(function, EVEN) else function.args


def is_fixed(expr: Expr) -> bool:
    """Whether `expr` is a number or made of parameters only."""
    return _names(expr) <= _PARAMETER_NAMES


def _names(expr: Expr) -> set[str]:
    return {symbol.name for symbol in expr.free_symbols if isinstance(symbol, sp.Symbol)}


def size(expr: sp.Basic) -> tuple:
    """How large an expression is to read; no two different ones are equal in it."""
    nodes = sum(1 for _ in sp.preorder_traversal(expr))
    return nodes, len(str(expr)), sp.default_sort_key(expr)


def _term_key(term: Expr) -> tuple:
    names = _names(term)
    if is_entry(term) and marks_of(str(base_of(term).label))[0] in ADDED:
        kind = 4
    elif not names:
        kind = 0
    elif names <= _PARAMETER_NAMES:
        kind = 3
    else:
        kind = 2 if "y" in names else 1
    return kind, size(term)


def _factor_key(factor: Expr) -> tuple:
    """Numbers, derivatives, parameters, y, residuals, a and z, functions, sums.

    Last comes what is written without brackets.
    """
    base = factor.base if factor.is_Pow and not isinstance(factor, sp.exp) else factor
    names, atom = _names(base), base.is_Symbol or isinstance(base, sp.Indexed)
    if factor.has(sp.Sum, sp.Piecewise) or isinstance(base, sp.log):
        kind = 8
    elif isinstance(base, sp.KroneckerDelta):
        kind = 2
    elif not names:
        kind = 0
    elif is_derivative(base):
        kind = 1
    elif atom:
        kind = 2 if names <= _PARAMETER_NAMES else 3 if base.is_Symbol and "y" in names else 5
    elif "y" in names:
        kind = 4
    else:
        kind = 7 if base.is_Add else 5 if base.is_Mul else 6
    return kind, *_letter_key(base), size(factor)


def _letter_key(base: Expr) -> tuple:
    """The place of an entry of a layer among others: w x, q k, γ u, and by the alphabet."""
    if not is_entry(base):
        return 0, ""
    letter, _, barred = marks_of(str(base_of(base).label))
    return letter not in MULTIPLIERS or barred, letter


def beside(found: list[Expr]) -> list[Expr]:
    """Factors with a function of an array of a layer behind that array: a σ(a) b."""
    for function in [f for f in found if f.is_Function and len(f.args) == 1 and f.args[0] in found]:
        (inner,) = function.args
        if is_entry(inner) or (isinstance(inner, sp.IndexedBase) and len(inner.shape) == 2):
            found.remove(function)
            found.insert(found.index(inner) + 1, function)
    return found


def factors(expr: Expr) -> tuple[Expr, ...]:
    """The factors of a product, nested ones spread out where nothing that should stay visible is lost."""
    if not expr.is_Mul:
        return (expr,)
    direct = tuple(unfold(f) for f in expr.args)
    spread = tuple(g for f in direct for g in factors(f))
    return direct if any(f.is_Mul for f in direct) and not _spreads(direct, spread) else spread


def _spreads(direct: tuple[Expr, ...], spread: tuple[Expr, ...]) -> bool:
    """Whether products within a product need no brackets: no fractions, no number twice, no factor twice."""
    fraction = any(f.is_Mul and quotient(f).denominator for f in direct)
    numbers = sum(bool(f.is_Rational) for f in spread)
    repeated = any(n > 1 for n in Counter(spread).values())
    return not (fraction or numbers > 1 or repeated)


def quotient(expr: Expr) -> Quotient:
    """The sign, numbers, numerator and denominator of a product or a power."""
    expr = unfold(expr)
    found = beside(sorted(factors(without_sign(expr)), key=_factor_key))
    number = next((f for f in found if f.is_Rational), sp.S.One)
    if number in found:
        found.remove(number)  # once only: another such number is a factor of its own
    below = [f for f in found if is_reciprocal(f)]
    above = [f for f in found if not is_reciprocal(f)]
    q, above, roots = _rationalised(int(number.q), above)
    under = [_inverse(f) for f in below] + roots
    return Quotient(
        negative=is_negative(expr),
        p=int(number.p),
        q=q,
        numerator=tuple(above),
        denominator=tuple(sorted(_one_root(under), key=_factor_key)),
    )


def is_reciprocal(factor: Expr) -> bool:
    """Whether a factor is written below a fraction line."""
    return bool(factor.is_Pow and factor.exp.is_Rational and factor.exp.is_negative)


def _inverse(factor: Expr) -> Expr:
    return factor.base if factor.exp == -1 else sp.Pow(factor.base, -factor.exp, evaluate=False)


def _is_root(factor: Expr) -> bool:
    return bool(factor.is_Pow and factor.exp == sp.S.Half and factor.base.is_number)


def _rationalised(q: int, above: list[Expr]) -> tuple[int, list[Expr], list[Expr]]:
    """√n/n back as 1/√n, which SymPy will not leave alone: z/√2 is √2·z/2 to it."""
    for root in above:
        if _is_root(root) and root.base.is_Integer and q % root.base == 0:
            above.remove(root)
            return q // int(root.base), above, [root]
    return q, above, []


def _one_root(under: list[Expr]) -> list[Expr]:
    """√2·√π as √(2π)."""
    roots = [f for f in under if _is_root(f)]
    if len(roots) < 2:
        return under
    return [f for f in under if not _is_root(f)] + [sp.sqrt(sp.Mul(*(r.base for r in roots)), evaluate=False)]


def needs_larger_brackets(expr: Expr) -> bool:
    """Whether brackets around `expr` would stand around brackets that are not a function's."""
    if expr.is_Add:
        return any(needs_larger_brackets(t) for t in expr.args)
    if expr.is_Mul:
        return any(f.is_Add or needs_larger_brackets(f) for f in expr.args)
    return bool(expr.is_Pow and not isinstance(expr, sp.exp) and expr.base.is_Add)


ORDERINGS = {">": {">"}, "<": {"<"}, ">=": {">", "="}, "<=": {"<", "="}, "==": {"="}, "!=": {"<", ">"}}


def ahead(relation: Relational) -> Relational:
    """The comparison with z rather than −z on one side: z ≥ −λ for λ ≥ −z."""
    for side, other in ((relation.lhs, relation.rhs), (relation.rhs, relation.lhs)):
        number, rest = side.as_coeff_Mul()
        if number == -1 and rest.is_Symbol and not is_fixed(rest) and is_fixed(other):
            sign = relation.rel_op.translate(str.maketrans("<>", "><"))
            return Relational(-relation.lhs, -relation.rhs, sign, evaluate=False)
    return relation


def completed(condition: Boolean, earlier: list[Boolean]) -> Boolean:
    """The last, unconditional case as the comparison that is left: after z > 0 it is z <= 0."""
    sides = {(c.lhs, c.rhs) for c in earlier if isinstance(c, Relational)}
    if condition != sp.true or len(sides) != 1 or not all(isinstance(c, Relational) for c in earlier):
        return condition
    left = {"<", "=", ">"}.difference(*(ORDERINGS[c.rel_op] for c in earlier))
    found = [sign for sign, covers in ORDERINGS.items() if covers == left]
    return Relational(*sides.pop(), found[0], evaluate=False) if found else condition
