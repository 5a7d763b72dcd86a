"""Losses side by side behind one activation: what each makes of the factor a′, and which one stalls."""

from dataclasses import replace

from derive import catalogue
from derive.claims.saturation.findings import everywhere, factor, survives
from derive.claims.saturation.table import tables
from derive.claims.saturation.tails import Tail, tails
from derive.claims.saturation.wrong import better
from derive.model import (
    ELEMENTWISE,
    NOT_APPLICABLE,
    PROVED,
    REFUTED,
    UNDECIDED,
    Activation,
    Answer,
    BadInput,
    Finding,
    Interval,
    Loss,
    Outcome,
    Pair,
)

TITLE = "Saturation, side by side"
QUESTION = "Which of these losses still changes the weights where the activation saturates?"
SAYS = "Every one of these losses still changes the weights where the output saturates at a wrong value."
FIGURES = ("saturation", "neuron")
NETWORK = "digits"


def side_by_side(act: Activation, losses: tuple[Loss, ...]) -> Answer:
    """The findings of each loss beside those of the others, and one table of all their gradients."""
    pairs = tuple(Pair(activation=act, loss=los) for los in losses)
    for pair in pairs:
        if pair.kind != ELEMENTWISE or not catalogue.fits(act, pair.loss):
            problem = f"losses of one elementwise activation are compared, not {pair.name}"
            raise BadInput(f"{problem}. Try: sigmoid --compare half_squared_error bce")
    verdicts = [survives(pair) for pair in pairs]
    parts = [_of(pair, part) for pair in pairs for part in (survives(pair), factor(pair), everywhere(pair))]
    return Answer(
        claim="saturation",
        title=f"{TITLE}: {act.title}",
        question=QUESTION,
        subject=act,
        findings=(_together(pairs, verdicts), *parts),
        tables=tables(act, pairs),
        figures=(*both, *_network(act)) if (both := drawn(pairs)) else (),
    )


def _of(pair: Pair, finding: Finding) -> Finding:
    """A finding that says of which loss it is."""
    says = f"with {pair.loss.title}: {finding.says[0].lower()}{finding.says[1:]}"
    return replace(finding, name=f"{pair.loss.title}: {finding.name}", says=says)


def _together(pairs: tuple[Pair, ...], verdicts: list[Finding]) -> Finding:
    """Which of the losses stall, and which do not."""
    parts = [f"with {p.loss.title} {_does(v.outcome)}" for p, v in zip(pairs, verdicts, strict=True)]
    outcomes = [v.outcome for v in verdicts]
    order: tuple[Outcome, ...] = (REFUTED, UNDECIDED, PROVED, NOT_APPLICABLE)
    outcome = next(o for o in order if o in outcomes)
    return Finding(name="which one stalls", says=SAYS, outcome=outcome, how="; ".join(parts))


def _does(outcome: Outcome) -> str:
    words = {PROVED: "the gradient survives", REFUTED: "the gradient tends to 0 and learning stalls"}
    return words.get(outcome, "it is undecided" if outcome == UNDECIDED else "nothing saturates")


def drawn(pairs: tuple[Pair, ...]) -> tuple[str, ...]:
    """The figures of pairs whose code is emitted, each with an infinite end at which it is wrong."""
    emitted = all((p.activation.name, p.loss.name) in catalogue.legal_pairs() for p in pairs)
    if not emitted or not all(any(_infinite(t) and better(p, t) for t in tails(p)) for p in pairs):
        return ()
    return FIGURES


def _infinite(tail: Tail) -> bool:
    return not isinstance(tail.side.end, tuple)


def _network(act: Activation) -> tuple[str, ...]:
    """A network needs probabilities as outputs."""
    reach = act.range
    bounded = isinstance(reach, Interval) and (reach.lo, reach.hi) == (0, 1)
    return (NETWORK,) if bounded else ()
