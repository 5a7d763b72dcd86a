"""What a user writes becomes an expression: text through Python's grammar, SymPy through a list of its nodes.

Nothing is evaluated. What a quotient, a root, a logarithm or a power needs of its argument is kept beside.
"""

from derive.expression.build import sign_of
from derive.expression.conditions import read_interval, read_places
from derive.expression.functions import CONSTANTS, MANY, ONE, OTHER_NAMES, Named, Need, Place
from derive.expression.limits import LONGEST
from derive.expression.names import SYNONYMS, checked
from derive.expression.reader import Read, calls_in, names_in, read
from derive.expression.translated import symbols_in, translated

__all__ = [
    "CONSTANTS",
    "LONGEST",
    "MANY",
    "ONE",
    "OTHER_NAMES",
    "SYNONYMS",
    "Named",
    "Need",
    "Place",
    "Read",
    "calls_in",
    "checked",
    "names_in",
    "read",
    "read_interval",
    "read_places",
    "sign_of",
    "symbols_in",
    "translated",
]
