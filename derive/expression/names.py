"""Which names a user may give: what reaches code and LaTeX is an ordinary word."""

import builtins
import keyword
import re
from collections.abc import Iterable
from typing import Final

from derive.model import BadInput

LONGEST_NAME: Final = 30
WORD: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
SYNONYMS: Final = {"x": "z", "y_pred": "a", "y_true": "y"}  # letters as others write them
# Letters and names of emitted code, that a parameter would hide. p0, p1, … and t, w are its own letters.
TAKEN: Final = frozenset(
    "z a y e pi out inf nan oo E I K np numpy math special sp scipy sympy loss grad hess loss_and_grad"
    " activation value gradient hessian dtype shape axis where name self cls args kwargs warnings"
    " numba jit f32 f64 main test double float int char void const static struct return"
    " auto extern register signed unsigned long short union volatile typedef sizeof switch case default do goto"
    " enum inline restrict".split()
)
CODE: Final = re.compile(r"[ptwsuvcdr]\d*|_.*")


def checked(name: str, noun: str, used: Iterable[str] = ()) -> str:
    """The name, if it may stand for a parameter or a function; BadInput says why it may not."""
    why = _fault(name, frozenset(used))
    if why:
        shown = name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"
        raise BadInput(f"{noun} {shown!r}: {why}. Try: {_better(name)}")
    return name


def _fault(name: str, used: frozenset[str]) -> str:
    """What is wrong with a name, or ''."""
    if len(name) > LONGEST_NAME:
        return f"a name has at most {LONGEST_NAME} letters"
    if not (name.isascii() and WORD.fullmatch(name)):
        return "a name is made of letters, digits and _, and begins with a letter"
    if keyword.iskeyword(name) or keyword.issoftkeyword(name) or hasattr(builtins, name):
        return "it is a word of Python"
    if name in TAKEN or name in SYNONYMS or CODE.fullmatch(name):
        return "it has a meaning of its own in formulas or in emitted code"
    return "it is the name of a function" if name in used else ""


def _better(name: str) -> str:
    kept = "".join(letter for letter in name if letter.isascii() and letter.isalnum())[:20].lstrip("0123456789")
    return f"my_{kept}" if kept else "beta"
