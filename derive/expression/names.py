"""Which names a user may give: what reaches code and LaTeX is an ordinary word."""

import builtins
import keyword
import re
from collections.abc import Iterable
from typing import Final

from derive.expression.functions import known
from derive.model import BadInput

LONGEST_NAME: Final = 30
WORD: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
SYNONYMS: Final = {"x": "z", "y_pred": "a", "y_true": "y"}  # letters as others write them
# Letters of formulas, and words that emitted code uses: a parameter of that name would hide them.
TAKEN: Final = frozenset(
    [
        "z",
        "a",
        "y",
        "e",
        "pi",
        "out",
        "inf",
        "nan",
        "oo",
        "np",
        "numpy",
        "math",
        "special",
        "sp",
        "scipy",
        "sympy",
        "numba",
        "loss",
        "grad",
        "hess",
        "loss_and_grad",
        "activation",
        "value",
        "slope",
        "work",
        "block",
        "function",
        "parameters",
        "dtype",
        "main",
        "kernel",
        "out_loss",
        "out_grad",
        "auto",
        "case",
        "char",
        "const",
        "default",
        "do",
        "double",
        "enum",
        "extern",
        "float",
        "goto",
        "inline",
        "int",
        "long",
        "register",
        "restrict",
        "short",
        "signed",
        "sizeof",
        "static",
        "struct",
        "switch",
        "typedef",
        "union",
        "unsigned",
        "void",
        "volatile",
    ]
)
CODE: Final = re.compile(r"[a-z]\d+|.*__.*|.*_")  # t1, m2, … of emitted code


def checked(name: str, noun: str, used: Iterable[str] = ()) -> str:
    """The name, if it may stand for a parameter or a function; BadInput says why it may not.

    Where the noun is not "parameter" short words of emitted code are free.
    """
    why = _fault(name, frozenset(used))
    if noun == "parameter" and not why and CODE.fullmatch(name):
        why = "it has a meaning of its own in emitted code"
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
    if name in TAKEN or name in SYNONYMS:
        return "it has a meaning of its own in formulas or in emitted code"
    return "it is the name of a function" if name in used or known(name) else ""


def _better(name: str) -> str:
    kept = "".join(letter for letter in name if letter.isascii() and letter.isalnum())[:20].lstrip(
        "0123456789"
    )
    return f"my_{kept}" if kept else "beta"
