"""An entry's own formula in PyTorch, for rows that have no counterpart there.

Index notation becomes tensors with one axis for each index; a sum runs over its axis. Names are
computed from their meaning, with their slopes; selections are constants.
"""

from functools import reduce
from operator import add, mul

import sympy as sp
import torch

from derive.model import AS, I_, LARGEST, YS, ZS, A, Activation, J, K, Loss, M, N, Y, Z

AXES = (I_, J, N, M)
FUNCTIONS = {sp.exp: torch.exp, sp.erf: torch.erf, sp.Abs: torch.abs}


def activation(row: Activation):
    """The function (z, parameters) -> a of a row."""

    def run(z, **parameters):
        given = _inputs(row, ZS, z) | _parameters(row, parameters) | {Z: z}
        return _Formula(row, given, len(z) // (len(row.inputs) or 1)).of(row.expr).reshape(-1)

    return run


def loss(row: Loss):
    """The function (a, y, parameters) -> L of a row; an elementwise one is summed over the components."""

    def run(a, y=None, **parameters):
        given = _inputs(row, AS, a) | _parameters(row, parameters) | {YS: y, Y: y, A: a}
        return _Formula(row, given, len(a) // (len(row.inputs) or 1)).of(row.expr).sum()

    return run


def _inputs(row, base, stacked):
    """The blocks of a stacked input by their letters."""
    if not row.inputs:
        return {base: stacked}
    blocks = stacked.reshape(len(row.inputs), -1)
    return {block.base: values for block, values in zip(row.inputs, blocks, strict=True)}


def _parameters(row, given):
    """The parameters by symbol; one number for all classes is repeated."""
    values = {p.symbol: torch.as_tensor(given.get(p.name, float(p.default))).double() for p in row.parameters}
    return {s: v.expand(1) if isinstance(s, sp.IndexedBase) and not v.ndim else v for s, v in values.items()}


class _Formula:
    """The values of a row's letters at one input, each computed when it is first asked for."""

    def __init__(self, row, given, size):
        self.values = dict(given)
        self.size = size
        self.names = {name.symbol: name for name in row.names}
        self.selections = {selection.symbol: selection for selection in row.selections}

    def of(self, expr):
        """An expression as a tensor with an axis of length 1 or K for each index."""
        if expr.is_Number:
            return torch.tensor(float(expr), dtype=torch.float64)
        if isinstance(expr, sp.Sum):
            return self._sum(expr)
        if isinstance(expr, sp.Indexed):
            return self._component(expr)
        if isinstance(expr, sp.log):  # log 0 is met only in 0·log 0
            inner = self.of(expr.args[0])
            return torch.log(torch.where(inner == 0, 1.0, inner))
        if expr.is_Symbol:
            return self._letter(expr)
        parts = [self.of(arg) for arg in expr.args]
        if expr.is_Add or expr.is_Mul:
            return reduce(add if expr.is_Add else mul, parts)
        return parts[0] ** parts[1] if expr.is_Pow else FUNCTIONS[type(expr)](*parts)

    def _sum(self, expr):
        body, (index, _, _) = self.of(expr.function), expr.limits[0]
        axis = AXES.index(index)
        if body.ndim <= axis or body.shape[axis] == 1:  # does not depend on the index
            return body * self.size
        return body.sum(axis, keepdim=True)

    def _component(self, expr):
        values = self._letter(expr.base)
        if expr.indices == (LARGEST,):
            return values[self._letter(LARGEST)]
        places = [AXES.index(index) for index in expr.indices]
        if places != sorted(places):
            values = values.T
        shape = [1] * len(AXES)
        for place, length in zip(sorted(places), values.shape, strict=True):
            shape[place] = length
        return values.reshape(shape)

    def _letter(self, letter):
        if letter not in self.values:
            self.values[letter] = self._meaning(letter)
        return self.values[letter]

    def _meaning(self, letter):
        if letter == K:
            return torch.tensor(float(self.size), dtype=torch.float64)
        if letter in self.names:
            return self.of(self.names[letter].meaning)
        selection = self.selections[letter]
        of = self.of(selection.of).detach()
        return SELECT[selection.rule](of, selection, self.size)


def _positive(of, selection, size):
    axes = (size,) * (len(selection.symbol.shape) if isinstance(selection.symbol, sp.IndexedBase) else 0)
    return (of > 0).double().reshape(axes)


def _support(of, selection, size):
    """Those of which Σ_k max(x_k − x_j, 0)^power is less than 1."""
    x = of.reshape(size)
    gaps = (x[:, None] - x).clamp(min=0) ** selection.power
    return (gaps.sum(0) < 1).double()


SELECT = {
    "positive": _positive,
    "support": _support,
    "largest": lambda of, selection, size: of.reshape(size).argmax(),
}
