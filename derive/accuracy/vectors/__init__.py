"""Truth for vector subjects of any size, in ball arithmetic, and how far emitted code is from it."""
