"""Masked classes and infinite logits, where the formula has them: softmax, supports, log-probabilities.

A masked class takes no part: everything is as if it were not there, and its own slope is 0.
"""

from collections.abc import Iterator

import numpy as np
import sympy as sp

from derive.checks.table import Material
from derive.checks.vectors.usual import (
    PRODUCTS,
    blocks,
    direction,
    near,
    same,
    target,
    target_axes,
)
from derive.model import (
    Activation,
    LogSimplex,
    Loss,
    OneHot,
    Simplex,
    Subject,
    Z,
    entries,
)

INF = np.inf
MASKED, KEPT = 1, [0, 2, 3]
LOGITS = np.array([0.5, -1.0, 2.0, 0.25])
SOFT, HARD = np.array([0.25, 0.0, 0.5, 0.25]), np.array([1.0, 0.0, 0.0, 0.0])
FAR = 5000.0  # a logit that leaves nothing to the others


def growth(subject: Subject) -> int:
    """1 where a logit of -inf is masked, -1 where one of +inf is, 0 where there is no such thing.

    The sum of exponentials over the classes has the sign, or the projection with a support.
    """
    act, loss = entries(subject)
    entry = act if act is not None and act.expr != Z else loss
    if entry is None or blocks(subject) > 1:
        return 0
    if isinstance(entry, Activation) and any(s.rule == "support" for s in entry.selections):
        return 1
    bodies = [total.function for total in entry.expr.atoms(sp.Sum)]
    slopes = [
        sp.diff(b.args[0], v) for b in bodies if isinstance(b, sp.exp) for v in b.args[0].atoms(sp.Indexed)
    ]
    return next(
        (1 if slope.is_positive else -1 for slope in slopes if slope.is_number or slope.is_positive),
        0,
    )


def drops(subject: Subject) -> bool:
    """Whether a class with output 0 and target 0 adds nothing to the loss."""
    act, loss = entries(subject)
    if act is None or loss is None or act.expr == Z:
        return True
    if isinstance(act.range, LogSimplex):
        return isinstance(loss.prediction, LogSimplex)
    return loss.reads in ("probability", "mean") and 0 in loss.hard


def nothing(subject: Subject) -> float | None:
    """The input of a masked class; None where a subject has no masks."""
    if isinstance(subject, Loss) and 0 in subject.hard:
        if subject.prediction == Simplex(closed=False):
            return 0.0
        if isinstance(subject.prediction, LogSimplex):
            return -INF
    sign = growth(subject) if drops(subject) else 0
    return -sign * INF if sign else None


def _target(subject: Subject) -> list[np.ndarray]:
    """The arguments after the logits."""
    if target_axes(subject) is None:
        return []
    return [HARD if isinstance(target(subject), OneHot) else SOFT]


def _call(
    material: Material,
    name: str,
    x: np.ndarray,
    rest: list,
    keep: list[int] | None = None,
) -> np.ndarray:
    """A function of logits and targets, of all classes or of those that are kept."""
    keep = list(range(x.shape[-1])) if keep is None else keep
    more = [direction(4)[keep]] if name in PRODUCTS else []
    return material.module[name](x[..., keep], *(y[..., keep] for y in rest), *more)


def masked(material: Material, name: str) -> Iterator[str]:
    """The other classes are as without the masked one, whose slope is 0."""
    subject, out = material.subject, nothing(material.subject)
    if out is None:
        return
    logs = isinstance(subject, Activation) and isinstance(subject.range, LogSimplex)
    if logs and name == "vjp":  # the masked output still has slopes
        return
    x = _inside(subject)
    x[MASKED] = out
    rest = _target(subject)
    got, wanted = _call(material, name, x, rest), _call(material, name, x, rest, KEPT)
    for axis in range(-got.ndim, 0):
        own = np.take(got, MASKED, axis)
        got = np.take(got, KEPT, axis)
        if (own != 0).any() and not logs:
            yield f"a masked class has {own.ravel()[:3]}, not 0"
    if not near(got, wanted):
        yield "a masked class takes part"


def _inside(subject: Subject) -> np.ndarray:
    """Moderate inputs: logits, or their probabilities or the logarithms of these."""
    if not isinstance(subject, Loss) or growth(subject):
        return LOGITS.copy()
    p = np.exp(LOGITS) / np.exp(LOGITS).sum()
    return np.log(p) if isinstance(subject.prediction, LogSimplex) else p


def infinite(material: Material, name: str) -> Iterator[str]:
    """No class left, or two infinite logits: NaN in that row; one takes all: the limit."""
    subject, sign = material.subject, (growth(material.subject) if drops(material.subject) else 0)
    if not sign:
        return
    rest = _target(subject)
    rows = {
        "no class left": [-INF] * 4,
        "two infinite logits": [INF, INF, 0, 1],
        "NaN": [0, np.nan, 1, 2],
    }
    for says, row in rows.items():
        got = _call(material, name, sign * np.array([LOGITS, row, LOGITS]), rest).reshape(3, -1)
        if not np.isnan(got[1]).all() or np.isnan(got[[0, 2]]).any():
            yield f"{says} is not NaN in its row alone"
    if isinstance(subject, Activation) and isinstance(subject.range, LogSimplex):
        return
    one, far = (sign * np.array([v, 1.0, -2.0, 0.5]) for v in (INF, FAR))
    hard = [HARD for _ in rest]
    if not same(_call(material, name, one, hard), _call(material, name, far, hard)):
        yield "one infinite logit does not take the limit"


def cost(material: Material, name: str) -> Iterator[str]:
    """A target above 0 at a masked class costs inf, where the loss is a logarithm; its slope is finite."""
    subject, loss = material.subject, entries(material.subject)[1]
    if loss is None or nothing(subject) is None or name not in ("loss", "grad"):
        return
    if not (
        loss.prediction == Simplex(closed=False) or isinstance(loss.prediction, LogSimplex) or growth(loss)
    ):
        return
    x, hot = _inside(subject), [np.eye(4)[MASKED] for _ in _target(subject)]
    x[MASKED] = nothing(subject)
    got = material.module[name](x, *hot)
    if name == "loss" and not same(got, INF):
        yield f"a target on a masked class costs {got!r}, not inf"
    if name == "grad" and growth(subject) and not np.isfinite(got).all():
        yield f"a target on a masked class has the slopes {got.tolist()}"


def negative(material: Material, name: str) -> Iterator[str]:
    """A probability below 0 is NaN in its row."""
    subject = material.subject
    if not (isinstance(subject, Loss) and subject.prediction == Simplex(closed=False)):
        return
    x = np.stack([_inside(subject)] * 3)
    x[1, 0] = -0.25
    got = _call(material, name, x, [np.full(4, 0.25)] if target(subject) != OneHot() else [HARD])
    if not np.isnan(got[1]).all() or np.isnan(got[[0, 2]]).any():
        yield "a probability below 0 is not NaN in its row alone"


MASKS = (masked, infinite, cost, negative)
