"""Saturation: do errors still change the weights where the output of an activation has settled?

An activation *saturates* at an end of its domain where a tends to a finite limit while a′ tends to 0. For a
hard target y the settled output is *wrong* where the loss tends to more than it is elsewhere, and *right*
where it is nowhere smaller. The claim is proved where ∂L/∂z has a limit other than 0 (∞ included) at every
end and target that is not right; refuted where it tends to 0 at one that is wrong: the error no longer
changes the weights. Hard targets that no output comes near, such as y = −1 behind a sigmoid, are left out.
"""

from derive.claims.claim import Claim, Found, found, not_applicable
from derive.claims.saturation.comparison import drawn, side_by_side
from derive.claims.saturation.findings import NAME, everywhere, factor, saturates, survives
from derive.claims.saturation.table import tables
from derive.claims.saturation.threshold import one_percent
from derive.claims.saturation.vectors import vector_findings
from derive.model import ELEMENTWISE, Activation, Loss, Pair, Subject

__all__ = ["CLAIM", "side_by_side"]


def examine(subject: Subject) -> Found:
    """What saturation does to a pair, or to the slope of an activation alone."""
    if isinstance(subject, Loss):
        return not_applicable(NAME, "A saturated output needs an activation.", "a loss alone has none")
    if subject.kind != ELEMENTWISE:
        return found(vector_findings(subject))
    return _pair(subject) if isinstance(subject, Pair) else _activation(subject)


def _activation(act: Activation) -> Found:
    return found([saturates(act), *one_percent(act)], tables(act))


def _pair(pair: Pair) -> Found:
    findings = [survives(pair), factor(pair), everywhere(pair), saturates(pair.activation)]
    return found([*findings, *one_percent(pair.activation)], tables(pair.activation, (pair,)), drawn((pair,)))


CLAIM = Claim(
    name="saturation",
    title="Saturation",
    question="Do errors still change the weights where the activation saturates?",
    examine=examine,
)
