"""Cross-entropy as entropy plus divergence: which losses are it, and which are least where a = y."""

from derive.claims.claim import Claim, Found, found, not_applicable
from derive.claims.entropy.binary import binary, chance
from derive.claims.entropy.classes import classes, probabilities
from derive.claims.entropy.least import least
from derive.claims.entropy.parts import SPLIT, SPLIT_SAYS
from derive.claims.scoring import WITHIN, view
from derive.model import NOT_APPLICABLE, Finding, Subject, entries


def examine(subject: Subject) -> Found:
    """The findings about a loss as a cross-entropy."""
    _, los = entries(subject)
    if los is None:
        return not_applicable(SPLIT, SPLIT_SAYS, "an activation alone is compared with no target")
    scored = view(subject)
    if scored and scored.linked:
        return not_applicable(SPLIT, SPLIT_SAYS, WITHIN)
    if scored and (p := chance(scored)) is not None:
        return binary(scored, p, subject)
    if (of := probabilities(subject)) is not None:
        return classes(of)
    why = "the prediction is no probability, and the loss says of none which it means"
    first = Finding(name=SPLIT, says=SPLIT_SAYS, outcome=NOT_APPLICABLE, how=why)
    return found([first, *([least(scored)] if scored and not scored.raw else [])])


CLAIM = Claim(
    name="entropy",
    title="Entropy, divergence, surprise",
    question="Is the loss the entropy of the target plus a divergence from it, least where a = y?",
    examine=examine,
)
