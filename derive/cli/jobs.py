"""The same work for many pairs: in processes, with a progress bar, and an orderly end when interrupted."""

import os
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import active_children, get_context, parent_process
from typing import TypeVar

from derive.cli.interrupts import held_back

Item = TypeVar("Item")
Result = TypeVar("Result")

BAR = 24
HEED = 0.25  # seconds between two looks at whether to go on


def each(
    work: Callable[[Item], Result],
    items: Sequence[Item],
    jobs: int,
    heed: Callable[[], None] = lambda: None,
    lost: Callable[[Item], Result] | None = None,
) -> Iterator[tuple[Item, Result]]:
    """Every item with what `work` made of it, as they are done.

    `work` and what it takes and returns must be picklable. `heed` is called now and then: what it
    raises ends the work at once, as an interrupt does. `lost` gives the result of an item whose process
    died of it; without it, that ends the work too.
    """
    progress = Progress(len(items))
    if lost is not None:
        source = _outliving(work, items, jobs, heed, lost)
    else:
        alone = min(jobs, len(items)) <= 1
        source = _here(work, items, heed) if alone else _in_processes(work, items, jobs, heed)
    try:
        for item, result in source:
            progress.advance(" + ".join(item) if isinstance(item, tuple) else str(item))
            yield item, result
    finally:
        source.close()
        progress.clear()


def _here(
    work: Callable[[Item], Result], items: Sequence[Item], heed: Callable[[], None]
) -> Generator[tuple[Item, Result], None, None]:
    for item in items:
        heed()
        yield item, work(item)


def _outliving(
    work: Callable[[Item], Result],
    items: Sequence[Item],
    jobs: int,
    heed: Callable[[], None],
    lost: Callable[[Item], Result],
) -> Generator[tuple[Item, Result], None, None]:
    """The same in processes, whose death is the fault of one item: the others go on."""
    left = list(items)
    while left:
        done = set()
        try:
            for item, result in _in_processes(work, left, jobs, heed):
                done.add(item)
                yield item, result
        except BrokenProcessPool:
            left = [item for item in left if item not in done]
            # Items are taken in order: one of the first, as many as there are processes, was at work.
            for item in left[:jobs]:
                yield item, _alone(work, item, heed, lost)
            left = left[jobs:]
        else:
            return


def _alone(
    work: Callable[[Item], Result], item: Item, heed: Callable[[], None], lost: Callable[[Item], Result]
) -> Result:
    """What work makes of one item in a process of its own, or that it was lost."""
    try:
        return next(result for _, result in _in_processes(work, [item], 1, heed))
    except BrokenProcessPool:
        return lost(item)


def _in_processes(
    work: Callable[[Item], Result], items: Sequence[Item], jobs: int, heed: Callable[[], None]
) -> Generator[tuple[Item, Result], None, None]:
    others = set(active_children())
    # Spawned, not forked: the same on every system, and no thread or lock is inherited half way.
    start = get_context("spawn")
    pool = ProcessPoolExecutor(min(jobs, len(items)), mp_context=start, initializer=_end_with_parent)
    try:
        with held_back():
            asked: dict[Future, Item] = {pool.submit(work, item): item for item in items}
        while asked:
            done, _ = wait(asked, timeout=HEED, return_when=FIRST_COMPLETED)
            heed()
            for future in done:
                yield asked.pop(future), future.result()
    except BaseException:  # an interrupt, or whoever asked wants no more
        for worker in set(active_children()) - others:
            worker.kill()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _end_with_parent() -> None:
    """Let a worker end when the command that started it was killed."""

    def follow() -> None:
        if (parent := parent_process()) is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=follow, daemon=True).start()


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
