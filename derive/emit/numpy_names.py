"""NumPy's names of SymPy's functions, and the signs of its relations."""

PLAIN: dict[str, str] = {
    "log": "np.log",
    "exp": "np.exp",
    "erf": "special.erf",
    "Abs": "np.abs",
    "sign": "np.sign",
    "tanh": "np.tanh",
    "cosh": "np.cosh",
    "sinh": "np.sinh",
    "atan": "np.arctan",
    "sin": "np.sin",
    "cos": "np.cos",
    "tan": "np.tan",
}
RELATIONS = {"StrictLessThan": "<", "LessThan": "<=", "StrictGreaterThan": ">", "GreaterThan": ">="}
RELATIONS |= {"Equality": "=="}
