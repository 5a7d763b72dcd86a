"""The conventions of vector subjects, in words."""

from sympy import Add, Expr, Indexed, Mul, S, Sum, exp, log

from derive.derivation.vectors.letters import YT, Letters, length_of
from derive.derivation.vectors.spoken import letter, spoken
from derive.derivation.vectors.steps import Work
from derive.model import LS, YS, Loss, Nonzero, Selection, entries

COUNTING = "indices count from 1 in the formulas and from 0 in the arrays"
MASKED = "a logit of -inf is a masked class: its probability is 0"
COSTLY = "a target above 0 at a masked class costs +inf"
UNBOUND = "slopes in {0} treat its components as independent; they are not held to {1}"
NOTHING = "0 log 0 is 0"


def conventions(work: Work) -> tuple[str, ...]:
    """The conventions of a subject, one sentence each."""
    act, los = entries(work.subject)
    lines = [COUNTING, *_masks(work.found, los)]
    if act is None and los is not None and not los.inputs and not _unbounded(los):
        lines.append(UNBOUND.format(letter(work.found.read[0]), los.prediction))
    lines += [sentence for s in work.found.selections for sentence in (_holds(s), s.ties)]
    lines += [
        f"the formulas hold where {spoken(n.symbol)} is not 0"
        for n in work.found.names
        if length_of(n) is not None
    ]
    if act is not None and isinstance(act.domain, Nonzero) and not work.found.names:
        lines.append("the formulas hold where not all components of z are 0")
    return tuple(dict.fromkeys(lines))


def _unbounded(los: Loss) -> bool:
    return not hasattr(los.prediction, "closed") and "LogSimplex" not in type(los.prediction).__name__


def _masks(found: Letters, los: Loss | None) -> list[str]:
    """What a logit of −inf means, where probabilities come from exponentials."""
    if not found.letters or not _from_exponentials(found.letters[0].component):
        return []
    return [MASKED, COSTLY] if los is not None and _costly(found) else [MASKED]


def _from_exponentials(component: Expr) -> bool:
    """Whether an output is a softmax or its logarithm."""
    return any(total.function.has(exp) for total in component.atoms(Sum))


def _costly(found: Letters) -> bool:
    """Whether a loss takes the logarithm of the output, and weighs it by targets alone."""
    base = found.read[0]
    for total in found.loss.atoms(Sum):
        for term in Add.make_args(total.function.expand()):
            logs = [f for f in Mul.make_args(term) if (isinstance(f, log) and f.has(base)) or _is_log(f)]
            others = Mul(*[f for f in Mul.make_args(term) if f not in logs])
            masked = others.xreplace({e: S.Zero for e in others.atoms(Indexed) if e.base == base})
            if logs and masked.has(YS, YT):
                return True
    return False


def _is_log(factor: Expr) -> bool:
    """Whether a factor is a component of the logarithms of probabilities."""
    return isinstance(factor, Indexed) and factor.base == LS


def _holds(selection: Selection) -> str:
    """Where the formulas of a selection hold."""
    name = spoken(selection.symbol) if not hasattr(selection.symbol, "shape") else letter(selection.symbol)
    if selection.rule == "largest":
        return f"the formulas hold where {name} is unique, and therefore constant nearby"
    return f"the formulas hold where {name} is constant nearby"
