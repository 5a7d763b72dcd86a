def vectors(act):
    from derive.model import Finding
    return (Finding(name="matching loss",says="L = F(z) − y z with F′ = f has ∂L/∂z = a − y",outcome="undecided",how="not yet"),)
