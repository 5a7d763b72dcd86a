"""Two classes."""


def two_steps(work, pair):
    return []
