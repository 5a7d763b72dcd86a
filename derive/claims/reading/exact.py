"""Exact comparisons of numbers made of logarithms and powers of e, and their first digits."""

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Context, Decimal

import flint
import sympy as sp

from derive.balls import Unreachable, compile_ball
from derive.proof import equal

BITS = (64, 256, 1024, 4096)  # tried in turn
DIGITS = 4  # of a number in a sentence
SPARE = 30  # digits beyond those that are asked for
HUGE = 10**4  # beyond, a power of e or 2 is not written out: SymPy makes a whole number of it
SMALL, LARGE = Decimal("0.001"), 10**6  # between them a number is written without a power of ten
DOWN, UP, NEAREST = ROUND_FLOOR, ROUND_CEILING, ROUND_HALF_EVEN


def sign(number: sp.Expr) -> int:
    """The sign of a real number: certified by a ball that excludes 0, or by the normal form 0."""
    if number.is_Rational:
        return int(sp.sign(number))
    ball = compile_ball(number)
    for bits in BITS:
        with flint.ctx.workprec(bits):
            value = ball({})[0]
            if value > 0 or value < 0:
                return 1 if value > 0 else -1
    if equal(number, sp.S.Zero):
        return 0
    raise Unreachable(f"no sign of {number} within {BITS[-1]} bits")


def method(number: sp.Expr) -> str:
    """How the sign of a real number is known."""
    return "normal form" if number.is_Rational or sign(number) == 0 else "ball arithmetic"


def below(left: sp.Expr, right: sp.Expr) -> bool:
    """Whether left < right."""
    return sign(right - left) > 0


def whole(number: sp.Expr) -> int:
    """The largest whole number that is at most a positive number."""
    digits = max(0, Decimal(str(sp.N(number, DIGITS))).adjusted())
    near = int(sp.floor(sp.N(number, digits + SPARE)))
    return next(m for m in (near + 1, near, near - 1) if not below(number, sp.Integer(m)))


def numeral(number: sp.Expr, toward: str = NEAREST, digits: int = DIGITS) -> str:
    """The first digits of a number, rounded as a bound needs it; a short decimal number as it is."""
    value = Decimal(str(sp.N(number, SPARE)))
    if not value:
        return "0"
    rounded = Context(prec=digits, rounding=toward, Emin=-(10**15), Emax=10**15).plus(value)
    if number.is_Rational and _same(rounded, number):
        rounded = rounded.normalize()
    if SMALL <= abs(rounded) < LARGE:
        return f"{rounded:f}".replace("-", "−")
    return _scientific(rounded)


def _same(rounded: Decimal, number: sp.Expr) -> bool:
    top, bottom = rounded.as_integer_ratio() if abs(rounded.adjusted()) < 400 else (0, 1)
    return bool(sp.Rational(top, bottom) == number)


def _scientific(value: Decimal) -> str:
    mantissa, _, power = f"{value:e}".partition("e")
    return f"{mantissa}·10^({int(power)})".replace("-", "−")


def percent(share: sp.Expr, toward: str = NEAREST, digits: int = DIGITS) -> str:
    """A share in hundredths."""
    return f"{numeral(100 * share, toward, digits)}%"


def chance(cost: sp.Expr, toward: str = NEAREST) -> str:
    """The probability e^(−cost)."""
    if below(sp.Integer(HUGE), cost):
        return f"e^(−{numeral(cost)})"
    return numeral(sp.exp(-cost), toward)
