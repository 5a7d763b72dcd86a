"""C99 code of elementwise subjects: one file and its header, which need libm only.

The formulas are those of the NumPy file, read off their trace; what stands around them is C's own.
"""

import re
from typing import TYPE_CHECKING

from derive.model import BadInput, Derivation, Program

if TYPE_CHECKING:
    from derive.program.vectors import VectorProgram

STEM = "gradient"  # what comments call the file where its name is not known


def code(derivation: Derivation, program: "Program | VectorProgram") -> str:
    """One self-contained C file: the text of the header, then the functions.

    BadInput for a form that needs a function libm has not.
    """
    header, source = _parts(derivation, program, STEM)
    return f"{header}\n{source}"


def files(derivation: Derivation, program: "Program | VectorProgram", stem: str) -> dict[str, str]:
    """The header and the C file that includes it, by the ends of their names; errors as for code.

    BadInput, too, for a name that an #include cannot hold everywhere.
    """
    if not re.fullmatch(r"[\w.+ -]+", stem):
        raise BadInput(f"{stem!r} is no name for a C header. Try: {STEM}")
    header, source = _parts(derivation, program, stem)
    title = (
        f"{derivation.subject.name.replace('+', ' + ')} in C99; {stem}.h says what is computed, and how well."
    )
    return {".h": header, ".c": f'/* {title} */\n#include "{stem}.h"\n\n{source}'}


def _parts(derivation: Derivation, program: "Program | VectorProgram", stem: str) -> tuple[str, str]:
    from derive.emit.c.header import header
    from derive.emit.c.source import source

    if not isinstance(program, Program):
        raise TypeError(f"{derivation.subject.name} is no elementwise function")
    return header(derivation, stem), source(derivation.subject, program)
