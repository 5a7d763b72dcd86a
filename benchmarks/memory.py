"""The memory that a call takes."""

import ctypes
import gc
import re
import sys
from pathlib import Path

STATUS = Path("/proc/self/status")
RESET = Path("/proc/self/clear_refs")
RESET_PEAK = "5"  # see proc(5): sets the peak of the resident memory to what is resident now
KIB = 1024
READINGS = 4


def held(call):
    """The bytes that the process grows by, at its largest, during a call; None where Linux does not tell.

    What the call returns counts. The largest of a few readings: what a library gives back late, from a call
    before, hides as much of this one.
    """
    return max(_held(call) for _ in range(READINGS)) if RESET.exists() else None


def _held(call):
    gc.collect()
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
