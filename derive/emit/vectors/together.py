"""The joint function of loss and gradient, where a pair has one: which pairs have it, and its text."""

import sympy as sp
from sympy import Expr, Indexed

from derive.emit.vectors import fixed
from derive.emit.vectors.spelling import Letters, text
from derive.model import YS, Interval, J, Set, Simplex, Subject, entries
from derive.program.vectors import VectorProgram
from derive.program.vectors.joint import target_weights

# How a file's functions come by their results: one for an activation, two into `out` for a loss.
ONE_RESULT = {"out": "", "given": "", "values": "values = _in_pieces(core, arrays, dtype, parameters)"}
RESULTS = {
    "out": "out=None, ",
    "given": "if out is not None:\n        return _filled(out, values)\n    ",
    "values": """results = None if out is None else _into(out, lead, axis, dtype, arrays)
    values = _in_pieces(core, arrays, dtype, parameters, results)""",
}
JOINT_RESULTS = RESULTS | {
    "values": """results = None if out is None else _into(out, lead, axis, dtype, arrays)
    run = _together if core is _loss_and_grad else _in_pieces
    values = run(core, arrays, dtype, parameters, results)"""
}
LOOK = """if core is not _loss_and_grad:  # which looks at its targets in passing
        _valid(arrays[1])
    """

DEFAULTS = """    defaults = @defaults@
    plain = all(np.all(parameters[name] == v) for name, v in defaults.items())
"""


def filled(template: str, **words: str) -> str:
    """A template with its @names@ replaced."""
    for name, value in words.items():
        template = template.replace(f"@{name}@", value)
    return template


def has_joint(subject: Subject, program: VectorProgram) -> bool:
    """Whether loss and gradient come in one pass: the loss is −Σ_k t_k log p_k, t = y at the defaults."""
    _, los = entries(subject)
    if los is None or not _nonnegative(los.target):
        return False
    weights = target_weights(program.routines)
    return weights is not None and _at_defaults(weights, subject) == YS[J]


def _nonnegative(target: Set) -> bool:
    if isinstance(target, Simplex):
        return target.closed
    return isinstance(target, Interval) and bool(target.lo >= 0)


def together(subject: Subject, program: VectorProgram) -> str:
    """The private function of both, with that of t where parameters may move it away from y."""
    weights = target_weights(program.routines)
    assert weights is not None
    if weights == YS[J]:
        return filled(fixed.TOGETHER, defaults="", t="y", plain="True")
    names = {str(getattr(p.symbol, "label", p.symbol)): p.name for p in subject.parameters}
    formula = text(weights, Letters(names=names, size="y.shape[-1]", signs={}))
    arguments = ", ".join(["y", *(p.name for p in subject.parameters)])
    defaults = ", ".join(f'"{p.name}": {float(p.default)}' for p in subject.parameters)
    known = filled(DEFAULTS, defaults=f"{{{defaults}}}")
    t = "_weights(y.astype(np.float64), **parameters)"
    weighted = filled(fixed.WEIGHTS, arguments=arguments, formula=formula)
    return weighted + "\n" + filled(fixed.TOGETHER, defaults=known, t=t, plain="plain")


def _at_defaults(expr: Expr, subject: Subject) -> Expr:
    for p in subject.parameters:
        letters = {p.symbol} if isinstance(p.symbol, sp.Symbol) else _components(expr, p.symbol)
        expr = expr.xreplace(dict.fromkeys(letters, p.default))
    return expr


def _components(expr: Expr, base: sp.IndexedBase) -> set[Expr]:
    return {e for e in expr.atoms(Indexed) if e.base == base}
