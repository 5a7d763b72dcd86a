"""Emitted files of reference pairs are what black would write, and ruff finds nothing in them.

In the others of the sample a line may still be longer than black's; no name is defined twice in any.
"""

import ast
import subprocess
import sys
from collections import Counter

import pytest

from derive import catalogue
from derive.emit.vectors.code import BLOCKS
from tables import derivation, label, subjects

CLEAN = '"""A module."""\n\nimport numpy as np\n\n\ndef half(z):\n    return np.asarray(z) / 2\n'
UNFORMATTED = CLEAN.replace("z) / 2", "z)/2")
UNUSED_IMPORT = CLEAN.replace("import numpy as np\n", "import os\n\nimport numpy as np\n")
LONG_LINE = CLEAN.replace('"""A module."""', f'"""A module{"." * 90}"""')
REDEFINED = CLEAN + "\n\nprint(half(2.0))\n\n\ndef half(z):\n    return z\n"


def black(folder):
    """What black would change in a folder; '' where nothing."""
    (folder / "black.toml").write_text("")  # shields the run from a configuration of the user's own
    return complaint("black", "--check", "--quiet", "--diff", "--config", folder / "black.toml", folder)


def ruff(folder, *more):
    """What ruff finds in a folder; '' where nothing."""
    options = ("--isolated", "--no-cache", "--select", "E,F,W,I,B", "--line-length", "88", *more)
    return complaint("ruff", "check", *options, "--output-format", "concise", folder)


def complaint(module, *arguments):
    """The output of a tool that found something, or ''."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    return done.stdout + done.stderr if done.returncode else ""


def twice(folder):
    """The functions that a file of a folder defines more than once; '' where none does."""
    found = ""
    for path in sorted(folder.glob("*.py")):
        body = ast.parse(path.read_text(encoding="utf-8")).body
        names = Counter(node.name for node in body if isinstance(node, ast.FunctionDef))
        found += "".join(f"{path.name}: {name}\n" for name, count in names.items() if count > 1)
    return found


@pytest.fixture(scope="module")
def looked_up(tmp_path_factory):
    """A folder with the code of the reference pairs."""
    folder = tmp_path_factory.mktemp("reference")
    for names in catalogue.REFERENCE:
        (folder / f"{label(names)}.py").write_text(derivation(names).code(), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def emitted(tmp_path_factory):
    """A folder with the code of what the tests loop over."""
    folder = tmp_path_factory.mktemp("emitted")
    for names in subjects():
        (folder / f"{label(names)}.py").write_text(derivation(names).code(), encoding="utf-8")
    return folder


def test_black_changes_no_reference_pair(looked_up):
    assert len(list(looked_up.glob("*.py"))) == len(catalogue.REFERENCE) > 0
    assert black(looked_up) == "" and ruff(looked_up) == ""


def test_ruff_finds_nothing_but_long_lines_in_emitted_files(emitted):
    assert len(list(emitted.glob("*.py"))) == len(subjects()) > 0
    assert ruff(emitted, "--ignore", "E501") == ""


def test_no_emitted_file_defines_a_function_twice(emitted):
    assert twice(emitted) == ""


def test_no_two_rooms_of_blocks_share_a_name():
    """Files are given blocks by name."""
    own = [f.__name__ for room in BLOCKS for f in vars(room).values() if _defined_in(f, room)]
    assert len(own) == len(set(own)) > 0


def _defined_in(value, room):
    return getattr(value, "__module__", "") == room.__name__


@pytest.mark.parametrize(
    ("source", "refused_by"),
    [
        (CLEAN, set()),
        (UNFORMATTED, {"black"}),
        (UNUSED_IMPORT, {"ruff"}),
        (LONG_LINE, {"ruff"}),
        (REDEFINED, {"twice"}),
    ],
    ids=["clean", "unformatted", "unused import", "long line", "defined twice"],
)
def test_planted_defect_is_refused(source, refused_by, tmp_path):
    (tmp_path / "planted.py").write_text(source)
    assert {tool.__name__ for tool in (black, ruff, twice) if tool(tmp_path)} == refused_by
