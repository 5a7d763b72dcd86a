"""The stable blocks as NumPy code; an emitted file holds a copy of those it needs.

Arrays are float64; callers silence floating-point flags. Errors are a few ulp over
all floats (tests/test_blocks.py measures them). A family is a file.
"""

from derive.emit.blocks import (
    algebraic,
    cauchy,
    extreme,
    logistic,
    normal,
    order,
    positive,
    robust,
    rounded,
    weighted,
)

# In the order in which their blocks stand in an emitted file.
ROOMS = (
    logistic,
    normal,
    extreme,
    cauchy,
    algebraic,
    positive,
    robust,
    weighted,
    rounded,
    order,
)
