"""A module imports from its own room or a lower one; only the command line prints; nothing is large."""

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = "derive"

# Lower never imports higher.
ORDER = (
    "model",
    "asked",
    "heads",
    "balls",
    "expression",
    "rules",
    "catalogue",
    "proof",
    "own",
    "bounds",
    "derivation",
    "claims",
    "program",
    "kernel",
    "emit",
    "native",
    "store",
    "accuracy",
    "search",
    "rivals",
    "checks",
    "studies",
    "subjects",
    "composed",
    "matched",
    "api",
    "runs",
    "listed",
    "cli",
)
DOORS = ("__init__", "__main__")  # the package's own two entrances, above all rooms
MAY_PRINT = ("cli", *DOORS)

NOT_OURS = "node_modules"  # packages of the rendering tests, which bring Python files along
FILE_LINES = 400
FUNCTION_LINES = 40  # without the docstring


@cache
def parsed(text):
    """The syntax tree of a file's text."""
    return ast.parse(text)


def sources(*folders):
    """(path relative to the root, text) of every Python file below the folders."""
    found = [path.relative_to(ROOT) for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return [(path, (ROOT / path).read_text(encoding="utf-8")) for path in found if NOT_OURS not in path.parts]


def room(path):
    """The room of a file of the package: derive/emit/numpy.py lies in emit, derive/model.py in model."""
    return path.with_suffix("").parts[1]


def imported(tree, path):
    """Full dotted names of all that a file imports, relative imports resolved."""
    home = path.with_suffix("").parts
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = home[: -node.level] if node.level else ()
            base = [*start, *([node.module] if node.module else [])]
            yield from (".".join([*base, alias.name]) for alias in node.names)


def upward(path, text):
    """Imports of a file that climb, or lead to a room without a place in the order."""
    if room(path) in (*DOORS, ORDER[-1]):
        return []
    if room(path) not in ORDER:
        return [f"{path}: room {room(path)!r} has no place in ORDER"]
    lower = ORDER[: ORDER.index(room(path)) + 1]
    found = []
    for name in imported(parsed(text), path):
        package, target = (*name.split("."), "")[:2]
        if package == PACKAGE and target not in lower:
            found.append(f"{path}: imports {name}")
    return found


def calls(tree):
    """(line, dotted name) of every call by name: sys.exit(1) gives 'sys.exit'."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            yield node.lineno, dotted(node.func)


def dotted(node):
    """The dotted name that is called; of anything but names, the dots alone."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def loud(path, text):
    """Places outside the command line that print or exit."""
    if room(path) in MAY_PRINT:
        return []
    tree = parsed(text)
    exits = {"print", "exit", "quit", "os._exit", "sys.exit", "sys.stdout.write", "sys.stderr.write"}
    found = [f"{path}:{line}: {name}" for line, name in calls(tree) if name in exits]
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id == "SystemExit":
            found.append(f"{path}:{node.lineno}: SystemExit")
    return found + [f"{path}: imports sys.exit" for name in imported(tree, path) if name == "sys.exit"]


def evaluates_text(path, text):
    """Calls that turn text into an expression by evaluating it (S("…") is sympify by another name)."""
    tree = parsed(text)
    found = [
        f"{path}:{line}: {name}"
        for line, name in calls(tree)
        if name in {"eval", "builtins.eval"} or name.split(".")[-1] in {"sympify", "parse_expr"}
    ]
    shorthand = [
        f"{path}:{node.lineno}: {ast.unparse(node)}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and dotted(node.func).split(".")[-1] == "S"
        and any(isinstance(argument, ast.JoinedStr) or is_text(argument) for argument in node.args)
    ]
    return found + shorthand


def is_text(node):
    """Whether a node is a literal string."""
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def oversized(path, text):
    """The file, or functions in it, beyond the limits of size."""
    lines = len(text.splitlines())
    found = [f"{path}: {lines} lines"] if lines > FILE_LINES else []
    for node in ast.walk(parsed(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and length(node) > FUNCTION_LINES:
            found.append(f"{path}:{node.lineno}: {node.name} has {length(node)} lines")
    return found


def length(function):
    """The number of lines of a function, its decorators and docstring aside."""
    first = function.body[0]
    docstring = isinstance(first, ast.Expr) and is_text(first.value)
    return function.end_lineno - function.lineno + 1 - docstring * (first.end_lineno - first.lineno + 1)


RULES = {
    upward: ("derive",),
    loud: ("derive",),
    evaluates_text: ("derive",),
    oversized: ("derive", "tests", "benchmarks"),
}


def test_every_room_has_one_place():
    assert len(set(ORDER)) == len(ORDER)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_rule_holds(rule):
    assert [found for path, text in sources(*RULES[rule]) for found in rule(path, text)] == []


LONG_FUNCTION = "def f():\n" + "    pass\n" * FUNCTION_LINES
DOCUMENTED_FUNCTION = 'def f():\n    """One.\n\n    Two.\n    """\n' + "    pass\n" * (FUNCTION_LINES - 1)


@pytest.mark.parametrize(
    ("rule", "path", "text", "refused"),
    [
        (upward, "derive/model.py", "from derive.cli import main", True),
        (upward, "derive/model.py", "import derive.heads", True),
        (upward, "derive/model.py", "from .heads import HEADS", True),
        (upward, "derive/model.py", "from . import heads", True),
        (upward, "derive/model.py", "from derive import derive", True),
        (upward, "derive/model.py", "import derive", True),
        (upward, "derive/model.py", "def f():\n    from derive import heads", True),
        (upward, "derive/emit/latex.py", "from ..checks import table", True),
        (upward, "derive/nowhere.py", "x = 1", True),
        (upward, "derive/heads/head.py", "from derive.model import Head\nimport sympy", False),
        (upward, "derive/emit/latex.py", "from . import numpy\nfrom ..model import Pair", False),
        (upward, "derive/__init__.py", "from derive.api import derive", False),
        (loud, "derive/model.py", "print('x')", True),
        (loud, "derive/model.py", "import sys\nsys.exit(1)", True),
        (loud, "derive/model.py", "from sys import exit", True),
        (loud, "derive/model.py", "raise SystemExit(1)", True),
        (loud, "derive/emit/numpy.py", "TEXT = 'print(1); sys.exit(1)'", False),
        (loud, "derive/cli/show.py", "print('x')", False),
        (evaluates_text, "derive/model.py", "eval('1')", True),
        (evaluates_text, "derive/model.py", "import sympy\nsympy.sympify('1')", True),
        (evaluates_text, "derive/model.py", "sympy.parsing.sympy_parser.parse_expr(x)", True),
        (evaluates_text, "derive/model.py", "from sympy import S\nS('1/2')", True),
        (evaluates_text, "derive/model.py", "from sympy import S\nS(1) / 2\nx.evalf()", False),
        (oversized, "derive/model.py", "x = 1\n" * (FILE_LINES + 1), True),
        (oversized, "derive/model.py", "x = 1\n" * FILE_LINES, False),
        (oversized, "derive/model.py", LONG_FUNCTION, True),
        (oversized, "derive/model.py", DOCUMENTED_FUNCTION, False),
    ],
)
def test_planted_defect_is_found(rule, path, text, refused):
    assert bool(rule(Path(path), text)) == refused
