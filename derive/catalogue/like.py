"""The rows as other libraries have them: by their names, with their defaults and their slopes at kinks.

What is written here was read in the versions of VERSIONS, the slopes at kinks measured there. A library's
row is a row of the catalogue whose defaults are others; one that differs by a factor has a name of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final, TypeVar

import sympy as sp
from sympy import Rational, S

from derive.catalogue.legality import Rows
from derive.model import Activation, BadInput, Known, Loss

Row = TypeVar("Row", Activation, Loss)

VERSIONS: Final = {
    "torch": "PyTorch 2.13",
    "keras": "Keras 3.15",
    "jax": "JAX 0.10.2, optax 0.2.8",
    "sklearn": "scikit-learn 1.9.1",
    "xgboost": "XGBoost 3.2",
    "lightgbm": "LightGBM 4.7",
}
# In front of a library's names as they stand in its code, or in its list of objectives.
PREFIXES: Final = ("torch.nn.functional.", "torch.nn.", "torch.", "nn.", "F.", "keras.activations.")
PREFIXES_OF_LOSSES: Final = ("keras.losses.", "keras.layers.", "jax.nn.", "optax.losses.", "optax.", "jnp.")
OBJECTIVES: Final = ("reg:", "binary:", "count:")

HALF, ONE = Rational(1, 2), S.One


@dataclass(frozen=True, kw_only=True)
class Like:
    """A library's name for a row: `values` are its defaults, `slopes` those at kinks that differ from ours.

    Its value is `factor` times ours. `says` is what else differs there, in words.
    """

    ours: str
    theirs: tuple[str, ...] = ()
    values: tuple[tuple[str, sp.Rational], ...] = ()
    slopes: tuple[tuple[sp.Expr, sp.Expr], ...] = ()
    factor: sp.Rational = ONE
    says: str = ""


def like(ours: str, *theirs: str, says: str = "", factor: sp.Rational = ONE, **values: sp.Rational) -> Like:
    """A row of a table below."""
    return Like(ours=ours, theirs=theirs, values=tuple(values.items()), factor=factor, says=says)


def bent(ours: str, *theirs: str, at: Mapping[sp.Expr, sp.Expr], **values: sp.Rational) -> Like:
    """A row of a table below whose slopes at kinks are others."""
    return Like(ours=ours, theirs=theirs, values=tuple(values.items()), slopes=tuple(at.items()))


_ALPHA = sp.Symbol("alpha", positive=True)
_SCALE = sp.Symbol("scale", positive=True)
_LOW, _HIGH = (sp.Symbol(name, real=True) for name in ("min_val", "max_val"))
_ELU = {S.Zero: _ALPHA}
_SELU = {S.Zero: _ALPHA * _SCALE}

ACTIVATIONS: Final[dict[str, tuple[Like, ...]]] = {
    "torch": (
        *map(like, ("identity", "sigmoid", "tanh", "relu", "leaky_relu", "prelu", "rrelu", "relu6")),
        *map(like, ("celu", "softsign", "mish", "threshold", "gelu")),
        bent("elu", at=_ELU), bent("selu", at=_SELU),
        like("hard_tanh", "hardtanh"), like("hard_sigmoid", "hardsigmoid"), like("hard_swish", "hardswish"),
        like("hard_shrink", "hardshrink"), like("soft_shrink", "softshrink"),
        like("tanh_shrink", "tanhshrink"), like("log_sigmoid", "logsigmoid"), like("silu"),
        like("softplus", says="beyond a threshold of 20 it is z itself there"), like("gelu_tanh"),
        like("exponential", "exp"), like("arctan", "atan"), like("sin"),
    ),
    "keras": (
        *map(like, ("sigmoid", "tanh", "relu", "relu6", "celu", "softsign", "mish", "threshold")),
        like("identity", "linear"), like("leaky_relu", negative_slope=Rational(1, 5)),
        bent("elu", at=_ELU), bent("selu", at=_SELU), *map(like, ("hard_tanh", "hard_sigmoid")),
        like("hard_swish", "hard_silu"), *map(like, ("hard_shrink", "soft_shrink", "tanh_shrink")),
        *map(like, ("sparse_plus", "softplus", "log_sigmoid", "squareplus", "gelu", "gelu_tanh")),
        like("silu", "swish"), like("exponential"),
    ),
    "jax": (
        like("gelu_tanh", "gelu"), like("gelu", "gelu_exact"),
        bent("leaky_relu", at={S.Zero: ONE}), bent("elu", at=_ELU), bent("selu", at=_SELU),
        bent("hard_tanh", at={_LOW: ONE, _HIGH: ONE}),
        *map(like, ("identity", "sigmoid", "tanh", "relu", "relu6", "celu", "hard_sigmoid", "mish")),
        like("hard_swish", "hard_silu"), like("softsign", "soft_sign"), like("silu", "swish"),
        *map(like, ("sparse_plus", "softplus", "log_sigmoid", "log1mexp", "squareplus")),
        like("exponential", "exp"), like("arctan"), like("sin"),
    ),
    "sklearn": (
        like("identity", "identitylink"), like("exponential", "loglink"), like("sigmoid", "logitlink"),
        like("half_logit_sigmoid", "halflogitlink"), like("softmax", "multinomiallogit"),
    ),
    "xgboost": (like("identity"),),
    "lightgbm": (like("identity"),),
}  # fmt: skip
_CLIPS = "predictions are clipped 1e-7 inside their domain there"
LOSSES: Final[dict[str, tuple[Like, ...]]] = {
    "torch": (
        like("squared_error", "mseloss", "mse_loss"), like("absolute_error", "l1loss", "l1_loss"),
        like("huber", "huberloss", "huber_loss"), like("smooth_l1", "smoothl1loss", "smooth_l1_loss"),
        like("poisson_log", "poissonnllloss", "poisson_nll_loss"),
        like("poisson", says="1e-8 is added inside the logarithm there"),
        like("kl_pointwise", "kldivloss", "kl_div"),
        like("bce", "bceloss", "binary_cross_entropy", says="logarithms end at -100 there"),
        like("bce_logits", "bcewithlogitsloss", "binary_cross_entropy_with_logits"),
        like("bce_pos_weight"), like("logistic", "softmarginloss", "soft_margin_loss"),
        like("hinge_embedding", "hingeembeddingloss", "hinge_embedding_loss",
             says="the slope at a = margin, y = -1 is -1 there, here 0"),
    ),
    "keras": (
        like("squared_error", "meansquarederror", "mean_squared_error", "mse"),
        like("absolute_error", "meanabsoluteerror", "mean_absolute_error", "mae",
             says="the slope at a = y is -1 on JAX there, here 0"),
        like("mape", "meanabsolutepercentageerror", "mean_absolute_percentage_error",
             factor=Rational(100), says="the denominator is max(|y|, 1e-7) there"),
        like("msle", "meansquaredlogarithmicerror", "mean_squared_logarithmic_error", says=_CLIPS),
        like("huber"), like("log_cosh", "logcosh"),
        like("hinge", says="the slope at y a = 1 is -y/2 on JAX there, here 0"),
        like("squared_hinge", "squaredhinge"),
        like("poisson", says="1e-7 is added inside the logarithm there"),
        like("bce", "binarycrossentropy", "binary_crossentropy", says=_CLIPS), like("bce_logits"),
        like("binary_focal", "binaryfocalcrossentropy", "binary_focal_crossentropy", says=_CLIPS),
    ),
    "jax": (
        like("squared_error"), like("half_squared_error", "l2_loss"), like("huber", "huber_loss"),
        like("log_cosh"), like("hinge", "hinge_loss", says="the slope at y a = 1 is -y/2 there, here 0"),
        like("perceptron", "perceptron_loss", says="the slope at a = 0 is -y/2 there, here 0"),
        like("sparsemax_binary", "sparsemax_loss", says="labels are 0 and 1 there"),
        like("bce_logits", "sigmoid_binary_cross_entropy"),
    ),
    "sklearn": (
        like("half_squared_error", "halfsquarederror", "squared_error"),
        like("absolute_error", "absoluteerror", says="the slope at a = y is -1 there, here 0"),
        like("quantile", "pinballloss", "mean_pinball_loss", q=HALF, says="the slope at a = y is -q there"),
        like("huber", "huberloss", delta=HALF),
        like("epsilon_insensitive", epsilon=Rational(1, 10)),
        like("squared_epsilon_insensitive", epsilon=Rational(1, 10)),
        like("hinge", says="the slope at y a = 1 is -y there, here 0"),
        *map(like, ("squared_hinge", "modified_huber")), like("logistic", "log_loss"),
        like("perceptron", says="the slope at a = 0 is -y there, here 0"),
        like("poisson_log", "halfpoissonloss", "poisson"), like("gamma_log", "halfgammaloss", "gamma"),
        like("tweedie_log", "halftweedieloss", power=Rational(3, 2)),
        like("bce_logits", "halfbinomialloss"), like("exponential_01", "exponentialloss"),
        like("generalized_kl", "mean_poisson_deviance", factor=S(2)),
        like("gamma", "mean_gamma_deviance", factor=S(2)),
        like("msle", "mean_squared_log_error"), like("mape", "mean_absolute_percentage_error"),
        like("binary_brier", "brier_score_loss"),
    ),
    "xgboost": (
        like("half_squared_error", "squarederror"),
        like("absolute_error", "absoluteerror", says="the second derivative is set to 1 there"),
        like("pseudo_huber", "pseudohubererror", delta=ONE), like("msle", "squaredlogerror", factor=HALF),
        like("quantile", "quantileerror"), like("poisson_log", "poisson"), like("gamma_log", "gamma"),
        like("tweedie_log", "tweedie", power=Rational(3, 2)), like("bce_logits", "logistic"),
        like("hinge", says="labels are 0 and 1, the second derivative is set to 1 there"),
    ),
    "lightgbm": (
        like("half_squared_error", "regression", "l2", "regression_l2"),
        like("absolute_error", "regression_l1", "l1"), like("huber", delta=Rational(9, 10)),
        like("fair", c=ONE), like("quantile", q=Rational(9, 10)), like("gamma_log", "gamma"),
        like("poisson_log", "poisson", says="the second derivative is multiplied by exp(0.7) there"),
        like("mape", says="the denominator is max(1, |y|) there"),
        like("tweedie_log", "tweedie", power=Rational(3, 2)),
        like("bce_logits", "binary", "cross_entropy"),
    ),
}  # fmt: skip
LAYERS: Final[dict[str, tuple[Like, ...]]] = {
    "keras": (like("leaky_relu", "leakyrelu", negative_slope=Rational(3, 10)),),
}


def named(library: str) -> str:
    """A library by its name in any case; BadInput names those that are known."""
    if library.lower() not in VERSIONS:
        raise BadInput(f"no rows are known as {library!r} has them. Try: {', '.join(VERSIONS)}")
    return library.lower()


def bare(name: str) -> str:
    """A library's name for a function without what stands in front of it: nn.ReLU, reg:squarederror."""
    for prefix in (*PREFIXES, *PREFIXES_OF_LOSSES, *OBJECTIVES):
        if name.startswith(prefix):
            return name.removeprefix(prefix)
    return name


@cache
def rows_like(library: str, rows: Rows) -> Rows:
    """The rows of the catalogue that a library has, as it has them."""
    library = named(library)
    activations, losses = {row.name: row for row in rows[0]}, {row.name: row for row in rows[1]}
    acts, those = (*ACTIVATIONS[library], *LAYERS.get(library, ())), LOSSES[library]
    # A row under a name of its own keeps ours beside it, where nothing else there has that.
    free = {
        one.ours for one in those if not any(one.ours in (*o.theirs, o.ours) for o in those if o is not one)
    }
    return (
        tuple(_as(library, one, activations[one.ours], free) for one in acts),
        tuple(_as(library, one, losses[one.ours], free) for one in those),
    )


def _as(library: str, one: Like, row: Row, free: set[str]) -> Row:
    """A row of the catalogue as a library has it."""
    values = dict(one.values)
    says = "".join(f"; {words}" for words in (f"as in {VERSIONS[library]}", one.says) if words)
    known = tuple(_scaled(k, one.factor, row) for k in row.known)
    changed = any(values.get(p.name, p.default) != p.default for p in row.parameters)
    bends: dict[str, Any] = {"at_kinks": one.slopes} if isinstance(row, Activation) else {}
    return replace(
        row,
        name=row.name if one.factor == 1 else f"{library}_{row.name}",
        expr=row.expr if one.factor == 1 else one.factor * row.expr,
        aliases=(*one.theirs, *((row.name,) if one.factor != 1 and row.name in free else ())),
        parameters=tuple(replace(p, default=values.get(p.name, p.default)) for p in row.parameters),
        known=tuple(_complete(k, row) for k in known) if changed else known,
        source=f"{row.source}{says}",
        **bends,
    )


def _scaled(known: Known, factor: sp.Rational, row: Activation | Loss) -> Known:
    """A known value times the factor."""
    if factor == 1:
        return known
    return replace(known, value=float(factor) * known.value, origin=f"{factor} times {known.origin}")


def _complete(known: Known, row: Activation | Loss) -> Known:
    """A known value that names all the parameters it is of, now that the defaults are others."""
    given = dict(known.parameters)
    return replace(
        known, parameters=tuple((p.name, given.get(p.name, float(p.default))) for p in row.parameters)
    )
