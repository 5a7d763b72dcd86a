"""NumPy code of a matching loss: F(z) − y z and its derivatives, F in closed form or by quadrature."""

from dataclasses import dataclass
from textwrap import fill

import sympy as sp

from derive.emit.docstrings import ascii_only, keywords_of
from derive.emit.elementwise_numpy import parameter_check
from derive.emit.elementwise_text import FLOAT64, LIMIT, PAIR_APPLY, TARGETS
from derive.emit.formulas import formulas, used_blocks
from derive.emit.matching import templates
from derive.emit.membership import outside
from derive.emit.text import readable
from derive.model import REALS, Activation, Interval, Program

WIDTH = 84
TARGET = Interval()


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A point with the true values there, rounded to floats: z, F(z), f(z)."""

    z: float
    potential: float
    output: float


@dataclass(frozen=True, kw_only=True)
class MatchingCode:
    """What an emitted file says: a stable program and what it is of, and how well it was measured.

    Where `closed`, the program is that of F, whose derivative is f; else that of f, to be integrated from
    `start` within the smooth `spans`. `within` bounds what was measured for z from `low` to `high`.
    """

    activation: Activation
    program: Program
    closed: bool
    potential: sp.Expr | None
    start: sp.Expr
    spans: tuple[tuple[sp.Expr, sp.Expr], ...]
    samples: tuple[Sample, ...]
    within: float
    low: float
    high: float
    convex: str


def code(made: MatchingCode) -> str:
    """A Python file with loss, grad, hess and a self-check against certified values."""
    act = made.activation
    checks = [parameter_check(p) for p in act.parameters]
    undefined = "np.isnan(z + y)" if act.domain == REALS else f"np.isnan(z + y) | {outside('z', act.domain)}"
    parts = [
        *_public(made),
        *_inner(made),
        PAIR_APPLY.format(undefined=undefined),
        LIMIT,
        FLOAT64,
        TARGETS.format(outside=outside("y", TARGET), domain="(-inf, inf)"),
        *checks,
        _self_check(made),
        templates.MAIN,
    ]
    body = "\n\n\n".join(part.strip("\n") for part in parts)
    return f'"""{_header(made)}"""\n\nimport sys\n\nimport numpy as np\n\n\n{body}\n'


def accuracy(made: MatchingCode) -> str:
    """How well the code computes, in a sentence."""
    at = " with the default parameters" if made.activation.parameters else ""
    return (
        f"Measured at {templates.POINTS} points of [{made.low:g}, {made.high:g}]{at}, against certified "
        f"integrals: F(z) is within {made.within:g} * (1 + |F(z)|) of the truth, f(z) within "
        f"{made.within:g} * (1 + |f(z)|)."
    )


def _header(made: MatchingCode) -> str:
    """The text of the module's docstring."""
    act = made.activation
    f, y = ascii_only(readable(act.expr)), "f(z) - y"
    big = f"the integral of f from {made.start} to z"
    if made.potential is not None and made.closed:
        big = ascii_only(readable(made.potential))
    formulas_ = [("a", f"f(z) = {f}"), ("L", f"F(z) - y*z, F(z) = {big}"), ("dL/dz", y), ("d2L/dz2", "f'(z)")]
    lines = [_line(left, right) for left, right in formulas_]
    how = "F is in closed form." if made.closed else templates.QUADRATURE
    if made.potential is not None and not made.closed:
        how = f"Up to a constant F is {ascii_only(readable(made.potential))}. {how}"
    notes = [how, accuracy(made), made.convex, f"Source of f: {act.source}."]
    title = f"The matching loss of {act.name}: value, gradient and second derivative in NumPy."
    return "\n\n".join([title, "\n".join(lines), *(fill(ascii_only(n), WIDTH) for n in notes)]) + "\n"


def _line(left: str, right: str) -> str:
    return fill(f"{left} = {right}", WIDTH, initial_indent="    ", subsequent_indent="        ")


def _public(made: MatchingCode) -> list[str]:
    """The public functions."""
    given = made.activation.parameters
    keywords = "".join(f", {keyword}" for keyword in (["*", *keywords_of(made.activation)] if given else []))
    passed = "".join(f", _{p.name}({p.name})" for p in given)
    where = "real numbers" if made.activation.domain == REALS else f"numbers in {made.activation.domain}"
    where = ascii_only(where) + ("" if made.activation.domain == REALS else ", NaN outside")
    functions = [
        templates.PUBLIC.format(name=name, keywords=keywords, passed=passed, returns=returns, where=where)
        for name, returns in templates.RETURNS.items()
    ]
    handed = "".join(f", {p.name}={p.name}" for p in given)
    return [*functions, templates.BOTH.format(keywords=keywords, given=handed)]


CLOSED_NAMES = {"_value": "_potential", "_grad": "_output", "_hess": "_slope"}
INTEGRATED_NAMES = {"_value": "_output", "_grad": "_slope"}


def _inner(made: MatchingCode) -> list[str]:
    """Loss and derivatives from F, or from f and its integral, with the stable blocks they use."""
    more = "".join(f", {p.name}" for p in made.activation.parameters)
    renamed = CLOSED_NAMES if made.closed else INTEGRATED_NAMES
    own = formulas(made.program.subject, made.program)[: len(renamed)]
    both = zip(own, renamed.items(), strict=True)
    named = [text.replace(f"def {old}(", f"def {new}(", 1) for text, (old, new) in both]
    found = [templates.DERIVATIVES.format(more=more), *named, *used_blocks("\n".join(own))]
    if made.closed:
        return found
    spans = "\n".join(f"    ({_end(low)}, {_end(high)})," for low, high in made.spans)
    integral = templates.INTEGRAL.format(more=more, start=repr(float(made.start)), spans=spans)
    return [found[0], integral, *found[1:]]


def _end(value: sp.Expr) -> str:
    if value.is_finite:
        return repr(float(value))
    return "np.inf" if value == sp.oo else "-np.inf"


def _self_check(made: MatchingCode) -> str:
    rows = "\n".join(f"        ({s.z!r}, {s.potential!r}, {s.output!r})," for s in made.samples)
    return templates.SELF_CHECK.format(rows=rows)
