"""Derivations for vectors of symbolic size K: every step proved for every K."""

from derive.derivation.vector.old import ASSUMPTION, DISTRIBUTION, About, derive_vector, step

__all__ = ["ASSUMPTION", "DISTRIBUTION", "About", "derive_vector", "step"]
