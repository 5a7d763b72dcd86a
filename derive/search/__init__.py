"""Which form of each quantity is best: candidates proved, measured and priced; the choice is committed.

The price is a fixed table's (derive/kernel) and the points are seeded, so a search finds the same wherever
NumPy's functions round alike. Loss and gradient are chosen together, since fused code shares their steps.
"""

from derive.search.choice import Found, Scored, search
from derive.search.rows import merged, rows

__all__ = ["Found", "Scored", "merged", "rows", "search"]
