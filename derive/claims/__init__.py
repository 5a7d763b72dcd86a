"""The questions behind a pair, one file a claim; a claim proves, refutes with a witness, or says why neither.

A claim is one row of CLAIMS: a question and a pure function from a subject to findings.
"""

from derive.claims import canonical, convexity, cost, entropy, likelihood, matching, proper, saturation
from derive.claims.claim import Claim, answer
from derive.model import Answer, BadInput, Subject

__all__ = ["CLAIMS", "Claim", "examine"]

# In the order of a page.
CLAIMS: tuple[Claim, ...] = (
    saturation.CLAIM,
    cost.CLAIM,
    convexity.CLAIM,
    likelihood.CLAIM,
    canonical.CLAIM,
    matching.CLAIM,
    entropy.CLAIM,
    proper.CLAIM,
)


def examine(subject: Subject, names: tuple[str, ...] = ()) -> tuple[Answer, ...]:
    """The answers of the claims of these names, or of all; BadInput names those there are."""
    known = {claim.name: claim for claim in CLAIMS}
    for name in names:
        if name not in known:
            raise BadInput(f"unknown claim {name!r}. Try: {', '.join(known)}")
    return tuple(answer(known[name], subject) for name in names or known)
