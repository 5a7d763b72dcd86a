"""Our own code as one more row, so that all are measured in the same way."""

from collections.abc import Mapping
from typing import Any

from derive.rivals.rival import Rivalry, plain_bind, quiet

OURS = "derive"


def rivalry(module: Mapping[str, Any]) -> Rivalry:
    """The functions of an emitted module."""
    both = quiet(module["loss_and_grad"])
    return Rivalry(
        name=OURS,
        says="the emitted code",
        loss=quiet(module["loss"]),
        gradient=quiet(module["grad"]),
        hessian=quiet(module["hess"]),
        loss_and_grad=both,
        bind=plain_bind(both),
    )
