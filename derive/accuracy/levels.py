"""The instruction sets that NumPy chooses its loops for, from the widest down, as environments of a process.

NumPy reads NPY_DISABLE_CPU_FEATURES when it is imported, so a level takes a process of its own. Since
NumPy 2.4 features come in the groups of the x86-64 psABI: X86_V3 has AVX2 and FMA, X86_V4 AVX-512.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

VARIABLE: Final = "NPY_DISABLE_CPU_FEATURES"
FULL: Final = "full"  # all that a machine without these names has
NAMES: Final = ("AVX-512", "AVX2", "baseline")
_AVX512: Final = ("X86_V4", "AVX512")
_AVX2: Final = ("X86_V3", "AVX2")
_ASK: Final = (
    "import json, numpy; print(json.dumps(numpy.show_config(mode='dicts').get('SIMD Extensions', {})))"
)


@dataclass(frozen=True, kw_only=True)
class Level:
    """A level by name, the features NumPy must do without there, and whether this CPU has it."""

    name: str
    without: tuple[str, ...]
    present: bool

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a process whose NumPy works at this level."""
        rest = without_variable()
        return {**rest, VARIABLE: " ".join(self.without)} if self.without else rest


def without_variable() -> dict[str, str]:
    """The environment of this process, NumPy held to nothing."""
    return {name: value for name, value in os.environ.items() if name != VARIABLE}


@cache
def levels() -> tuple[Level, ...]:
    """AVX-512, AVX2 and baseline; all features and baseline where NumPy chooses by other names."""
    asked = subprocess.run(
        [sys.executable, "-c", _ASK], env=without_variable(), capture_output=True, text=True, check=True
    )
    simd = json.loads(asked.stdout)
    return named(simd.get("found", []), simd.get("not found", []))


def lacking() -> str:
    """The levels that this CPU lacks, by name; '' where it has them all."""
    return ", ".join(level.name for level in levels() if not level.present)


def named(found: Sequence[str], missing: Sequence[str]) -> tuple[Level, ...]:
    """The levels of a CPU by the features that NumPy chooses by, those it has and those it lacks."""
    wide = tuple(feature for feature in found if feature.startswith(_AVX512))
    lowest = Level(name=NAMES[-1], without=tuple(found), present=True)
    if not any(feature.startswith((*_AVX512, *_AVX2)) for feature in (*found, *missing)):
        return (Level(name=FULL, without=(), present=True), lowest) if found else (lowest,)
    middle = any(feature in _AVX2 for feature in found)
    return (
        Level(name=NAMES[0], without=(), present=bool(wide)),
        Level(name=NAMES[1], without=wide, present=middle),
        lowest,
    )
