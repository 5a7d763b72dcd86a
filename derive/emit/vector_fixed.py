"""The parts of an emitted vector file that stand around its formulas, as templates for `vector_numpy`."""

APPLY = '''
@np.errstate(all="ignore")
def _apply(core, axis, @x@, @y@*directions, **parameters):
    """Run core in float64 on rows of components; NaN in a row is NaN in its result."""
    @stacked@x, dtype = _rows(@x@, axis)
    arrays = [x]
    @targets@@each@arrays += [_along(v, @size@, axis) for v in directions]
    lead = np.broadcast_shapes(*(v.shape[:-1] for v in arrays))
    arrays = [np.broadcast_to(v, (*lead, v.shape[-1])) for v in arrays]
    value = @core@*arrays, **parameters)
    bad = np.any([np.isnan(v).any(-1) for v in arrays], 0)
@wrong@    if isinstance(value, tuple):
        return tuple(_finished(v, bad, dtype, axis) for v in value)
    return _finished(value, bad, dtype, axis)
'''

FINISHED = '''
def _finished(value, bad, dtype, axis):
    """A result with NaN in bad rows, rounded once, its axis where the input has it."""
    if value.ndim == bad.ndim:
        return np.where(bad, np.nan, value).astype(dtype)[()]
    if value.ndim > bad.ndim + 1:
        return np.where(bad[..., None, None], np.nan, value).astype(dtype)
    return np.moveaxis(np.where(bad[..., None], np.nan, value).astype(dtype), -1, axis)
'''

ROWS = '''
_FLOATS = tuple(np.dtype(name) for name in ("float16", "float32", "float64"))


def _real(x, name):
    """x as an array of real numbers."""
    x = np.asarray(x)
    if x.dtype.kind not in "fiub":
        raise TypeError(f"{name} must hold real numbers, not {x.dtype}")
    return x


def _rows(x, axis, name="@x@"):
    """x in float64 with its components last, and the dtype of results."""
    x = _real(x, name)
    if x.ndim == 0 or x.shape[axis] == 0:
        raise ValueError(f"{name} needs an axis of at least one component")
@many@    dtype = x.dtype.newbyteorder("=")
    dtype = dtype if dtype in _FLOATS else np.dtype("float64")
    return np.moveaxis(x, axis, -1).astype(np.float64), dtype
'''

STACKED = '''
def _parts(slope, given, axis):
    """A stacked slope in parts, where the input was given so."""
    return tuple(np.split(slope, @m@, axis)) if isinstance(given, tuple) else slope


def _stacked(x, axis):
    """The @m@ vectors one after the other, of an array or a tuple of @m@."""
    if isinstance(x, tuple) and len(x) == @m@:
        return np.concatenate([np.asarray(part) for part in x], axis)
    return x
'''

ALONG = '''
def _along(v, @sizes@, axis):
    """A direction in float64 with its components last."""
    v = _real(@given@, "the vector").astype(np.float64)
    if v.ndim == 0 or v.shape[axis] @misses@:
        raise ValueError(f"the vector needs {@wanted@} components, not shape {v.shape}")
    return np.moveaxis(v, axis, -1)
'''

LIMITS = '''
def _limits(core, x, *others, **parameters):
    """The result of core, or its limit; NaN for several infinite components."""
    far = np.finfo(np.float64).max
    value = core(np.clip(x, -far, far), *others, **parameters)
    if not np.isinf(x).any():
        return value
    nearer = core(np.clip(x, -far / 4, far / 4), *others, **parameters)
    if isinstance(value, tuple):
        return tuple(_limit(v, w, x) for v, w in zip(value, nearer, strict=True))
    return _limit(value, nearer, x)


def _limit(value, nearer, x):
    """What grows further out is infinite there."""
    count = np.isinf(x).sum(-1)
    count = count.reshape(count.shape + (1,) * (value.ndim - count.ndim))
    grows = (count > 0) & (np.abs(value) > 2 * np.abs(nearer))
    limit = np.where(count > 1, np.nan, np.copysign(np.inf, value))
    return np.where(grows, limit, value)
'''

LABELS = """
    if np.issubdtype(y.dtype, np.integer) and y.ndim < axes:
        if ((y < 0) | (y >= classes)).any():
            raise ValueError(f"class indices must lie in 0..{classes - 1}")
        return (np.arange(classes) == y[..., None]).astype(np.float64)
"""

TARGETS = '''
def _targets(y, axes, classes, axis):
    """Targets in float64 with their components last; ValueError outside the domain."""
    y = _real(y, "y")
@labels@    if y.ndim == 0 or y.shape[axis] != classes:
        raise ValueError(f"targets need an axis of {classes} classes, as @x@ has")
    y = np.moveaxis(y, axis, -1)
@check@
    return y
'''

SCALAR_TARGETS = '''
def _targets(y):
    """Targets in float64 with an axis of length 1; ValueError outside the domain."""
    y = _real(y, "y").astype(np.float64)[..., None]
@check@
    return y
'''

SIMPLEX = """
    eps = np.finfo(y.dtype if y.dtype in _FLOATS else np.float64).eps
    y = y.astype(np.float64)
    wanted = "targets must lie in @domain@"
    if (y @negative@ 0).any():
        raise ValueError(f"{wanted}: y_k @needed@ 0, but the least is {np.nanmin(y)}")
    total, miss = y.sum(-1), 8 * classes * eps
    if (wrong := np.abs(total - 1) > miss).any():
        found = np.extract(wrong, total)[0]
        raise ValueError(f"{wanted}: sum(y) is {found}, not 1 within {miss:.1e}")
"""

ONE_HOT = """
    y = y.astype(np.float64)
    missing = np.isnan(y)
    wrong = ((y != 0) & (y != 1) & ~missing).any(-1)
    if (wrong | (y.sum(-1) != 1) & ~missing.any(-1)).any():
        raise ValueError("targets must be one-hot: one component 1, the others 0")
"""

NONZERO = """
    y = y.astype(np.float64)
    if (y == 0).all(-1).any() or np.isinf(y).any():
        raise ValueError("targets must be finite, and not all components 0")
"""

INSIDE = """
    y = y.astype(np.float64)
    if np.any(@outside@):
        raise ValueError("targets must lie in @domain@")
"""

PARAMETER = '''
def _@name@(@name@):
    """The parameter as a float, after a check of its domain."""
    number = isinstance(@name@, (int, float, np.number))
    if not (number and @inside@):
        wanted = f"must lie in @domain@, not {@name@}"
        raise ValueError(f"@name@ {wanted}")
    return float(@name@)
'''

PER_CLASS = '''
def _@name@(@name@):
    """One number for all classes, or an array of one for each, in float64."""
    @name@ = np.asarray(@name@, dtype=np.float64)
    inside = @inside@
    if @name@.ndim > 1 or not np.all(inside):
        wanted = "one number in @domain@, or one for each class"
        raise ValueError(f"@name@ needs {wanted}")
    return @name@
'''

EACH = '''
def _each(parameters, classes):
    """Parameters with one number for each class have as many as there are classes."""
    for name, value in parameters.items():
        if np.shape(value) not in ((), (classes,)):
            wanted = f"one number, or {classes} for {classes} classes"
            raise ValueError(f"{name} needs {wanted}")
'''

HESS = '''
def _hess(@arguments@, **parameters):
    """The products with all unit vectors, which are the columns of the matrix."""
    n = @x@.shape[-1]
    units = np.broadcast_to(np.eye(n), (*@x@.shape, n))
    columns = _hvp(@rows@, units, **parameters)
    return columns / 2 + np.swapaxes(columns, -1, -2) / 2
'''

JACOBIAN = '''
def _grad(@x@, **parameters):
    """The slopes of each component, which are the rows of the matrix."""
    k = @x@.shape[-1]@over@
    units = np.broadcast_to(np.eye(k), (*@x@.shape[:-1], k, k))
    return _vjp(@x@[..., None, :], units, **parameters)
'''

FILL = '''
def _fill(out, values):
    """Copy the values into a tuple of arrays of the same shapes and dtypes."""
    if not isinstance(out, tuple) or len(out) != len(values):
        raise ValueError("out must be a tuple of two arrays")
    for array, value in zip(out, values, strict=True):
        given = getattr(array, "shape", None), getattr(array, "dtype", None)
        if given != (value.shape, value.dtype):
            raise ValueError(f"out needs shape {value.shape} and {value.dtype} arrays")
    if np.shares_memory(*out):
        raise ValueError("the arrays of out must not overlap")
    for array, value in zip(out, values, strict=True):
        array[...] = value
    return out
'''
