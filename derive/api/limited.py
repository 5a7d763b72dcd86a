"""Work that is given up after some seconds: tried first in a process of its own, which can be ended."""

import contextlib
from collections.abc import Callable
from typing import TypeVar

from derive.model import BadInput

Made = TypeVar("Made")


def within(limit: float, work: Callable[[], Made]) -> Made:
    """What some work makes; TimeoutError where a copy of this process does not do it within the limit.

    What works inside a library written in C hears of no timer, so a process is ended; what it made is made
    again here, for a step written before it is evaluated does not outlive being sent. 0 is no limit.
    """
    if limit < 0:
        raise BadInput(f"a limit is a number of seconds, not {limit}")
    if limit:
        _tried(limit, work)
    return work()


def _tried(limit: float, work: Callable[[], object]) -> None:
    """Raise TimeoutError where a copy of this process is not done in time; where there is fork."""
    import multiprocessing  # slow to import

    if "fork" not in multiprocessing.get_all_start_methods():
        return
    process = multiprocessing.get_context("fork").Process(target=_quietly, args=(work,), daemon=True)
    process.start()
    process.join(limit)
    if process.is_alive():
        process.kill()
        process.join()
        raise TimeoutError(f"not done after {limit:g} s. Try: a simpler function, or a longer limit")


def _quietly(work: Callable[[], object]) -> None:
    """Do the work, and leave it to the process that asked to meet what it raises."""
    with contextlib.suppress(Exception):
        work()
