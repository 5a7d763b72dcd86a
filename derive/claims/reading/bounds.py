"""The bounds between accuracy and cross-entropy of calibrated and of under-confident models, as numbers."""

import sympy as sp

from derive.claims.reading.exact import below, whole

STEPS = 30  # halvings of an interval of shares: nine digits


def constant_confidence(accuracy: sp.Expr, classes: int) -> sp.Expr:
    """The cost of saying A for the answer and an even share of 1 − A for every other class."""
    error = 1 - accuracy
    right = -accuracy * sp.log(accuracy) if accuracy else sp.S.Zero
    return right - error * sp.log(error / (classes - 1)) if error else right


def calibrated_least(accuracy: sp.Rational) -> sp.Expr:
    """The least cost of a calibrated model: between (1 − 1/m, log m) and the next such point, a line.

    Its m is the whole number with 1/(m + 1) < A ≤ 1/m.
    """
    m = int(sp.floor(1 / accuracy))
    return sp.log(m) + slope(m) * (1 - accuracy - (1 - sp.Rational(1, m)))


def slope(m: int) -> sp.Expr:
    """The slope of the line between (1 − 1/m, log m) and (1 − 1/(m + 1), log(m + 1))."""
    return m * (m + 1) * (sp.log(m + 1) - sp.log(m))


def calibrated_error(cost: sp.Expr) -> tuple[int, sp.Expr]:
    """The m with log m ≤ cost < log(m + 1), and the largest error of a calibrated model of that cost."""
    m = whole(sp.exp(cost))
    return m, 1 - sp.Rational(1, m) + (cost - sp.log(m)) / slope(m)


def calibrated_accuracy(cost: sp.Expr, classes: int) -> sp.Rational:
    """An upper bound, close to the best, of the accuracy of a calibrated model that costs `cost` < log K.

    The cost of a constant confidence falls from log K at A = 1/K to 0 at A = 1: halving finds `cost`.
    """
    low, high = sp.Rational(1, classes), sp.S.One
    for _ in range(STEPS):
        middle = (low + high) / 2
        if below(constant_confidence(middle, classes), cost):
            high = middle
        else:
            low = middle
    return high


def underconfident_least(accuracy: sp.Rational) -> sp.Expr:
    """Below this cost the mean confidence is above the accuracy, 0 < A < 1."""
    if accuracy <= sp.Rational(1, 2):
        return -sp.log(accuracy)
    error = 1 - accuracy
    return error * sp.log(2) - accuracy * sp.log(1 - error / (2 * accuracy))
