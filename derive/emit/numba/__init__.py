"""Numba code of elementwise subjects: one self-contained file, a fused loop for each of its functions."""

import ast
from pathlib import Path

from derive.emit import elementwise_text
from derive.emit.docstrings import argument, ascii_only, details, header, keywords_of, returns
from derive.emit.elementwise_numpy import parameter_check, undefined
from derive.emit.formulas import arguments, formulas, names
from derive.emit.fused import graph_of
from derive.emit.guards import checked, together
from derive.emit.membership import ends, outside
from derive.emit.numba import text
from derive.emit.numba.loop import bare, loop
from derive.emit.plain_numpy import plain_parts
from derive.kernel import Graph
from derive.model import (
    Activation,
    Derivation,
    Finite,
    Interval,
    Program,
    Punctured,
    Set,
    Subject,
    domain_of,
    entries,
)

_MATHS = Path(__file__).with_name("maths.py")  # read, not imported: Numba is an extra


def code(derivation: Derivation, program: Program) -> str:
    """A Python file with the same functions as the NumPy file, compiled by Numba."""
    subject = derivation.subject
    readable = "\n".join(formulas(subject, program))
    kernels = _kernels(subject, readable)
    maths = used_maths("\n".join(kernels))
    public = [_function(name, subject) for name in names(subject)]
    if not isinstance(subject, Activation):
        public.append(_joint(subject))
    parts = [*public, *_wrappers(subject), text.COMPILED, *maths, *kernels, *plain_parts(subject)]
    body = "\n\n\n".join(part.strip("\n") for part in parts)
    scipy = "from scipy import special\n" if "special." in body else ""
    imports = text.IMPORTS.replace("import numpy as np\n", f"import numpy as np\n{scipy}")
    if "@intrinsic" not in body:
        imports = imports.replace("    from numba.extending import intrinsic\n", "")
    return f'"""{header(derivation, "Numba")}"""\n{imports}\n\n{body}\n'


def _function(name: str, subject: Subject) -> str:
    """A public function: signature, docstring and the call of the loop behind it."""
    keywords = ["*", *keywords_of(subject)] if subject.parameters else []
    given = arguments(subject)
    lines = [
        f"def {name}({', '.join([given, *keywords])}):",
        f'    """Return {returns(name, subject)}.',
        "",
        *details(name, subject),
        '    """',
        f"    return _apply(_{name.upper()}, ({given}{',' * (',' not in given)}), ({_checked(subject)}))",
    ]
    return "\n".join(lines)


def _checked(subject: Subject) -> str:
    found = checked(subject)
    return found + "," * (len(subject.parameters) == 1 or found[:1] == "*")


def _joint(subject: Subject) -> str:
    keywords = "".join(f", {word}" for word in keywords_of(subject))
    return text.LOSS_AND_GRAD.format(x=argument(subject), keywords=keywords, parameters=_checked(subject))


def _kernels(subject: Subject, readable: str) -> list[str]:
    """The fused loops: one for each quantity, and one for loss and gradient together."""
    given = tuple(arguments(subject).split(", "))
    parameters = tuple(p.name for p in subject.parameters)
    wanted = [(name, {"value": f"_{name}"}) for name in names(subject)]
    if not isinstance(subject, Activation):
        wanted.append(("both", {"value": "_loss", "slope": "_grad"}))
    return [_kernel(subject, name, graph_of(readable, made, given, parameters)) for name, made in wanted]


def _kernel(subject: Subject, name: str, graph: Graph) -> str:
    before, inside, results = loop(graph)
    lines = [f"{x} = np.float64({x}_[n])" for x in graph.inputs]
    lines += inside
    lines += [f"{result}[n] = {bare(found)}" for result, found in results.items()]
    lines += [f"plain = {bare(' & '.join(_plain(subject)))}", "odd += 0 if plain else 1"]
    arrays = (*(f"{x}_" for x in graph.inputs), *results)
    return text.KERNEL.format(
        name=f"_{name}",
        table=f"_{name.upper()}",
        what=" and ".join(results),
        x=arrays[0],
        arguments=", ".join((*arrays, *graph.parameters)),
        parts=", ".join((*(f"{a}[at]" for a in arrays), *graph.parameters)),
        before="".join(f"    {line}\n" for line in before),
        inside="".join(f"        {line}\n" for line in lines),
    )


def _plain(subject: Subject) -> list[str]:
    """The conditions that the arguments of one element are finite and in their domains."""
    _, los = entries(subject)
    found = _inside(argument(subject), domain_of(subject))
    return found + (_inside("y", los.target) if los else [])


def _inside(name: str, domain: Set) -> list[str]:
    """Conditions, false of NaN, that a finite number lies in a set."""
    if isinstance(domain, Finite):
        return [f"({' | '.join(f'({name} == {float(v)})' for v in domain.values)})"]
    if isinstance(domain, Punctured):
        return [f"(abs({name}) < np.inf)", f"({name} != 0.0)"]
    assert isinstance(domain, Interval)
    low, high = ends(domain)
    found = [] if low and high else [f"(abs({name}) < np.inf)"]
    found += [f"({name} {'>=' if domain.closed_lo else '>'} {low})"] if low else []
    return found + ([f"({name} {'<=' if domain.closed_hi else '<'} {high})"] if high else [])


def _wrappers(subject: Subject) -> list[str]:
    """The handling of dtypes, blocks, infinities, NaN, targets and parameters."""
    checks = [*(parameter_check(p) for p in subject.parameters), *together(subject)]
    _, los = entries(subject)
    if los is None:
        mend = text.MEND.format(names="(z,)", targets="", undefined=undefined(subject), others="")
        return [text.APPLY, mend, elementwise_text.limit(subject), *checks]
    mend = text.MEND.format(
        names="z, y", targets="        y = _targets(y)\n", undefined=undefined(subject), others="y[at],"
    )
    domain = ascii_only(str(los.target))
    targets = elementwise_text.TARGETS.format(outside=outside("y", los.target), domain=domain)
    return [text.APPLY, mend, elementwise_text.limit(subject), targets, *checks]


def used_maths(source: str) -> list[str]:
    """The definitions of maths.py that a text needs, directly or through another, in their order."""
    room = _MATHS.read_text(encoding="utf-8")
    parts = {}
    for node in ast.parse(room).body:
        if isinstance(node, ast.FunctionDef | ast.Assign):
            parts[_names_of(node)] = _source(room, node), _read(node)
    needed = _read(ast.parse(source))
    for names_, (_, read) in reversed(parts.items()):  # what a definition reads stands above it
        if needed & names_:
            needed |= read
    return [part for names_, (part, _) in parts.items() if needed & names_]


def _names_of(node: ast.FunctionDef | ast.Assign) -> frozenset[str]:
    if isinstance(node, ast.FunctionDef):
        return frozenset({node.name})
    return frozenset(n.id for target in node.targets for n in ast.walk(target) if isinstance(n, ast.Name))


def _read(tree: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}


def _source(source: str, node: ast.FunctionDef | ast.Assign) -> str:
    # With its decorators and the comment above it.
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
    return "\n".join(source.splitlines()[first - 1 : node.end_lineno])
