"""What SymPy cannot do for a user's function, said in a sentence."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Final

import sympy as sp

from derive.model import Subject, Unproved

# SymPy simplifies conditions by solving them, and raises any of these where it cannot.
_GIVEN_UP: Final = (
    NotImplementedError,
    ValueError,
    TypeError,
    ZeroDivisionError,
    RecursionError,
    sp.PolynomialError,
)
_ALGEBRA: Final = ("sympy", "mpmath")
_SHOWN: Final = 120  # characters of what is said


@contextmanager
def settled(subject: Subject) -> Iterator[None]:
    """Unproved for what SymPy itself raises over a function of a user; errors of ours stay errors."""
    try:
        yield
    except _GIVEN_UP as error:
        if not subject.own or not _of_algebra(error.__traceback__):
            raise
        said = " ".join(f"{type(error).__name__}: {error}".split())[:_SHOWN]
        raise Unproved(f"{subject.name}: SymPy does not get through a part of it ({said})") from error


def _of_algebra(last: TracebackType | None) -> bool:
    """Whether an error was raised in SymPy or in what it computes with."""
    while last and last.tb_next:
        last = last.tb_next
    return last is not None and any(name in Path(last.tb_frame.f_code.co_filename).parts for name in _ALGEBRA)
