"""The derivation of a layer: from the derivative by its output back to inputs and weights, for all sizes."""

from derive.derivation.layers.steps import derive_layer
from derive.derivation.layers.sweep import Derivative, derivatives

__all__ = ["Derivative", "derivatives", "derive_layer"]
