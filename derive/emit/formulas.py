"""The formulas of an elementwise subject as NumPy functions, with the stable blocks that they use.

Every target starts from this text: what follows from it is read off its trace (derive.kernel).
"""

import inspect
import re
from types import ModuleType

from derive.emit.blocks import ROOMS
from derive.emit.docstrings import argument
from derive.emit.layout import statements
from derive.emit.thresholds import met
from derive.model import A, Activation, Body, Loss, Program, Subject, Z


def names(subject: Subject) -> tuple[str, str, str]:
    """The names of the public functions of value, gradient and second derivative."""
    return ("value" if isinstance(subject, Activation) else "loss", "grad", "hess")


def arguments(subject: Subject) -> str:
    """The array arguments of those functions."""
    return "z" if isinstance(subject, Activation) else f"{argument(subject)}, y"


def formulas(subject: Subject, program: Program) -> list[str]:
    """The text of `_loss`, `_grad` and `_hess` (`_value` of an activation), and of the blocks they use."""
    constants = frozenset(p.symbol for p in subject.parameters)
    parameters = "".join(f", {p.name}" for p in subject.parameters)
    found = []
    for name, body in zip(names(subject), program.bodies, strict=True):
        lines = statements(_in_a(body) if isinstance(subject, Loss) else met(body), constants)
        found.append("\n".join([f"def _{name}({arguments(subject)}{parameters}):", *lines]))
    return [*found, *used_blocks("\n".join(found))]


def _in_a(body: Body) -> Body:
    """The body with z called a, as in a loss alone."""
    named = tuple((name, meaning.xreplace({Z: A})) for name, meaning in body.names)
    return Body(names=named, value=body.value.xreplace({Z: A}))


def used_blocks(source: str, rooms: tuple[ModuleType, ...] = ROOMS) -> list[str]:
    """The source of every block that a text calls, directly or through another, in the order of the rooms."""
    found_in = {name: f for room in rooms for name, f in vars(room).items() if _own(f, room)}
    available = {name: inspect.getsource(f) for name, f in found_in.items()}
    needed: set[str] = set()
    found = {source}
    while found:
        calls = {name for part in found for name in re.findall(r"\b_\w+\b", part) if name in available}
        found = {available[name] for name in calls - needed}
        needed |= calls
    return [available[name] for name in available if name in needed]


def _own(value: object, room: ModuleType) -> bool:
    """Whether a value is a function that a room defines itself."""
    return inspect.isfunction(value) and value.__module__ == room.__name__
