"""The fixed parts of an emitted Numba file, as templates; the package fills them in."""

IMPORTS = """
import pathlib
import sys
import threading

import numpy as np

try:
    import numba
    from numba.extending import intrinsic
except ImportError as error:
    message = "this file needs numba: pip install numba (of derive, the extra 'numba')"
    raise ImportError(message) from error
"""

COMPILED = '''
_SIZE = 2**15  # elements that one thread takes at a time
_LARGE = 2**17  # elements of which the loop is shared among threads
_LOCK = threading.Lock()  # one call at a time may use all threads


def _compiled(function, **options):
    """Return a function, to be compiled at its first call and kept on disk."""
    options |= {"error_model": "numpy", "nogil": True}
    try:
        return numba.njit(cache=_is_found_again(), **options)(function)
    except RuntimeError:  # there is no folder that can be written
        return numba.njit(**options)(function)


def _is_found_again():
    """Whether this is a module in a file of its name; else numba cannot load."""
    module, file = sys.modules.get(__name__), globals().get("__file__", "")
    known = getattr(module, "__dict__", None) is globals()
    return known and __name__.split(".")[-1] in ("__main__", pathlib.Path(file).stem)


def _in_parallel(function):
    """Return a function compiled likewise, its loop shared among numba's threads."""
    return _compiled(function, parallel=True)
'''

LOSS_AND_GRAD = '''
def loss_and_grad({x}, y, *, out=None{keywords}):
    """Return (loss, grad), made together; out, a tuple of two arrays, receives them.

    Arguments and results as for loss and grad.
    """
    parameters = ({parameters})
    return _apply(_BOTH, ({x}, y), parameters, 2, out)
'''

KERNEL = '''
@_compiled
def {name}({arguments}):
    """Fill {what}; return how many elements need further care."""
    odd = 0
{before}    for n in range({x}.size):
{inside}    return odd


@_in_parallel
def {name}_shared({arguments}):
    """Do the same with all threads."""
    odd = 0
    for n in numba.prange(({x}.size + _SIZE - 1) // _SIZE):
        at = slice(n * _SIZE, (n + 1) * _SIZE)
        odd += {name}({parts})
    return odd


{table} = {name}, {name}_shared
'''

APPLY = '''
def _apply(kernels, given, parameters, count=1, out=None):
    """Return what a kernel makes of arrays, or fill out with it."""
    given = tuple(map(_real, given))
    shape = np.broadcast_shapes(*[v.shape for v in given])
    made = _results(out, shape, _dtype(given[0]), count)
    apart = not any(np.may_share_memory(v, w) for v in made for w in given)
    into = made if apart else [np.empty_like(v) for v in made]
    for block in _blocks(given, into):
        values, results = [_fixed(v) for v in block[: len(given)]], block[len(given) :]
        if _run(kernels, (*values, *results, *parameters)):
            _mend(kernels[0], values, results, parameters)
    if not apart:
        for array, values in zip(made, into, strict=True):
            array[...] = values
    if out is not None:
        return out
    return made[0][()] if count == 1 else tuple([v[()] for v in made])


def _run(kernels, arguments):
    """Return what a kernel returns; a large array is shared among the threads."""
    alone, shared = kernels
    large = arguments[0].size > _LARGE and numba.get_num_threads() > 1
    if large and _LOCK.acquire(blocking=False):
        try:
            return shared(*arguments)
        finally:
            _LOCK.release()
    return alone(*arguments)


def _blocks(given, made):
    """Yield flat blocks of arguments and results: in one piece where they are plain."""
    arrays, dtype = (*given, *made), made[0].dtype
    fits = [v.dtype == dtype and v.flags.c_contiguous for v in arrays]
    same = all(v.shape == made[0].shape for v in given)
    plain = same and all(fits) and dtype in (np.float32, np.float64)
    if plain:
        yield [v.reshape(-1) for v in arrays]
    elif made[0].size:
        access = [["readonly", "contig"]] * len(given)
        yield from np.nditer(
            arrays,
            ["external_loop", "buffered"],
            access + [["writeonly", "contig"]] * len(made),
            [np.float64] * len(arrays),
            casting="same_kind",
            buffersize=_SIZE,
        )


def _fixed(v):
    """Return a view that cannot be written to: as all are, one type is compiled."""
    v = v.view()
    v.flags.writeable = False
    return v


def _results(out, shape, dtype, count):
    """Return new arrays, or those of out after a check that they fit."""
    if out is None:
        return [np.empty(shape, dtype) for _ in range(count)]
    if not isinstance(out, (tuple, list)) or len(out) != count:
        raise ValueError("out must be a tuple of two arrays")
    for array in out:
        given = getattr(array, "shape", None), getattr(array, "dtype", None)
        if given != (shape, dtype):
            raise ValueError(f"out needs shape {shape} and {dtype} arrays")
    if np.shares_memory(*out):
        raise ValueError("the arrays of out must not overlap")
    return out


def _dtype(x):
    """Return the dtype of the result: that of x where it is a float, else float64."""
    dtype = x.dtype.newbyteorder("=")
    return dtype if dtype in (np.float16, np.float32) else np.dtype(np.float64)


def _real(x):
    """Return x as an array, after a check that it holds real numbers."""
    x = np.asarray(x)
    if x.dtype.kind not in "fiub":
        raise TypeError(f"real numbers are needed, not {x.dtype}")
    return x
'''

MEND = '''
def _mend(kernel, given, made, parameters):
    """Set what is NaN to NaN, and the limit where z is infinite; refuse bad targets."""
    with np.errstate(all="ignore"):
        {names} = [v.astype(np.float64) for v in given]
{targets}        undefined = {undefined}
        for array in made:
            array[undefined] = np.nan
        at = np.flatnonzero(np.isinf(z) & ~undefined)
        z, others = z[at], ({others})

        def run(*given):
            return _values(kernel, len(made), given, parameters)

        values = run(z, *others)
        limits = np.where(np.isinf(values), values, _limit(run, z, *others))
        for array, value in zip(made, limits, strict=True):
            array[at] = value


def _values(kernel, count, given, parameters):
    """Return the rows that a kernel makes of float64 arrays."""
    rows = np.empty((count, given[0].size))
    kernel(*[_fixed(v) for v in given], *rows, *parameters)
    return rows
'''
