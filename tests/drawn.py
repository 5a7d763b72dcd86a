"""The curves of a figure, read from its SVG."""

import re

import numpy as np

CURVE = re.compile(r'<g id="([^"]+)">\s*<path d="([^"]*)"')
GROUP = re.compile(r'<g id="([^"]+)">\s*(?:<defs>.*?</defs>\s*)?<g[^>]*>(.*?)</g>', re.DOTALL)
USED = re.compile(r'<use [^>]*x="([^"]+)" y="([^"]+)"')
POINT = re.compile(r"[ML] (\S+) (\S+)")
USUAL = re.compile(r"(loss|gradient)-\d+")  # the curves of a pair's own figure
# Names that matplotlib gives what has none.
NAMELESS = re.compile(r"(figure|axes|patch|line2d|text|legend|matplotlib\.axis|[xy]tick|\w+Collection)_\d+")


def drawn_curves(svg, *, any_name=False):
    """Name → points (x, y) of every curve, in the units of the drawing; of a pair's figure, or of any."""
    wanted = _named if any_name else USUAL.fullmatch
    return {
        name: np.array(POINT.findall(path), dtype=float) for name, path in CURVE.findall(svg) if wanted(name)
    }


def drawn_marks(svg):
    """Name → points (x, y) of every set of marks, in the units of the drawing."""
    return {
        name: np.array(USED.findall(body), dtype=float) for name, body in GROUP.findall(svg) if _named(name)
    }


def _named(name):
    return not NAMELESS.fullmatch(name)
