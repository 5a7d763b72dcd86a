"""Random inputs, targets and parameters for a vector subject, inside its domains and of order 1."""

import numpy as np

from derive.accuracy.vectors.rows import Row, target_shape
from derive.model import Finite, Interval, LogSimplex, Loss, OneHot, Simplex, entries

REACH = 3.0  # of the inputs


def drawn(subject, random, shape, default=True):
    """Rows (…, K), away from ties with probability 1; parameters are the defaults or drawn too."""
    activation, loss = entries(subject)
    blocks = len((activation or loss).inputs) or 1
    x = random.uniform(-REACH, REACH, (*shape[:-1], blocks * shape[-1]))
    if isinstance(subject, Loss):
        x = inside(loss.prediction, x)
    y, what = np.zeros(0), target_shape(subject)
    if what != "none":
        y = target(loss.target, random, shape if what == "vector" else shape[:-1])
    parameters = [(p.name, number(p, random, shape[-1], default)) for p in subject.parameters]
    return Row(x=x, y=y, parameters=tuple(parameters))


def inside(domain, x):
    """Numbers in [−3, 3] brought into a domain of predictions."""
    if isinstance(domain, Simplex | LogSimplex):
        p = np.exp(x) / np.exp(x).sum(axis=-1, keepdims=True)
        return p if isinstance(domain, Simplex) else np.log(p)
    if isinstance(domain, Interval) and np.isfinite(float(domain.lo)) and np.isfinite(float(domain.hi)):
        return 1 / (1 + np.exp(-x)) * float(domain.hi - domain.lo) + float(domain.lo)
    return x


def target(domain, random, shape):
    """Random targets of a domain; those of the simplex are one-hot or soft in turns."""
    if isinstance(domain, OneHot | Simplex):
        hard = isinstance(domain, OneHot) or (domain.closed and random.random() < 0.5)
        if hard:
            return np.eye(shape[-1])[random.integers(shape[-1], size=shape[:-1])]
        return random.dirichlet(np.ones(shape[-1]), size=shape[:-1])
    if isinstance(domain, Finite):
        return random.choice(domain.values, shape).astype(float)
    y = inside(domain, random.uniform(-REACH, REACH, shape))
    return np.abs(y) if isinstance(domain, Interval) and float(domain.lo) == 0 else y


def number(parameter, random, size, default):
    """The default of a parameter, or random values well inside its interval: one, or one for each class."""
    if default:
        return float(parameter.default)
    low, high = max(float(parameter.domain.lo), -1.0), min(float(parameter.domain.hi), 3.0)
    edge = (high - low) / 10
    found = random.uniform(low + edge, high - edge, size if parameter.per_class else None)
    return tuple(found.tolist()) if parameter.per_class else float(found)
