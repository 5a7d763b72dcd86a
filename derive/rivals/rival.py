"""The nouns: a rival is a system that people use today, a rivalry what it makes of one subject."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from derive.model import Derivation

Array = np.ndarray
Function = Callable[..., Array]
Both = Callable[..., tuple[Array, Array]]
# From inputs (z, y) a call that computes loss and gradient once, and waits for both.
Bound = Callable[..., Callable[[], Any]]


@dataclass(frozen=True, kw_only=True)
class Rivalry:
    """Functions of NumPy arrays that a system offers for one subject, at default parameters.

    Elementwise they take z and y of one shape (N,); over vectors (N, K) or (K,) and give losses (N,) or
    (), gradients like z, second derivatives (…, K, K). The dtype of z is kept, but by what is written in
    float64. `says` names the functions used. `hard_only`: targets that are not one-hot cannot be said.
    `bind` converts the inputs to the system's own arrays, compiles and warms up; only the call it
    gives is to be timed.
    """

    name: str
    says: str
    loss: Function
    gradient: Function
    loss_and_grad: Both
    bind: Bound | None
    hessian: Function | None = None
    hard_only: bool = False

    @property
    def quantities(self) -> dict[str, Function]:
        """The functions by the quantity that they compute, without those it lacks."""
        found = {"loss": self.loss, "gradient": self.gradient, "hessian": self.hessian}
        return {name: function for name, function in found.items() if function is not None}


@dataclass(frozen=True, kw_only=True)
class Rival:
    """A system, the packages it needs, and what it makes of a derivation; None where it has nothing."""

    name: str
    make: Callable[[Derivation], Rivalry | None]
    packages: tuple[str, ...] = ()


def quiet(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of NumPy arrays that does not warn: what goes wrong is counted, not announced."""

    def run(*given: Array) -> Any:
        with np.errstate(all="ignore"):
            return function(*given)

    return run


def filled(function: Callable[..., Any]) -> Callable[..., Any]:
    """A quiet elementwise function whose constants come as arrays like z."""
    run = quiet(function)

    def whole(z: Array, *others: Array) -> Any:
        found = run(z, *others)
        if isinstance(found, tuple | list):
            return tuple(_like(z, part) for part in found)
        return _like(z, found)

    return whole


def _like(z: Array, found: Any) -> Array:
    """What was found, as an array of z's shape; whole numbers in z's dtype."""
    if np.shape(found) == z.shape and found.dtype.kind == "f":
        return found
    return np.broadcast_to(np.asarray(found, dtype=z.dtype), z.shape)


def plain_bind(both: Both) -> Bound:
    """The `bind` of a function that takes NumPy arrays as they are."""
    return lambda *given: lambda: both(*given)
