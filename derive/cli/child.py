"""Work on what a user wrote, in a process of its own: ended after a time, and held to an amount of memory."""

import contextlib
import os
import select
import signal
import sys
from collections.abc import Callable
from typing import Final, NoReturn

from derive.cli.terminal import complain

MEMORY: Final = 4 * 2**30  # bytes of address space; NumPy, SciPy and SymPy take less than one in four of it
LIMIT: Final = 3
_GRACE: Final = 5  # seconds after which a child ends itself, whose parent is gone


def limited(work: Callable[[], int], seconds: float) -> int:
    """The exit code of work that is done in a child, or that of a limit; seconds that are 0 are no limit.

    Where processes cannot be forked, the work is done here.
    """
    if not seconds or not hasattr(os, "fork"):
        return work()
    sys.stdout.flush()
    sys.stderr.flush()
    alive, held = os.pipe()
    child = os.fork()
    if not child:
        os.close(alive)
        _do(work, seconds)
    os.close(held)
    try:
        return _wait(child, alive, seconds)
    finally:
        os.close(alive)


def _do(work: Callable[[], int], seconds: float) -> NoReturn:
    """Do the work in the child, and end it."""
    code = 1
    try:
        os.setpgid(0, 0)  # with all that it starts, so that all of it can be ended at once
        _restrict(seconds)
        code = work()
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException as error:
        with contextlib.suppress(Exception):
            complain(f"a limit was reached: {type(error).__name__} in the process that does the work")
        code = LIMIT
    finally:
        os._exit(code)


def _restrict(seconds: float) -> None:
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY if most < 0 else min(MEMORY, most), most))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(int(seconds) + _GRACE)


def _wait(child: int, alive: int, seconds: float) -> int:
    """The exit code of a child whose end of a pipe closes when it ends; it is ended after some seconds."""
    ended = False
    try:
        ended = bool(select.select([alive], [], [], seconds)[0])
    finally:
        if not ended:
            _kill(child)
        _, status = os.waitpid(child, 0)
    if not ended:
        more = f"--time-limit {10 * seconds:g}"
        complain(f"a limit was reached: not done after {seconds:g} s. Try: {more}, or a simpler function")
        return LIMIT
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        complain(f"a limit was reached: the work was ended by {signal.Signals(-code).name}")
        return LIMIT
    return code


def _kill(child: int) -> None:
    """End a child and all that it started."""
    for end in (os.killpg, os.kill):  # alone where it had no time yet to form its group
        with contextlib.suppress(ProcessLookupError, PermissionError):
            end(child, signal.SIGKILL)
