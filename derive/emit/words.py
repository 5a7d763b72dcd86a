"""What the letters of a subject are called: logits z, probabilities p, targets y."""

from derive.derivation.vectors.letters import output_letter
from derive.emit.places import has_target, many_targets, read_letter
from derive.emit.printer import latex_of
from derive.emit.prose import Write
from derive.model import VECTOR, Activation, LogSimplex, Loss, Simplex, Subject, Z, entries

COUNTED = r"k = 1, \ldots, K"
READ = {
    "mean": "predictions",
    "mean of log y": "predictions",
    "probability": "probabilities",
    "log-probability": "log-probabilities",
    "raw score": "scores",
}


def titled(subject: Subject) -> str:
    """The name of a subject in words: Logistic sigmoid and binary cross-entropy."""
    words = " and ".join(row.title for row in entries(subject) if row is not None)
    return words[0].upper() + words[1:]


def introduced(subject: Subject, formula: Write) -> str:
    """The letters of a subject with their names, as a phrase: logits z, probabilities p and targets y."""
    found = _of_vectors(subject, formula) if subject.kind == VECTOR else _of_numbers(subject, formula)
    *most, last = found
    words = f"{', '.join(most)} and {last}" if most else last
    return f"{words}, {formula(COUNTED)}" if subject.kind == VECTOR else words


def _of_numbers(subject: Subject, formula: Write) -> list[str]:
    act, los = entries(subject)
    read = [f"pre-activation {formula('z')}"] if act else []
    out = [f"{'output' if act else 'prediction'} {formula('a')}"]
    return [*read, *out, f"target {formula('y')}"] if los else [*read, *out]


def _of_vectors(subject: Subject, formula: Write) -> list[str]:
    act, los = entries(subject)
    rows = [row for row in (act, los) if row is not None]
    found = _read_by(rows[0], los, formula)
    if act and act.expr != Z:
        found.append(_several(_outputs(act), latex_of(output_letter(act)), formula))
    if los and has_target(los):
        found.append(_several("targets", "y", formula) if many_targets(los) else f"a target {formula('y')}")
    return found


def _read_by(row: Activation | Loss, los: Loss | None, formula: Write) -> list[str]:
    """The inputs of the first entry of a subject."""
    if row.inputs:
        return [_several(i.says, latex_of(i.base), formula) for i in row.inputs]
    if isinstance(row, Loss):
        return [_several(READ[row.reads], read_letter(row), formula)]
    words = "logits" if row.squashes else "inputs"
    if los is not None and row.expr == Z:
        words = READ[los.reads]
    return [_several(words, "z", formula)]


def _outputs(act: Activation) -> str:
    if isinstance(act.range, Simplex):
        return "probabilities"
    return "log-probabilities" if isinstance(act.range, LogSimplex) else "outputs"


def _several(words: str, letter: str, formula: Write) -> str:
    return f"{words} {formula(f'{letter}_{{k}}')}"


def inferred(subject: Subject) -> tuple[str, ...]:
    """What was found of a user's functions rather than given, each with whose it is."""
    return tuple(f"{row.name}: {says}" for row in entries(subject) if row for says in row.inferred)
