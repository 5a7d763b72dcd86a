def vectors(pair):
    from derive.claims.claim import found
    from derive.model import Finding
    return found((Finding(name="canonical",says="∂L/∂z is a constant times a − y",outcome="undecided",how="not yet"),))
