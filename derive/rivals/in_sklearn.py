"""scikit-learn: the losses of its _loss module, which fits its linear models and its boosted trees."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from derive.model import ELEMENTWISE, Derivation, Pair
from derive.rivals.rival import Array, Rivalry

# The class of the pair's loss in sklearn._loss.loss, and its arguments.
ROWS: dict[tuple[str, str], tuple[str, dict[str, float]]] = {
    ("sigmoid", "bce"): ("HalfBinomialLoss", {}),
    ("exponential", "poisson"): ("HalfPoissonLoss", {}),
    ("identity", "half_squared_error"): ("HalfSquaredError", {}),
    ("identity", "absolute_error"): ("AbsoluteError", {}),
    ("identity", "huber"): ("HuberLoss", {"delta": 1.0}),
    ("softmax", "cross_entropy"): ("HalfMultinomialLoss", {}),
    ("log_softmax", "nll"): ("HalfMultinomialLoss", {}),
    ("identity", "cross_entropy_logits"): ("HalfMultinomialLoss", {}),
}


def rivalry(derivation: Derivation) -> Rivalry | None:
    """The loss of a pair that scikit-learn fits; None for the others."""
    pair = derivation.subject
    row = ROWS.get((pair.activation.name, pair.loss.name)) if isinstance(pair, Pair) else None
    if row is None:
        return None
    flat = pair.kind == ELEMENTWISE

    def bind(z: Array, y: Array) -> Callable[[], Any]:
        given = _given(z, y, flat)
        loss = _loss(row, z)
        return lambda: loss.loss_gradient(*given)

    def both(z: Array, y: Array) -> tuple[Array, Array]:
        loss, gradient = bind(z, y)()
        return loss.reshape(z.shape if flat else z.shape[:-1]), gradient.reshape(z.shape)

    def hessian(z: Array, y: Array) -> Array:
        return np.asarray(_loss(row, z).gradient_hessian(*_given(z, y, flat))[1]).reshape(z.shape)

    return Rivalry(
        name="scikit-learn",
        says=f"_loss.loss.{row[0]}",
        loss=lambda z, y: both(z, y)[0],
        gradient=lambda z, y: both(z, y)[1],
        hessian=hessian if _bends(row, flat) else None,
        loss_and_grad=both,
        bind=bind,
        hard_only=not flat,
    )


def _bends(row: tuple[str, dict[str, float]], flat: bool) -> bool:
    """Whether its second derivative is the true one: of vectors it knows the diagonal, of others a bound."""
    return flat and not _loss(row, np.zeros(1)).approx_hessian


def _loss(row: tuple[str, dict[str, float]], z: Array) -> Any:
    from sklearn._loss import loss as losses

    name, arguments = row
    classes = {"n_classes": z.shape[-1]} if name == "HalfMultinomialLoss" else {}
    return getattr(losses, name)(**arguments, **classes)


def _given(z: Array, y: Array, flat: bool) -> tuple[Array, Array]:
    """Targets and predictions as scikit-learn takes them: numbers, or the number of the class."""
    if flat:
        return np.array(y, dtype=z.dtype), np.array(z)
    rows = np.array(z).reshape(-1, z.shape[-1])
    return y.reshape(rows.shape).argmax(axis=-1).astype(z.dtype), rows
