"""The memory that a call takes."""

import ctypes
import re
import sys
from pathlib import Path

STATUS = Path("/proc/self/status")
RESET = Path("/proc/self/clear_refs")
RESET_PEAK = "5"  # see proc(5): sets the peak of the resident memory to what is resident now
KIB = 1024


def held(call):
    """The bytes that the process grows by, at its largest, during a call; None where Linux does not tell.

    What the call returns counts. Freed memory is given back first, or it would hide what the call takes.
    """
    if not RESET.exists():
        return None
    if hasattr(libc := ctypes.CDLL(None), "malloc_trim"):
        libc.malloc_trim(0)
    RESET.write_text(RESET_PEAK)
    before = _resident("VmHWM")
    call()
    return max(0, _resident("VmHWM") - before)


def _resident(field):
    found = re.search(rf"^{field}:\s+(\d+) kB$", STATUS.read_text(), re.MULTILINE)
    if found is None:
        sys.exit(f"{STATUS} has no {field}")
    return int(found[1]) * KIB
