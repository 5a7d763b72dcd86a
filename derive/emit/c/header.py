"""The C header of an elementwise subject: what it computes, for what arguments, how well, and whence."""

from textwrap import fill as wrapped

from derive.emit.c import text
from derive.emit.c.names import prefix, variable
from derive.emit.c.source import arrays, declarations, fill
from derive.emit.docstrings import QUANTITY, accuracy, ascii_only, formula_lines, notes, returns
from derive.emit.guards import relations, said
from derive.emit.membership import middle
from derive.model import REALS, Derivation, Loss, Parameter, Subject, domain_of, entries

WIDTH, LINE = 92, 100
JOINT = "The loss and its derivative together, the same to the last bit."


def header(derivation: Derivation, stem: str) -> str:
    """The text of the header; `stem` is what its comment calls the file, without the suffix."""
    subject = derivation.subject
    words = "\n\n".join(part.strip("\n") for part in _words(derivation, stem))
    commented = "\n".join(f" * {line}".rstrip() for line in words.split("\n")).removeprefix(" * ")
    filled = fill(
        text.HEADER,
        subject,
        WORDS=commented.replace("*/", "* /"),
        GUARD=f"{prefix(subject).upper()}_H",
        PROTOTYPES="\n\n".join(_prototypes(subject)),
    )
    return filled.strip("\n") + "\n"


def _words(derivation: Derivation, stem: str) -> list[str]:
    """The paragraphs of the comment at the top."""
    subject = derivation.subject
    title = f"{subject.name.replace('+', ' + ')}: value, gradient and second derivative in C99."
    edges = fill(_edges(subject), subject, PREDICTIONS=ascii_only(str(domain_of(subject))))
    use = fill(text.USE, subject, CODES=_codes(subject), EDGES=edges)
    compiled = fill(text.COMPILED, subject, FILE=stem, MACRO=prefix(subject).upper())
    return [
        title,
        "\n".join(formula_lines(derivation)),
        *notes(derivation, text.WORK),
        wrapped(" ".join(use.split()), WIDTH),
        wrapped(" ".join(compiled.split()), WIDTH),
        _from_python(subject, stem),
    ]


def _edges(subject: Subject) -> str:
    """What is given where the first argument is infinite, or outside its domain."""
    if domain_of(subject) == REALS:
        return text.LIMITS
    return text.NO_LIMITS if isinstance(subject, Loss) else text.LIMITS_INSIDE


def _codes(subject: Subject) -> str:
    """What is returned for arguments outside their domains."""
    los = entries(subject)[1]
    found = [f"1 where a target lies outside {ascii_only(str(los.target))}"] if los else []
    faults = [_said(p) for p in subject.parameters]
    faults += [f"{said(relation)} does not hold" for relation in relations(subject)]
    found += [f"{n} where {fault}" for n, fault in enumerate(faults, start=2)]
    return f", or {', '.join(found)}: then nothing is written" if found else ""


def _said(parameter: Parameter) -> str:
    return f"{variable(parameter.name)} lies outside {ascii_only(str(parameter.domain))}"


def _from_python(subject: Subject, stem: str) -> str:
    """How Python calls the gradient."""
    given, count = arrays(subject), len(subject.parameters)
    x = "[-1.5, 2.5]"
    if domain_of(subject) != REALS:
        x = "[0.25, 0.75]" if isinstance(subject, Loss) else str([*middle(subject)])
    los = entries(subject)[1]
    y = str([float(v) for v in (los.hard * 2)[:2]]) if los else ""
    values = [f"np.array({numbers})" for numbers in (x, y) if numbers]
    return fill(
        text.FROM_PYTHON,
        subject,
        FILE=stem,
        TYPES=", ".join(["row"] * (len(given) + 1) + ["ctypes.c_double"] * count),
        NAMES=", ".join(given),
        VALUES=", ".join(values),
        CALL=", ".join([*given, "slope", *(str(float(p.default)) for p in subject.parameters)]),
    )


def _prototypes(subject: Subject) -> list[str]:
    """The declarations, those of a quantity below what it is and how accurate."""
    found: dict[str, list[str]] = {}
    for quantity, line in declarations(subject):
        found.setdefault(quantity, []).append(wrapped(line, LINE, subsequent_indent="    "))
    return ["\n".join([_comment(quantity, subject), *lines]) for quantity, lines in found.items()]


def _comment(quantity: str, subject: Subject) -> str:
    if quantity not in QUANTITY:
        return f"/* {JOINT} */"
    what = returns(quantity, subject)
    words = f"{what[0].upper()}{what[1:]}. {accuracy(subject, QUANTITY[quantity])}"
    return f"/* {wrapped(words, WIDTH, subsequent_indent='   ')} */"
