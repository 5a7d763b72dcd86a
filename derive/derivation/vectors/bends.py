"""Second derivatives, and products of matrices with a direction t: the matrix itself is never formed."""

from collections.abc import Callable, Sequence

from sympy import Dummy, Expr, IndexedBase, Mul

from derive.derivation.vectors.forms import named_anew
from derive.derivation.vectors.steps import About, step
from derive.model import I_, TS, J, N, Step
from derive.rules.indexed import over, readable, substitute

LONG = 120  # operations; a longer line helps nobody
TRANSPOSED = "the other mixed second derivatives are the transposes of these"

Blocks = tuple[IndexedBase, IndexedBase]


def mirrored(
    inputs: Sequence[IndexedBase], bend: Callable[[IndexedBase, IndexedBase], Expr]
) -> dict[Blocks, Expr]:
    """The second derivatives by every two blocks: of two that are transposes one is derived."""
    found: dict[Blocks, Expr] = {}
    for one in inputs:
        for two in inputs:
            other = found.get((two, one))
            found[one, two] = bend(one, two) if other is None else transposed(other)
    return found


def transposed(matrix: Expr) -> Expr:
    """The expression with i and j exchanged."""
    slot = Dummy(integer=True)
    return substitute(substitute(substitute(matrix, I_, slot), J, I_), slot, J)


def above(bends: dict[Blocks, Expr]) -> list[Blocks]:
    """Of two blocks that are transposes the first: those that are shown."""
    places = list(bends)
    return [(one, two) for n, (one, two) in enumerate(places) if (two, one) not in places[:n]]


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
