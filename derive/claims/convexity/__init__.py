"""Is the loss convex in z, in the weights? And its constants: strong convexity, Lipschitz, smoothness."""

from derive.catalogue import ACTIVATIONS, LOSSES
from derive.claims.claim import Claim, Found, found, not_applicable
from derive.claims.convexity.constants import constants
from derive.claims.convexity.elementwise import at_hard_targets, convex, in_range, nondecreasing
from derive.claims.convexity.shape import curve
from derive.claims.convexity.weights import in_weights
from derive.model import PROVED, REFUTED, VECTOR, Activation, Finding, Pair, Subject

__all__ = ["CLAIM"]


def _of_vectors(subject: Subject):
    from derive.claims.convexity.vectors.findings import findings  # its tensors are slow to import

    return findings(subject)


def monotone(subject: Activation) -> Found:
    """The answer for vector activations, which have no one number that could be convex."""
    return not_applicable("convex in z", "each output is convex in z", "a vector activation is no loss")


def examine(subject: Subject) -> Found:
    """The findings about curvature, convexity itself first."""
    if subject.kind == VECTOR:
        return monotone(subject) if isinstance(subject, Activation) else found(_of_vectors(subject))
    line = curve(subject)
    first = convex(line)
    if isinstance(subject, Activation):
        return found([first, nondecreasing(line)])
    parts = [*in_range(line, first), *at_hard_targets(line, first)]
    affine = [in_weights(line, first)] if isinstance(subject, Pair) else []
    return found([first, *parts, *affine, *constants(line, first)], figures=_figures(subject, first))


def _figures(subject: Subject, first: Finding) -> tuple[str, ...]:
    """The region where the loss bends down, of a pair whose code is emitted."""
    emitted = isinstance(subject, Pair) and subject.activation in ACTIVATIONS and subject.loss in LOSSES
    return ("convexity",) if emitted and first.outcome in (PROVED, REFUTED) else ()


CLAIM = Claim(
    name="convexity",
    title="Convexity",
    question="Is the loss convex in the pre-activation, and in the weights?",
    examine=examine,
)
