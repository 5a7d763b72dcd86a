"""What the rules on arrays share: usual inputs, the emitted function, and when two results are the same."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from derive.accuracy.measure import Function, function
from derive.accuracy.points import inside, targets
from derive.accuracy.truth import formula
from derive.checks.table import Material
from derive.model import REALS, Activation, Loss, Subject, domain_of

Rule = Callable[[Material, str], Iterator[str]]  # what a function breaks, for one quantity

SAME = 4  # ulp: vectorised loops and their remainders round differently


def same(got: Any, wanted: Any, ulp: float = SAME) -> bool:
    """Whether shapes agree, and values within some ulp."""
    got, wanted = np.asarray(got), np.asarray(wanted)
    if got.shape != wanted.shape:
        return False
    with np.errstate(invalid="ignore"):  # the difference of infinities
        near = np.abs(got - wanted) <= ulp * np.spacing(np.abs(wanted))
    return bool(np.all(near | (got == wanted)))


def usual(subject: Subject) -> tuple[np.ndarray, np.ndarray]:
    """Six usual inputs (the kind of z, or of a where a loss stands alone) and as many targets."""
    about = formula(subject)
    inputs = np.array([-2.5, -1.25, -0.5, 0.5, 1.25, 2.5])
    if isinstance(subject, Loss) and subject.prediction != REALS:
        inputs = np.array([0.125, 0.25, 0.375, 0.5, 0.75, 0.875])
    elif (domain := domain_of(subject)) != REALS:
        inputs = inside(np.array([0.125, 0.25, 0.375, 0.5, 0.75, 0.875]), domain, "float64")
    return inputs, np.resize(targets(about, 2), 6)


def emitted(material: Material, quantity: str) -> Function:
    """The emitted function of (z, y); y is dropped for an activation alone."""
    run = function(material.module, material.subject, quantity)
    if isinstance(material.subject, Activation):
        return lambda z, y, **parameters: run(z, **parameters)
    return run
