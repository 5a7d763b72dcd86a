"""Smooth activations a = f(z), one row each, written in SymPy's own functions and nothing clever.

Softplus has no sharpness β as PyTorch's has: log(1 + e^(βz))/β is softplus at βz, scaled, and the
canonical pairs it makes (with the Poisson loss) are written without one.
"""

from sympy import Abs, LambertW, Rational, S, atan, erf, exp, log, oo, pi, sin, sqrt, symbols, tanh

from derive.catalogue.origins import SKLEARN, jax, outside, torch
from derive.model import POSITIVE, REALS, UNIT_OPEN, Activation, Interval, Parameter, Z

BISHOP = "Bishop, Pattern Recognition and Machine Learning (2006)"
GELU = "Hendrycks and Gimpel 2016, arXiv:1606.08415"

BETA = Parameter(symbol=symbols("beta", positive=True), default=S.One, domain=POSITIVE, latex=r"\beta")
BEND = Parameter(symbol=symbols("b", positive=True), default=S(4), domain=POSITIVE, latex="b")
OMEGA = Parameter(symbol=symbols("omega", positive=True), default=S(30), domain=POSITIVE, latex=r"\omega")

ACTIVATIONS: tuple[Activation, ...] = (
    Activation(
        name="identity", aliases=("linear",), title="identity",
        expr=Z,
        range=REALS,
        known=(torch(-1.5, -1.5, "nn.Identity"),),
        source=f"{BISHOP}, section 4.3.6",
    ),
    Activation(
        name="sigmoid", aliases=("expit", "inverse_logit"), title="logistic sigmoid", latex=r"\sigma",
        expr=1 / (1 + exp(-Z)),
        range=UNIT_OPEN, squashes=True,
        known=(torch(-1.5, 0.18242552380635635, "torch.sigmoid"),
               torch(2.5, 0.9241418199787566, "torch.sigmoid")),
        source=f"{BISHOP}, eq. 4.59",
    ),
    Activation(
        name="tanh", aliases=("hyperbolic_tangent",), title="hyperbolic tangent", latex=r"\tanh",
        expr=tanh(Z),
        range=Interval(lo=S.NegativeOne, hi=S.One), squashes=True,
        known=(torch(-1.5, -0.9051482536448664, "torch.tanh"),
               torch(2.5, 0.9866142981514303, "torch.tanh")),
        source=f"{BISHOP}, eq. 5.59",
    ),
    Activation(
        name="lecun_tanh", aliases=("scaled_tanh",), title="scaled hyperbolic tangent",
        expr=Rational(17159, 10**4) * tanh(2 * Z / 3),
        range=Interval(lo=-Rational(17159, 10**4), hi=Rational(17159, 10**4)), squashes=True,
        known=(torch(-1.5, -1.306819412204497, "1.7159 * torch.tanh(2 * x / 3)"),
               torch(2.5, 1.5976909775126964, "1.7159 * torch.tanh(2 * x / 3)")),
        source="LeCun, Bottou, Orr and Müller, Efficient BackProp (1998), section 4.4",
    ),
    Activation(
        name="softsign", aliases=("soft_sign",), title="softsign", latex=r"\mathrm{softsign}",
        expr=Z / (1 + Abs(Z)),
        range=Interval(lo=S.NegativeOne, hi=S.One), kinks=(S.Zero,), squashes=True,
        known=(torch(-1.5, -0.6, "F.softsign"), torch(2.5, 0.7142857142857143, "F.softsign")),
        source="PyTorch documentation, torch.nn.Softsign",
    ),
    Activation(
        name="arctan", aliases=("atan",), title="arctangent", latex=r"\arctan",
        expr=atan(Z),
        range=Interval(lo=-pi / 2, hi=pi / 2), squashes=True,
        known=(torch(-1.5, -0.982793723247329, "torch.atan"),),
        source="PyTorch documentation, torch.atan",
    ),
    Activation(
        name="softplus", aliases=("log1pexp",), title="softplus", latex=r"\mathrm{softplus}",
        expr=log(1 + exp(Z)),
        range=POSITIVE,
        known=(torch(-1.5, 0.2014132779827524, "F.softplus"), torch(2.5, 2.5788897342925496, "F.softplus")),
        source="Dugas et al., Incorporating second-order functional knowledge (NIPS 2000)",
    ),
    Activation(
        name="log_sigmoid", aliases=("logsigmoid",), title="logarithm of the sigmoid", latex=r"\log\sigma",
        expr=-log(1 + exp(-Z)),
        range=Interval(lo=-oo, hi=S.Zero), squashes=True,
        known=(torch(-1.5, -1.7014132779827524, "F.logsigmoid"),
               torch(2.5, -0.07888973429254963, "F.logsigmoid")),
        source="PyTorch documentation, torch.nn.LogSigmoid",
    ),
    Activation(
        name="log1mexp", title="logarithm of 1 minus an exponential",
        expr=log(1 - exp(-Z)), domain=POSITIVE,
        range=Interval(hi=S.Zero), squashes=True,
        known=(jax(0.5, -0.9327521295671887, "jax.nn.log1mexp"),
               jax(2.5, -0.08565048374203818, "jax.nn.log1mexp")),
        source="JAX documentation, jax.nn.log1mexp",
    ),
    Activation(
        name="squareplus", title="squareplus", latex=r"\mathrm{squareplus}", parameters=(BEND,),
        expr=(Z + sqrt(Z**2 + BEND.symbol)) / 2,
        range=POSITIVE,
        known=(jax(-1.5, 0.5, "jax.nn.squareplus"), jax(2.5, 2.850781059358212, "jax.nn.squareplus"),
               jax(2.5, 2.596291201783626, "jax.nn.squareplus", b=1.0)),
        source="Barron 2021, arXiv:2112.11687",
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
        name="quick_gelu", aliases=("sigmoid_gelu",),
        title="Gaussian error linear unit (sigmoid approximation)", latex=r"\mathrm{QuickGELU}",
        expr=Z / (1 + exp(-Rational(1702, 1000) * Z)),
        range=Interval(lo=-LambertW(exp(-1)) / Rational(1702, 1000), closed_lo=True),
        known=(torch(-1.5, -0.10833780155292341, "x * torch.sigmoid(1.702 * x)"),
               torch(2.5, 2.46501383495143, "x * torch.sigmoid(1.702 * x)")),
        source=GELU,
    ),
    Activation(
        name="gelu", aliases=("gelu_exact",), title="Gaussian error linear unit (exact)",
        latex=r"\mathrm{GELU}",
        expr=Z * (1 + erf(Z / sqrt(2))) / 2,
        range=Interval(lo=-Rational(17, 100)), range_is_enclosure=True,  # the minimum is -0.16997...
        known=(torch(-1.5, -0.10021080190328704, "F.gelu"), torch(2.5, 2.4844758366855597, "F.gelu")),
        source=GELU,
    ),
    Activation(
        name="gelu_tanh", aliases=("gelu_approximate", "gelu_new", "gelu_pytorch_tanh"),
        title="Gaussian error linear unit (tanh approximation)",
        latex=r"\mathrm{GELU}_{\tanh}",
        expr=Z * (1 + tanh(sqrt(2 / pi) * (Z + Rational(44715, 10**6) * Z**3))) / 2,
        range=Interval(lo=-Rational(18, 100)), range_is_enclosure=True,  # the minimum is -0.17004...
        known=(torch(-1.5, -0.10042842301976707, "F.gelu, approximate='tanh'"),
               torch(2.5, 2.484915733910001, "F.gelu, approximate='tanh'")),
        source=GELU,
    ),
    Activation(
        name="mish", title="mish", latex=r"\mathrm{Mish}",
        expr=Z * tanh(log(1 + exp(Z))),
        range=Interval(lo=-Rational(31, 100)), range_is_enclosure=True,  # the minimum is -0.30884...
        known=(torch(-1.5, -0.29809974216680674, "F.mish"), torch(2.5, 2.471392304557881, "F.mish")),
        source="Misra 2019, arXiv:1908.08681",
    ),
    Activation(
        name="tanh_shrink", aliases=("tanhshrink",), title="hyperbolic tangent shrinkage",
        latex=r"\mathrm{TanhShrink}",
        expr=Z - tanh(Z),
        range=REALS,
        known=(torch(-1.5, -0.5948517463551336, "F.tanhshrink"),
               torch(2.5, 1.5133857018485697, "F.tanhshrink")),
        source="PyTorch documentation, torch.nn.Tanhshrink",
    ),
    Activation(
        name="exponential", aliases=("exp", "inverse_log"), title="exponential", latex=r"\exp",
        expr=exp(Z),
        range=POSITIVE, squashes=True,
        known=(torch(-1.5, 0.22313016014842982, "torch.exp"), torch(2.5, 12.182493960703473, "torch.exp")),
        source="McCullagh and Nelder, Generalized Linear Models (1989), chapter 6",
    ),
    Activation(
        name="sin", aliases=("sine", "siren"), title="sine", latex=r"\sin", parameters=(OMEGA,),
        expr=sin(OMEGA.symbol * Z),
        range=Interval(lo=S.NegativeOne, hi=S.One, closed_lo=True, closed_hi=True),
        known=(torch(-1.5, -0.8509035245341184, "torch.sin(30 * x)"),
               torch(2.5, -0.9589242746631385, "torch.sin(2 * x)", omega=2.0)),
        source="Sitzmann et al. 2020, arXiv:2006.09661",
    ),
    Activation(
        name="gaussian", aliases=("rbf",), title="Gaussian bump",
        expr=exp(-(Z**2)),
        range=Interval(lo=S.Zero, hi=S.One, closed_hi=True),
        known=(outside(-1.5, 0.10539922456186433, f"{SKLEARN}: rbf_kernel([[x]], [[0]], gamma=1)"),
               outside(2.5, 0.0019304541362277093, f"{SKLEARN}: rbf_kernel([[x]], [[0]], gamma=1)")),
        source="scikit-learn documentation, sklearn.metrics.pairwise.rbf_kernel",
    ),
)  # fmt: skip
