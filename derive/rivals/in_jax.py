"""JAX with optax: their own functions where they have them; jax.jit of value_and_grad, in float64 too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from derive.model import ELEMENTWISE, A, Derivation, Pair, Y, Z
from derive.rivals.lambdified import at_defaults, written
from derive.rivals.rival import Array, Rivalry

Loss = Callable[..., Any]  # of one z and one y, or of one row of both


def rivalry(derivation: Derivation) -> Rivalry | None:
    """The jitted functions of a pair; None where there is no row for an entry over vectors."""
    pair = derivation.subject
    loss = losses(pair) if isinstance(pair, Pair) else None
    if loss is None:
        return None
    import jax

    jax.config.update("jax_enable_x64", True)
    width = 0 if pair.kind == ELEMENTWISE else 1
    bend = jax.grad(jax.grad(loss)) if pair.kind == ELEMENTWISE else jax.hessian(loss)
    both = jax.jit(jax.vmap(jax.value_and_grad(loss)))
    value, slope, bend = (jax.jit(jax.vmap(f)) for f in (loss, jax.grad(loss), bend))
    return Rivalry(
        name="JAX",
        says="its own or optax's functions, jax.jit of value_and_grad",
        loss=_on_arrays(value, width),
        gradient=_on_arrays(slope, width),
        hessian=_on_arrays(bend, width),
        loss_and_grad=_on_arrays(both, width),
        bind=lambda z, y: _bound(both, z, y),
    )


def losses(pair: Pair) -> Loss | None:
    """The loss of one z and y, or of one row, at default parameters.

    An elementwise entry without a row is its own formula in JAX's functions.
    """
    from derive.rivals import jax_rows as rows

    names = pair.activation.name, pair.loss.name
    if names in rows.PAIRS:
        return rows.PAIRS[names]
    f, g = rows.ACTIVATIONS.get(names[0]), rows.LOSSES.get(names[1])
    if pair.kind == ELEMENTWISE:
        act, los = pair.activation, pair.loss
        f = f or written(at_defaults(act.expr, act), (Z,), rows.MODULES)
        g = g or written(at_defaults(los.expr, los), (A, Y), rows.MODULES)
    if f is None or g is None:
        return None
    summed = pair.kind != ELEMENTWISE and pair.loss.kind == ELEMENTWISE
    return (lambda z, y: g(f(z), y).sum()) if summed else (lambda z, y: g(f(z), y))


def _on_arrays(batch: Callable[..., Any], width: int) -> Callable[..., Any]:
    """A function of batches as one of NumPy arrays, of a batch or of a single row of so many axes."""

    def run(z: Array, y: Array) -> Any:
        single = z.ndim == width
        found = batch(*(np.asarray(x, dtype=z.dtype)[None] if single else x.astype(z.dtype) for x in (z, y)))
        parts = [np.asarray(part)[0] if single else np.asarray(part) for part in _tupled(found)]
        return tuple(parts) if isinstance(found, tuple) else parts[0]

    return run


def _tupled(found: Any) -> tuple[Any, ...]:
    return found if isinstance(found, tuple) else (found,)


def _bound(both: Callable[..., Any], z: Array, y: Array) -> Callable[[], Any]:
    import jax

    given = [jax.device_put(x.astype(z.dtype)) for x in (z, y)]
    jax.block_until_ready(both(*given))  # compiles
    return lambda: jax.block_until_ready(both(*given))
