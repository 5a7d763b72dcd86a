"""Losses of positive means, written so that they keep their digits beside a = y.

A deviance is a sum of lags u − log(1 + u): y/a − 1 − log(y/a) has u = y/a − 1. Letters that are positive
are written with symbols that SymPy knows to be, so that logarithms of products are sums. Where log f is made
of blocks, 1/f and other powers of f are exponentials of it, so that their slopes are made of its slope.
"""

from dataclasses import dataclass

import sympy as sp
from sympy import exp, log

from derive.heads import (
    HeadFunction,
    bose,
    bose_rest,
    expm1,
    lag,
    log_bose,
    logistic,
    sigmoid,
    softplus,
    tanh,
)
from derive.model import POSITIVE, REALS, A, Interval, Parameter, Set, Y, Z
from derive.rules import poles
from derive.rules.complements import complemented, is_complement, whole_powers
from derive.rules.odds import P, Q, by_logarithms, is_log, odds_of, of_one, plainly
from derive.rules.rooted import of_variance
from derive.rules.sides import centred, of_arsinh, sided, slopes, variance
from derive.rules.stable import recognise, tidy

_HALF = sp.Rational(1, 2)
_A, _Y = sp.Symbol("a", positive=True), sp.Symbol("y", positive=True)


def positively(letter: sp.Symbol, domain: Set) -> sp.Expr:
    """A letter of an interval with an end, written with a positive one; another as it is."""
    if not isinstance(domain, Interval) or domain == REALS:
        return letter
    free = sp.Symbol(str(letter), positive=True)
    if domain.hi == sp.oo:
        return domain.lo + free
    return domain.hi - free if domain.lo == -sp.oo else (domain.lo + domain.hi * free) / (1 + free)


def is_mean(prediction: Set, target: Set) -> bool:
    """Whether predictions are positive and targets not negative."""
    return prediction == POSITIVE and isinstance(target, Interval) and target.lo == 0


@dataclass(frozen=True, kw_only=True)
class Mean:
    """a = f(z) in blocks, z in `domain`; `bounded` where a stays below 1."""

    f: sp.Expr
    domain: Set
    bounded: bool
    parameters: tuple[Parameter, ...] = ()

    @property
    def letters(self) -> dict[sp.Symbol, sp.Expr]:
        """z written with a positive symbol."""
        return {Z: positively(Z, self.domain)}

    def back(self, expr: sp.Expr) -> sp.Expr:
        """An expression in positive symbols, in the usual ones."""
        here = self.letters[Z]
        free = sp.Symbol("z", positive=True)
        known = {_Y: Y} if here == Z else {_Y: Y, free: sp.solve(here - Z, free, check=False)[0]}
        return expr.xreplace(known)

    @property
    def height(self) -> sp.Expr | None:
        """log f, where it is made of blocks."""
        found = recognise(self.back(sp.expand_log(log(self.f.xreplace(self.letters)))))
        found = found.replace(_is_log_of_rest, lambda e: log_bose(-Z))  # z < 0, since f > 0
        if any(e.has(Z) for e in found.atoms(log)):
            return None
        return found if found.has(HeadFunction, exp) or found.is_polynomial(Z) else None


def _is_log_of_rest(expr: sp.Basic) -> bool:
    return isinstance(expr, log) and expr.args[0] in (1 / expm1(-Z), bose(-Z))


def mean_forms(los: sp.Expr, mean: Mean, target: Set) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
    """Value, gradient and second derivative of L(f(z), y) in stable blocks."""
    if isinstance(los, sp.Piecewise):
        (first, where), (last, _) = los.args
        value = sp.Piecewise((mean_forms(first, mean, target)[0], where), (mean.f, True))
        assert last == A, "beside y > 0 the loss is a"
        return value, *mean_forms(first, mean, target)[1:]
    written = _positive(los)
    v = variance(los.xreplace({A: _A, Y: _Y})) if mean.height is not None else None
    if v and (known := sided(mean.height)):
        return composed(deviance(written), mean), *slopes(v, mean.f, mean.height, known)
    basis = composed(_varying(written), mean)
    slope = settled(basis.diff(Z), mean, target)
    if v and (known_slopes := poles.deviance(v, mean.f)) is not None:
        return composed(deviance(written), mean), *known_slopes
    if v and (second := centred(v, mean.height)) is not None:
        return composed(deviance(written), mean), slope, second
    if (second := of_variance(los.xreplace({A: _A, Y: _Y}), mean.f)) is not None:
        return composed(deviance(written), mean), slope, second
    if v and (first := of_arsinh(v, mean.f, mean.height)) is not None:
        slope = first
    again = slope.diff(Z) if mean.bounded else basis.diff(Z, 2)
    return composed(deviance(written), mean), slope, settled(again, mean, target)


def _positive(los: sp.Expr) -> sp.Expr:
    """A loss in positive a and y, logarithms of products as sums."""
    return sp.expand_log(by_logarithms(los.xreplace({A: _A, Y: _Y})))


def _varying(los: sp.Expr) -> sp.Expr:
    """The loss without what the prediction does not enter."""
    return _expanded(los).as_independent(_A, as_Add=True)[1]


def _expanded(expr: sp.Expr) -> sp.Expr:
    """Products multiplied out; powers and what sums stand below the bar are kept."""
    kept = {e: sp.Dummy(positive=True) for e in expr.atoms(sp.Pow) if e.base.is_Add and e.exp.is_negative}
    whole = sp.expand(expr.xreplace(kept), power_exp=False, power_base=False, log=False)
    return whole.xreplace({name: e for e, name in kept.items()})


def _collected(expr: sp.Expr, mean: Mean) -> sp.Expr:
    """A sum of products, like ones together, with what parameters multiply them by in lowest terms."""
    found: dict[sp.Expr, sp.Expr] = {}
    for term in sp.Add.make_args(_expanded(expr)):
        constant, rest = sp.powsimp(term).as_independent(Z, Y, as_Add=False)
        found[rest] = found.get(rest, sp.S.Zero) + constant
    terms = [sp.factor(constant) * _under(rest) for rest, constant in found.items()]
    return _falling(terms, mean)


def _under(product: sp.Expr) -> sp.Expr:
    """z^(−k)/(1 + b) as 1/(zᵏ + zᵏb), a power of z in each sum below: where b overflows, z^(−k) may, too."""
    sums = [f for f in sp.Mul.make_args(product) if f.is_Pow and f.base.is_Add and f.exp.is_negative]
    power = -_power_of_z(product)
    if not sums or not power.is_Integer or power <= 0:
        return product
    for f in sums:
        each = min(int(power), -int(f.exp))
        product = product / f * Z**each * sp.expand(Z * f.base) ** (-each) * f.base ** (f.exp + each)
        power -= each
    return product


def _falling(terms: list[sp.Expr], mean: Mean) -> sp.Expr:
    """A sum of powers of z of which no two overflow on the same side: 1/z − y/z² is (1 − y/z)/z."""
    total = sp.S.Zero
    size = -Z if any(-Z in t.as_powers_dict() for t in terms) else Z
    for sign in (-1, 0, 1):
        group = [t for t in terms if _sign(_power_of_z(t), mean) == sign]
        powers = [_power_of_z(t) for t in group]
        shared = [p for p in powers if sign and all(_sign(q - p, mean) in (0, sign) for q in powers)]
        front = size ** shared[0] if shared and len(group) > 1 else sp.S.One
        total += front * sp.Add(*(sp.powsimp(t / front) for t in group))
    return total


def _sign(number: sp.Expr, mean: Mean) -> int:
    """The sign of a number made of parameters, where defaults and ends of domains agree on it; else 0."""
    values: list[dict] = [{}]
    for p in mean.parameters:
        some = [end for end in (p.domain.lo, p.default, p.domain.hi) if end.is_finite and end != 0]
        values = [{**v, p.symbol: end} for v in values for end in some]
    signs = {int(sp.sign(number.subs(v))) for v in values} - {0}
    return signs.pop() if len(signs) == 1 else 0


def _power_of_z(product: sp.Expr) -> sp.Expr:
    """The power of z, or of −z, in a product."""
    powers = product.as_powers_dict()
    return sp.S.Zero + powers.get(Z, 0) + powers.get(-Z, 0)


def composed(los: sp.Expr, mean: Mean) -> sp.Expr:
    """A loss in positive a and y with a = f(z), in blocks."""
    inside, height = mean.f.xreplace(mean.letters), mean.height
    if height is not None:
        high = height.xreplace(mean.letters)
        fixed = 1 if not mean.bounded else None
        los = los.replace(lambda e: e.is_Pow and e.base == _A and e.exp != fixed, lambda e: exp(e.exp * high))
        los = los.xreplace({log(_A): high, **({_A: exp(high)} if mean.bounded else {})})
    whole = los.subs(_A, inside)
    whole = whole.replace(lambda e: isinstance(e, softplus), plainly)
    return _apart(whole_powers(recognise(mean.back(sp.expand_log(whole)))))


def _apart(expr: sp.Expr) -> sp.Expr:
    """The expression with e^(k(log b − log c)) as c^(−k)e^(k log b), which roots of b spell."""

    def apart(e: sp.Expr) -> sp.Expr:
        fixed, rest = sp.expand(e.args[0]).as_independent(Z, as_Add=True)
        number, head = sp.factor(rest).as_independent(Z, as_Add=False)
        return exp(sp.factor(fixed)) * exp(number * head) if isinstance(head, log_bose) else e

    return expr.replace(lambda e: isinstance(e, exp) and e.has(log_bose), apart)


def deviance(los: sp.Expr) -> sp.Expr:
    """A loss in positive a and y with its lag named; as it is where it is none."""
    los = _relative(los)
    found = (_with_lag(los, ratio) for ratio in (_Y / _A, _A / _Y))
    return next((f for f in found if f is not None), los)


def _relative(los: sp.Expr) -> sp.Expr:
    """The loss with (y − a)²/a² as (y/a − 1)²."""
    square = (_Y - _A) ** 2
    return los.subs(square, _A**2 * (_Y / _A - 1) ** 2) if los.has(square) else los


def _with_lag(los: sp.Expr, ratio: sp.Expr) -> sp.Expr | None:
    """The loss as c·lag(ratio − 1), where that is all of it."""
    logs = sp.expand_log(log(ratio))
    terms = sp.expand(los)
    factor = -terms.coeff(log(_Y)) * logs.coeff(log(_Y))
    if factor == 0 or sp.expand(terms - factor * (ratio - 1 - logs)) != 0:
        return None
    return factor * lag(ratio - 1)


def settled(expr: sp.Expr, mean: Mean, target: Set) -> sp.Expr:
    """A derivative as a sum of powers of z, or with what is common in front and residuals a − y."""
    expr = _by_odds(expr, mean)
    if is_complement(mean.f):
        return complemented(expr)
    expr = _cancelled(expr)
    if not expr.has(HeadFunction, exp):
        return _collected(expr, mean)
    if mean.height is None:
        return tidy(expr, target)
    expr = expr.xreplace({exp(mean.height): mean.f})
    scored = tidy(_scored(tidy(_same_sums(tidy(expr, target)), target), mean), target)
    lifted = scored.replace(lambda e: e.is_Add, lambda e: _lifted(e, mean))
    return _balanced(_without_limit(_halves(lifted.replace(lambda e: e.is_Mul, _as_odds), mean)))


def _balanced(expr: sp.Expr) -> sp.Expr:
    """The expression with σ(w) − σ(−w) as tanh(w/2), which keeps its digits beside w = 0."""

    def joined(total: sp.Expr) -> sp.Expr:
        for term in total.args:
            if isinstance(term, sigmoid) and -term.func(-term.args[0]) in total.args:
                w = term.args[0]
                return total - term + sigmoid(-w) + tanh(w / 2)
        return total

    return expr.replace(lambda e: e.is_Add, joined)


def _as_odds(product: sp.Expr) -> sp.Expr:
    """A product with σ(w)e^(softplus(w)) as e^w."""
    for f in product.args:
        if isinstance(f, sigmoid) and exp(softplus(f.args[0])) in product.args:
            return product / f / exp(softplus(f.args[0])) * exp(f.args[0])
    return product


def _halves(expr: sp.Expr, mean: Mean) -> sp.Expr:
    """Sums of e^w and blocks in e^w alone, where f is σ(−w) and the blocks are sums of it."""
    if mean.height is None or not isinstance(-mean.height, softplus):
        return expr
    w = (-mean.height).args[0]

    def joined(total: sp.Expr) -> sp.Expr:
        opened = sp.expand_mul(total.xreplace({exp(softplus(w)): 1 + exp(w)}))
        whole = sp.expand_mul(opened.xreplace({sigmoid(-w): 1 - sigmoid(w)}))
        return total if whole.has(sigmoid, softplus) else whole

    return expr.replace(lambda e: e.is_Add and e.has(sigmoid, softplus) and e.has(exp(w)), joined)


def _lifted(total: sp.Expr, mean: Mean) -> sp.Expr:
    """A sum with its falling powers of f together, so that no two overflow with different signs."""
    falling = {t: k for t in total.args if (k := _falls_as(t, mean)) < 0}
    if len(set(falling.values())) < 2:
        return total
    front = exp(max(falling.values()) * mean.height)
    inside = sp.Add(*(_of_one_power(t / front, mean) for t in falling))
    return sp.Add(front * inside, *(t for t in total.args if t not in falling))


def _falls_as(term: sp.Expr, mean: Mean) -> sp.Expr:
    """The number k of a factor e^(k log f) in a term; 0 where there is none."""
    powers = [k for f in sp.Mul.make_args(term) if (k := _power_of(f, mean)) is not None]
    return sp.Add(*powers) if sp.Add(*powers).is_number else sp.S.Zero


def _of_one_power(product: sp.Expr, mean: Mean) -> sp.Expr:
    """A product with its powers of f as one."""
    powers = {f: k for f in sp.Mul.make_args(product) if (k := _power_of(f, mean)) is not None}
    rest = sp.Mul(*(f for f in sp.Mul.make_args(product) if f not in powers))
    return rest * exp(sp.Add(*powers.values()) * mean.height)


def _without_limit(expr: sp.Expr) -> sp.Expr:
    """The expression with 1/(1 − e^z) as 1 + 1/(e^(−z) − 1) in sums, where its limit 1 may cancel."""

    def opened(total: sp.Expr) -> sp.Expr:
        return sp.factor(total.xreplace({bose_rest(-Z): 1 + bose(-Z)}))

    return expr.replace(lambda e: e.is_Add and e.has(bose_rest(-Z)), opened)


def _same_sums(expr: sp.Expr) -> sp.Expr:
    """The expression with (a − y)/(y − a) as −1."""

    def turned(product: sp.Expr) -> sp.Expr:
        for f in product.args:
            if f.is_Pow and f.exp == -1 and f.base.is_Add and -f.base in product.args:
                return -product / f / -f.base
        return product

    return expr.replace(lambda e: e.is_Mul, turned)


def _scored(expr: sp.Expr, mean: Mean) -> sp.Expr:
    """The expression with f′/f as the slope of log f, wherever f′ stands beside a falling power of f."""
    height = mean.height if mean.height is not None else Z
    whole, slope = mean.f.diff(Z), height.diff(Z)

    def falls(total: sp.Expr) -> bool:
        terms = total.args if total.is_Add else ()
        powers = [_power_of(f, mean) for t in terms for f in sp.Mul.make_args(t)]
        return any(k is not None and k.as_coeff_Add()[0] <= 1 for k in powers)

    def score(product: sp.Expr) -> sp.Expr:
        powers = [k for f in product.args if (k := _power_of(f, mean)) is not None]
        if not powers and whole in product.args and (sums := [f for f in product.args if falls(f)]):
            raised_by_one = sp.Add(*(t * exp(mean.height) for t in sums[0].args))
            rest = sp.Mul(*(f for f in product.args if f not in (whole, sums[0])))
            return rest * slope * raised_by_one.xreplace({exp(mean.height): mean.f})
        if not (powers and powers[0].as_coeff_Add()[0] <= 1):  # −1, 1 − p; but not 2 − p
            return product
        if whole in product.args:
            return _of_one_power(product / whole * slope * exp(mean.height), mean)
        sums = [f for f in product.args if f.is_Add and any(whole in sp.Mul.make_args(t) for t in f.args)]
        return sp.Add(*(score(product / sums[0] * term) for term in sums[0].args)) if sums else product

    if not isinstance(whole, HeadFunction):
        return expr
    return expr.replace(lambda e: e.is_Mul, score)


def _power_of(expr: sp.Basic, mean: Mean) -> sp.Expr | None:
    """k of e^(k log f), free of z."""
    power = expr.args[0] / mean.height if isinstance(expr, exp) else Z
    return None if power.has(Z) else power


def _by_odds(expr: sp.Expr, mean: Mean) -> sp.Expr:
    """The expression with slopes of softplus(log b) in p = 1/(1 + 1/b) and q = 1/(1 + b) = 1 − p."""
    heads = {e for e in expr.atoms(sigmoid, logistic) if is_log(e.args[0])}
    if not heads:
        return expr
    up = [h.args[0] for h in sorted(heads, key=str) if _is_up(h.args[0], mean)]
    height = up[0] if up else -min((h.args[0] for h in heads), key=str)
    letters = {h: P if _is(h.args[0], height) else Q for h in heads if isinstance(h, sigmoid)}
    letters |= {h: P * Q for h in heads if isinstance(h, logistic)}
    odds = odds_of(height)
    if mean.bounded or isinstance(mean.f, HeadFunction):  # p is bq: b overflows no earlier than z
        whole = _expanded(expr.xreplace(letters).xreplace({P: odds / (1 + odds), Q: 1 / (1 + odds)}))
        return whole.replace(lambda e: e.is_Mul, lambda e: _unscored(e, mean))
    return of_one(expr.xreplace(letters)).xreplace({P: 1 / (1 + 1 / odds), Q: 1 / (1 + odds)})


def _unscored(product: sp.Expr, mean: Mean) -> sp.Expr:
    """A product with f times the slope of log f as f′."""
    if mean.height is None or not {mean.f, mean.height.diff(Z)} <= set(product.args):
        return product
    return product / mean.f / mean.height.diff(Z) * mean.f.diff(Z)


def _is_up(height: sp.Expr, mean: Mean) -> bool:
    """Whether a logarithm is that of f(z) times a number, rather than of its reciprocal."""
    own = mean.height if mean.height is not None else log(mean.f)
    return not sp.expand(sp.expand_log(height - own, force=True)).has(Z)


def _is(one: sp.Expr, other: sp.Expr) -> bool:
    return sp.expand(one - other) == 0


def _cancelled(expr: sp.Expr) -> sp.Expr:
    """The expression with the factors of products that hold parameters alone in lowest terms."""
    if not expr.args or isinstance(expr, HeadFunction):
        return expr
    expr = expr.func(*(_cancelled(a) for a in expr.args))
    if not expr.is_Mul:
        return expr
    constant, rest = expr.as_independent(Z, Y, as_Add=False)
    return sp.cancel(constant) * rest if constant.free_symbols else expr
