"""Index expressions as NumPy: every array has the axes of its indices, in their order; sums end axes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from string import ascii_lowercase

import sympy as sp
from sympy import Expr, Indexed, Sum, Symbol

from derive.emit import shape
from derive.heads import HeadFunction
from derive.model import ROWS
from derive.rules.layers import BAR

SUM, PRODUCT, SIGN, ATOM = range(4)  # how tightly the text of a value binds
NAMES = {"l": "losses"}  # letters that are hard to tell from numbers
Axes = tuple[Symbol, ...]


@dataclass(frozen=True, kw_only=True)
class Value:
    """A NumPy expression, the axes of its array, and how tightly it binds."""

    text: str
    axes: Axes = ()
    binds: int = ATOM
    given: bool = False  # an array as it is, or a view of it

    def within(self, least: int) -> str:
        """The text, in brackets where it binds less tightly."""
        return self.text if self.binds >= least else f"({self.text})"


@dataclass(frozen=True, kw_only=True)
class Spelling:
    """How arrays are written: names of parameters, and whether axes may stand in front of all (`batched`)."""

    parameters: dict[Symbol, str]
    batched: bool = False
    scale: Symbol | None = None  # a size; the inverse of its root has a name of its own
    bounded: frozenset[str] = frozenset()  # names of arrays that stand first in products


def name_of(letter: sp.IndexedBase | Symbol) -> str:
    """The name of an array in code: w2 of w(2), of the second stage; that of its derivative ends in _bar."""
    name = str(getattr(letter, "label", letter)).replace("(", "").replace(")", "")
    stem = name.removesuffix(BAR)
    return NAMES.get(stem, stem) + ("_bar" if stem != name else "")


def lowered(expr: Expr, axes: Axes, by: Spelling) -> Value:
    """An expression as a value over some of these axes, in their order."""
    if isinstance(expr, Indexed):
        return _ordered(Value(text=name_of(expr.base), axes=expr.indices, given=True), axes, by)
    if isinstance(expr, Sum):
        return _ordered(_sum(expr, (), axes, by), axes, by)
    if expr.is_Add:
        return _add(expr, axes, by)
    if expr.is_Mul or (expr.is_Pow and expr.exp.is_negative):
        return _product(expr, axes, by)
    if expr.is_Pow:
        return _power(expr, axes, by)
    if expr.is_Symbol:
        return Value(text=by.parameters.get(expr, name_of(expr)))
    return _call(expr, axes, by) if expr.args else Value(text=str(expr), binds=SIGN if expr < 0 else ATOM)


def _call(expr: Expr, axes: Axes, by: Spelling) -> Value:
    inner = lowered(expr.args[0], axes, by)
    if isinstance(expr, HeadFunction):
        return Value(text=expr._row.numpy.format(inner.text), axes=inner.axes)
    return Value(text=f"np.{expr.func.__name__}({inner.text})", axes=inner.axes)


def _power(expr: Expr, axes: Axes, by: Spelling) -> Value:
    base, exponent = expr.as_base_exp()
    inner = lowered(base, axes, by)
    if exponent == sp.S.Half:
        text = f"{inner.within(ATOM)} ** 0.5" if not inner.axes else f"np.sqrt({inner.text})"
        return Value(text=text, axes=inner.axes, binds=ATOM if inner.axes else SIGN)
    return Value(text=f"{inner.within(ATOM)} ** {exponent}", axes=inner.axes, binds=SIGN)


def _add(expr: Expr, axes: Axes, by: Spelling) -> Value:
    """A sum of terms: what is added first, the larger arrays before others."""
    terms = _terms(expr, axes, by)
    found = union((value for _, value in terms), axes)
    text = "".join(f" {sign} {spread(value, found, by).within(SUM + (sign == '-'))}" for sign, value in terms)
    text = text.removeprefix(" + ") if text.startswith(" + ") else f"-{text[3:]}"
    return Value(text=text, axes=found, binds=SUM)


def _terms(expr: Expr, axes: Axes, by: Spelling) -> list[tuple[str, Value]]:
    """The terms of a sum with their signs, in the order in which they are written."""
    signs = ["-" if shape.is_negative(term) else "+" for term in expr.args]
    values = [lowered(shape.without_sign(term), axes, by) for term in expr.args]
    pairs = list(zip(signs, values, strict=True))
    return sorted(pairs, key=lambda term: (term[0] == "-", -len(term[1].axes)))


def statements(name: str, expr: Expr, axes: Axes, by: Spelling) -> list[str]:
    """The lines that give an array its value; what NumPy would repeat along axes is put in by steps.

    Of a + b where b is repeated NumPy makes a new array, even where a is needed no longer.
    """
    sums = [factor for factor in sp.Mul.make_args(expr) if factor.is_Add]
    if len(sums) == 1 and lowered(sums[0], axes, by).axes == axes:
        start = _by_steps(name, sums[0], axes, by)
        if expr == sums[0]:
            return start
        factor = lowered(expr / sums[0], axes, by)
        if len(start) > 1 or factor.axes != axes:
            return [*start, f"{name} *= {spread(factor, axes, by).text}"]
    return [f"{name} = {spread(lowered(expr, axes, by), axes, by).text}"]


def _by_steps(name: str, expr: Expr, axes: Axes, by: Spelling) -> list[str]:
    """A sum, its first one or two terms at once; where no term is repeated, all of them."""
    (_, first), *rest = _terms(expr, axes, by)
    rest.sort(key=lambda term: not term[1].text.isidentifier())
    start = 1 if first.given else 0  # no more than a view of what is given, which stays as it is
    if first.axes != axes or len(rest) == start or all(value.axes == axes for _, value in rest):
        return [f"{name} = {spread(lowered(expr, axes, by), axes, by).text}"]
    texts = [(sign, spread(value, axes, by)) for sign, value in rest]
    head = "".join(f" {sign} {value.within(SUM + (sign == '-'))}" for sign, value in texts[:start])
    return [f"{name} = {first.text}{head}", *(f"{name} {sign}= {v.text}" for sign, v in texts[start:])]


def _product(expr: Expr, axes: Axes, by: Spelling) -> Value:
    """A product; the numbers in front of a single sum go into it, 1/D and the sum over D are a mean."""
    if expr.could_extract_minus_sign():
        inner = lowered(-expr, axes, by)
        return replace(inner, text=f"-{inner.within(PRODUCT)}", binds=PRODUCT)
    factors = _scaled(sp.Mul.make_args(expr), by)
    sums = [f for f in factors if isinstance(f, Sum)]
    rest = [f for f in factors if not isinstance(f, Sum)]
    values = []
    for total in sums:
        mean = [1 / size for _, _, size in total.limits]
        if all(m in rest for m in mean):
            rest = [f for f in rest if f not in mean]
            values.append(_mean(total, axes, by))
        elif len(sums) == 1 and not any(f.atoms(Indexed) for f in rest):
            return _ordered(_sum(total, tuple(rest), axes, by), axes, by)
        else:
            values.append(lowered(total, axes, by))
    return _multiplied(values, rest, axes, by)


def _scaled(factors: Iterable[Expr], by: Spelling) -> list[Expr]:
    """The factors, 1/√D by its name where it has one."""
    root = by.scale**-sp.S.Half if by.scale is not None else None
    return [Symbol("scale") if f == root else f for f in factors]


def _multiplied(values: Sequence[Value], factors: Sequence[Expr], axes: Axes, by: Spelling) -> Value:
    """The product of values and factors: numbers first, then what is bounded, then the larger arrays."""
    above, below = _sides(factors)
    top = [*(lowered(f, axes, by) for f in above), *values]
    top.sort(key=lambda v: (bool(v.axes), not _is_bounded(v, by), -len(v.axes)))
    bottom = [lowered(f, axes, by) for f in below]
    found = union([*top, *bottom], axes)
    if len(top) == 1 and not bottom:
        return spread(top[0], found, by)
    texts = [spread(v, found, by) for v in top]
    # What is divided already is smaller than the product.
    text = (
        " * ".join(v.within(SIGN if n and " / " in v.text else PRODUCT) for n, v in enumerate(texts)) or "1"
    )
    for value in bottom:
        text += f" / {spread(value, found, by).within(SIGN)}"
    return Value(text=text, axes=found, binds=PRODUCT)


def _is_bounded(value: Value, by: Spelling) -> bool:
    """Whether a value is that of a function, as most are."""
    return value.text.startswith("_") or value.text in by.bounded


def _sides(factors: Iterable[Expr]) -> tuple[list[Expr], list[Expr]]:
    """What stands above and below the line of a fraction."""
    above: list[Expr] = []
    below: list[Expr] = []
    for factor in factors:
        if factor.is_Rational:
            above += [sp.Integer(factor.p)] * (factor.p != 1)
            below += [sp.Integer(factor.q)] * (factor.q != 1)
        elif factor.is_Pow and factor.exp.is_negative:
            below.append(1 / factor)
        else:
            above.append(factor)
    return above, below


def _mean(total: Sum, axes: Axes, by: Spelling) -> Value:
    """The mean over the indices of a sum; NumPy's own would warn where there is nothing to take it of."""
    found = _sum(total, (), axes, by)
    sizes = [lowered(size, axes, by).within(SIGN) for _, _, size in total.limits]
    return Value(text=" / ".join([found.within(PRODUCT), *sizes]), axes=found.axes, binds=PRODUCT)


def _sum(total: Sum, front: tuple[Expr, ...], axes: Axes, by: Spelling) -> Value:
    """A sum, with numbers in front: of one array, a product of matrices, or what einsum makes of more."""
    operands, bound = _operands(total, by), total.bound_symbols
    every = dict.fromkeys((*axes, *chain.from_iterable(v.axes for v in operands)))
    kept = union(operands, tuple(i for i in every if i not in bound))
    if len(operands) == 1:
        return _times(front, _summed(operands[0], bound, by), by)
    if len(operands) == 2 and len(bound) == 1 and len(kept) == 2 and all(len(v.axes) == 2 for v in operands):
        return _matmul(operands, bound[0], kept, front, by)
    if len(operands) == 2 and not kept and operands[0].axes == operands[1].axes and not by.batched:
        return _times(front, Value(text=f"np.vdot({operands[0].text}, {operands[1].text})"), by)
    return _times(front, _einsum(operands, kept, by), by)


def _times(front: tuple[Expr, ...], value: Value, by: Spelling) -> Value:
    return _multiplied([value], front, value.axes, by) if front else value


def _operands(total: Sum, by: Spelling) -> list[Value]:
    """The arrays whose product is summed, each with its axes in its own order."""
    found = []
    for factor in sp.Mul.make_args(total.function):
        base, exponent = factor.as_base_exp()
        own = max((e.indices for e in base.atoms(Indexed)), key=len, default=())
        times, part = (2, base) if exponent == 2 else (1, factor)
        found += [lowered(part, own, by)] * times
    return found


def _summed(value: Value, bound: Sequence[Symbol], by: Spelling) -> Value:
    """The sum of one array along axes."""
    last = len(value.axes) - 1
    places = sorted(value.axes.index(i) for i in bound)
    if by.batched or places == [last]:
        places = [place - last - 1 for place in places]
    axis = (
        "" if len(places) > last and not by.batched else str(places[0] if len(places) == 1 else tuple(places))
    )
    kept = tuple(i for i in value.axes if i not in bound)
    return Value(text=f"{value.within(ATOM)}.sum({axis})", axes=kept)


def _matmul(
    operands: Sequence[Value], bound: Symbol, kept: Axes, front: tuple[Expr, ...], by: Spelling
) -> Value:
    """A product of two matrices; numbers in front multiply the one that is given, which is the smaller."""
    left, right = sorted(operands, key=lambda v: kept[1] in v.axes)
    pair = [_ordered(left, (kept[0], bound), by), _ordered(right, (bound, kept[1]), by)]
    if front:
        smaller = next((n for n, v in enumerate(pair) if "_bar" not in v.text), 0)
        pair[smaller] = _multiplied([pair[smaller]], front, pair[smaller].axes, by)
    text = " @ ".join(v.within(SIGN) for v in pair)
    return Value(text=text, axes=kept, binds=PRODUCT)


def _einsum(operands: Sequence[Value], kept: Axes, by: Spelling) -> Value:
    """Anything else, in the letters of its indices; what has rows first, which is the larger, is quicker."""
    operands = sorted(operands, key=lambda v: not any(i in ROWS.indices for i in v.axes))
    lead = "..." if by.batched else ""
    names = _letters([*chain.from_iterable(v.axes for v in operands)])
    letters = [lead + "".join(names[a] for a in axes) for axes in (*(v.axes for v in operands), kept)]
    same = len({v.axes for v in operands}) == 1  # no contraction of two arrays, which has BLAS
    arguments = [f'"{",".join(letters[:-1])}->{letters[-1]}"', *(v.text for v in operands)]
    return Value(
        text=f"np.einsum({', '.join([*arguments, *([] if same else ['optimize=True'])])})", axes=kept
    )


def _letters(axes: Iterable[Symbol]) -> dict[Symbol, str]:
    """One letter for each index, as einsum needs it: its own, or another where that is taken or marked."""
    found: dict[Symbol, str] = {}
    for axis in dict.fromkeys(axes):
        choices = (str(axis), *ascii_lowercase)
        found[axis] = next(c for c in choices if len(c) == 1 and c not in found.values())
    return found


def union(values: Iterable[Value], axes: Axes) -> Axes:
    """The axes that some values have, in the order of `axes`."""
    have = {axis for value in values for axis in value.axes}
    return tuple(axis for axis in axes if axis in have)


def _ordered(value: Value, axes: Axes, by: Spelling) -> Value:
    """A value with its axes in the order of `axes`."""
    wanted = tuple(a for a in axes if a in value.axes)
    if len(wanted) != len(value.axes):
        raise ValueError(f"{value.text} has axes {value.axes} beyond {axes}")
    if wanted == value.axes:
        return value
    if len(wanted) == 2:
        text = f"np.swapaxes({value.text}, -1, -2)" if by.batched else f"{value.within(ATOM)}.T"
    else:
        text = f"np.transpose({value.text}, {tuple(value.axes.index(a) for a in wanted)})"
    return replace(value, text=text, axes=wanted, binds=ATOM)


def spread(value: Value, axes: Axes, by: Spelling) -> Value:
    """A value that NumPy broadcasts over all of `axes`: axes that it has not are put between its own."""
    slots = [":" if a in value.axes else "None" for a in axes]
    while slots[:1] == ["None"] and not (by.batched and value.axes):
        slots.pop(0)
    if "None" not in slots:
        return value
    while by.batched and slots[:1] == [":"]:
        slots.pop(0)
    inside = ", ".join([*(["..."] if by.batched else []), *slots])
    return replace(value, text=f"{value.within(ATOM)}[{inside}]", binds=ATOM)
