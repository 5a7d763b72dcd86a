"""What JAX with optax has for the entries, by name, at default parameters; of vectors at one row.

What is not here is written out from the entry's formula, if it is elementwise.
"""

import jax
import jax.numpy as jnp
import optax

ACTIVATIONS = {
    "identity": lambda z: z,
    "sigmoid": jax.nn.sigmoid,
    "tanh": jnp.tanh,
    "relu": jax.nn.relu,
    "leaky_relu": jax.nn.leaky_relu,
    "elu": jax.nn.elu,
    "softplus": jax.nn.softplus,
    "silu": jax.nn.silu,
    "mish": jax.nn.mish,
    "gelu": lambda z: jax.nn.gelu(z, approximate=False),
    "gelu_tanh": jax.nn.gelu,
    "exponential": jnp.exp,
    "log_sigmoid": jax.nn.log_sigmoid,
    "softmax": jax.nn.softmax,
    "log_softmax": jax.nn.log_softmax,
}

LOSSES = {
    "squared_error": optax.squared_error,
    "half_squared_error": optax.l2_loss,
    "huber": optax.huber_loss,
    "log_cosh": optax.log_cosh,
    "hinge": optax.hinge_loss,
    "logistic": lambda a, y: jax.nn.softplus(-y * a),
    "cross_entropy": lambda a, y: -(y * jnp.log(a)).sum(),
    "nll": lambda a, y: -(y * a).sum(),
}

# What SymPy writes such formulas in.
MODULES = [{"erf": jax.scipy.special.erf}, "jax"]

# Where there is one function for both.
PAIRS = {
    ("sigmoid", "bce"): optax.sigmoid_binary_cross_entropy,
    ("exponential", "poisson"): lambda z, y: jnp.exp(z) - y * z,
    ("softmax", "cross_entropy"): optax.softmax_cross_entropy,
    ("log_softmax", "nll"): optax.softmax_cross_entropy,
    ("identity", "cross_entropy_logits"): optax.softmax_cross_entropy,
}
