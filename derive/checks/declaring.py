"""What is declared of a subject that a user wrote: the accuracy that is measured of its code.

The points are seeded, so that the same function gets the same words.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from derive.accuracy.kinks import FAR, kink_points
from derive.accuracy.measure import computed, errors_at, kappa_at
from derive.accuracy.points import points, sample, targets
from derive.accuracy.truth import ORDER, QUANTITIES, Formula, Truth, formula, truth, within
from derive.balls import Unreachable
from derive.bounds import DEFAULT, declared
from derive.checks import differences
from derive.checks.settings import settings
from derive.checks.truth import truths
from derive.model import Accuracy, Activation, Loss, Subject, domain_of

POINTS: Final = 1500
MOST: Final = 300  # full κ are asked for of a quantity at one truth
STRETCHES: Final = 3  # of z that are told apart
DTYPES: Final = ("float64", "float32")  # whose points are looked at; all is computed in the first
_DTYPE: Final = DTYPES[0]
_APART: Final = 8  # good points between two stretches


def declare(
    subject: Subject, module: Mapping[str, Any], sizes: Sequence[int] = (POINTS,), most: int = MOST
) -> Subject:
    """The subject with the accuracy that is measured of its code, at so many points and again at so many.

    Beyond `most` κ of a quantity at one truth a bound from below stands for the others, which may make the
    accuracy look worse than it is.
    """
    bare = replace(subject, accuracy=())
    true = list(_truths(bare, sizes))
    rows = tuple(_accuracy(bare, module, true, quantity, most) for quantity in QUANTITIES)
    return replace(subject, accuracy=rows)


def _truths(subject: Subject, sizes: Sequence[int]) -> Iterator[Truth]:
    """The truth where checks look, beside kinks too, and at more points for the default parameters."""
    for setting in settings(subject):
        usual = formula(subject, dict(setting))
        z, y = np.transpose(sample(usual, differences.POINTS, differences.REACH))
        yield truth(usual, z, y)
        for dtype in DTYPES:
            yield truths(subject, dtype, setting)
        yield _beside_kinks(usual)
    about = formula(subject)
    for size in sizes:
        yield truth(about, *points(about, _DTYPE, size))


def _beside_kinks(about: Formula) -> Truth:
    """The truth left and right of every kink, where floats begin to tell its sides and a little farther."""
    kinks = [kink for y in targets(about, 3) for kink in kink_points(about, y)]
    near = np.array([at for kink in kinks for at in (kink.left, kink.right)], _DTYPE)
    y = np.repeat([kink.y for kink in kinks], 2).astype(_DTYPE)
    far = near + np.tile([-FAR, FAR], len(kinks)) * np.abs(near)
    z, y = np.concatenate([near, far]), np.concatenate([y, y])
    inner = np.array([within(domain_of(about.subject), at) for at in z.tolist()], bool)
    return truth(about, z[inner], y[inner])


def _accuracy(
    subject: Subject, module: Mapping[str, Any], true: list[Truth], quantity: str, most: int
) -> Accuracy:
    """The accuracy of one quantity: the catalogue's bound, or where it is missed and by how much."""
    found = [scores(module, one, quantity, most) for one in true]
    worst, where = max(((float(s.max(initial=0.0)), n) for n, s in enumerate(found)), key=lambda one: one[0])
    limit = declared(subject, quantity).largest
    if worst <= limit:
        return Accuracy(quantity=quantity, ulp=limit)
    z, y = (np.concatenate([getattr(one, letter) for one in true]) for letter in "zy")
    off = np.concatenate(found) > limit
    at = int(np.argmax(found[where]))
    return Accuracy(
        quantity=quantity,
        ulp=_rounded_up(worst),
        lost=stretches(z, off),
        targets=() if isinstance(subject, Activation) else (float(y[off].min()), float(y[off].max())),
        at=_place(subject, true[where], at),
    )


def scores(module: Mapping[str, Any], true: Truth, quantity: str, most: int = MOST) -> np.ndarray:
    """ulp/(1+κ) of a quantity at the points of a truth; infinite where one is wrong in kind, 0 at kinks."""
    smooth = np.flatnonzero(~np.isnan(true.hi[ORDER[quantity]]))
    values = computed(module, true, quantity, _DTYPE, true.formula.keywords)
    found = errors_at(values, true, quantity, _DTYPE, smooth)
    ulp = np.where(found.bad | found.missed, math.inf, found.ulp)
    asked = [n for n in np.argsort(-ulp, kind="stable") if DEFAULT < ulp[n] < math.inf or found.zero[n]]
    for n in asked:
        k = _kappa(true, quantity, int(smooth[n]), max(ulp[n] / DEFAULT - 1, 1.0), most)
        ulp[n] = math.inf if found.zero[n] and k < 1 else ulp[n] / (1 + k)
    every = np.zeros(len(true.z))
    every[smooth] = ulp
    return every


def _kappa(true: Truth, quantity: str, n: int, enough: float, most: int) -> float:
    """κ at a point of a truth, in full for so many; 0, which hides nothing, where it is out of reach."""
    full = sum(what == quantity for what, _ in true.kappas) < most
    try:
        return kappa_at(true, quantity, n, enough, full)
    except Unreachable:
        return 0.0


def _rounded_up(worst: float) -> float:
    """The next power of two, of which there is one at least as large in every measurement."""
    return worst if math.isinf(worst) else 2.0 ** math.ceil(math.log2(worst))


def stretches(z: np.ndarray, off: np.ndarray) -> tuple[tuple[float, float], ...]:
    """The intervals that hold the z where something is off, the nearest ones joined until they are few.

    They end at the next other z; beyond the last of these they have no end.
    """
    order = np.argsort(z, kind="stable")
    places = np.flatnonzero(off[order])
    cuts = np.flatnonzero(np.diff(places) > _APART)
    largest = sorted(cuts, key=lambda n: places[n] - places[n + 1])[: STRETCHES - 1]
    ends = [0, *(int(end) for n in sorted(largest) for end in (n, n + 1)), len(places) - 1]
    zs, every = z[order], np.concatenate([[-math.inf], np.unique(z), [math.inf]])
    lows = every[np.searchsorted(every, zs[places[ends[::2]]], "left") - 1]
    highs = every[np.searchsorted(every, zs[places[ends[1::2]]], "right")]
    return tuple(dict.fromkeys((float(low), float(high)) for low, high in zip(lows, highs, strict=True)))


def _place(subject: Subject, true: Truth, n: int) -> tuple[tuple[str, float], ...]:
    """A point in letters: z and y, and the parameters where they are not the defaults."""
    here = [("a" if isinstance(subject, Loss) else "z", float(true.z[n]))]
    if not isinstance(subject, Activation):
        here.append(("y", float(true.y[n])))
    defaults = {p.name: float(p.default) for p in subject.parameters}
    others = true.formula.keywords
    return (*here, *(others.items() if others != defaults else ()))
