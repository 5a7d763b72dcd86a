"""Expressions as NumPy text, in the order in which a person would write and a float would want them."""

from collections.abc import Callable
from functools import reduce

import sympy as sp

from derive.emit.numpy_names import PLAIN, RELATIONS
from derive.emit.shape import ahead
from derive.emit.thresholds import exactly
from derive.heads import HeadFunction, head_row, ndtr_lag, raised
from derive.model import A, Y, Z
from derive.rules.branchless import Capped, Decay, Kept, Short
from derive.rules.carried import Carried
from derive.rules.floats import Lifted, Log1pOf, LogOf, Plus, Polynomial, Powered, Quotient, Root, Times
from derive.rules.margins import Beside, Within
from derive.rules.weighted import Weighted, WeightedLog, WeightedLog1p, halves, head_of

_SUM, _PRODUCT, _POWER, _ATOM = range(4)  # how tightly a text binds
_INTEGERS = 2**63  # beyond this an array takes no integer
_MANY_DIGITS = 10**16  # powers of ten beyond are written with an exponent
Text = tuple[str, int]

_BRANCHLESS = {Decay: "np.exp", Short: "np.expm1"}
_BLOCKS = {LogOf: "_log_of", Log1pOf: "_log1p_of", Lifted: "_log_lifted", WeightedLog: "_weighted_log_of"}
_BLOCKS |= {WeightedLog1p: "_weighted_log1p_of"}  # the others are called as what they stand for


def spell(expr: sp.Basic, constants: frozenset[sp.Symbol] = frozenset()) -> str:
    """NumPy text of an expression; `constants` are the symbols that do not vary with z."""
    return _spell(expr, constants | {Y})[0]


def _spell(expr: sp.Basic, fixed: frozenset) -> Text:
    if expr.is_Symbol:
        return str(expr), _ATOM
    if isinstance(expr, sp.Rational | sp.Float):
        return _number(expr) if expr.is_Rational else (repr(float(expr)), _ATOM)
    if expr in (sp.pi, sp.E):
        return f"np.{str(expr).lower()}", _ATOM
    if isinstance(expr, Root | HeadFunction | sp.exp | Weighted):
        return (_weighted if isinstance(expr, Weighted) else _head)(expr, fixed), _ATOM
    if isinstance(expr, Decay | Short):
        return f"{_BRANCHLESS[type(expr)]}({_fallen(expr.args[0], fixed)})", _ATOM
    if isinstance(expr, Capped):
        return f"np.minimum(np.exp({_spell(expr.args[0], fixed)[0]}), 1.0)", _ATOM
    if isinstance(expr, Kept):
        return _closed(expr.args[0], fixed, _ATOM), _ATOM
    if isinstance(expr, Polynomial):
        return f"_polynomial({', '.join(_pair(c, fixed) for c in expr.args)})", _ATOM
    if isinstance(expr, Powered):
        y, w, power = expr.args
        return _powered(y, w, power, fixed), _ATOM
    if isinstance(expr, WeightedLog | LogOf | Log1pOf | Lifted | Times | Plus | Quotient | Within | Beside):
        return _called(expr, fixed), _ATOM
    if isinstance(expr, sp.Piecewise):
        return _where(expr, fixed), _ATOM
    if isinstance(expr, sp.Min | sp.Max):
        return _extreme(expr, fixed), _ATOM
    if expr.is_Add:
        return _sum(expr, fixed), _SUM
    if expr.is_Mul:
        return _product(expr, fixed)
    if expr.is_Pow:
        return _power(expr, fixed)
    return f"{PLAIN[type(expr).__name__]}({_spell(expr.args[0], fixed)[0]})", _ATOM


def _called(expr: sp.Expr, fixed: frozenset) -> str:
    """The block of an arrangement and its arguments; of a WeightedLog the third is for the proof alone."""
    args = (*expr.args[:2], *expr.args[3:]) if isinstance(expr, WeightedLog) else expr.args
    name = _BLOCKS.get(type(expr), f"_{type(expr).__name__.lower()}")
    return f"{name}({', '.join(_spell(a, fixed)[0] for a in args)})"


def _extreme(expr: sp.Expr, fixed: frozenset) -> str:
    """The largest or the smallest of arrays; of parameters alone by Python's own function."""
    name, texts = type(expr).__name__.lower(), [_spell(a, fixed)[0] for a in expr.args]
    if expr.free_symbols <= fixed:
        return f"{name}({', '.join(texts)})"
    return reduce(f"np.{name}imum({{}}, {{}})".format, texts)


def _fallen(w: sp.Expr, fixed: frozenset) -> str:
    """The text of −|w|, a number outside."""
    number, rest = w.as_coeff_Mul()
    inside = f"np.abs({_spell(rest, fixed)[0]})"
    if number.q != 1:
        return f"-{inside} / {number.q}"
    return f"-{inside}" if number == 1 else f"-{number} * {inside}"


def _head(expr: sp.Expr, fixed: frozenset) -> str:
    """A head or its root; of a product with a parameter, or of a difference, by the block made for it."""
    rooted = isinstance(expr, Root)
    head = expr.args[0] if rooted else expr
    row, w = head_row(head), head.args[0]
    factor, rest = w.as_independent(Z, as_Add=False)
    if row.scaled[rooted] and rest == Z and factor.free_symbols and factor.free_symbols <= fixed:
        return row.scaled[rooted].format(_spell(factor, fixed)[0], rest)
    if row.polynomial[rooted] and isinstance(w, Carried):
        return row.polynomial[rooted].format(w)
    if row.between and not rooted and w in (Z - Y, A - Y):
        return row.between.format(w + Y, Y)
    if row.between and (ends := _shifted(w, fixed)):
        return ("_root" if rooted else "") + row.between.format(*ends)
    if isinstance(head, sp.exp) and (text := _raised(w, rooted, fixed)):
        return text
    template = row.root if rooted else row.numpy
    return template.format(_argument(w, fixed, template))


def _powered(y: sp.Expr, w: sp.Expr, power: sp.Expr, fixed: frozenset) -> str:
    """The text of y·w^n; a quotient n by the block that makes its rounding good."""
    top, bottom = sp.fraction(sp.together(power))
    texts = [_spell(e, fixed)[0] for e in (y, w)]
    if bottom.free_symbols:
        return f"_weighted_root({', '.join(texts)}, {_spell(top, fixed)[0]}, {_spell(2 * bottom, fixed)[0]})"
    return f"_weighted_power({', '.join(texts)}, {_spell(sp.expand(power / 2), fixed)[0]})"


def _shifted(w: sp.Expr, fixed: frozenset) -> tuple[str, str] | None:
    """The texts of ±z and c where w is ±z − c with parameters in c."""
    rest, varying = sp.expand(w).as_independent(Z, as_Add=True)
    if varying not in (Z, -Z) or not rest.free_symbols or not rest.free_symbols <= fixed - {Y}:
        return None
    return _spell(varying, fixed)[0], _spell(-rest, fixed)[0]


def _raised(w: sp.Expr, rooted: bool, fixed: frozenset) -> str:
    """e^(c log h), or its root, as a power of √h, or of h; no text where w is no such product."""
    height = raised(sp.exp(w))
    if height is None or isinstance(height.args[0], Carried):
        return ""  # of a value with its rounding e^h is taken as it is
    row = head_row(height)
    factor, (template, sign), inside = w / height, row.half, height.args[0]
    if row.power:
        power = sp.expand(factor * sign / (2 if rooted else 1))
        return row.power.format(_argument(inside, fixed, row.power), _spell(power, fixed)[0])
    text = template.format(_argument(inside, fixed, template), _argument(-inside, fixed, template))
    return f"{text} ** {_closed(sp.expand(factor * sign * (1 if rooted else 2)), fixed, _ATOM)}"


def _weighted(expr: Weighted, fixed: frozenset) -> str:
    """A factor and a head by the block made for their product."""
    factor, w, _ = expr.args
    rate, rest = w.as_independent(Z, as_Add=False)
    if isinstance(head_of(expr), sp.exp) and (text := _raised(w, True, fixed)):
        base, *power = text.rsplit(" ** ", 1)
        block = "_weighted_power" if power else "_weighted_square"
        return f"{block}({', '.join([_spell(factor, fixed)[0], base, *power])})"
    if isinstance(w, Carried):
        return f"_weighted_exp_of({_spell(factor, fixed)[0]}, {w})"
    if isinstance(head_of(expr), sp.exp) and rest == Z and rate.free_symbols and rate.free_symbols <= fixed:
        return f"_weighted_scaled_exp({_spell(factor, fixed)[0]}, {_spell(rate, fixed)[0]}, {Z})"
    texts = (_spell(part, fixed)[0] for part in (factor, w, *halves(w)))
    return head_row(head_of(expr)).weighted.format(*texts)


def _pair(number: sp.Expr, fixed: frozenset) -> str:
    """z as it is; a coefficient as two floats, the second what the first leaves of it, 0 of a parameter."""
    if number == Z:
        return str(Z)
    if number.free_symbols:
        return f"({_spell(number, fixed)[0]}, 0.0)"
    high = float(number)
    return str((high, float((number - sp.Rational(high)).evalf(20, maxn=200))))


def _argument(w: sp.Expr, fixed: frozenset, template: str) -> str:
    """The text of an argument, closed where the template goes on after it."""
    return _spell(w, fixed)[0] if "{0})" in template or "{0}," in template else _closed(w, fixed, _PRODUCT)


def _closed(expr: sp.Basic, fixed: frozenset, level: int) -> str:
    text, binds = _spell(expr, fixed)
    return text if binds >= level else f"({text})"


def _number(number: sp.Rational) -> Text:
    if max(abs(number.p), number.q) >= _MANY_DIGITS and set(f"{abs(number.p)}{number.q}") == {"0", "1"}:
        return f"{float(number):.0e}".replace("+", ""), _ATOM if number >= 0 else _PRODUCT
    if number.is_Integer:
        return _whole(number), _ATOM if number >= 0 else _PRODUCT
    if _short(number):
        return str(float(number)), _ATOM if number >= 0 else _PRODUCT
    return f"{number.p} / {number.q}", _PRODUCT


def _whole(number: sp.Integer | int) -> str:
    """A whole number, as a float where NumPy has no such integer."""
    return str(number) if abs(number) < _INTEGERS else repr(float(number))


def _short(number: sp.Rational) -> bool:
    """Whether a fraction has few decimals."""
    return not number.is_Integer and 10**6 % number.q == 0


def _where(expr: sp.Piecewise, fixed: frozenset) -> str:
    def nest(rest: str, row) -> str:
        return f"np.where({condition(row[1], fixed)}, {_spell(row[0], fixed)[0]}, {rest})"

    *rows, last = expr.args
    return reduce(nest, reversed(rows), _spell(last[0], fixed)[0])


def condition(cond: sp.Basic, fixed: frozenset) -> str:
    """NumPy text of a condition."""
    if isinstance(cond, sp.ITE | sp.Not):
        cond = cond.to_nnf()
    if isinstance(cond, sp.And | sp.Or):
        return _joined(cond, fixed)
    cond = exactly(ahead(cond))
    left, right, sign = cond.lhs, cond.rhs, RELATIONS[type(cond).__name__]
    inner = left.as_coeff_Mul()[1]
    if left.is_number or (inner.is_Symbol and inner in fixed and not right.is_number):
        left, right, sign = right, left, sign.translate(str.maketrans("<>", "><"))
    return f"{_spell(left, fixed)[0]} {sign} {_spell(right, fixed)[0]}"


# Pairs of conditions on one expression that have a shorter spelling: |x| < h, and x >= h.
_SHORT = ({sp.StrictGreaterThan, sp.StrictLessThan}, {sp.Equality, sp.StrictGreaterThan})


def _joined(cond: sp.And | sp.Or, fixed: frozenset) -> str:
    pair = len(cond.args) == 2 and not cond.has(sp.And if isinstance(cond, sp.Or) else sp.Or)
    ends = [(c.lhs, c.rhs) for c in cond.args if c.rhs.is_number] if pair else []
    kinds = {type(c) for c in cond.args}
    if len(ends) == 2 and ends[0][0] == ends[1][0] and kinds in _SHORT:
        (name, low), (_, high) = sorted(ends, key=lambda end: end[1])
        text = _spell(name, fixed)[0]
        if isinstance(cond, sp.And) and high == -low:
            return f"np.abs({text}) < {_spell(high, fixed)[0]}"
        if isinstance(cond, sp.Or) and high == low:
            return condition(sp.Ge(name, low, evaluate=False), fixed)
    join = " & " if isinstance(cond, sp.And) else " | "
    return join.join(f"({condition(c, fixed)})" for c in sorted(cond.args, key=str))


def _sum(expr: sp.Add, fixed: frozenset) -> str:
    """Positive terms first; several constants are summed before anything is added to them."""
    terms = list(expr.as_ordered_terms())
    constant = [t for t in terms if t.free_symbols <= fixed]
    varying = [t for t in terms if t not in constant]
    if len(constant) > 1 and varying:
        return _grouped(constant, varying, fixed)
    return _signed(terms, fixed)


def _grouped(constant: list, varying: list, fixed: frozenset) -> str:
    group = sp.Add(*constant)
    turned = all(_negative(t) for t in constant)
    inside = _signed(list((-group if turned else group).as_ordered_terms()), fixed)
    if turned:
        return f"{_signed(varying, fixed)} - ({inside})"
    return f"({inside}){''.join(_term(t, fixed) for t in sorted(varying, key=_negative))}"


def _signed(terms: list, fixed: frozenset) -> str:
    ordered = sorted(terms, key=_negative)
    first = ordered[0]
    return _closed(first, fixed, _SUM) + "".join(_term(t, fixed) for t in ordered[1:])


def _term(term: sp.Expr, fixed: frozenset) -> str:
    if _negative(term):
        return f" - {_closed(-term, fixed, _PRODUCT)}"
    return f" + {_closed(term, fixed, _SUM)}"


def _negative(term: sp.Expr) -> bool:
    return bool(term.as_coeff_Mul()[0].is_negative)


def _product(expr: sp.Mul, fixed: frozenset) -> Text:
    number, rest = expr.as_coeff_Mul()
    constant, rest = _constant(rest)
    above, below = _factors(rest)
    sign = "-" if number < 0 else ""
    number = abs(number)
    if constant != 1:
        text = f"np.sqrt({_spell(constant**2, fixed)[0]})"
        text = text if number == 1 else f"({_number(number)[0]} * {text})"
        above, number = [*above, sp.Symbol(text)], sp.S.One
    early = _early(above, number, fixed)
    above = sorted(above, key=lambda f: (not _of_parameters(f, fixed) and f not in early, _rank(f)))
    ordered = _interleaved(above)
    texts = [_closed(f, fixed, _PRODUCT if n == 0 else _POWER) for n, f in enumerate(ordered)]
    if number != 1 and (number.is_Integer or _short(number)):
        # Beside roots the number comes last: before them the product may overflow.
        texts.insert(len(texts) if ordered != above else 0, _number(number)[0])
    elif number != 1:
        below, texts = [sp.Integer(number.q), *below], ([_whole(number.p)] if number.p != 1 else []) + texts
    top = " * ".join(texts) or "1"
    return sign + "".join([top, *(f" / {_closed(f, fixed, _POWER)}" for f in below)]), _PRODUCT


def _constant(product: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """(c, rest) of a product; c is that of its square roots of numbers, where there are several, else 1."""
    roots = [f for f in sp.Mul.make_args(product) if f.is_number and f.is_Pow and (2 * f.exp).is_odd]
    rest = sp.Mul(*(f for f in sp.Mul.make_args(product) if f not in roots))
    return (sp.Mul(*roots), rest) if len(roots) > 1 and rest != 1 else (sp.S.One, product)


def _factors(expr: sp.Expr) -> tuple[list, list]:
    """Factors above and below the bar; the square of a name is two factors."""
    above: list[sp.Expr] = []
    below: list[sp.Expr] = []
    for factor in sp.Mul.make_args(expr):
        base, power = (factor, sp.S.One) if isinstance(factor, sp.exp) else factor.as_base_exp()
        if power.is_Integer and power < 0:
            below += [base] * int(-power)
        elif power == -sp.S.Half and base.is_Symbol:
            below.append(sp.sqrt(base))
        elif power.is_Integer and base.is_Symbol:
            above += [base] * int(power)
        elif (often := _extra(base, power)) > 0:
            above.append(base ** (power + often))
            below += [base] * often
        else:
            above.append(factor)
    return above, sorted(below, key=_may_vanish)


def _may_vanish(divisor: sp.Expr) -> bool:
    """Whether a divisor is z or a named exponential: divided by it last, nothing overflows too early."""
    return divisor == Z or (divisor.is_Symbol and str(divisor).rstrip("0123456789") == "e")


def _extra(base: sp.Expr, power: sp.Expr) -> int:
    """How often a power of z such as z^(1/p - 2) is divided by z last: it overflows before a product does."""
    number, rest = sp.expand(power).as_coeff_Add()
    number += int(rest.is_Symbol)  # a power itself, such as Tweedie's, is more than 1
    steep = base in (Z, -Z) and rest.free_symbols and number.is_Integer and number < -1
    return int(-number - 1) if steep else 0


def _of_parameters(factor: sp.Expr, fixed: frozenset) -> bool:
    """Whether a factor is a sum of parameters alone, such as 1 - q: before what it keeps from overflow."""
    return factor.is_Add and bool(factor.free_symbols) and factor.free_symbols <= fixed - {Y}


def _early(factors: list[sp.Expr], number: sp.Expr, fixed: frozenset) -> frozenset:
    """What comes before a named margin, or softplus, which a number or a parameter alone may let overflow."""
    letters = {str(f).rstrip("0123456789") for f in factors if f.is_Symbol}
    if "u" in letters and any(f in fixed - {Y} for f in factors):
        return fixed
    return fixed - {Y} if "m" in letters and number > 1 else frozenset()


def _rank(factor: sp.Expr) -> tuple[int, str]:
    """Names first, then sums, then functions."""
    kinds: tuple[Callable[[sp.Expr], bool], ...] = (lambda f: f.is_Symbol, lambda f: f.is_Add, lambda f: True)
    return next(n for n, kind in enumerate(kinds) if kind(factor)), str(factor)


def _interleaved(factors: list[sp.Expr]) -> list[sp.Expr]:
    """The factors with roots, which come in pairs, on both sides of those that may be large."""
    roots = [f for f in dict.fromkeys(factors) if f.is_Symbol and str(f).startswith("q")]
    if not roots:
        return factors
    rest = sorted(
        (f for f in factors if f not in roots), key=lambda f: (f != Z, not isinstance(f, Times | ndtr_lag))
    )  # the same, whatever has a name; what has decayed before what grows
    left = [r for r in roots for _ in range((factors.count(r) + 1) // 2)]
    right = [r for r in roots for _ in range(factors.count(r) // 2)]
    return left + rest + right


def _power(expr: sp.Pow, fixed: frozenset) -> Text:
    base, power = expr.as_base_exp()
    top, bottom = sp.fraction(sp.together(power))
    if base in (Z, -Z) and bottom.free_symbols:
        return f"_quotient_power({', '.join(_spell(e, fixed)[0] for e in (base, top, bottom))})", _ATOM
    if power == sp.S.Half:
        return f"np.sqrt({_spell(base, fixed)[0]})", _ATOM
    if power.is_Integer and power < 0:
        text = _closed(base ** (-power), fixed, _POWER)
        return f"1 / {text}", _PRODUCT
    if power == -sp.S.Half:
        return f"1 / np.sqrt({_spell(base, fixed)[0]})", _PRODUCT
    if base.is_Symbol and power.is_Integer and power > 2:
        return " * ".join([str(base)] * int(power)), _PRODUCT  # pow rounds more, and not the same everywhere
    short = all(part.is_Symbol or part.is_Integer for part in (base, power))
    sign = "**" if short or (base.is_Symbol and _is_plain(power)) else " ** "
    return f"{_closed(base, fixed, _ATOM)}{sign}{_closed(power, fixed, _POWER)}", _POWER


def _is_plain(power: sp.Expr) -> bool:
    """Whether black writes a power without spaces: its exponent is a number of few digits."""
    return bool(power.is_Rational and _short(power))
