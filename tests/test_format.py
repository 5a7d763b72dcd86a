"""Every emitted file is what black would write, and ruff finds nothing in it, at line length 88."""

import subprocess
import sys

import pytest

from tables import derivation, label, subjects

CLEAN = '"""A module."""\n\nimport numpy as np\n\n\ndef half(z):\n    return np.asarray(z) / 2\n'
UNFORMATTED = CLEAN.replace("z) / 2", "z)/2")
UNUSED_IMPORT = CLEAN.replace("import numpy as np\n", "import os\n\nimport numpy as np\n")
LONG_LINE = CLEAN.replace('"""A module."""', f'"""A module{"." * 90}"""')


def black(folder):
    """What black would change in a folder; '' where nothing."""
    (folder / "black.toml").write_text("")  # shields the run from a configuration of the user's own
    return complaint("black", "--check", "--quiet", "--diff", "--config", folder / "black.toml", folder)


def ruff(folder):
    """What ruff finds in a folder; '' where nothing."""
    options = ("--isolated", "--no-cache", "--select", "E,F,W,I,B", "--line-length", "88")
    return complaint("ruff", "check", *options, "--output-format", "concise", folder)


def complaint(module, *arguments):
    """The output of a tool that found something, or ''."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    return done.stdout + done.stderr if done.returncode else ""


@pytest.fixture(scope="module")
def emitted(tmp_path_factory):
    """A folder with the code of what the tests loop over."""
    folder = tmp_path_factory.mktemp("emitted")
    for names in subjects():
        (folder / f"{label(names)}.py").write_text(derivation(names).code(), encoding="utf-8")
    return folder


def test_black_changes_no_emitted_file(emitted):
    assert len(list(emitted.glob("*.py"))) == len(subjects()) > 0
    assert black(emitted) == ""


def test_ruff_finds_nothing_in_emitted_files(emitted):
    assert ruff(emitted) == ""


@pytest.mark.parametrize(
    ("source", "refused_by"),
    [(CLEAN, set()), (UNFORMATTED, {"black"}), (UNUSED_IMPORT, {"ruff"}), (LONG_LINE, {"ruff"})],
    ids=["clean", "unformatted", "unused import", "long line"],
)
def test_planted_defect_is_refused(source, refused_by, tmp_path):
    (tmp_path / "planted.py").write_text(source)
    assert {tool.__name__ for tool in (black, ruff) if tool(tmp_path)} == refused_by
