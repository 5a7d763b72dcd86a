"""Random models of many kinds, calibrated ones among them, and the numbers that are measured of them."""

import math

import numpy as np
import sympy as sp

MODELS, EXAMPLES = 2000, 12  # of each number of classes: 10,000 random models in all
CLASSES = (2, 3, 4, 10, 50)

COSTS = tuple(map(sp.Rational, ("1/50", "2/5", "69/100", "1", "11/10", "23/10", "5")))
ACCURACIES = tuple(map(sp.Rational, ("0", "1/20", "1/3", "2/5", "1/2", "11/20", "9/10", "999/1000", "1")))


def simulate(classes, seed):
    """(p, y): random predictions of many kinds, and labels that agree with them in many ways."""
    rng = np.random.default_rng([classes, seed])
    sharpness = 10 ** rng.uniform(-2, 2, (MODELS, 1, 1))
    p = rng.standard_gamma(np.broadcast_to(sharpness, (MODELS, EXAMPLES, classes))) + 1e-300
    tied = rng.random((MODELS, EXAMPLES, 1)) < 0.3
    p = np.where(tied, np.arange(classes) < 2, p)  # the first two tie, and have all
    p /= p.sum(-1, keepdims=True)
    guess = rng.integers(classes, size=(MODELS, EXAMPLES))
    best = np.argmax(p, -1)
    y = np.where(rng.random((MODELS, 1)) < rng.random((MODELS, EXAMPLES)), guess, best)
    return np.maximum(p, 1e-300), y


def measured(p, y):
    """The numbers of each model: cost C, accuracy A, probabilities q of the truth, mean confidence M."""
    q = np.take_along_axis(p, y[..., None], -1)[..., 0]
    rivals = (p >= q[..., None]).sum(-1) - 1  # classes that tie with the truth or lie above
    return {
        "q": q,
        "rivals": rivals,
        "C": -np.log(q).mean(-1),
        "A": (rivals == 0).mean(-1),
        "M": p.max(-1).mean(-1),
    }


def calibrated(classes, seed):
    """(C, A) of random calibrated models: weights of predictions, each with its own shares of classes."""
    rng = np.random.default_rng([classes, seed])
    sharpness = 10 ** rng.uniform(-2, 2, (MODELS, 5, 1))
    p = rng.standard_gamma(np.broadcast_to(sharpness, (MODELS, 5, classes))) + 1e-12
    p[:500, :, 2:] *= 1e-9  # two classes among many
    p /= p.sum(-1, keepdims=True)
    weights = rng.dirichlet(np.full(5, 0.5), MODELS)
    return (weights * -(p * np.log(p)).sum(-1)).sum(-1), (weights * p.max(-1)).sum(-1)


def both(possible=True):
    """(cost, accuracy, classes) that go together, or do not."""
    for cost in COSTS:
        for accuracy in ACCURACIES:
            for classes in CLASSES:
                fits = float(cost) >= float(1 - accuracy) * math.log(2)
                fits &= accuracy < 1 or float(cost) < math.log(classes)
                if fits == possible:
                    yield cost, accuracy, classes


def named(answer, name):
    """The finding of that name."""
    return next(finding for finding in answer.findings if finding.name == name)
