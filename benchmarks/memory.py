"""The memory that a call takes."""

import ctypes
import gc
import re
import sys
from pathlib import Path

import numpy as np

STATUS = Path("/proc/self/status")
RESET = Path("/proc/self/clear_refs")
RESET_PEAK = "5"  # see proc(5): sets the peak of the resident memory to what is resident now
KIB = 1024
READINGS = 4

# glibc asks the system for larger blocks each time. When it frees a block that it asked for, it keeps blocks
# up to that size from then on: see mallopt(3), M_MMAP_THRESHOLD.
KEPT = 32 * 2**20
HEAD = 2**16  # of a block, more than its bookkeeping


def keep_freed():
    """Let freed memory below KEPT bytes stay with the process, for those who allocate what they free."""
    np.empty(KEPT - HEAD, np.uint8)


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
