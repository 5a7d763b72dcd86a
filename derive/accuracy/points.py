"""Where accuracy is measured: seeded inputs over the whole range of a float format.

A third uniform in the middle, a third log-uniform over every exponent with the subnormals, a third
where functions saturate; special points; the floats around roots. Targets are hard and soft in turn.
"""

import itertools
from typing import Final

import numpy as np

from derive.accuracy.kappa import hard_targets
from derive.accuracy.roots import sign_of, tighten
from derive.accuracy.truth import ORDER, QUANTITIES, Formula, derivatives, rounded
from derive.balls import certified
from derive.model import REALS, Activation, Finite, Interval, Loss, Punctured, Set, Z, domain_of

Pair = tuple[float, float]

SEED: Final = 20240607
QUICK: Final = 450
SATURATION: Final = {"float64": 800.0, "float32": 110.0}  # e^-z has left the format beyond
SPECIAL: Final = {
    "float64": (
        0.0, 1.0, 2.0, 17.0, 36.7, 37.5, 38.6, 40.0, 88.0, 104.0, 700.0, 709.5, 710.5, 745.0, 746.0,
        1e5, 1e16, 1e154, 1.3e154, 1e155, 1e300, 1e308, float(np.finfo(np.float64).max),
        2.0**-1074, 2.0**-1060, 2.0**-1022, 1e-300, 1e-160, 1e-16,
    ),
    "float32": (
        0.0, 1.0, 2.0, 9.0, 16.6, 17.4, 37.5, 43.5, 87.3, 88.5, 89.5, 103.5, 105.0,
        1e4, 1e8, 1e19, 1.8e19, 2e19, 1e30, 3e38, float(np.finfo(np.float32).max),
        2.0**-149, 2.0**-140, 2.0**-126, 1e-30, 1e-16, 1e-8,
    ),
}  # fmt: skip
ROOT_GRID = np.concatenate([np.linspace(-9.875, 9.875, 80), [-200.0, -40.0, 40.0, 200.0]])
_ROOT_TARGETS = 3
_POINTS_A_ROOT, _POINTS_AN_OUTPUT = 500, 20  # of so many points, one more target, one more output as a target
_NEAR = np.array([0.0, *(s * 2.0**-n for n in (48, 40, 30, 20, 10, 5) for s in (-1, 1))])
# At a root within an ulp of z the value is this much smaller than around it; at a jump it is not.
_SMALL = 2.0**-30


def points(
    formula: Formula, dtype: str = "float64", size: int = QUICK, seed: int = SEED
) -> tuple[np.ndarray, np.ndarray]:
    """Inputs (z, y) of equal length, float64 arrays that hold numbers of `dtype`."""
    random = np.random.default_rng(seed)
    subject = formula.subject
    spread = inside(inputs(random, dtype, size), domain_of(formula.subject), dtype)
    special = np.array(SPECIAL[dtype])
    special = inside(np.concatenate([special, -special]), domain_of(formula.subject), dtype)
    if isinstance(subject, Activation):
        z = np.concatenate([spread, special, *_near_roots(formula, 0.0, dtype, size)])
        return z, np.zeros(len(z))
    hard = np.array(hard_targets(subject), float)
    soft = as_dtype(soft_targets(random, _targets(formula), size), dtype)
    y = np.where(np.arange(len(spread)) % 2, random.choice(hard, len(spread)), soft[: len(spread)])
    wanted = (*hard, *(soft[:2] if len(soft) else ()))
    columns = [(spread, y)] + [(special, np.full(len(special), t)) for t in wanted]
    for target in (*hard, *soft[: max(_ROOT_TARGETS, size // _POINTS_A_ROOT)]):
        columns += [(z, np.full(len(z), target)) for z in _near_roots(formula, target, dtype, size)]
    if size > QUICK:
        columns.append(_outputs(formula, spread[: size // _POINTS_AN_OUTPUT], dtype))
    z, y = (np.concatenate(column) for column in zip(*columns, strict=True))
    return z, y


def _outputs(formula: Formula, z: np.ndarray, dtype: str) -> tuple[np.ndarray, np.ndarray]:
    """Inputs with the targets nearest to their outputs, where these are targets: a − y all but vanishes."""
    target, part = _targets(formula), formula.activation
    if part is None or not isinstance(target, Interval):
        return np.zeros(0), np.zeros(0)
    parameters = formula.parameters
    outputs = [rounded(certified(part, {Z: x, **parameters}, Z, 0, side=1)[0])[0] for x in z.tolist()]
    y = as_dtype(np.array(outputs), dtype)
    fits = (float(target.lo) < y) & (y < float(target.hi)) & np.isfinite(y)
    return z[fits], y[fits]


def targets(formula: Formula, soft: int) -> list[float]:
    """The hard targets and so many soft ones; [0.0] for an activation, which has none."""
    if isinstance(formula.subject, Activation):
        return [0.0]
    random = np.random.default_rng(SEED)
    hard = [float(t) for t in hard_targets(formula.subject)]
    return list(dict.fromkeys(hard + soft_targets(random, _targets(formula), soft).tolist()))


def sample(formula: Formula, size: int, reach: float) -> list[tuple[float, float]]:
    """Random points with |z| ≤ reach, the targets in turn."""
    random = np.random.default_rng(SEED)
    z = inside(random.uniform(-reach, reach, size), domain_of(formula.subject), "float64")
    return list(zip(z.tolist(), itertools.cycle(targets(formula, 4)), strict=False))


def as_dtype(values: np.ndarray, dtype: str) -> np.ndarray:
    """The nearest numbers of a dtype, as float64."""
    return values.astype(dtype).astype(np.float64)


def inputs(random: np.random.Generator, dtype: str, size: int) -> np.ndarray:
    """A third uniform in [−10, 10], a third log-uniform over the format, a third saturating."""
    info, third = np.finfo(dtype), size // 3
    lowest = info.minexp - info.nmant
    magnitude = np.ldexp(random.uniform(1, 2, third), random.integers(lowest, info.maxexp, third))
    sign = random.choice([-1.0, 1.0], 2 * third)
    saturating = random.uniform(10, SATURATION[dtype], third)
    return np.concatenate(
        [random.uniform(-10, 10, third), sign[:third] * magnitude, sign[third:] * saturating]
    )


def soft_targets(random: np.random.Generator, target: Set, size: int) -> np.ndarray:
    """Targets inside an interval; the listed ones where the domain is a finite set."""
    if isinstance(target, Finite):
        return random.choice(np.array(target.values, float), size)
    wide = 10.0 ** random.uniform(-6, 4, size)
    usual = random.random(size) < 0.5
    if target == REALS or isinstance(target, Punctured):
        return np.where(usual, random.normal(0, 2, size), random.choice([-1, 1], size) * wide)
    assert isinstance(target, Interval)
    low, high = float(target.lo), float(target.hi)
    if np.isinf(low):
        return high - np.where(usual, random.integers(not target.closed_hi, 20, size), wide)
    if np.isinf(high):
        return low + np.where(usual, random.integers(not target.closed_lo, 20, size), wide)
    return low + (high - low) * np.where(random.random(size) < 0.8, random.random(size), 1e-3 / wide % 1)


def _targets(formula: Formula) -> Set:
    subject = formula.subject
    assert not isinstance(subject, Activation)
    return subject.target if isinstance(subject, Loss) else subject.loss.target


def inside(z: np.ndarray, domain: Set, dtype: str) -> np.ndarray:
    """Inputs of a dtype folded into a domain: by their distance |z| from its end, or e^−|z| from both."""
    if domain == REALS:
        return as_dtype(z, dtype)
    assert isinstance(domain, Interval)
    low, high, z = float(domain.lo), float(domain.hi), np.abs(z)
    if np.isinf(low) or np.isinf(high):
        return inside_of(high - z if np.isinf(low) else low + z, domain, dtype)
    part = (high - low) * np.where(z < 1, z, np.exp(-np.minimum(z, SATURATION[dtype])))
    return inside_of(np.where(np.arange(len(z)) % 2, low + part, high - part), domain, dtype)


def _near_roots(formula: Formula, y: float, dtype: str, size: int) -> list[np.ndarray]:
    """The two floats around every root of every quantity, on a coarse grid; jumps are left out.

    Where points are many, also some that draw near to the root from both sides.
    """
    domain = domain_of(formula.subject)
    grid = np.sort(inside(ROOT_GRID, domain, "float64"))
    found = []
    for quantity in QUANTITIES:
        sign = sign_of(formula, quantity, y)
        signs = [sign(z) for z in grid.tolist()]
        for n in np.flatnonzero(np.multiply(signs[1:], signs[:-1]) < 0):
            ends = float(grid[n]), float(grid[n + 1])
            bracket = tighten(sign, *ends)
            if not _jumps(formula, quantity, bracket, ends, y):
                near = np.outer(bracket, 1 + _NEAR).ravel() if size > QUICK else np.array(bracket)
                found.append(inside_of(near, domain, dtype))
    return found


def inside_of(z: np.ndarray, domain: Set, dtype: str) -> np.ndarray:
    """The numbers of a dtype nearest to some that lie in a domain, without those that do not."""
    z = as_dtype(z, dtype)
    assert isinstance(domain, Interval)
    low, high = float(domain.lo), float(domain.hi)
    return z[((z > low) | ((z == low) & domain.closed_lo)) & ((z < high) | ((z == high) & domain.closed_hi))]


def _jumps(formula: Formula, quantity: str, bracket: Pair, ends: Pair, y: float) -> bool:
    """Whether a quantity changes its sign without becoming small."""
    order = ORDER[quantity]
    near, far = (
        [abs(float(derivatives(formula, z, y, order, side=1)[order])) for z in two] for two in (bracket, ends)
    )
    return min(near) > _SMALL * max(far)
