"""Rules that find stable blocks in a value, before it is differentiated, and those used afterwards.

An identity that is false somewhere stays as a comment with its counter-example:
log(w²) = 2 log w is false at w = −1.
"""

import sympy as sp
from sympy import cosh, erf, exp, log, pi, sqrt

from derive.heads import (
    absolute,
    arctan,
    arsinh,
    arsinh_slope,
    bump,
    cauchy,
    cosine,
    even_lag,
    expm1,
    gumbel,
    gumbel_bend,
    gumbel_rest,
    heavy,
    heavy_bend,
    heavy_score,
    hyperbola,
    hyperbola_slope,
    lean,
    log1mexp,
    log1p,
    log_cauchy,
    log_cosh,
    log_gumbel_rest,
    log_ndtr,
    log_raised_softsign,
    log_raised_tanh,
    log_softplus,
    logistic,
    lorentz,
    ndtr,
    npdf,
    ramp,
    rise_slope,
    sech2,
    sgn,
    sigmoid,
    sine,
    softplus,
    softplus_score,
    softsign,
    softsign_rest,
    squareplus,
    step,
    tanh,
    tanh_shrink,
)
from derive.model import Finite, Set, Y, Z
from derive.rules import C, P, W, identity, rewrite
from derive.rules.hyperbolas import less_one
from derive.rules.numerators import of_heavy_tail, of_one_slope, quotients
from derive.rules.powers import by_powers
from derive.rules.raised import Raised, lowered_powers

ODD = (tanh, sgn, softsign, tanh_shrink, sine, hyperbola_slope, heavy_score)
EVEN = (absolute, log_cosh, logistic, sech2, cosine, rise_slope, even_lag, hyperbola, heavy, heavy_bend)
LABELS = Finite(values=(-1, 1))
ROTATING = (tanh, gumbel_bend)  # factors of second slopes that change their sign

_HALF = sp.Rational(1, 2)
_FEW = 100  # the denominator of a number of two decimals

RECOGNISE = (
    identity("sigmoid", "1/(1 + e^w) = σ(−w)", 1 / (1 + exp(W)), sigmoid(-W)),
    identity("softplus", "log(1 + e^w) is softplus(w)", log(1 + exp(W)), softplus(W)),
    identity(
        "raised softplus",
        "log(p + e^w) = log p + softplus(w − log p)",
        log(P + exp(W)),
        log(P) + softplus(W - log(P)),
    ),
    identity("complement", "1 − σ(w) = σ(−w)", 1 - sigmoid(W), sigmoid(-W)),
    identity("log-sigmoid", "log σ(w) = −softplus(−w)", log(sigmoid(W)), -softplus(-W)),
    identity("log-softplus", "log softplus(w) is kept whole", log(softplus(W)), log_softplus(W)),
    identity("hyperbolic tangent", "tanh with a stable slope", sp.tanh(W), tanh(W)),
    identity("raised tangent", "1 + tanh(w) = 2σ(2w)", 1 + tanh(W), 2 * sigmoid(2 * W)),
    identity("odds", "e^(−softplus(w)) = σ(−w)", exp(-softplus(W)), sigmoid(-W)),
    identity("heavy tail", "log(1 + w²) is kept whole", log(1 + W**2), heavy(W)),
    identity(
        "log tangent",
        "log(2σ(w)) = log(1 + tanh(w/2)) is kept whole",
        log(2 * sigmoid(W)),
        log_raised_tanh(W / 2),
    ),
    identity("log1p", "log(1 − w) without forming 1 − w", log(1 - W), log1p(-W)),
    identity("log-cosh", "log cosh(w) is kept whole", log(cosh(W)), log_cosh(W)),
    identity("normal distribution", "1 + erf(w) = 2Φ(√2 w)", 1 + erf(W), 2 * ndtr(sqrt(2) * W)),
    identity("halved normal distribution", "1/2 + erf(w)/2 = Φ(√2 w)", (1 + erf(W)) / 2, ndtr(sqrt(2) * W)),
    identity("upper normal tail", "1 − erf(w) = 2Φ(−√2 w)", 1 - erf(W), 2 * ndtr(-sqrt(2) * W)),
    identity("halved normal tail", "1/2 − erf(w)/2 = Φ(−√2 w)", (1 - erf(W)) / 2, ndtr(-sqrt(2) * W)),
    identity("normal complement", "1 − Φ(w) = Φ(−w)", 1 - ndtr(W), ndtr(-W)),
    identity("log-normal distribution", "log Φ(w) is kept whole", log(ndtr(W)), log_ndtr(W)),
    identity("arctangent", "arctan with a stable slope", sp.atan(W), arctan(W)),
    identity("Cauchy distribution", "1/2 + arctan(w)/π is kept whole", arctan(W) / pi + _HALF, cauchy(W)),
    identity("Cauchy tail", "1/2 − arctan(w)/π mirrors it", _HALF - arctan(W) / pi, cauchy(-W)),
    identity("Cauchy complement", "1 − C(w) = C(−w)", 1 - cauchy(W), cauchy(-W)),
    identity("log-Cauchy distribution", "log C(w) is kept whole", log(cauchy(W)), log_cauchy(W)),
    identity("double exponential", "e^(−e^w) is kept whole", exp(-exp(W)), gumbel(W)),
    identity("double complement", "1 − e^(−e^w) is kept whole", 1 - gumbel(W), gumbel_rest(W)),
    identity("its complement", "1 − (1 − e^(−e^w)) = e^(−e^w)", 1 - gumbel_rest(W), gumbel(W)),
    identity("log-survival", "log e^(−e^w) = −e^w", log(gumbel(W)), -exp(W)),
    identity("log-complement", "log(1 − e^(−e^w)) is kept whole", log(gumbel_rest(W)), log_gumbel_rest(W)),
    identity("expm1", "e^w − 1 is kept whole", exp(W) - 1, expm1(W)),
    identity("turned expm1", "1 − e^w = −(e^w − 1)", 1 - exp(W), -expm1(W)),
    identity("e^w again", "1 + (e^w − 1) = e^w", 1 + expm1(W), exp(W)),
    identity("its logarithm", "log(1 − e^w) is kept whole", log(-expm1(W)), log1mexp(-W)),
    identity("its complement, added", "log(2 − e^w) = log(1 + (1 − e^w))", log(2 - exp(W)), log1p(-expm1(W))),
    identity("absolute value", "|w| with slope sgn w", sp.Abs(W), absolute(W)),
    identity("sign", "sgn w with slope 0", sp.sign(W), sgn(W)),
    identity("hyperbolic secant", "1/cosh² w is kept whole", cosh(W) ** -2, sech2(W)),
    identity("sine", "sin w, whose argument may be a rounded product", sp.sin(W), sine(W)),
    identity("cosine", "cos w likewise", sp.cos(W), cosine(W)),
    identity("softsign", "w/(1 + |w|) is kept whole", W / (1 + absolute(W)), softsign(W)),
    identity(
        "lag of a size", "|w| − log(1 + |w|) is kept whole", absolute(W) - log1p(absolute(W)), even_lag(W)
    ),
    identity("hyperbola", "√(1 + w²) − 1 is kept whole", sqrt(1 + W**2) - 1, hyperbola(W)),
    identity(
        "logit",
        "log(1 + e^w) − yw = y log(1 + e^(−w)) + (1 − y) log(1 + e^w)",
        softplus(W) - Y * W,
        Y * softplus(-W) + (1 - Y) * softplus(W),
    ),
    identity(
        "raised softsign",
        "log(1 + w/(1 + |w|)) is kept whole",
        log1p(softsign(W)),
        log_raised_softsign(W),
    ),
    identity("softsign complement", "1 − w/(1 + |w|) is kept whole", 1 - softsign(W), softsign_rest(W)),
    identity(
        "squareplus",
        "(w + √(w² + p))/2 is kept whole, in units of √p",
        W / 2 + sqrt(W**2 + P) / 2,
        sqrt(P) * squareplus(W / sqrt(P)),
    ),
    identity("log-squareplus", "log s(w) = arsinh w − log 2", log(squareplus(W)), arsinh(W) - log(2)),
    identity("tanh shrinkage", "w − tanh(w) is kept whole", W - tanh(W), tanh_shrink(W)),
    identity("Gaussian", "e^(−w²) by a square that is not rounded", exp(-(W**2)), bump(W)),
    identity("log-Gaussian", "log e^(−w²) = −w²", log(bump(W)), -(W**2)),
)

TIDY = (
    identity(
        "sigmoid less its slope",
        "σ² − σ′ = σ(w)(σ(w) − σ(−w))",
        sigmoid(W) ** 2 - logistic(W),
        sigmoid(W) * (sigmoid(W) - sigmoid(-W)),
    ),
    identity(
        "slope of a sigmoid, by label",
        "yσ² − σ′ = σ(w)(yσ(w) − σ(−w))",
        Y * sigmoid(W) ** 2 - logistic(W),
        sigmoid(W) * (Y * sigmoid(W) - sigmoid(-W)),
    ),
    identity(
        "sigmoid and its slope, by target",
        "σ − yσ′ = σ(w)(1 − yσ(−w))",
        sigmoid(W) - Y * logistic(W),
        sigmoid(W) * (1 - Y * sigmoid(-W)),
    ),
    identity(
        "sigmoid less its slope, by label",
        "σ² − yσ′ = σ(w)(σ(w) − yσ(−w))",
        sigmoid(W) ** 2 - Y * logistic(W),
        sigmoid(W) * (sigmoid(W) - Y * sigmoid(-W)),
    ),
    identity(
        "shared complement",
        "σ′(w) = σ(w)σ(−w)",
        logistic(W) + C * sigmoid(-W),
        sigmoid(-W) * (sigmoid(W) + C),
    ),
    identity(
        "shared score",
        "σ(w) = softplus(w) · σ(w)/softplus(w)",
        sigmoid(W) + C * softplus_score(W),
        softplus_score(W) * (softplus(W) + C),
    ),
)

# Before what is common to the terms is in front, which may divide the number 1.
WHOLE = (identity("cube", "1 − (1 − w)³ = w(3 − 3w + w²)", 1 - (1 - W) ** 3, W * (3 - 3 * W + W**2)),)

# Φ(w) is a step less a tail: the tail and the density share all that is dear, and z·Φ needs no root of Φ.
TAILS = (
    identity(
        "normal gate",
        "wΦ(w) = max(w, 0) − wφ(w)m(w) with m(w) = ([w ≥ 0] − Φ(w))/φ(w)",
        W * ndtr(W),
        ramp(W) - W * npdf(W) * lean(W),
    ),
    identity(
        "slope of a normal gate",
        "cφ(w) + Φ(w) = [w ≥ 0] + (c − m(w))φ(w)",
        C * npdf(W) + ndtr(W),
        step(W) + (C - lean(W)) * npdf(W),
    ),
)

LOWER = (
    identity("square of a slope", "(1/√(1 + w²))² = 1/(1 + w²)", arsinh_slope(W) ** 2, lorentz(W)),
    identity("normal tail", "Φ(w) = [w ≥ 0] − φ(w)m(w)", ndtr(W), step(W) - npdf(W) * lean(W)),
    identity(
        "tanh of softplus",
        "tanh(softplus(w)) = s(1 + t)/(1 + t²) with s = σ(w), t = σ(−w)",
        tanh(softplus(W)),
        sigmoid(W) * (1 + sigmoid(-W)) / (1 + sigmoid(-W) ** 2),
    ),
    identity(
        "sech² of softplus",
        "sech²(softplus(w)) = 4t²/(1 + t²)² with t = σ(−w)",
        sech2(softplus(W)),
        4 * sigmoid(-W) ** 2 / (1 + sigmoid(-W) ** 2) ** 2,
    ),
)


def recognise(expr: sp.Expr) -> sp.Expr:
    """`expr` with its stable blocks named."""
    return rewrite(less_one(expr), RECOGNISE)


def lowered(expr: sp.Expr) -> sp.Expr:
    """`expr` with blocks that are dear or share nothing written in others; those raised to a power stay."""
    kept = {e: sp.Dummy(real=True) for e in expr.atoms(Raised)}
    found = rewrite(rewrite(expr.xreplace(kept), TAILS), LOWER)
    return lowered_powers(found.xreplace({name: e for e, name in kept.items()}))


def tidy(expr: sp.Expr, target: Set) -> sp.Expr:
    """A derivative with its factors collected: what is common in front, parities used, y² = 1 for ±1."""
    if isinstance(expr, sp.Piecewise):
        return sp.Piecewise(*((tidy(e, target), _oriented(c)) for e, c in expr.args))
    if expr.has(sp.Piecewise):
        return expr.func(*(tidy(a, target) for a in expr.args))
    if target == LABELS:
        expr = _by_label(expr)
    expr = rewrite(_oriented(expr), WHOLE)
    expr = _level(quotients(_whole(_factored(expr))))
    expr = expr.replace(lambda e: e.is_Add and e.has(Y) and e.has(expm1), by_powers)
    if target == LABELS:
        expr = expr.replace(lambda e: e.is_Add and any(map(_beside_margin, e.args)), _without_margin)
    return of_one_slope(of_heavy_tail(rewrite(_facing(_by_z(_powers(expr))), TIDY)))


def _factored(expr: sp.Expr) -> sp.Expr:
    """`expr` with what is common in front; a residual with a decimal stays: 10000 times it is another."""
    decimals = sorted((e for e in expr.atoms(sp.Add) if abs(e.coeff(Y)) == 1 and _has_decimal(e)), key=str)
    letters = {e: sp.Dummy(real=True) for e in decimals}
    found = sp.factor_terms(expr.xreplace(letters))
    return found.xreplace({letter: e for e, letter in letters.items()})


def _has_decimal(total: sp.Expr) -> bool:
    """Whether a number of several decimals stands before a term."""
    return any(t.as_coeff_Mul()[0].is_Rational and t.as_coeff_Mul()[0].q > _FEW for t in total.args)


def _by_label(expr: sp.Expr) -> sp.Expr:
    """`expr` with y² = 1, for labels -1 and 1."""
    return expr.replace(lambda e: e.is_Pow and e.base == Y, lambda e: Y ** (e.exp % 2))


def _beside_margin(term: sp.Expr) -> bool:
    """Whether a term is y(1 − y f) with an f that holds e^w − 1."""
    sums = [f for f in sp.Mul.make_args(term) if f.is_Add and f.has(Y) and f.has(expm1)]
    return len(sums) == 1 and Y in term.args


def _without_margin(total: sp.Expr) -> sp.Expr:
    """A sum with y(1 − y f) as y − f where e^w stands beside it: what is constant in e^w and f may cancel."""
    others = [t for t in total.args if not _beside_margin(t)]
    if not any(isinstance(f, exp) for t in others for f in sp.Mul.make_args(t)):
        return total
    return _by_label(sp.expand(total))


def _whole(expr: sp.Expr) -> sp.Expr:
    """`expr` with a residual kept whole beside multiples of itself: r − 2z²r is r(1 − 2z²)."""
    return expr.replace(lambda e: e.is_Add and e.has(Y), _collected)


def _collected(total: sp.Expr) -> sp.Expr:
    for residual in sorted({f for t in total.args for f in sp.Mul.make_args(t) if _is_residual(f)}, key=str):
        for r in (residual, -residual):
            multiples = [t for t in total.args if residual in sp.Mul.make_args(t)]
            if set(r.args) <= set(total.args) and any((t / residual).has(Z) for t in multiples):
                share = sp.Add(sp.S.One, *(t / r for t in multiples))
                return sp.Add(*(set(total.args) - set(r.args) - set(multiples))) + r * share
    return total


def _is_residual(factor: sp.Expr) -> bool:
    """Whether a factor is f − y, ye^(−f) − 1, or log(1 + f) − log(1 + y)."""
    share = factor.coeff(Y) + factor.coeff(log1p(Y)) if factor.is_Add and factor.has(Z) else sp.S.Zero
    return abs(share) == 1 or isinstance(share.as_coeff_Mul()[1], exp)


def _level(expr: sp.Expr) -> sp.Expr:
    """`expr` with sums in sums as one where a parameter stands between, so that what cancels meets."""
    return expr.replace(lambda e: e.is_Add and any(map(_scaled, e.args)), sp.expand_mul)


def _scaled(term: sp.Expr) -> bool:
    """Whether a term is a sum in y and z times parameters."""
    sums = [f for f in sp.Mul.make_args(term) if f.is_Add and f.has(Y) and f.has(Z)]
    rest = [f for f in sp.Mul.make_args(term) if f not in sums]
    return len(sums) == 1 and any(f.free_symbols for f in rest) and not any(f.has(Y, Z) for f in rest)


def _by_z(expr: sp.Expr) -> sp.Expr:
    """`expr` with terms of its sums that share a factor in z, and a target, as that factor times a sum."""
    if not (expr.has(Y) and expr.has(Z)) or expr.is_Symbol:
        return expr
    args = tuple(_by_z(a) for a in expr.args)
    expr = expr if args == expr.args else expr.func(*args)
    if not expr.is_Add:
        return expr
    for factor in (Z, *sorted((h for h in expr.atoms(*ROTATING)), key=str)):
        terms = [t for t in expr.args if factor in sp.Mul.make_args(t)]
        inner = sp.factor_terms(sp.Add(*(t / factor for t in terms)))
        if len(terms) > 1 and inner.has(Y) and inner.has(Z):
            rest = sp.Add(*(t for t in expr.args if t not in terms))
            return sp.Mul(factor, inner, evaluate=False) + rest
    return expr


def _powers(expr: sp.Expr) -> sp.Expr:
    """`expr` with w^p·wⁿ as w^(p + n), and sgn² as 1: both sides of |w|, differentiated twice, have it."""
    expr = expr.replace(lambda e: e.is_Pow and isinstance(e.base, sgn) and e.exp.is_even, lambda e: sp.S.One)
    symbolic = {e.base for e in expr.atoms(sp.Pow) if e.exp.free_symbols and not e.base.is_number}
    if not symbolic:
        return expr
    return expr.replace(lambda e: e.is_Mul and symbolic & set(e.as_powers_dict()), _gathered)


def _gathered(product: sp.Expr) -> sp.Expr:
    """A product with each base once."""
    return sp.Mul(*(base**power for base, power in product.as_powers_dict().items()))


def _facing(expr: sp.Expr) -> sp.Expr:
    """`expr` with the residuals among the factors of its products written as a − y, not y − a."""
    if not expr.args:
        return expr
    args = [_facing(a) for a in expr.args]
    turned = [expr.is_Mul and a.is_Add and a.has(Z) and a.coeff(Y) == 1 for a in args]
    if not any(turned):
        return expr if tuple(args) == expr.args else expr.func(*args)
    args = [sp.Mul(-1, a) if turn else a for a, turn in zip(args, turned, strict=True)]
    return sp.Mul(sp.S.NegativeOne ** sum(turned), *args)


def _oriented(expr: sp.Basic) -> sp.Basic:
    """`expr` with odd and even heads taking the argument a − y rather than y − a."""
    return expr.replace(lambda e: isinstance(e, ODD + EVEN) and _backward(e.args[0]), _turned)


def _backward(w: sp.Expr) -> bool:
    residuals = [e for e in sp.Mul.make_args(w) if e.is_Add and e.has(Y)]
    if w.is_Add or (residuals and w.as_coeff_Mul()[0].is_positive):
        return bool(residuals) and residuals[0].coeff(Y) == 1
    return w.could_extract_minus_sign()


def _turned(head: sp.Expr) -> sp.Expr:
    flipped = head.func(-head.args[0])
    return -flipped if isinstance(head, ODD) else flipped
