"""Whether the expected loss is least at the truth: the probability, or the mean, or a link of it."""

from dataclasses import replace

from derive.claims.claim import Claim, Found, found, not_applicable
from derive.claims.entropy.classes import probabilities
from derive.claims.inside import of_loss
from derive.claims.proper.classes import classes, terms
from derive.claims.proper.fisher import fisher
from derive.claims.proper.labels import labels
from derive.claims.proper.means import means
from derive.claims.proper.parts import PROPER, SAYS
from derive.claims.scoring import drawable, terms_of, view
from derive.model import VECTOR, Finding, Pair, Subject, Table, entries

Answered = tuple[list[Finding], list[Table]]
NO_LOSS = "an activation alone has no loss to expect"
NO_TRUTH = "the prediction is a score that stands for no probability and no mean"


def examine(subject: Subject) -> Found:
    """The findings about the minimum of the expected loss."""
    _, los = entries(subject)
    if los is None:
        return not_applicable(PROPER, SAYS, NO_LOSS)
    answered = _expected(subject)
    if answered is None:
        return not_applicable(PROPER, SAYS, NO_TRUTH)
    findings, tables = answered
    more = fisher(subject) if isinstance(subject, Pair) else []
    return found([*findings, *more], tables, ["proper"] if drawable(subject) else [])


def _expected(subject: Subject) -> Answered | None:
    """What is known of the minimum of the expected loss; None where nothing true is asked for."""
    act, los = entries(subject)
    assert los is not None
    if (scored := view(subject)) and scored.linked:
        return None
    if scored:
        if scored.raw or scored.loss.reads == "probability":
            return labels(scored)
        return means(replace(scored, loss=of_loss(scored.loss)))
    if (of := probabilities(subject)) is not None:
        return classes(of)
    if alike := terms_of(los, act.range if act is not None and act.kind == VECTOR else None):
        return terms(los, alike)
    return None


CLAIM = Claim(
    name="proper",
    title="Proper scoring",
    question="Is the expected loss least where the prediction is the truth?",
    examine=examine,
    at_ends=True,
)
