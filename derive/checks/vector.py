"""The checks of vector subjects: a pair, an activation or a loss over K classes."""

from collections.abc import Iterator
from functools import lru_cache, partial

import flint
import numpy as np
from flint import arb

from derive.accuracy.indexed import contradictions, difference, meaning_of, places, sample
from derive.accuracy.measure import function
from derive.accuracy.rows import Row, rows
from derive.accuracy.vector import FORMULAS, Certified, Outcome, certified, measure, truth
from derive.bounds import bound
from derive.checks.known import LIMIT as KNOWN_LIMIT
from derive.checks.selfcheck import SELFCHECK
from derive.checks.table import Check, Material, counted, verdict
from derive.checks.vector_arrays import VECTOR_ARRAYS
from derive.model import AS, YS, ZS, Activation, Loss, Pair, Step, Subject, Verdict
from derive.proof.indexed import component

SIZES = (1, 2, 3, 7)
# What the gradient and the second derivative of a subject are named among the steps.
ENDS = {
    Pair: ("dL/dz", "d2L/dz2"),
    Activation: ("dp/dz", "d2p/dz2"),
    Loss: ("dL/da", "d2L/da2"),
}
# Quantities with no more components than there are classes.
LINEAR = {Pair: ("loss", "gradient"), Activation: ("loss",), Loss: ("loss", "gradient")}
MANY = 1000  # classes of the largest rows
SHOWN = 4  # components of a row that a report shows


def steps(material: Material) -> Verdict:
    """How many steps are unproved, or miss their quantity in balls at one of the sizes."""
    subject, derivation = material.subject, material.derivation
    wrong = [f"{s.quantity.text}, {s.rule}: not proved" for s in derivation.steps if not _is_known(s)]
    claims = [(s.quantity.name, component(s.expr)) for s in derivation.steps]
    claims += list(zip(ENDS[type(subject)], (derivation.gradient, derivation.hessian), strict=True))
    for name, expr in claims:
        for classes in SIZES:
            wrong += contradictions(subject, name, expr, classes)
    return counted(material, "steps", wrong)


def _is_known(step: Step) -> bool:
    """Whether a step is proved; a definition needs no proof, and nothing else may call itself one."""
    return step.proof.proved or step.rule == step.proof.method == "definition"


def known(material: Material) -> Verdict:
    """The largest relative difference between a value from outside, the formula and the code."""
    subject, found = material.subject, [(0.0, "")]
    entry = subject.loss if isinstance(subject, Pair) else subject
    for row in entry.known:
        x, y = _known_inputs(subject, row.at)
        formula = float(truth(subject, "loss", Row(x=x, y=y))[-1].mid())
        code = float(_emitted(material, "loss", x, y).ravel()[-1])
        for got, who in ((formula, "formula"), (code, "code")):
            found.append((_or_inf(got / row.value - 1), f"{who} at {row.at} ({row.origin})"))
    worst, where = max(found)
    return verdict(material, "known", worst, KNOWN_LIMIT, where)


def _known_inputs(subject: Subject, at: tuple[float, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Logits and targets of a known value; for a loss alone the probabilities of those logits."""
    if isinstance(subject, Activation):
        return np.array(at), np.zeros(len(at))
    z, y = np.split(np.array(at), 2)
    return (np.exp(z) / np.exp(z).sum() if isinstance(subject, Loss) else z), y


STEP = 2.0**-40  # of central differences in 200 bits; their error falls with its square
DIFFERENCE_LIMIT = 1e-13  # of values up to 1: rounding in float64, after the estimated error


def differences(material: Material) -> Verdict:
    """The largest difference between emitted derivatives and differences of the entries' own formulas."""
    subject, found = material.subject, [(0.0, "")]
    for quantity, name in zip(("gradient", "hessian"), ENDS[type(subject)], strict=True):
        if quantity not in FORMULAS[type(subject)]:
            continue
        for classes in SIZES:
            found += [
                (off, f"{quantity}, {where}")
                for off, where in _differences(material, quantity, name, classes)
            ]
    worst, where = max(found)
    return verdict(material, "differences", worst, DIFFERENCE_LIMIT, f"{where}; logits of order 1")


def _differences(material: Material, quantity: str, name: str, classes: int) -> Iterator[tuple[float, str]]:
    """(distance beyond the estimated error, place) for every component, at one size."""
    subject, meaning = material.subject, meaning_of(material.subject, name)
    axes = [i for e in (meaning.of, *meaning.wrt) if e is not None for i in e.indices]
    base = AS if isinstance(subject, Loss) else ZS
    with flint.ctx.workprec(200):
        values, sizes = sample(subject, classes, seed=1)
        x, y = (np.array([float(v.mid()) for v in values[b]]) for b in (base, YS))
        given = {base: [arb(v) for v in x], YS: [arb(v) for v in y]}
        got = _emitted(material, quantity, x, y)
        for at in places(meaning, sizes):
            wide, fine = (difference(subject, name, given, at, arb(h)) for h in (STEP, STEP / 2))
            place = tuple(at[i] for i in axes)
            off = _or_inf(got[tuple(n - 1 for n in place)] - float(fine.mid()))
            yield max(off - float(abs(wide - fine).upper()), 0.0), f"K={classes}, component {place}"


def _or_inf(error: float) -> float:
    """The size of an error; NaN is the worst of all."""
    return float("inf") if np.isnan(error) else abs(float(error))


def _emitted(material: Material, quantity: str, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    given = (x,) if isinstance(material.subject, Activation) else (x, y)
    return np.asarray(function(material.module, material.subject, quantity)(*given))


@lru_cache(maxsize=16)
def truths(subject: Subject, quantity: str, dtype: str) -> tuple[Certified, ...]:
    """The truth at the rows of a dtype; a few of them have many classes, where these are as many numbers."""
    chosen = rows(subject, dtype)
    if quantity in LINEAR[type(subject)]:
        chosen += rows(subject, dtype, classes=(MANY,), size=1)[::7]
    return tuple(certified(subject, quantity, row) for row in chosen)


def accuracy(material: Material, dtype: str) -> Verdict:
    """The measurement farthest from its declared bound; any bad value, overflow or zero fails."""
    subject, found = material.subject, []
    for quantity in FORMULAS[type(subject)]:
        outcome = measure(material.module, subject, quantity, truths(subject, quantity, dtype), dtype)
        found.append((outcome, bound(subject.name, quantity), quantity))
    row, limit, quantity = max(found, key=lambda f: (_wrong(f[0]), f[0].worst / f[1]))
    worst = float("inf") if _wrong(row) else row.worst
    return verdict(material, f"truth{dtype[5:]}", worst, limit, f"{quantity}: {_described(row)}")


def _wrong(row: Outcome) -> int:
    return row.bad + row.missed + row.spurious


def _described(row: Outcome) -> str:
    wrong = f"{row.bad} bad, {row.missed} missed overflows, {row.spurious} spurious zeros, "
    x, y = (", ".join(map(repr, v[:SHOWN].tolist())) for v in (row.where.x, row.where.y))
    where = f"{row.points} components, worst at K={len(row.where.x)}, ({x}), y=({y})"
    return wrong + where if _wrong(row) else where


VECTOR_CHECKS: tuple[Check, ...] = (
    Check(
        name="steps",
        says="each step is proved, and equals derivatives of the entries' own formulas at K = 1, 2, 3, 7",
        run=steps,
    ),
    Check(name="known", says="values from outside agree with the formulas and with the code", run=known),
    Check(
        name="differences",
        says="emitted derivatives agree with finite differences of the entries' own formulas",
        run=differences,
    ),
    Check(
        name="truth64",
        says="all quantities within the declared ulp/(1+κ) of certified truth, float64",
        run=partial(accuracy, dtype="float64"),
    ),
    Check(
        name="truth32",
        says="all quantities within the declared ulp/(1+κ) of certified truth, float32",
        run=partial(accuracy, dtype="float32"),
    ),
    VECTOR_ARRAYS,
    SELFCHECK,
)
