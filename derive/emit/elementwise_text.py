"""The fixed parts of an emitted elementwise file, as templates; `elementwise_numpy` fills them in."""

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
        value = np.where(np.isnan(z), np.nan, value)
        return value.astype(dtype)[()]
'''

LIMIT = '''
def _limit(function, z, *others):
    """Return the limit at infinite z: what comes far out, infinite where it grows."""
    far = np.finfo(np.float64).max
    value = function(np.clip(z, -far, far), *others)
    nearer = function(np.clip(z, -far / 4, far / 4), *others)
    grows = np.abs(value) > 2 * np.abs(nearer)
    return np.where(grows, np.copysign(np.inf, value), value)
'''

FLOAT64 = '''
def _float64(z):
    """Return z as float64, and the dtype of the result."""
    z = _real(z)
    dtype = z.dtype.newbyteorder("=")
    if dtype not in (np.float16, np.float32):
        dtype = np.float64
    return z.astype(np.float64), dtype


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
    """Return (loss, grad); out, a tuple of two arrays, receives them where given."""
    value = loss({call})
    slope = grad({call})
    if out is None:
        return value, slope
    _fill(out, (value, slope))
    return out


def _fill(out, values):
    """Copy the values into a tuple of arrays of the same shapes and dtypes."""
    if not isinstance(out, (tuple, list)) or len(out) != len(values):
        raise ValueError("out must be a tuple of two arrays")
    for array, value in zip(out, values, strict=True):
        given = getattr(array, "shape", None), getattr(array, "dtype", None)
        if given != (value.shape, value.dtype):
            raise ValueError(f"out needs shape {{value.shape}} and {{value.dtype}} arrays")
    if np.shares_memory(*out):
        raise ValueError("the arrays of out must not overlap")
    for array, value in zip(out, values, strict=True):
        array[...] = value
'''

SELF_CHECK = '''
def _self_check():
    """Return what differs from _formula, its differences and known values."""
    {x} = {points}
    h = 1e-5
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
    h = 1e-5
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
