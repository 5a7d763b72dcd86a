"""Activations made of pieces, one row each: rectifiers, exponential units, clipped lines and shrinkage.

In a Piecewise the order and strictness of the conditions only say where each formula holds; slopes
at kinks follow the convention of `derive.derivation.kinks`.
"""

from typing import Any

from sympy import Piecewise, Rational, S, exp, symbols

from derive.catalogue.origins import jax, torch
from derive.model import (
    NONNEGATIVE,
    POSITIVE,
    REALS,
    UNIT_CLOSED,
    Activation,
    Finite,
    Interval,
    Parameter,
    Z,
)

HALF, FIVE_HALVES = Rational(1, 2), Rational(5, 2)


def parameter(name: str, default: Rational, latex: str, domain: Interval = POSITIVE) -> Parameter:
    """A parameter whose symbol knows the sign that its domain gives it."""
    signs = {"positive": True} if domain == POSITIVE else {"nonnegative": True} if domain.lo == 0 else {}
    return Parameter(symbol=symbols(name, real=True, **signs), default=default, domain=domain, latex=latex)


def leaky(default: Rational, name: str = "negative_slope", latex: str = "s") -> dict[str, Any]:
    """What the leaky rectifiers share: z, and below 0 a part of it."""
    part = parameter(name, default, latex, Interval(lo=S.Zero, hi=S.One, closed_lo=True))
    expr = Piecewise((Z, Z > 0), (part.symbol * Z, True))
    return {"parameters": (part,), "expr": expr, "range": REALS, "kinks": (S.Zero,)}


ALPHA = parameter("alpha", S.One, r"\alpha")
SELU_ALPHA = parameter("alpha", Rational("1.6732632423543772848170429916717"), r"\alpha")
SELU_SCALE = parameter("scale", Rational("1.0507009873554804934193349852946"), r"\lambda")
LAMBDA = parameter("lambd", HALF, r"\lambda", NONNEGATIVE)
LEVEL = parameter("threshold", S.One, r"\theta", REALS)
VALUE = parameter("default_value", S.Zero, "v", REALS)
LOW = parameter("min_val", S.NegativeOne, "l", REALS)
HIGH = parameter("max_val", S.One, "u", Interval(lo=LOW.symbol))
CLIPPED = Interval(lo=LOW.symbol, hi=HIGH.symbol, closed_lo=True, closed_hi=True)
alpha, lambd = ALPHA.symbol, LAMBDA.symbol

RECTIFIERS: tuple[Activation, ...] = (
    Activation(
        name="relu", aliases=("rectifier", "positive_part"), title="rectified linear unit",
        latex=r"\mathrm{ReLU}",
        expr=Piecewise((Z, Z > 0), (0, True)),
        range=NONNEGATIVE, kinks=(S.Zero,),
        known=(torch(-1.5, 0.0, "F.relu"), torch(2.5, 2.5, "F.relu")),
        source="Nair and Hinton, Rectified linear units improve restricted Boltzmann machines (2010)",
    ),
    Activation(
        name="leaky_relu", aliases=("leakyrelu", "lrelu"), title="leaky rectified linear unit",
        latex=r"\mathrm{LeakyReLU}",
        **leaky(Rational(1, 100)),
        known=(torch(-1.5, -0.015, "F.leaky_relu"), torch(2.5, 2.5, "F.leaky_relu"),
               torch(-1.5, -0.30000000000000004, "F.leaky_relu", negative_slope=0.2)),
        source="Maas, Hannun and Ng, Rectifier nonlinearities improve neural network acoustic models (2013)",
    ),
    Activation(
        name="prelu", aliases=("parametric_relu",), title="parametric rectified linear unit",
        latex=r"\mathrm{PReLU}",
        **leaky(Rational(1, 4), "alpha", r"\alpha"),
        known=(torch(-1.5, -0.375, "F.prelu, weight 0.25"), torch(2.5, 2.5, "F.prelu, weight 0.25"),
               torch(-1.5, -0.75, "F.prelu, weight 0.5", alpha=0.5)),
        source="He, Zhang, Ren and Sun 2015, arXiv:1502.01852",
    ),
    Activation(
        name="rrelu", aliases=("randomized_leaky_relu",),
        title="randomised leaky rectified linear unit, as evaluated", latex=r"\mathrm{RReLU}",
        **leaky(Rational(11, 48)),  # the mean of 1/8 and 1/3, between which training draws it
        known=(torch(-1.5, -0.34375, "F.rrelu"), torch(2.5, 2.5, "F.rrelu"),
               torch(-1.5, -0.45000000000000007, "F.rrelu, lower 0.2, upper 0.4", negative_slope=0.3)),
        source="Xu, Wang, Chen and Li 2015, arXiv:1505.00853",
    ),
    Activation(
        name="relu6", aliases=("relu_6",), title="rectified linear unit capped at 6",
        latex=r"\mathrm{ReLU6}",
        expr=Piecewise((0, Z <= 0), (6, Z >= 6), (Z, True)),
        range=Interval(lo=S.Zero, hi=S(6), closed_lo=True, closed_hi=True), kinks=(S.Zero, S(6)),
        known=(torch(-1.5, 0.0, "F.relu6"), torch(2.5, 2.5, "F.relu6"), torch(6.5, 6.0, "F.relu6")),
        source="PyTorch documentation, torch.nn.ReLU6",
    ),
    Activation(
        name="relu2", aliases=("squared_relu",), title="squared rectified linear unit",
        latex=r"\mathrm{ReLU}^2",
        expr=Piecewise((Z**2, Z > 0), (0, True)),
        range=NONNEGATIVE, kinks=(S.Zero,),
        known=(torch(-1.5, 0.0, "torch.square(F.relu(x))"), torch(2.5, 6.25, "torch.square(F.relu(x))")),
        source="So et al. 2021, arXiv:2109.08668",
    ),
    Activation(
        name="threshold", aliases=("thresholded_relu",), title="threshold",
        latex=r"\mathrm{threshold}", parameters=(LEVEL, VALUE),
        expr=Piecewise((Z, Z > LEVEL.symbol), (VALUE.symbol, True)),
        range=REALS, range_is_enclosure=True, kinks=(LEVEL.symbol,),
        known=(torch(-1.5, 0.0, "F.threshold(x, 1, 0)"), torch(2.5, 2.5, "F.threshold(x, 1, 0)"),
               torch(1.5, -3.0, "F.threshold(x, 2, -3)", threshold=2.0, default_value=-3.0)),
        source="PyTorch documentation, torch.nn.Threshold",
    ),
    Activation(
        name="step", aliases=("heaviside", "binary_step"), title="unit step, 1 at 0", latex="H",
        expr=Piecewise((1, Z >= 0), (0, True)),
        range=Finite(values=(0, 1)), kinks=(S.Zero,), squashes=True,
        known=(torch(-1.5, 0.0, "torch.heaviside(x, 1)"), torch(2.5, 1.0, "torch.heaviside(x, 1)")),
        source="PyTorch documentation, torch.heaviside",
    ),
    Activation(
        name="elu", aliases=("exponential_linear_unit",), title="exponential linear unit",
        latex=r"\mathrm{ELU}", parameters=(ALPHA,),
        expr=Piecewise((Z, Z > 0), (alpha * (exp(Z) - 1), True)),
        range=Interval(lo=-alpha), kinks=(S.Zero,),
        known=(torch(-1.5, -0.7768698398515702, "F.elu"), torch(2.5, 2.5, "F.elu"),
               torch(-1.5, -1.5537396797031404, "F.elu", alpha=2.0)),
        source="Clevert, Unterthiner and Hochreiter 2015, arXiv:1511.07289",
    ),
    Activation(
        name="selu", aliases=("scaled_elu",), title="scaled exponential linear unit",
        latex=r"\mathrm{SELU}", parameters=(SELU_SCALE, SELU_ALPHA),
        expr=Piecewise((SELU_SCALE.symbol * Z, Z > 0), (SELU_SCALE.symbol * alpha * (exp(Z) - 1), True)),
        range=Interval(lo=-SELU_SCALE.symbol * alpha), kinks=(S.Zero,),
        known=(torch(-1.5, -1.3658143533672527, "F.selu"), torch(2.5, 2.626752468388701, "F.selu"),
               torch(-1.5, -4.6612190391094215, "3 * F.elu(x, 2.0)", scale=3.0, alpha=2.0)),
        source="Klambauer, Unterthiner, Mayr and Hochreiter 2017, arXiv:1706.02515",
    ),
    Activation(
        name="celu", title="continuously differentiable exponential linear unit",
        latex=r"\mathrm{CELU}", parameters=(ALPHA,),
        expr=Piecewise((Z, Z > 0), (alpha * (exp(Z / alpha) - 1), True)),
        range=Interval(lo=-alpha), kinks=(S.Zero,),
        known=(torch(-1.5, -0.7768698398515702, "F.celu"), torch(2.5, 2.5, "F.celu"),
               torch(-1.5, -1.0552668945179706, "F.celu", alpha=2.0)),
        source="Barron 2017, arXiv:1704.07483",
    ),
    Activation(
        name="hard_tanh", aliases=("hardtanh",), title="hyperbolic tangent made of lines",
        latex=r"\mathrm{HardTanh}", parameters=(LOW, HIGH),
        expr=Piecewise((LOW.symbol, Z <= LOW.symbol), (HIGH.symbol, Z >= HIGH.symbol), (Z, True)),
        range=CLIPPED, kinks=(LOW.symbol, HIGH.symbol), squashes=True,
        known=(torch(-1.5, -1.0, "F.hardtanh"), torch(0.625, 0.625, "F.hardtanh"),
               torch(2.5, 1.0, "F.hardtanh"), torch(3.5, 3.0, "F.hardtanh", min_val=-2.0, max_val=3.0)),
        source="PyTorch documentation, torch.nn.Hardtanh",
    ),
    Activation(
        name="hard_sigmoid", aliases=("hardsigmoid",), title="sigmoid made of lines, of slope 1/6",
        latex=r"\mathrm{HardSigmoid}",
        expr=Piecewise((0, Z <= -3), (1, Z >= 3), (Z / 6 + HALF, True)),
        range=UNIT_CLOSED, kinks=(S(-3), S(3)), squashes=True,
        known=(torch(-3.5, 0.0, "F.hardsigmoid"), torch(1.5, 0.75, "F.hardsigmoid"),
               torch(6.5, 1.0, "F.hardsigmoid")),
        source="Howard et al. 2019, arXiv:1905.02244",
    ),
    Activation(
        name="hard_sigmoid_keras2", title="sigmoid made of lines, of slope 1/5 (Keras 1 and 2)",
        latex=r"\mathrm{HardSigmoid}_{1/5}",
        expr=Piecewise((0, Z <= -FIVE_HALVES), (1, Z >= FIVE_HALVES), (Z / 5 + HALF, True)),
        range=UNIT_CLOSED, kinks=(-FIVE_HALVES, FIVE_HALVES), squashes=True,
        known=(torch(-3.5, 0.0, "torch.clamp(0.2 * x + 0.5, 0, 1)"),
               torch(1.5, 0.8, "torch.clamp(0.2 * x + 0.5, 0, 1)"),
               torch(6.5, 1.0, "torch.clamp(0.2 * x + 0.5, 0, 1)")),
        source="Keras 2 documentation, tf.keras.activations.hard_sigmoid",
    ),
    Activation(
        name="hard_swish", aliases=("hardswish", "hard_silu"), title="swish with a sigmoid made of lines",
        latex=r"\mathrm{HardSwish}",
        expr=Piecewise((0, Z <= -3), (Z, Z >= 3), (Z * (Z + 3) / 6, True)),
        range=Interval(lo=-Rational(3, 8), closed_lo=True), kinks=(S(-3), S(3)),
        known=(torch(-3.5, 0.0, "F.hardswish"), torch(-1.5, -0.375, "F.hardswish"),
               torch(3.5, 3.5, "F.hardswish")),
        source="Howard et al. 2019, arXiv:1905.02244",
    ),
    Activation(
        name="hard_shrink", aliases=("hardshrink", "hard_thresholding"), title="hard shrinkage",
        latex=r"\mathrm{HardShrink}", parameters=(LAMBDA,),
        expr=Piecewise((Z, Z > lambd), (0, Z >= -lambd), (Z, True)),
        range=REALS, range_is_enclosure=True, kinks=(-lambd, lambd),
        known=(torch(-1.5, -1.5, "F.hardshrink"), torch(0.25, 0.0, "F.hardshrink"),
               torch(2.5, 2.5, "F.hardshrink"), torch(1.5, 0.0, "F.hardshrink", lambd=2.0)),
        source="PyTorch documentation, torch.nn.Hardshrink",
    ),
    Activation(
        name="soft_shrink", aliases=("softshrink", "soft_thresholding"), title="soft shrinkage",
        latex=r"\mathrm{SoftShrink}", parameters=(LAMBDA,),
        expr=Piecewise((Z - lambd, Z > lambd), (0, Z >= -lambd), (Z + lambd, True)),
        range=REALS, kinks=(-lambd, lambd),
        known=(torch(-1.5, -1.0, "F.softshrink"), torch(0.25, 0.0, "F.softshrink"),
               torch(2.5, 2.0, "F.softshrink"), torch(2.5, 0.5, "F.softshrink", lambd=2.0)),
        source="PyTorch documentation, torch.nn.Softshrink",
    ),
    Activation(
        name="sparse_plus", aliases=("sparseplus",), title="counterpart of softplus for sparsemax",
        latex=r"\mathrm{sparseplus}",
        expr=Piecewise((0, Z <= -1), (Z, Z >= 1), ((Z + 1) ** 2 / 4, True)),
        range=NONNEGATIVE, kinks=(S.NegativeOne, S.One),
        known=(jax(-1.5, 0.0, "jax.nn.sparse_plus"), jax(0.5, 0.5625, "jax.nn.sparse_plus"),
               jax(2.5, 2.5, "jax.nn.sparse_plus")),
        source="JAX documentation, jax.nn.sparse_plus",
    ),
)  # fmt: skip
