"""NumPy code of layers: forward and backward passes from their lines in index notation."""

from derive.emit.layers.source import code

__all__ = ["code"]
