"""Names that are safe in C."""

import re

from derive.model import Subject

_KEYWORDS = """
auto break case char const continue default do double else enum extern float for goto if inline int long
register restrict return short signed sizeof static struct switch typedef union unsigned void volatile while
"""
# What the functions of a file call their own, and the functions of math.h that they use.
_OURS = """
a activation apply apply_both before both cost edge elementwise f falls formula found grad grows h hess
i inner larger limit loss main maximum minimum n out out_grad out_loss outer outside parameters refused
same samples sign slope small smaller special targets targetsf value x y z
atan copysign cos cosh erf erfc exp expm1 fabs floor fmax fmin isfinite isinf isnan log log1p pow rint sin
sinh sqrt tanh
"""
_TAKEN = frozenset(f"{_KEYWORDS} {_OURS}".split())


def prefix(subject: Subject) -> str:
    """What the names of a subject's public functions begin with."""
    name = re.sub(r"\W", "_", subject.name, flags=re.ASCII)
    return f"f_{name}" if name[0].isdigit() else name


def variable(name: str) -> str:
    """The name of an argument: z, a and y are themselves, and a parameter that clashes gets an underscore."""
    if name in ("z", "a", "y"):
        return name
    safe = re.sub(r"\W", "_", name, flags=re.ASCII)
    return f"{safe}_" if safe in _TAKEN or re.fullmatch(r"[tm]\d+", safe) else safe
