"""The same work for many pairs: in processes, with a progress bar, and an orderly end when interrupted."""

import contextlib
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

BAR = 24


def each(work: Callable[[Item], Result], items: Sequence[Item], jobs: int) -> Iterator[tuple[Item, Result]]:
    """Every item with what `work` made of it, as they are done; KeyboardInterrupt after those that ran.

    `work` and what it takes and returns must be picklable.
    """
    progress = Progress(len(items))
    source = _here(work, items) if min(jobs, len(items)) <= 1 else _in_processes(work, items, jobs)
    try:
        for item, result in source:
            progress.advance(" + ".join(item) if isinstance(item, tuple) else str(item))
            yield item, result
    finally:
        progress.clear()


def _here(work: Callable[[Item], Result], items: Sequence[Item]) -> Iterator[tuple[Item, Result]]:
    for item in items:
        yield item, work(item)


def _in_processes(
    work: Callable[[Item], Result], items: Sequence[Item], jobs: int
) -> Iterator[tuple[Item, Result]]:
    # Spawned, not forked: the same on every system, and no thread or lock is inherited half way.
    pool = ProcessPoolExecutor(min(jobs, len(items)), mp_context=get_context("spawn"))
    try:
        # An interrupt from the keyboard reaches the whole group: the workers finish what they are at.
        with _deaf_to_interrupts():
            asked: dict[Future, Item] = {pool.submit(work, item): item for item in items}
        for future in as_completed(asked):
            yield asked[future], future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


@contextlib.contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Processes started within ignore the interrupt signal, from their first instruction on."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


class Progress:
    """A bar on stderr where that is a terminal, and nothing elsewhere."""

    def __init__(self, total: int) -> None:
        self.total, self.done, self.start = total, 0, time.monotonic()
        self.shown = sys.stderr.isatty() and total > 1
        self._draw("")

    def advance(self, name: str) -> None:
        """One more is done."""
        self.done += 1
        self._draw(name)

    def clear(self) -> None:
        """Leave the line empty."""
        if self.shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def _draw(self, name: str) -> None:
        if not self.shown:
            return
        full = BAR * self.done // max(self.total, 1)
        spent = time.monotonic() - self.start
        rest = f", {spent / self.done * (self.total - self.done):.0f} s left" if self.done else ""
        bar = "█" * full + "░" * (BAR - full)
        sys.stderr.write(f"\r\x1b[K{bar} {self.done}/{self.total}{rest}  {name}")
        sys.stderr.flush()
