"""What the rows over vectors share: where values were read, parameters, sums, selections and names."""

from sympy import Expr, IndexedBase, Integer, Rational, S, Sum, Symbol, sqrt, symbols

from derive.model import (
    CS,
    HV,
    POSITIVE,
    QS,
    REALS,
    SS,
    UNIT_OPEN,
    Interval,
    K,
    Known,
    N,
    Name,
    Parameter,
    Selection,
)

TORCH, ENTMAX = "PyTorch 2.13, float64", "entmax 1.3, float64"
OPTAX, KERAS = "optax 0.2.8, float64", "Keras 3.15.1, float64"
SCIPY, SKLEARN = "SciPy 1.17.1", "scikit-learn 1.9.1"
SENTENCE = "sentence-transformers 6.2.0, float64"

TEMPERATURE = Parameter(
    symbol=symbols("T", positive=True), default=Integer(1), domain=POSITIVE, latex="T", label="temperature"
)
BETA = Parameter(symbol=symbols("beta", positive=True), default=S.One, domain=POSITIVE, latex=r"\beta")
WEIGHT = Parameter(symbol=CS, default=S.One, domain=POSITIVE, latex="c_{k}", label="class_weight")
SMOOTHING = Parameter(
    symbol=symbols("epsilon", nonnegative=True), default=S.Zero, latex=r"\varepsilon",
    domain=Interval(lo=S.Zero, hi=S.One, closed_lo=True), label="label_smoothing",
)  # fmt: skip
GAMMA = Parameter(
    symbol=symbols("gamma", positive=True), default=Integer(2), domain=POSITIVE, latex=r"\gamma"
)
MARGIN = Parameter(
    symbol=symbols("rho", positive=True), default=S.One, domain=POSITIVE, latex=r"\rho", label="margin"
)
SLACK = Parameter(
    symbol=symbols("rho", real=True), default=S.Zero, domain=REALS, latex=r"\rho", label="margin"
)
COSINE_MARGIN = Parameter(
    symbol=symbols("rho", real=True), default=S.Zero, latex=r"\rho", label="margin",
    domain=Interval(lo=S.NegativeOne, hi=S.One),
)  # fmt: skip
LEVELS = Parameter(symbol=QS, default=Rational(1, 2), domain=UNIT_OPEN, latex="q_{k}", label="levels")
CONTRAST = Parameter(
    symbol=symbols("T_c", positive=True),
    default=Rational(7, 100),
    domain=POSITIVE,
    latex="T_{c}",
    label="similarity_temperature",
)

SUPPORT_TIES = "a component that equals the threshold does not belong to the support"
SUPPORT = "the support: the components that stay positive"


def outside(at: tuple[float, ...], value: float, call: str, **parameters: float) -> Known:
    """A value that another library gave: the last output, or the loss, at the inputs and targets."""
    return Known(at=at, value=value, origin=call, parameters=tuple(parameters.items()))


def total(body: Expr, index: Symbol = N) -> Expr:
    """The sum over all components."""
    return Sum(body, (index, 1, K))


def support(of: Expr, power: int, symbol: IndexedBase = SS) -> Selection:
    """The support of a projection on the simplex."""
    return Selection(symbol=symbol, rule="support", of=of, power=power, says=SUPPORT, ties=SUPPORT_TIES)


def threshold(symbol: Symbol, scores: IndexedBase, chosen: IndexedBase, says: str, latex: str) -> Name:
    """The τ of sparsemax: the scores above it, whose indicator is `chosen`, less τ sum to 1."""
    return Name(
        symbol=symbol,
        latex=latex,
        says=says,
        meaning=(total(chosen[N] * scores[N]) - 1) / total(chosen[N]),
        relation=total(chosen[N] * (scores[N] - symbol)) - 1,
    )


def positive(
    of: Expr, symbol: IndexedBase | Symbol = HV, says: str = "1 where the margin is violated, else 0"
) -> Selection:
    """The indicator of a positive term."""
    ties = "a term that is 0 counts as not positive"
    return Selection(symbol=symbol, rule="positive", of=of, says=says, ties=ties)


def length(symbol: Symbol, of: Expr, says: str) -> Name:
    """The length of a vector whose component k is `of`."""
    return Name(symbol=symbol, meaning=sqrt(total(of**2)), relation=symbol**2 - total(of**2), says=says)
