"""The parts of an emitted vector file that stand around its formulas, as templates for `vector_numpy`."""

APPLY = '''
@np.errstate(all="ignore")
def _apply(core, axis, @x@, @y@*directions, @out@**parameters):
    """Run core in float64 on rows of components; NaN in a row is NaN in its result."""
    @stacked@x, dtype = _rows(@x@, axis)
    arrays = [x]
    @targets@@each@arrays += [_along(v, @size@, axis) for v in directions]
    lead = np.broadcast_shapes(*(v.shape[:-1] for v in arrays))
    arrays = [_as_rows(v, lead) for v in arrays]
    @values@
    values = tuple(_unfolded(v, lead, axis) for v in values)
    @given@return values if len(values) > 1 else values[0]
'''

PIECES = '''
_PIECE = 2**14  # components worked on at a time, which stay in the processor's cache


def _in_pieces(core, arrays, dtype, parameters, results=None):
    """The results of core, made of a few rows at a time; NaN in a row is kept."""
    count, n = arrays[0].shape
    step = max(1, _PIECE // (n * n if core is @matrix@ else n))
    for start in range(0, max(count, 1), step):
        rows = slice(start, start + step)
        part = [@cast@ for v in arrays]
        values = @core@*part, **parameters)
        values = values if isinstance(values, tuple) else (values,)
        results = results or [np.empty((count, *v.shape[1:]), dtype) for v in values]
        bad = _bad(part)
        for result, value in zip(results, values, strict=True):
            result[rows] = value
            result[rows][bad] = np.nan
    return results


def _bad(arrays):
    """The rows with NaN@outside@."""
    bad = np.zeros(len(arrays[0]), bool)
    for v in arrays:
        if np.isnan(v).any():
            bad |= np.isnan(v).any(-1)
@wrong@    return bad


def _as_rows(v, lead):
    """Rows, repeated where other arguments have more of them."""
    if v.shape[:-1] != lead:
        v = np.broadcast_to(v, (*lead, v.shape[-1]))
    return v.reshape(-1, v.shape[-1])


def _last(v, axis):
    """The array with its components last."""
    return v if axis in (-1, v.ndim - 1) else np.moveaxis(v, axis, -1)


def _unfolded(value, lead, axis):
    """A result with the axes that the input has."""
    value = value.reshape((*lead, *value.shape[1:]))
    if value.ndim != len(lead) + 1:
        return value[()]
    return value if axis == -1 else np.moveaxis(value, -1, axis)
'''

HOT = '''
def _hot_rows(v, classes):
    """Rows in float64; class indices as one-hot targets."""
    if v.dtype.kind in "iu":
        return (np.arange(classes) == v).astype(np.float64)
    return np.ascontiguousarray(v, np.float64)
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
    """x in floats with its components last, and the dtype of results."""
    x = _real(x, name)
    if x.ndim == 0 or x.shape[axis] == 0:
        raise ValueError(f"{name} needs an axis of at least one component")
@many@    dtype = x.dtype.newbyteorder("=")
    dtype = dtype if dtype in _FLOATS else np.dtype("float64")
    x = x if x.dtype in _FLOATS else x.astype(np.float64)
    return _last(x, axis), dtype
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
    return _last(v, axis)
'''

LIMITS = '''
def _limits(core, x, *others, **parameters):
    """The results of core, at infinite components their limits; NaN without one."""
    infinite = np.isinf(x)
    if not infinite.any():
        return core(x, *others, **parameters)

    def at(power):
        far = np.where(infinite, np.ldexp(np.sign(x), power), x)
        values = core(far, *others, **parameters)
        return values if isinstance(values, tuple) else (values,)

    # Several infinite components may grow at any rates: three ways there must agree.
    turn = infinite.cumsum(-1) % 8
    limits = []
    for way in (0 * turn, turn, -turn):
        pairs = zip(at(990 + way), at(980 + way), strict=True)
        limits.append([_limit(value, nearer) for value, nearer in pairs])
    return tuple(_agreed(*found) for found in zip(*limits, strict=True))


def _limit(value, nearer):
    """What a value tends to: infinity where it grows on, 0 where it shrinks on."""
    size, before = np.abs(value), np.abs(nearer) * (1 + 1e-6)
    grown = np.where(size > before, np.copysign(np.inf, value), value)
    return np.where(size * (1 + 1e-6) < np.abs(nearer), 0.0, grown)


def _agreed(first, *others):
    """The first of some limits, and NaN where another differs."""
    same = [np.isclose(first, other, rtol=1e-9, atol=0.0) for other in others]
    return np.where(np.all(same, 0), first, np.nan)
'''

LABELS = """
    if np.issubdtype(y.dtype, np.integer) and y.ndim < axes:
        if ((y < 0) | (y >= classes)).any():
            raise ValueError(f"class indices must lie in 0..{classes - 1}")
        return y[..., None].astype(np.int64)
"""

TARGETS = '''
def _targets(y, axes, classes, axis):
    """Targets@either@ components last; ValueError outside the domain."""
    y = _real(y, "y")
@labels@    if y.ndim == 0 or y.shape[axis] != classes:
        raise ValueError(f"targets need an axis of {classes} classes, as @x@ has")
    y = _last(y, axis)
@check@
    return y
'''

SCALAR_TARGETS = '''
def _targets(y):
    """Targets in float64 with an axis of length 1; ValueError outside the domain."""
    y = _real(y, "y")[..., None]
@check@
    return y
'''

SIMPLEX = """
    eps = np.finfo(y.dtype if y.dtype in _FLOATS else np.float64).eps
    y = y.astype(np.float64, copy=False)
    wanted = "targets must lie in @domain@"
    if (y @negative@ 0).any():
        raise ValueError(f"{wanted}: y_k @needed@ 0, but the least is {np.nanmin(y)}")
    total, miss = y.sum(-1), 8 * classes * eps
    if (wrong := np.abs(total - 1) > miss).any():
        found = np.extract(wrong, total)[0]
        raise ValueError(f"{wanted}: sum(y) is {found}, not 1 within {miss:.1e}")
"""

ONE_HOT = """
    y = y.astype(np.float64, copy=False)
    missing = np.isnan(y)
    wrong = ((y != 0) & (y != 1) & ~missing).any(-1)
    if (wrong | (y.sum(-1) != 1) & ~missing.any(-1)).any():
        raise ValueError("targets must be one-hot: one component 1, the others 0")
"""

NONZERO = """
    y = y.astype(np.float64, copy=False)
    if (y == 0).all(-1).any() or np.isinf(y).any():
        raise ValueError("targets must be finite, and not all components 0")
"""

INSIDE = """
    y = y.astype(np.float64, copy=False)
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

INTO = '''
def _into(out, lead, axis, dtype, arrays):
    """The arrays of out as rows to write into; others where arguments lie there too."""
    n, place = arrays[0].shape[-1], axis % (len(lead) + 1)
    shapes = lead, (*lead[:place], n, *lead[place:])
    if not isinstance(out, tuple) or len(out) != 2:
        raise ValueError("out must be a tuple of two arrays")
    for array, shape in zip(out, shapes, strict=True):
        given = getattr(array, "shape", None), getattr(array, "dtype", None)
        if given != (shape, dtype):
            raise ValueError(f"out needs shape {shape} and {dtype} arrays")
    if np.shares_memory(*out):
        raise ValueError("the arrays of out must not overlap")
    rows = out[0].reshape(-1), _last(out[1], axis).reshape(-1, n)
    shared = [any(np.may_share_memory(r, v) for v in arrays) for r in rows]
    pairs = zip(rows, shared, strict=True)
    return [np.empty_like(r) if both else r for r, both in pairs]


def _filled(out, values):
    """out, filled with what does not lie there yet."""
    for array, value in zip(out, values, strict=True):
        if not np.may_share_memory(array, value):
            array[...] = value
    return out
'''

# Of pairs with a joint function for loss and gradient (see `joint`).
TOGETHER = '''
def _together(core, arrays, dtype, parameters, results):
    """Loss and gradient in one pass; core gives them where exp leaves its range."""
    count, n = arrays[0].shape
    results = results or [np.empty(count, dtype), np.empty((count, n), dtype)]

    def weights(y):
        _valid(y)
        return @t@

    def careful(*rows):
        return _in_pieces(core, rows, dtype, parameters)

@defaults@    _one_pass(*arrays, results, @plain@, weights, careful)
    return results
'''

WEIGHTS = '''
def _weights(@arguments@):
    """t of the loss -sum(t[k]*log(p[k]) over k)."""
    return @formula@
'''

VALID = '''
def _valid(y):
    """ValueError where targets lie outside the domain; class indices are inside."""
    if y.dtype.kind == "i":
        return
@check@
'''

SIMPLEX_ROWS = """
    eps, classes = np.finfo(y.dtype).eps, y.shape[-1]
    wanted = "targets must lie in @domain@"
    if (y @negative@ 0).any():
        raise ValueError(f"{wanted}: y_k @needed@ 0, but the least is {np.nanmin(y)}")
    total, miss = y.sum(-1, dtype=np.float64), 8 * classes * eps
    if (wrong := np.abs(total - 1) > miss).any():
        found = np.extract(wrong, total)[0]
        raise ValueError(f"{wanted}: sum(y) is {found}, not 1 within {miss:.1e}")
"""

INSIDE_ROWS = """
    if np.any(@outside@):
        raise ValueError("targets must lie in @domain@")
"""

FLOATS = "    y = y if y.dtype in _FLOATS else y.astype(np.float64)"
