"""The conventions of vector subjects, in words."""

from sympy import exp

from derive.derivation.vector.letters import Letters, length_of
from derive.derivation.vector.spoken import letter, spoken
from derive.derivation.vector.steps import Work
from derive.model import PS, YS, Activation, Loss, Nonzero, Selection, entries

COUNTING = "indices count from 1 in the formulas and from 0 in the arrays"
MASKED = "a logit of -inf is a masked class: its probability is 0"
COSTLY = "a target above 0 at a masked class costs +inf"
UNBOUND = "slopes in {0} treat its components as independent; they are not held to {1}"
NOTHING = "0 log 0 is 0"


def conventions(work: Work) -> tuple[str, ...]:
    """The conventions of a subject, one sentence each."""
    act, los = entries(work.subject)
    lines = [COUNTING, *_masks(work.found, act, los)]
    if act is None and not los.inputs and not _unbounded(los):
        lines.append(UNBOUND.format(letter(work.found.read[0]), los.prediction))
    lines += [
        sentence for s in work.found.selections for sentence in (_holds(s), s.ties)
    ]
    lines += [
        f"{spoken(n.symbol)} is not 0"
        for n in work.found.names
        if length_of(n) is not None
    ]
    if act is not None and isinstance(act.domain, Nonzero) and not work.found.names:
        lines.append("not all components of z are 0")
    return tuple(dict.fromkeys(lines))


def _unbounded(los: Loss) -> bool:
    return (
        not hasattr(los.prediction, "closed")
        and "LogSimplex" not in type(los.prediction).__name__
    )


def _masks(found: Letters, act: Activation | None, los: Loss | None) -> list[str]:
    """What a logit of −inf means, where probabilities come from exponentials."""
    softmax = (
        found.letters
        and found.letters[0].component.has(exp)
        and found.letters[0].base == PS
    )
    if not (softmax and found.letters[0].component.as_numer_denom()[1] != 1):
        return []
    costly = los is not None and found.loss.has(YS) and found.loss.has(found.read[0])
    return [MASKED, COSTLY] if costly and act is not None else [MASKED]


def _holds(selection: Selection) -> str:
    """Where the formulas of a selection hold."""
    name = (
        spoken(selection.symbol)
        if not hasattr(selection.symbol, "shape")
        else letter(selection.symbol)
    )
    if selection.rule == "largest":
        return (
            f"the formulas hold where {name} is unique, and therefore constant nearby"
        )
    return f"the formulas hold where {name} is constant nearby"
