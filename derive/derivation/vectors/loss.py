"""The derivation of a vector loss alone: gradient and Hessian in what it reads, one for each block."""

from sympy import Expr, IndexedBase, KroneckerDelta, Sum, log

from derive.derivation.vectors import quantities as q
from derive.derivation.vectors.bends import LONG, TRANSPOSED, Blocks, above, along, mirrored
from derive.derivation.vectors.conventions import conventions
from derive.derivation.vectors.forms import as_contracted, named_anew, tidy
from derive.derivation.vectors.given import given
from derive.derivation.vectors.jacobian import name_steps
from derive.derivation.vectors.letters import Letters
from derive.derivation.vectors.notation import in_vector_step
from derive.derivation.vectors.rates import rates, total_slope
from derive.derivation.vectors.spoken import letter, spoken
from derive.derivation.vectors.steps import About, Work, assumptions, ending, step
from derive.model import I_, LARGEST, TS, Derivation, J, Loss, N, Step
from derive.rules.indexed import over


def derive_loss(work: Work, los: Loss) -> Derivation:
    """The derivation of a loss alone: `gradient` and `hessian` are tuples for several blocks."""
    inputs = work.found.inputs
    slopes = {by: gradient(work, by) for by in inputs}
    bends = mirrored(inputs, lambda one, two: hessian(work, slopes[two], one))
    steps = [*given(work)]
    for by in inputs:
        steps += gradient_steps(work, by, slopes[by])
    steps += second_steps(work, slopes, bends)
    return derivation(work, steps, slopes, bends)


def derivation(work: Work, steps: list[Step], slopes: dict, bends: dict) -> Derivation:
    """The derivation that ends in these slopes and second derivatives."""
    inputs = work.found.inputs
    single = len(inputs) == 1
    nested = tuple(tuple(bends[one, two] for two in inputs) for one in inputs)
    return Derivation(
        subject=work.subject,
        steps=tuple(steps),
        gradient=slopes[inputs[0]] if single else tuple(slopes[by] for by in inputs),
        hessian=nested[0][0] if single else nested,
        conventions=conventions(work) if single else (*conventions(work), TRANSPOSED),
        assumptions=assumptions(steps),
    )


def gradient(work: Work, by: IndexedBase) -> Expr:
    """∂L/∂by_j in letters."""
    return tidy(_raw(work, by), work.found)


def _raw(work: Work, by: IndexedBase) -> Expr:
    return total_slope(work.found.loss, by[J], rates(work.found, by)[1])


def hessian(work: Work, slope: Expr, by: IndexedBase) -> Expr:
    """The slope once more, by by_i."""
    return tidy(_raw_again(work, slope, by), work.found)


def _raw_again(work: Work, slope: Expr, by: IndexedBase) -> Expr:
    return total_slope(slope, by[I_], rates(work.found, by)[1])


def gradient_steps(work: Work, by: IndexedBase, slope: Expr) -> list[Step]:
    """The steps to ∂L/∂by_j, also in vector notation."""
    about = work.about(q.loss_slope(by), work.slope(work.found.loss, by[J]))
    raw = named_anew(_raw(work, by))
    steps = name_steps(work, work.found.names, by)
    if raw != slope and raw.count_ops() > slope.count_ops():
        steps.append(step(about, "derivative of the loss", slope_says(work.found, by, "j"), raw))
        steps += ending(about, work, "collect", collected_says(work, raw, slope), slope)
    else:
        steps += ending(
            about,
            work,
            "derivative of the loss",
            slope_says(work.found, by, "j"),
            slope,
        )
    return [*steps, *vector_gradient(about, by, steps[-1])]


def collected_says(work: Work, raw: Expr, slope: Expr) -> str:
    """What happens to a raw slope: letters come in, and what is common goes in front."""
    new = [letter(m.base) for m in work.found.letters if slope.has(m.base) and not raw.has(m.base)]
    return f"written in {' and '.join(new)}" if new else "what is common in front"


def vector_gradient(about: About, by: IndexedBase, result: Step) -> list[Step]:
    """The gradient in vector notation."""
    latex = rf"\nabla_{{{q.latex(by)}}} L"
    return in_vector_step(about, "vector", latex, f"∇_{letter(by)} L", result)


def slope_says(found: Letters, by: IndexedBase, index: str) -> str:
    """How the loss depends on a component of what it reads."""
    here = f"{letter(by)}_{index}"
    if found.loss.has(LARGEST):
        return f"{here} is the component at k* if {index} = k*, and stands once in the sum"
    if moving := [spoken(n.symbol) for n in found.names if n.symbol in rates(found, by)[0]]:
        return f"term by term, with the {'slope' if len(moving) == 1 else 'slopes'} of {' and '.join(moving)}"
    if any(isinstance(e.args[0], Sum) for e in found.loss.atoms(log)):
        return f"{here} stands in its own term and in the logarithm, whose slope is a quotient"
    return (
        f"only the term with index {index} holds {here}"
        if _separates(found.loss)
        else f"term by term, by {here}"
    )


def _separates(loss: Expr) -> bool:
    """Whether each component of what is read stands in one term of one sum."""
    return len(loss.atoms(Sum)) == 1 and all(len(s.limits) == 1 for s in loss.atoms(Sum))


def second_steps(work: Work, slopes: dict[IndexedBase, Expr], bends: dict[Blocks, Expr]) -> list[Step]:
    """The steps to the blocks of the Hessian, then their products with a direction."""
    shown = above(bends)
    steps = [s for blocks in shown for s in hessian_steps(work, blocks, slopes[blocks[1]], bends[blocks])]
    turned = [s for blocks in shown if bends[blocks] != 0 for s in products(work, blocks, bends[blocks])]
    return [*steps, *turned]


def hessian_steps(work: Work, blocks: Blocks, slope: Expr, bend: Expr) -> list[Step]:
    """The steps to a block of the Hessian, and it in vector notation."""
    one, two = blocks
    quantity = q.loss_bend(one, two)
    about = work.about(quantity, work.slope(work.found.loss, two[J], one[I_]))
    if bend == 0:
        says = f"{quantity_text(two)} does not change with {letter(one)}_i"
        return [step(about, "differentiate again", says, bend, result=True)]
    raw = named_anew(_raw_again(work, slope, one))
    shown = rf"\frac{{\partial}}{{\partial {q.latex(one)}_{{i}}}} {q.loss_slope(two).latex}"
    says = f"the slope once more, by {letter(one)}_i"
    if raw.count_ops() <= bend.count_ops():
        steps = [step(about, "differentiate again", says, bend, shown=shown)]
        steps += ending(about, work, "insert", bend_says(bend), bend)
    else:
        steps = [step(about, "differentiate again", says, raw, shown=shown)]
        if raw.count_ops() < LONG:
            steps.append(step(about, "insert", "the slopes from above", raw))
        steps += ending(about, work, "collect", bend_says(bend), bend)
    return [*steps, *vector_hessian(work, about, blocks, steps[-1])]


def quantity_text(by: IndexedBase) -> str:
    """∂L/∂a_j in a sentence."""
    return q.loss_slope(by).text


def bend_says(bend: Expr) -> str:
    """What a reader sees at a second derivative."""
    diagonal = bend.xreplace(dict.fromkeys(bend.atoms(KroneckerDelta), 0)) == 0
    return (
        "δ_ij: no component acts on another's slope"
        if diagonal
        else "δ_ij f_j = δ_ij f_i, and what is common in front"
    )


def products(work: Work, blocks: Blocks, bend: Expr) -> list[Step]:
    """The Hessian times a direction t, without the Hessian."""
    one, two = blocks
    done = as_contracted(along(bend, I_, J), work.found)
    means = over(work.slope(work.found.loss, two[N], one[J]) * TS[N])
    shown_blocks = () if len(work.found.inputs) == 1 else blocks
    about = work.about(q.hessian_product(shown_blocks), means)
    says = "contract the second index with t: the matrix is never formed"
    return ending(about, work, "times a vector", says, done)


def vector_hessian(work: Work, about: About, blocks: Blocks, result: Step) -> list[Step]:
    """A block of the Hessian in vector notation."""
    below = "" if len(work.found.inputs) == 1 else blocks
    if not below:
        latex, text = (
            rf"\nabla_{{{q.latex(blocks[0])}}}^{{2}} L",
            f"∇²_{letter(blocks[0])} L",
        )
    else:
        latex, text = (
            f"H_{{{''.join(map(q.latex, blocks))}}}",
            f"H_{''.join(map(letter, blocks))}",
        )
    return in_vector_step(about, "matrix", latex, text, result)
