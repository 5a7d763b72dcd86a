"""Pairs whose loss is −Σ_k t_k log p_k, p = softmax(z): value and gradient p_j Σ_k t_k − t_j in one pass."""

from collections.abc import Mapping

from sympy import Expr, Sum, expand

from derive.model import J
from derive.program.vectors.lines import Line, name_of
from derive.rules.indexed import substitute

SOFTMAX, PULL = "_log_softmax", "_pull"


def target_weights(routines: Mapping) -> Expr | None:
    """t_j of a loss −Σ_k t_k log p_k with the softmax of the input itself; None of any other."""
    if "grad" not in routines:
        return None
    given, *lines = routines["grad"].lines
    if [line.block for line in lines] != [SOFTMAX, PULL]:
        return None
    first, last = lines
    if first.arguments != (given.targets[0][J],) or routines["grad"].results != (last.targets[0][J],):
        return None
    weights = -last.arguments[-1]
    return weights if _is_loss_of(weights, first, routines["loss"]) else None


def _is_loss_of(weights: Expr, softmax: Line, loss) -> bool:
    """Whether a routine gives −Σ_k t_k 2 half_k."""
    factor, total = loss.results[0].as_coeff_Mul()
    if softmax not in loss.lines or name_of(softmax.targets[0]) != "half" or not isinstance(total, Sum):
        return False
    ((index, _, _),) = total.limits
    body = factor * substitute(total.function, index, J)
    return expand(body + 2 * weights * softmax.targets[0][J]) == 0
