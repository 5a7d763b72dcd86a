"""How large what is read may be: every limit has a name here."""

from typing import Final

LONGEST: Final = 500  # characters
DEEPEST: Final = 25  # parts inside one another; a sum or product of many is not deep
MOST: Final = 150  # names, numbers, operations and calls
DIGITS: Final = 30  # of a number as it is written, and of its exponent of ten
BITS: Final = 400  # of a number that comes out of arithmetic
POWER: Final = 64  # the degree of an expression as a polynomial in its letters
LARGE: Final = 10**4  # of a number beside the logarithm of one: e to their product is a power
TOWERS: Final = 3  # exponentials inside one another: the fourth leaves every number format
LARGEST: Final = 3000  # symbols, numbers and operations of the expression, functions written out
CASES: Final = 16  # conditions, maxima, minima, absolute values and signs
ARGUMENTS: Final = 6  # of one max, min or logaddexp
SHOWN: Final = 60  # characters of a text that a message repeats
FARTHEST: Final = 500  # of a number in an exponent that a function writes out
SMALL: Final = 60  # parts of a condition that is multiplied out
