"""One candidate: a quantity in a form, how it is known to be right, and what was measured of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import sympy as sp

from derive.accuracy.measure import compare, computed, errors_at
from derive.accuracy.points import points
from derive.accuracy.tally import Measured
from derive.accuracy.truth import Truth, formula, truth
from derive.bounds import Bound, declared
from derive.emit import code
from derive.model import Body, Derivation, Interval, Pair, Proof, Subject, Z
from derive.program import candidates, established, unproved

DTYPE: Final = "float64"
ROOM: Final = 0.75  # of a bound: the rest is for other points, and for NumPy's other instructions
_LOST: Final = 2.0**48  # an error in ulp beyond which hardly a bit is right
_POWERS: Final = range(-1000, -20, 20)  # of 2: the sizes of inputs near 0


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A quantity in a form; `lost` counts the points near 0 at which hardly a bit is right."""

    quantity: str
    form: str
    proof: Proof
    measured: Measured
    lost: int
    bound: Bound

    @property
    def share(self) -> float:
        """The error at hard or at soft targets, whichever takes more of its bound, as a share of that."""
        return max(self.measured.hard.score / self.bound.hard, self.measured.soft.score / self.bound.soft)

    @property
    def fits(self) -> bool:
        """Whether it is proved, nothing is wrong in kind, and errors leave room below the bound."""
        return self.proof.holds and not self.measured.faults and self.share <= ROOM


@dataclass(frozen=True, kw_only=True)
class Ground:
    """True values at seeded points, and near 0 with the activation's own value there as target."""

    true: Truth
    near: Truth


def ground(subject: Subject, size: int, seed: int) -> Ground:
    """What candidates are measured against, at so many points and some more."""
    about = formula(subject)
    return Ground(
        true=truth(about, *points(about, DTYPE, size, seed)), near=truth(about, *_near_zero(subject))
    )


def measured(derivation: Derivation, at: Ground, forms: Mapping[str, Iterable[str]]) -> list[Candidate]:
    """The candidates of these names, by quantity."""
    wanted = {quantity: tuple(names) for quantity, names in forms.items()}
    bodies = candidates(derivation.subject)
    found = []
    for form in dict.fromkeys(name for names in wanted.values() for name in names):
        choice = {quantity: form for quantity, names in wanted.items() if form in names}
        module = _module(derivation, choice)
        found += [_measured(module, at, quantity, form, bodies[quantity][form]) for quantity in choice]
    return found


def _measured(module: Mapping[str, Any], at: Ground, quantity: str, form: str, body: Body) -> Candidate:
    about = at.true.formula
    values = computed(module, at.true, quantity, DTYPE, about.keywords)
    return Candidate(
        quantity=quantity,
        form=form,
        proof=established(about.subject, quantity, body),
        measured=compare(values, at.true, quantity, DTYPE),
        lost=_lost(module, at.near, quantity),
        bound=declared(about.subject, quantity),
    )


def _module(derivation: Derivation, choice: Mapping[str, str]) -> Mapping[str, Any]:
    """The namespace of the emitted code with the candidates named."""
    namespace: dict[str, Any] = {"__name__": derivation.subject.name}
    text = code(derivation, unproved(derivation.subject, choice))
    exec(compile(text, f"<{derivation.subject.name}>", "exec"), namespace)
    return namespace


def _near_zero(subject: Subject) -> tuple[np.ndarray, np.ndarray]:
    """Inputs near 0 with the activation's own value there as target: what is left is all made of z.

    κ excuses what is lost there, but a form that loses nothing is the better one.
    """
    if not isinstance(subject, Pair) or not isinstance(subject.loss.target, Interval):
        return np.zeros(0), np.zeros(0)
    centre = subject.activation.expr.subs(Z, 0)
    domain = subject.loss.target
    if not centre.is_Rational or sp.Rational(float(centre)) != centre or not domain.lo <= centre <= domain.hi:
        return np.zeros(0), np.zeros(0)
    z = np.ldexp(1.0, np.array(_POWERS))
    z = np.concatenate([z, -z])
    return z, np.full(len(z), float(centre))


def _lost(module: Mapping[str, Any], near: Truth, quantity: str) -> int:
    values = computed(module, near, quantity, DTYPE, near.formula.keywords)
    found = errors_at(values, near, quantity, DTYPE, np.arange(len(near.z)))
    return int((found.bad | found.zero | (found.ulp > _LOST)).sum())
