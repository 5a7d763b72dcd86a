"""Other spellings of functions that have stable blocks, written as the catalogue writes them.

e^w/(1 + e^w) is σ(w), and so on: what a user wrote becomes the formula that the rules know. The rows stand
in SymPy's own functions and are proved as all rows are; what stands beside other terms or factors is looked
for among them.
"""

from itertools import permutations

import sympy as sp
from sympy import cosh, exp, log, sinh, tanh

from derive.rules import W, identity, match

# Whole expressions, sums among them; a common number in front of a sum may be any.
SUMS = (
    identity("raised tangent", "1 + tanh w = 2σ(2w)", 1 + tanh(W), 2 / (1 + exp(-2 * W))),
    identity("lowered tangent", "1 − tanh w = 2σ(−2w)", 1 - tanh(W), 2 / (1 + exp(2 * W))),
    identity("complement", "1 − σ(−w) = σ(w)", 1 - 1 / (1 + exp(W)), 1 / (1 + exp(-W))),
    identity("doubled sigmoid", "2σ(−w) − 1 = −tanh(w/2)", 2 / (1 + exp(W)) - 1, -tanh(W / 2)),
    identity("hyperbolic cosine", "e^w + e^(−w) = 2 cosh w", exp(W) + exp(-W), 2 * cosh(W)),
    identity("hyperbolic sine", "e^w − e^(−w) = 2 sinh w", exp(W) - exp(-W), 2 * sinh(W)),
    identity("exponential", "cosh w + sinh w = e^w", cosh(W) + sinh(W), exp(W)),
    identity("hyperbolic secant", "1 − tanh² w = 1/cosh² w", 1 - tanh(W) ** 2, cosh(W) ** -2),
)
# Parts of a sum.
TERMS = (
    identity(
        "mirrored softplus", "w + log(1 + e^(−w)) = log(1 + e^w)", W + log(1 + exp(-W)), log(1 + exp(W))
    ),
    identity(
        "softplus by size",
        "max(w, 0) + log(1 + e^(−|w|)) = log(1 + e^w)",
        sp.Max(W, 0) + log(1 + exp(-sp.Abs(W))),
        log(1 + exp(W)),
    ),
    identity(
        "log-sigmoid by size",
        "min(w, 0) − log(1 + e^(−|w|)) = −log(1 + e^(−w))",
        sp.Min(W, 0) - log(1 + exp(-sp.Abs(W))),
        -log(1 + exp(-W)),
    ),
    identity(
        "log-cosh by softplus",
        "w + log(1 + e^(−2w)) − log 2 = log cosh w",
        W + log(1 + exp(-2 * W)) - log(2),
        log(cosh(W)),
    ),
)
# Parts of a product.
FACTORS = (
    identity("turned sigmoid", "e^w/(1 + e^w) = σ(w)", exp(W) / (1 + exp(W)), 1 / (1 + exp(-W))),
    identity("halved sigmoid", "e^w/cosh w = 2σ(2w)", exp(W) / cosh(W), 2 / (1 + exp(-2 * W))),
    identity("hyperbolic tangent", "sinh w/cosh w = tanh w", sinh(W) / cosh(W), tanh(W)),
    identity(
        "tangent by exponentials", "(e^w − 1)/(e^w + 1) = tanh(w/2)", (exp(W) - 1) / (1 + exp(W)), tanh(W / 2)
    ),
    identity(
        "tangent by exponentials, turned",
        "(1 − e^w)/(e^w + 1) = −tanh(w/2)",
        (1 - exp(W)) / (1 + exp(W)),
        -tanh(W / 2),
    ),
)
DISGUISES = (*SUMS, *TERMS, *FACTORS)


def unmasked(expr: sp.Expr) -> sp.Expr:
    """`expr` with the spellings of the table undone, from the leaves up, until none is left."""
    for _ in range(20):
        new = _once(expr)
        if new == expr:
            return new
        expr = new
    return expr


def _once(expr: sp.Expr) -> sp.Expr:
    if not expr.args:
        return expr
    if isinstance(expr, sp.Piecewise):
        return sp.Piecewise(*((_once(e), c) for e, c in expr.args), evaluate=False)
    args = [_once(arg) for arg in expr.args]
    if any(new is not old for new, old in zip(args, expr.args, strict=True)):
        expr = expr.func(*args)
    for rewrite in (_sum, _terms, _factors, _logarithm, _even):
        if (new := rewrite(expr)) is not None:
            return new
    return expr


def _sum(expr: sp.Expr) -> sp.Expr | None:
    """A sum of two terms that is a row, up to a number in front."""
    if not (expr.is_Add and len(expr.args) == 2):
        return None
    for term in expr.args:
        number = term.as_coeff_Mul()[0]
        scaled = sp.Add(*(part / number for part in expr.args))
        for front, candidate in ((number, scaled), (2 * number, scaled / 2), (number / 2, 2 * scaled)):
            for row in SUMS:
                for sign in (1, -1):
                    found = match(row.before, sign * candidate, {})
                    if found is not None:
                        return sign * front * row.after.subs(found)
    return None


def _terms(expr: sp.Expr) -> sp.Expr | None:
    """A sum with some terms that are a row together, up to a number in front."""
    if not expr.is_Add or len(expr.args) > 8:
        return None
    for term in expr.args:
        number, inside = term.as_coeff_Mul()
        if not (isinstance(inside, log) and inside.has(exp)):
            continue
        for row in TERMS:
            key = next(t for t in row.before.args if t.has(exp))
            sign = key.as_coeff_Mul()[0]
            for found in _letters(inside):
                if (sign * key).subs(found) != inside:
                    continue
                after = sp.expand_mul(
                    expr - number * sign * row.before.subs(found)
                ) + number * sign * row.after.subs(found)
                if _length(after) < _length(expr):
                    return after
    return None


def _letters(inside: sp.Expr) -> list[dict[sp.Symbol, sp.Expr]]:
    """What w may be in a log(1 + e^u): −u, −u/2, or what |w| is of in either."""
    found = []
    for e in inside.atoms(exp):
        for w in (sp.expand(-e.args[0]), sp.expand(-e.args[0] / 2)):
            found += [{W: w}, *({W: size.args[0]} for size in w.atoms(sp.Abs))]
    return found


def _length(expr: sp.Expr) -> int:
    return len(sp.Add.make_args(expr))


def _factors(expr: sp.Expr) -> sp.Expr | None:
    """A product with two factors that are a row together."""
    if not expr.is_Mul or len(expr.args) > 8:
        return None
    for one, other in permutations(_split(expr), 2):
        for row in FACTORS:
            for sign in (1, -1):
                found = match(row.before, sign * one * other, {}) if one.has(exp, sinh) else None
                if found is not None:
                    return expr / (one * other) * sign * row.after.subs(found)
    return None


def _split(product: sp.Expr) -> list[sp.Expr]:
    """The factors, powers of quotients one at a time."""
    found = []
    for factor in product.args:
        base, power = factor.as_base_exp() if not isinstance(factor, exp) else (factor, sp.S.One)
        one = base ** sp.sign(power) if power.is_Integer else factor
        found += [one] if not power.is_Integer else [one] * min(2, abs(int(power)))
    return [f for f in found if f.has(exp, sinh, cosh)]


def _logarithm(expr: sp.Expr) -> sp.Expr | None:
    """log(c cosh w) = log c + log cosh w; log(e^u + e^v) = u + log(1 + e^(v − u)); log 1/w = −log w."""
    if not isinstance(expr, log):
        return None
    (inside,) = expr.args
    number, rest = inside.as_coeff_Mul()
    if isinstance(rest, cosh) and number.is_positive and number != 1:
        return log(number) + log(rest)
    if inside.is_Pow and not isinstance(inside, exp) and inside.exp.is_negative and inside.base.is_positive:
        return inside.exp * log(inside.base)
    if inside.is_Add and len(inside.args) == 2 and all(isinstance(t, exp) for t in inside.args):
        first, second = sorted((t.args[0] for t in inside.args), key=_plainness)
        return first + log(1 + exp(sp.expand(second - first)))
    return None


def _plainness(w: sp.Expr) -> tuple[int, int, str]:
    return len(w.free_symbols), sp.count_ops(w), str(w)


def _even(expr: sp.Expr) -> sp.Expr | None:
    """cosh |w| = cosh w."""
    if isinstance(expr, cosh) and isinstance(expr.args[0], sp.Abs):
        return cosh(expr.args[0].args[0])
    return None
