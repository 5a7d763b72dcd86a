"""The derivation of a vector activation alone: Jacobian, its products with a vector, second derivatives."""

from sympy import Expr, IndexedBase

from derive.derivation.vectors import quantities as q
from derive.derivation.vectors.bends import TRANSPOSED, Blocks, above, again, along, mirrored
from derive.derivation.vectors.conventions import conventions
from derive.derivation.vectors.forms import as_contracted, tidy
from derive.derivation.vectors.given import given
from derive.derivation.vectors.jacobian import jacobian_steps
from derive.derivation.vectors.notation import in_vector_step
from derive.derivation.vectors.rates import rates, total_slope
from derive.derivation.vectors.spoken import letter
from derive.derivation.vectors.steps import Work, step
from derive.model import I_, TS, Activation, Derivation, J, N, Step
from derive.rules.indexed import over, substitute


def derive_activation(work: Work, act: Activation) -> Derivation:
    """The derivation of an activation: `gradient` is the Jacobian, a tuple of them for several blocks."""
    inputs, base = work.found.inputs, work.found.output
    jacobians = {by: rates(work.found, by)[0].get(base, 0) for by in inputs}
    bends = mirrored(inputs, lambda one, two: _bend(work, jacobians[two], one))
    steps = [
        *given(work),
        *(s for by in inputs for s in jacobian_steps(work, by, act.names)),
        *(s for by in inputs for s in _matrix(work, by, jacobians[by])),
        *(s for at in above(bends) for s in _bend_steps(work, at, jacobians[at[1]], bends[at])),
        *(s for by in inputs for s in _products(work, by, jacobians[by])),
    ]
    nested = tuple(tuple(bends[one, two] for two in inputs) for one in inputs)
    single = len(inputs) == 1
    return Derivation(
        subject=act,
        steps=tuple(steps),
        gradient=jacobians[inputs[0]] if single else tuple(jacobians.values()),
        hessian=nested[0][0] if single else nested,
        conventions=conventions(work) if single else (*conventions(work), TRANSPOSED),
    )


def _products(work: Work, by: IndexedBase, jacobian: Expr) -> list[Step]:
    """J t and Jᵀ t, without J."""
    base, alone = work.found.output, len(work.found.inputs) == 1
    steps: list[Step] = []
    for transposed in (False, True):
        row, column = (J, N) if transposed else (N, J)
        product = along(jacobian, row, column)
        done = as_contracted(product, work.found)
        if transposed and steps and done == steps[-1].expr:
            says = "the matrix is symmetric"
        else:
            says = "contract the columns with t" if not transposed else "contract the rows with t"
        of, wrt = (base[N], by[J]) if transposed else (base[J], by[N])
        means = over(work.slope(of, wrt) * TS[N])
        about = work.about(q.jacobian_product(None if alone else by, transposed), means)
        steps.append(step(about, "times a vector", says, done, result=True))
    return steps


def _matrix(work: Work, by: IndexedBase, jacobian: Expr) -> list[Step]:
    """The Jacobian in vector notation."""
    base = work.found.output
    about = work.about(q.jacobian(base, by), work.slope(base[I_], by[J]))
    latex = rf"\frac{{\partial {q.latex(base)}}}{{\partial {q.latex(by)}}}"
    result = step(about, "", "", substitute(jacobian, N, I_))
    return in_vector_step(about, "matrix", latex, f"∂{letter(base)}/∂{letter(by)}", result)


def _raw_bend(work: Work, jacobian: Expr, by: IndexedBase) -> Expr:
    return total_slope(jacobian, by[I_], rates(work.found, by)[1])


def _bend(work: Work, jacobian: Expr, by: IndexedBase) -> Expr:
    return tidy(_raw_bend(work, jacobian, by), work.found)


def _bend_steps(work: Work, blocks: Blocks, jacobian: Expr, bend: Expr) -> list[Step]:
    one, two = blocks
    base = work.found.output
    quantity = q.output_bend(base, one, two)
    about = work.about(quantity, work.slope(base[N], two[J], one[I_]))
    if bend == 0:
        says = f"∂{letter(base)}_k/∂{letter(two)}_j does not change with {letter(one)}_i"
        return [step(about, "differentiate again", says, bend, result=True)]
    shown = rf"\frac{{\partial}}{{\partial {q.latex(one)}_{{i}}}} {q.jacobian(base, two).latex}"
    says = f"the Jacobian once more, by {letter(one)}_i"
    before = again(about, jacobian, _raw_bend(work, jacobian, one), bend, shown, says)
    return [
        *before,
        step(about, "collect", "what is common in front", bend, result=True),
    ]
