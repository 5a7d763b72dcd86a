"""Vector activations a_j = f_j(z), one row each, in index notation; components count from 1.

What is locally constant (a support) is a selection; what has a letter of its own (a norm) is a name.
"""

from sympy import Symbol, erf, exp, log, sqrt

from derive.catalogue.vector_parts import (
    BETA,
    ENTMAX,
    TEMPERATURE,
    TORCH,
    length,
    outside,
    support,
    threshold,
    total,
)
from derive.model import (
    REALS,
    SS,
    US,
    VECTOR,
    VS,
    ZS,
    Activation,
    Input,
    J,
    LogSimplex,
    N,
    Name,
    Nonzero,
    Selection,
    Simplex,
    Sphere,
)

T = TEMPERATURE.symbol
TAU, NORM = Symbol("tau", real=True), Symbol("n", positive=True)
THRESHOLD = "the threshold at which the outputs sum to 1"
GATED = (Input(base=US, says="the values"), Input(base=VS, says="the gates"))

VECTOR_ACTIVATIONS: tuple[Activation, ...] = (
    Activation(
        name="softmax", title="softmax", latex=r"\mathrm{softmax}", kind=VECTOR,
        expr=exp(ZS[J]) / total(exp(ZS[N])),
        range=Simplex(closed=False), squashes=True,
        known=(outside((-0.5, 1.25, 2.0), 0.6433137135229029, f"{TORCH}: torch.softmax(z)"),),
        source="Bishop, Pattern Recognition and Machine Learning (2006), eq. 4.62",
    ),
    Activation(
        name="softmax_temperature", aliases=("softmax_t",), title="softmax with temperature", kind=VECTOR,
        parameters=(TEMPERATURE,),
        expr=exp(ZS[J] / T) / total(exp(ZS[N] / T)),
        range=Simplex(closed=False), squashes=True,
        known=(outside((-0.5, 1.25, 2.0), 0.6433137135229029, f"{TORCH}: torch.softmax(z)"),
               outside((-0.5, 1.25, 2.0), 0.47422635216524245,
                       f"{TORCH}: torch.softmax(z / 2.5)", temperature=2.5)),
        source="Hinton, Vinyals and Dean 2015, arXiv:1503.02531",
    ),
    Activation(
        name="softmin", title="softmin", latex=r"\mathrm{softmin}", kind=VECTOR,
        expr=exp(-ZS[J]) / total(exp(-ZS[N])),
        range=Simplex(closed=False), squashes=True,
        known=(outside((-0.5, 1.25, 2.0), 0.06536163885437347, f"{TORCH}: F.softmin(z)"),),
        source="PyTorch documentation, torch.nn.Softmin",
    ),
    Activation(
        name="log_softmax", title="logarithm of the softmax", latex=r"\log\mathrm{softmax}", kind=VECTOR,
        expr=ZS[J] - log(total(exp(ZS[N]))),
        range=LogSimplex(), squashes=True,
        known=(outside((-0.5, 1.25, 2.0), -0.4411227833310206, f"{TORCH}: F.log_softmax(z)"),),
        source="PyTorch documentation, torch.nn.LogSoftmax",
    ),
    Activation(
        name="sparsemax", title="sparsemax", latex=r"\mathrm{sparsemax}", kind=VECTOR,
        selections=(support(ZS[J], 1),),
        names=(threshold(TAU, ZS, SS, THRESHOLD, r"\tau"),),
        expr=SS[J] * (ZS[J] - TAU),
        range=Simplex(), squashes=True,
        known=(outside((0.25, -2.0, 0.75), 0.75, f"{ENTMAX}: sparsemax(z)"),
               outside((0.75, 0.5, -2.0), 0.0, f"{ENTMAX}: sparsemax(z)")),
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
        known=(outside((0.25, -2.0, 0.75), 0.6739926363384381, f"{ENTMAX}: entmax15(z)"),
               outside((0.75, 0.5, -2.5), 0.0, f"{ENTMAX}: entmax15(z)")),
        source="Peters, Niculae and Martins 2019, arXiv:1905.05702",
    ),
    Activation(
        name="l2_normalize", aliases=("unit_normalization",), title="L2 normalisation", kind=VECTOR,
        names=(length(NORM, ZS[N], "the length of z"),),
        expr=ZS[J] / NORM,
        range=Sphere(), domain=Nonzero(),
        known=(outside((-0.5, 1.25, 2.5), 0.8804509063256238, f"{TORCH}: F.normalize(z)"),),
        source="PyTorch documentation, torch.nn.functional.normalize (without its eps)",
    ),
    Activation(
        name="spherical_softmax", title="spherical softmax", kind=VECTOR,
        expr=ZS[J] ** 2 / total(ZS[N] ** 2),
        range=Simplex(), domain=Nonzero(), squashes=True,
        known=(outside((-0.5, 1.25, 2.5), 0.7751937984496124, f"{TORCH}: F.normalize(z).square()"),),
        source="de Brebisson and Vincent 2015, arXiv:1511.05042",
    ),
    Activation(
        name="glu", title="gated linear unit", latex=r"\mathrm{GLU}", kind=VECTOR, inputs=GATED,
        expr=US[J] / (1 + exp(-VS[J])),
        range=REALS,
        known=(outside((-0.5, 1.75, -1.25, 0.75), 1.1885627235569376, f"{TORCH}: F.glu(z)"),),
        source="Dauphin, Fan, Auli and Grangier 2016, arXiv:1612.08083",
    ),
    Activation(
        name="bilinear_glu", aliases=("bilinear",), title="bilinear gated unit", kind=VECTOR, inputs=GATED,
        expr=US[J] * VS[J],
        range=REALS,
        known=(outside((-0.5, 1.75, -1.25, 0.75), 1.3125,
                       f"{TORCH}: F.bilinear(u, v, W), W_kij = 1 where k = i = j"),),
        source="Shazeer 2020, arXiv:2002.05202",
    ),
    Activation(
        name="reglu", title="gated unit with a ReLU gate", latex=r"\mathrm{ReGLU}", kind=VECTOR, inputs=GATED,
        selections=(Selection(symbol=SS, rule="positive", of=VS[J], says="1 where the gate is open, else 0",
                              ties="at v_j = 0 the gate is closed"),),
        expr=SS[J] * US[J] * VS[J],
        range=REALS,
        known=(outside((-0.5, 1.75, -1.25, 0.75), 1.3125, f"{TORCH}: u * F.relu(v)"),
               outside((-0.5, 1.75, 0.75, -1.25), 0.0, f"{TORCH}: u * F.relu(v)")),
        source="Shazeer 2020, arXiv:2002.05202",
    ),
    Activation(
        name="geglu", title="gated unit with a GELU gate", latex=r"\mathrm{GEGLU}", kind=VECTOR, inputs=GATED,
        expr=US[J] * VS[J] * (1 + erf(VS[J] / sqrt(2))) / 2,
        range=REALS,
        known=(outside((-0.5, 1.75, -1.25, 0.75), 1.0150516000053607, f"{TORCH}: u * F.gelu(v)"),
               outside((-0.5, 1.75, 0.75, -1.25), -0.23110887989624584, f"{TORCH}: u * F.gelu(v)")),
        source="Shazeer 2020, arXiv:2002.05202",
    ),
    Activation(
        name="swiglu", title="gated unit with a SiLU gate", latex=r"\mathrm{SwiGLU}", kind=VECTOR,
        inputs=GATED, parameters=(BETA,),
        expr=US[J] * VS[J] / (1 + exp(-BETA.symbol * VS[J])),
        range=REALS,
        known=(outside((-0.5, 1.75, -1.25, 0.75), 0.8914220426677033, f"{TORCH}: u * F.silu(v)"),
               outside((-0.5, 1.75, -1.25, 0.75), 0.9908259202637621,
                       f"{TORCH}: u * F.silu(1.5 * v) / 1.5", beta=1.5)),
        source="Shazeer 2020, arXiv:2002.05202",
    ),
)  # fmt: skip
