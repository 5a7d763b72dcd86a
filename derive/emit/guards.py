"""What the parameters of a subject must satisfy: each its own domain, and together a few relations."""

from dataclasses import replace

import sympy as sp

from derive.emit.printer import latex_of
from derive.emit.prose import Write
from derive.model import Interval, Pair, Parameter, Subject

SIGNS = {sp.Gt: ">", sp.Ge: ">=", sp.Lt: "<", sp.Le: "<="}
IN_LATEX = {sp.Gt: ">", sp.Ge: r"\ge", sp.Lt: "<", sp.Le: r"\le"}
ONLY = "the pair is legal for {0} only: elsewhere outputs are no predictions, and the code raises ValueError"


def relations(subject: Subject) -> tuple[sp.Basic, ...]:
    """The relations between parameters, and what the pair demands of them; none nearly always."""
    found: list[sp.Basic] = []
    for p in subject.parameters:
        if p.domain.lo.free_symbols:
            found.append((sp.Ge if p.domain.closed_lo else sp.Gt)(p.symbol, p.domain.lo))
        if p.domain.hi.free_symbols:
            found.append((sp.Le if p.domain.closed_hi else sp.Lt)(p.symbol, p.domain.hi))
    return tuple(dict.fromkeys([*found, *demanded(subject)]))


def own_domain(parameter: Parameter) -> Interval:
    """The domain of a parameter without the ends that other parameters decide."""
    domain = parameter.domain
    if domain.lo.free_symbols:
        domain = replace(domain, lo=-sp.oo, closed_lo=False)
    return replace(domain, hi=sp.oo, closed_hi=False) if domain.hi.free_symbols else domain


def demanded(subject: Subject) -> tuple[sp.Basic, ...]:
    """What a pair demands of its parameters for outputs to be predictions; nothing nearly always."""
    condition = subject.condition if isinstance(subject, Pair) else sp.true
    return () if condition is sp.true else tuple(sorted(sp.And.make_args(condition), key=str))


def condition_said(subject: Subject) -> str:
    """The same for a reader: alpha <= 1; '' nearly always."""
    return " and ".join(said(part) for part in demanded(subject))


def condition_latex(subject: Subject, formula: Write) -> str:
    """The same as a remark whose formulas are written by `formula`; '' nearly always."""
    parts = [
        formula(f"{latex_of(part.args[0])} {IN_LATEX[part.func]} {latex_of(part.args[1])}")
        for part in demanded(subject)
    ]
    return ONLY.format(" and ".join(parts)) if parts else ""


def said(relation: sp.Basic) -> str:
    """A relation between parameters for a reader, in ASCII."""
    left, right = relation.args
    return f"{left} {SIGNS[relation.func]} {right}"


def spelled(relation: sp.Basic) -> str:
    """A relation between parameters as Python and C text: its numbers as floats."""
    left, right = (_spelled(side) for side in relation.args)
    return f"{left} {SIGNS[relation.func]} {right}"


def _spelled(expr: sp.Expr) -> str:
    """Sums and products of parameters and numbers, written so that both languages read them."""
    if expr.is_number:
        return repr(float(expr))
    if isinstance(expr, sp.Symbol):
        return str(expr)
    if isinstance(expr, sp.Add | sp.Mul):
        sign = " + " if expr.is_Add else " * "
        return f"({sign.join(_spelled(arg) for arg in expr.args)})"
    if isinstance(expr, sp.Pow) and expr.exp == -1:
        return f"(1.0 / {_spelled(expr.base)})"
    raise TypeError(f"a condition with {expr} cannot be written")


def checked(subject: Subject) -> str:
    """The arguments that hand the parameters on, each after its check, as Python text."""
    names = [p.name for p in subject.parameters]
    if relations(subject):
        return f"*_parameters({', '.join(names)})"
    return ", ".join(f"_{name}({name})" for name in names)


CHECK = '''
def _parameters({names}):
    """Return the parameters as floats, after a check of each and of all together."""
    {values} = {checks}
{relations}    return {result}
'''
REFUSAL = """    if not {relation}:
        raise ValueError(f"{said} is needed, not {given}")
"""


def together(subject: Subject) -> list[str]:
    """The function that checks parameters together, where they have to be, as Python text."""
    found, names = relations(subject), [p.name for p in subject.parameters]
    if not found:
        return []
    rows = [REFUSAL.format(relation=spelled(r), said=said(r), given=_given(r)) for r in found]
    return [
        CHECK.format(
            names=", ".join(names),
            values=", ".join(names),
            checks=", ".join(f"_{name}({name})" for name in names),
            relations="".join(rows),
            result=", ".join(names) if len(names) > 1 else f"({names[0]},)",
        )
    ]


def _given(relation: sp.Basic) -> str:
    return ", ".join(f"{s} = {{{s}}}" for s in sorted(relation.free_symbols, key=str))
