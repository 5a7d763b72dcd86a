"""The joint function of an elementwise file: loss and gradient together, block by block."""

from textwrap import indent

from derive.emit import elementwise_text as text
from derive.emit.docstrings import argument, keywords_of
from derive.emit.fused import fused, graph_of
from derive.emit.guards import checked
from derive.emit.layout import WIDTH
from derive.emit.membership import all_inside
from derive.model import Subject, domain_of, entries


def joint_parts(subject: Subject, formulas: str) -> list[str]:
    """The public function, and what it is made of; `formulas` is the text of the formulas and blocks."""
    x, names = argument(subject), tuple(p.name for p in subject.parameters)
    graph = graph_of(formulas, {"value": "_loss", "slope": "_grad"}, (x, "y"), names)
    lines, rows = fused(graph)
    given = checked(subject)
    more = "".join(f", {name}" for name in names)
    public = text.LOSS_AND_GRAD.format(
        x=x,
        keywords="".join(f", {word}" for word in keywords_of(subject)),
        parameters=f"{given}," if len(names) == 1 or given[:1] == "*" else given,
        rows=rows,
    )
    body = indent("\n".join(lines), "    ")
    return [public, text.BLOCKS.format(x=x, names=more, plain=_plain(subject), lines=body)]


def _plain(subject: Subject) -> str:
    """The condition that a block needs no care: finite arguments in their domains."""
    _, los = entries(subject)
    assert los is not None
    parts = [*all_inside(argument(subject), domain_of(subject)), *all_inside("y", los.target)]
    if len(line := " and ".join(parts)) <= WIDTH - len("    if :"):
        return line
    return "(\n        " + "\n        and ".join(parts) + "\n    )"
