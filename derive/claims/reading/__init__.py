"""What a model's cross-entropy says about it: numbers in, statements with their proofs out."""

from collections.abc import Sequence

import sympy as sp

from derive.claims.reading.accuracy import accuracies, open_table, top_table
from derive.claims.reading.baselines import baselines
from derive.claims.reading.calibration import calibrations
from derive.claims.reading.confidence import together
from derive.claims.reading.given import Given, Number, given
from derive.claims.reading.majority import majority
from derive.claims.reading.overconfidence import two_models
from derive.claims.reading.typical import rare_table, typical
from derive.model import Answer, Table

__all__ = ["Given", "given", "read", "reading"]

QUESTION = "What can I say about my model knowing its cross-entropy?"
ASSUMED = (
    ("labels", "hard: every example has one true class"),
    (
        "cross-entropy C",
        "the mean of −log q, with q the model's probability of the truth; no weights, no penalty",
    ),
    ("examples", "those that the mean is taken over: all statements are about them, or their distribution"),
    ("answer", "the class with the largest probability; a tie with the truth counts as an error"),
)


def read(
    cross_entropy: Number,
    classes: Number,
    accuracy: Number | None = None,
    base_rates: Sequence[Number] | None = None,
    unit: str = "nats",
) -> Answer:
    """What follows from a cross-entropy; BadInput where the numbers cannot be, or not together."""
    return reading(given(cross_entropy, classes, accuracy, base_rates, unit))


def reading(known: Given) -> Answer:
    """What follows from what is known of a model."""
    findings = (
        *baselines(known),
        *typical(known),
        *accuracies(known),
        majority(known),
        *calibrations(known),
        *together(known),
    )
    tops = (top_table(known),) if known.classes > 2 else ()
    tables = (setting(known), rare_table(known), *tops, *open_table(known), *two_models(known))
    return Answer(
        claim="reading",
        title="Reading a cross-entropy",
        question=QUESTION,
        subject=None,
        findings=findings,
        tables=tables,
    )


def setting(known: Given) -> Table:
    """What is given and what is assumed."""
    rows: list[tuple[sp.Expr | str, ...]] = [(name, says) for name, says in ASSUMED]
    if known.classes == 2:
        rows.append(("two classes", "the answer is the class above 1/2, and no other threshold"))
    rows.append(("logarithm", "natural; a bit is log(2) nats"))
    return Table(title="What is assumed", head=("what", "which"), rows=tuple(rows))
