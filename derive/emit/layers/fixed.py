"""The parts of an emitted layer that stand around its formulas, as templates: @name@ is filled in."""

PASSES = '''
@np.errstate(all="ignore")
def _run(given, *others):
    """The output, and what _back needs: what _backward does, shapes and the dtype."""
    arrays, @rows@, dtype = _taken(given)
    found, kept = _forward(*arrays, *others)
    shape = @shape@
    shapes = [np.shape(v) for v in given.values()]@moving@
    return _shaped(found, shape, dtype), (kept, np.shape(found), shape, shapes, dtype)


@np.errstate(all="ignore")
def _back(g, saved):
    """The slopes in inputs and weights, in their order."""
    kept, inside, shape, shapes, dtype = saved
    g = _real("g", g)
    if g.shape != shape:
        raise ValueError(f"g has shape {g.shape}, but that of the output is {shape}")
    g = g.astype(_work(dtype), copy=False).reshape(inside)
    slopes = _backward(g, *kept)
    return tuple(_shaped(v, s, dtype) for v, s in zip(slopes, shapes, strict=True))
'''

DTYPES = '''
_FLOATS = tuple(np.dtype(name) for name in ("float16", "float32", "float64"))


def _real(name, v):
    """v as an array of real numbers."""
    try:
        v = np.asarray(v)
    except ValueError:
        raise ValueError(f"{name} has rows of several lengths") from None
    if v.dtype.kind not in "fiub":
        raise TypeError(f"{name} must hold real numbers, not {v.dtype}")
    return v


def _dtype(arrays):
    """The dtype of results: the widest of the arrays', float64 if one is no float."""
    dtype = np.result_type(*(v.dtype for v in arrays)).newbyteorder("=")
    return dtype if dtype in _FLOATS else np.dtype("float64")


def _work(dtype):
    """The dtype of the work."""
    return np.promote_types(dtype, np.float32)
'''

TAKEN = '''
def _taken(given):
    """The arrays as they are worked on, the axes in front, and the dtype of results."""
    arrays, sizes = [_real(name, v) for name, v in given.items()], {}
    dtype = _dtype(arrays@moving@)
    arrays = [_fitted(name, v, sizes) for name, v in zip(given, arrays, strict=True)]
    work = [v.astype(_work(dtype), copy=False) for v in arrays@moving@]
    return @all@, sizes.get("...", ()), dtype
'''

ROWS = '''
def _fitted(name, v, sizes):
    """v with all its rows along one axis; ValueError where a size is another."""
    axes, shape = _AXES[name], v.shape
    if axes[:1] == ("...",):
        split = v.ndim - len(axes) + 1
        shape = (v.shape[:split], *v.shape[split:])
    if len(shape) != len(axes) or not _same(axes, shape, sizes):
        wanted = _needed(axes, sizes)
        raise ValueError(f"{name} has shape {v.shape}, but {wanted} is needed")
    return v if shape == v.shape else v.reshape(math.prod(shape[0]), *shape[1:])
'''

LEADING = '''
def _fitted(name, v, sizes):
    """v as it is; ValueError where a size is another."""
    axes = _AXES[name][1:]
    lead, shape = v.shape[: v.ndim - len(axes)], v.shape[v.ndim - len(axes) :]
    if v.ndim < len(axes) or not _same(axes, shape, sizes):
        wanted = _needed(_AXES[name], sizes)
        raise ValueError(f"{name} has shape {v.shape}, but {wanted} is needed")
    sizes["..."] = _broadcast(name, lead, sizes.get("...", ()))
    return v


def _broadcast(name, lead, others):
    """The axes in front of all arrays together."""
    try:
        return np.broadcast_shapes(lead, others)
    except ValueError:
        both = f"{lead} in front, and arrays before it {others}"
        raise ValueError(f"{name} has {both}") from None
'''

NEEDED = '''
def _same(axes, shape, sizes):
    """Whether sizes are those seen before; new ones are noted."""
    pairs = list(zip(axes, shape, strict=True))
    fit = all(sizes.get(axis, n) == n for axis, n in pairs)
    return fit and not sizes.update(pairs)


def _needed(axes, sizes):
    """The shape that fits, in letters where a size is free."""
    found = [sizes.get(axis, axis) for axis in axes]
    front = found[0] if isinstance(found[0], tuple) else found[:1]
    shape = tuple(map(str, (*front, *found[1:])))
    return f"({', '.join(shape)}{',' * (len(shape) == 1)})"
'''

SHAPED = '''
def _shaped(v, shape, dtype):
    """A result in the shape and the dtype that it is to have."""
    return np.asarray(v).reshape(shape).astype(dtype, copy=False)[()]
'''

SUMMED = '''
def _shaped(v, shape, dtype):
    """A result in its dtype, summed where one array met several."""
    v = np.asarray(v)
    v = v.sum(tuple(range(v.ndim - len(shape))))
    again = tuple(a for a, n in enumerate(shape) if n != v.shape[a])
    return (v.sum(again, keepdims=True) if again else v).astype(dtype, copy=False)
'''

SOFTMAX = '''
def _softmax(s, mask):
    """exp(s) / sum(exp(s)) along the last axis, over what the mask lets through."""
    none = False  # whether a row has no score
    if mask is not None:
        mask = _allowed(mask, s)
        s, none = np.where(mask, s, -np.inf), ~mask.any(-1, keepdims=True)
    p = s - np.where(none, 0, s.max(-1, keepdims=True, initial=-np.inf))
    np.exp(p, out=p)
    p /= np.where(none, 1, p.sum(-1, keepdims=True))
    return p


def _allowed(mask, s):
    """The mask, after a check that it holds True and False and fits the scores."""
    mask = np.atleast_1d(mask)
    if mask.dtype != bool:
        raise TypeError(f"mask must hold True and False, not {mask.dtype}")
    try:
        fits = np.broadcast_shapes(mask.shape, s.shape)[-2:] == s.shape[-2:]
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(f"mask has shape {mask.shape}, which does not fit {s.shape}")
    return mask
'''

SCALE = '''
def _scale(scale, n):
    """The factor of the scores, 1/sqrt(n) where none is given."""
    if scale is None:
        return max(n, 1) ** -0.5
    number = isinstance(scale, (int, float, np.number)) and not isinstance(scale, bool)
    if not (number and np.isfinite(scale)):
        raise ValueError(f"scale must be a finite number, not {scale}")
    return float(scale)
'''

PARAMETER = '''
def _@name@(@name@):
    """The parameter as a float, after a check of its domain."""
    number = isinstance(@name@, (int, float, np.number))
    if type(@name@) is bool or not (number and @inside@):
        wanted = f"must lie in @domain@, not {@name@}"
        raise ValueError(f"@name@ {wanted}")
    return float(@name@)
'''

MEAN = '''
def _mean(x, axis):
    """The mean along an axis, within its entries: exact where these are equal."""
    low, high = x.min(axis, initial=np.inf), x.max(axis, initial=-np.inf)
    return np.clip(x.sum(axis) / x.shape[axis], low, high)
'''

TOKENS = '''
def _tokens(name, tokens, count):
    """Tokens, after a check that they are whole numbers in 0..count - 1."""
    if tokens.dtype.kind not in "iu":
        raise TypeError(f"{name} must hold integers, not {tokens.dtype}")
    if tokens.size and (tokens.min() < 0 or tokens.max() >= count):
        raise ValueError(f"{name} must lie in 0..{count - 1}")
    return tokens.astype(np.intp)


_ROUNDS = 32


def _scattered(g, tokens, size):
    """For each token the sum of the rows of g where it stands."""
    found = np.zeros((size, g.shape[1]), g.dtype)
    order = np.argsort(tokens, kind="stable")
    ranked = tokens[order]
    first = np.flatnonzero(np.diff(ranked, prepend=-1))
    counts = np.diff(first, append=len(ranked))
    # Row k of all tokens at once; what stands more often, token by token.
    for k in range(min(_ROUNDS, counts.max(initial=0))):
        some = first[counts > k] + k
        found[ranked[some]] += g[order[some]]
    many = counts > _ROUNDS
    for start, count in zip(first[many], counts[many], strict=True):
        rows = order[start + _ROUNDS : start + count]
        found[ranked[start]] += g[rows].sum(0)
    return found
'''

WINDOWS = '''
def _windows(x, taps, stride, padding, dilation):
    """What each tap meets at each place, shape (N, C, P, R): a view of the signal."""
    if taps == 0:
        raise ValueError("w has no taps")
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding)))
    reach = dilation * (taps - 1) + 1
    if reach > x.shape[-1]:
        met = f"too few for a kernel that reaches over {reach}"
        raise ValueError(f"x has {x.shape[-1]} places with its padding, {met}")
    every = np.lib.stride_tricks.sliding_window_view(x, reach, axis=-1)
    return every[:, :, ::stride, ::dilation]


def _overlapped(taps, places, stride, padding, dilation):
    """What was taken by taps, added where it was taken."""
    n, c, count, width = taps.shape
    found = np.zeros((n, c, places + 2 * padding), taps.dtype)
    for s in range(width):
        first = s * dilation
        found[:, :, first : first + stride * (count - 1) + 1 : stride] += taps[..., s]
    return found[:, :, padding : padding + places]


def _whole(name, number, least):
    """A keyword that counts, as an int."""
    whole = isinstance(number, (int, np.integer)) and not isinstance(number, bool)
    if not whole or number < least:
        raise ValueError(f"{name} must be an integer of at least {least}, not {number}")
    return int(number)
'''

DRAW = '''
def draw(shape, rng, *, @rate@=@default@):
    """Return a mask, drawn from a NumPy Generator: True with probability 1 - @rate@."""
    return rng.random(shape) >= _@rate@(@rate@)
'''

SELF_CHECK = '''
_SIZES = (
@sizes@
)


def _drawn(rng, @letters@):
    """Random arrays of these sizes."""
@draws@
    return @names@


def _differences(given, g, t, place):
    """The rate of g * value along t in one array, by differences of fourth order."""
    rates = []
    for step in (1e-3, 2e-3):
        ahead, behind = ([*given], [*given])
        ahead[place], behind[place] = given[place] + step * t, given[place] - step * t
        rates.append(np.vdot(g, value(*ahead) - value(*behind)) / (2 * step))
    return (4 * rates[0] - rates[1]) / 3


def _self_check():
    """The largest error of backward against differences along random directions."""
    rng, worst = np.random.default_rng(0), 0.0
    for sizes in _SIZES:
        given = _drawn(rng, **sizes)
        found, saved = forward(*given)
        g = rng.normal(size=np.shape(found))
        slopes = @slopes@
        for place, slope in enumerate(slopes):
            t = rng.normal(size=np.shape(given[place]))
            wanted = _differences(given, g, t, place)
            error = abs(np.vdot(slope, t) - wanted) / (1 + abs(wanted))
            worst = max(worst, float(error) if np.shape(slope) == t.shape else np.inf)
    return worst


_TOLERANCE = 1e-8  # of differences of fourth order with steps 1e-3 and 2e-3


if __name__ == "__main__":
    worst = _self_check()
    if not worst <= _TOLERANCE:
        sys.exit(f"FAILED: the largest error is {worst:.1e}")
    print(f"passed: largest error {worst:.1e} against differences along directions")
'''
