"""Second derivatives, and products of matrices with a direction t: the matrix itself is never formed."""

from sympy import Dummy, Expr, Mul

from derive.derivation.vector.forms import named_anew
from derive.derivation.vector.steps import About, step
from derive.model import TS, J, N, Step
from derive.rules.indexed import over, readable, substitute

LONG = 120  # operations; a longer line helps nobody


def along(matrix: Expr, row: Expr, column: Expr) -> Expr:
    """Σ_k (matrix in row j and column k) t_k, unevaluated."""
    slot = Dummy(integer=True)
    entry = substitute(substitute(substitute(matrix, column, slot), row, J), slot, N)
    return over(Mul(readable(entry, frozenset({N})), TS[N], evaluate=False))


def again(about: About, gradient: Expr, raw: Expr, done: Expr, shown: str, says: str) -> list[Step]:
    """The steps of a second derivative, but for its end: what is differentiated, and with slopes put in."""
    steps = [step(about, "differentiate again", says, named_anew(raw), shown=shown)]
    if named_anew(raw) != done and raw.count_ops() < LONG:
        steps.append(step(about, "insert", "the slopes from above", named_anew(raw)))
    return steps
