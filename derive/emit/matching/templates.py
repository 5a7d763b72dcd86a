"""The fixed parts of an emitted matching loss."""

POINTS = 201  # at which the accuracy is measured

QUADRATURE = (
    "Without a closed form in NumPy's functions, F is integrated by Gauss and Legendre's rule of 24 nodes "
    "on panels that halve towards the start of the integral, each piece of f on its own. The gradient needs "
    "no integral."
)

RETURNS = {
    "loss": "the matching loss F(z) - y*z, elementwise",
    "grad": "its derivative in z, f(z) - y, elementwise",
    "hess": "its second derivative in z, f'(z), elementwise",
}

PUBLIC = '''
def {name}(z, y{keywords}):
    """Return {returns}.

    z: {where}, of any shape.
    y: real targets, broadcast with z.
    The result has z's dtype where that is float16, float32 or float64, else float64.
    """
    return _apply(_{name}, z, y{passed})
'''

BOTH = '''
def loss_and_grad(z, y{keywords}):
    """Return (loss, grad)."""
    return loss(z, y{given}), grad(z, y{given})
'''

DERIVATIVES = """
def _loss(z, y{more}):
    return _potential(z{more}) - y * z


def _grad(z, y{more}):
    return _output(z{more}) - y


def _hess(z, y{more}):
    return _slope(z{more}) + 0.0 * y
"""

INTEGRAL = '''
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(24)
_PARTS = np.append(0.0, 2.0 ** np.arange(-11, 1))  # of the way, halved towards its start
_SPANS = (
{spans}
)


def _potential(z{more}):
    """The integral of f from {start} to z, each smooth span on its own."""
    total = np.zeros(np.shape(z))
    for low, high in _SPANS:
        first, last = np.clip({start}, low, high), np.clip(z, low, high)
        for near, far in zip(_PARTS[:-1], _PARTS[1:]):
            half, middle = (far - near) / 2, (far + near) / 2
            for node, weight in zip(_NODES, _WEIGHTS):
                t = first + (last - first) * (middle + half * node)
                total += weight * half * (last - first) * _output(t{more})
    return total
'''

SELF_CHECK = '''
def _self_check():
    """Return what differs from certified values, and where grad differs from differences of loss."""
    bad = []
    known = (
{rows}
    )
    for z, potential, output in known:
        for y in (-1.0, 0.0, 0.5, 1.0):
            size = 1 + abs(potential) + abs(y * z)
            if not abs(loss(z, y) - (potential - y * z)) <= 1e-9 * size:
                bad.append(f"loss at z = {{z}}, y = {{y}}")
            if not abs(grad(z, y) - (output - y)) <= 1e-9 * (1 + abs(output - y)):
                bad.append(f"gradient at z = {{z}}, y = {{y}}")
            slope = (loss(z + 1e-5, y) - loss(z - 1e-5, y)) / 2e-5
            if not abs(slope - grad(z, y)) <= 1e-5 * (1 + size):
                bad.append(f"differences at z = {{z}}, y = {{y}}")
    return bad
'''

MAIN = """
if __name__ == "__main__":
    failures = _self_check()
    if failures:
        sys.exit("FAILED: " + ", ".join(failures))
    print("passed: loss and gradient against certified values, and against each other")
"""
