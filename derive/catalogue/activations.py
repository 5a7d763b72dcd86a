"""Activations a = f(z), one row each, written in SymPy's own functions and nothing clever.

In a Piecewise the order and strictness of the conditions only say where each formula holds; slopes
at kinks follow the convention of `derive.derivation.kinks`.
"""

from sympy import LambertW, Piecewise, Rational, S, erf, exp, log, oo, pi, sqrt, symbols, tanh

from derive.model import (
    NONNEGATIVE,
    POSITIVE,
    REALS,
    UNIT_OPEN,
    Activation,
    Interval,
    Known,
    Parameter,
    Z,
)

TORCH = "PyTorch 2.13, float64"

SLOPE = Parameter(
    symbol=symbols("negative_slope", nonnegative=True),
    default=Rational(1, 100),
    domain=Interval(lo=S.Zero, hi=S.One, closed_lo=True),
    latex="s",
)
ALPHA = Parameter(symbol=symbols("alpha", positive=True), default=S.One, domain=POSITIVE, latex=r"\alpha")
BETA = Parameter(symbol=symbols("beta", positive=True), default=S.One, domain=POSITIVE, latex=r"\beta")


def torch(z: float, value: float, call: str, **parameters: float) -> Known:
    """A value that PyTorch gave."""
    return Known(at=(z,), value=value, origin=f"{TORCH}: {call}", parameters=tuple(parameters.items()))


ACTIVATIONS: tuple[Activation, ...] = (
    Activation(
        name="identity", aliases=("linear",), title="identity",
        expr=Z,
        range=REALS,
        known=(torch(-1.5, -1.5, "nn.Identity"),),
        source="Bishop, Pattern Recognition and Machine Learning (2006), section 4.3.6",
    ),
    Activation(
        name="sigmoid", aliases=("expit", "inverse_logit"), title="logistic sigmoid", latex=r"\sigma",
        expr=1 / (1 + exp(-Z)),
        range=UNIT_OPEN, squashes=True,
        known=(torch(-1.5, 0.18242552380635635, "torch.sigmoid"),
               torch(2.5, 0.9241418199787566, "torch.sigmoid")),
        source="Bishop, Pattern Recognition and Machine Learning (2006), eq. 4.59",
    ),
    Activation(
        name="tanh", title="hyperbolic tangent", latex=r"\tanh",
        expr=tanh(Z),
        range=Interval(lo=S.NegativeOne, hi=S.One), squashes=True,
        known=(torch(-1.5, -0.9051482536448664, "torch.tanh"),
               torch(2.5, 0.9866142981514303, "torch.tanh")),
        source="Bishop, Pattern Recognition and Machine Learning (2006), eq. 5.59",
    ),
    Activation(
        name="relu", aliases=("rectifier",), title="rectified linear unit", latex=r"\mathrm{ReLU}",
        expr=Piecewise((Z, Z > 0), (0, True)),
        range=NONNEGATIVE, kinks=(S.Zero,),
        known=(torch(-1.5, 0.0, "F.relu"), torch(2.5, 2.5, "F.relu")),
        source="Nair and Hinton, Rectified linear units improve restricted Boltzmann machines (2010)",
    ),
    Activation(
        name="leaky_relu", title="leaky rectified linear unit", latex=r"\mathrm{LeakyReLU}",
        parameters=(SLOPE,),
        expr=Piecewise((Z, Z > 0), (SLOPE.symbol * Z, True)),
        range=REALS, kinks=(S.Zero,),
        known=(torch(-1.5, -0.015, "F.leaky_relu"), torch(2.5, 2.5, "F.leaky_relu"),
               torch(-1.5, -0.30000000000000004, "F.leaky_relu", negative_slope=0.2)),
        source="Maas, Hannun and Ng, Rectifier nonlinearities improve neural network acoustic models (2013)",
    ),
    Activation(
        name="elu", title="exponential linear unit", latex=r"\mathrm{ELU}", parameters=(ALPHA,),
        expr=Piecewise((Z, Z > 0), (ALPHA.symbol * (exp(Z) - 1), True)),
        range=Interval(lo=-ALPHA.symbol), kinks=(S.Zero,),
        known=(torch(-1.5, -0.7768698398515702, "F.elu"), torch(2.5, 2.5, "F.elu"),
               torch(-1.5, -1.5537396797031404, "F.elu", alpha=2.0)),
        source="Clevert, Unterthiner and Hochreiter 2015, arXiv:1511.07289",
    ),
    Activation(
        name="softplus", title="softplus", latex=r"\mathrm{softplus}",
        expr=log(1 + exp(Z)),
        range=POSITIVE,
        known=(torch(-1.5, 0.2014132779827524, "F.softplus"), torch(2.5, 2.5788897342925496, "F.softplus")),
        source="Dugas et al., Incorporating second-order functional knowledge (NIPS 2000)",
    ),
    Activation(
        name="silu", aliases=("swish",), title="sigmoid-weighted linear unit", latex=r"\mathrm{SiLU}",
        parameters=(BETA,),
        expr=Z / (1 + exp(-BETA.symbol * Z)),
        range=Interval(lo=-LambertW(exp(-1)) / BETA.symbol, closed_lo=True),
        known=(torch(-1.5, -0.2736382857095345, "F.silu"), torch(2.5, 2.3103545499468914, "F.silu"),
               torch(2.5, 2.483267872689288, "x * torch.sigmoid(2 * x)", beta=2.0)),
        source="Ramachandran, Zoph and Le 2017, arXiv:1710.05941",
    ),
    Activation(
        name="gelu", title="Gaussian error linear unit (exact)", latex=r"\mathrm{GELU}",
        expr=Z * (1 + erf(Z / sqrt(2))) / 2,
        range=Interval(lo=-Rational(17, 100)), range_is_enclosure=True,  # the minimum is -0.16997...
        known=(torch(-1.5, -0.10021080190328704, "F.gelu"), torch(2.5, 2.4844758366855597, "F.gelu")),
        source="Hendrycks and Gimpel 2016, arXiv:1606.08415",
    ),
    Activation(
        name="gelu_tanh", aliases=("gelu_approximate",),
        title="Gaussian error linear unit (tanh approximation)",
        latex=r"\mathrm{GELU}_{\tanh}",
        expr=Z * (1 + tanh(sqrt(2 / pi) * (Z + Rational(44715, 10**6) * Z**3))) / 2,
        range=Interval(lo=-Rational(18, 100)), range_is_enclosure=True,  # the minimum is -0.17004...
        known=(torch(-1.5, -0.10042842301976707, "F.gelu, approximate='tanh'"),
               torch(2.5, 2.484915733910001, "F.gelu, approximate='tanh'")),
        source="Hendrycks and Gimpel 2016, arXiv:1606.08415",
    ),
    Activation(
        name="mish", title="mish", latex=r"\mathrm{Mish}",
        expr=Z * tanh(log(1 + exp(Z))),
        range=Interval(lo=-Rational(31, 100)), range_is_enclosure=True,  # the minimum is -0.30884...
        known=(torch(-1.5, -0.29809974216680674, "F.mish"), torch(2.5, 2.471392304557881, "F.mish")),
        source="Misra 2019, arXiv:1908.08681",
    ),
    Activation(
        name="exponential", aliases=("exp", "inverse_log"), title="exponential", latex=r"\exp",
        expr=exp(Z),
        range=POSITIVE,
        known=(torch(-1.5, 0.22313016014842982, "torch.exp"), torch(2.5, 12.182493960703473, "torch.exp")),
        source="McCullagh and Nelder, Generalized Linear Models (1989), chapter 6",
    ),
    Activation(
        name="log_sigmoid", aliases=("logsigmoid",), title="logarithm of the sigmoid", latex=r"\log\sigma",
        expr=-log(1 + exp(-Z)),
        range=Interval(lo=-oo, hi=S.Zero), squashes=True,
        known=(torch(-1.5, -1.7014132779827524, "F.logsigmoid"),
               torch(2.5, -0.07888973429254963, "F.logsigmoid")),
        source="PyTorch documentation, torch.nn.LogSigmoid",
    ),
)
