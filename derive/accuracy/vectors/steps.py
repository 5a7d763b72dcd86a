"""What the quantities of a derivation mean, and where a step misses its own in balls.

A quantity is named as in "d2L/dudv": what is differentiated and by which vectors. It is computed from the
entries' own formulas by series and adjoints, at a random place of a given size.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

import flint
import numpy as np
import sympy as sp
from flint import arb
from sympy import Expr, Sum

from derive.accuracy.vectors.balls import ONE, Array, balls, filled
from derive.accuracy.vectors.formula import (
    blocks_of,
    coefficient,
    component,
    expression,
    meanings,
    moving,
    series,
    unit_rows,
)
from derive.accuracy.vectors.rows import domain
from derive.accuracy.vectors.run import backward, evaluate_run, forward
from derive.accuracy.vectors.tape import Letter, Meanings, free_indices, size_of, tape
from derive.derivation.vectors.rates import all_letters
from derive.model import (
    AS,
    BS,
    DIM,
    I_,
    TS,
    UNIT_CLOSED,
    WS,
    XS,
    YS,
    ZS,
    D,
    Finite,
    Interval,
    J,
    K,
    LogSimplex,
    N,
    OneHot,
    Pair,
    Parameter,
    Simplex,
    Subject,
    Y,
    entries,
)

BITS = 200
TIGHT = 2.0**-150  # the radius within which two numbers of order 1 must agree
FEATURES = 2
AFFINE = Sum(WS[J, D] * XS[D], (D, 1, DIM)) + BS[J]
DERIVATIVE = re.compile(r"d2?(?P<of>[^/]+)/d(?P<one>[a-zA-Z])(?P<two>2|d[a-zA-Z])?")
PRODUCT = re.compile(r"(?P<kind>Hv|Jv|vJ)(?: (?P<by>[a-z]+))?")
TWO = re.compile(r"(?P<name>.*?)(?P<second>_2(\^2)?)?, K = 2")


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """`of` ("L", "a" or a name) differentiated by letters, over free indices; `product` with a vector t."""

    of: str
    wrt: tuple[str, ...] = ()
    free: tuple[sp.Symbol, ...] = ()
    product: str = ""


def parsed(subject: Subject, name: str) -> Quantity:
    """The quantity of a name."""
    plain, _, form = name.partition(" ")
    if found := PRODUCT.fullmatch(name.removesuffix(" vector")):
        by = found["by"] or blocks_of(subject)[0].label.name * (2 if found["kind"] == "Hv" else 1)
        of = "L" if found["kind"] == "Hv" else "a"
        return Quantity(of=of, wrt=tuple(by), free=(J,), product=found["kind"])
    if plain in ("output", "L"):
        return Quantity(of="a" if plain == "output" else "L", free=(J,) if plain == "output" else ())
    if plain == "name":
        return Quantity(of=form)
    if (found := DERIVATIVE.fullmatch(plain)) is None:
        raise ValueError(f"no quantity is named {name!r}")
    one, two = found["one"], found["two"]
    wrt = (one,) if two is None else (one, one if two == "2" else two[1:])
    return Quantity(of=found["of"], wrt=wrt, free=_free(subject, found["of"], wrt, form))


def _free(subject: Subject, of: str, wrt: tuple[str, ...], form: str) -> tuple[sp.Symbol, ...]:
    """The indices of a derivative, in the order of its axes: component, then those of `wrt`."""
    if wrt in (("w",), ("W",)):
        return (J, D)
    inner = (J,) if len(wrt) == 1 else (I_, J)
    if of == "a":
        return (I_ if form == "matrix" else N, *inner)
    return (N,) if of == "L" and _inside(subject, wrt) and not form else inner


def _inside(subject: Subject, wrt: tuple[str, ...]) -> bool:
    """Whether a slope is one in the prediction of a pair, not in what the pair reads."""
    return isinstance(subject, Pair) and wrt[:1] == ("a",)


@lru_cache(maxsize=4096)
def derivative(subject: Subject, name: str, classes: int) -> Array:
    """The balls of a quantity at the sample of a size, one axis for each of its free indices."""
    quantity = parsed(subject, name)
    of, given = _parts(subject, quantity, classes)
    sizes = {K: classes, DIM: FEATURES}
    plain = forward(of, given, sizes)
    if not quantity.wrt:
        return evaluate_run(plain, quantity.free)
    wrt = [_base(subject, letter) for letter in quantity.wrt]
    if quantity.product:
        return _products(plain, quantity.product, wrt, classes)
    seeds = _seeds(plain, classes) if quantity.of == "a" else [filled([1] * plain.rank, ONE)]
    if len(wrt) == 1:
        found = [_slope(backward(plain, seed, (wrt[0],)), wrt[0], plain, 1)[0] for seed in seeds]
    else:
        found = _second(plain, seeds, wrt, classes)
    return np.stack(found) if quantity.of == "a" else found[0]


def _parts(subject: Subject, quantity: Quantity, classes: int):
    """The tape of what is differentiated, and the values it reads."""
    given = dict(sample(subject, classes))
    letters_of = meanings(subject)
    if isinstance(subject, Pair) and _inside(subject, quantity.wrt):
        of_output = tape(component(subject.activation), letters_of)
        values = evaluate_run(forward(of_output, given, {K: classes, DIM: FEATURES}), (J,))
        given[AS], letters_of = values[None], _without(letters_of, AS)
    if set(quantity.wrt) & {"w", "W", "b"}:
        del given[ZS]
        letters_of = Meanings(
            vectors=(*letters_of.vectors, (ZS, AFFINE)),
            scalars=letters_of.scalars,
            selections=letters_of.selections,
        )
    return tape(_what(subject, quantity.of), letters_of), given


def _without(letters_of: Meanings, base: sp.IndexedBase) -> Meanings:
    rest = tuple(row for row in letters_of.vectors if row[0] != base)
    return Meanings(vectors=rest, scalars=letters_of.scalars, selections=letters_of.selections)


def _what(subject: Subject, of: str) -> Expr:
    act, loss = entries(subject)
    if of == "L":
        return expression(subject)
    if act and of == "a":
        return component(act)
    return next(n.symbol for e in (act, loss) if e for n in e.names if str(n.symbol) == of)


def _base(subject: Subject, letter: str) -> sp.IndexedBase:
    """The vector (or the weights) that a letter means."""
    known = {"w": WS, "W": WS, "b": BS, "a": AS, "z": ZS}
    return {**known, **{base.label.name: base for base in blocks_of(subject)}}[letter]


def _seeds(run, classes: int) -> list[Array]:
    """For each component k, the slope of component k in the value."""
    shape = [1] * run.rank
    shape[run.tape.axis(J)] = classes
    return [row.reshape(shape) for row in unit_rows(classes, range(classes))]


def _slope(found: dict, base: sp.IndexedBase, run, points: int) -> Array:
    shape = {WS: (size_of(J, run.sizes), FEATURES)}.get(base, (size_of(J, run.sizes),))
    return np.broadcast_to(found[base] if base in found else filled((1, *shape)), (points, *shape))


def _moved(plain, base: sp.IndexedBase, directions: Array):
    """The run with power series along directions in one vector."""
    given = moving(plain.given, (base,), directions)
    return forward(plain.tape, given, plain.sizes, held=plain.held)


def _second(plain, seeds: list[Array], wrt: list[sp.IndexedBase], classes: int) -> list[Array]:
    """For each seed the second derivatives, (first letter, second letter)."""
    with series():
        run = _moved(plain, wrt[0], unit_rows(classes, range(classes)))
        slopes = [_slope(backward(run, seed, (wrt[1],)), wrt[1], run, classes) for seed in seeds]
        return [coefficient(slope, 1) for slope in slopes]


def _products(plain, kind: str, wrt: list[sp.IndexedBase], classes: int) -> Array:
    """Hessian or Jacobian times t, or t times the Jacobian."""
    direction = plain.given[TS]
    if kind == "vJ":
        shape = [1] * plain.rank
        shape[plain.tape.axis(J)] = classes
        return _slope(backward(plain, direction.reshape(shape), (wrt[0],)), wrt[0], plain, 1)[0]
    with series():
        run = _moved(plain, wrt[-1], direction)
        if kind == "Jv":
            return coefficient(evaluate_run(run, (J,)), 1)
        slope = _slope(backward(run, filled([1] * run.rank, ONE), (wrt[0],)), wrt[0], run, 1)
        return coefficient(slope, 1)[0]


@lru_cache(maxsize=512)
def sample(subject: Subject, classes: int, seed: int = 0) -> tuple[tuple[Letter, Array], ...]:
    """A random place of a size: balls for inputs, target, parameters, weights and a direction t."""
    rng = np.random.default_rng(seed)
    weights = {WS: (1, classes, FEATURES), XS: (1, FEATURES), BS: (1, classes), TS: (1, classes)}
    found = {base: balls(rng.normal(size=shape)) for base, shape in weights.items()}
    for base in blocks_of(subject):
        found[base] = balls(_inputs(rng, subject, classes))[None]
    if blocks_of(subject) == (ZS,):
        found[ZS] = (found[WS] * found[XS][:, None, :]).sum(axis=2) + found[BS]
    _, loss = entries(subject)
    if loss is not None:
        found[YS] = _targets(rng, loss.target, classes)[None]
        found[Y] = found[YS][:, 0]
    for parameter in subject.parameters:
        found[parameter.symbol] = _parameter(rng, parameter, classes)
    return tuple(found.items())


def _inputs(rng: np.random.Generator, subject: Subject, classes: int) -> np.ndarray:
    inside = domain(subject)
    if isinstance(inside, Simplex) or inside == UNIT_CLOSED:
        return rng.uniform(0.1, 0.9, classes)
    return -rng.uniform(0.1, 3, classes) if isinstance(inside, LogSimplex) else rng.normal(size=classes)


def _targets(rng: np.random.Generator, inside, classes: int) -> Array:
    """Targets of a domain; those of a simplex sum to 1 up to the radius of their balls."""
    if isinstance(inside, Simplex):
        parts = [int(n) for n in rng.integers(1, 64, classes)]
        return np.array([arb(n) / sum(parts) for n in parts], dtype=object)
    if isinstance(inside, OneHot):
        return balls(np.eye(classes)[rng.integers(classes)])
    if isinstance(inside, Finite):
        return balls(rng.choice(np.array(inside.values, float), classes))
    bounded = isinstance(inside, Interval) and inside.lo.is_finite
    return balls(rng.uniform(0.1, 0.9, classes) if bounded else rng.normal(size=classes))


def _parameter(rng: np.random.Generator, parameter: Parameter, classes: int) -> Array:
    """Admissible values between the default and a bound, or up to twice the default."""
    default, high = float(parameter.default), float(parameter.domain.hi)
    far = min(2 * default + 0.5, high)
    shape = (1, classes) if parameter.per_class else (1,)
    return balls(default + (far - default) * rng.uniform(0.2, 0.8, shape))


@lru_cache(maxsize=4096)
def contradictions(subject: Subject, name: str, expr: Expr, classes: int) -> tuple[str, ...]:
    """Places where `expr` in balls misses the quantity of that name at a size; empty where it holds."""
    if found := TWO.fullmatch(name):
        return _at_two(subject, found, expr) if classes == 2 else ()
    kind, _, of = name.partition(" ")
    if kind == "selection":  # its rule is its meaning
        return ()
    with flint.ctx.workprec(BITS):
        if kind == "letter":
            return _misses(name, *_lettered(subject, of, expr, classes))
        free = parsed(subject, name).free
        _no_others(expr, free, name)
        return _misses(name, _value(subject, expr, classes, free), derivative(subject, name, classes))


def _lettered(subject: Subject, letter: str, expr: Expr, classes: int) -> tuple[Array, Array]:
    """What is written for a letter, and what the steps take it for."""
    base = next(b for b in all_letters(subject).definitions if b.label.name == letter)
    free = (J,) if len(base.shape) == 1 else (I_, J)
    return _value(subject, expr, classes, free), _value(subject, base[free], classes, free)


def _no_others(expr: Expr, free: tuple[sp.Symbol, ...], name: str) -> None:
    if others := set(free_indices(expr)) - set(free):
        raise ValueError(f"{name} has the indices {free}, not {others}")


def _at_two(subject: Subject, found: re.Match, expr: Expr) -> tuple[str, ...]:
    """The same for a quantity of two classes, or for its second component."""
    name, second = found["name"], found["second"] or ""
    with flint.ctx.workprec(BITS):
        whole = derivative(subject, _two_name(name, second), 2)
        wanted = whole[(1,) * whole.ndim] if whole.ndim else whole
        return _misses(found[0], _value(subject, expr, 2, ()), np.asarray(wanted, dtype=object))


def _two_name(name: str, second: str) -> str:
    """d2L/dz_2^2 is a component of d2L/dz2."""
    return f"{name}2" if second.endswith("^2") else name


def _value(subject: Subject, expr: Expr, classes: int, free: tuple[sp.Symbol, ...]) -> Array:
    """A step's right side at the sample, its letters replaced by what they stand for."""
    found = all_letters(subject)
    known = Meanings(
        vectors=tuple(found.definitions.items()),
        scalars=tuple((n.symbol, n.meaning) for n in found.names),
        selections=tuple(found.selections),
    )
    sizes = {K: classes, DIM: FEATURES}
    return evaluate_run(forward(tape(expr, known), dict(sample(subject, classes)), sizes), free)


def _misses(name: str, got: Array, meant: Array) -> tuple[str, ...]:
    found = []
    for place, wanted in np.ndenumerate(np.asarray(meant, dtype=object)):
        off = wanted - np.asarray(got, dtype=object)[place]
        if not (off.contains(0) and off.rad() < TIGHT * max(1, float(abs(wanted).mid()))):
            found.append(f"{name} at {tuple(n + 1 for n in place)}, {len(got) if np.ndim(got) else 1} values")
    return tuple(found)
