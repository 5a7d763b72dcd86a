"""What the rows of elementwise losses share: parameters, targets, and where values were read."""

from sympy import Abs, Integer, Rational, S, symbols

from derive.model import POSITIVE, UNIT_OPEN, A, Finite, Interval, Known, Parameter, Y

TORCH, OPTAX = "PyTorch 2.13, float64", "optax 0.2.8, float64"
SCIPY, STATS = "SciPy 1.17.1", "SciPy 1.17.1, scipy.stats"
SKLEARN, METRICS = "scikit-learn 1.9.1", "scikit-learn 1.9.1, sklearn.metrics"
SGD, GRADIENT = "scikit-learn 1.9.1, linear_model._sgd_fast", "scikit-learn 1.9.1, sklearn._loss"
CATBOOST, FAMILY = "CatBoost 1.2.10", "statsmodels 0.15.0, genmod.families"
ROBUST = "statsmodels 0.15.0, robust.norms"

GLM = "McCullagh and Nelder, Generalized Linear Models (1989)"
ELEMENTS = "Hastie, Tibshirani and Friedman, The Elements of Statistical Learning (2009)"
PATTERNS = "Bishop, Pattern Recognition and Machine Learning (2006)"

LABELS, BITS = Finite(values=(-1, 1)), Finite(values=(0, 1))
THREE = (-1, 0, 1)  # the targets at which a regression loss is measured as with hard labels

RESIDUAL = A - Y
DISTANCE = Abs(RESIDUAL)
MARGIN = Y * A

# Symbols are the keywords of the code.
DELTA = Parameter(symbol=symbols("delta", positive=True), default=S.One, domain=POSITIVE, latex=r"\delta")
BETA = Parameter(symbol=symbols("beta", positive=True), default=S.One, domain=POSITIVE, latex=r"\beta")
SCALE = Parameter(symbol=symbols("scale", positive=True), default=S.One, domain=POSITIVE, latex="s")
SIGMA = Parameter(symbol=symbols("sigma", positive=True), default=S.One, domain=POSITIVE, latex=r"\sigma")
FREEDOM = Parameter(symbol=symbols("nu", positive=True), default=Integer(4), domain=POSITIVE, latex=r"\nu")
LEVEL = Parameter(symbol=symbols("q", positive=True), default=Rational(1, 2), domain=UNIT_OPEN, latex="q")
# At 1 it would be the absolute error; below 2 the second derivative is infinite at a = y.
EXPONENT = Parameter(
    symbol=symbols("q", positive=True), default=Rational(5, 2), domain=Interval(lo=S.One), latex="q"
)
# At 0 they would be the absolute and the squared error.
TUBE = Parameter(
    symbol=symbols("epsilon", positive=True), default=Rational(1, 10), domain=POSITIVE, latex=r"\varepsilon"
)
FAIR, CAUCHY, TUKEY = (
    Parameter(symbol=symbols("c", positive=True), default=Rational(default), domain=POSITIVE, latex="c")
    for default in ("1", "2.385", "4.685")  # the last two are 95 % efficient under normal errors
)
DISPERSION = Parameter(
    symbol=symbols("alpha", positive=True), default=S.One, domain=POSITIVE, latex=r"\alpha"
)
# At 1 and at 2 the formula has removable singularities: there it is the Poisson and the Gamma loss.
POWER = Parameter(
    symbol=symbols("power", positive=True), default=Rational(3, 2), latex="p",
    domain=Interval(lo=S.One, hi=Integer(2)),
)  # fmt: skip
FOCUS = Parameter(
    symbol=symbols("gamma", positive=True), default=Integer(2), domain=POSITIVE, latex=r"\gamma"
)
WEIGHT = Parameter(symbol=symbols("pos_weight", positive=True), default=S.One, domain=POSITIVE, latex="w")
RHO = Parameter(symbol=symbols("margin", positive=True), default=S.One, domain=POSITIVE, latex=r"\rho")


def outside(a: float, y: float, value: float, call: str, **parameters: float) -> Known:
    """A value of the loss at (a, y) that another library gave."""
    return Known(at=(a, y), value=value, origin=call, parameters=tuple(parameters.items()))
