"""Functions of a user's own: an expression, or a file of them, becomes entries like those of the catalogue.

Domain, range, kinks and what else is not given is inferred, and said in `inferred`.
"""

from collections.abc import Mapping
from typing import Literal

from derive.expression import SYNONYMS
from derive.model import BadInput
from derive.own.activations import Given, Number, activation, letters_of
from derive.own.functions import NONE, Functions
from derive.own.losses import loss

__all__ = ["NONE", "Functions", "Given", "Number", "activation", "kind_of", "load", "loss"]

_NOTHING: Mapping[str, Number] = {}


def kind_of(
    given: Given, parameters: Mapping[str, Number] = _NOTHING, functions: Functions = NONE
) -> Literal["activation", "loss"]:
    """What an expression is, by its letters: an activation in z, a loss in a and y; BadInput otherwise."""
    names = [n for n in letters_of(given) if n not in parameters]
    text = str(given)[:60]
    of_z, of_a = "z" in names, "a" in names or "y" in names
    if of_z and of_a:
        raise BadInput(
            f"expression {text!r}: z is of activations, a and y are of losses. Try: only one kind of them"
        )
    if not (of_z or of_a):
        letters = ", ".join(f"{other} for {letter}" for other, letter in SYNONYMS.items())
        raise BadInput(
            f"expression {text!r}: it holds none of z, a and y. Try: z/(1 + exp(-z)) (also {letters})"
        )
    return "activation" if of_z else "loss"


def load(file: str) -> Functions:
    """The functions that a TOML file defines; BadInput says what is wrong with it."""
    from derive.own.definitions import load as read

    return read(file)
