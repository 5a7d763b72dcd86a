"""NumPy code of vector subjects: one self-contained file for any number of components.

Public functions first, then the formulas of the program, the blocks they use, what stands around them
(axes, dtypes, NaN, targets, parameters), and the self-check.
"""

from derive.emit.blocks import ROOMS
from derive.emit.docstrings import ascii_only
from derive.emit.formulas import used_blocks
from derive.emit.layout import laid
from derive.emit.membership import ends, outside
from derive.emit.vectors import blocks, fixed, joint, small, supports
from derive.emit.vectors.docs import details, first_line, header
from derive.emit.vectors.lines import Shape, Style, body
from derive.emit.vectors.plain import plain_parts
from derive.emit.vectors.spelling import Letters
from derive.emit.vectors.together import JOINT_RESULTS, LOOK, ONE_RESULT, RESULTS, filled, has_joint, together
from derive.model import (
    Activation,
    Derivation,
    Finite,
    Interval,
    LogSimplex,
    Loss,
    Nonzero,
    OneHot,
    Parameter,
    Set,
    Simplex,
    Subject,
    entries,
)
from derive.program.vectors import Routine, VectorProgram
from derive.program.vectors.chain import directions, target_shape

BLOCKS = (*ROOMS, blocks, supports, small, joint)
MASKING = ("_log_softmax", "_support")  # blocks that know what -inf and inf mean
PUBLIC = {True: ("value", "grad", "vjp", "jvp"), False: ("loss", "grad", "loss_and_grad", "hess", "hvp")}
CORES = {True: ("value", "vjp", "jvp"), False: ("loss", "grad", "loss_and_grad", "hvp")}


def code(derivation: Derivation, program: VectorProgram) -> str:
    """A Python file with the function, its derivatives and a self-check."""
    subject = derivation.subject
    parts = [*_public(derivation, program), *_private(subject, program), *plain_parts(subject)]
    text = "\n\n\n".join(part.strip("\n") for part in parts)
    scipy = "from scipy import special\n" if "special." in text else ""
    return f'"""{header(derivation)}"""\n\nimport sys\n\nimport numpy as np\n{scipy}\n\n{text}\n'


def first(subject: Subject) -> str:
    """The name of the first argument: z, or a for a loss alone."""
    return "a" if isinstance(subject, Loss) else "z"


def _alone(subject: Subject) -> bool:
    return isinstance(subject, Activation)


def _keywords(subject: Subject) -> list[str]:
    return ["*", *(f"{p.name}={float(p.default)}" for p in subject.parameters), "axis=-1"]


def _arguments(subject: Subject) -> list[str]:
    return [first(subject), *(["y"] if target_shape(subject) != "none" else [])]


SHAPES: dict[str, Shape] = {"loss": "row", "loss_and_grad": "both"}  # the other results are vectors
EXTRA = {"vjp": ["g"], "jvp": ["t"], "hvp": ["t"]}


def _public(derivation: Derivation, program: VectorProgram) -> list[str]:
    names = PUBLIC[_alone(derivation.subject)]
    return [_function(name, derivation, len(program.inputs)) for name in names]


def _function(name: str, derivation: Derivation, parts: int) -> str:
    """A public function: signature, docstring and the call of the formula behind it."""
    subject = derivation.subject
    arguments = [*_arguments(subject), *EXTRA.get(name, [])]
    keywords = _keywords(subject) + (["out=None"] if name == "loss_and_grad" else [])
    head = laid(f"def {name}({', '.join([*arguments, *keywords])})", ":")
    words = [f'    """{first_line(name, subject, parts)}', "", *details(name, derivation, parts), '    """']
    return "\n".join([*head, *words, *_call(name, subject, parts)])


def _call(name: str, subject: Subject, parts: int) -> list[str]:
    x = first(subject)
    given = [f"_{name}", "axis", *_arguments(subject), *EXTRA.get(name, [])]
    given += ["out=out"] if name == "loss_and_grad" else []
    given += [f"{p.name}=_{p.name}({p.name})" for p in subject.parameters]
    call = f"_apply({', '.join(given)})"
    split = (
        parts > 1
        and name in ("grad", "hvp", "vjp", "loss_and_grad")
        and (name, _alone(subject)) != ("grad", True)
    )
    if name == "loss_and_grad" and split:
        both = f"(value, _parts(slope, {x}, axis))"
        return [*laid(f"    value, slope = {call}", ""), f"    return {both} if out is None else out"]
    if split:
        return [*laid(f"    slope = {call}", ""), f"    return _parts(slope, {x}, axis)"]
    return laid(f"    return {call}", "")


def _private(subject: Subject, program: VectorProgram) -> list[str]:
    """The formulas, the blocks that they use, and what stands around them."""
    routines = dict(program.routines)
    if not _alone(subject):
        routines["loss_and_grad"] = _both(routines["loss"], routines["grad"])
    formulas = [_formula(name, subject, routines[name], program) for name in CORES[_alone(subject)]]
    formulas.append(_matrix(subject, len(program.inputs)))
    around = [_apply(subject, program), _pieces(subject, program), *_wrappers(subject, program)]
    return [*formulas, *used_blocks("\n".join([*formulas, *around]), BLOCKS), *around]


def core(name: str, subject: Subject, program: VectorProgram) -> str:
    """The private function of a routine, `loss_and_grad` among them: rows of float64 in, rows out."""
    found = dict(program.routines)
    if name == "loss_and_grad":
        found[name] = _both(found["loss"], found["grad"])
    return _formula(name, subject, found[name], program)


def _both(loss: Routine, grad: Routine) -> Routine:
    """Loss and gradient by the same lines."""
    lines = [*grad.lines, *(line for line in loss.lines if line not in grad.lines)]
    return Routine(lines=tuple(lines), results=(*loss.results, *grad.results))


def _formula(name: str, subject: Subject, routine: Routine, program: VectorProgram) -> str:
    """The private function of a routine: rows of float64 in, rows out."""
    x, inputs = first(subject), [str(b.label) for b in program.inputs]
    arguments = [*_arguments(subject), *EXTRA.get(name, []), *(p.name for p in subject.parameters)]
    names = {str(getattr(p.symbol, "label", p.symbol)): p.name for p in subject.parameters}
    rows = [f"def _{name}({', '.join(arguments)}):"]
    letters = Letters(names=names, size=f"{inputs[0]}.shape[-1]", signs=_signs(subject))
    style = Style(letters=letters, x=x, shape=SHAPES.get(name, "vector"))
    return "\n".join([*rows, *_unstacked(name, x, inputs, program), *body(routine, style)])


def _signs(subject: Subject) -> dict[str, int]:
    """The signs of inputs, targets and parameters, as far as their domains have one."""
    _, los = entries(subject)
    domains = {"y": los.target} if los else {}
    domains |= {"a": subject.prediction} if isinstance(subject, Loss) else {}
    domains |= {str(getattr(p.symbol, "label", p.symbol)): p.domain for p in subject.parameters}
    found = {name: _sign(domain) for name, domain in domains.items()}
    return {name: s for name, s in found.items() if s}


def _sign(domain: Set) -> int:
    if isinstance(domain, LogSimplex):
        return -1
    if isinstance(domain, Interval):
        return 1 if domain.lo >= 0 else -1 if domain.hi <= 0 else 0
    if isinstance(domain, Finite):
        return int(min(domain.values) >= 0)
    return int(isinstance(domain, Simplex | OneHot))


def _unstacked(name: str, x: str, inputs: list[str], program: VectorProgram) -> list[str]:
    """The lines that take stacked vectors apart."""
    if len(inputs) == 1:
        return []
    rows = [f"    {', '.join(inputs)} = np.split({x}, {len(inputs)}, -1)"]
    if name in ("hvp", "jvp"):
        parts = ", ".join(str(b.label) for b in directions(program.inputs))
        rows.append(f"    {parts} = np.split(t, {len(inputs)}, -1)")
    return rows


def _matrix(subject: Subject, parts: int) -> str:
    """The private function of the matrix: the products with all unit vectors."""
    arguments = _arguments(subject)
    if _alone(subject):
        over = f" // {parts}" if parts > 1 else ""
        return filled(fixed.JACOBIAN, x=first(subject), over=over)
    rows = ", ".join(f"{a}[..., None, :]" for a in arguments)
    return filled(fixed.HESS, x=first(subject), arguments=", ".join(arguments), rows=rows)


def _masks(program: VectorProgram) -> bool:
    """Whether the first map takes infinite inputs by itself."""
    letters = {base.label for base in program.inputs}
    lines = [line for routine in program.routines.values() for line in routine.lines]
    if any(line.block == "_shortfall" for line in lines):
        return False  # it is infinite where the support is not
    firsts = [line for line in lines if line.block in MASKING]
    return any(line.arguments[0].free_symbols & letters for line in firsts)


def _apply(subject: Subject, program: VectorProgram) -> str:
    """What stands around every formula: axes, dtypes, broadcasting, NaN."""
    x, kind = first(subject), target_shape(subject)
    targets = {
        "vector": f"_targets(y, np.ndim({x}), x.shape[-1]{_of(program)}, axis)",
        "scalar": "_targets(y)",
        "none": "",
    }[kind]
    each = any(p.per_class for p in subject.parameters)
    joint = has_joint(subject, program)
    return filled(
        fixed.APPLY,
        **(ONE_RESULT if _alone(subject) else JOINT_RESULTS if joint else RESULTS),
        x=x,
        y="y, " if kind != "none" else "",
        stacked=f"{x} = _stacked({x}, axis)\n    " if len(program.inputs) > 1 else "",
        targets=f"arrays.append({targets})\n    {LOOK if joint else ''}" if kind != "none" else "",
        size="x.shape[-1]",
        each=f"_each(parameters, x.shape[-1]{_of(program)})\n    " if each else "",
    )


def _pieces(subject: Subject, program: VectorProgram) -> str:
    """The loop over pieces of the rows."""
    labels = _labels(subject)
    wrong = _outside(subject, program)
    cast = f"_hot_rows(v[rows], n{_of(program)})" if labels else "np.ascontiguousarray(v[rows], np.float64)"
    return filled(
        fixed.PIECES,
        matrix="_grad" if _alone(subject) else "_hess",
        cast=cast,
        core="core(" if _masks(program) else "_limits(core, ",
        outside=", or outside the domain" if wrong else "",
        wrong=wrong,
    )


def _labels(subject: Subject) -> bool:
    """Whether class indices may stand for targets."""
    _, los = entries(subject)
    return los is not None and target_shape(subject) == "vector" and isinstance(los.target, Simplex | OneHot)


def _of(program: VectorProgram) -> str:
    return f" // {len(program.inputs)}" if len(program.inputs) > 1 else ""


def _outside(subject: Subject, program: VectorProgram) -> str:
    """What makes a row of predictions NaN, where the loss has a domain."""
    if not isinstance(subject, Loss):
        return ""
    if isinstance(subject.prediction, Simplex):
        return "    bad |= (arrays[0] < 0).any(-1)\n"
    if isinstance(subject.prediction, LogSimplex):
        return "    bad |= (arrays[0] > 0).any(-1)\n"
    if isinstance(subject.prediction, Interval) and subject.prediction != Interval():
        return f"    bad |= ({outside('arrays[0]', subject.prediction)}).any(-1)\n"
    return ""


def _wrappers(subject: Subject, program: VectorProgram) -> list[str]:
    """The handling of axes, targets and parameters."""
    x, m = first(subject), len(program.inputs)
    many = (
        f"""    if x.shape[axis] % {m}:
        raise ValueError(f"{{name}} needs {m} blocks of equal length")
"""
        if m > 1
        else ""
    )
    parts = [fixed.HOT] if _labels(subject) else []
    parts += [filled(fixed.ROWS, x=x, many=many), _along(subject, m)]
    parts += [] if _masks(program) else [fixed.LIMITS]
    if m > 1:
        parts.append(filled(fixed.STACKED, m=str(m)))
    _, los = entries(subject)
    if los is not None and target_shape(subject) != "none":
        joint = has_joint(subject, program)
        parts.append(_targets(los.target, target_shape(subject), x, fixed.FLOATS if joint else ""))
        parts += [together(subject, program), _valid(los.target)] if joint else []
    parts += [_parameter(p) for p in subject.parameters]
    parts += [fixed.EACH] if any(p.per_class for p in subject.parameters) else []
    return parts + ([] if _alone(subject) else [fixed.INTO])


def _along(subject: Subject, m: int) -> str:
    """The check of directions; of stacked inputs they are stacked too, and a cotangent is not."""
    if m == 1:
        return filled(fixed.ALONG, sizes="n", given="v", misses="!= n", wanted="n")
    misses = f"not in (n, n // {m})" if _alone(subject) else "!= n"
    return filled(fixed.ALONG, sizes="n", given="_stacked(v, axis)", misses=misses, wanted="n")


def _targets(target: Set, kind: str, x: str, check: str) -> str:
    """The check of targets, or of their form alone where their values are looked at elsewhere."""
    template = fixed.TARGETS if kind == "vector" else fixed.SCALAR_TARGETS
    hot = isinstance(target, Simplex | OneHot)
    labels, either = (fixed.LABELS.lstrip("\n"), ", or class indices,") if hot else ("", ",")
    check = check or _check(target).strip("\n")
    return filled(template, labels=labels, either=either, check=check, x=x)


def _valid(target: Set) -> str:
    """The check of the values of targets."""
    return filled(fixed.VALID, check=_check(target, rows=True).strip("\n"))


def _check(target: Set, rows: bool = False) -> str:
    if isinstance(target, Simplex):
        negative, needed = ("<", ">=") if target.closed else ("<=", ">")
        template = fixed.SIMPLEX_ROWS if rows else fixed.SIMPLEX
        return filled(template, domain=str(target), negative=negative, needed=needed)
    if isinstance(target, OneHot):
        return fixed.ONE_HOT
    if isinstance(target, Nonzero):
        return fixed.NONZERO
    assert isinstance(target, Interval | Finite)
    template = fixed.INSIDE_ROWS if rows else fixed.INSIDE
    return filled(template, outside=outside("y", target), domain=ascii_only(str(target)))


def _parameter(parameter: Parameter) -> str:
    """A check that a parameter, or all of one for each class, is finite and in its domain."""
    name, domain = parameter.name, ascii_only(str(parameter.domain))
    low, high = ends(parameter.domain)
    left = (low or "-np.inf", "<=" if parameter.domain.closed_lo and low else "<")
    right = ("<=" if parameter.domain.closed_hi and high else "<", high or "np.inf")
    if parameter.per_class:
        inside = f"({left[0]} {left[1]} {name}) & ({name} {right[0]} {right[1]})"
        return filled(fixed.PER_CLASS, name=name, inside=inside, domain=domain)
    inside = f"{left[0]} {left[1]} {name} {right[0]} {right[1]}"
    return filled(fixed.PARAMETER, name=name, inside=inside, domain=domain)
