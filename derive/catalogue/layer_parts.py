"""What the rows of layers share: arrays, sums, parameters, examples."""

from sympy import Expr, IndexedBase, Rational, S, Sum, Symbol, symbols

from derive.model import NONNEGATIVE, POSITIVE, Example, Interval, Parameter
from derive.rules.indexed import SIZES

TORCH = "PyTorch 2.13, float64"

EPSILON = Parameter(
    symbol=symbols("epsilon", positive=True),
    default=Rational(1, 10**5),
    domain=POSITIVE,
    latex=r"\varepsilon",
)
LAMBDA = Parameter(
    symbol=symbols("lambda", nonnegative=True), default=Rational(1, 100), domain=NONNEGATIVE,
    latex=r"\lambda", label="decay",
)  # fmt: skip
RATE = Parameter(
    symbol=symbols("rho", nonnegative=True), default=Rational(1, 2), latex=r"\rho", label="rate",
    domain=Interval(lo=S.Zero, hi=S.One, closed_lo=True),
)  # fmt: skip


def array(name: str, *sizes: Symbol, **sign: bool) -> IndexedBase:
    """A letter for an array with axes of these sizes; `sign` is what SymPy may assume, real by default."""
    return IndexedBase(Symbol(name, **(sign or {"real": True})), shape=sizes)


def scalar(name: str) -> Symbol:
    """A letter for a number."""
    return Symbol(name, real=True)


def over(body: Expr, index: Symbol) -> Sum:
    """The sum over all values of an index."""
    return Sum(body, (index, 1, SIZES[index]))


def mean(body: Expr, index: Symbol) -> Expr:
    """The mean over all values of an index."""
    return over(body, index) / SIZES[index]


def example(sizes: dict[Symbol, int], call: str, value: float = 0.0) -> Example:
    """The last entry of the output in another library."""
    return Example(sizes=tuple(sizes.items()), value=value, origin=call)
