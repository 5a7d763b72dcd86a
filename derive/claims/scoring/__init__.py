"""What the claims about scores share: predictions and their ends, signs, sums of like terms, witnesses."""

from derive.claims.scoring.ends import End, end_value, ends_of, limit_at
from derive.claims.scoring.signs import decided
from derive.claims.scoring.terms import Terms, choices, terms_of, two_classes
from derive.claims.scoring.view import WITHIN, View, drawable, view
from derive.claims.scoring.witness import below, certainly_negative, inner_points, near

__all__ = [
    "WITHIN",
    "End",
    "Terms",
    "View",
    "below",
    "certainly_negative",
    "choices",
    "decided",
    "drawable",
    "end_value",
    "ends_of",
    "inner_points",
    "limit_at",
    "near",
    "terms_of",
    "two_classes",
    "view",
]
