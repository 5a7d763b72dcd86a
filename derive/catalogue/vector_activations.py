"""Vector activations a_j = f_j(z), one row each, in index notation; components count from 1.

What is locally constant (a support) is a selection; what has a letter of its own (a norm) is a name.
"""

from sympy import Integer, S, Sum, Symbol, erf, exp, log, sqrt, symbols

from derive.model import (
    POSITIVE,
    REALS,
    SS,
    US,
    VECTOR,
    VS,
    ZS,
    Activation,
    Input,
    J,
    K,
    Known,
    LogSimplex,
    N,
    Name,
    Nonzero,
    Parameter,
    Selection,
    Simplex,
    Sphere,
)

TORCH = "PyTorch 2.13, float64"

TEMPERATURE = Parameter(
    symbol=symbols("T", positive=True), default=Integer(1), domain=POSITIVE, latex="T", label="temperature"
)
BETA = Parameter(symbol=symbols("beta", positive=True), default=S.One, domain=POSITIVE, latex=r"\beta")
T = TEMPERATURE.symbol
TAU, NORM = Symbol("tau", real=True), Symbol("n", positive=True)

SUPPORT_TIES = "a component that equals the threshold does not belong to the support"
SUPPORT = "the support: the components that stay positive"
THRESHOLD = "the threshold at which the outputs sum to 1"
GATED = (Input(base=US, says="the values"), Input(base=VS, says="the gates"))


def total(body):
    """The sum over all components k."""
    return Sum(body, (N, 1, K))


def support(of, power: int) -> Selection:
    """The support of a projection on the simplex."""
    return Selection(symbol=SS, rule="support", of=of, power=power, says=SUPPORT, ties=SUPPORT_TIES)


VECTOR_ACTIVATIONS: tuple[Activation, ...] = (
    Activation(
        name="softmax", title="softmax", latex=r"\mathrm{softmax}", kind=VECTOR,
        expr=exp(ZS[J]) / total(exp(ZS[N])),
        range=Simplex(closed=False), squashes=True,
        known=(Known(at=(1.0, 2.0, 4.0), value=0.8437947344813395, origin=f"{TORCH}: torch.softmax[2]"),),
        source="Bishop, Pattern Recognition and Machine Learning (2006), eq. 4.62",
    ),
    Activation(
        name="softmax_temperature", aliases=("softmax_t",), title="softmax with temperature", kind=VECTOR,
        parameters=(TEMPERATURE,),
        expr=exp(ZS[J] / T) / total(exp(ZS[N] / T)),
        range=Simplex(closed=False), squashes=True,
        known=(),
        source="Hinton, Vinyals and Dean 2015, arXiv:1503.02531",
    ),
    Activation(
        name="softmin", title="softmin", latex=r"\mathrm{softmin}", kind=VECTOR,
        expr=exp(-ZS[J]) / total(exp(-ZS[N])),
        range=Simplex(closed=False), squashes=True,
        known=(),
        source="PyTorch documentation, torch.nn.Softmin",
    ),
    Activation(
        name="log_softmax", title="logarithm of the softmax", latex=r"\log\mathrm{softmax}", kind=VECTOR,
        expr=ZS[J] - log(total(exp(ZS[N]))),
        range=LogSimplex(), squashes=True,
        known=(),
        source="PyTorch documentation, torch.nn.LogSoftmax",
    ),
    Activation(
        name="sparsemax", title="sparsemax", latex=r"\mathrm{sparsemax}", kind=VECTOR,
        selections=(support(ZS[J], 1),),
        names=(Name(symbol=TAU, latex=r"\tau", says=THRESHOLD,
                    meaning=(total(SS[N] * ZS[N]) - 1) / total(SS[N]),
                    relation=total(SS[N] * (ZS[N] - TAU)) - 1),),
        expr=SS[J] * (ZS[J] - TAU),
        range=Simplex(), squashes=True,
        known=(),
        source="Martins and Astudillo 2016, arXiv:1602.02068",
    ),
    Activation(
        name="entmax15", aliases=("entmax",), title="1.5-entmax", latex=r"\mathrm{entmax}", kind=VECTOR,
        selections=(support(ZS[J] / 2, 2),),
        names=(Name(symbol=TAU, latex=r"\tau", says=THRESHOLD,
                    meaning=(total(SS[N] * ZS[N] / 2)
                             - sqrt(total(SS[N] * ZS[N] / 2) ** 2
                                    - total(SS[N]) * (total(SS[N] * ZS[N] ** 2 / 4) - 1))) / total(SS[N]),
                    relation=total(SS[N] * (ZS[N] / 2 - TAU) ** 2) - 1),),
        expr=SS[J] * (ZS[J] / 2 - TAU) ** 2,
        range=Simplex(), squashes=True,
        known=(),
        source="Peters, Niculae and Martins 2019, arXiv:1905.05702",
    ),
    Activation(
        name="l2_normalize", aliases=("unit_normalization",), title="L2 normalisation", kind=VECTOR,
        names=(Name(symbol=NORM, latex=r"n", says="the length of z",
                    meaning=sqrt(total(ZS[N] ** 2)), relation=NORM**2 - total(ZS[N] ** 2)),),
        expr=ZS[J] / NORM,
        range=Sphere(), domain=Nonzero(),
        known=(),
        source="PyTorch documentation, torch.nn.functional.normalize (without its eps)",
    ),
    Activation(
        name="spherical_softmax", title="spherical softmax", kind=VECTOR,
        expr=ZS[J] ** 2 / total(ZS[N] ** 2),
        range=Simplex(), domain=Nonzero(), squashes=True,
        known=(),
        source="de Brebisson and Vincent 2015, arXiv:1511.05042",
    ),
    Activation(
        name="glu", title="gated linear unit", latex=r"\mathrm{GLU}", kind=VECTOR, inputs=GATED,
        expr=US[J] / (1 + exp(-VS[J])),
        range=REALS,
        known=(),
        source="Dauphin, Fan, Auli and Grangier 2016, arXiv:1612.08083",
    ),
    Activation(
        name="bilinear_glu", aliases=("bilinear",), title="bilinear gated unit", kind=VECTOR, inputs=GATED,
        expr=US[J] * VS[J],
        range=REALS,
        known=(),
        source="Shazeer 2020, arXiv:2002.05202",
    ),
    Activation(
        name="reglu", title="gated unit with a ReLU gate", latex=r"\mathrm{ReGLU}", kind=VECTOR, inputs=GATED,
        selections=(Selection(symbol=SS, rule="positive", of=VS[J], says="1 where the gate is open, else 0",
                              ties="at v_j = 0 the gate is closed"),),
        expr=SS[J] * US[J] * VS[J],
        range=REALS,
        known=(),
        source="Shazeer 2020, arXiv:2002.05202",
    ),
    Activation(
        name="geglu", title="gated unit with a GELU gate", latex=r"\mathrm{GEGLU}", kind=VECTOR, inputs=GATED,
        expr=US[J] * VS[J] * (1 + erf(VS[J] / sqrt(2))) / 2,
        range=REALS,
        known=(),
        source="Shazeer 2020, arXiv:2002.05202",
    ),
    Activation(
        name="swiglu", title="gated unit with a SiLU gate", latex=r"\mathrm{SwiGLU}", kind=VECTOR,
        inputs=GATED, parameters=(BETA,),
        expr=US[J] * VS[J] / (1 + exp(-BETA.symbol * VS[J])),
        range=REALS,
        known=(),
        source="Shazeer 2020, arXiv:2002.05202",
    ),
)  # fmt: skip
