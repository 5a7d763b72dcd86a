"""The emitted file, run as a script of its own, finds itself right."""

import subprocess
import sys
import tempfile
from pathlib import Path

from derive.checks.table import Check, Material, verdict
from derive.model import Verdict
from derive.native import self_check

_SECONDS = 120  # it takes well under one


def check(material: Material) -> Verdict:
    """The exit code of the emitted file, or of the program compiled from it; warnings are errors."""
    if material.target == "c":
        code, line = self_check(material.code, material.subject)
        return verdict(material, "selfcheck", abs(code), 0, line)
    return verdict(material, "selfcheck", *executed(material.code))


def executed(code: str) -> tuple[int, int, str]:
    """The exit code of a file that is run as a script, what it must be, and the last line that it says."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "gradient.py"
        script.write_text(code, encoding="utf-8")
        command = [sys.executable, "-I", "-W", "error", str(script)]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=_SECONDS)
    said = (done.stderr or done.stdout).strip().splitlines()
    return abs(done.returncode), 0, said[-1] if said else "it says nothing"


SELFCHECK = Check(
    name="selfcheck",
    says="the emitted file, run as a script, passes its own check",
    run=check,
)
