"""Loss and gradient of softmax with cross-entropy in one pass, for emitted files.

The loss is -sum_k t_k log(p_k) with t >= 0, its gradient p_j sum_k t_k - t_j. Of rows of
moderate size all of it follows from exp(z), whose argument carries no rounding: neither
the largest component nor its error need be taken off. The others are left to formulas.
"""

import numpy as np


def _one_pass(x, y, results, plain, weights, careful):
    """Write loss and gradient of the rows x into results, a few rows at a time.

    t is weights(y), plain where that is y itself; careful(x, y) gives both for rows in
    which exp leaves its range. Scratch for 2**19 components is reused.
    """
    (count, n), (loss, slope) = x.shape, results
    step = max(1, min(count, 2**18 // n))
    first, scratch = n * np.arange(step), np.empty((2, step, n))
    direct = slope.dtype == np.float64 and slope.flags.c_contiguous
    for start in range(0, count, step):
        rows = slice(start, start + step)
        part = np.ascontiguousarray(x[rows]), np.ascontiguousarray(y[rows])
        m = len(part[0])
        g = slope[rows] if direct else scratch[0, :m]
        loss[rows], far = _piece(*part, g, scratch[1, :m], first[:m], plain, weights)
        if not direct:
            slope[rows] = g
        if far.any():
            loss[rows][far], slope[rows][far] = careful(part[0][far], part[1][far])


def _piece(x, y, g, spare, first, plain, weights):
    """The losses of some rows, and where they are not to be used; g gets the gradients.

    first holds the places of the rows' first components in the flattened array.
    """
    top = x.argmax(-1) + first
    peak = x.take(top).astype(np.float64)
    most = np.exp(peak)
    np.exp(x, out=g, dtype=np.float64)
    # 1 - p of the top class is the sum of the others: nothing is subtracted there.
    g.reshape(-1)[top] = 0.0
    rest = _row_sums(g)
    sums = top, peak, most / (most + rest), rest / (most + rest), most + rest
    hot = _hot_places(y, first) if plain else None
    if hot is None:
        loss, far = _soft(x, y, g, spare, sums, np.log1p(rest / most), weights)
    else:
        loss, far = _hard(x, hot, g, sums, np.log1p(rest / most)), False
    return loss, far | _far_out(x, peak, loss)


def _hard(x, hot, g, sums, below):
    """_piece where t is 1 in one place of each row, and 0 elsewhere."""
    top, peak, p, q, total = sums
    flat, share = g.reshape(-1), 1 / total
    own = flat.take(hot) * share - 1
    g *= share[:, None]
    flat[hot] = own
    flat[top] = np.where(hot == top, -q, p)
    return (peak - x.take(hot)) + below


def _soft(x, y, g, spare, sums, below, weights):
    """_piece for any t, a vector for each row."""
    top, peak, p, q, total = sums
    t = weights(_spread_out(y, x.shape[1]))
    np.subtract(peak[:, None], x, out=spare, dtype=np.float64)
    spare *= t
    loss = _row_sums(spare)
    spare[...] = t
    at_top = spare.reshape(-1).take(top)
    spare.reshape(-1)[top] = 0.0
    others = _row_sums(spare)
    whole = others + at_top
    g *= (whole / total)[:, None]
    g -= t
    # p sum_k t_k - t would lose its digits where p is nearly 1.
    g.reshape(-1)[top] = p * others - q * at_top
    return loss + whole * below, ~((whole > 2.0**-64) & (whole < 2.0**64))


def _row_sums(x):
    """The sums of the rows; NumPy's sum by pairs is slow where rows are short."""
    return np.einsum("ij->i", x) if x.shape[1] < 64 else x.sum(-1)


def _hot_places(y, first):
    """The places of the ones in the flattened array if rows are one-hot, else None."""
    if y.dtype.kind == "i":
        return first + y[:, 0]
    found = y != 0
    hot = np.flatnonzero(found) if np.count_nonzero(found[0]) == 1 else ()
    if len(hot) != len(y):
        return None
    each = (hot - hot % y.shape[1] == first) & (y.take(hot) == 1)
    return hot if each.all() else None


def _spread_out(y, n):
    """Class indices as one-hot rows."""
    return (np.arange(n) == y).astype(np.float64) if y.dtype.kind == "i" else y


def _far_out(x, peak, loss):
    """The rows in which exp(x) is no normal number where p is, or the loss is inf."""
    far = ~(np.isfinite(loss) & (np.abs(peak) <= 650))
    if (peak < 0).any() and not x.min() >= -650:
        far |= (peak < 0) & (x.min(-1) < -650)
    return far
