"""Whether an activation is the canonical response of a density: with it, z is the natural parameter."""

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import product

import sympy as sp
from sympy import Expr

from derive.catalogue.densities import DENSITIES
from derive.claims.likelihood.exact import sign_of, value
from derive.claims.likelihood.family import responding, responds, response
from derive.claims.likelihood.origins import Match, at_defaults
from derive.claims.places import points_of
from derive.model import (
    NOT_APPLICABLE,
    PROVED,
    REALS,
    REFUTED,
    UNDECIDED,
    VECTOR,
    ZS,
    Activation,
    Density,
    Finding,
    J,
    Quantity,
    Witness,
    Z,
)

NAME = "canonical response"
BY_FORMULA = "the output is b′(z), the slope of the cumulant: equal by normal form"
NOT_EQUAL = "the output is not b′(z), the slope of the cumulant"
NO_FAMILY = (
    "the density is not given as an exponential family in its mean, so that there is no canonical response"
)
SEVERAL = "the activation reads several vectors; a natural parameter is one number for each component"
NO_DENSITY = "its output is the mean of no exponential family of the table at θ = z"
SQUARE = Quantity(name="b'^2", latex="b'(z)^{2}", text="b′(z)²")
GAP = Quantity(name="f - b'", latex=r"f(z) - b'(z)", text="f(z) − b′(z)")
TWO = tuple((sp.Integer(m), sp.Integer(n)) for m, n in ((0, 1), (2, 1), (1, 3)))


def canonical(act: Activation, origin: Match | None) -> list[Finding]:
    """The finding about an activation: of the density of the loss, or of any."""
    if origin is None:
        return [_alone(act)]
    density = origin.density
    why = NO_FAMILY if density.family is None else SEVERAL if act.inputs else ""
    if why:
        says = "the activation is the canonical response of the density"
        return [Finding(name=NAME, says=says, outcome=NOT_APPLICABLE, how=why)]
    return [_against(act, density)]


def _alone(act: Activation) -> Finding:
    fitting = [d for d in DENSITIES if d.family and d.kind == act.kind and responds(act, response(d))]
    says = "the activation is the canonical response of a density"
    if not fitting:
        return Finding(name=NAME, says=says, outcome=NOT_APPLICABLE, how=NO_DENSITY)
    return _proved(fitting[0])


@lru_cache(maxsize=1024)
def _against(act: Activation, density: Density) -> Finding:
    wanted = response(density)
    if act.kind == density.kind and responds(act, wanted):
        return _proved(density)
    fitting = responding(density)
    known = f"; that is {fitting.title}" if fitting else ""
    says = f"the activation is the canonical response of the {density.title}"
    gap = next(_gaps(act, density, wanted), None)
    if gap is None:
        return Finding(name=NAME, says=says, outcome=UNDECIDED, how=NOT_EQUAL + ", by normal form" + known)
    return Finding(name=NAME, says=says, outcome=REFUTED, how=NOT_EQUAL + known, witness=gap)


def _proved(density: Density) -> Finding:
    says = (
        f"the activation is the canonical response of the {density.title}: "
        "with it z is the natural parameter θ, and the link of the mean is g(a) = θ"
    )
    return Finding(name=NAME, says=says, outcome=PROVED, how=BY_FORMULA)


def _gaps(act: Activation, density: Density, wanted: Expr) -> Iterator[Witness]:
    """Points at which the activation and the response differ, exactly; parameters at their defaults."""
    if act.kind == VECTOR:
        yield from _vector_gaps(act, density, wanted)
        return
    parameters = (*density.nuisance, *act.parameters)
    for z in points_of(act.domain):
        output, asked = (at_defaults(e, parameters).subs(Z, z) for e in (act.expr, wanted))
        gap, square = output - asked, sp.expand(asked**2)
        if sign_of(gap):
            yield Witness(at=(("z", z),), quantity=GAP, value=gap)
        elif sign_of(square) == -1:  # a root of a negative number: there is no such output
            yield Witness(at=(("z", z),), quantity=SQUARE, value=square)


def _vector_gaps(act: Activation, density: Density, wanted: Expr) -> Iterator[Witness]:
    """The same for the second of two components; with parameters at their defaults, and 1 above them."""
    expr = wanted if density.kind == VECTOR else wanted.subs(Z, ZS[J])
    asked = Activation(
        name="", title="", expr=expr, range=REALS, source="", known=(), kind=VECTOR,
        parameters=density.nuisance,
    )  # fmt: skip
    above = replace(act, parameters=tuple(replace(p, default=p.default + 1) for p in act.parameters))
    for row, z in product(dict.fromkeys((act, above)), TWO):
        gap = value(row, {ZS: z}, j=2) - value(asked, {ZS: z}, j=2)
        if sign_of(gap):
            settings = () if row == act else tuple((p.name, p.default) for p in row.parameters)
            yield Witness(at=(("z_1", z[0]), ("z_2", z[1]), *settings), quantity=GAP, value=gap)
