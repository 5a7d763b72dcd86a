"""Emitted C, compiled by the machine's own compiler and called on arrays by the rules of the NumPy file."""

import ctypes
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from derive.emit.c.names import prefix
from derive.emit.formulas import names
from derive.emit.guards import relations, said
from derive.model import Activation, BadInput, Subject, entries

FLAGS = ("-std=c99", "-O3", "-ffp-contract=off")
COMPILERS = ("cc", "gcc", "clang")
WORK = (np.float64, np.float32)  # what compiled functions read and write
_SECONDS = 120  # a file takes well under one, on an idle machine

Array = np.ndarray


def compiler() -> str:
    """The path of the C compiler: $CC, or the first of cc, gcc and clang; BadInput where there is none."""
    wanted = (os.environ["CC"],) if os.environ.get("CC") else COMPILERS
    found = next(filter(None, map(shutil.which, wanted)), None)
    if found is None:
        raise BadInput(
            f"target 'c' needs a C compiler; there is no {' or '.join(wanted)}. Try: CC=/path/to/cc"
        )
    return found


def compiled(code: str, made: Path, flags: Sequence[str] = ()) -> Path:
    """The file `made`, compiled from C code; RuntimeError with what the compiler says where it fails."""
    source = made.with_suffix(".c")
    source.write_text(code, encoding="utf-8")
    command = [compiler(), *FLAGS, *flags, str(source), "-o", str(made), "-lm"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS)
    if done.returncode:
        raise RuntimeError(f"the C compiler fails: {done.stderr.strip()}")
    return made


def load(code: str, subject: Subject) -> dict[str, Callable[..., Any]]:
    """The functions of emitted C code by their names in the NumPy file, with its arguments and results."""
    with tempfile.TemporaryDirectory() as folder:
        made = compiled(code, Path(folder) / "gradient.so", ("-shared", "-fPIC"))
        return functions(ctypes.CDLL(str(made)), subject)


def functions(library: ctypes.CDLL, subject: Subject) -> dict[str, Callable[..., Any]]:
    """The functions of a subject in a library, as load gives them."""
    one = names(subject)
    found = {name: _one(_Native(library=library, subject=subject, name=name)) for name in one}
    if isinstance(subject, Activation):
        return found
    return found | {"loss_and_grad": _both(_Native(library=library, subject=subject, name="loss_and_grad"))}


def self_check(code: str, subject: Subject) -> tuple[int, str]:
    """The exit code of the self-check of emitted C code, and the last line it prints."""
    with tempfile.TemporaryDirectory() as folder:
        macro = f"-D{prefix(subject).upper()}_SELF_CHECK"
        program = compiled(code, Path(folder) / "gradient", (macro,))
        done = subprocess.run([str(program)], capture_output=True, text=True, timeout=_SECONDS)
    said = done.stdout.strip().splitlines()
    return done.returncode, said[-1] if said else "it says nothing"


@dataclass(frozen=True, kw_only=True)
class _Native:
    """One function of a library, in double and in single precision."""

    library: ctypes.CDLL
    subject: Subject
    name: str

    def __call__(self, given: list[Array], results: Sequence[Array], parameters: dict[str, Any]) -> None:
        """Fill results from arrays of one dtype; ValueError for what is outside its domain."""
        numbers = self._numbers(parameters)
        single = results[0].dtype == np.float32
        function = getattr(self.library, f"{prefix(self.subject)}_{self.name}{'f' * single}")
        pointers = [ctypes.c_void_p(array.ctypes.data) for array in (*given, *results)]
        code = function(ctypes.c_size_t(results[0].size), *pointers, *map(ctypes.c_double, numbers))
        if code:
            raise ValueError(self._refusal(code, numbers))

    def _numbers(self, given: dict[str, Any]) -> list[float]:
        known = {p.name: float(p.default) for p in self.subject.parameters}
        if unknown := given.keys() - known.keys():
            raise TypeError(f"unexpected keyword {min(unknown)!r}")
        for name, value in given.items():
            if not isinstance(value, (int, float, np.number)):
                raise ValueError(f"{name} must be a number, not {value!r}")
        return [float(value) for value in (known | given).values()]

    def _refusal(self, code: int, numbers: list[float]) -> str:
        if code == 1:
            los = entries(self.subject)[1]
            return f"targets must lie in {los.target if los else None}"
        parameters = self.subject.parameters
        if code - 2 >= len(parameters):
            return f"{said(relations(self.subject)[code - 2 - len(parameters)])} is needed, not {numbers}"
        parameter = parameters[code - 2]
        return f"{parameter.name} must lie in {parameter.domain}, not {numbers[code - 2]}"


def _one(native: _Native) -> Callable[..., Any]:
    def function(*arrays: Any, **parameters: Any) -> Any:
        given, dtype = _ready(arrays, native.subject)
        out = np.empty(given[0].shape, given[0].dtype)
        native(given, (out,), parameters)
        return _cast(out, dtype)[()]

    return function


def _both(native: _Native) -> Callable[..., Any]:
    def function(*arrays: Any, out: Any = None, **parameters: Any) -> Any:
        given, dtype = _ready(arrays, native.subject)
        shape, work = given[0].shape, given[0].dtype
        made = (
            (np.empty(shape, dtype), np.empty(shape, dtype)) if out is None else _checked(out, shape, dtype)
        )
        direct = all(_is_plain(v, work) and not any(np.may_share_memory(v, w) for w in given) for v in made)
        results = made if direct else (np.empty(shape, work), np.empty(shape, work))
        native(given, results, parameters)
        if not direct:
            for array, values in zip(made, results, strict=True):
                array[...] = _cast(values, dtype)
        return tuple(v[()] for v in made) if out is None else out

    return function


def _ready(arrays: Sequence[Any], subject: Subject) -> tuple[list[Array], np.dtype]:
    """The arguments as plain arrays of one shape and dtype, float32 or float64, and the result's dtype."""
    count = 1 if isinstance(subject, Activation) else 2
    if len(arrays) != count:
        raise TypeError(f"{count} arrays are needed, not {len(arrays)}")
    given = [_real(x) for x in arrays]
    first = given[0]
    if first.dtype in WORK and all(_is_plain(x, first.dtype) and x.shape == first.shape for x in given):
        return given, first.dtype
    dtype = first.dtype.newbyteorder("=")
    dtype = dtype if dtype in (np.float16, np.float32) else np.dtype(np.float64)
    single = dtype == np.float32 and all(np.can_cast(x.dtype, np.float32) for x in given)
    work = np.dtype(np.float32 if single else np.float64)
    return [np.ascontiguousarray(x, work).reshape(x.shape) for x in np.broadcast_arrays(*given)], dtype


def _real(x: Any) -> Array:
    x = np.asarray(x)
    if x.dtype.kind not in "fiub":
        raise TypeError(f"real numbers are needed, not {x.dtype}")
    return x


def _checked(out: Any, shape: tuple[int, ...], dtype: np.dtype) -> tuple[Array, Array]:
    """The arrays of out, after a check that they fit."""
    if not isinstance(out, (tuple, list)) or len(out) != 2:
        raise ValueError("out must be a tuple of two arrays")
    for array in out:
        if (getattr(array, "shape", None), getattr(array, "dtype", None)) != (shape, dtype):
            raise ValueError(f"out needs shape {shape} and {dtype} arrays")
    if np.shares_memory(*out):
        raise ValueError("the arrays of out must not overlap")
    return out[0], out[1]


def _is_plain(array: Array, dtype: np.dtype) -> bool:
    return bool(array.dtype == dtype and array.dtype.isnative and array.flags.c_contiguous)


def _cast(values: Array, dtype: np.dtype) -> Array:
    with np.errstate(all="ignore"):
        return values.astype(dtype, copy=False)
