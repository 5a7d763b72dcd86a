"""The fixed parts of an emitted elementwise file, as templates; `elementwise_numpy` fills them in."""

from derive.model import Subject, waves

PAIR_APPLY = '''
def _apply(function, z, y, *parameters):
    """Evaluate in float64 and round once; infinite z gives the limit, NaN gives NaN."""
    with np.errstate(all="ignore"):
        z, dtype = _float64(z)
        z, y = np.broadcast_arrays(z, _targets(y))
        value = function(z, y, *parameters)
        if np.isinf(z).any():
            limit = _limit(function, z, y, *parameters)
            value = np.where(np.isinf(z) & ~np.isinf(value), limit, value)
        value = np.where({undefined}, np.nan, value)
        return value.astype(dtype)[()]
'''

SINGLE_APPLY = '''
def _apply(function, z, *parameters):
    """Evaluate in float64 and round once; infinite z gives the limit, NaN gives NaN."""
    with np.errstate(all="ignore"):
        z, dtype = _float64(z)
        value = function(z, *parameters)
        if np.isinf(z).any():
            limit = _limit(function, z, *parameters)
            value = np.where(np.isinf(z) & ~np.isinf(value), limit, value)
        value = np.where({undefined}, np.nan, value)
        return value.astype(dtype)[()]
'''

LIMIT = '''
def _limit(function, z, *others):
    """Return the limit at infinite z: infinite if it grows far out.

    If it falls, it is what the function gives at infinity, and 0 where that is none.
    """
    far, near = 2.0**1022, 2.0**894
    there = function(z, *others)
    value = function(np.clip(z, -far, far), *others)
    nearer = function(np.clip(z, -near, near), *others)
    grows = np.abs(value) > 1.01 * np.abs(nearer)
    falls = np.abs(nearer) > 1.01 * np.abs(value)
    value = np.where(falls, np.where(np.isfinite(there), there, 0.0), value)
    return np.where(grows, np.copysign(np.inf, value), value)
'''

# Of what has a sine or a cosine in it: all else is monotone from some z on, and two values tell its limit.
WAVING = '''
def _limit(function, z, *others):
    """Return the limit at infinite z: what many values far out tell, else NaN."""
    places = 2.0 ** np.arange(894, 1023, 8)
    values = np.array([function(np.clip(z, -far, far), *others) for far in places])
    size, last = np.abs(values), values[-1]
    same = np.all((values == last) | (np.abs(values - last) < 1e-12 * size[-1]), 0)
    grows = np.all(size[1:] >= size[:-1], 0) & (size[-1] > 1.01 * size[0])
    falls = np.all(size[1:] <= size[:-1], 0) & (size[0] > 1.01 * size[-1])
    limit = np.where(falls | (size.max(0) < 1e-250), 0.0, np.where(same, last, np.nan))
    return np.where(grows, np.copysign(np.inf, last), limit)
'''

FLOAT64 = '''
def _float64(z):
    """Return z as float64, and the dtype of the result."""
    z = _real(z)
    return z.astype(np.float64), _dtype(z)


def _dtype(z):
    """Return the dtype of the result: that of z where it is a float, else float64."""
    dtype = z.dtype.newbyteorder("=")
    return dtype if dtype in (np.float16, np.float32) else np.dtype(np.float64)


def _real(x):
    """Return x as an array, after a check that it holds real numbers."""
    x = np.asarray(x)
    if x.dtype.kind not in "fiub":
        raise TypeError(f"real numbers are needed, not {x.dtype}")
    return x
'''

TARGETS = '''
def _targets(y):
    """Return y as float64, after a check of its domain; NaN passes."""
    y = _real(y).astype(np.float64)
    if np.any({outside}):
        raise ValueError("targets must lie in {domain}")
    return y
'''

PARAMETER = '''
def _{name}({name}):
    """Return the parameter as a float, after a check of its domain."""
    number = isinstance({name}, (int, float, np.number))
    if not (number and {inside}):
        raise ValueError(f"{name} must lie in {domain}, not {{{name}}}")
    return float({name})
'''

LOSS_AND_GRAD = '''
def loss_and_grad({x}, y, *, out=None{keywords}):
    """Return (loss, grad), made together; out, a tuple of two arrays, receives them.

    Arguments and results as for loss and grad, bit for bit. The work is done block
    by block: beside the results it needs little memory, whatever the size.
    """
    parameters = ({parameters})
    {x}, y = _real({x}), _real(y)
    value, slope = _results(out, {x}, y)
    work = np.empty(({rows}, min(value.size, _BLOCK)))
    with np.errstate(all="ignore"):
        for block in _blocks({x}, y, value, slope):
            _block(*block, work[:, : block[0].size], *parameters)
    return (value[()], slope[()]) if out is None else _filled(out, (value, slope))
'''

BLOCKS = '''
_BLOCK = 2**14  # elements worked on at a time, which stay in the processor's cache


def _blocks({x}, y, value, slope):
    """Yield flat blocks of the arguments and of the results, in float64."""
    arrays = {x}, y, value, slope
    if {x}.shape == y.shape and all([_is_plain(v) for v in arrays]):
        arrays = [v.reshape(-1) for v in arrays]
        if 0 < value.size <= _BLOCK:
            yield arrays
            return
        for start in range(0, value.size, _BLOCK):
            yield [v[start : start + _BLOCK] for v in arrays]
    elif value.size:
        yield from np.nditer(
            arrays,
            ["external_loop", "buffered"],
            [["readonly"], ["readonly"], ["writeonly"], ["writeonly"]],
            [np.float64] * 4,
            casting="same_kind",
            buffersize=_BLOCK,
        )


def _is_plain(v):
    """Whether an array holds float64 numbers, one after the other."""
    return v.dtype == np.float64 and v.flags.c_contiguous


def _block({x}, y, value, slope, work{names}):
    """Fill a block; infinite and missing numbers are left to what loss and grad do."""
    if {plain}:
        _fused({x}, y, value, slope, work{names})
    else:
        value[...] = _apply(_loss, {x}, y{names})
        slope[...] = _apply(_grad, {x}, y{names})


def _fused({x}, y, value, slope, work{names}):
    """Fill a block: the steps of _loss and _grad, those in common done once."""
{lines}


def _results(out, {x}, y):
    """Return two new arrays, or those of out after a check that they fit."""
    same = {x}.shape == y.shape
    shape = {x}.shape if same else np.broadcast_shapes({x}.shape, y.shape)
    dtype = _dtype({x})
    if out is None:
        return np.empty(shape, dtype), np.empty(shape, dtype)
    if not isinstance(out, (tuple, list)) or len(out) != 2:
        raise ValueError("out must be a tuple of two arrays")
    for array in out:
        given = getattr(array, "shape", None), getattr(array, "dtype", None)
        if given != (shape, dtype):
            raise ValueError(f"out needs shape {{shape}} and {{dtype}} arrays")
    if np.shares_memory(*out):
        raise ValueError("the arrays of out must not overlap")
    if any(np.may_share_memory(v, w) for v in out for w in ({x}, y)):
        return np.empty(shape, dtype), np.empty(shape, dtype)
    return out


def _filled(out, values):
    """Return out, which holds the values already where it could be worked in."""
    for array, value in zip(out, values, strict=True):
        if array is not value:
            array[...] = value
    return out
'''

SELF_CHECK = '''
def _self_check():
    """Return what differs from _formula, its differences and known values."""
    {x} = {points}
    h = {step}
    bad = []
    for y in {samples}:
        value = _formula({x}, y{defaults})
        ahead, behind = _formula({x} + h, y{defaults}), _formula({x} - h, y{defaults})
        slope = (ahead - behind) / (2 * h)
        size = 1 + np.abs(value) + np.abs(slope)
        if not np.all(np.abs(loss({x}, y) - value) <= 1e-9 * size):
            bad.append(f"loss at y = {{y}}")
        if not np.all(np.abs(grad({x}, y) - slope) <= 1e-6 * size):
            bad.append(f"gradient at y = {{y}}")
{known}    return bad
'''

SINGLE_CHECK = '''
def _self_check():
    """Return what differs from _activation, its differences and known values."""
    z = {points}
    h = {step}
    bad = []
    slope = (_activation(z + h{defaults}) - _activation(z - h{defaults})) / (2 * h)
    size = 1 + np.abs(z) + np.abs(slope)
    if not np.all(np.abs(value(z) - _activation(z{defaults})) <= 1e-9 * size):
        bad.append("value")
    if not np.all(np.abs(grad(z) - slope) <= 1e-6 * size):
        bad.append("derivative")
{known}    return bad
'''

KNOWN = """    if not np.isclose({call}, {value}, rtol=1e-12, atol=0):
        bad.append("known value of {name}")
"""

MAIN = """
if __name__ == "__main__":
    failures = _self_check()
    if failures:
        sys.exit("FAILED: " + ", ".join(failures))
    print("passed: value and first derivative against the plain formula,")
    print("its differences and known values; the tails are not covered")
"""


def limit(subject: Subject) -> str:
    """The function that takes the limit at infinite z."""
    return WAVING if waves(subject) else LIMIT
