"""NumPy code of vector subjects, and vector notation in print."""
