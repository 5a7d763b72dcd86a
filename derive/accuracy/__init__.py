"""Certified truth, and how far emitted code is from it."""
