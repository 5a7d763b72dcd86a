"""From which density a loss comes: the likelihood behind it, its exponential family, its response."""

import re
from dataclasses import replace
from functools import lru_cache

import sympy as sp

from derive.catalogue import ACTIVATIONS, LOSSES
from derive.catalogue.densities import DENSITIES
from derive.claims.claim import Claim, Found, found, not_applicable
from derive.claims.likelihood import bent
from derive.claims.likelihood import dominated as beaten
from derive.claims.likelihood.family import family_steps, general_steps, responding, response, variance_of
from derive.claims.likelihood.linear import not_linear
from derive.claims.likelihood.logs import TARGETS, has
from derive.claims.likelihood.observations import steps
from derive.claims.likelihood.origins import Match, fitted, match
from derive.claims.likelihood.responses import canonical
from derive.model import (
    ELEMENTWISE,
    PROVED,
    REALS,
    REFUTED,
    UNDECIDED,
    VECTOR,
    Finding,
    Finite,
    Interval,
    Loss,
    Pair,
    Parameter,
    Set,
    Step,
    Subject,
    Table,
    Unproved,
    Witness,
    entries,
)

__all__ = ["CLAIM", "examine", "from_density"]

FROM = "comes from a likelihood"
ELSEWHERE = "comes from a likelihood elsewhere"
FAMILY = "exponential family"
SLOPES = "∂(−log p)/∂a = c ∂L/∂a, by normal form: equal slopes leave terms without a"
NO_LOSS = "a likelihood is asked for of a loss; an activation alone has none"
NO_TARGET = "the loss reads no target, so that there is nothing a density could be of"
NONE_FITS = "no density of the table has these slopes in a, and no prediction was found that refutes them all"


def examine(subject: Subject) -> Found:
    """What is known of the likelihood behind a loss, and of the activation in front of it."""
    act, los = entries(subject)
    if los is None:
        assert act is not None
        none, _, _ = not_applicable(FROM, "the loss comes from a likelihood", NO_LOSS)
        return found([*none, *canonical(act, None)])
    origin = match(los)
    if origin is None:
        return _without(los)
    findings = [
        _origin(origin),
        *_elsewhere(origin),
        *_family(origin),
        *(canonical(act, origin) if act else ()),
    ]
    return found(findings, _tables(origin), ["likelihood"] if _drawn(subject, origin) else [])


def from_density(name: str) -> tuple[Loss, ...]:
    """The losses of the catalogue that a density gives, found by their slopes."""
    rows = [row for row in DENSITIES if row.name == name]
    return tuple(los for los in LOSSES if any(fitted(row, los) for row in rows))


@lru_cache(maxsize=256)
def _origin(origin: Match) -> Finding:
    """That the loss is the negative log-likelihood of a density."""
    density = origin.density
    scale = "L(a, y)" if origin.scale == 1 else "c L(a, y)"
    set_to = together([f"{p.name} = {p.default}" for p in origin.settings])
    says = (
        f"{f'at {set_to} ' if set_to else ''}the loss comes from the {density.title}: "
        f"−log p(y | a) = {scale} + terms without a; a stands for {density.predicts}"
    )
    how = SLOPES + _targets(origin)
    try:
        shown = steps(origin)
    except Unproved as problem:
        return Finding(name=FROM, says=says, outcome=UNDECIDED, how=str(problem))
    return Finding(name=FROM, says=says, outcome=PROVED, how=how, steps=shown, value=origin.scale)


def _targets(origin: Match) -> str:
    """Where the density has its targets, if the loss has more or fewer."""
    density, taken = origin.density, origin.loss.target
    if density.support == taken and not (density.discrete and isinstance(taken, Interval)):
        return ""
    counts = density.discrete and isinstance(density.support, Interval)
    where = "y ∈ {0, 1, 2, …}" if counts else f"y {_within(density.support)}"
    return f"; the density has {where}, the loss y {_within(taken)}"


def _within(targets: Set) -> str:
    text = "ℝ" if targets == REALS else re.sub(r"-(?=\d)", "−", str(targets))
    return f"∈ {text}" if isinstance(targets, Interval | Finite) else f"in {text}"


def together(words: list[str]) -> str:
    """Words in a row: a, b and c."""
    *most, last = words or [""]
    return f"{', '.join(most)} and {last}" if most else last


def _without(los: Loss) -> Found:
    """What is said of a loss that no density of the table gives."""
    if not has(los.expr, TARGETS):
        return not_applicable(FROM, "the loss comes from a likelihood", NO_TARGET)
    says = "the loss is, up to a factor and terms in y, the negative log-likelihood of some density"
    if refutation := _refutation(los, says):
        finding, table = refutation
        return found([finding], [table])
    return found([Finding(name=FROM, says=says, outcome=UNDECIDED, how=NONE_FITS)])


@lru_cache(maxsize=256)
def _refutation(los: Loss, says: str) -> tuple[Finding, Table] | None:
    """That no density gives a loss, by a dominated prediction or by a line that is bent."""
    if worse := beaten.dominated(los):
        how, steps_, seen = beaten.why(worse), beaten.steps(worse), beaten.witness(worse)
        return _refuted(los, says, how, steps_, seen), beaten.table(worse)
    if crooked := bent.bend(los):
        refuted = _refuted(los, says, bent.WHY, bent.steps(), bent.witness(crooked))
        return refuted, bent.table(crooked)
    return None


def _refuted(los: Loss, says: str, why: str, steps_: tuple[Step, ...], seen: Witness) -> Finding:
    """That no density gives a loss, and for which parameters and sizes that is shown."""
    at = [
        *(f"{p.name} = {p.default}" for p in los.parameters),
        *["two classes as the outcomes"] * _classes(los),
    ]
    how = f"{why} (at {together(at)})" if at else why
    return Finding(name=FROM, says=says, outcome=REFUTED, how=how, steps=steps_, witness=seen)


def _classes(los: Loss) -> bool:
    """Whether the outcomes are classes."""
    return los.kind == VECTOR and not los.inputs


def _elsewhere(origin: Match) -> list[Finding]:
    """Whether the loss has a density where its parameters are not at the defaults it is matched at."""
    bound = [p for p in origin.settings if p in origin.loss.parameters and not p.per_class]
    return [finding for p in bound if (finding := _moved(origin.loss, p))]


def _moved(los: Loss, parameter: Parameter) -> Finding | None:
    """The refutation of a likelihood at another value of one parameter."""
    other = replace(parameter, default=parameter.default + sp.S.Half)
    moved = replace(los, parameters=tuple(other if p == parameter else p for p in los.parameters))
    refutation = _refutation(moved, f"the loss comes from a likelihood for every {parameter.name}, too")
    return replace(refutation[0], name=ELSEWHERE) if refutation else None


def _family(origin: Match) -> list[Finding]:
    """Whether the density is of an exponential family whose statistic is y, and what follows."""
    density = origin.density
    if density.family is None:
        return [not_linear(origin)]
    says = (
        f"the {density.title} is an exponential family: the slopes of its cumulant are mean and variance, "
        "E y = b′(θ) = a and Var y = φ b″(θ)"
    )
    parts = (*general_steps(), *family_steps(density))
    return [Finding(name=FAMILY, says=says, outcome=PROVED, how="normal form", steps=parts)]


def _tables(origin: Match) -> list[Table]:
    """The parts of the family in one row."""
    family = origin.density.family
    if family is None or origin.density.kind == VECTOR:
        return []
    fitting = responding(origin.density)
    head = ("θ", "b(θ)", "φ", "V(a)", "canonical response")
    name = fitting.title if fitting else response(origin.density)
    row = (
        family.natural,
        family.cumulant,
        family.dispersion,
        variance_of(origin.density),
        name,
    )
    return [Table(title=f"The parts of the {origin.density.title}", head=head, rows=(row,))]


def _drawn(subject: Subject, origin: Match) -> bool:
    """Whether there is a figure: of elementwise pairs whose code is emitted."""
    if not isinstance(subject, Pair) or subject.kind != ELEMENTWISE:
        return False
    return subject.activation in ACTIVATIONS and subject.loss in LOSSES


CLAIM = Claim(
    name="likelihood",
    title="Likelihood",
    question="Which likelihood does the loss come from?",
    examine=examine,
)
