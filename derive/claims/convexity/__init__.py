"""Is the loss convex in z, in the weights? And its constants: strong convexity, Lipschitz, smoothness."""

from derive.claims.claim import Claim, Found, found, not_applicable
from derive.claims.convexity.constants import constants
from derive.claims.convexity.elementwise import convex
from derive.claims.convexity.shape import curve
from derive.claims.convexity.weights import in_weights
from derive.model import VECTOR, Activation, Pair, Subject

__all__ = ["CLAIM"]


def _of_vectors(subject: Subject):
    from derive.claims.convexity.vectors.findings import findings  # its tensors are slow to import

    return findings(subject)


def monotone(subject: Activation) -> Found:
    return not_applicable("convex in z", "each output is convex in z", "a vector activation is no loss")


def examine(subject: Subject) -> Found:
    """The findings about curvature, convexity itself first."""
    if subject.kind == VECTOR:
        return found(_of_vectors(subject)) if not isinstance(subject, Activation) else monotone(subject)
    line = curve(subject)
    first = convex(line)
    findings = [first]
    if isinstance(subject, Pair):
        findings.append(in_weights(line, first))
    return found([*findings, *constants(line, first)])


CLAIM = Claim(
    name="convexity",
    title="Convexity",
    question="Is the loss convex in the pre-activation, and in the weights?",
    examine=examine,
)
