"""Values from outside, by the library that gave them."""

from derive.model import Known

TORCH = "PyTorch 2.13, float64"
JAX = "JAX 0.10.2, float64"
SCIPY = "SciPy 1.17.1"
LINK = "statsmodels 0.15.0, genmod.families.links"
SKLEARN = "scikit-learn 1.9.1"


def outside(z: float, value: float, call: str, /, **parameters: float) -> Known:
    """A value that the library named in `call` gave."""
    return Known(at=(z,), value=value, origin=call, parameters=tuple(parameters.items()))


def torch(z: float, value: float, call: str, /, **parameters: float) -> Known:
    """A value that PyTorch gave."""
    return outside(z, value, f"{TORCH}: {call}", **parameters)


def jax(z: float, value: float, call: str, /, **parameters: float) -> Known:
    """A value that JAX gave."""
    return outside(z, value, f"{JAX}: {call}", **parameters)
