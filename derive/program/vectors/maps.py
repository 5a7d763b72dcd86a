"""The maps whose slopes have a stable form of their own, one row each, recognised by structure.

A row says which formulas it matches, and makes the link of the chain. What no row matches is linked by
its formula (`stages.formula`), which is right for every row.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import sympy as sp
from sympy import Expr, Indexed, Sum, exp, log

from derive.model import J, Name, Selection
from derive.program.vectors.lines import Line, call, fresh, put, vector
from derive.program.vectors.stages import Lines, Many, Stage, over, spread
from derive.rules.indexed import substitute


@dataclass(frozen=True, kw_only=True)
class Found:
    """A map found in a formula: the scale c of its input, and how its output is written in faces.

    `output` is the component at J in the bases of FACES, which the link's own stand for.
    """

    row: str
    base: sp.IndexedBase
    scale: Expr
    output: Expr
    names: tuple[Name, ...] = ()
    selections: tuple[Selection, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Faces:
    """The faces of a link: p or a itself, 1 − p, half the logarithm of p, where there are."""

    part: sp.IndexedBase
    rest: Any = None  # bases too, where there are any
    half: Any = None
    gap: sp.IndexedBase | None = None


PART, HALF = vector("part"), vector("half_log")  # stand for the faces in `Found.output`


def softmax(expr: Expr, names, selections) -> Found | None:
    """e^(c x_j) / Σ_k e^(c x_k), or its logarithm."""
    log_sums = [e for e in expr.atoms(log) if isinstance(e.args[0], Sum)]
    if len(log_sums) == 1:
        inner, output = log_sums[0].args[0], 2 * HALF[J]
        wanted = _argument(inner)
        if wanted is not None and sp.expand(expr - wanted + log_sums[0]) == 0:
            return _softmax(wanted, output)
    sums = [f.base for f in sp.Mul.make_args(expr) if f.is_Pow and f.exp == -1 and isinstance(f.base, Sum)]
    if len(sums) != 1:
        return None
    weight = expr * sums[0]
    is_softmax = isinstance(weight, exp) and _argument(sums[0]) == weight.exp
    return _softmax(weight.exp, PART[J]) if is_softmax else None


def _argument(total: Sum) -> Expr | None:
    """c x_J of Σ_k e^(c x_k)."""
    ((index, _, _),) = total.limits
    body = total.function
    return substitute(body.exp, index, J) if isinstance(body, exp) else None


def _softmax(argument: Expr, output: Expr) -> Found | None:
    scale, rest = argument.as_independent(Indexed, as_Add=False)
    return Found(row="softmax", base=rest.base, scale=scale, output=output) if _plain(rest) else None


def _plain(expr: Expr) -> bool:
    return isinstance(expr, Indexed) and expr.indices == (J,)


def support(expr: Expr, names, selections) -> Found | None:
    """s_j (c x_j − τ)^power with the support s."""
    rows = [s for s in selections if s.rule == "support"]
    if len(rows) != 1 or len(names) != 1:
        return None
    (row,), (tau,) = rows, names
    scale, rest = row.of.as_independent(Indexed, as_Add=False)
    if not _plain(rest) or row.power not in (1, 2):
        return None
    if expr != row.symbol[J] * (row.of - tau.symbol) ** row.power:
        return None
    return Found(row="support", base=rest.base, scale=scale, output=PART[J], names=names, selections=(row,))


def unit(expr: Expr, names, selections) -> Found | None:
    """x_j / n with the length n, or its square."""
    bases = {e.base for e in expr.atoms(Indexed)}
    if len(bases) != 1:
        return None
    (base,) = bases
    squares = over(base[J] ** 2)
    if len(names) == 1 and names[0].meaning == sp.sqrt(squares) and expr == base[J] / names[0].symbol:
        return Found(row="unit", base=base, scale=sp.S.One, output=PART[J], names=names)
    if expr == base[J] ** 2 / squares:
        return Found(row="portions", base=base, scale=sp.S.One, output=PART[J])
    return None


RECOGNISERS: tuple[Callable[..., Found | None], ...] = (softmax, support, unit)


def recognised(expr: Expr, names=(), selections=()) -> Found | None:
    """The special map that a component at J is, or None."""
    found = (row(expr, tuple(names), tuple(selections)) for row in RECOGNISERS)
    return next((f for f in found if f), None)


def link(found: Found, lines: Lines, x: sp.IndexedBase) -> tuple[Stage, Faces]:
    """The link of a map that was found, reading the vector x."""
    return LINKS[found.row](found, lines, x)


def _letters(lines: Lines, **letters: bool) -> list[sp.IndexedBase]:
    """A free letter for each face; all take the same number."""
    names = list(letters)
    while any(fresh(lines, n) != n for n in names):
        number = int(names[0].lstrip("abcdefghijklmnopqrstuvwxyz_") or 1) + 1
        names = [n.rstrip("0123456789") + str(number) for n in names]
    return [
        vector(n, **({"positive": True} if p else {"real": True}))
        for n, p in zip(names, letters.values(), strict=True)
    ]


def softmax_link(found: Found, lines: Lines, x: sp.IndexedBase) -> tuple[Stage, Faces]:
    """ℓ = log softmax(c x) with the faces half = ℓ/2, p and q = 1 − p; its coordinate is ℓ."""
    c = found.scale
    half, p, q, near, far, beside, aside = _letters(
        lines, half=False, p=True, rest=True, near=True, far=True, beside=True, aside=True
    )
    top = sp.Symbol(fresh(lines, "top"), integer=True)
    line = _log_softmax(c, x, (half, p, q, near, far, beside, aside, top))

    def pull(lines: Lines, w: Expr) -> Many:
        if w == 0:
            return (w,)
        w = c * w
        if p[J] in sp.Mul.make_args(w):
            # Then only differences of w/p matter, which are exact 0 where they are equal.
            return (p[J] * spread(lines, p[J], q[J], w / p[J]),)
        factors = near[J], far[J], beside[J], aside[J]
        return (call(lines, "_pull", (*factors, w), {"g": w - p[J] * over(w)})[0],)

    def push(lines: Lines, directions: Many) -> Expr:
        return c * spread(lines, p[J], q[J], directions[0])

    def bend(lines: Lines, w: Expr, directions: Many, pushed: Expr) -> Many:
        return (-c * over(w) * p[J] * pushed,)

    def curve(lines: Lines, w: Expr, rate: Expr, pushed: Expr) -> Many | None:
        own = _own(rate, pushed, w, p[J], q[J])
        if own is None:
            return None
        meaning = rate - p[J] * over(rate) - pushed * p[J] * over(w)
        found = call(lines, "_curved", (near[J], far[J], pushed, own, w, rate), {"curve": meaning})
        return (c * found[0],)

    chart = {half: sp.S.Half, p: p[J], q: -p[J]}
    stage = Stage(forward=(line,), chart=chart, kernel=p[J], pull=pull, push=push, bend=bend, curve=curve)
    return stage, Faces(part=p, rest=q, half=half)


def _log_softmax(c: Expr, x: sp.IndexedBase, targets: tuple) -> Line:
    """The line that computes the faces of a softmax, their factors, and the top class."""
    half, width = targets[0], 1 / sp.Abs(c)
    value = c * x[J] - log(over(exp(c * x[J])))
    # The factors of p and 1 − p are for blocks alone: what each is depends on where floats underflow.
    meanings = value / 2, exp(2 * half[J]), 1 - exp(2 * half[J]), *[None] * (len(targets) - 3)
    given = (sp.sign(c) * x[J], width)[: 1 if width == 1 else 2]
    return Line(targets=targets, meanings=meanings, block="_log_softmax", arguments=given)


def _own(rate: Expr, pushed: Expr, w: Expr, p: Expr, q: Expr) -> Expr | None:
    """q c − p w of a rate c·u, in the form with the fewest terms; None where a rate is not of that form."""
    slope = rate / pushed
    if rate == 0 or any(e in slope.atoms(Indexed) for e in pushed.atoms(Indexed)) or slope.has(Sum):
        return None
    plain = sp.expand(q * slope - p * w)
    forms = [plain, sp.expand(plain.xreplace({q: 1 - p}))]
    short = sp.factor_terms(min(forms, key=lambda form: len(sp.Add.make_args(form))))
    # What stands beside a letter, such as q − p, is subtracted before it is multiplied.
    letters = sorted(short.atoms(Indexed) - {p, q}, key=str)
    return short.replace(lambda e: e.is_Add, lambda e: sp.collect(e, letters))


def support_link(found: Found, lines: Lines, x: sp.IndexedBase) -> tuple[Stage, Faces]:
    """p = t^power with t = max(c x − τ, 0) and Σ p = 1, and q = 1 − p; its coordinate is p."""
    (row,), (tau,) = found.selections, found.names
    c, s = found.scale, row.symbol
    power = row.power
    p, q, r, others = _letters(lines, p=False, rest=False, weight=False, others=False)
    t = p if power == 1 else vector(fresh(lines, "t"))
    inside = s[J] * (c * x[J] - tau.symbol)
    inner = s[J] if power == 1 else t[J]
    given = (c * x[J], sp.Integer(power))
    projected = [Line(targets=(s, t), meanings=(None, inside), block="_support", arguments=given)]
    if power == 2:
        projected.append(Line(targets=(p,), meanings=(t[J] ** 2,)))
    forward = (*projected, *_weights(p, q, r, others, inner))
    scale = c * power

    def pull(lines: Lines, w: Expr) -> Many:
        return (scale * inner * spread(lines, r[J], others[J], w) if w != 0 else w,)

    def push(lines: Lines, directions: Many) -> Expr:
        return scale * inner * spread(lines, r[J], others[J], directions[0])

    def bend(lines: Lines, w: Expr, directions: Many, pushed: Expr) -> Many:
        if power == 1 or w == 0:
            return (sp.S.Zero,)
        centred = spread(lines, r[J], others[J], w)
        speed = put(lines, "dt", c * s[J] * spread(lines, r[J], others[J], directions[0]))
        turned = put(lines, "b", speed * centred)
        return (scale * (turned - r[J] * over(turned)),)

    chart = {p: sp.S.One, q: sp.S.NegativeOne}
    stage = Stage(forward=forward, chart=chart, kernel=sp.S.One, pull=pull, push=push, bend=bend)
    return stage, Faces(part=p, rest=q)


def _weights(p, q, r, others, inner: Expr) -> tuple[Line, ...]:
    """1 − p, the weights r of the mean over the support, and 1 − r, each a sum of the others."""
    return (
        Line(targets=(q,), meanings=(1 - p[J],), block="_others", arguments=(p[J],)),
        Line(targets=(r,), meanings=(inner / over(inner),)),
        Line(targets=(others,), meanings=(1 - r[J],), block="_others", arguments=(r[J],)),
    )


def unit_link(found: Found, lines: Lines, x: sp.IndexedBase) -> tuple[Stage, Faces]:
    """a = x / m with the length m = n 2^e; its coordinate is a."""
    (a,) = _letters(lines, a=False)
    n = sp.Symbol(fresh(lines, "n"), positive=True)
    e = sp.Symbol(fresh(lines, "e"), integer=True)
    squares = over(x[J] ** 2)
    meanings = (x[J] / sp.sqrt(squares), sp.sqrt(squares) / 2**e, None)
    forward = (Line(targets=(a, n, e), meanings=meanings, block="_unit", arguments=(x[J],)),)

    def across(w: Expr) -> Expr:
        """The part of w across a, over the length."""
        return (w - a[J] * over(a[J] * w)) / (n * 2**e)

    def pull(lines: Lines, w: Expr) -> Many:
        return (call(lines, "_across", (x[J], w), {"g": across(w)})[0] if w != 0 else w,)

    def push(lines: Lines, directions: Many) -> Expr:
        return pull(lines, directions[0])[0]

    def bend(lines: Lines, w: Expr, directions: Many, pushed: Expr) -> Many:
        if w == 0:
            return (w,)
        v, g, u = directions[0], across(w), across(directions[0])
        terms = u * over(a[J] * w) + a[J] * over(u * w) + g * over(a[J] * v)
        return (call(lines, "_turned", (x[J], w, v), {"b": -terms / (n * 2**e)})[0],)

    chart = {a: sp.S.One}
    stage = Stage(forward=forward, chart=chart, kernel=a[J], pull=pull, push=push, bend=bend)
    return stage, Faces(part=a)


def portions_link(found: Found, lines: Lines, x: sp.IndexedBase) -> tuple[Stage, Faces]:
    """p = a² of the unit vector a, and q = 1 − p; its coordinate is a."""
    stage, unit_faces = unit_link(found, lines, x)
    a = unit_faces.part
    p, q = _letters([*lines, *stage.forward], p=False, rest=False)
    meanings = (a[J] ** 2, 1 - a[J] ** 2)
    line = Line(targets=(p, q), meanings=meanings, block="_portions", arguments=(x[J],))
    chart = {**stage.chart, p: 2 * a[J], q: -2 * a[J]}
    stage = replace(stage, forward=(*stage.forward, line), chart=chart)
    return stage, Faces(part=p, rest=q)


LINKS: dict[str, Callable[[Found, Lines, sp.IndexedBase], tuple[Stage, Faces]]] = {
    "softmax": softmax_link,
    "support": support_link,
    "unit": unit_link,
    "portions": portions_link,
}
