"""PyTorch: its own functions where it has them, their composition otherwise; derivatives by autograd."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from derive.model import ELEMENTWISE, A, Derivation, Pair, Y, Z
from derive.rivals.lambdified import at_defaults, written
from derive.rivals.rival import Array, Rivalry

Tensor = Any
Loss = Callable[..., Tensor]  # of z (…, K) or elementwise, and y


def rivalry(derivation: Derivation) -> Rivalry | None:
    """Eager PyTorch for a pair; None where it lacks an entry over vectors."""
    pair = derivation.subject
    loss = losses(pair) if isinstance(pair, Pair) else None
    if loss is None or not isinstance(pair, Pair):
        return None
    found = _rivalry("PyTorch", loss, _elementwise_bends if pair.kind == ELEMENTWISE else _matrix_bends)
    chosen = pair.activation.selections or pair.loss.selections
    return replace(found, bind=None) if chosen else found  # what depends on a row's order goes row by row


def compiled_rivalry(derivation: Derivation) -> Rivalry | None:
    """torch.compile of the same loss, and of its backward pass."""
    pair = derivation.subject
    loss = losses(pair) if isinstance(pair, Pair) else None
    if loss is None:
        return None
    import torch

    return _rivalry("torch.compile", torch.compile(loss, dynamic=False), None)


def losses(pair: Pair) -> Loss | None:
    """The losses of a batch, or of one row, as a function of tensors at default parameters."""
    from derive.rivals import torch_rows, torch_vectors

    rows = torch_rows if pair.kind == ELEMENTWISE else torch_vectors
    names = pair.activation.name, pair.loss.name
    one = rows.PAIRS.get(names)
    if one is None and pair.kind == ELEMENTWISE:
        one = _elementwise(pair, rows.ACTIVATIONS, rows.LOSSES)
    elif one is None and names[0] in rows.ACTIVATIONS and names[1] in rows.LOSSES:
        one = _composed(rows.ACTIVATIONS[names[0]], rows.LOSSES[names[1]], pair)
    if one is None or pair.kind == ELEMENTWISE or one in torch_vectors.BATCHED:
        return one
    return _each_row(one)


def _elementwise(pair: Pair, activations: Mapping[str, Loss], losses: Mapping[str, Loss]) -> Loss:
    """The composition; an entry without a row is its own formula in PyTorch's functions."""
    act, los = pair.activation, pair.loss
    f = activations.get(act.name) or written(at_defaults(act.expr, act), (Z,), "torch")
    g = losses.get(los.name) or written(at_defaults(los.expr, los), (A, Y), "torch")
    return lambda z, y: g(f(z), y)


def _composed(f: Loss, g: Loss, pair: Pair) -> Loss:
    """The composition of entries over vectors, whose rows take parameters by name."""
    of_f, of_g = (
        {p.name: float(p.default) for p in entry.parameters} for entry in (pair.activation, pair.loss)
    )
    return lambda z, y: g(f(z, **of_f), y, **of_g)


def _each_row(one: Loss) -> Loss:
    def run(z: Tensor, y: Tensor) -> Tensor:
        from torch.func import vmap

        return one(z, y) if z.ndim == 1 else vmap(one)(z, y)

    return run


def _rivalry(name: str, loss: Loss, bends: Callable[..., Tensor] | None) -> Rivalry:
    def slopes(z: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        return _with_slopes(loss, z, y)

    def both(z: Array, y: Array) -> tuple[Array, Array]:
        found = slopes(*_tensors(z, y))
        return found[0].numpy(force=True), found[1].numpy(force=True)

    def hessian(z: Array, y: Array) -> Array:
        assert bends
        return bends(loss, *_tensors(z, y)).numpy(force=True)

    return Rivalry(
        name=name,
        says="its own functions, autograd",
        loss=lambda z, y: both(z, y)[0],
        gradient=lambda z, y: both(z, y)[1],
        hessian=hessian if bends else None,
        loss_and_grad=both,
        bind=lambda z, y: _bound(slopes, z, y),
    )


def _tensors(z: Array, y: Array) -> tuple[Tensor, Tensor]:
    import torch

    at = torch.from_numpy(np.array(z))  # a copy of our own, which may be differentiated by
    return at, torch.from_numpy(np.array(y, dtype=at.numpy().dtype))


def _bound(slopes: Callable[..., Any], z: Array, y: Array) -> Callable[[], Any]:
    import torch

    torch.set_num_threads(1)
    given = _tensors(z, y)
    slopes(*given)  # compiles, where there is something to compile
    return lambda: slopes(*given)


def _with_slopes(loss: Loss, z: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """The losses and their gradients; rows do not mix, so the slope of the sum holds them all."""
    import torch

    z = z.detach().requires_grad_()
    found = loss(z, y)
    (slope,) = torch.autograd.grad(found.sum(), z)
    return found, slope


def _elementwise_bends(loss: Loss, z: Tensor, y: Tensor) -> Tensor:
    import torch

    z = z.detach().requires_grad_()
    (slope,) = torch.autograd.grad(loss(z, y).sum(), z, create_graph=True)
    if not slope.requires_grad:  # constant slopes
        return torch.zeros_like(z)
    (bend,) = torch.autograd.grad(slope.sum(), z, allow_unused=True)
    return torch.zeros_like(z) if bend is None else bend


def _matrix_bends(loss: Loss, z: Tensor, y: Tensor) -> Tensor:
    from torch.func import hessian, vmap

    one = hessian(lambda at, target: loss(at, target))
    return one(z, y) if z.ndim == 1 else vmap(one)(z, y)
