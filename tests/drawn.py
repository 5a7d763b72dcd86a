"""The curves of a figure, read from its SVG."""

import re

import numpy as np

CURVE = re.compile(r'<g id="((?:loss|gradient)-\d+)">\s*<path d="([^"]*)"')
POINT = re.compile(r"[ML] (\S+) (\S+)")


def drawn_curves(svg):
    """Name → points (x, y) of every curve, in the units of the drawing."""
    return {name: np.array(POINT.findall(path), dtype=float) for name, path in CURVE.findall(svg)}
