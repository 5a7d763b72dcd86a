"""The emitted file of a layer, run as a script of its own, finds itself right."""

from derive.checks.layers.table import Check, Material
from derive.checks.selfcheck import SELFCHECK as OF_PAIRS
from derive.checks.selfcheck import executed
from derive.checks.table import verdict
from derive.model import Verdict


def check(material: Material) -> Verdict:
    """The exit code of the emitted file; warnings are errors."""
    return verdict(material, OF_PAIRS.name, *executed(material.code))


SELFCHECK = Check(name=OF_PAIRS.name, says=OF_PAIRS.says, run=check)
