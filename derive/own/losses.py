"""A loss from an expression in a and y: where both lie, its kinks, what the prediction is."""

from collections.abc import Iterator, Mapping
from typing import Final, Literal

import sympy as sp
from sympy.core.relational import Relational

from derive.expression import Place, Read, read_places, sign_of
from derive.model import (
    NONNEGATIVE,
    POSITIVE,
    REALS,
    UNIT_CLOSED,
    UNIT_OPEN,
    A,
    BadInput,
    Finite,
    Interval,
    Loss,
    Set,
    Y,
)
from derive.own.activations import (
    NOTHING,
    SOURCE,
    Bind,
    Given,
    Number,
    Said,
    Written,
    exact,
    held,
    in_known_words,
    interpreted,
)
from derive.own.branches import arranged
from derive.own.domains import met, natural, require
from derive.own.ends import Placed, closed
from derive.own.functions import NONE, Functions
from derive.own.verify import verify_kink_lines
from derive.proof.zeros import zeros

TITLE = "your loss"
LABELS: Final = Finite(values=(-1, 1))
Reads = Literal["mean", "probability", "log-probability", "raw score"]
BELOW = Interval(hi=sp.S.Zero)
# Targets that are tried when the expression is not defined for all, the widest first.
TARGETS: Final = (REALS, NONNEGATIVE, POSITIVE, UNIT_CLOSED, UNIT_OPEN)
PREDICTIONS: Final = (REALS, POSITIVE, UNIT_OPEN, BELOW, Interval(lo=-sp.S.One, hi=sp.S.One))


def loss(
    given: Given,
    *,
    parameters: Mapping[str, Number] | None = None,
    where: str = "",
    name: str = "L",
    functions: Functions = NONE,
    said: Said = NOTHING,
) -> Loss:
    """The loss that an expression in a and y means; BadInput says what is wrong with it, or what is said."""
    bound: dict[str, sp.Rational] = {}
    numbers = exact(parameters or {})
    while True:
        try:
            written = interpreted(given, {"a": A, "y": Y}, numbers, bound, functions, "loss", said)
            return _loss(written, where, name, said)
        except Bind as ask:
            bound[ask.name] = numbers[ask.name]


def _loss(written: Written, where: str, name: str, said: Said) -> Loss:
    given = read_places(where, {"a": A, "y": Y}) if where else {}
    where_y: Set | None = given.get("y", said.target)
    found = _places(written, given.get("a", said.prediction), where_y)
    expr, as_known = in_known_words(written.read.expr)
    if not expr.has(A):
        raise BadInput(
            f"expression {written.read.text[:60]!r}: a loss depends on its prediction a. Try: (a - y)**2"
        )
    kinks = tuple(dict.fromkeys(_kinks(expr)))
    if said.kinks is not None:
        verify_kink_lines(said.kinks, kinks, written, expr)
    expr, how_kinks = arranged(expr, written.parameters, found.target)
    if "y" not in given and said.target is None:
        expr, found = closed(expr, found)
    about = [f"kink where {kink} = 0" for kink in kinks] + [how_kinks] * bool(how_kinks)
    reads, how = _reads(found)
    hard = _hard(found.target)
    return Loss(
        name=name,
        title=TITLE,
        expr=expr,
        prediction=found.prediction,
        target=found.target,
        reads=reads,
        hard=hard,
        kinks=kinks,
        parameters=written.parameters,
        source=SOURCE,
        known=(),
        own=True,
        inferred=(
            *as_known,
            *written.inferred,
            *found.said,
            f"the prediction is read as a {reads}: {how}",
            *about,
        ),
    )


def _places(written: Written, a: Interval | None, y: Set | None) -> Placed:
    """Where a and y lie: as it was said, else where the parts are defined."""
    others = {p.symbol: p.domain for p in written.parameters}
    read = written.read
    said: list[str] = []
    if y is None and (asked := _asked(read.places)):
        y = asked
        said.append(f"y in {y}: as a function in it asks")
    elif y is None and _of_margin(read.expr):
        y = LABELS
        said.append("y in {-1, 1}: the loss depends on the product y a alone")
    tries = [y] if y is not None else list(TARGETS)
    for target in tries:
        here = {**others, Y: target}
        prediction = a or _prediction(read, here)
        if prediction is None or not all(met(n, {**here, A: prediction}) for n in read.needs):
            continue
        if y is None:
            target, why = _narrowed(target, prediction)
            said.append(f"y in {target}: {why}")
        if a is None:
            said.append(f"a in {prediction}: where its parts are defined")
        return Placed(prediction=prediction, target=target, said=tuple(said))
    for need in read.needs:
        held(need, others)
    require(
        read.needs,
        {**others, A: a or POSITIVE, Y: y or POSITIVE},
        "--where 'a>0', 'y>0', or other conditions",
    )
    raise BadInput(f"expression {read.text[:60]!r}: it is not found where it is defined. Try: --where 'a>0'")


def _asked(places: tuple[Place, ...]) -> Finite | None:
    """The labels that functions in it ask for; BadInput where they ask it of anything but y."""
    found: Finite | None = None
    for place in places:
        labels = place.within
        solved = _labels(place.expr, labels) if isinstance(labels, Finite) else None
        if solved is None or (found is not None and solved != found):
            raise BadInput(f"{place.says} takes targets in {labels} only. Try: y for its target")
        found = solved
    return found


def _labels(expr: sp.Expr, labels: Finite) -> Finite | None:
    """The targets y for which an expression that is linear in y takes the labels."""
    if expr.free_symbols != {Y}:
        return None
    slope = expr.diff(Y)
    if not slope.is_number or slope == 0:
        return None
    found = [(v - expr.subs(Y, 0)) / slope for v in labels.values]
    return Finite(values=tuple(sorted(int(v) for v in found))) if all(v.is_Integer for v in found) else None


def _of_margin(expr: sp.Expr) -> bool:
    """Whether the loss depends on a and y through y·a alone, as margins do."""
    if not (expr.has(A) and expr.has(Y)):
        return False
    margin = sp.Dummy("m", real=True)
    return not expr.subs(A, margin / Y).has(Y) and not expr.subs(A, -margin / Y).has(Y)


def _prediction(read: Read, here: Mapping[sp.Symbol, Set]) -> Interval | None:
    """Where predictions lie for all targets."""
    for place in PREDICTIONS[:1]:
        if all(met(need, {**here, A: place}) for need in read.needs):
            return place
    mine = [need for need in read.needs if need.expr.has(A)]
    if all(met(need, here) for need in read.needs if not need.expr.has(A)):
        try:
            return natural(mine, A, here)[0]
        except BadInput:
            return None
    return None


def _narrowed(target: Set, prediction: Interval) -> tuple[Set, str]:
    """The targets that fit the predictions: those that predictions of that kind are made for."""
    if target == REALS and prediction == UNIT_OPEN:
        return UNIT_CLOSED, "predictions are probabilities"
    if target == REALS and prediction == POSITIVE:
        return NONNEGATIVE, "predictions are positive"
    return target, "where its parts are defined"


def _reads(found: Placed) -> tuple[Reads, str]:
    """What the prediction is, as far as its place and the targets tell."""
    if found.prediction == UNIT_OPEN or found.prediction == UNIT_CLOSED:
        return "probability", "it lies in (0, 1)"
    if found.target in (LABELS, Finite(values=(0, 1))) and found.prediction == REALS:
        return "raw score", f"targets are labels {found.target}"
    if found.prediction == BELOW:
        return "log-probability", "it is negative"
    if found.target == UNIT_CLOSED and found.prediction == REALS:
        return "raw score", "targets are probabilities, predictions are not"
    return "mean", "it lies where the targets lie"


def _hard(target: Set) -> tuple[int, ...]:
    """The targets at which no digit may be lost."""
    if isinstance(target, Finite):
        return target.values
    assert isinstance(target, Interval)
    return tuple(v for v in (-1, 0, 1) if _within(target, sp.Integer(v)))


def _within(place: Interval, value: sp.Expr) -> bool:
    low, high = value - place.lo, place.hi - value
    above = low.is_infinite or sign_of(low) == 1 or (low == 0 and place.closed_lo)
    return bool(above and (high.is_infinite or sign_of(high) == 1 or (high == 0 and place.closed_hi)))


def _kinks(expr: sp.Expr) -> Iterator[sp.Expr]:
    """Expressions that are 0 where a case changes, absolute values inside them resolved."""
    for e in sorted(expr.atoms(sp.Abs, sp.sign, sp.Max, sp.Min, Relational), key=sp.default_sort_key):
        if isinstance(e, Relational):
            yield from _resolved(e.lhs - e.rhs)
        elif isinstance(e, sp.Max | sp.Min):
            args = list(e.args)
            for n, one in enumerate(args):
                for other in args[n + 1 :]:
                    yield from _resolved(one - other)
        else:
            yield from _resolved(e.args[0])


def _resolved(difference: sp.Expr) -> Iterator[sp.Expr]:
    """The factors of a difference that have a zero in a; |w| − c as w − c and w + c."""
    inner = sorted(difference.atoms(sp.Abs), key=sp.default_sort_key)
    if inner:
        for sign in (1, -1):
            yield from _resolved(difference.xreplace({inner[0]: sign * inner[0].args[0]}))
        return
    if difference.has(sp.Max, sp.Min, sp.sign, sp.Piecewise) or not difference.has(A):
        return
    if difference.is_nonzero:
        return
    found = _zeros(difference)
    for at in found if found is not None else ():
        yield sp.fraction(sp.together(A - at))[0] if at.has(Y) else A - at
    if found is None:
        yield difference


def _zeros(difference: sp.Expr) -> list[sp.Expr] | None:
    """The zeros in a; of what depends on a − y alone those of that, moved by y."""
    found = zeros(difference, A)
    if found is None and not (moved := sp.expand(difference.subs(A, A + Y))).has(Y):
        found = zeros(moved, A)
        return found and [at + Y for at in found]
    return found
