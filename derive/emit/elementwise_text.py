"""The fixed parts of an emitted elementwise file, as templates; `elementwise_numpy` fills them in."""

PAIR_APPLY = '''
def _apply(function, z, y, *parameters):
    """Evaluate in float64 and round once; infinite z gives the limit, NaN gives NaN."""
    z, dtype = _float64(z)
    z, y = np.broadcast_arrays(z, _targets(y))
    with np.errstate(all="ignore"):
        value = function(z, y, *parameters)
        if np.isinf(z).any():
            largest = np.finfo(np.float64).max
            edge = function(np.clip(z, -largest, largest), y, *parameters)
            edge = np.where(np.abs(edge) > 1e150, np.copysign(np.inf, edge), edge)
            value = np.where(np.isinf(z) & ~np.isinf(value), edge, value)
        value = np.where({undefined}, np.nan, value)
        return value.astype(dtype)[()]
'''

SINGLE_APPLY = '''
def _apply(function, z, *parameters):
    """Evaluate in float64 and round once; infinite z gives the limit, NaN gives NaN."""
    z, dtype = _float64(z)
    with np.errstate(all="ignore"):
        value = function(z, *parameters)
        if np.isinf(z).any():
            largest = np.finfo(np.float64).max
            edge = function(np.clip(z, -largest, largest), *parameters)
            edge = np.where(np.abs(edge) > 1e150, np.copysign(np.inf, edge), edge)
            value = np.where(np.isinf(z) & ~np.isinf(value), edge, value)
        value = np.where(np.isnan(z), np.nan, value)
        return value.astype(dtype)[()]
'''

FLOAT64 = '''
def _float64(z):
    """Return z as float64, and the dtype of the result."""
    z = np.asarray(z)
    if z.dtype.kind not in "fiub":
        raise TypeError(f"real numbers are needed, not {z.dtype}")
    dtype = z.dtype if z.dtype in (np.float16, np.float32) else np.float64
    return z.astype(np.float64), dtype
'''

TARGETS = '''
def _targets(y):
    """Return y as float64, after a check of its domain; NaN passes."""
    y = np.asarray(y, dtype=np.float64)
    if np.any({outside}):
        raise ValueError("targets must lie in {domain}")
    return y
'''

PARAMETER = '''
def _{name}({name}):
    """Return the parameter as a float, after a check of its domain."""
    if not {inside}:
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
    np.copyto(out[0], value)
    np.copyto(out[1], slope)
    return out
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
