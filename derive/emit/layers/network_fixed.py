"""The parts of an emitted network that stand around its lines, as templates: @name@ is filled in."""

PASSES = '''
@np.errstate(all="ignore")
def forward(parameters, x@rng@):
    """Return (scores, saved): what the loss reads, shape (@n@, @width@), and what backward needs.

    parameters: a dict of arrays with the names and shapes of SHAPES.
    x: shape (@n@, FEATURES).
@random@    """
    x, @weights@ = _taken(parameters, x)
@forward@
    return @scores@, @kept@


@np.errstate(all="ignore")
def backward(@scores@_bar, saved):
    """Return the gradients by all parameters, a dict, from that by the scores and from saved."""
    @saved@ = saved
@backward@
@results@


def predict(parameters, x):
    """Return the outputs, shape (@n@, @width@).@batches@"""
    scores, _ = forward(parameters, x)
    return _predicted(scores.astype(np.float64, copy=False)).astype(scores.dtype, copy=False)


def loss(parameters, x, y@rng@):
    """Return the loss: the mean over the rows. Arguments as for loss_and_grad."""
    return loss_and_grad(parameters, x, y@pass@)[0]
'''

RANDOM = """    rng: a generator that draws the masks of dropout; without one nothing is dropped.
"""

STEP = '''
def loss_and_grad(parameters, x, y@rng@):
    """Return (loss, gradients): the mean over the rows, and a dict of its gradients.

    y: the targets, one row for each of x; see _targets.
    """
    scores, saved = forward(parameters, x@pass@)
    rows, slopes = _rows(scores.astype(np.float64, copy=False), _targets(y, len(scores)))
    slopes = (slopes / max(len(rows), 1)).astype(scores.dtype, copy=False)
    return rows.sum() / max(len(rows), 1), backward(slopes, saved)


def step(parameters, x, y, rate=0.1, decay=0.0@rng@):
    """Return (parameters, loss) after one step of gradient descent; what is given stays as it is.

    rate: the learning rate.
    decay: the factor of weight decay, decay/2 * sum(w**2), of all arrays with two axes.
    """
    value, slopes = loss_and_grad(parameters, x, y@pass@)
    new = {}
    for name, v in parameters.items():
        v = np.asarray(v)
        slope = slopes[name] + decay * v if decay and v.ndim == 2 else slopes[name]
        new[name] = v - rate * slope
    return new, value
'''

MASK = '''
def _mask(rng, a, rate):
    """1 where an entry of a is kept, 0 where it is dropped; without a generator all keep their size."""
    if rng is None:
        return 1 - rate
    return (rng.random(a.shape) >= rate).astype(a.dtype)
'''

TAKEN = '''
def _taken(parameters, x):
    """x and all parameters as arrays, in the order of SHAPES; ValueError where one does not fit."""
    if set(parameters) != set(SHAPES):
        raise ValueError(f"parameters must be {', '.join(SHAPES)}, not {', '.join(parameters)}")
    found = [np.asarray(parameters[name]) for name in SHAPES]
    for (name, shape), v in zip(SHAPES.items(), found, strict=True):
        if v.shape != shape:
            raise ValueError(f"{name} has shape {v.shape}, but needs {shape}")
    x = np.asarray(x)
    if x.ndim != 2 or x.shape[1] != FEATURES:
        raise ValueError(f"x has shape {x.shape}, but needs (n, {FEATURES})")
    return x, *found
'''

INITIAL = '''
def initial(seed=0, dtype=np.float64):
    """Return parameters to begin with: Glorot's uniform weights, gains 1, biases and shifts 0.

    Glorot and Bengio 2010, AISTATS: uniform in (-l, l) with l = sqrt(6 / (inputs + outputs)).
    """
    rng, found = np.random.default_rng(seed), {}
    for name, shape in SHAPES.items():
        if len(shape) == 2:
            limit = np.sqrt(6 / sum(shape))
            found[name] = rng.uniform(-limit, limit, shape).astype(dtype)
        else:
            found[name] = np.full(shape, 1.0 if name.startswith("gamma") else 0.0, dtype)
    return found
'''

IN_FLOAT64 = '''
def _in_float64(f, z, *numbers):
    """f(z) by work in float64, in the dtype of z."""
    return f(z.astype(np.float64, copy=False), *numbers).astype(z.dtype, copy=False)
'''

NUMBERS = '''
@np.errstate(all="ignore")
def _rows(z, y):
    """The loss of each row, the sum over its outputs, and its gradient by the scores."""
    return _pair_loss(z, y@numbers@).sum(-1), _pair_slope(z, y@numbers@)
'''

VECTORS = '''
@np.errstate(all="ignore")
def _rows(z, y):
    """The loss of each row, and its gradient by the scores."""
    return _loss_and_grad(z, y@numbers@)
'''

OUTPUT = '''
@np.errstate(all="ignore")
def _predicted(z):
    """The outputs that belong to scores."""
    return @call@
'''

LABELS = '''
def _targets(y, rows):
    """@what@, shape (rows, @width@), or the indices of classes, shape (rows,)."""
    y = _real(y)
    if y.shape == (rows,) and y.dtype.kind in "iu":
        if y.size and not 0 <= y.min() <= y.max() < @width@:
            raise ValueError("class indices must lie in 0..@last@")
        return (np.arange(@width@) == y[:, None]).astype(np.float64)
    if y.shape != (rows, @width@):
        raise ValueError(f"y has shape {y.shape}, but needs ({rows}, @width@), or class indices ({rows},)")
    miss = 8 * @width@ * np.finfo(y.dtype if y.dtype.kind == "f" else np.float64).eps
    y = y.astype(np.float64)
    if (@outside@).any() or (np.abs(y.sum(-1) - 1) > miss).any():
        raise ValueError("targets must be @domain@")
    return y
'''

TARGETS = '''
def _targets(y, rows):
    """The targets in float64, shape (rows, @width@)@single@; ValueError outside their domain."""
    y = _real(y)
@column@    if y.shape != (rows, @width@):
        raise ValueError(f"y has shape {y.shape}, but needs ({rows}, @width@)")
    y = y.astype(np.float64)
    if np.any(@outside@):
        raise ValueError("targets must lie in @domain@")
    return y
'''

COLUMN = """    if y.shape == (rows,):
        y = y[:, None]
"""

REAL = '''
def _real(y):
    """y as an array of real numbers."""
    y = np.asarray(y)
    if y.dtype.kind not in "fiub":
        raise TypeError(f"y must hold real numbers, not {y.dtype}")
    return y
'''

CHECKED = '''
def _missed(parameters, x, y, direction, h=1e-6):
    """By how much the gradients along a direction miss a central difference of the loss."""
    moved = [{n: v + s * h * direction[n] for n, v in parameters.items()} for s in (1, -1)]
    difference = (loss(moved[0], x, y) - loss(moved[1], x, y)) / (2 * h)
    slopes = loss_and_grad(parameters, x, y)[1]
    along = sum(np.sum(slopes[n] * direction[n]) for n in slopes)
    return abs(along - difference) / (1 + abs(difference))
'''

SELF_CHECK = '''
def _self_check():
    """Compare gradients with differences; return the exit code."""
    rng, worst = np.random.default_rng(0), 0.0
    for rows in (2, 3, 7):
        parameters = {n: v + 0.1 * rng.normal(size=v.shape) for n, v in initial(rows).items()}
        x = rng.normal(size=(rows, FEATURES))
        y = @targets@
        for _ in range(8):
            direction = {n: rng.normal(size=s) / max(np.prod(s), 1) ** 0.5 for n, s in SHAPES.items()}
            worst = np.maximum(worst, _missed(parameters, x, y, direction))  # of NaN it is NaN
    good = worst < 1e-5
    print(f"gradients against differences: {worst:.1e}, {'all well' if good else 'WRONG'}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(_self_check())
'''
