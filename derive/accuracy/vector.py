"""Certified truth of vector subjects in ball arithmetic, and how far emitted code is from it.

Truth is the entries' own formula at the floats given, with the largest logit taken off every logit,
exactly, which changes no probability (the rule "shift") and keeps the balls within reach.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import flint
import numpy as np
from flint import arb

from derive.accuracy.measure import function, overflows, ulps
from derive.accuracy.rows import Row
from derive.model import Activation, Loss, Pair, Subject

_BITS = 256
_MOST_BITS = 1 << 14
_ENOUGH = 120  # accurate bits, so that hi + lo holds the truth
_NOTHING = arb(2) ** -1300  # below it a value is 0 in every dtype

Balls = list[arb]
Formula = Callable[[np.ndarray, np.ndarray], Balls]


def probabilities(z: np.ndarray) -> tuple[Balls, Balls]:
    """p and log p."""
    logits = [arb(float(v)) for v in z]
    top = max(range(len(z)), key=lambda k: z[k])
    gaps = [v - logits[top] for v in logits]
    weights = [g.exp() for g in gaps]
    total = sum(weights, arb(0))
    return [w / total for w in weights], [g - total.log() for g in gaps]


def _loss(z: np.ndarray, y: np.ndarray) -> Balls:
    _, logs = probabilities(z)
    return [-sum((arb(float(t)) * v for t, v in zip(y, logs, strict=True) if t != 0), arb(0))]


def _gradient(z: np.ndarray, y: np.ndarray) -> Balls:
    targets = [arb(float(t)) for t in y]
    mass = sum(targets, arb(0))
    return [p * mass - t for p, t in zip(probabilities(z)[0], targets, strict=True)]


def _hessian(z: np.ndarray, y: np.ndarray) -> Balls:
    mass = sum((arb(float(t)) for t in y), arb(0))
    return [mass * bend for bend in _jacobian(z, y)]


def _jacobian(z: np.ndarray, y: np.ndarray) -> Balls:
    """p_i (δ_ij − p_j), row by row."""
    p, _ = probabilities(z)
    return [a * (int(i == j) - b) for i, a in enumerate(p) for j, b in enumerate(p)]


def _entropy(a: np.ndarray, y: np.ndarray) -> Balls:
    return [-sum((arb(float(t)) * arb(float(p)).log() for p, t in zip(a, y, strict=True) if t != 0), arb(0))]


def _entropy_slope(a: np.ndarray, y: np.ndarray) -> Balls:
    return [-arb(float(t)) / arb(float(p)) for p, t in zip(a, y, strict=True)]


def _entropy_bend(a: np.ndarray, y: np.ndarray) -> Balls:
    bends = [arb(float(t)) / arb(float(p)) ** 2 for p, t in zip(a, y, strict=True)]
    return [bend if i == j else arb(0) for i, bend in enumerate(bends) for j in range(len(bends))]


# The quantities of each kind of subject, and their truth at a row.
FORMULAS: dict[type, dict[str, Formula]] = {
    Pair: {"loss": _loss, "gradient": _gradient, "hessian": _hessian},
    Activation: {"loss": lambda z, y: probabilities(z)[0], "gradient": _jacobian},
    Loss: {"loss": _entropy, "gradient": _entropy_slope, "hessian": _entropy_bend},
}


def truth(subject: Subject, quantity: str, row: Row) -> Balls:
    """A quantity at a row of floats, to 120 bits or certainly 0 in every dtype."""
    formula, bits = FORMULAS[type(subject)][quantity], _BITS
    while bits <= _MOST_BITS:
        with flint.ctx.workprec(bits):
            found = formula(row.x, row.y)
            if all(map(_settled, found)):
                return found
        bits *= 4
    raise ArithmeticError(f"no enclosure of the wanted width at {row}")


def _settled(ball: arb) -> bool:
    exact = bool(ball.is_exact())
    return bool(ball.is_finite()) and (
        exact or ball.rel_accuracy_bits() >= _ENOUGH or bool(abs(ball) < _NOTHING)
    )


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One quantity over many rows: how many components are wrong in kind, and the worst ulp/(1+κ)."""

    points: int
    bad: int
    missed: int
    spurious: int
    worst: float
    where: Row


@dataclass(frozen=True, kw_only=True)
class Certified:
    """The truth of one quantity at a row, flat, as hi + lo, and 1 + κ of every component."""

    row: Row
    hi: np.ndarray
    lo: np.ndarray
    scale: np.ndarray


def certified(subject: Subject, quantity: str, row: Row) -> Certified:
    """A quantity at a row, in the form in which emitted code is compared with it."""
    hi, lo = _floats(truth(subject, quantity, row))
    return Certified(row=row, hi=hi, lo=lo, scale=1 + kappa(subject, quantity, row, hi))


def measure(
    module: Mapping[str, Any], subject: Subject, quantity: str, true: Sequence[Certified], dtype: str
) -> Outcome:
    """The error of one quantity over all components of all rows, of which there is at least one."""
    found = [_outcome(computed(module, subject, quantity, t.row, dtype), t, dtype) for t in true]
    worst = max(found, key=lambda o: (o.bad + o.missed + o.spurious, o.worst))
    return Outcome(
        points=sum(o.points for o in found),
        bad=sum(o.bad for o in found),
        missed=sum(o.missed for o in found),
        spurious=sum(o.spurious for o in found),
        worst=max(o.worst for o in found),
        where=worst.where,
    )


def _outcome(values: np.ndarray, true: Certified, dtype: str) -> Outcome:
    huge = overflows(true.hi, dtype)
    zero = ~huge & (values == 0) & (np.abs(true.hi) >= np.finfo(dtype).tiny)
    with np.errstate(invalid="ignore"):
        error = ulps(values, true.hi, true.lo, dtype) / true.scale
    return Outcome(
        points=len(values),
        bad=int((~huge & ~np.isfinite(values)).sum()),
        missed=int((huge & (values != np.copysign(np.inf, true.hi))).sum()),
        spurious=int((zero & (true.scale < 2)).sum()),
        worst=float(error[np.isfinite(error)].max(initial=0.0)),
        where=true.row,
    )


def computed(module: Mapping[str, Any], subject: Subject, quantity: str, row: Row, dtype: str) -> np.ndarray:
    """What the emitted function gives at a row in that dtype, flat, as float64."""
    x = row.x.astype(dtype)
    given = (x,) if isinstance(subject, Activation) else (x, row.y)
    return np.asarray(function(module, subject, quantity)(*given), dtype=np.float64).ravel()


def _floats(balls: Balls) -> tuple[np.ndarray, np.ndarray]:
    """The truth as hi + lo, to twice the digits of float64."""
    hi = [float(b.mid()) for b in balls]
    with flint.ctx.workprec(_BITS):
        lo = [float((b - arb(h)).mid()) if math.isfinite(h) else 0.0 for b, h in zip(balls, hi, strict=True)]
    return np.array(hi), np.array(lo)


def kappa(subject: Subject, quantity: str, row: Row, values: np.ndarray) -> np.ndarray:
    """κ_y: |y_k ∂q/∂y_k / q| summed over the components k whose target is not a hard one."""
    soft = np.where((row.y == 0) | (row.y == 1), 0.0, row.y)
    with np.errstate(all="ignore"):
        moves = _moves(subject, quantity, row, soft)
        return np.where(moves == 0, 0.0, moves / np.abs(values))


def _moves(subject: Subject, quantity: str, row: Row, soft: np.ndarray) -> np.ndarray:
    """Σ_k |y_k ∂q/∂y_k| over soft targets, for every component of q."""
    if isinstance(subject, Activation):
        return np.zeros(1)
    if quantity == "loss":
        return _float((_entropy if isinstance(subject, Loss) else _loss)(row.x, soft))
    if isinstance(subject, Loss):
        return soft / row.x if quantity == "gradient" else np.diag(soft / row.x / row.x).ravel()
    p, _ = probabilities(row.x)
    if quantity == "gradient":  # ∂q_j/∂y_k = p_j − δ_jk
        return _float(p) * (soft.sum() - soft) + soft * _float([1 - v for v in p])
    return np.abs(_float(_jacobian(row.x, row.y))) * soft.sum()


def _float(balls: Balls) -> np.ndarray:
    return np.array([float(b.mid()) for b in balls])
