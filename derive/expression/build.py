"""Expressions built part by part within limits, whatever they are read from; what they need is kept beside.

SymPy simplifies as it goes: z/z is 1, and yet undefined at 0. It also works out powers, and the signs of
numbers, at any cost: so each part is looked at before the next is made of it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sympy as sp
from flint import arb
from sympy.core.relational import Relational

from derive.balls import Unreachable, compile_ball, taylor
from derive.expression.functions import FALLING, GROWING, MANY, NEEDS, ONE, Kind, Named, Need, Place
from derive.expression.limits import ARGUMENTS, BITS, CASES, FARTHEST, LARGE, LARGEST, POWER, SMALL, TOWERS
from derive.model import BadInput, Finite, Interval, Punctured, Set, Z

_SIDED = (sp.Abs, sp.sign, sp.Max, sp.Min)
_UNREAL = (sp.nan, sp.zoo, sp.oo, -sp.oo, sp.I)
_PRECISION = 128  # bits in which numbers are looked at
# What SymPy raises where it cannot tell: numbers whose order or sign it does not find.
GIVEN_UP = (ArithmeticError, ValueError, TypeError, RecursionError, NotImplementedError, AttributeError)
RELATIONS = {
    "<": sp.StrictLessThan,
    "<=": sp.LessThan,
    ">": sp.StrictGreaterThan,
    ">=": sp.GreaterThan,
    "==": sp.Equality,
    "!=": sp.Unequality,
}


@dataclass(frozen=True, kw_only=True)
class Part:
    """An expression with its degree in the letters and its storeys of exponentials."""

    expr: sp.Expr
    degree: int = 0
    storeys: int = 0


Fault = Callable[[Any, str, str], BadInput]


class Builder:
    """All needs met so far; `fault` makes the error for a place, `says` gives its text."""

    def __init__(self, fault: Fault, says: Callable[[Any], str]):
        self.fault, self.says = fault, says
        self.needs: list[Need] = []
        self.places: list[Place] = []

    def made(
        self, expr: sp.Expr, parts: Sequence[Part], at: Any, degree: int | None = None, storeys: int = 0
    ):
        """The part that others make, after a look at it."""
        highest = max((p.degree for p in parts), default=0)
        tower = max((p.storeys for p in parts), default=0) + storeys
        degree = highest if degree is None else degree
        if degree > POWER:
            raise self.fault(at, f"its degree is above {POWER}", "")
        if tower > TOWERS:
            raise self.fault(at, f"more than {TOWERS} exponentials stand in one another", "")
        self._sound(expr, at)
        return Part(expr=expr, degree=degree, storeys=max(tower, 0))

    def _sound(self, expr: sp.Expr, at: Any) -> None:
        if expr.has(*_UNREAL):
            raise self.fault(at, "it is not a real number", "")
        for size, node in enumerate(sp.preorder_traversal(expr)):
            if size > LARGEST:
                raise self.fault(at, f"written out it has more than {LARGEST} parts", "a shorter one")
            if node.is_Rational and max(node.p.bit_length(), node.q.bit_length()) > BITS:
                raise self.fault(at, f"it makes a number of more than {BITS} bits", "")
            if node.is_Pow and node.exp.is_Rational and max(abs(node.exp.p), node.exp.q) > POWER:
                raise self.fault(at, f"it makes a power beyond {POWER}", "")
        if cases(expr) > CASES:
            raise self.fault(at, f"it has more than {CASES} conditions, max, min, abs and sign", "")
        if not expr.free_symbols:
            self._moderate_number(expr, at)

    def _moderate_number(self, expr: sp.Expr, at: Any) -> None:
        if not _is_below(expr, arb(2) ** BITS):
            raise self.fault(at, f"it makes a number of more than {BITS} bits", "")

    def need(self, kind: Kind, expr: sp.Expr, at: Any) -> None:
        """Note what a part needs; numbers are looked at now."""
        if expr.free_symbols:
            self.needs.append(Need(kind=kind, expr=expr, says=self.says(at)))
            return
        if sign_of(expr) not in {"nonzero": (-1, 1), "nonnegative": (0, 1), "positive": (1,)}[kind]:
            raise self.fault(at, "it is not defined", "")

    def lies(self, expr: sp.Expr, place: Set, at: Any) -> None:
        """Note that an argument has to lie in a set."""
        if isinstance(place, Interval):
            for end, distance, closed in (
                (place.lo, expr - place.lo, place.closed_lo),
                (place.hi, place.hi - expr, place.closed_hi),
            ):
                if not end.is_infinite:
                    self.need("nonnegative" if closed else "positive", distance, at)
        elif isinstance(place, Punctured):
            self.need("nonzero", expr, at)
        elif isinstance(place, Finite):
            self.places.append(Place(expr=expr, within=place, says=self.says(at)))

    def sum(self, left: Part, right: Part, sign: int, at: Any) -> Part:
        return self.made(left.expr + sign * right.expr, (left, right), at)

    def product(self, left: Part, right: Part, at: Any) -> Part:
        return self.made(left.expr * right.expr, (left, right), at, left.degree + right.degree)

    def quotient(self, left: Part, right: Part, at: Any) -> Part:
        self.need("nonzero", right.expr, at)
        return self.made(left.expr / right.expr, (left, right), at, left.degree + right.degree)

    def power(self, base: Part, exponent: Part, at: Any) -> Part:
        """A power; of anything but a whole number it needs a positive base."""
        b, w = base.expr, exponent.expr
        if not w.is_Rational:
            if b is sp.E:
                return self.call("exp", [exponent], at)
            self.need("positive", b, at)
            inside = self.made(w * sp.log(b), (base, exponent), at, base.degree + exponent.degree)
            return self.call("exp", [inside], at)
        if abs(w.p) > POWER or w.q > POWER:
            raise self.fault(at, f"its exponent is not between -{POWER} and {POWER}", "")
        degree = base.degree * max(abs(int(w.p)), 1)
        if degree > POWER:
            raise self.fault(at, f"its degree is above {POWER}", "")
        if w.is_Integer and w < 0:
            self.need("nonzero", b, at)
        elif not w.is_Integer:
            self.need("positive" if w < 0 else "nonnegative", b, at)
        return self.made(b**w, (base,), at, degree)

    def call(self, name: str, parts: Sequence[Part], at: Any) -> Part:
        """A function that the program knows, of its arguments."""
        self._counted(name, len(parts), at)
        if name == "pow":
            return self.power(parts[0], parts[1], at)
        if name in GROWING or name in (
            "logaddexp",
            "sigmoid",
            "softplus",
            "tanh",
            "sech",
            "erf",
            "erfc",
            "Phi",
        ):
            self._moderate(parts, at)
        for kind, of in NEEDS.get(name, ()):
            self.need(kind, of(parts[-1].expr), at)
        values = [part.expr for part in parts]
        if name in ("abs", "sign") and not values[0].free_symbols:
            return self.made(self._signed(name, values[0], at), parts, at)
        if name in ("max", "min"):
            values = self._without_numbers(name, values, at)
        if name == "clip":
            inner = self._without_numbers("max", values[:2], at)
            values = self._without_numbers("min", [sp.Max(*inner), values[2]], at)
            made = sp.Min(*values)
        else:
            made = ONE[name](*values) if name in ONE else MANY[name][0](*values)
        degree = max(1, 2 * parts[0].degree if name == "square" else 0, *(p.degree for p in parts))
        return self.made(made, parts, at, degree, (name in GROWING) - (name in FALLING))

    def _without_numbers(self, name: str, values: list[sp.Expr], at: Any) -> list[sp.Expr]:
        """The arguments of a max or min with their numbers, which SymPy may compare for ever, made one."""
        numbers = [v for v in values if not v.free_symbols]
        for other in numbers[1:]:
            sign = sign_of(numbers[0] - other)
            if sign is None:
                raise self.fault(at, "the order of numbers in it is not found", "")
            numbers[0] = other if sign == (-1 if name == "max" else 1) else numbers[0]
        return [*(v for v in values if v.free_symbols), *numbers[:1]]

    def _signed(self, name: str, value: sp.Expr, at: Any) -> sp.Expr:
        sign = sign_of(value)
        if sign is None:
            raise self.fault(at, "the sign of a number in it is not found", "")
        return sp.Integer(sign) if name == "sign" else sign * value

    def _counted(self, name: str, count: int, at: Any) -> None:
        least, most = (1, 1) if name in ONE else MANY[name][1:]
        if count < least or count > (most or ARGUMENTS):
            wanted = least if least == most else f"{least} to {most or ARGUMENTS}"
            raise self.fault(
                at, f"{name} takes {'one argument' if wanted == 1 else f'{wanted} arguments'}", ""
            )

    def _moderate(self, parts: Sequence[Part], at: Any) -> None:
        """Refuse large multiples of logarithms, of which e to them would make huge powers."""
        for value in (part.expr for part in parts):
            logs = value.atoms(sp.log)
            if logs and any(abs(n) > LARGE for n in value.atoms(sp.Rational)):
                raise self.fault(at, f"it has a number above {LARGE} beside a logarithm in an exponent", "")

    def named(
        self, name: str, function: Named, parts: Sequence[Part], given: Mapping[str, Part], at: Any
    ) -> Part:
        """A function of the caller's, with its formula put in."""
        known = {p.name: p for p in function.parameters}
        if len(parts) != len(function.letters):
            wanted = ", ".join((*map(str, function.letters), *(f"{p}=…" for p in known)))
            raise self.fault(at, f"{name} is called as {name}({wanted})", "")
        for key in given:
            if key not in known:
                tries = (
                    f"one of {', '.join(known)}"
                    if known
                    else f"{name}({', '.join(map(str, function.letters))})"
                )
                raise self.fault(at, f"{name} has no parameter {key!r}", tries)
        values = {p.symbol: given[p.name].expr if p.name in given else p.default for p in function.parameters}
        for parameter in function.parameters:
            if parameter.name in given:
                ends = parameter.domain
                place = Interval(
                    lo=ends.lo.xreplace(values),
                    hi=ends.hi.xreplace(values),
                    closed_lo=ends.closed_lo,
                    closed_hi=ends.closed_hi,
                )
                self.lies(values[parameter.symbol], place, at)
        arguments = dict(zip(function.letters, (p.expr for p in parts), strict=True))
        if function.expr.has(sp.exp, sp.cosh, sp.sinh):
            self._moderate([*parts, *given.values()], at)
            for value in (*arguments.values(), *values.values()):
                if not value.free_symbols and not _is_below(value, FARTHEST):
                    raise self.fault(at, f"a number beyond {FARTHEST} stands where {name} takes e to it", "")
        for letter, within in zip(function.letters, function.places, strict=True):
            self.lies(arguments[letter], within, at)
        every = (*parts, *given.values())
        degree = max(1, *(p.degree for p in every))
        return self.made(
            self._put(function.expr, {**arguments, **values}, at), every, at, degree, int(function.grows)
        )

    def _put(self, expr: Any, known: Mapping[sp.Expr, sp.Expr], at: Any) -> Any:
        """A formula with its letters replaced; conditions are not worked out, which SymPy may do for ever."""
        if expr in known or not expr.args:
            return known.get(expr, expr)
        if isinstance(expr, Relational):
            sides = [Part(expr=self._put(side, known, at)) for side in expr.args]
            return self.compare(expr.rel_op, sides[0], sides[1], at)
        args = [self._put(a, known, at) for a in expr.args]
        if not isinstance(expr, sp.Piecewise):
            return expr.func(*args)
        return self.cases([(Part(expr=a.args[0]), a.args[1]) for a in args], at).expr

    def compare(self, sign: str, left: Part, right: Part, at: Any) -> sp.Basic:
        """A condition; one between numbers is decided."""
        difference = left.expr - right.expr
        if not difference.free_symbols:
            found = sign_of(difference)
            if found is None:
                raise self.fault(at, "it is not decided", "")
            return sp.true if RELATIONS[sign](found, 0) == sp.true else sp.false
        if inner := [
            e for e in difference.atoms(sp.Piecewise) if not any(a.has(sp.Piecewise) for a in e.args[0])
        ]:
            return self._spread(sign, difference, min(inner, key=sp.default_sort_key), at)
        if left.expr.is_Symbol and not right.expr.free_symbols:
            return RELATIONS[sign](left.expr, right.expr, evaluate=False)
        # SymPy turns some conditions round for ever unless their numbers are whole and stand on one side.
        small = sum(1 for _ in sp.preorder_traversal(difference)) <= SMALL
        flat = sp.expand(difference) if small else difference
        return RELATIONS[sign](flat.primitive()[1], 0, evaluate=False)

    def _spread(self, sign: str, difference: sp.Expr, inner: sp.Piecewise, at: Any) -> sp.Basic:
        """A condition on something that has cases: in each case a condition without them."""
        zero = Part(expr=sp.S.Zero)
        before: list[sp.Basic] = []
        found: list[sp.Basic] = []
        for value, condition in inner.args:
            here = self.compare(sign, Part(expr=self._put(difference, {inner: value}, at)), zero, at)
            found.append(sp.And(*before, condition, here))
            before.append(sp.Not(condition))
        return sp.Or(*found)

    def cases(self, rows: Sequence[tuple[Part, sp.Basic]], at: Any) -> Part:
        """The value of the first condition that holds; the last row holds otherwise."""
        kept: list[tuple[Part, sp.Basic]] = []
        for part, condition in rows:
            if condition != sp.false:
                kept.append((part, condition))
            if condition == sp.true:
                break
        if not kept or kept[-1][1] != sp.true:
            tries = "a last case that holds otherwise, (value, True)"
            raise self.fault(at, "not every case has a value", tries)
        if len(kept) == 1:
            return kept[0][0]
        made = sp.Piecewise(*((part.expr, condition) for part, condition in kept), evaluate=False)
        parts = [part for part, _ in kept]
        for condition in (c for _, c in kept):
            for relation in condition.atoms(Relational):
                self._sound(relation.lhs - relation.rhs, at)
        return self.made(made, parts, at)


def cases(expr: sp.Basic) -> int:
    """How many conditions an expression has."""
    sided = sum(len(e.args) for e in expr.atoms(*_SIDED))
    return sided + len(expr.atoms(Relational))


def ball(expr: sp.Expr) -> arb | None:
    """A number in a ball; None where it has none."""
    try:
        return taylor(compile_ball(expr), {Z: 0.0}, Z, 0, _PRECISION)[0]
    except (Unreachable, ZeroDivisionError, ValueError, TypeError, OverflowError):
        return None


def _is_below(expr: sp.Expr, bound: arb | int) -> bool:
    """Whether the size of a number is certainly below a bound."""
    value = ball(expr)
    return value is not None and bool(abs(value) < bound)


def sign_of(expr: sp.Expr) -> int | None:
    """The sign of a number; None where it is not found."""
    if expr.is_Rational:
        return int(sp.sign(expr))
    value = ball(expr)
    if value is None or not value.is_finite():
        return None
    if value > 0 or value < 0:
        return 1 if value > 0 else -1
    return 0 if sp.expand(expr) == 0 else None
