"""Every step of a layer's derivation is proved, for all sizes."""

from derive.checks.layers.table import Check, Material
from derive.checks.table import counted
from derive.model import Step, Verdict


def check(material: Material) -> Verdict:
    """How many steps are not proved; what is said by definition needs no proof."""
    steps = material.derivation.steps
    wrong = [f"{step.quantity.text}, {step.rule}: {step.proof}" for step in steps if not _holds(step)]
    return counted(material, "steps", wrong or ([] if steps else ["no steps"]))


def _holds(step: Step) -> bool:
    return step.proof.proved or step.proof.method == "definition"


STEPS = Check(name="steps", says="every step of the derivation is proved for all sizes", run=check)
