"""Emitted code as functions."""

from collections.abc import Mapping
from typing import Any


def executed(code: str, name: str) -> Mapping[str, Any]:
    """The namespace of executed Python code."""
    namespace: dict[str, Any] = {"__name__": name}
    exec(compile(code, f"<{name}>", "exec"), namespace)
    return namespace
