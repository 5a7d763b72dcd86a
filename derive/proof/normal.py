"""The normal form of an expression: a quotient of polynomials in algebraically independent generators.

Generators are the symbols, e^(m/U) for each monomial m of an exponent, the logarithm of each positive
irreducible factor, and any other function of a normalised argument; with the relations sgn² = 1,
(√n)² = n, cos² = 1 − sin², and erf, atan, sgn and sin odd. Inside logarithms erf w is (t − 1)/(t + 1) with
t > 0, atan w likewise with the factor π/2, and e^m with m > 0 is 1 + t. A power w^p is e^(p log w), and
e^(log(w)/U) has the power U w. Where both are defined, two expressions without Piecewise are the same
function if the difference of their normal forms has numerator 0.
"""

from collections.abc import Iterator
from math import lcm

import sympy as sp
from flint import fmpq, fmpq_mpoly

from derive.heads import plain
from derive.proof.field import Field
from derive.proof.quotient import expression, lowest, quotient, terms
from derive.proof.radicals import rational

ODD, EVEN = (sp.erf, sp.atan, sp.sign, sp.sin), (sp.cos,)
BOUNDED = (sp.erf, sp.atan)
_HIGH = 100  # degree from which only the powers that occur are factored: w^851 + 1 takes seconds
_MANY = 1000  # so many terms take seconds to be reduced
HYPERBOLIC = (sp.cosh, sp.sinh, sp.tanh)


def equal(left: sp.Expr, right: sp.Expr) -> bool:
    """Whether both are the same function, by normal form; False where the normal form does not tell."""
    return left == right or is_zero(plain(left) - plain(right))


def zero_where(expr: sp.Expr, pivot: sp.Expr) -> bool:
    """Whether `expr` is 0 wherever `pivot` is: its numerator is a multiple of the pivot's."""
    both = rational(sp.Tuple(*(_hyperbolic_out(plain(e)) for e in (expr, pivot))))
    room = Field(unit=lcm(*(_unit(e) for e in both)))
    written = [_canon(e, room) for e in both]
    symbols = frozenset(room.symbols.values())
    top, divisor = (_top(e, symbols, room) for e in written)
    return divisor != 0 and divmod(top, divisor)[1] == 0


def _top(written: sp.Expr, symbols: frozenset[sp.Symbol], room: Field) -> fmpq_mpoly:
    """The numerator, the powers in it that are something simpler replaced by that."""
    top = quotient(written, symbols)[0]
    if not _reducible(top, room):
        return top
    return quotient(sp.Add(*(n * _reduced(m, room) for n, m in terms(top, room.symbols))), symbols)[0]


def manifest_sign(expr: sp.Expr) -> int | None:
    """The sign that the normal form shows at a glance, all terms alike; None where it shows none."""
    written = rational(_hyperbolic_out(plain(expr)))
    room = Field(unit=_unit(written))
    top, bottom = (expression(part, room.symbols) for part in lowest(_canon(written, room)))
    if not bottom.is_positive:
        return None
    return 1 if top.is_positive else -1 if top.is_negative else 0 if top == 0 else None


def _hyperbolic_out(expr: sp.Expr) -> sp.Expr:
    """`expr` with hyperbolic functions written in exponentials."""
    return expr.replace(lambda e: isinstance(e, HYPERBOLIC), lambda e: e.rewrite(sp.exp))


def is_zero(expr: sp.Expr) -> bool:
    """Whether the normal form of `expr`, without heads, has numerator 0."""
    expr = rational(_hyperbolic_out(expr))
    odds = any(e.has(*BOUNDED) or _nested(e) or _short(e) for e in expr.atoms(sp.log))
    room = Field(unit=_unit(expr), odds=odds)
    _widen(expr, room)
    return _vanishes(_canon(expr, room), room)


def _widen(expr: sp.Expr, room: Field) -> None:
    """Give the generators of exponentials, inner ones first, the largest steps: degrees stay small."""
    for atom in sorted(expr.atoms(sp.exp), key=lambda e: (len(e.atoms(sp.exp)), str(e))):
        logs = {symbol for key, symbol in room.names.items() if key[0] == "log"}
        for number, exponent in _exponents(_canon(atom.args[0], room), room):
            if exponent not in logs:
                room.steps[exponent] = sp.gcd(abs(number), room.steps.get(exponent, 0))


def _exponents(argument: sp.Expr, room: Field) -> Iterator[tuple[sp.Rational, sp.Expr]]:
    """The parts of an exponent, c·m, as (c, m)."""
    top, bottom = lowest(_simplest(argument, room))
    below = expression(bottom, room.symbols)
    return ((number, monomial / below) for number, monomial in terms(top, room.symbols))


def _vanishes(written: sp.Expr, room: Field) -> bool:
    """Whether a rational expression in generators is 0, by their relations."""
    top, _ = quotient(written)
    while top != 0 and _reducible(top, room):
        if len(top) > _MANY:
            raise TypeError("no normal form in reasonable time")
        reduced = [number * _reduced(monomial, room) for number, monomial in terms(top, room.symbols)]
        top, _ = quotient(sp.Add(*reduced))
    return top == 0


def _short(expr: sp.Expr) -> bool:
    """Whether an expression has e^w − 1 or 1 − e^−w, which are positive where w is."""
    sums = (e.as_coeff_Add() for e in expr.atoms(sp.Add) if e.has(sp.exp))
    return any(
        n * t.as_coeff_Mul()[0] < 0 for n, rest in sums for t in sp.Add.make_args(rest) if t.has(sp.exp)
    )


def _nested(expr: sp.Expr) -> bool:
    """Whether there is an exponential of an exponential."""
    return any(e.args[0].has(sp.exp) for e in expr.atoms(sp.exp))


def _reducible(poly: fmpq_mpoly, room: Field) -> bool:
    """Whether a power occurs that is something simpler."""
    degrees = dict(zip(poly.context().names(), poly.degrees(), strict=True))
    return any(degrees.get(str(symbol), 0) >= n for symbol, (n, _) in room.powers.items())


def _reduced(monomial: sp.Expr, room: Field) -> sp.Expr:
    """The monomial with squares of square roots and of signs, and other powers, replaced by what they are."""
    return sp.Mul(*(_lowered(s, n, room) for s, n in monomial.as_powers_dict().items()))


def _lowered(symbol: sp.Expr, power: int, room: Field) -> sp.Expr:
    if symbol not in room.powers:
        return symbol**power
    degree, meaning = room.powers[symbol]
    return meaning ** (power // degree) * symbol ** (power % degree)


def _unit(expr: sp.Expr) -> int:
    """The common denominator of the rational numbers in all exponents."""
    exponents = [e.args[0] for e in expr.atoms(sp.exp)]
    exponents += [
        e.exp
        for e in expr.atoms(sp.Pow)
        if not e.exp.is_Integer and not (e.base.is_number and (2 * e.exp).is_Integer)
    ]
    return lcm(1, *(int(n.q) for e in exponents for n in e.atoms(sp.Rational)))


def _canon(expr: sp.Expr, room: Field) -> sp.Expr:
    """`expr` as a rational expression in symbols and generators."""
    if expr.is_Symbol:
        return room.known(expr)
    if expr.is_Rational:
        return expr
    if expr is sp.pi:
        return room.generator("root", sp.pi) ** 2
    if expr is sp.E:
        return _exponential(sp.S.One, room)
    if expr.is_Add or expr.is_Mul:
        return expr.func(*(_canon(a, room) for a in expr.args))
    if isinstance(expr, sp.exp):
        return _exponential(_canon(expr.args[0], room), room)
    if isinstance(expr, sp.log):
        return _logarithm(_canon(expr.args[0], room), room)
    if isinstance(expr, sp.Abs):
        return _canon(expr.args[0], room) * _function(sp.sign(expr.args[0], evaluate=False), room)
    return _power(expr, room) if expr.is_Pow else _function(expr, room)


def _power(expr: sp.Expr, room: Field) -> sp.Expr:
    if expr.exp == sp.S.Half and expr.base.is_Pow and expr.base.exp == 2:  # so SymPy writes some |w|
        return _canon(sp.Abs(expr.base.base, evaluate=False), room)
    if expr.exp.is_Integer:
        return _canon(expr.base, room) ** expr.exp
    rooted = room.unit % 2 == 0 and expr.base.is_Rational and expr.base > 0  # as it comes from inside a root
    if rooted or not ((2 * expr.exp).is_Integer and (expr.base.is_Rational or expr.base is sp.pi)):
        return _exponential(_canon(expr.exp, room) * _logarithm(_canon(expr.base, room), room), room)
    if expr.base.is_Rational and expr.base > 0:
        primes = sp.factorrat(expr.base).items()
        if room.primes:
            return sp.Mul(*(_root(sp.Integer(p), room) ** (n * 2 * expr.exp) for p, n in primes))
        odd, even = (sp.Mul(*(p ** ((n - n % 2) // 2 if k else n % 2) for p, n in primes)) for k in (0, 1))
        return (even * (_root(odd, room) if odd != 1 else odd)) ** (2 * expr.exp)
    return _root(expr.base, room) ** (2 * expr.exp)


def _root(base: sp.Expr, room: Field) -> sp.Symbol:
    """The generator of a number's square root."""
    root = room.generator("root", base, positive=base.is_positive)
    if base.is_Rational:
        room.powers[root] = (2, base)
    return root


def _exponential(argument: sp.Expr, room: Field) -> sp.Expr:
    """e^(Σ c·m) as a product of powers of the generators e^(m/U)."""
    result = sp.S.One
    for number, exponent in _exponents(argument, room):
        degree = number / room.step(exponent)
        if not degree.is_Integer:
            raise TypeError(f"no normal form for exp({argument})")
        result *= _power_of_e(exponent, room) ** degree
    return result


def _power_of_e(exponent: sp.Expr, room: Field) -> sp.Expr:
    """e^(exponent·step); of a logarithm, the U-th root of what it is the logarithm of."""
    base = next((k[1] for k, s in room.names.items() if s == exponent and k[0] == "log"), None)
    positive = None if exponent.free_symbols & room.many_valued else True
    if base is None and room.odds and exponent.is_positive:
        return 1 + room.generator("rise", exponent, positive=True)
    if base is None:
        return room.generator("exp", exponent, positive=positive)
    if room.unit == 1:
        return base
    root = room.generator("power", base, positive=positive)
    room.powers[root] = (room.unit, base)
    return root


def _logarithm(argument: sp.Expr, room: Field) -> sp.Expr:
    """Σ log of the irreducible factors or of their |f|; else one generator for the whole."""
    argument = _simplest(argument, room)
    parts, content = [], sp.S.One
    for poly, side in zip(lowest(argument), (1, -1), strict=True):
        number, factors = _factored(poly)
        content *= sp.Rational(int(number.p), int(number.q)) ** side
        parts += [(factor, side * n) for factor, n in factors]
    found, number = _magnitudes(parts, room)
    if not content * number > 0:
        return _of_unknown_sign(argument, abs(content), parts, room)
    return _log_of_number(content * number, room) + sp.Add(
        *(n * _log_factor(part, room) for part, n in found)
    )


def _log_of_number(number: sp.Rational, room: Field) -> sp.Expr:
    """Σ log of the primes of a positive number."""
    primes = sp.factorrat(number).items()
    return sp.Add(*(n * room.generator("log", sp.Integer(p), positive=True) for p, n in primes))


def _simplest(argument: sp.Expr, room: Field) -> sp.Expr:
    """The argument with what the relations of its generators make of it."""
    while room.powers:
        top, bottom = lowest(argument)
        if not any(_reducible(p, room) for p in (top, bottom)) or max(len(top), len(bottom)) > _MANY:
            break
        one, other = (
            sp.Add(*(n * _reduced(m, room) for n, m in terms(p, room.symbols))) for p in (top, bottom)
        )
        argument = one / other
    return argument


def _magnitudes(
    parts: list[tuple[fmpq_mpoly, int]], room: Field
) -> tuple[list[tuple[sp.Expr, int]], sp.Expr]:
    """Positive factors, |f| = f·sgn f among them, and a number; it is 0 where a factor is neither."""
    turns = {s for key, s in room.names.items() if key[0] == "sign"}
    written = [(expression(poly, room.symbols), poly, n) for poly, n in parts]
    waiting = {part for part, _, n in written if part in turns and n % 2}
    found, number = [], sp.S.One
    for part, poly, n in written:
        if part in turns or _positive(part, room):
            found += [(part, n)] if part not in turns else []
            continue
        if not room.turns:
            return [], sp.S.Zero
        lead = poly.leading_coefficient()
        monic = expression(poly / lead, room.symbols)
        turn = room.generator("sign", monic)
        room.powers[turn] = (2, sp.S.One)
        if n % 2 and turn not in waiting:
            return [], sp.S.Zero
        waiting -= {turn} if n % 2 else set()
        number *= sp.Rational(int(lead.p), int(lead.q)) ** n
        found.append((monic * turn, n))
    return ([], sp.S.Zero) if waiting else (found, number)


def _positive(part: sp.Expr, room: Field) -> bool:
    """Whether a factor is positive at a glance, or a sum of positive letters times positive numbers."""
    letters = part.free_symbols - set(room.squares)
    if part.is_positive or letters == part.free_symbols or not all(s.is_positive for s in letters):
        return bool(part.is_positive)
    value = part.xreplace({s: sp.sqrt(w) for s, w in room.squares.items()})
    return all(c.is_positive for c in (sp.Poly(value, *letters).coeffs() if letters else [value]))


def _of_unknown_sign(
    argument: sp.Expr, size: sp.Rational, parts: list[tuple[fmpq_mpoly, int]], room: Field
) -> sp.Expr:
    """Σ log of a number and the positive factors, and the logarithm of the rest, whatever its sign."""
    total, argument = _log_of_number(size, room), argument / size
    for part, n in ((expression(poly, room.symbols), n) for poly, n in parts):
        if _positive(part, room):
            total += n * _log_factor(part, room)
            argument /= part**n
    return total + _many_valued(argument, room)


def _many_valued(argument: sp.Expr, room: Field) -> sp.Expr:
    """A generator for the logarithm of what may be negative, one for all arguments that are equal."""
    met = room.met.setdefault("log", [])
    for other, found in met if room.powers else ():
        if _vanishes(argument - other, room):
            return found
    whole = room.generator("log", _key(argument, room))
    room.many_valued.add(whole)
    met.append((argument, whole))
    return whole


def _factored(poly: fmpq_mpoly) -> tuple[fmpq, list[tuple[fmpq_mpoly, int]]]:
    """The content and the irreducible factors; of high powers of e^(m/U), those in the powers."""
    if max(poly.degrees(), default=0) < _HIGH:
        return poly.factor()
    small, powers = poly.deflation()
    content, factors = small.factor()
    return content, [(f.inflate(powers), n) for f, n in factors]


def _log_factor(factor: sp.Expr, room: Field) -> sp.Expr:
    for key, symbol in room.names.items():
        if symbol == factor and key[0] == "exp":
            return key[1] * room.step(key[1])
        if key[0] == "rise" and symbol + 1 == factor:
            return key[1] * room.step(key[1])
        if symbol == factor and key[0] == "power":
            return room.generator("log", key[1]) / room.unit
        if symbol == factor and key[0] == "root" and key[1].is_Integer:
            parts = sp.factorint(key[1]).items()
            logs = (n * room.generator("log", sp.Integer(base), positive=True) for base, n in parts)
            return sp.Add(*logs) / 2
    found = room.generator("log", factor, positive=_above_one(factor))
    if not _positive(factor, room):  # |f|, which may be 0
        room.many_valued.add(found)
    return found


def _above_one(factor: sp.Expr) -> bool | None:
    """True where a sum shows at a glance that it is above 1, None elsewhere; SymPy would take roots."""
    number, rest = factor.as_coeff_Add()
    return True if number >= 1 and all(t.is_positive for t in sp.Add.make_args(rest)) else None


def _key(argument: sp.Expr, room: Field) -> sp.Expr:
    """The argument in lowest terms, so that equal arguments give equal keys."""
    top, bottom = lowest(argument)
    return expression(top, room.symbols) / expression(bottom, room.symbols)


def _of_same_sign(argument: sp.Expr, room: Field) -> sp.Expr:
    """The numerator, its leading coefficient ±1, where the denominator is positive."""
    top, bottom = lowest(argument)
    if not expression(bottom, room.symbols).is_positive:
        return argument
    return expression(top / abs(top.leading_coefficient()), room.symbols)


def _function(expr: sp.Expr, room: Field) -> sp.Expr:
    """A generator for a function of a normalised argument, one for all arguments that are equal."""
    if not (isinstance(expr, sp.Function) and len(expr.args) == 1):
        raise TypeError(f"no normal form for {expr.func.__name__}")
    argument = _simplest(_canon(expr.args[0], room), room)
    met = room.met.setdefault(type(expr).__name__, [])
    for other, found in met if room.powers else ():  # equal by relations, though not in lowest terms
        if _vanishes(argument - other, room):
            return found
        if isinstance(expr, ODD) and _vanishes(argument + other, room):
            return -found
    met.append((argument, _of_argument(expr, argument, room)))
    return met[-1][1]


def _of_argument(expr: sp.Expr, argument: sp.Expr, room: Field) -> sp.Expr:
    """The generator of a function of that argument; odd functions give up its sign."""
    flip = 1
    if isinstance(expr, sp.sign):
        argument = _of_same_sign(argument, room)
    if isinstance(expr, ODD + EVEN) and lowest(argument)[0].leading_coefficient() < 0:
        argument, flip = -argument, -1 if isinstance(expr, ODD) else 1
    if room.odds and isinstance(expr, BOUNDED):
        odds = room.generator("odds", type(expr).__name__, _key(argument, room), positive=True)
        most = _canon(sp.pi, room) / 2 if isinstance(expr, sp.atan) else 1
        return flip * most * (odds - 1) / (odds + 1)
    symbol = room.generator(type(expr).__name__, _key(argument, room))
    if isinstance(expr, sp.cos):
        room.powers[symbol] = (2, 1 - room.generator("sin", _key(argument, room)) ** 2)
    if isinstance(expr, sp.sign):
        room.powers[symbol] = (2, sp.S.One)
    return flip * symbol
