"""The C file of an elementwise subject: formulas, what stands around them, and the public functions."""

import re
from textwrap import fill as wrap

import sympy as sp

from derive.emit.c import text
from derive.emit.c.domains import beyond, inside, outside
from derive.emit.c.names import prefix, variable
from derive.emit.c.selfcheck import check
from derive.emit.c.statements import function
from derive.emit.docstrings import argument, ascii_only
from derive.emit.formulas import formulas as formulas_of
from derive.emit.formulas import names
from derive.emit.fused import graph_of
from derive.emit.guards import own_domain, relations, spelled
from derive.model import REALS, Activation, Loss, Program, Subject, domain_of, entries, waves

LINE = 100


def source(subject: Subject, program: Program) -> str:
    """The text of the C file below its comment and the declarations of its functions."""
    readable = "\n\n\n".join(formulas_of(subject, program))
    own = [_formula(name, readable, subject) for name in names(subject)]
    if joint(subject):
        own.append(_formula("both", readable, subject, {"value": "_loss", "slope": "_grad"}))
    parts = [*own, *_around(subject), *_public(subject), check(subject)]
    body = "\n".join(_laid(part.strip("\n")) + "\n" for part in parts)
    helpers = [
        code.strip("\n") + "\n" for name, code in text.HELPERS.items() if re.search(rf"\b{name}\(", body)
    ]
    return "\n".join([text.TOP.strip("\n") + "\n", *helpers, body])


def _laid(part: str) -> str:
    """A function with its head broken where it is long."""
    head, brace, rest = part.partition("\n{\n")
    return (
        wrap(head, LINE, subsequent_indent="    ") + brace + rest
        if len(head) > LINE and "\n" not in head
        else part
    )


def joint(subject: Subject) -> bool:
    """Whether there is a function of value and slope together: not for an activation alone."""
    return not isinstance(subject, Activation)


def arrays(subject: Subject) -> tuple[str, ...]:
    """The names of the arrays that are read."""
    return ("z",) if isinstance(subject, Activation) else (argument(subject), "y")


def numbers(subject: Subject) -> tuple[str, ...]:
    """The names of the parameters in C."""
    return tuple(variable(p.name) for p in subject.parameters)


def declarations(subject: Subject) -> list[tuple[str, str]]:
    """The quantity and the head of every public function, in double and in single precision."""
    found = []
    for quantity, template in _functions(subject):
        for real, f in (("double", ""), ("float", "f")):
            head = fill(template, subject, NAME=quantity, F=f, REAL=real).strip().split("\n", 1)[0]
            found.append((quantity, f"{head};"))
    return found


def _functions(subject: Subject) -> list[tuple[str, str]]:
    rows = [(name, text.FUNCTION) for name in names(subject)]
    return [*rows, ("loss_and_grad", text.JOINT)] if joint(subject) else rows


def _formula(name: str, readable: str, subject: Subject, results: dict[str, str] | None = None) -> str:
    parameters = tuple(p.name for p in subject.parameters)
    graph = graph_of(readable, results or {name: f"_{name}"}, arrays(subject), parameters)
    return function(name, graph)


def _around(subject: Subject) -> list[str]:
    """What stands between the formulas and the public functions: limits, and the checks of arguments."""
    target = entries(subject)[1]
    limits = [text.WAVING if waves(subject) else text.LIMIT, text.SPECIAL]
    nowhere = isinstance(subject, Loss) and subject.prediction != REALS
    parts = [text.ELEMENTWISE, *([text.NOWHERE] if nowhere else limits)]
    parts += [text.APPLY_BOTH] if joint(subject) else []
    parts += [text.PARAMETERS] if subject.parameters else []
    filled = [fill(part, subject) for part in parts]
    if target is not None:
        filled += [
            fill(text.TARGETS, subject, F=f, REAL=real, OUTSIDE=outside(f"{cast}y[i]", target.target))
            for real, f, cast in (("double", "", ""), ("float", "f", "(double)"))
        ]
    return filled


def _public(subject: Subject) -> list[str]:
    return [
        fill(template, subject, NAME=quantity, F=f, REAL=real)
        for quantity, template in _functions(subject)
        for real, f in (("double", ""), ("float", "f"))
    ]


def fill(template: str, subject: Subject, **words: str) -> str:
    """A template with its names filled in."""
    words = _words(subject, words.get("REAL", "double")) | words
    return re.sub(r"%([A-Z]+)%", lambda found: words[found[1]], template)


def _words(subject: Subject, real: str) -> dict[str, str]:
    given, own = arrays(subject), numbers(subject)
    x, los = given[0], entries(subject)[1]
    wide = "(double)" if real == "float" else ""
    undefined = " || ".join([*(f"isnan({name})" for name in given), *beyond(x, domain_of(subject))])
    usual = [inside(x, domain_of(subject)), *(f"!isnan({name})" for name in given[1:])]
    return {
        "PREFIX": prefix(subject),
        "X": x,
        "DOMAIN": ascii_only(str(los.target)) if los else "",
        "GIVEN": ", ".join(f"double {name}" for name in (*given, *own)),
        "PASSED": ", ".join((*given, *own)),
        "REST": "".join(f", {name}" for name in (*given, *own)[1:]),
        "UNDEFINED": undefined,
        "USUAL": " && ".join(usual),
        "PARAMETERS": ", ".join(f"double {name}" for name in own),
        "CHECKS": "\n".join(_refusals_of_parameters(subject)),
        "REFUSALS": _refusals(subject, real),
        "ARRAYS": ", ".join(f"const {real} *{name}" for name in given),
        "ELEMENTS": ", ".join(f"{wide}{name}[i]" for name in given),
        "DECLARED": "".join(f", double {name}" for name in own),
        "MORE": "".join(f", {name}" for name in own),
        "CAST": "(float)" if real == "float" else "",
    }


def _refusals_of_parameters(subject: Subject) -> list[str]:
    """A line for each domain and each relation; its number tells which of them does not hold."""
    held = [inside(variable(p.name), own_domain(p)) for p in subject.parameters]
    names = {p.symbol: sp.Symbol(variable(p.name)) for p in subject.parameters}
    held += [spelled(relation.xreplace(names)) for relation in relations(subject)]
    return [f"    if (!({condition}))\n        return {n};" for n, condition in enumerate(held, start=2)]


def _refusals(subject: Subject, real: str) -> str:
    """The lines that return early where an argument is outside its domain."""
    lines = []
    if subject.parameters:
        lines += [
            f"    const int refused = parameters({', '.join(numbers(subject))});",
            "",
            "    if (refused)",
        ]
        lines += ["        return refused;"]
    if len(arrays(subject)) > 1:
        lines += [f"    if (targets{'f' if real == 'float' else ''}(n, y))", "        return 1;"]
    return "".join(f"{line}\n" for line in lines)
