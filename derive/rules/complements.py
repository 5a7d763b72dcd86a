"""Functions of e^w and f = 1 − e^w, in f alone but for a power of e^w in front.

What is left is a sum of powers of f and 1 + f, in which nothing cancels but by the target; where f is near 1
such a sum is one of powers of 1 − f = e^w.
"""

import sympy as sp
from sympy import exp

from derive.heads import arsinh, expm1, log1mexp, logistic, sigmoid, squareplus
from derive.model import A, Finite, Set, Y, Z

_E, _F, _P = (sp.Dummy(name, positive=True) for name in ("e", "f", "p"))
_NEAR = sp.Rational(7, 10)  # just beyond log 2, where f is near 1
Room = dict[sp.Expr, sp.Dummy]


def complemented(expr: sp.Expr) -> sp.Expr:
    """`expr` as e^(nw) times a sum of powers of 1 − e^w and others; as it is where it is no such function."""
    if isinstance(expr, sp.Piecewise):
        return sp.Piecewise(*((complemented(e), c) for e, c in expr.args))
    found = {h.args[0] for h in expr.atoms(expm1)} & {Z, -Z}
    if len(found) != 1:
        return expr
    (w,) = found
    room: Room = {}
    decay = _one_power(_lettered(expr, w, room), _E)
    written = _one_power(decay[0], _F) if decay else None
    if decay is None or written is None:
        return expr
    number, rest = _without_root(written[0])
    rest = _by_rest(rest, list(room.values())) if room else _by_powers(rest, written[1])
    whole = sp.Add(*(_meant(t, written[1], w) for t in sp.Add.make_args(rest)))
    return exp((number + decay[1]) * w) * whole.xreplace({letter: e for e, letter in room.items()})


def by_target(expr: sp.Expr, target: Set) -> sp.Expr:
    """`complemented`; where that is nothing and targets are few, for each of them by itself."""
    found = complemented(expr)
    if found != expr or not isinstance(target, Finite) or not expr.has(Y):
        return found
    rows = [(complemented(expr.subs(Y, y)), sp.Gt(Y, y - sp.S.Half)) for y in reversed(target.values)]
    return sp.Piecewise(*rows[:-1], (rows[-1][0], True))


def _lettered(expr: sp.Expr, w: sp.Expr, room: Room) -> sp.Expr:
    """`expr` in e = e^w and f = 1 − e, other functions of z as letters."""
    if not expr.has(Z):
        return expr
    if expr == expm1(w):
        return -_F
    if isinstance(expr, sigmoid | logistic) and expr.args[0] in (log1mexp(-w), -log1mexp(-w)):
        odds = _F if expr.args[0] == log1mexp(-w) else 1 / _F
        return odds / (1 + odds) ** (1 if isinstance(expr, sigmoid) else 2)
    if expr.is_Pow and expr.base == -expm1(w) and not expr.exp.has(Z):
        return _F**expr.exp
    if isinstance(expr, exp):
        for height, base in ((w, _E), (log1mexp(-w), _F)):
            if not (power := expr.args[0] / height).has(Z):
                return base ** sp.expand(power)
    if expr.is_Add or expr.is_Mul or (expr.is_Pow and expr.exp.is_Integer):
        inner: Room = {}
        found = expr.func(*(_lettered(a, w, inner) for a in expr.args))
        kept = expr.is_Add and not expr.has(exp)  # and what is divided by
        if found.has(_E, _F) or not (kept or (expr.is_Pow and expr.exp < 0)):
            room.update(new := {e: room.get(e, letter) for e, letter in inner.items()})
            return found.xreplace({inner[e]: letter for e, letter in new.items()})
    return room.setdefault(expr, sp.Dummy(real=True))


def _one_power(expr: sp.Expr, letter: sp.Symbol) -> tuple[sp.Expr, sp.Expr] | None:
    """(r, k) of r·f^k for a letter f whose powers with parameters differ by whole numbers; else None."""
    powers = sorted({e.exp for e in expr.atoms(sp.Pow) if e.base == letter and not e.exp.is_Integer}, key=str)
    if not powers:
        return expr, sp.S.Zero
    shifts = {p: sp.expand(p - powers[0]) for p in powers}
    marked = expr.xreplace({letter**p: _P * letter**n for p, n in shifts.items()})
    rest = sp.expand(marked / _P)
    alike = all(n.is_Integer for n in shifts.values()) and not rest.has(_P)
    return (rest, powers[0]) if alike else None


def _without_root(expr: sp.Expr) -> tuple[int, sp.Expr]:
    """(n, r) of eⁿ·r for a rational function of e and f, r in f alone and neither 0 nor infinite at e = 0."""
    top, below = sp.fraction(sp.cancel(sp.together(expr.subs(_E, 1 - _F))))
    number = 0
    while sp.expand(top.subs(_F, 1)) == 0 and top != 0:
        top, number = sp.quo(top, 1 - _F, _F), number + 1
    while sp.expand(below.subs(_F, 1)) == 0:
        below, number = sp.quo(below, 1 - _F, _F), number - 1
    return number, top / below


def _by_rest(expr: sp.Expr, letters: list[sp.Dummy]) -> sp.Expr:
    """A quotient; above the bar, what stands before each product of letters is written in powers of e or f.

    Whichever has fewer terms: where e and f lie within one sum, -f is no e - 1 that may cancel.
    """
    top, below = sp.fraction(expr)
    if not top.is_polynomial(*letters):
        return _shorter(top) / sp.factor(below)
    found = sp.Poly(top, *letters).as_dict()
    products = {powers: sp.Mul(*map(sp.Pow, letters, powers)) for powers in found}
    return sp.Add(*(_shorter(c) * products[powers] for powers, c in found.items())) / sp.factor(below)


def _shorter(share: sp.Expr) -> sp.Expr:
    """A polynomial in f in powers of e or of f, whichever has fewer terms."""
    in_e, in_f = ((sp.expand(share.subs(_F, 1 - _E)), _E), (sp.expand(share), _F))
    total, letter = min((in_e, in_f), key=lambda form: len(sp.Add.make_args(form[0])))
    powers = sp.Poly(total, letter).as_dict()
    return sp.Add(*(sp.factor_terms(c) * letter**n for (n,), c in powers.items()))


def in_powers(expr: sp.Expr, letter: sp.Symbol) -> sp.Expr:
    """A quotient in a letter in partial fractions, no falling power of which overflows alone."""
    return _by_powers(expr.subs(letter, _F), sp.S.Zero).subs(_F, letter)


def _by_powers(expr: sp.Expr, power: sp.Expr) -> sp.Expr:
    """A quotient in partial fractions; falling powers of f in each other, so that none overflows alone."""
    found: dict[sp.Expr, sp.Expr] = {}
    parts = [sp.fraction(t) for t in sp.Add.make_args(sp.apart(expr, _F))]
    for term in (t / below for top, below in parts for t in sp.Add.make_args(sp.expand(top))):
        constant, rest = term.as_independent(_F, as_Add=False)
        found[rest] = found.get(rest, sp.S.Zero) + constant
    powers = sorted(
        int(f.as_powers_dict().get(_F, 0)) for f in found if _F ** f.as_powers_dict().get(_F, 0) == f
    )
    first = max(powers, default=0) if power != 0 else 0
    falling = [n for n in powers if n < first] + ([first] if power != 0 else [])
    shared = [found[_F**n] for n in falling]
    if (
        falling and power == 0 and (sp.gcd_list(shared).has(Y) or not shared[0].has(Y))
    ):  # all 0 at once, or none
        total = sp.factor(sp.Add(*(found.pop(_F**n) * _F ** (n - falling[0]) for n in falling)))
        found[_F ** falling[0]], falling = total, []
    inside = sp.S.Zero
    for n, below in zip(falling, [*falling[1:], first][: len(falling)], strict=True):
        inside = (sp.factor(found.pop(_F**n)) + inside) * _F ** (n - below)
    return _F**first * inside + sp.Add(*(sp.factor(constant) * rest for rest, constant in found.items()))


def _meant(term: sp.Expr, power: sp.Expr, w: sp.Expr) -> sp.Expr:
    """A term times f^power, e and f as what they are."""
    if power != 0:
        own = sp.S.Zero + term.as_powers_dict().get(_F, 0)
        term = term / _F**own * exp((power + own) * log1mexp(-w))
    return term.xreplace({_E: exp(w), 1 + _F: 1 - expm1(w)}).subs({_E: exp(w), _F: -expm1(w)})


def is_complement(f: sp.Expr) -> bool:
    """Whether an output is 1 − e^w."""
    return f in (-expm1(Z), -expm1(-Z))


def holds_complements(f: sp.Expr, los: sp.Expr) -> bool:
    """Whether the slopes of L(f) are such functions: f is log(1 − e^w), or 1 − e^w in an exponent."""
    return f in (log1mexp(Z), log1mexp(-Z)) or (is_complement(f) and los.has(exp, sp.log(A)))


def whole_powers(expr: sp.Expr) -> sp.Expr:
    """`expr` with e^(n log(1 − e^w)) as (1 − e^w)^n, and e^(n arsinh w) so, for whole n."""

    def power(e: sp.Expr) -> sp.Expr:
        number, height = e.args[0].as_coeff_Mul()
        w = height.args[0]
        if isinstance(height, arsinh):
            return (2 * squareplus(sp.sign(number) * w)) ** abs(number)
        return (-expm1(-w)) ** number

    return expr.replace(lambda e: isinstance(e, exp) and _is_whole(e.args[0]), power)


def _is_whole(height: sp.Expr) -> bool:
    number, rest = height.as_coeff_Mul()
    return bool(number.is_Integer and isinstance(rest, log1mexp | arsinh))


def near_one(total: sp.Expr, ends: list[dict]) -> list[tuple[sp.Expr, sp.Basic]]:
    """The row of a sum of powers of 1 − e^w that is 0 at a hard target as e^w falls, in powers of e^w."""
    found = {h.args[0] for h in total.atoms(expm1)} | {-h.args[0] for h in total.atoms(log1mexp)}
    if len(found) != 1 or not total.is_Add:
        return []
    (w,) = found
    written = _one_power(_lettered(total, w, {}), _F)
    if written is None or written[0].has(_E) or written[0].has(Z):
        return []
    terms = [t.as_independent(_F, as_Add=False) for t in sp.Add.make_args(sp.expand(written[0]))]
    powers = [sp.S.Zero + f.as_powers_dict().get(_F, 0) for _, f in terms]
    if any(f != _F**n for (_, f), n in zip(terms, powers, strict=True)) or not any(
        sp.expand(sp.Add(*(c for c, _ in terms)).subs(end)) == 0 for end in ends
    ):
        return []
    least = min(powers)
    inside = sp.expand(
        sp.Add(*(c * (1 - _E) ** (n - least) for (c, _), n in zip(terms, powers, strict=True)))
    )
    small = sp.Add(
        *(sp.factor(inside.coeff(_E, n)) * exp(w) ** n for n in range(int(sp.degree(inside, _E)) + 1))
    )
    front = _meant(_F**least, written[1], w)
    return [(front * small, w < -_NEAR)]
