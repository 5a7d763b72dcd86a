"""Where inputs, outputs and targets lie, with the words for them, for one number or for K of them."""

import re

from sympy import LambertW

from derive.derivation.vectors.letters import output_letter
from derive.emit.printer import latex_of
from derive.emit.prose import Write
from derive.model import (
    REALS,
    VECTOR,
    YS,
    Activation,
    Finite,
    Interval,
    LogSimplex,
    Loss,
    Nonzero,
    OneHot,
    Parameter,
    Punctured,
    Set,
    Simplex,
    Sphere,
    Subject,
    Z,
    entries,
)

Place = tuple[str, str]  # what it is, and where it lies

SIMPLEX, SPHERE, UNITS = r"\Delta^{K-1}", "S^{K-1}", r"\{e_{1}, \ldots, e_{K}\}"
VECTORS = {
    Simplex: SIMPLEX,
    OneHot: UNITS,
    LogSimplex: rf"\log \mathrm{{int}}\,{SIMPLEX}",
    Sphere: SPHERE,
    Nonzero: r"\mathbb{R}^{K} \setminus \{0\}",
}
LEGENDS = (
    (SIMPLEX, "is the simplex, the vectors of {K} nonnegative components with sum 1"),
    (rf"\mathrm{{int}}\,{SIMPLEX}", "is its interior, where all components are positive"),
    (rf"\log \mathrm{{int}}\,{SIMPLEX}", "holds the logarithms of the vectors in its interior"),
    (SPHERE, "is the sphere, the vectors of length 1"),
    (UNITS, "are the one-hot vectors"),
)
PLURALS = {"mean": "means", "probability": "probabilities", "log-probability": "log-probabilities"}


def set_of(domain: Set) -> str:
    """A set in LaTeX: an interval, a finite set, or one of vectors."""
    if type(domain) in VECTORS:
        inside = isinstance(domain, Simplex) and not domain.closed
        return rf"\mathrm{{int}}\,{SIMPLEX}" if inside else VECTORS[type(domain)]
    if isinstance(domain, Finite):
        return r"\{" + ", ".join(map(str, domain.values)) + r"\}"
    if domain == REALS:
        return r"\mathbb{R}"
    if isinstance(domain, Punctured):
        return r"\mathbb{R} \setminus \{0\}"
    assert isinstance(domain, Interval)
    opening, closing = "[" if domain.closed_lo else "(", "]" if domain.closed_hi else ")"
    return f"{opening}{latex_of(domain.lo)}, {latex_of(domain.hi)}{closing}"


def vectors_in(domain: Set) -> str:
    """The set of the vectors of K components that lie in a set, each for itself where it holds numbers."""
    return set_of(domain) if type(domain) in VECTORS else set_of(domain) + "^{K}"


def output(row: Activation, formula: Write) -> str:
    """Where the output lies, in words, with formulas written by `formula`: in (0, 1), or within more."""
    word = "within" if row.range_is_enclosure else "in"
    where = ", with Lambert's function " + formula("W") if names_lambert(row.range) else ""
    return f"{word} {formula(set_of(row.range))}{where}"


def names_lambert(domain: Set) -> bool:
    """Whether an end of an interval is written with the Lambert W function."""
    return isinstance(domain, Interval) and (domain.lo.has(LambertW) or domain.hi.has(LambertW))


def places(subject: Subject, formula: Write) -> list[tuple[str, list[Place]]]:
    """For each entry of a subject its title, and where its inputs, outputs and targets lie."""
    act, los = entries(subject)
    vector = subject.kind == VECTOR
    rows = []
    if act:
        rows.append((act.title, _of_activation(act, formula) if vector else _of_one_output(act, formula)))
    if los:
        letter = read_letter(subject)
        rows.append((los.title, _of_loss(los, letter, formula) if vector else _of_one_target(los, formula)))
    return rows


def _of_one_output(act: Activation, formula: Write) -> list[Place]:
    return [("pre-activation", formula(rf"z \in {set_of(act.domain)}")), ("output", output(act, formula))]


def _of_one_target(los: Loss, formula: Write) -> list[Place]:
    prediction = f"a {los.reads} in {formula(set_of(los.prediction))}"
    return [("prediction", prediction), ("target", formula(rf"y \in {set_of(los.target)}"))]


# Vectors.


def _of_activation(act: Activation, formula: Write) -> list[Place]:
    if act.expr == Z:
        return [("input", formula(r"z \in \mathbb{R}^{K}"))]
    out = f"{latex_of(output_letter(act))} \\in {vectors_in(act.range)}"
    return [*_inputs(act, act.domain, "z", formula), ("output", formula(out))]


def _of_loss(los: Loss, letter: str, formula: Write) -> list[Place]:
    found = _inputs(los, los.prediction, letter, formula)
    if not los.inputs:
        found = [("prediction", f"{found[0][1]}, {PLURALS.get(los.reads, 'raw scores')}")]
    if many_targets(los):
        return [*found, ("target", formula(rf"y \in {vectors_in(los.target)}"))]
    one = formula(rf"y \in {set_of(los.target)}") + ", one for each row"
    return [*found, ("target", one)] if has_target(los) else found


def _inputs(row: Activation | Loss, domain: Set, letter: str, formula: Write) -> list[Place]:
    """The inputs of an entry: z, or several vectors with what each of them is."""
    letters = [(i.says.removeprefix("the "), latex_of(i.base)) for i in row.inputs] or [("input", letter)]
    return [(name, formula(rf"{of} \in {vectors_in(domain)}")) for name, of in letters]


def read_letter(subject: Subject) -> str:
    """The letter, in LaTeX, of what the loss of a vector subject reads."""
    act, _ = entries(subject)
    if act is None:
        return "a"
    return "z" if act.expr == Z else latex_of(output_letter(act))


def many_targets(los: Loss) -> bool:
    """Whether a loss over vectors has a target for each component."""
    return los.kind != VECTOR or any(e.base == YS for e in los.expr.atoms(type(YS[0])))


def has_target(los: Loss) -> bool:
    """Whether a loss over vectors has a target at all."""
    return many_targets(los) or any(s.name == "y" for s in los.expr.free_symbols if s.is_Symbol)


def legend(subject: Subject, formula: Write) -> list[str]:
    """What the signs for sets of vectors mean, of those in the places of a subject."""
    found = "".join(text for _, where in places(subject, "<{}>".format) for _, text in where)
    shown = set(re.findall(r"\\in (.*?)>", found))
    shown |= {inner for inner, _ in LEGENDS for sign in shown if sign.endswith(inner)}
    says = [f"{formula(sign)} {words.format(K=formula('K'))}" for sign, words in LEGENDS if sign in shown]
    return [", ".join(says)] if says else []


def parameters(subject: Subject) -> list[Parameter]:
    """The parameters of both entries."""
    return list(dict.fromkeys(p for row in entries(subject) if row for p in row.parameters))


def parameter(p: Parameter, formula: Write) -> str:
    """Where a parameter lies, with its default; one for each class where there are so many."""
    each = " for each class" if p.per_class else ""
    place = formula(rf"{p.latex} \in {set_of(p.domain)}") + each
    return f"{place}, default {formula(latex_of(p.default))}"
