"""Interrupts from the keyboard: several in haste are one; neither tidying up nor a worker hears any."""

import contextlib
import math
import signal
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType

# Seconds within which a repetition is part of the same wish.
HASTE = 1.0


def listen() -> None:
    """Raise KeyboardInterrupt once for interrupts in haste; one the caller has silenced stays silent."""
    if _ours() and signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, _once())


def ignore() -> None:
    """Hear no interrupt any more: what follows is tidying up, and short."""
    if _ours():
        signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextlib.contextmanager
def held_back() -> Iterator[None]:
    """An interrupt within comes after it; processes started within never hear one."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _ours() -> bool:
    return threading.current_thread() is threading.main_thread()


def _once() -> Callable[[int, FrameType | None], None]:
    last = -math.inf

    def interrupt(number: int, frame: FrameType | None) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last > HASTE:
            last = now
            raise KeyboardInterrupt

    return interrupt
