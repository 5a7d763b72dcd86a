"""Measure every system at every case in one process, and write a row of JSON a line.

`python -m benchmarks.measure LEVEL`, with the options of `--help`: speed.py starts it, once for each dispatch
level of NumPy, which must be chosen before NumPy is imported.
"""

import argparse
import gc
import json
import statistics
import sys
import warnings
from dataclasses import asdict
from functools import partial

import numpy as np

from benchmarks.cases import cases, work
from benchmarks.emitted import Missing
from benchmarks.memory import KEPT, held, keep_freed
from benchmarks.rows import CLOCK_SAYS, CLOCKS, LIMIT, OURS, WALL, Row
from benchmarks.systems import SYSTEMS
from derive import rivals
from derive.rivals.turns import turns

NANO = 1e9
LARGE = 8 * 2**20  # bytes of z from which the memory of a call stands out from that of the process

# The naive code cancels, so results agree no nearer: relative, and absolute where the loss is small.
AGREE = {"float64": {"rtol": 1e-6, "atol": 1e-9}, "float32": {"rtol": 2e-3, "atol": 1e-5}}


def rows(case, systems, level, clock=WALL, **effort):
    """The row of every system at a case; those that mean nothing there have none.

    `effort`: rounds and seconds of a turn, as derive.rivals.turns takes them.
    """
    at, calls, found = work(case), {}, {}
    for system in systems:
        known = {"title": case.title, "dtype": case.dtype, "system": system.name, "kind": system.kind}
        row = partial(Row, level=level, clock=clock, **known)
        try:
            if call := ready(system, at, clock):
                calls[system], found[system] = call, row
        except Missing as missing:
            found[system] = row(missing=str(missing))
        except Wrong as wrong:
            found[system] = row(missing=str(wrong), wrong=True)
    before = [partial(use_threads, system.threads) for system in calls]
    taken = turns(list(calls.values()), before=before, **effort)
    for (system, call), column in zip(calls.items(), taken, strict=True):
        use_threads(system.threads)
        found[system] = found[system](**figures(at, clock, column), memory=memory(at, call))
    return list(found.values())


class Wrong(Exception):
    """Why a result cannot be trusted."""


def ready(system, at, clock):
    """The call of a system, run once and found right; None where it means nothing at the case.

    Missing says what is lacking, Wrong how the result differs.
    """
    if system.threads > 1 and clock != WALL:
        raise Missing("not measured by processor time")
    call = system.make(at)
    if call is None:
        return None
    use_threads(system.threads)
    result = call()
    if system.kind != LIMIT and (off := disagreement(result, at, keeps=system.kind == OURS)):
        raise Wrong(off)
    return call


def figures(at, clock, column):
    """The times of a row from its turns."""
    an_element = NANO / at.z.size
    seconds = [getattr(turn, clock) for turn in column]
    return {
        "nanoseconds": statistics.median(seconds) * an_element,
        "low": min(seconds) * an_element,
        "high": max(seconds) * an_element,
        "cores": sum(turn.processor for turn in column) / sum(turn.wall for turn in column),
    }


def memory(at, call):
    """What a call takes over what z takes, where z is large and Linux tells."""
    most = held(call) if at.z.nbytes >= LARGE else None
    return None if most is None else most / at.z.nbytes


def disagreement(result, at, keeps=True):
    """How loss and gradient differ from the naive code in float64; nothing where they agree.

    `keeps`: the dtype must be that of z.
    """
    for name, ours, true in zip(("loss", "gradient"), result, at.expected, strict=True):
        ours = np.asarray(ours.detach() if hasattr(ours, "detach") else ours)  # PyTorch's hold their graph
        if ours.shape != true.shape or (keeps and ours.dtype != at.case.dtype):
            return f"{name}: {ours.dtype} {ours.shape} instead of {at.case.dtype} {true.shape}"
        if not np.allclose(ours, true, **AGREE[at.case.dtype]):
            return f"{name} differs by {np.max(np.abs(ours - true)):.1e}"
    return ""


def use_threads(number):
    """Set the threads of numba, which alone is measured with more than one, where it is loaded."""
    if numba := sys.modules.get("numba"):
        if number > numba.config.NUMBA_NUM_THREADS:
            raise Missing(f"{number} threads need as many processors")
        numba.set_num_threads(number)


def main(arguments):
    """Write the rows of the cases that were asked for, a line each."""
    rivals.one_thread()  # before the libraries are imported, which start their threads then
    np.seterr(all="ignore")
    warnings.simplefilter("ignore")  # of the libraries, about themselves
    systems = [system for system in SYSTEMS if system.numpy or not arguments.numpy]
    effort = {"rounds": 1, "enough": 0.0} if arguments.quick else {}
    if arguments.keep:
        keep_freed()
    for case in cases(arguments.quick):
        if arguments.only in case.title and not (arguments.keep and case.nbytes > KEPT):
            for row in rows(case, systems, arguments.level, arguments.clock, **effort):
                print(json.dumps(asdict(row)), flush=True)
            gc.collect()


def options():
    """The parser of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("level", help="the name of NumPy's dispatch level, for the rows")
    parser.add_argument("--quick", action="store_true", help="small cases, one round")
    parser.add_argument("--numpy", action="store_true", help="only what hangs on NumPy's dispatch level")
    parser.add_argument("--keep", action="store_true", help="freed memory stays; only cases that it concerns")
    parser.add_argument("--only", default="", metavar="TEXT", help="only cases whose title holds this text")
    parser.add_argument("--clock", choices=CLOCKS, default=WALL, help=CLOCK_SAYS)
    return parser


if __name__ == "__main__":
    main(options().parse_args())
