"""A form as a straight-line program: what is used twice or must keep its digits gets a name.

Names are a person's: r a residual, m a margin, q a root of a decaying factor, s a sigmoid.
"""

from collections import Counter
from collections.abc import Callable, Iterable

import sympy as sp

from derive.heads import raised, row_of
from derive.model import Body, Finite, Interval, Parameter, Set, Y, Z
from derive.rules.branchless import LETTERS, by_side, found_in
from derive.rules.carried import Carried, settled
from derive.rules.floats import (
    LogOf,
    Polynomial,
    Quotient,
    Root,
    arrange,
    divided,
    exact,
    precise,
)
from derive.rules.margins import Beside, unbounded, within
from derive.rules.ratios import opened
from derive.rules.sizes import Sizes
from derive.rules.stable import LABELS
from derive.rules.towers import leveled
from derive.rules.weighted import Weighted, ends, head_of

_LETTERS = {
    "sigmoid": "s",
    "tanh": "t",
    "ndtr": "p",
    "exp": "e",
    "expm1": "e",
    "softplus": "u",
    "absolute": "d",
    "Polynomial": "p",
    "Quotient": "p",
    **LETTERS,
}
Names = dict[sp.Symbol, sp.Expr]
Treatment = Callable[[sp.Expr], sp.Expr]


def body(form: sp.Expr, parameters: tuple[Parameter, ...], target: Set, sums: Treatment) -> Body:
    """The straight-line program of a form: margins and residuals named, products arranged, repeats named.

    `sums` writes the form, and each sum that has a name, in the way that keeps its digits.
    """
    names: Names = {}
    form = precise(opened(form))
    value = _margins(_exact_products(form, names) if target == LABELS else form, names)
    value = _by_cases(value, sums)
    value = _named(value, _residuals(value), names)
    value = _named(value, _cancelling(value, sums), names)
    constants = {Y, *(p.symbol for p in parameters)}
    moderate = {p.symbol for p in parameters if p.domain.hi.is_finite}
    if isinstance(target, Finite) or (isinstance(target, Interval) and target.hi.is_finite):
        moderate.add(Y)
    sizes = Sizes(
        moderate=frozenset(moderate),
        meaning=dict(names),
        ends=ends(target),
        defaults={p.symbol: p.default for p in parameters},
    )
    named = {name: leveled(arrange(divided(sums(m)), sizes), sizes) for name, m in names.items()}
    value = leveled(arrange(divided(sums(value)), sizes), sizes)
    value = _named(value, found_in(value, *named.values()), named)
    kept: set[sp.Expr] = set()  # differences that stand only where a block is spelled by both ends
    while found := _repeated([e for e in (*_inner(named), *_parts(value)) if e not in kept], constants):
        count = len(named)
        value = _named(value, [found], named)
        kept |= set() if len(named) > count else {found}
    named = {name: settled(meaning) for name, meaning in named.items()}
    value = settled(value)
    value = _named(value, sorted(_polynomials(value, named), key=str), named)
    return Body(names=_ordered(named), value=value)


def _polynomials(value: sp.Expr, names: Names) -> set[sp.Expr]:
    return {part for expr in (value, *names.values()) for part in expr.atoms(Polynomial, Quotient)}


def closed(straight: Body) -> sp.Expr:
    """The expression that a straight-line program computes."""
    value = straight.value
    for name, meaning in reversed(straight.names):
        value = value.xreplace({name: meaning})
    return by_side(exact(value))


def _exact_products(expr: sp.Expr, names: Names) -> sp.Expr:
    """Heads of ±y·z with the product named: a label's product is exact, and its rounding needs no care."""
    name = sp.Symbol("m", real=True)
    named = expr.replace(
        lambda e: row_of(e) is not None and e.args[0] in (Y * Z, -Y * Z),
        lambda e: e.func(e.args[0].subs(Y * Z, name)),
    )
    if named != expr:
        names[name] = Y * Z
    return named


def _margins(expr: sp.Expr, names: Names) -> sp.Expr:
    """Conditions as m > 0 with a margin m that keeps its digits: 1 − y·f, m − f, or δ − |z − y|."""
    for relation in sorted(expr.atoms(sp.StrictLessThan, sp.StrictGreaterThan), key=str):
        margin, sign = _margin(relation)
        if margin is not None:
            known = next((name for name, meaning in names.items() if meaning == margin), None)
            name = known or _free("m", names, expr)
            names[name] = margin
            expr = expr.xreplace({relation: name > 0 if sign > 0 else name < 0})
            expr = _replaced(expr, unbounded(margin) if isinstance(margin, Beside) else margin, name)
    return expr


def _margin(relation: sp.Basic) -> tuple[sp.Expr | None, int]:
    """A margin, and the sign it has where a condition holds; None where none is needed."""
    low, high = (
        (relation.lhs, relation.rhs) if isinstance(relation, sp.StrictLessThan) else relation.args[::-1]
    )
    if (high == 1 and low.has(Y)) or (high.is_Symbol and low.has(Z) and low != Z and not low.has(Y)):
        return high - low, 1
    if (margin := within(high, low)) is not None:
        return margin, 1
    return within(low, high), -1


def _cancelling(expr: sp.Expr, sums: Treatment) -> list[sp.Expr]:
    """The sums inside `expr` that a treatment writes by cases, the innermost first."""
    inner = [e for e in sp.postorder_traversal(expr) if isinstance(e, sp.Add) and e.has(Z)]
    whole = [e for e in dict.fromkeys(inner) if e != expr and not e.has(sp.Piecewise)]
    return [e for e in whole if not e.has(LogOf) and isinstance(sums(e), sp.Piecewise)]


def _by_cases(value: sp.Expr, sums: Treatment) -> sp.Expr:
    """A sum that cancels as a whole, too, written by cases before sums inside have names."""
    found = sums(value) if value.is_Add and _cancelling(value, sums) else value
    return found if isinstance(found, sp.Piecewise) else value


def _residuals(expr: sp.Expr) -> list[sp.Expr]:
    """The sums in y and z inside `expr`, the innermost first."""
    inner = [e for e in sp.postorder_traversal(expr) if isinstance(e, sp.Add) and e.has(Y) and e.has(Z)]
    simple = [
        e for e in dict.fromkeys(inner) if e != expr and not e.has(sp.Piecewise) and e.coeff(Y) in (1, -1)
    ]
    return [e for e in simple if -e not in simple or e.coeff(Y) == -1]


def _named(value: sp.Expr, parts: Iterable[sp.Expr], names: Names) -> sp.Expr:
    """`value`, and the names so far, in terms of new names for the parts."""
    for part in parts:
        name = _free(_letter(part), names, value)
        name = Carried(str(name), real=True) if isinstance(part, Polynomial | Quotient) else name
        changed = {other: _replaced(meaning, part, name) for other, meaning in names.items()}
        new = _replaced(value, part, name)
        if new != value or changed != names:
            names.update({**changed, name: part})
            value = new
    return value


def _repeated(inner: list[sp.Expr], constants: set[sp.Symbol]) -> sp.Expr | None:
    """A root, or else the smallest sum or head that occurs more than once."""
    if roots := [e for e in inner if isinstance(e, Root)]:
        return min(roots, key=lambda e: (sp.count_ops(e), str(e)))
    often = [e for e, times in Counter(inner).items() if times > 1]
    again = [e for e in often if row_of(e) or (e.is_Add and e.free_symbols - constants)]
    return min(again, key=lambda e: (sp.count_ops(e), str(e)), default=None)


def _parts(expr: sp.Basic) -> list[sp.Expr]:
    """All inner expressions with arguments; a root is taken together with its head."""
    if not expr.args or (isinstance(expr, sp.Expr) and expr.is_number):
        return []
    own = [expr] if isinstance(expr, sp.Expr) else []
    if isinstance(expr, sp.Pow) and expr.base.is_Add and expr.exp.is_Integer:
        own += [expr.base] * int(abs(expr.exp) - 1)  # a power of a sum is a product of equals
    inside = expr.args[0] if isinstance(expr, Root) else expr
    inside = _height(inside) or inside  # a power of a block is spelled by the block's own argument
    return own + [e for a in inside.args for e in _parts(a)]


def _inner(names: Names) -> list[sp.Expr]:
    """The inner expressions of all definitions, without the definitions themselves."""
    insides = [m.args[0] if isinstance(m, Root) else m for m in names.values()]
    insides = [_height(m) or m for m in insides]
    return [e for inside in insides for a in inside.args for e in _parts(a)]


def _replaced(expr: sp.Basic, part: sp.Expr, name: sp.Symbol) -> sp.Basic:
    """`expr` with a part, or its negative, replaced by its name; what a root stands for stays."""
    if expr == part:
        return name
    if isinstance(expr, sp.Add) and expr == -part:
        return -name
    if not expr.args:
        return expr
    if isinstance(expr, Root):
        head = expr.args[0]
        if _height(head) == part:
            return expr
        return Root(head.func(*(_replaced(a, part, name) for a in head.args)))
    if (height := _height(expr)) is not None and height == part:
        return expr
    if (row := row_of(expr)) and row.between and part == Z - Y:
        return expr  # this head is spelled by its two ends, not by the difference
    return expr.func(*(_replaced(a, part, name) for a in expr.args))


def _height(expr: sp.Basic) -> sp.Expr | None:
    """The logarithm of a block a power of which `expr` is, weighted or not; None where it is none."""
    return raised(head_of(expr) if isinstance(expr, Weighted) else expr)


def _letter(expr: sp.Expr) -> str:
    if isinstance(expr, Root):
        return "q"
    if expr.is_Add:
        return "r" if expr.has(Y) else "t"
    return _LETTERS.get(type(expr).__name__, "h")


def _free(letter: str, names: Names, value: sp.Expr) -> sp.Symbol:
    """The first of letter, letter2, letter3, … that is not in use, by a parameter of the value neither."""
    used = {str(s) for expr in (value, *names.values()) for s in expr.free_symbols} | {str(n) for n in names}
    return sp.Symbol(
        next(n for n in (letter, *(f"{letter}{i}" for i in range(2, 99))) if n not in used), real=True
    )


def _ordered(names: Names) -> tuple[tuple[sp.Symbol, sp.Expr], ...]:
    """The definitions, each after those it uses."""
    done: list[tuple[sp.Symbol, sp.Expr]] = []
    waiting = dict(names)
    while waiting:
        ready = next(n for n, meaning in waiting.items() if not meaning.free_symbols & set(waiting))
        done.append((ready, waiting.pop(ready)))
    return tuple(done)
